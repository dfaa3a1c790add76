"""Reads of agencies, their people and the creators they represent."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from marketplace.agencies.models import Agency, AgencyMember, Representation, RepresentationStatus
from marketplace.infra.db import db
from marketplace.kit import clock


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


def agency_of(creator_id: int) -> int | None:
    """The agency that answers for the creator now."""
    return db.session.scalar(
        select(Representation.agency_id).where(Representation.creator_id == creator_id, in_force())
    )
