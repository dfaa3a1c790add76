"""Payees to be reminded of a payout account."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select

from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.payouts.held import Slice, unsent_parts
from marketplace.payouts.models import ConnectedAccount

# How long the oldest earning has waited when its payee hears of it: three times, and then from the holding limit.
_REMINDED_AFTER = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
# A worker that stood still for a day skips no reminder; nobody hears of one twice.
_WITHIN = timedelta(days=2)


def reminders(among: Slice) -> list[dict[str, Any]]:
    """What those of these payees without a ready account are told now, as arguments of `notifications.tell_payee`: what
    waits in the currency of which most waits."""
    parts = unsent_parts(among).subquery("unsent")
    account = or_(ConnectedAccount.creator_id == parts.c.creator_id, ConnectedAccount.agency_id == parts.c.agency_id)
    oldest = func.min(Settlement.settled_at)
    query = (
        select(parts.c.creator_id, parts.c.agency_id, parts.c.currency, func.sum(parts.c.amount), oldest)
        .join(Settlement, Settlement.id == parts.c.settlement_id)
        .outerjoin(ConnectedAccount, account & ConnectedAccount.replaced_at.is_(None))
        .where(func.coalesce(ConnectedAccount.transfers_enabled, False).is_(False))
        .group_by(parts.c.creator_id, parts.c.agency_id, parts.c.currency)
        .order_by(func.sum(parts.c.amount).desc())
    )
    found: dict[tuple[int | None, int | None], dict[str, Any]] = {}
    for creator_id, agency_id, currency, total, since in db.session.execute(query):
        stage = _stage(clock.now() - since)
        if stage is not None:
            whom = {"creator_id": creator_id, "agency_id": agency_id}
            what = {"kind": "payout_account_missing", "amount": int(total), "currency": currency}
            cause = f"{agency_id or ''}:{creator_id or ''}:{since:%Y%m%d}:{stage}"
            found.setdefault((creator_id, agency_id), {**what, **whom, "cause": cause})
    return list(found.values())


def _stage(waited: timedelta) -> int | None:
    """Which reminder is due, in days; None between two."""
    return next((after.days for after in _REMINDED_AFTER if after <= waited < after + _WITHIN), None)
