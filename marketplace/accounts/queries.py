"""Reads of accounts, and of the demo's mail."""

from dataclasses import dataclass

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.accounts.service import find_user
from marketplace.infra.db import db
from marketplace.infra.mail import Mail
from marketplace.kit.errors import NotFound

_DEMO_PEOPLE = {
    "creator": "creator@demo.mutuals.example",
    "brand": "brand@demo.mutuals.example",
    "agency": "agency@demo.mutuals.example",
    "admin": "admin@demo.mutuals.example",
}
_PAGE = 30
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MailPage:
    """Some mails, newest first; `older` is the id to go on from, if there are more."""

    mails: list[Mail]
    older: int | None


def demo_person(role: str) -> User | None:
    """Whom the demo's front page signs in in a role of `_DEMO_PEOPLE`; None before the demo is filled."""
    user = find_user(_DEMO_PEOPLE[role])
    return user if user is not None and user.suspended_at is None else None


def mails(address: str, *, before: int | None = None) -> MailPage:
    """The newest mails to addresses that contain `address`, in any case."""
    query = select(Mail).order_by(Mail.id.desc()).limit(_PAGE + 1)
    if address:
        query = query.where(Mail.address.icontains(address, autoescape=True))
    if before is not None and 0 < before <= _LARGEST_ID:
        query = query.where(Mail.id < before)
    found = list(db.session.scalars(query))
    return MailPage(found[:_PAGE], found[_PAGE - 1].id if len(found) > _PAGE else None)


def get_mail(mail_id: int) -> Mail:
    """
    Raises:
        NotFound: there is no such mail.
    """
    mail = db.session.get(Mail, mail_id) if mail_id <= _LARGEST_ID else None
    if mail is None:
        raise NotFound
    return mail
