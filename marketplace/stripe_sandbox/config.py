"""What one sandbox needs to know, given in code or read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SandboxConfigError(Exception):
    """The sandbox can't or mustn't start; the message says why."""


@dataclass(frozen=True, kw_only=True)
class SandboxConfig:
    """`public_url` is where browsers and the SDK reach the sandbox, without a closing slash.

    The charge fee is `fee_basis_points` of the amount plus `fee_fixed_hundredths` of a major unit. Money of a charge
    becomes available after `settle_after_seconds`. Nothing is delivered while `webhook_url` is None. Of two webhook
    secrets with a comma between them the first is the platform endpoint's, the second the Connect endpoint's.
    """

    database_url: str
    secret_key: str
    webhook_secret: str
    webhook_url: str | None
    public_url: str
    production: bool = False
    fee_basis_points: int = 290
    fee_fixed_hundredths: int = 30
    dispute_fee_hundredths: int = 1500
    settle_after_seconds: int = 0

    def __post_init__(self) -> None:
        if self.production:
            raise SandboxConfigError("The Stripe sandbox refuses to start: MUTUALS_ENV is production.")
        if not self.secret_key.startswith("sk_test_"):
            raise SandboxConfigError("The Stripe sandbox takes test keys only: STRIPE_SECRET_KEY must begin sk_test_.")
        if not all(self.webhook_secrets.values()):
            raise SandboxConfigError("The Stripe sandbox signs its webhooks: STRIPE_WEBHOOK_SECRET must not be empty.")
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        object.__setattr__(self, "database_url", _plain_url(self.database_url))

    @property
    def webhook_secrets(self) -> dict[str, str]:
        """By endpoint, as they were before one was rolled."""
        platform, _, connect = (part.strip() for part in self.webhook_secret.partition(","))
        return {"platform": platform, "connect": connect or platform}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises SandboxConfigError with the name of what is missing or wrong."""
        production = environ.get("MUTUALS_ENV", "").strip().lower() == "production"
        if production:
            raise SandboxConfigError("The Stripe sandbox refuses to start: MUTUALS_ENV is production.")
        return cls(
            database_url=_needed(environ, "STRIPE_SANDBOX_DATABASE_URL"),
            secret_key=_needed(environ, "STRIPE_SECRET_KEY"),
            webhook_secret=_needed(environ, "STRIPE_WEBHOOK_SECRET"),
            webhook_url=environ.get("STRIPE_SANDBOX_WEBHOOK_URL") or None,
            public_url=_needed(environ, "STRIPE_API_BASE"),
            fee_basis_points=_whole(environ, "STRIPE_SANDBOX_FEE_BASIS_POINTS", 290),
            fee_fixed_hundredths=_whole(environ, "STRIPE_SANDBOX_FEE_FIXED_HUNDREDTHS", 30),
            dispute_fee_hundredths=_whole(environ, "STRIPE_SANDBOX_DISPUTE_FEE_HUNDREDTHS", 1500),
            settle_after_seconds=_whole(environ, "STRIPE_SANDBOX_SETTLE_AFTER_SECONDS", 0),
        )


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SandboxConfigError(f"The Stripe sandbox can't start: {name} is not set.")
    return value


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip()
    if value and not value.isdecimal():
        raise SandboxConfigError(f"The Stripe sandbox can't start: {name} must be a whole number, not {value!r}.")
    return int(value) if value else default


def _plain_url(url: str) -> str:
    """psycopg reads postgresql://; SQLAlchemy's way to name the driver is dropped."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
