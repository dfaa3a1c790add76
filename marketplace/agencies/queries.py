"""Reads of agencies, their people and the creators they represent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import Actor, AgencyRole
from marketplace.accounts.models import User
from marketplace.agencies.models import Agency, AgencyMember, Representation, RepresentationStatus
from marketplace.creators.models import Creator
from marketplace.creators.queries import CreatorPlace
from marketplace.fees.quote import AgencyShare
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import agency_owner

_BOTH = (joinedload(Representation.agency), joinedload(Representation.creator))


def in_force() -> ColumnElement[bool]:
    """Of a representation: agreed and, where notice was given, not over yet, whether or not a job has closed it."""
    running = or_(Representation.ends_at.is_(None), Representation.ends_at > clock.now())
    return and_(Representation.status == RepresentationStatus.ACTIVE, running)


def agency_place(user_id: int, agency_id: int | None) -> tuple[AgencyMember, Agency] | None:
    """The user's place in the agency, or in their oldest one; None where they have none."""
    query = select(AgencyMember, Agency).join(Agency, Agency.id == AgencyMember.agency_id)
    query = query.where(AgencyMember.user_id == user_id)
    if agency_id is not None:
        query = query.where(AgencyMember.agency_id == agency_id)
    found = db.session.execute(query.order_by(AgencyMember.id).limit(1)).one_or_none()
    return (found[0], found[1]) if found is not None else None


def represents(agency_id: int, creator_id: int) -> bool:
    """Whether the agency answers for the creator now."""
    found = exists().where(Representation.agency_id == agency_id, Representation.creator_id == creator_id, in_force())
    return bool(db.session.scalar(select(found)))


def represented_creator(agency_id: int, creator_id: int) -> CreatorPlace | None:
    """The creator, where the agency answers for them now."""
    query = select(Creator.id, Creator.name, Creator.avatar_id)
    query = query.join(Representation, Representation.creator_id == Creator.id)
    query = query.where(Representation.agency_id == agency_id, Creator.id == creator_id, in_force())
    found = db.session.execute(query).one_or_none()
    return CreatorPlace(*found) if found is not None else None


def agency_of(creator_id: int) -> int | None:
    """The agency that answers for the creator now."""
    return db.session.scalar(
        select(Representation.agency_id).where(Representation.creator_id == creator_id, in_force())
    )


class ShareInForce(NamedTuple):
    """The agency that represents a creator now, and its share as a fee quote has it."""

    agency_id: int
    share: AgencyShare


def share_in_force(creator_id: int) -> ShareInForce | None:
    """What would hold of a deal signed now; None where nobody represents the creator."""
    query = (
        select(Agency.id, Agency.name, Representation.share)
        .join(Representation, Representation.agency_id == Agency.id)
        .where(Representation.creator_id == creator_id, in_force())
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    return ShareInForce(found.id, AgencyShare(agency_owner(found.id), found.name, found.share))


def share_of(creator_id: int) -> AgencyShare | None:
    """The share alone, for estimates."""
    found = share_in_force(creator_id)
    return found.share if found is not None else None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One of an agency's people, as the page shows them."""

    user: User
    role: AgencyRole
    joined_at: datetime


def get_agency(agency_id: int) -> Agency:
    """
    Raises:
        NotFound: there is no such agency.
    """
    agency = db.session.get(Agency, agency_id)
    if agency is None:
        raise NotFound
    return agency


def agencies_by_ids(agency_ids: Iterable[int]) -> dict[int, Agency]:
    """The agencies by their ids, in one query; ids of nobody are left out."""
    wanted = set(agency_ids)
    if not wanted:
        return {}
    return {agency.id: agency for agency in db.session.scalars(select(Agency).where(Agency.id.in_(wanted)))}


def people_of(agency_id: int) -> list[PersonRow]:
    """The agency's people, the oldest first."""
    query = select(User, AgencyMember.role, AgencyMember.joined_at).join(AgencyMember, AgencyMember.user_id == User.id)
    query = query.where(AgencyMember.agency_id == agency_id).order_by(AgencyMember.id)
    return [PersonRow(*row) for row in db.session.execute(query)]


def representation_for(actor: Actor, representation_id: int) -> Representation:
    """One with both sides at hand, for the creator themselves or somebody of the agency.

    Raises:
        NotFound: there is none, or it is neither's.
    """
    sides: list[ColumnElement[bool]] = [false()]
    if actor.is_creator_themselves:
        sides.append(Representation.creator_id == actor.creator_id)
    if actor.agency_id is not None:
        sides.append(Representation.agency_id == actor.agency_id)
    query = select(Representation).where(Representation.id == representation_id, or_(*sides)).options(*_BOTH)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def representations_of_agency(agency_id: int) -> Sequence[Representation]:
    """What stands: those in force and the offers that wait, creators in the order of their names."""
    waiting = Representation.status == RepresentationStatus.OFFERED
    query = select(Representation).join(Creator, Creator.id == Representation.creator_id).options(*_BOTH)
    query = query.where(Representation.agency_id == agency_id, or_(in_force(), waiting))
    return db.session.scalars(query.order_by(Creator.name, Representation.id)).all()


def past_of_agency(agency_id: int, limit: int = 20) -> Sequence[Representation]:
    """Those that ended, were declined or taken back, the newest first."""
    query = select(Representation).where(Representation.agency_id == agency_id, _over()).options(*_BOTH)
    return db.session.scalars(query.order_by(Representation.id.desc()).limit(limit)).all()


def representations_of_creator(creator_id: int) -> Sequence[Representation]:
    """All that a creator was offered, the newest first, with the agencies."""
    query = select(Representation).where(Representation.creator_id == creator_id).options(*_BOTH)
    return db.session.scalars(query.order_by(Representation.id.desc()).limit(50)).all()


def _over() -> ColumnElement[bool]:
    return Representation.status.in_(
        [RepresentationStatus.ENDED, RepresentationStatus.DECLINED, RepresentationStatus.WITHDRAWN]
    )


def stands_on_both_sides(creator_id: int, brand_people: Select[int]) -> bool:
    """Whether somebody of the creator's agency is among `brand_people`, a query of user ids: a deal needs two sides."""
    query = (
        select(AgencyMember.id)
        .join(Representation, Representation.agency_id == AgencyMember.agency_id)
        .where(Representation.creator_id == creator_id, in_force(), AgencyMember.user_id.in_(brand_people))
    )
    return db.session.scalar(query.limit(1)) is not None
