"""Tables of people and the tokens mailed to them."""

from datetime import datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, enum_column, pk


class Side(StrEnum):
    """Which side of the market a person joined as; administrators join neither."""

    CREATOR = "creator"
    BRAND = "brand"
    AGENCY = "agency"
    NONE = "none"


class User(UserMixin, Model):  # type: ignore[misc]
    """A person who can sign in. The e-mail is unique in any case; a higher `session_version` ends every session."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email_lower", text("lower(email)"), unique=True),)

    id: Mapped[int] = pk()
    email: Mapped[str]
    password_hash: Mapped[str]
    name: Mapped[str]
    side: Mapped[Side] = enum_column(Side)
    is_admin: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(default="en")
    timezone: Mapped[str]
    email_confirmed_at: Mapped[datetime | None]
    session_version: Mapped[int] = mapped_column(default=1)
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def get_id(self) -> str:
        """What the session cookie keeps: it stops fitting when the version moves on."""
        return f"{self.id}:{self.session_version}"


class TokenPurpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


class AccountToken(Model):
    """A link mailed to a person. Only the token's hash is kept; it works once and until it expires."""

    __tablename__ = "account_tokens"

    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[TokenPurpose] = enum_column(TokenPurpose)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Model):
    """How often something guessable was tried in one window of time."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
