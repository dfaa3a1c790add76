"""Payees with earnings that wait for a payday: paid through the sandbox, and with an account that takes them."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select

from marketplace.accounts.actor import SYSTEM
from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.settle import accept_work
from marketplace.infra.db import db, transaction
from marketplace.payouts.models import Payday, Schedule, Transfer, TransferState
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.payday import start_payday
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import set_plan
from marketplace.payouts.queries import account_for
from marketplace.stripe_sandbox import guest
from tests.support.agencies import AgencySide
from tests.support.deals import DealSides, advance, make_deal
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator


def weekly_creator(*, connected: bool = True) -> CreatorSide:
    """Paid on payday, whatever the marketplace's own plan is."""
    with transaction():
        creator = make_creator()
        set_plan(creator.actor, Schedule.WEEKLY, {})
    if connected:
        connect(Payee(creator_id=creator.id), creator)
    return creator


def connect(payee: Payee, side: CreatorSide | AgencySide) -> None:
    guest.onboard(start_onboarding(side.actor))
    account = account_for(payee)
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)


def earn(creators: Sequence[CreatorSide], price: int = 1_000_00, brand: BrandSide | None = None) -> list[DealSides]:
    """One deal for each of them, of `price` minor units, all paid at once, accepted, and still on hold."""
    with transaction():
        brand = brand or make_brand()
        deals = [make_deal(creator, brand, price=price, state=State.FUNDING) for creator in creators]
    guest.pay(fund_deals(brand.actor, [sides.id for sides in deals], "en"))
    payment = newest_payment(deals[0].id)
    assert payment is not None
    confirm_checkout(str(payment.checkout_id))
    for sides in deals:
        with transaction():
            advance(sides, State.ACCEPTANCE)
            accept_work(brand.actor, sides.id)
    return deals


def release() -> None:
    """At the present moment of the clock."""
    release_earnings_job()


def begin() -> int:
    with transaction():
        return start_payday(SYSTEM).id


def the_payday() -> Payday:
    db.session.expire_all()
    run = db.session.scalars(select(Payday)).one()
    db.session.rollback()
    return run


def states() -> Counter[TransferState]:
    """How many transfers stand how."""
    found = Counter(db.session.scalars(select(Transfer.state)))
    db.session.rollback()
    return found


def assert_nobody_is_paid_twice() -> None:
    """Each settlement has one live transfer to each payee at most, of just their part."""
    live = Transfer.state != TransferState.FAILED
    query = (
        select(Settlement.id, Transfer.agency_id, func.count())
        .join(Transfer, (Transfer.settlement_id == Settlement.id) & live)
        .group_by(Settlement.id, Transfer.agency_id)
        .having(func.count() > 1)
    )
    assert db.session.execute(query).all() == []
    wrong = select(Transfer.id).join(Settlement, Settlement.id == Transfer.settlement_id)
    wrong = wrong.where(live, Transfer.creator_id.is_not(None), Transfer.amount != Settlement.creator_amount)
    assert db.session.scalars(wrong).all() == []
    db.session.rollback()
