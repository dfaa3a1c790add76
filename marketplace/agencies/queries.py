"""Reads of agencies, their people and the creators they represent."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from marketplace.agencies.models import Agency, AgencyMember, Representation, RepresentationStatus
from marketplace.creators.models import Creator
from marketplace.creators.queries import CreatorPlace
from marketplace.fees.quote import AgencyShare
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import agency_owner


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
