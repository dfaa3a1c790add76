"""Ending a funded deal: its state and the split of its escrow move in one transaction. No Stripe here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Deal
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.deals.queries import get_deal
from marketplace.deals.quotes import allowance_key, release_deal_allowance
from marketplace.deals.work import note_acceptance
from marketplace.escrow.fund import frozen_quote
from marketplace.escrow.models import Settlement
from marketplace.escrow.refund import prepare_refund, received_payment
from marketplace.fees.quote import FeeQuote, Split
from marketplace.fees.service import lower_allowance
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import DomainError, Invalid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    agency_available,
    agency_pending,
    creator_available,
    creator_pending,
    escrow,
    fees_brand,
    fees_creator,
    refund_in_transit,
)
from marketplace.ledger.postings import Line, Posting, credit, debit
from marketplace.ledger.service import post, post_many

logger = structlog.get_logger(__name__)
# What is wrong with one settlement alone; a database that doesn't answer is wrong for all.
_REFUSALS = (DomainError, IntegrityError)
_FIRST = datetime.min.replace(tzinfo=UTC), 0


def accept_work(actor: Actor, deal_id: int) -> Settlement:
    """The brand (or its clock) accepts: the deal is completed and all of its escrow settled.

    Raises:
        NotFound, NotAllowed, Conflict: not the actor's, not theirs to do, or the deal has moved on.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.ACCEPT_WORK, deal)
    note_acceptance(deal)
    move_deal(deal, Action.ACCEPT_WORK, actor, side)
    quote = frozen_quote(deal)
    return _settle(deal, quote, quote.price)


def settle_dispute(actor: Actor, deal: Deal, creator_part: Money, why: str) -> Settlement:
    """Split the escrow of a disputed deal: `creator_part` of the price goes the creator's way, the rest back.

    An administrator rules so, a side agrees to what the other proposed, or the money can't be held any longer. The
    deal's row must be locked by the caller.

    Raises:
        Invalid: the part is negative, above the price, or in another currency.
        NotAllowed, Conflict: the actor may not rule, or the deal isn't disputed.
    """
    quote = frozen_quote(deal)
    price = quote.price
    if creator_part.currency != price.currency or not Money.zero(price.currency) <= creator_part <= price:
        raise Invalid(_l("Give the creator a part between nothing and the whole price."), field="creator_part")
    completed, refunded = _ends_of_a_dispute(actor)
    action = completed if creator_part else refunded
    side = require(actor, action, deal)
    move_deal(deal, action, actor, side, why=why, details={"creator_part": creator_part.amount})
    return _settle(deal, quote, creator_part)


def _ends_of_a_dispute(actor: Actor) -> tuple[Action, Action]:
    """What ends it with a part for the creator, and without."""
    if actor is SYSTEM:
        return Action.LIMIT_COMPLETED, Action.LIMIT_REFUNDED
    if actor.is_admin:
        return Action.RULE_COMPLETED, Action.RULE_REFUNDED
    return Action.AGREE_COMPLETED, Action.AGREE_REFUNDED


def cancel_late(actor: Actor, deal_id: int, why: str) -> None:
    """The brand cancels as the draft is later than its grace: all that it paid goes back."""
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.CANCEL_LATE, deal)
    move_deal(deal, Action.CANCEL_LATE, actor, side, why=why)
    payment = received_payment(deal.id)
    prepare_refund(payment, payment.total)
    release_deal_allowance(deal)


def _settle(deal: Deal, quote: FeeQuote, creator_part: Money) -> Settlement:
    split = quote.split(creator_part)
    _post_split(deal, quote.brand_total, split)
    if split.refund:
        prepare_refund(received_payment(deal.id), split.refund, out_of_escrow=False)
    if creator_part != quote.price:
        lower_allowance(allowance_key(deal.id), creator_part)
    return _record(deal, quote.policy.version, split)


