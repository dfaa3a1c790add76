"""What is told of money that can't be held much longer: to the sides of its deal, to administrators, to payees."""

import uuid

from marketplace.deals.lifecycle import FUNDED
from marketplace.deals.models import Deal, DealSide
from marketplace.escrow.holding import ends_at, holding, told_at
from marketplace.escrow.models import HoldingStage, Payment
from marketplace.infra.db import db
from marketplace.notifications.deals import people_of
from marketplace.notifications.recipients import Recipient, administrators, agency_people, creator_themselves
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, moment_detail
from marketplace.payouts.held import payees_of_unsent
from marketplace.payouts.pausing import pause_of
from marketplace.payouts.payee import Payee


def tell_of_holding(payment_id: uuid.UUID, stage: HoldingStage) -> None:
    """Nobody is told where the money has left meanwhile, or the stage was forgotten as the deal stood still."""
    noted = told_at(payment_id, stage)
    if noted is None:
        return
    payment = db.session.get_one(Payment, payment_id)
    deal = db.session.get_one(Deal, payment.deal_id)
    assert payment.finished_at is not None
    deadline = ends_at(payment.finished_at, told_at(payment_id, HoldingStage.LAST_DAYS))
    details: dict[str, Detail] = {
        "title": deal.title,
        "deal": deal.reference,
        "until": moment_detail(payment.finished_at + holding().last_days),
        "deadline": moment_detail(deadline),
    }
    if deal.state in FUNDED:
        key = f"holding:{payment_id}:{stage}:{noted.isoformat()}"
        _tell_sides(deal, stage, News(key, "holding", {"deal_id": deal.id}, details))
        return
    details["deadline"] = moment_detail(payment.finished_at + holding().limit)
    _tell_payees(payment_id, stage, News(f"holding:{payment_id}:{stage}:unsent", "holding", {}, details))


def _tell_sides(deal: Deal, stage: HoldingStage, news: News) -> None:
    """At the limit itself the deal's end is told to its sides; administrators hear that it was reached."""
    for to in administrators():
        tell(to, f"holding.{stage}.admin", news)
    if stage is HoldingStage.REACHED:
        return
    for side in (DealSide.CREATOR, DealSide.BRAND):
        for to in people_of(deal, side, money=True):
            tell(to, f"holding.{stage}.{side}", news)


def _tell_payees(payment_id: uuid.UUID, stage: HoldingStage, news: News) -> None:
    """Who is sent nothing as their payouts are paused was told of that: administrators resume them in time."""
    found: list[tuple[Recipient, str]] = []
    payees = payees_of_unsent(payment_id)
    for creator_id, agency_id in payees:
        if pause_of(Payee(creator_id=creator_id, agency_id=agency_id)) is not None:
            continue
        if creator_id is not None:
            found += [(to, "creator") for to in creator_themselves(creator_id)]
        if agency_id is not None:
            found += [(to, "agency") for to in agency_people(agency_id, owners=True)]
    if payees and stage is HoldingStage.REACHED:
        found += [(to, "admin") for to in administrators()]
    for to, whom in found:
        tell(to, f"holding.unsent_{stage}.{whom}", news)
