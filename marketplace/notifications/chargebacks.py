"""What is told of chargebacks: to administrators what a bank did and by when to answer, to those whose money it is.

Of a deal that was at work its own events tell.
"""

from sqlalchemy import func, select

from marketplace.brands.models import Brand
from marketplace.chargebacks.models import Chargeback, ChargebackPart, PartState, Stage
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout, Payment, PaymentState
from marketplace.escrow.queries import settlement_of
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.notifications.recipients import (
    Recipient,
    administrators,
    agency_people,
    brand_people,
    creator_themselves,
)
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, moment_detail, money_detail

_ENDS = {Stage.WON: "won", Stage.LOST: "lost", Stage.PREVENTED: "lost", Stage.WARNING_CLOSED: "over"}
_ASKS = (Stage.WARNING_NEEDS_RESPONSE, Stage.WARNING_UNDER_REVIEW)
_WAITS = (Stage.WARNING_NEEDS_RESPONSE, Stage.NEEDS_RESPONSE)
# What a settled deal's people hear, by what became of its part.
_TOLD = {PartState.HELD: "held", PartState.BORNE: "owed", PartState.REINSTATED: "returned"}
# They may have heard before that the bank had given it back.
_TOLD_AGAIN = {"held": "held_again", "owed": "owed_again"}


def tell_of_chargeback(chargeback_id: int, what: str) -> None:
    """`what` is opened, again, as a bank has taken money before by the same dispute, escalated, withdrawn, closed,
    changed, as a bank gives back what it had kept, or due_3, due_1 and overdue, which are days of the evidence; or
    refused_ and a number: what was to be handed in was not taken."""
    chargeback = db.session.get_one(Chargeback, chargeback_id)
    _tell_administrators(chargeback, what)
    if what in ("withdrawn", "closed", "changed"):
        parts = select(ChargebackPart).where(ChargebackPart.chargeback_id == chargeback_id)
        for part in db.session.scalars(parts.order_by(ChargebackPart.deal_id)):
            _tell_of_part(part, again=chargeback.round > 1)


def _tell_administrators(chargeback: Chargeback, what: str) -> None:
    kind = _kind(chargeback, what)
    if kind is None:
        return
    brand = db.session.get_one(Brand, db.session.get_one(Checkout, chargeback.checkout_id).brand_id)
    amount = _given_back(chargeback) if what == "changed" else chargeback.total
    details: dict[str, Detail] = {"amount": money_detail(amount), "company": brand.name}
    if chargeback.evidence_due_at is not None:
        details["deadline"] = moment_detail(chargeback.evidence_due_at)
    elif kind in ("taken", "asked", "due", "overdue"):
        return
    news = News(f"chargeback:{chargeback.id}:{what}", "money", {"chargeback_id": chargeback.id}, details)
    for to in administrators():
        tell(to, f"chargeback.{kind}.admin", news)


def _given_back(chargeback: Chargeback) -> Money:
    total = func.sum(ChargebackPart.given_back_amount)
    found = db.session.scalar(select(total).where(ChargebackPart.chargeback_id == chargeback.id))
    # Of money that belonged to no deal there are no parts.
    return Money(int(found), chargeback.currency) if found is not None else chargeback.total


def _kind(chargeback: Chargeback, what: str) -> str | None:
    """None where it has moved on meanwhile, or the sides alone are told."""
    if what in ("changed", "again"):
        return what
    if what == "closed":
        return _ENDS.get(chargeback.stage)
    if chargeback.stage not in _WAITS or chargeback.submitted_at is not None or what == "withdrawn":
        return None
    if what in ("due_3", "due_1") or what.startswith("refused_"):
        return "due"
    if what == "overdue":
        return "overdue"
    return "asked" if chargeback.stage in _ASKS else "taken"


def _tell_of_part(part: ChargebackPart, *, again: bool) -> None:
    deal, settlement = db.session.get_one(Deal, part.deal_id), settlement_of(part.deal_id)
    what = _TOLD.get(part.state)
    if part.from_escrow or settlement is None or what is None:
        return
    what = _TOLD_AGAIN.get(what, what) if again else what
    _tell(deal, part, what, "brand", brand_people(deal.brand_id, money=True), amount=part.amount)
    if db.session.get_one(Payment, part.payment_id).state is not PaymentState.SUCCEEDED:
        return
    owes = part.state is PartState.BORNE
    if settlement.creator_amount and (part.creator_amount or not owes):
        _tell(deal, part, what, "creator", creator_themselves(deal.creator_id), amount=part.creator_amount)
    if settlement.agency_id is not None and settlement.agency_amount and (part.agency_amount or not owes):
        people = agency_people(settlement.agency_id, owners=True)
        _tell(deal, part, what, "agency", people, amount=part.agency_amount)


def _tell(deal: Deal, part: ChargebackPart, what: str, whom: str, people: list[Recipient], *, amount: int) -> None:
    details: dict[str, Detail] = {
        "title": deal.title,
        "deal": deal.reference,
        "amount": money_detail(Money(amount, part.currency)),
    }
    cause = f"chargeback:{part.chargeback_id}:{deal.id}:{what}"
    values = {"deal_id": deal.id} if whom == "brand" else {}
    for to in people:
        tell(to, f"chargeback.{what}.{whom}", News(cause, "money", values, details))
