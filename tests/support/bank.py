"""The payer's bank, for tests: it disputes what was paid, asks, takes, gives back and keeps."""

from collections.abc import Sequence
from typing import Any

import stripe
from sqlalchemy import select

from marketplace.chargebacks.models import Chargeback, ChargebackPart
from marketplace.chargebacks.service import read_chargeback
from marketplace.escrow.models import Checkout, Payment
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.ledger.accounts import creator_owes
from marketplace.notifications.models import Notification
from tests.support.money import Parties, held
from tests.support.sandbox import Sandbox


def charge_of(deal_id: int) -> str:
    query = select(Checkout.charge_id).join(Payment, Payment.checkout_id == Checkout.id)
    found = db.session.scalars(query.where(Payment.deal_id == deal_id, Checkout.charge_id.is_not(None))).first()
    db.session.rollback()
    assert found is not None
    return found


class Bank:
    """Each act ends with our reading of it, unless told otherwise."""

    def __init__(self, sandbox: Sandbox, *, told: bool = True) -> None:
        self.sandbox, self.told = sandbox, told

    def dispute(self, deal_id: int, **how: Any) -> str:
        """The bank disputes the deal's charge; gives the dispute's id."""
        return self.dispute_charge(charge_of(deal_id), **how)

    def dispute_charge(self, charge_id: str, **how: Any) -> str:
        dispute_id = str(self.sandbox.command("triggers/open_dispute", charge=charge_id, **how)["id"])
        self._tell(dispute_id)
        return dispute_id

    def advance(self, dispute_id: str, step: str, **how: Any) -> None:
        """One of escalate, under_review, won, lost, warning_closed; `amount` of what is won comes back."""
        self.sandbox.command("triggers/advance_dispute", dispute=dispute_id, step=step, **how)
        self._tell(dispute_id)

    def _tell(self, dispute_id: str) -> None:
        if self.told:
            read_chargeback(dispute_id)


def chargebacks_of(dispute_id: str) -> Sequence[Chargeback]:
    """One for each time that the bank took money by the dispute, the newest last."""
    db.session.expire_all()
    query = select(Chargeback).where(Chargeback.stripe_dispute_id == dispute_id)
    return db.session.scalars(query.order_by(Chargeback.round)).all()


def chargeback_of(dispute_id: str) -> Chargeback:
    (found,) = chargebacks_of(dispute_id)
    return found


def parts_of(dispute_id: str, number: int = 1) -> dict[int, ChargebackPart]:
    chargeback = chargebacks_of(dispute_id)[number - 1]
    query = select(ChargebackPart).where(ChargebackPart.chargeback_id == chargeback.id)
    return {part.deal_id: part for part in db.session.scalars(query)}


def owed(parties: Parties) -> int:
    """What the creator owes of lost chargebacks, in minor units."""
    return held(creator_owes(parties.creator.id, "CNY"))


def told(user_id: int) -> list[str]:
    """The kinds of what somebody was told, the newest last."""
    query = select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id)
    kinds = list(db.session.scalars(query))
    db.session.rollback()
    return kinds


CARD_THAT_IS_DISPUTED = "4000000000000259"


def read_dispute_of(deal_id: int) -> int:
    """Read the dispute that a card made for it brought about when it paid; gives our chargeback's id."""
    charge, key = charge_of(deal_id), settings().stripe_secret_key
    assert key is not None
    client = stripe.StripeClient(key.get_secret_value(), base_addresses={"api": str(settings().stripe_api_base)})
    dispute_id = client.v1.disputes.list({"charge": charge}).data[0].id
    read_chargeback(dispute_id)
    found = chargeback_of(dispute_id).id
    db.session.rollback()
    return found
