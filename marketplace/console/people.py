"""Reads of the people who have an account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select

from marketplace.accounts.models import Side, User
from marketplace.agencies.models import Agency, AgencyMember
from marketplace.brands.models import Brand, Member
from marketplace.console.models import StandingChange
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.errors import NotFound
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.pausing import is_paused

PAGE = 30


class Standing(StrEnum):
    """What may be wrong with an account, or that it is an administrator's."""

    ADMIN = "admin"
    UNCONFIRMED = "unconfirmed"
    SUSPENDED = "suspended"


register(
    Standing,
    {
        Standing.ADMIN: _l("Administrators"),
        Standing.UNCONFIRMED: _l("E-mail not confirmed"),
        Standing.SUSPENDED: _l("Suspended"),
    },
)
_IS: dict[Standing, ColumnElement[bool]] = {
    Standing.ADMIN: User.is_admin.is_(True),
    Standing.UNCONFIRMED: User.email_confirmed_at.is_(None),
    Standing.SUSPENDED: User.suspended_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What a list of people is narrowed to; `text` is looked for in names and e-mails."""

    text: str = ""
    side: Side | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class UserPage:
    """Newest first; `older` is the id to go on from, None on the last page."""

    users: Sequence[User]
    older: int | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One person, the profile, companies and agencies they act for, and what administrators did to the account.
    `payout_account` is the creator's, and beside each agency stands its own, None where there is none; `paused` says
    whether nothing is sent to the creator."""

    user: User
    creator: Creator | None
    payout_account: uuid.UUID | None
    paused: bool
    memberships: Sequence[tuple[Member, Brand]]
    agencies: Sequence[tuple[AgencyMember, Agency, uuid.UUID | None]]
    changes: Sequence[StandingChange]


def list_users(wanted: UserFilter, before: int | None = None) -> UserPage:
    """One page of people, in one query."""
    query = select(User).order_by(User.id.desc()).limit(PAGE + 1)
    if wanted.text:
        found = (User.name.icontains(wanted.text, autoescape=True), User.email.icontains(wanted.text, autoescape=True))
        query = query.where(or_(*found))
    if wanted.side is not None:
        query = query.where(User.side == wanted.side)
    if wanted.standing is not None:
        query = query.where(_IS[wanted.standing])
    if before is not None:
        query = query.where(User.id < before)
    users = db.session.scalars(query).all()
    return UserPage(users[:PAGE], users[PAGE - 1].id if len(users) > PAGE else None)


def dossier(user_id: int) -> Dossier:
    """
    Raises:
        NotFound: there is no such person.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    members = select(Member, Brand).join(Brand, Brand.id == Member.brand_id).where(Member.user_id == user_id)
    changes = select(StandingChange).where(StandingChange.user_id == user_id).order_by(StandingChange.id.desc())
    creator, payout_account, paused = _creator_of(user_id)
    return Dossier(
        user=user,
        creator=creator,
        payout_account=payout_account,
        paused=paused,
        memberships=[(member, brand) for member, brand in db.session.execute(members.order_by(Member.id))],
        agencies=_agencies_of(user_id),
        changes=db.session.scalars(changes).all(),
    )


_LIVE = ConnectedAccount.replaced_at.is_(None)


def _creator_of(user_id: int) -> tuple[Creator | None, uuid.UUID | None, bool]:
    query = (
        select(Creator, ConnectedAccount.id, is_paused(Creator.id, agencies=False))
        .outerjoin(ConnectedAccount, (ConnectedAccount.creator_id == Creator.id) & _LIVE)
        .where(Creator.user_id == user_id)
    )
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1], found[2]) if found is not None else (None, None, False)


def _agencies_of(user_id: int) -> list[tuple[AgencyMember, Agency, uuid.UUID | None]]:
    query = (
        select(AgencyMember, Agency, ConnectedAccount.id)
        .join(Agency, Agency.id == AgencyMember.agency_id)
        .outerjoin(ConnectedAccount, (ConnectedAccount.agency_id == Agency.id) & _LIVE)
        .where(AgencyMember.user_id == user_id)
        .order_by(AgencyMember.id)
    )
    return [(member, agency, account_id) for member, agency, account_id in db.session.execute(query)]
