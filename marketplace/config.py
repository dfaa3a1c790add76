"""Settings from the environment, typed and checked at the start. Nothing else in Mutuals reads the environment."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_COUNTRY = re.compile(r"[A-Z]{2}|\*")
_STRIPE_KEY = re.compile(r"(sk|rk)_(test|live)_")
_ORIGIN = re.compile(r"https?://[^/?#@\s]+/?")


class Environment(StrEnum):
    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The environment can't be used; the message says which variable and why, one a line."""


class Settings(BaseSettings):
    """One field a variable: `PORT` sets `port`. Durations say their unit in the name."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    mutuals_env: Environment = Environment.DEMO
    secret_key: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    instance_path: Path = Path("instance")
    log_level: str = "INFO"

    database_url: str | None = None
    database_pool_size: int = Field(default=10, ge=1)

    stripe_api_base: str | None = None
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_sandbox_port: int | None = Field(default=None, ge=1, le=65535)

    smtp_url: SecretStr | None = None
    mail_from: str = "Mutuals <no-reply@mutuals.example>"
    help_email: str = "help@mutuals.example"

    default_timezone: str = "Asia/Shanghai"
    payout_country: str = Field(default="HK", pattern="^[A-Z]{2}$")
    fan_threshold: int = Field(default=10_000, ge=0)
    fan_thresholds: dict[str, int] = {}
    fan_rule: Literal["best", "sum"] = "best"
    fan_grace_days: int = Field(default=30, ge=0)
    suspicious_growth_percent: int = Field(default=100, ge=1)
    suspicious_growth_days: int = Field(default=30, ge=1)
    feed_secrets: SecretStr | None = None
    feed_max_bytes: int = Field(default=200_000_000, ge=1)
    youtube_api_base: str = "https://www.googleapis.com/youtube/v3"
    youtube_api_key: SecretStr | None = None
    max_upload_bytes: int = Field(default=8_000_000, ge=1)

    negotiating_days: int = Field(default=14, ge=1)
    signing_days: int = Field(default=7, ge=1)
    funding_days: int = Field(default=7, ge=1)
    bank_days: int = Field(default=14, ge=1)
    production_grace_days: int = Field(default=3, ge=0)
    draft_review_days: int = Field(default=5, ge=1)
    acceptance_days: int = Field(default=7, ge=1)
    revisions_included: int = Field(default=2, ge=0)
    selection_hours: int = Field(default=72, ge=1)
    applications_a_week: int = Field(default=20, ge=1)
    invitation_days: int = Field(default=7, ge=1)
    agency_notice_days: int = Field(default=30, ge=1, le=180)
    review_days: int = Field(default=14, ge=1)
    earnings_hold_days: int = Field(default=3, ge=0)
    payout_countries: list[str] = []
    payout_schedule: Literal["as_earned", "weekly", "on_demand"] = "weekly"
    payout_minimums: dict[str, int] = {"CNY": 1_00, "*": 0}
    payday_weekday: int = Field(default=4, ge=0, le=6)
    payday_hour: int = Field(default=9, ge=0, le=23)
    stripe_calls_a_second: int = Field(default=25, ge=1, le=1_000)

    stripe_country: str = Field(default="HK", pattern="^[A-Z]{2}$")
    holding_limit_days: dict[str, int] = {"TH": 10, "US": 730, "*": 90}

    issuer_code: str = Field(default="MUT", pattern="^[A-Z0-9]{2,8}$")
    issuer_name: str = "Mutuals"
    issuer_address: str = ""
    issuer_tax_id: str = ""
    tax_name: str = "VAT"
    tax_basis_points: int = Field(default=0, ge=0, le=5_000)

    @property
    def demo(self) -> bool:
        return self.mutuals_env is Environment.DEMO

    @property
    def production(self) -> bool:
        return self.mutuals_env is Environment.PRODUCTION

    @property
    def base_url(self) -> str:
        """Where people reach us, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def holding_days(self) -> int:
        """For how many days the provider lets this platform hold what a brand paid."""
        return self.holding_limit_days.get(self.stripe_country, self.holding_limit_days["*"])

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that a webhook may be signed with: one for each endpoint, and while one is rolled, both."""
        given = self.stripe_webhook_secret.get_secret_value() if self.stripe_webhook_secret is not None else ""
        return tuple(secret.strip() for secret in given.split(",") if secret.strip())

    @property
    def live(self) -> bool:
        """Whether the provider's keys move real money."""
        key = self.stripe_secret_key
        return key is not None and "_live_" in key.get_secret_value()

    @property
    def feed_keys(self) -> tuple[str, ...]:
        """The secrets that a feed may be signed with, none where no feed is set up."""
        given = self.feed_secrets.get_secret_value() if self.feed_secrets is not None else ""
        return tuple(secret.strip() for secret in given.split(",") if secret.strip())

    @field_validator("payout_countries")
    @classmethod
    def _known_countries(cls, codes: list[str]) -> list[str]:
        if any(code == "*" or not _COUNTRY.fullmatch(code) for code in codes):
            raise ValueError('must be countries in capitals, such as ["SG", "JP"]')
        return codes

    @field_validator("payout_minimums")
    @classmethod
    def _minimums_above_nothing(cls, amounts: dict[str, int]) -> dict[str, int]:
        if any(amount < 0 for amount in amounts.values()):
            raise ValueError('must be minor units of at least 0 by currency, such as {"CNY": 100, "*": 0}')
        return amounts

    @field_validator("holding_limit_days")
    @classmethod
    def _a_limit_everywhere(cls, days: dict[str, int]) -> dict[str, int]:
        if "*" not in days:
            raise ValueError('must say the days of every other country under "*"')
        for country, limit in days.items():
            if not _COUNTRY.fullmatch(country) or limit < 1:
                raise ValueError(
                    f'must be whole days above zero by country, such as {{"TH": 10, "*": 90}}; {country}: {limit} isn’t'
                )
        return days

    @field_validator("feed_secrets")
    @classmethod
    def _long_secrets(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and any(0 < len(one.strip()) < 32 for one in given.get_secret_value().split(",")):
            raise ValueError("each secret must have at least 32 characters; write a comma between two")
        return given

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str | None) -> str | None:
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
            raise ValueError("must be a PostgreSQL address such as postgresql://user@host/name")
        return f"postgresql+psycopg://{rest}"

    @field_validator("default_timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("must be a time zone of the IANA database, such as Asia/Shanghai")
        return name

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, name: str) -> str:
        if name.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return name.upper()

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, url: str | None) -> str | None:
        if url is not None and not _ORIGIN.fullmatch(url):
            raise ValueError("must be the site’s address without a path, such as https://mutuals.example")
        return url

    @field_validator("stripe_secret_key")
    @classmethod
    def _a_secret_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not _STRIPE_KEY.match(given.get_secret_value()):
            raise ValueError(
                "must be a secret or restricted key: it begins with sk_test_, sk_live_, rk_test_ or rk_live_"
            )
        return given

    @model_validator(mode="after")
    def _the_sandbox_gets_no_live_key(self) -> Self:
        if self.live and (self.stripe_api_base is not None or self.mutuals_env is Environment.TEST):
            raise ValueError(
                "STRIPE_SECRET_KEY is a live key, but STRIPE_API_BASE or MUTUALS_ENV=test says that nobody pays here: "
                "give a test key, or take these away"
            )
        return self

    @model_validator(mode="after")
    def _the_demo_moves_no_money(self) -> Self:
        if self.demo and self.stripe_secret_key is not None and "_live_" in self.stripe_secret_key.get_secret_value():
            raise ValueError(
                "STRIPE_SECRET_KEY is a live key, but MUTUALS_ENV is demo, where anyone may sign in as anyone: "
                "set MUTUALS_ENV=production"
            )
        return self

    @model_validator(mode="after")
    def _deals_end_in_time(self) -> Self:
        if self.acceptance_days + 1 >= self.holding_days:
            raise ValueError(
                f"ACCEPTANCE_DAYS: {self.acceptance_days} days leave no time for work in the {self.holding_days} days "
                "that HOLDING_LIMIT_DAYS lets money be held"
            )
        return self

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if not self.production:
            return self
        needed = ("secret_key", "database_url", "public_url", "stripe_secret_key", "stripe_webhook_secret", "smtp_url")
        missing = [name.upper() for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{', '.join(missing)} must be set in production; there is no default")
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters in production")
        if self.stripe_api_base is not None:
            raise ValueError("STRIPE_API_BASE must not be set in production: what answers there need not be Stripe")
        if not self.base_url.startswith("https://"):
            raise ValueError("PUBLIC_URL must begin with https:// in production: sessions and passwords cross the net")
        return self


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(detail) for detail in error.errors())) from error


def _sentence(detail: object) -> str:
    assert isinstance(detail, dict)
    name = ".".join(str(part) for part in detail["loc"]).upper()
    reason = str(detail["msg"]).removeprefix("Value error, ")
    if not name:
        return reason
    # An address may carry a password, and secrets are secret.
    hidden = name in ("DATABASE_URL", "FEED_SECRETS", "STRIPE_SECRET_KEY")
    return f"{name}: {reason}" if hidden else f"{name}: {reason} (it is {detail['input']!r})"
