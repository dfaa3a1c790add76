"""Reads of all deals and all disputes, for administrators."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.deals.queries import DealRow, deal_rows, fetch_rows
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.disputes.queries import stands_still
from marketplace.infra.db import db

PAGE = 30
# As people write it: M-1001, m1001, 1001.
_REFERENCE = re.compile(r"(?:m-?)?([0-9]{1,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DealPage:
    """Newest first; `older` is the id to go on from, None on the last page. `counts` are of all deals."""

    rows: Sequence[DealRow]
    older: int | None
    counts: dict[State, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with its deal and both sides."""

    dispute: Dispute
    deal: Deal
    creator: Creator
    brand: Brand

    @property
    def stands_still(self) -> bool:
        """A bank has taken the deal's payment back: nobody can rule until it has decided."""
        return self.dispute.status is DisputeStatus.OPEN and self.deal.state is State.FROZEN


@dataclass(frozen=True, slots=True)
class CasePage:
    """Open ones oldest first, as they are a queue, those that stand still last; others by when they were closed, the
    newest first."""

    cases: Sequence[Case]
    counts: dict[DisputeStatus, int]
    page: int
    pages: int


def list_all_deals(actor: Actor, state: State | None = None, text: str = "", before: int | None = None) -> DealPage:
    """One page of deals; `text` is a reference, or part of a title or of a side's name."""
    query = deal_rows(actor).order_by(Deal.id.desc()).limit(PAGE + 1)
    if state is not None:
        query = query.where(Deal.state == state)
    if text:
        query = query.where(_mentions(text))
    if before is not None:
        query = query.where(Deal.id < before)
    rows = fetch_rows(query)
    counts = dict.fromkeys(State, 0)
    for found, number in db.session.execute(select(Deal.state, func.count()).group_by(Deal.state)):
        counts[found] = number
    return DealPage(rows[:PAGE], rows[PAGE - 1].deal.id if len(rows) > PAGE else None, counts)


def _mentions(text: str) -> ColumnElement[bool]:
    reference = _REFERENCE.fullmatch(text)
    if reference:
        return Deal.id == int(reference[1])
    return or_(
        Deal.title.icontains(text, autoescape=True),
        Deal.creator_id.in_(select(Creator.id).where(Creator.name.icontains(text, autoescape=True))),
        Deal.brand_id.in_(select(Brand.id).where(Brand.name.icontains(text, autoescape=True))),
    )


def list_cases(status: DisputeStatus, page: int = 1) -> CasePage:
    """One page of disputes of one standing, and how many there are of each."""
    counts = dict.fromkeys(DisputeStatus, 0)
    for found, number in db.session.execute(select(Dispute.status, func.count()).group_by(Dispute.status)):
        counts[found] = number
    pages = max(1, -(-counts[status] // PAGE))
    page = min(max(1, page), pages)
    is_queue = status is DisputeStatus.OPEN
    order = (
        (stands_still(), Dispute.opened_at, Dispute.id) if is_queue else (Dispute.closed_at.desc(), Dispute.id.desc())
    )
    query = (
        select(Dispute, Deal, Creator, Brand)
        .join(Deal, Deal.id == Dispute.deal_id)
        .join(Creator, Creator.id == Deal.creator_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .where(Dispute.status == status)
        .order_by(*order)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return CasePage([Case(*row) for row in db.session.execute(query)], counts, page, pages)
