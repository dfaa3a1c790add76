"""The verbs of disputes: open, say, withdraw, rule. While one is open the deal's money and clocks stand still."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.policy import may_write, require, side_of
from marketplace.deals.queries import get_deal
from marketplace.disputes.models import Dispute, DisputeReason, DisputeStatus, Statement
from marketplace.disputes.queries import get_dispute, proposal_to
from marketplace.escrow.fund import frozen_quote
from marketplace.escrow.settle import settle_dispute
from marketplace.infra.db import db
from marketplace.infra.storage import store_file
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class Claim:
    """What a side says: in words, how much of the price it would have the creator get, and a file, if any."""

    body: str
    creator_part: Money | None = None
    upload: Upload | None = None


def open_dispute(actor: Actor, deal_id: int, reason: DisputeReason, claim: Claim) -> Dispute:
    """Freeze a funded deal until a ruling.

    Raises:
        NotFound, NotAllowed, Conflict: as always; Conflict also when the deal isn't funded or is disputed already.
        Invalid: the part is above the price.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.OPEN_DISPUTE, deal)
    _check_part(deal, claim.creator_part)
    move_deal(deal, Action.OPEN_DISPUTE, actor, side, why=claim.body, details={"reason": reason.value})
    dispute = Dispute(
        deal_id=deal.id,
        opened_by=side,
        user_id=actor.user_id,
        reason=reason,
        status=DisputeStatus.OPEN,
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.flush()
    _say(dispute, actor, side, claim)
    return dispute


def add_statement(actor: Actor, dispute_id: int, claim: Claim) -> Statement:
    """Say something in an open dispute.

    Raises:
        NotFound, NotAllowed: it isn't the actor's to say.
        Conflict: the dispute is over.
        Invalid: the part is above the price, or proposed for a company by somebody who may not manage it.
    """
    dispute, deal = _locked(actor, dispute_id)
    side = side_of(actor, deal)
    if side is None or not (side is DealSide.ADMIN or may_write(actor, deal)):
        raise NotAllowed
    if side is DealSide.BRAND and claim.creator_part is not None and not actor.may_manage_brand:
        # The creator may take a proposal at once: it disposes of the company's money.
        raise Invalid(_l("Only owners and managers of the company may do this."), field="creator_part")
    _check_part(deal, claim.creator_part)
    return _say(dispute, actor, side, claim)


def withdraw_dispute(actor: Actor, dispute_id: int) -> Dispute:
    """The side that opened it takes it back: the deal goes on where it stood, with the time it had left.

    Raises:
        NotFound, NotAllowed: the actor's side didn't open it.
        Conflict: the dispute is over.
    """
    dispute, deal = _locked(actor, dispute_id)
    side = require(actor, Action.WITHDRAW_DISPUTE, deal)
    if side is not dispute.opened_by:
        raise NotAllowed(_l("Only the side that opened a dispute can withdraw it."))
    move_deal(deal, Action.WITHDRAW_DISPUTE, actor, side)
    dispute.status, dispute.closed_at = DisputeStatus.WITHDRAWN, clock.now()
    return dispute


def agree(actor: Actor, dispute_id: int, statement_id: int) -> Dispute:
    """Take the split that the other side proposed: the dispute ends and the money follows, without a ruling.

    Raises:
        NotFound: the statement isn't one of this dispute that proposes a split.
        NotAllowed: it is the actor's own side's, or isn't the actor's to answer.
        Conflict: the dispute is over, or the other side has proposed something else since.
    """
    dispute, deal = _locked(actor, dispute_id)
    proposal = proposal_to(dispute, side_of(actor, deal))
    if proposal is None or proposal.wants_amount is None or actor.is_admin:
        raise NotAllowed
    if proposal.id != statement_id:
        raise Conflict(_l("The other side has proposed something else meanwhile. Read it first; nothing was changed."))
    part = Money(proposal.wants_amount, frozen_quote(deal).price.currency)
    settle_dispute(actor, deal, part, "")
    dispute.status, dispute.closed_at = DisputeStatus.AGREED, clock.now()
    dispute.creator_part_amount = part.amount
    return dispute


def rule(actor: Actor, dispute_id: int, creator_part: Money, reasons: str) -> Dispute:
    """An administrator decides: `creator_part` of the price goes the creator's way, the rest back to the brand.

    Raises:
        NotAllowed: the actor is no administrator, or stands on one of the sides.
        Conflict: the dispute is over.
        Invalid: the part is above the price, or no reasons are given.
    """
    dispute, deal = _locked(actor, dispute_id)
    if not actor.is_admin or deal.creator_id == actor.creator_id or deal.brand_id == actor.brand_id:
        raise NotAllowed(_l("Only an administrator without ties to either side can rule."))
    if not reasons.strip():
        raise Invalid(_l("Say why: both sides read it."), field="reasons")
    settle_dispute(actor, deal, creator_part, reasons)
    now = clock.now()
    dispute.status, dispute.closed_at, dispute.ruled_at = DisputeStatus.RULED, now, now
    dispute.ruled_by, dispute.creator_part_amount, dispute.ruling_reasons = actor.user_id, creator_part.amount, reasons
    return dispute


def end_by_chargeback(deal_id: int) -> Dispute | None:
    """The deal has ended as the payer's bank kept its money: what the sides disagreed on is gone. None where nothing
    was open."""
    deal = db.session.scalars(select(Deal).where(Deal.id == deal_id).with_for_update()).one()
    query = select(Dispute).where(Dispute.deal_id == deal_id, Dispute.status == DisputeStatus.OPEN)
    dispute = db.session.scalars(query.with_for_update()).first()
    if dispute is None or deal.state is not State.REFUNDED:
        return None
    dispute.status, dispute.closed_at = DisputeStatus.CHARGEBACK, clock.now()
    return dispute


def _locked(actor: Actor, dispute_id: int) -> tuple[Dispute, Deal]:
    """The open dispute and its deal, locked in the order that every verb locks them: the deal first."""
    deal = get_deal(actor, get_dispute(actor, dispute_id).deal_id, lock=True)
    query = select(Dispute).where(Dispute.id == dispute_id).with_for_update()
    dispute = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if dispute.status is DisputeStatus.OPEN and deal.state is State.FROZEN:
        raise Conflict(
            _l(
                "The payer’s bank has taken the payment back: nothing can be decided before the bank has. "
                "Nothing was changed."
            )
        )
    if dispute.status is not DisputeStatus.OPEN or deal.state is not State.DISPUTED:
        raise Conflict(_l("This dispute is over. Nothing was changed."))
    return dispute, deal


def _check_part(deal: Deal, part: Money | None) -> None:
    price = frozen_quote(deal).price
    if part is not None and (part.currency != price.currency or part > price):
        raise Invalid(_l("It can’t be more than the price."), field="creator_part")


def _say(dispute: Dispute, actor: Actor, side: DealSide, claim: Claim) -> Statement:
    stored = store_file(*claim.upload) if claim.upload is not None else None
    statement = Statement(
        dispute_id=dispute.id,
        side=side,
        user_id=actor.user_id,
        author_name=actor.signature,
        body=claim.body,
        wants_amount=claim.creator_part.amount if claim.creator_part is not None else None,
        file_id=stored.id if stored is not None else None,
        at=clock.now(),
    )
    db.session.add(statement)
    db.session.flush()
    return statement
