"""Two at once on the same money, on connections of their own: one effect, and the books balance."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.escrow.fund import start_funding
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import CheckoutState, Payment
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout, end_checkout
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.ledger.accounts import creator_pending, escrow
from marketplace.payouts.models import Transfer
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.queries import account_of
from marketplace.payouts.transfer import transfer_earnings
from marketplace.stripe_sandbox import guest
from tests.support.market import make_member
from tests.support.money import accept, assert_books_balance, completed_deal, funded_deal, held, publish, signed_deal
from tests.support.money import state_of as state
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Start all acts together, each in a context of its own; what each returned, or its refusal."""
    db.session.rollback()
    start = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes[number] = act()
            except DomainError as refusal:
                outcomes[number] = refusal

    threads = [threading.Thread(target=run, args=found) for found in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def count(table: type[Payment] | type[Transfer]) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def test_two_members_paying_at_once_share_one_checkout(app: Flask) -> None:
    parties = signed_deal()
    with transaction():
        finance = make_member(parties.brand, "finance")
    first, second = at_once(
        app,
        lambda: start_funding(parties.brand.actor, parties.deal_id, "en"),
        lambda: start_funding(finance.actor, parties.deal_id, "zh"),
    )
    assert first == second
    assert count(Payment) == 1


def test_two_workers_confirming_one_payment_book_it_once(app: Flask) -> None:
    parties = signed_deal()
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    checkout_id = str(payment.checkout_id)
    assert at_once(app, *[lambda: confirm_checkout(checkout_id)] * 4) == [None] * 4
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_accepting_twice_at_once_settles_once(app: Flask) -> None:
    parties = funded_deal()
    publish(parties)
    outcomes = at_once(app, *[lambda: accept(parties.brand.actor, parties.deal_id)] * 3)
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 2
    assert held(creator_pending(parties.creator.id, "CNY")) == 11_300_00
    assert_books_balance()


def test_accepting_and_disputing_at_once_leaves_one_of_both(app: Flask) -> None:
    parties = funded_deal()
    publish(parties)

    def dispute() -> None:
        with transaction():
            claim = Claim("The agreed line is missing from the film.")
            open_dispute(parties.creator.actor, parties.deal_id, DisputeReason.OTHER, claim)

    outcomes = at_once(app, lambda: accept(parties.brand.actor, parties.deal_id), dispute)
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
    kept = held(escrow(parties.deal_id, "CNY"))
    assert (state(parties.deal_id), kept) in ((State.COMPLETED, 0), (State.DISPUTED, 12_600_00))
    assert_books_balance()


def test_one_earning_transferred_by_two_workers_is_sent_once(app: Flask, sandbox: Sandbox) -> None:
    parties = completed_deal()
    guest.onboard(start_onboarding(parties.creator.actor))
    account = account_of(parties.creator.id)
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
    at_once(app, *[lambda: transfer_earnings(1)] * 3)
    transfer_earnings(1)
    assert count(Transfer) == 1
    assert len(sandbox.stripe.v1.transfers.list().data) == 1
    assert_books_balance()


def test_a_try_that_breaks_while_another_opens_the_checkout_loses_no_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two members at once on one attempt; for one the provider breaks, and gives the attempt up under the other."""
    parties = signed_deal()
    create = gateway.create_checkout

    def create_while_another_gives_up(order: gateway.CheckoutOrder) -> gateway.CheckoutSession:
        made = create(order)
        with transaction():
            payment = newest_payment(parties.deal_id)
            assert payment is not None
            end_checkout(payment.checkout, CheckoutState.EXPIRED)
        return made

    monkeypatch.setattr(gateway, "create_checkout", create_while_another_gives_up)
    with pytest.raises(DomainError):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert payment.checkout.session_id is not None, "money that arrived by it could never be booked"


def test_a_try_that_breaks_after_another_opened_the_checkout_leaves_it_open(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = signed_deal()
    create = gateway.create_checkout

    def break_after_another_opened(order: gateway.CheckoutOrder) -> gateway.CheckoutSession:
        monkeypatch.setattr(gateway, "create_checkout", create)
        start_funding(parties.brand.actor, parties.deal_id, "en")
        raise gateway.ProviderFault("a gateway before the provider answered 502")

    monkeypatch.setattr(gateway, "create_checkout", break_after_another_opened)
    with pytest.raises(gateway.ProviderFault):
        start_funding(parties.brand.actor, parties.deal_id, "en")
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    assert count(Payment) == 1
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    confirm_checkout(str(payment.checkout_id))
    assert state(parties.deal_id) is State.PRODUCTION
    assert_books_balance()
