"""What the clock does where a deal's money can't be held much longer: it opens a case, and in the end it ends the deal.

It is announced on the deal's page, in two notices, and in the terms: docs/deals.md, "Money held long".
"""

from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.disputes.models import Dispute, DisputeReason, DisputeStatus
from marketplace.disputes.queries import proposal_to
from marketplace.escrow.fund import frozen_quote
from marketplace.escrow.holding import deals_in_last_days, deals_past_limit
from marketplace.escrow.settle import settle_dispute
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money


def open_case(deal_id: int) -> Dispute | None:
    """Stop a deal in the last days of its money, so that an administrator must rule; None where it has moved on."""
    deal = _lock(deal_id)
    if deal is None or deal_id not in deals_in_last_days([deal_id]):
        return None
    side = require(SYSTEM, Action.OPEN_DISPUTE, deal)
    move_deal(deal, Action.OPEN_DISPUTE, SYSTEM, side, details={"reason": DisputeReason.HOLDING_LIMIT.value})
    dispute = Dispute(
        deal_id=deal.id,
        opened_by=side,
        reason=DisputeReason.HOLDING_LIMIT,
        status=DisputeStatus.OPEN,
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.flush()
    return dispute


def end_deal(deal_id: int) -> Dispute | None:
    """End a disputed deal whose money can't be held any longer; None where somebody has decided meanwhile."""
    deal = _lock(deal_id)
    if deal is None or deal_id not in deals_past_limit([deal_id]):
        return None
    query = select(Dispute).where(Dispute.deal_id == deal_id, Dispute.status == DisputeStatus.OPEN)
    dispute = db.session.scalars(query.with_for_update()).one()
    part = part_at_limit(dispute, deal)
    settle_dispute(SYSTEM, deal, part, "")
    dispute.status, dispute.closed_at = DisputeStatus.LIMIT, clock.now()
    dispute.creator_part_amount = part.amount
    return dispute


def part_at_limit(dispute: Dispute, deal: Deal) -> Money:
    """What of the price goes the creator's way if nobody decides: what both sides' last words leave undisputed.

    That is what the brand last proposed, but not more than the creator last asked. Where the work is published and the
    brand has said nothing, its silence counts as it does everywhere: as acceptance. All else goes back where it came
    from, which binds nobody and can be paid again.
    """
    price = frozen_quote(deal).price
    offered, asked = proposal_to(dispute, DealSide.CREATOR), proposal_to(dispute, DealSide.BRAND)
    if offered is not None and offered.wants_amount is not None:
        least = asked.wants_amount if asked is not None and asked.wants_amount is not None else price.amount
        return Money(min(offered.wants_amount, least), price.currency)
    brand_spoke = dispute.opened_by is DealSide.BRAND or any(one.side is DealSide.BRAND for one in dispute.statements)
    return price if deal.paused_state is State.ACCEPTANCE and not brand_spoke else Money.zero(price.currency)


def _lock(deal_id: int) -> Deal | None:
    query = select(Deal).where(Deal.id == deal_id).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()
