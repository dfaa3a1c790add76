"""What is told of money that moved: a transfer, a refund, an account that can be paid to."""

import uuid

from marketplace.brands.models import Brand
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout
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
from marketplace.notifications.told import Detail, count_detail, money_detail


def tell_of_money(
    kind: str,
    deal_id: int | None,
    creator_id: int | None,
    amount: int | None,
    currency: str | None,
    *,
    agency_id: int | None = None,
    about: str = "",
) -> None:
    """`amount` in minor units of `currency`; an account that became ready has neither, nor a deal. `about` tells two of
    the same amount apart, such as two refunds of one deal."""
    deal = db.session.get(Deal, deal_id) if deal_id is not None else None
    details: dict[str, Detail] = {}
    if deal is not None:
        details |= {"title": deal.title, "deal": deal.reference}
    if amount is not None and currency is not None:
        details["amount"] = money_detail(Money(amount, currency))
    payee = f"agency-{agency_id}" if agency_id is not None else creator_id or ""
    cause = f"money:{kind}:{deal_id or ''}:{payee}:{amount or ''}{about and f':{about}'}"
    name = f"money.agency_{kind}" if agency_id is not None else f"money.{kind}"
    for to in _people(kind, deal, creator_id, agency_id):
        tell(to, name, News(cause, "money", {}, details))
    if kind == "refund_failed":
        for to in administrators():
            tell(to, "refund.failed", News(cause, "money", {}, details))


def tell_of_held(checkout_id: uuid.UUID, arrived: Money) -> None:
    """To administrators, that a payment arrived in another amount or currency than asked and is held apart."""
    checkout = db.session.get_one(Checkout, checkout_id)
    details: dict[str, Detail] = {
        "company": db.session.get_one(Brand, checkout.brand_id).name,
        "price": money_detail(checkout.total),
        "amount": money_detail(arrived),
    }
    for to in administrators():
        tell(to, "payment.held", News(f"checkout:{checkout_id}:held", "money", {}, details))


def tell_of_unanswered(number: int, day: str) -> None:
    """To administrators, of refunds and transfers without an answer; again each day for as long as it lasts."""
    for to in administrators():
        tell(to, "unanswered.day", News(f"unanswered:{day}", "money", {}, {"number": count_detail(number)}))


def tell_of_unplaced(account_id: int, held: Money) -> None:
    """To administrators, that money waits for an entry by hand; once of each amount that an account holds."""
    news = News(f"unplaced:{account_id}:{held.amount}", "money", {}, {"amount": money_detail(held)})
    for to in administrators():
        tell(to, "unplaced.money", news)


def _people(kind: str, deal: Deal | None, creator_id: int | None, agency_id: int | None) -> list[Recipient]:
    if kind in ("refunded", "refund_failed"):
        return brand_people(deal.brand_id, money=True) if deal is not None else []
    if agency_id is not None:
        return agency_people(agency_id, owners=True)
    return creator_themselves(creator_id) if creator_id is not None else []
