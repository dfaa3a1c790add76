"""An agency's home: each creator it represents with what waits for an answer there, and the offers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from marketplace.accounts.acting import Acting
from marketplace.accounts.session import Role, access, current_actor
from marketplace.agencies.blueprint import bp as agencies_bp
from marketplace.agencies.models import Representation, RepresentationStatus
from marketplace.agencies.queries import get_agency, past_of_agency, representations_of_agency
from marketplace.deals.lifecycle import FINAL
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.queries import waits_for
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import account_for, earnings_summary


@dataclass(frozen=True, slots=True)
class Represented:
    """A creator of the agency: how much waits for their side, and until when the first of it."""

    representation: Representation
    acting: Acting
    selections: int
    deals: int
    due: datetime | None

    @property
    def waiting(self) -> int:
        return self.selections + self.deals


_Waits = dict[int, tuple[int, datetime | None]]


@agencies_bp.get("/agency")
@access(Role.AGENCY)
def index() -> ResponseReturnValue:
    """The agency's home page."""
    actor = current_actor()
    if actor.agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    found = representations_of_agency(actor.agency_id)
    creators = _with_what_waits([one for one in found if one.status is RepresentationStatus.ACTIVE])
    payee = Payee(agency_id=actor.agency_id)
    return render_template(
        "agencies/index.html",
        agency=get_agency(actor.agency_id),
        creators=creators,
        waiting=sum(one.waiting for one in creators),
        offers=[one for one in found if one.status is RepresentationStatus.OFFERED],
        past=past_of_agency(actor.agency_id),
        summaries=earnings_summary(payee),
        account=account_for(payee),
    )


def _with_what_waits(found: Sequence[Representation]) -> list[Represented]:
    """Those who wait longest to be answered first, then by name."""
    ids = [one.creator_id for one in found]
    selections, deals = (_selections(ids), _deals(ids)) if ids else ({}, {})
    rows = [_represented(one, selections, deals) for one in found]
    return sorted(rows, key=lambda row: (row.due is None, row.due or clock.now()))


def _represented(one: Representation, selections: _Waits, deals: _Waits) -> Represented:
    asked, asked_until = selections.get(one.creator_id, (0, None))
    turns, turns_until = deals.get(one.creator_id, (0, None))
    due = min((moment for moment in (asked_until, turns_until) if moment is not None), default=None)
    acting = Acting("agency", agency_id=one.agency_id, for_creator_id=one.creator_id)
    return Represented(one, acting, asked, turns, due)


def _selections(creator_ids: Sequence[int]) -> _Waits:
    query = (
        select(Selection.creator_id, func.count(), func.min(Selection.expires_at))
        .where(
            Selection.creator_id.in_(creator_ids),
            Selection.status == SelectionStatus.OPEN,
            Selection.expires_at > clock.now(),
            Selection.kind != SelectionKind.APPLICATION,
        )
        .group_by(Selection.creator_id)
    )
    return {creator_id: (number, first) for creator_id, number, first in db.session.execute(query)}


def _deals(creator_ids: Sequence[int]) -> _Waits:
    query = (
        select(Deal.creator_id, func.count(), func.min(Deal.deadline_at))
        .where(Deal.creator_id.in_(creator_ids), Deal.state.not_in(FINAL), waits_for(DealSide.CREATOR))
        .group_by(Deal.creator_id)
    )
    return {creator_id: (number, first) for creator_id, number, first in db.session.execute(query)}