def _post_split(deal: Deal, total: Money, split: Split) -> None:
    currency = total.currency
    lines = [
        debit(escrow(deal.id, currency), total),
        credit(creator_pending(deal.creator_id, currency), split.creator_keeps),
        credit(fees_creator(currency), split.creator_fee),
        credit(fees_brand(currency), split.brand_fee),
        credit(refund_in_transit(deal.id, currency), split.refund),
    ]
    if deal.agency_id is not None:
        lines.append(credit(agency_pending(deal.agency_id, currency), split.agency_receives))
    post("deal.settled", f"deal:{deal.id}:settled", lines, f"deal:{deal.id}")


def _record(deal: Deal, policy_version: int, split: Split) -> Settlement:
    now = clock.now()
    settlement = Settlement(
        deal_id=deal.id,
        creator_id=deal.creator_id,
        currency=split.creator_keeps.currency,
        creator_amount=split.creator_keeps.amount,
        agency_id=deal.agency_id,
        agency_amount=split.agency_receives.amount,
        creator_fee_amount=split.creator_fee.amount,
        brand_fee_amount=split.brand_fee.amount,
        refund_amount=split.refund.amount,
        quote=deal.quote,
        policy_version=policy_version,
        settled_at=now,
        available_at=now + timedelta(days=settings().earnings_hold_days),
    )
    db.session.add(settlement)
    db.session.flush()
    if split.creator_fee:
        defer("documents.issue_fee_invoice", settlement_id=settlement.id)
    if settlement.available_at <= now:
        _release([settlement])
    return settlement


def release_earnings(after: tuple[datetime, int] = _FIRST, limit: int = 500) -> tuple[datetime, int] | None:
    """Make the next earnings whose hold is over available; returns where to go on after, None where none is left.

    Repeating it, or two at once, releases each once. One that the books refuse is logged and left as it was, and holds
    up no other: whoever goes on goes on after it.
    """
    since, settlement_id = after
    due = db.session.scalars(
        select(Settlement)
        .where(Settlement.released_at.is_(None), Settlement.available_at.between(since, clock.now()))
        .where(or_(Settlement.available_at > since, Settlement.id > settlement_id))
        .order_by(Settlement.available_at, Settlement.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return None
    last = due[-1].available_at, due[-1].id
    try:
        with db.session.begin_nested():
            _release(due)
    except _REFUSALS:
        for settlement in due:
            _release_alone(settlement)
    return last


def _release_alone(settlement: Settlement) -> None:
    settlement_id = settlement.id
    try:
        with db.session.begin_nested():
            _release([settlement])
    except _REFUSALS:
        logger.exception("earnings not released", settlement_id=settlement_id)


def _release(settlements: Sequence[Settlement]) -> None:
    """In one statement, which locks the accounts in one order: two workers never wait for each other in a circle,
    though an agency's account may be in the batches of both."""
    for settlement in settlements:
        settlement.released_at = clock.now()
    db.session.flush()
    post_many([posting for settlement in settlements if (posting := _released(settlement)) is not None])
    earned = [settlement.id for settlement in settlements if settlement.receives or settlement.agency_amount]
    if earned:
        # Who prepares transfers knows whose plan sends anything now.
        defer("payouts.transfer_released", settlement_ids=earned)


def _released(settlement: Settlement) -> Posting | None:
    """The creator's and the agency's part leave their holds together; None where nobody received anything."""
    currency, lines = settlement.currency, list[Line]()
    if settlement.receives:
        lines.append(debit(creator_pending(settlement.creator_id, currency), settlement.receives))
        lines.append(credit(creator_available(settlement.creator_id, currency), settlement.receives))
    if settlement.agency_id is not None and settlement.agency_amount:
        lines.append(debit(agency_pending(settlement.agency_id, currency), settlement.agency_receives))
        lines.append(credit(agency_available(settlement.agency_id, currency), settlement.agency_receives))
    key = f"settlement:{settlement.id}:released"
    return Posting("earning.released", key, tuple(lines), f"deal:{settlement.deal_id}") if lines else None
