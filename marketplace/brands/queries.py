"""Reads of brands and their members."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import exists, select

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.brands.limits import MonthlyLimit, used_by_member
from marketplace.brands.models import Brand, Invitation, Member, MemberEvent
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.kit.money import DEFAULT_CURRENCY, Money

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
EVENTS_A_PAGE = 20
_LARGEST_ID = 2**63 - 1


class BrandPlace(NamedTuple):
    """A brand that somebody belongs to, and as what."""

    brand_id: int
    name: str
    logo_id: int | None
    role: BrandRole


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with who they are, and what they committed in this month in the limits' currency."""

    member: Member
    user: User
    used: Money

    @property
    def limit(self) -> MonthlyLimit | None:
        return MonthlyLimit(self.member.limit, self.used) if self.member.limit is not None else None


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that waits or has expired, and the name of whom it is from."""

    invitation: Invitation
    invited_by: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """A brand's history, newest first; `older` is the id to go on from, if there is more."""

    events: list[MemberEvent]
    older: int | None


def brand_place(user_id: int, brand_id: int | None) -> BrandPlace | None:
    """The user's place in the brand, or in their oldest one; None where they have none. Plain columns, so that what a
    verb locks later is read then."""
    query = select(Brand.id, Brand.name, Brand.logo_id, Member.role).join(Member, Member.brand_id == Brand.id)
    query = query.where(Member.user_id == user_id)
    if brand_id is not None:
        query = query.where(Member.brand_id == brand_id)
    found = db.session.execute(query.order_by(Member.id).limit(1)).one_or_none()
    return BrandPlace(*found) if found is not None else None


def get_brand(brand_id: int) -> Brand:
    """
    Raises:
        NotFound: there is no such brand.
    """
    brand = db.session.get(Brand, brand_id)
    if brand is None:
        raise NotFound
    return brand


def get_brand_by_handle(handle: str) -> Brand:
    """
    Raises:
        NotFound: no brand has this handle.
    """
    brand = None
    if HANDLE.fullmatch(handle):
        brand = db.session.scalars(select(Brand).where(Brand.handle == handle)).first()
    if brand is None:
        raise NotFound
    return brand


def brands_by_ids(brand_ids: Iterable[int]) -> dict[int, Brand]:
    """The brands by their ids, in one query; ids of nobody are left out."""
    wanted = set(brand_ids)
    if not wanted:
        return {}
    return {brand.id: brand for brand in db.session.scalars(select(Brand).where(Brand.id.in_(wanted)))}


def members_of(brand_id: int) -> Sequence[Member]:
    """The brand's members with their user ids and roles, the oldest first."""
    return db.session.scalars(select(Member).where(Member.brand_id == brand_id).order_by(Member.id)).all()


def is_member(user_id: int, brand_id: int) -> bool:
    """Whether the user belongs to the brand in any role."""
    found = exists().where(Member.brand_id == brand_id, Member.user_id == user_id)
    return bool(db.session.scalar(select(found)))


def member_rows(brand_id: int) -> list[MemberRow]:
    """Everybody who belongs to the brand, the oldest first."""
    query = select(Member, User).join(User, User.id == Member.user_id).where(Member.brand_id == brand_id)
    used = used_by_member(brand_id, DEFAULT_CURRENCY)
    found = db.session.execute(query.order_by(Member.id)).all()
    return [MemberRow(member, user, Money(used.get(user.id, 0))) for member, user in found]


def member_row(brand_id: int, user_id: int) -> MemberRow:
    """
    Raises:
        NotFound: the user doesn't belong to the brand.
    """
    for row in member_rows(brand_id):
        if row.user.id == user_id:
            return row
    raise NotFound


def open_invitations(brand_id: int) -> list[OpenInvitation]:
    """Those neither accepted nor taken back, the newest first."""
    query = select(Invitation, User.name).join(User, User.id == Invitation.invited_by)
    query = query.where(
        Invitation.brand_id == brand_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return [OpenInvitation(row[0], row[1]) for row in db.session.execute(query.order_by(Invitation.id.desc()))]


def member_events(brand_id: int, before: int | None = None) -> EventPage:
    """What happened to who belongs to the brand, from the event with id `before` on, or from the newest."""
    query = select(MemberEvent).where(MemberEvent.brand_id == brand_id)
    if before is not None and 0 < before <= _LARGEST_ID:
        query = query.where(MemberEvent.id < before)
    found = list(db.session.scalars(query.order_by(MemberEvent.id.desc()).limit(EVENTS_A_PAGE + 1)))
    shown = found[:EVENTS_A_PAGE]
    return EventPage(shown, shown[-1].id if len(found) > EVENTS_A_PAGE else None)
