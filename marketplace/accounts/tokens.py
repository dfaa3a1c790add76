"""Links mailed to people: made here, checked here, each good once and for a time."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from marketplace.accounts.models import AccountToken, TokenPurpose, User
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from marketplace.kit.ids import new_token, token_hash

LIFETIMES = {TokenPurpose.CONFIRM_EMAIL: timedelta(days=3), TokenPurpose.RESET_PASSWORD: timedelta(hours=1)}
_KEPT = timedelta(days=30)


def issue(user: User, purpose: TokenPurpose) -> str:
    """A new token for the link; the database keeps only its hash."""
    token = new_token()
    db.session.add(
        AccountToken(
            user_id=user.id,
            purpose=purpose,
            token_hash=token_hash(token),
            expires_at=clock.now() + LIFETIMES[purpose],
        )
    )
    db.session.flush()
    return token


def owner_of(token: str, purpose: TokenPurpose) -> User:
    """Whose link this is; it stays unused.

    Raises:
        Invalid: there is no such link, it was used, or it is too old.
    """
    row = _find(token, purpose, lock=False)
    return db.session.get_one(User, row.user_id)


def use(token: str, purpose: TokenPurpose) -> User:
    """Use the link up, and with it every other one of the person for the same purpose. The user's row is locked.

    Raises:
        Invalid: as `owner_of`.
    """
    row = _find(token, purpose, lock=True)
    mine = (AccountToken.user_id == row.user_id, AccountToken.purpose == purpose, AccountToken.used_at.is_(None))
    db.session.execute(update(AccountToken).where(*mine).values(used_at=clock.now()))
    return db.session.get_one(User, row.user_id, with_for_update=True, populate_existing=True)


def _find(token: str, purpose: TokenPurpose, *, lock: bool) -> AccountToken:
    query = select(AccountToken).where(AccountToken.token_hash == token_hash(token), AccountToken.purpose == purpose)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(query).first()
    if row is None:
        raise Invalid(_l("This link isn’t one of ours, or a part of it is missing. Open it from the mail again."))
    if row.used_at is not None:
        raise Invalid(_l("This link was used already. It works once."))
    if row.expires_at <= clock.now():
        raise Invalid(_l("This link is too old. Ask for a new one."))
    return row


def forget_old_tokens() -> None:
    db.session.execute(delete(AccountToken).where(AccountToken.expires_at < clock.now() - _KEPT))
