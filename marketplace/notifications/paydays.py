"""What is told of a payday: to its payees what was sent to them, to administrators that not all of it could be."""

from collections.abc import Sequence
from typing import TypedDict

from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.notifications.recipients import administrators, agency_people, creator_themselves
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import count_detail, money_detail
from marketplace.payouts.models import Payday
from marketplace.payouts.payday_due import Verdict
from marketplace.payouts.payday_report import count, failed, left_alone, unanswered


class PaidOut(TypedDict):
    """What one payee was sent in one currency, in minor units; just one of the two ids."""

    cause: str
    creator_id: int | None
    agency_id: int | None
    amount: int
    currency: str


def tell_payees(payees: Sequence[PaidOut]) -> None:
    for paid in payees:
        news = News(paid["cause"], "money", {}, {"amount": money_detail(Money(paid["amount"], paid["currency"]))})
        if paid["agency_id"] is not None:
            for to in agency_people(paid["agency_id"], owners=True):
                tell(to, "money.agency_paid", news)
        elif paid["creator_id"] is not None:
            for to in creator_themselves(paid["creator_id"]):
                tell(to, "money.paid", news)


def tell_of_failures(payday_id: int) -> None:
    """What Stripe didn't make, and apart from it what the books refused."""
    run = db.session.get_one(Payday, payday_id)
    not_made, refused = count(failed(run)) + count(unanswered(run)), count(left_alone(run, Verdict.REFUSED))
    for kind, number in (("payday.failed", not_made), ("payday.left_out", refused)):
        news = News(f"{kind}:{payday_id}", "books", {"payday_id": payday_id}, {"number": count_detail(number)})
        for to in administrators() if number else ():
            tell(to, kind, news)
