"""Reads of the entries that administrators post by hand."""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from marketplace.chargebacks.models import Chargeback
from marketplace.chargebacks.queries import claims_on_payments
from marketplace.console.models import ManualEntry, ManualEntryState
from marketplace.console.words import deal_of
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.errors import NotFound

PAGE = 30
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Heap(StrEnum):
    """Which entries by hand a list shows."""

    WAITING = "waiting"
    DECIDED = "decided"


register(Heap, {Heap.WAITING: _l("Waiting"), Heap.DECIDED: _l("Decided")})
register(
    ManualEntryState,
    {
        ManualEntryState.PROPOSED: _l("Waits for a second administrator"),
        ManualEntryState.POSTED: _l("Posted"),
        ManualEntryState.REFUSED: _l("Refused"),
        ManualEntryState.WITHDRAWN: _l("Withdrawn"),
    },
)


@dataclass(frozen=True, slots=True)
class ManualPage:
    """The newest first, but what waits the longest first; `older` is the id to go on from, None on the last page."""

    entries: Sequence[ManualEntry]
    older: int | None


def claims_on_money_of(owners: Collection[str]) -> Sequence[Chargeback]:
    """The chargebacks by which banks have money of a payment that these owners of the books have a part in: whom an
    entry pays may have it from there."""
    deals = [deal for owner in owners if (deal := deal_of(owner)) is not None]
    checkouts = [owner.removeprefix("checkout:") for owner in owners if owner.startswith("checkout:")]
    return claims_on_payments(deals, [uuid.UUID(one) for one in checkouts if _UUID.fullmatch(one)])


def waiting_manual_entries() -> Select[int]:
    """The query of how many wait for a second administrator."""
    return select(func.count()).select_from(ManualEntry).where(ManualEntry.state == ManualEntryState.PROPOSED)


def list_manual_entries(heap: Heap, place: int | None = None) -> ManualPage:
    """One page of a heap, in one query; `place` is where the page before it ended."""
    waiting = ManualEntry.state == ManualEntryState.PROPOSED
    if heap is Heap.WAITING:
        query = select(ManualEntry).where(waiting, ManualEntry.id > (place or 0)).order_by(ManualEntry.id)
    else:
        query = select(ManualEntry).where(~waiting).order_by(ManualEntry.id.desc())
        query = query.where(ManualEntry.id < place) if place is not None else query
    found = db.session.scalars(query.limit(PAGE + 1)).all()
    return ManualPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def get_manual_entry(manual_id: int) -> ManualEntry:
    """
    Raises:
        NotFound: there is none.
    """
    found = db.session.get(ManualEntry, manual_id)
    if found is None:
        raise NotFound
    return found


def by_hand(entry_id: int) -> ManualEntry | None:
    """The proposal that an entry was posted for, if it was posted by hand."""
    return db.session.scalars(select(ManualEntry).where(ManualEntry.entry_id == entry_id)).one_or_none()


def reversal_waiting(entry_id: int) -> ManualEntry | None:
    """The proposal to reverse an entry that waits for a second administrator."""
    waiting = (ManualEntry.reverses_id == entry_id, ManualEntry.state == ManualEntryState.PROPOSED)
    return db.session.scalars(select(ManualEntry).where(*waiting).limit(1)).first()
