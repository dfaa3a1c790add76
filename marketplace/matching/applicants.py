"""Reads of a brief's applicants. Only for the brief's own brand: the caller has checked; applicants see none of it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, select

from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.queries import BOTH_SIDES, BY_CREATOR, OPEN, SelectionPage, paged


class ApplicantOrder(StrEnum):
    NEWEST = "newest"
    PRICE = "price"
    FANS = "fans"
    VALUE = "value"
    DUE = "due"


def list_applicants(
    brief_id: int, order: ApplicantOrder, number: int = 1, *, shortlisted: bool = False
) -> SelectionPage:
    """The open applications to a brief, all or those with a star."""
    query = select(Selection).join(Selection.creator).options(*BOTH_SIDES).where(*_open_to(brief_id))
    if shortlisted:
        query = query.where(Selection.shortlisted_at.is_not(None))
    return paged(query.order_by(*_applicant_order(order), Selection.id.desc()), number)


def _open_to(brief_id: int) -> tuple[ColumnElement[bool], ...]:
    return Selection.brief_id == brief_id, BY_CREATOR, OPEN


def _applicant_order(order: ApplicantOrder) -> list[ColumnElement[Any]]:
    match order:
        case ApplicantOrder.NEWEST:
            return []
        case ApplicantOrder.PRICE:
            return [cast(ColumnElement[int], Selection.price_amount)]
        case ApplicantOrder.FANS:
            return [Creator.verified_fans.desc()]
        case ApplicantOrder.VALUE:
            return [Selection.price_amount / func.greatest(Creator.verified_fans, 1)]
        case ApplicantOrder.DUE:
            return [cast(ColumnElement[Any], Selection.expires_at)]


def count_shortlisted(brief_id: int) -> int:
    """How many open applications have a star."""
    counted = select(func.count()).select_from(Selection)
    return db.session.scalar(counted.where(*_open_to(brief_id), Selection.shortlisted_at.is_not(None))) or 0


def applications_of(brief_id: int, creator_ids: Sequence[int]) -> list[Selection]:
    """The open applications of these creators, in their order; those who have none are left out."""
    query = select(Selection).options(*BOTH_SIDES).where(*_open_to(brief_id), Selection.creator_id.in_(creator_ids))
    found = {selection.creator_id: selection for selection in db.session.scalars(query)}
    return [found[creator_id] for creator_id in dict.fromkeys(creator_ids) if creator_id in found]


def answered_for_brief(brief_id: int, limit: int = 20) -> Sequence[Selection]:
    """A brief's applications and invitations that were answered or withdrawn, the newest first."""
    query = select(Selection).options(*BOTH_SIDES)
    query = query.where(Selection.brief_id == brief_id, ~OPEN)
    return db.session.scalars(query.order_by(Selection.answered_at.desc(), Selection.id.desc()).limit(limit)).all()


def asked_for_brief(brief_id: int, limit: int = 20) -> Sequence[Selection]:
    """The invitations and bookings of a brief that wait for the creators' answers, the first due first."""
    query = select(Selection).options(*BOTH_SIDES)
    query = query.where(Selection.brief_id == brief_id, ~BY_CREATOR, OPEN)
    return db.session.scalars(query.order_by(Selection.expires_at, Selection.id).limit(limit)).all()


def open_applications(brief_ids: Iterable[int]) -> dict[int, int]:
    """How many applications wait for an answer, by brief; briefs without any are left out."""
    wanted = set(brief_ids)
    if not wanted:
        return {}
    counted = select(Selection.brief_id, func.count()).where(Selection.brief_id.in_(wanted), BY_CREATOR, OPEN)
    return {
        brief_id: number for brief_id, number in db.session.execute(counted.group_by(Selection.brief_id)) if brief_id
    }


def count_applications(brief_id: int) -> int:
    """How many creators have ever applied to the brief and not withdrawn."""
    return db.session.scalar(applications_counted(brief_id)) or 0


def applications_counted(brief_id: int) -> Select[int]:
    """The same as a query, for a page that asks other things along with it."""
    return select(func.count(Selection.creator_id.distinct())).where(
        Selection.brief_id == brief_id, BY_CREATOR, Selection.status != SelectionStatus.WITHDRAWN
    )
