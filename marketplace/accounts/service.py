"""The verbs of accounts: joining, signing in, confirming, resetting, and one's own settings."""

from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts import passwords, tokens
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Side, TokenPurpose, User
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.jobs import defer
from marketplace.infra.mail import Mail, send_mail
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed

LONGEST_EMAIL = 254


class EmailTaken(Conflict):
    """Somebody has an account with this e-mail."""


def normalise_email(typed: str) -> str:
    """The e-mail in the one form that we keep: NFC, the domain in small letters.

    Raises:
        Invalid: it can't be an e-mail. The field is `email`.
    """
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid(_l("Write a whole e-mail, such as name@example.com."), field="email") from None


def find_user(email: str) -> User | None:
    """The account with this e-mail, in whatever case it is written."""
    return db.session.scalars(select(User).where(func.lower(User.email) == func.lower(email))).first()


def create_user(
    *,
    email: str,
    password: str,
    name: str,
    side: Side,
    locale: str,
    timezone: str,
    confirmed: bool = False,
    is_admin: bool = False,
    password_hash: str | None = None,
) -> User:
    """Make an account and flush. `password_hash` spares the hashing where many accounts share one password.

    Raises:
        Invalid: the e-mail or the password won't do, or a name is missing.
        EmailTaken: the e-mail has an account, in whatever case.
    """
    email = normalise_email(email)
    name = _named(name)
    passwords.require_strong(password, email=email, name=name)
    now = clock.now()
    user = User(
        email=email,
        password_hash=password_hash or passwords.hash_password(password),
        name=name,
        side=side,
        is_admin=is_admin,
        locale=locale,
        timezone=timezone,
        email_confirmed_at=now if confirmed else None,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise EmailTaken(_l("There is an account with this e-mail already.")) from None
    return user


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not any(sign.isalnum() for sign in name):
        raise Invalid(_l("Write a name that people can read."), field="name")
    return name


def sign_up(*, email: str, password: str, name: str, side: Side, locale: str, timezone: str) -> User | None:
    """Join. An e-mail that has an account gives None: its owner is told by mail, whoever asked is not.

    Raises:
        Invalid: as `create_user`, or the side is none of the three.
    """
    if side is Side.NONE:
        raise Invalid(_l("Choose one of the three."), field="side")
    try:
        user = create_user(email=email, password=password, name=name, side=side, locale=locale, timezone=timezone)
    except EmailTaken:
        owner = find_user(normalise_email(email))
        if owner is not None:
            _mail(owner, "taken", sign_in_url=_address("sign_in"), forgot_url=_address("forgot"))
        return None
    send_confirmation(user)
    return user


def send_confirmation(user: User) -> None:
    """Mail the link that confirms the e-mail; a person who has confirmed gets none."""
    if user.email_confirmed_at is not None:
        return
    token = tokens.issue(user, TokenPurpose.CONFIRM_EMAIL)
    lifetime = tokens.LIFETIMES[TokenPurpose.CONFIRM_EMAIL]
    _mail(user, "confirm", url=_address("confirm", token=token), until=clock.now() + lifetime)


def confirm_email(token: str) -> User:
    """
    Raises:
        Invalid: the link can't be used (any more).
    """
    user = tokens.use(token, TokenPurpose.CONFIRM_EMAIL)
    user.email_confirmed_at = user.email_confirmed_at or clock.now()
    return user


def authenticate(email: str, password: str) -> User:
    """The person with this e-mail and password. Takes as long, and says the same, whichever of the two is wrong.

    Raises:
        Invalid: they don't belong together.
        NotAllowed: they do, but the account is suspended.
    """
    user = find_user(as_kept(email))
    if not passwords.matches(user.password_hash if user else None, password) or user is None:
        raise Invalid(_l("The e-mail or the password is wrong."))
    if user.suspended_at is not None:
        raise NotAllowed(_l("This account is suspended. Write to the people who run this marketplace."))
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return user


def as_kept(typed: str) -> str:
    """The form that accounts are found by; what can't be an e-mail stays as it is, and finds nobody."""
    try:
        return normalise_email(typed)
    except Invalid:
        return typed


def verify_password(user: User, password: str) -> bool:
    """Whether this is the user's password: asked again before signing and the like."""
    return passwords.matches(user.password_hash, password)


def ask_reset(email: str) -> None:
    """Have the link to a new password mailed, by a job: the answer takes as long whether there is an account or not."""
    defer("accounts.send_reset", email=as_kept(email))


def send_reset(email: str) -> None:
    """Mail the link to a new password to whoever has this e-mail, if anyone."""
    user = find_user(email)
    if user is None or user.suspended_at is not None:
        return
    token = tokens.issue(user, TokenPurpose.RESET_PASSWORD)
    lifetime = tokens.LIFETIMES[TokenPurpose.RESET_PASSWORD]
    _mail(user, "reset", url=_address("reset", token=token), until=clock.now() + lifetime)


def reset_password(token: str, password: str) -> User:
    """Set a new password and end every session. Who could open the mail has confirmed the e-mail with it.

    Raises:
        Invalid: the link can't be used (any more), or the password won't do (field `password`).
    """
    owner = tokens.owner_of(token, TokenPurpose.RESET_PASSWORD)
    passwords.require_strong(password, email=owner.email, name=owner.name)
    user = tokens.use(token, TokenPurpose.RESET_PASSWORD)
    _set_password(user, password)
    user.email_confirmed_at = user.email_confirmed_at or clock.now()
    return user


def _set_password(user: User, password: str) -> None:
    user.password_hash = passwords.hash_password(password)
    user.session_version += 1


def _own_account(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id, with_for_update=True, populate_existing=True)


def change_settings(actor: Actor, *, name: str, locale: str, timezone: str) -> User:
    """
    Raises:
        Invalid: the name is empty, the language isn't one of ours, or the time zone is unknown.
    """
    if timezone not in available_timezones():
        raise Invalid(_l("Choose one of the options."), field="timezone")
    user = _own_account(actor)
    user.name, user.timezone = _named(name), timezone
    return _with_locale(user, locale)


def choose_language(actor: Actor, locale: str) -> User:
    """
    Raises:
        Invalid: the language isn't one of ours.
    """
    return _with_locale(_own_account(actor), locale)


def _with_locale(user: User, locale: str) -> User:
    if locale not in LANGUAGES:
        raise Invalid(_l("Choose one of the options."), field="locale")
    user.locale = locale
    return user


def change_password(actor: Actor, *, old: str, new: str) -> User:
    """Set a new password and end every session; the one that asked is begun anew by the view.

    Raises:
        Invalid: the old one is wrong (field `old`), or the new one won't do (field `password`).
    """
    user = _own_account(actor)
    if not verify_password(user, old):
        raise Invalid(_l("This isn’t your present password."), field="old")
    passwords.require_strong(new, email=user.email, name=user.name)
    _set_password(user, new)
    return user


def create_admin(*, email: str, name: str, password: str, timezone: str) -> User:
    """The command of operators: an administrator whose e-mail needs no confirmation.

    Raises:
        Invalid, EmailTaken: as `create_user`.
    """
    return create_user(
        email=email,
        password=password,
        name=name,
        side=Side.NONE,
        locale="en",
        timezone=timezone,
        confirmed=True,
        is_admin=True,
    )


def _address(page: str, **values: str) -> str:
    return url_for(f"account.{page}", _external=True, **values)


def _mail(user: User, message: str, **context: Any) -> Mail:
    return send_mail(
        message,
        user_id=user.id,
        address=user.email,
        locale=user.locale,
        timezone=user.timezone,
        name=user.name,
        **context,
    )
