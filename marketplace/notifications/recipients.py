"""Who is told: the people of each side who can act on it, each with the place they read it in.

Suspended people are told nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select

from marketplace.accounts.acting import AS_CREATOR, Acting
from marketplace.accounts.actor import AgencyRole, BrandRole
from marketplace.accounts.models import User
from marketplace.agencies.models import AgencyMember
from marketplace.agencies.queries import agency_of
from marketplace.brands.models import Member
from marketplace.creators.models import Creator
from marketplace.infra.db import db

_MANAGING = (BrandRole.OWNER, BrandRole.MANAGER)
_SPENDING = (*_MANAGING, BrandRole.FINANCE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and the place that the page they are led to must be read in; None where any will do."""

    user: User
    acting: Acting | None = None


def creator_people(creator_id: int) -> list[Recipient]:
    """The creator, and the people of the agency that answers for them."""
    agency_id = agency_of(creator_id)
    if agency_id is None:
        return creator_themselves(creator_id)
    own = creator_themselves(creator_id)
    acting = Acting("agency", agency_id=agency_id, for_creator_id=creator_id)
    return own + without(_found(_agency_members(agency_id), acting), [to.user.id for to in own])


def creator_themselves(creator_id: int) -> list[Recipient]:
    """Only the creator: their own money, and what they agree with their agency."""
    return _found(select(User).join(Creator, Creator.user_id == User.id).where(Creator.id == creator_id), AS_CREATOR)


def agency_people(agency_id: int, *, owners: bool = False) -> list[Recipient]:
    """Everybody at the agency, or those who decide for it."""
    query = _agency_members(agency_id)
    if owners:
        query = query.where(AgencyMember.role == AgencyRole.OWNER)
    return _found(query, Acting("agency", agency_id=agency_id))


def brand_people(brand_id: int, *, money: bool = False) -> list[Recipient]:
    """The brand's owners and managers; where it is about paying, those who pay as well."""
    roles = _SPENDING if money else _MANAGING
    members = select(User).join(Member, Member.user_id == User.id)
    query = members.where(Member.brand_id == brand_id, Member.role.in_(roles))
    return _found(query, Acting("brand", brand_id=brand_id))


def brand_owners(brand_id: int) -> list[Recipient]:
    """Those who say who belongs to the brand."""
    members = select(User).join(Member, Member.user_id == User.id)
    query = members.where(Member.brand_id == brand_id, Member.role == BrandRole.OWNER)
    return _found(query, Acting("brand", brand_id=brand_id))


def administrators() -> list[Recipient]:
    return _found(select(User).where(User.is_admin), None)


def without(people: Iterable[Recipient], user_ids: Collection[int | None]) -> list[Recipient]:
    """Everybody but those who did it themselves."""
    return [to for to in people if to.user.id not in user_ids]


def _agency_members(agency_id: int) -> Select[User]:
    members = select(User).join(AgencyMember, AgencyMember.user_id == User.id)
    return members.where(AgencyMember.agency_id == agency_id)


def _found(query: Select[User], acting: Acting | None) -> list[Recipient]:
    people = db.session.scalars(query.where(User.suspended_at.is_(None)).order_by(User.id))
    return [Recipient(user, acting) for user in people]
