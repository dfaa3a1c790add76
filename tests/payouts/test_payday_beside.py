"""A payday beside all else that moves the money of the same payee: on connections of their own, each stopped at the
worst moment. Nobody waits for another in a circle, and everything counts once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from marketplace.chargebacks.models import Recovery
from marketplace.chargebacks.service import read_chargeback
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargebacks, creator_available, creator_owes, transfer_in_transit
from marketplace.ledger.models import LedgerAccount
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.models import Schedule, TransferState
from marketplace.payouts.payday_preparing import prepare_next
from marketplace.payouts.payee import Payee
from marketplace.payouts.reversal import read_reversals
from marketplace.payouts.transfer import pay_due
from tests.support.bank import Bank
from tests.support.market import CreatorSide, make_creator
from tests.support.money import assert_books_balance, completed_deal, held
from tests.support.paydays import begin
from tests.support.payouts import available_deal, choose, onboarded, transfers_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
DEBT, BACK = 400_00, 1_000_00
_PATIENCE = 20


@contextmanager
def nobody_passes(app: Flask, creator: CreatorSide) -> Iterator[Callable[[int], None]]:
    """The creator's available money stands still; gives what waits until so many wait for a lock."""
    available = (LedgerAccount.owner == f"creator:{creator.id}", LedgerAccount.kind == "creator_available")
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with app.app_context(), db.engine.connect() as gate, db.engine.connect() as looking:
        gate.execute(select(LedgerAccount.id).where(*available).with_for_update())

        def until(number: int) -> None:
            ends = time.monotonic() + _PATIENCE
            while looking.scalar(waiting) < number:
                assert time.monotonic() < ends, f"{number} don't wait"
                looking.rollback()
                time.sleep(0.01)

        yield until
        gate.rollback()


def earlier(creator: CreatorSide) -> tuple[int, str]:
    """A deal whose earning was sent, and Stripe's id of the transfer."""
    parties = available_deal(creator=creator)
    pay_due(Payee(creator_id=creator.id))
    (sent,) = transfers_of(creator)
    assert sent.stripe_transfer_id is not None
    return parties.deal_id, sent.stripe_transfer_id


def owe(creator: CreatorSide) -> None:
    """An older debt, so that the payday takes it first."""
    with transaction():
        lines = [debit(creator_owes(creator.id, "CNY"), DEBT), credit(chargebacks("CNY"), DEBT)]
        post("manual.entry", "manual:debt", lines, f"creator:{creator.id}")


def on_hold(creator: CreatorSide) -> None:
    """An earning whose hold is over, and which nobody has released."""
    parties = completed_deal(creator=creator)
    with transaction():
        settlement = db.session.scalars(select(Settlement).where(Settlement.deal_id == parties.deal_id)).one()
        settlement.available_at = clock.now() - timedelta(minutes=1)


def test_a_payday_and_all_that_moves_its_payees_money_end_whatever_waits_for_what(app: Flask, sandbox: Sandbox) -> None:
    with transaction():
        creator = make_creator()
    onboarded(creator)
    deal_id, stripe_id = earlier(creator)
    choose(creator, Schedule.WEEKLY)
    available_deal(creator=creator)
    on_hold(creator)
    owe(creator)
    bank = Bank(sandbox, told=False)
    dispute_id = bank.dispute(deal_id)
    read_chargeback(dispute_id)
    bank.advance(dispute_id, "lost")
    sandbox.stripe.v1.transfers.reversals.create(stripe_id, {"amount": BACK})
    run_id = begin()

    def prepare() -> None:
        with transaction():
            prepare_next(run_id)

    def lose() -> None:
        read_chargeback(dispute_id)

    def take_back() -> None:
        read_reversals(stripe_id)

    def inside(act: Callable[[], None]) -> None:
        with app.app_context():
            act()

    acts = (prepare, take_back, lose, release_earnings_job)
    with ThreadPoolExecutor(len(acts)) as pool:
        with nobody_passes(app, creator) as until:
            running = []
            for number, act in enumerate(acts, 1):
                running.append(pool.submit(inside, act))
                until(min(number, 2))
        for one in running:
            one.result()
    assert_each_counts_once(creator)


def assert_each_counts_once(creator: CreatorSide) -> None:
    first, second, third = db.session.scalars(select(Settlement.creator_amount).order_by(Settlement.id)).all()
    recovered = int(db.session.scalar(select(func.sum(Recovery.amount))) or 0)
    db.session.rollback()
    sent, prepared = transfers_of(creator)
    assert (sent.amount, sent.reversed_amount, sent.held_back) == (first, BACK, Money(BACK))
    assert (prepared.state, prepared.amount) == (TransferState.PREPARED, second - recovered)
    assert held(transfer_in_transit(creator.id, "CNY")) == second - recovered
    assert held(creator_owes(creator.id, "CNY")) == DEBT + first - recovered
    assert held(creator_available(creator.id, "CNY")) == BACK + third
    assert_books_balance()
