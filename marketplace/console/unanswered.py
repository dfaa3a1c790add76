"""Reads of the money that Stripe has given no answer about for a day: refunds, transfers, and what is taken back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import Uuid, func, literal, null, select, union_all

from marketplace.agencies.models import Agency
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Refund, Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.payouts.models import Transfer, TransferReversal
from marketplace.payouts.unanswered import is_unanswered

MOST = 100


class Movement(StrEnum):
    REFUND = "refund"
    TRANSFER = "transfer"
    REVERSAL = "reversal"


register(
    Movement,
    {
        Movement.REFUND: _l("Refund"),
        Movement.TRANSFER: _l("Transfer"),
        Movement.REVERSAL: _l("Taken back"),
    },
)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`name` is whose money it is; `transfer_id` the transfer that is made or taken back, None for a refund."""

    what: Movement
    deal: Deal
    name: str
    since: datetime
    amount: Money
    transfer_id: uuid.UUID | None


def unanswered_money() -> Sequence[Unanswered]:
    """The oldest first, in one query."""
    refunds = (
        select(
            literal(Movement.REFUND.value).label("what"),
            Refund.created_at.label("since"),
            Refund.amount.label("amount"),
            Refund.currency.label("currency"),
            null().cast(Uuid).label("transfer_id"),
            Refund.deal_id.label("deal_id"),
            Brand.name.label("name"),
        )
        .join(Deal, Deal.id == Refund.deal_id)
        .join(Brand, Brand.id == Deal.brand_id)
        .where(is_unanswered(Refund))
    )
    both = ((Movement.TRANSFER, Transfer), (Movement.REVERSAL, TransferReversal))
    transfers = [
        select(
            literal(what.value),
            table.created_at,
            table.amount,
            table.currency,
            Transfer.id,
            Settlement.deal_id,
            func.coalesce(Creator.name, Agency.name),
        )
        .select_from(Transfer)
        .join(Settlement, Settlement.id == Transfer.settlement_id)
        .outerjoin(Creator, Creator.id == Transfer.creator_id)
        .outerjoin(Agency, Agency.id == Transfer.agency_id)
        .where(is_unanswered(table))
        for what, table in both
    ]
    reversals = transfers[1].join(TransferReversal, TransferReversal.transfer_id == Transfer.id)
    found = union_all(refunds, transfers[0], reversals).subquery()
    query = select(found, Deal).join(Deal, Deal.id == found.c.deal_id).order_by(found.c.since).limit(MOST)
    return [
        Unanswered(Movement(what), deal, name, since, Money(amount, currency), transfer_id)
        for what, since, amount, currency, transfer_id, _deal_id, name, deal in db.session.execute(query)
    ]
