"""Two at once on one chargeback or one debt, on connections of their own: one effect, and the books balance."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.chargebacks.models import Chargeback, Recovery
from marketplace.chargebacks.service import read_chargeback
from marketplace.deals.lifecycle import State
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import chargeback_held, creator_available, creator_owes
from marketplace.payouts.models import Transfer, TransferState
from marketplace.payouts.transfer import transfer_earnings
from tests.support.bank import Bank
from tests.support.money import accept, assert_books_balance, completed_deal, funded_deal, held, publish, state_of
from tests.support.payouts import LATER, onboarded
from tests.support.races import at_once
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def count(table: type[Chargeback]) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def settlement_of(deal_id: int) -> int:
    found = db.session.scalars(select(Settlement.id).where(Settlement.deal_id == deal_id)).one()
    db.session.rollback()
    return found


def test_two_workers_reading_of_one_chargeback_book_it_once(app: Flask, sandbox: Sandbox) -> None:
    parties, silent = funded_deal(), Bank(sandbox, told=False)
    dispute_id = silent.dispute(parties.deal_id)
    at_once(app, *[lambda: read_chargeback(dispute_id)] * 3)
    assert count(Chargeback) == 1
    assert state_of(parties.deal_id) is State.FROZEN
    assert_books_balance()
    silent.advance(dispute_id, "won")
    at_once(app, *[lambda: read_chargeback(dispute_id)] * 3)
    assert state_of(parties.deal_id) is State.PRODUCTION
    silent.advance(dispute_id, "lost")
    at_once(app, *[lambda: read_chargeback(dispute_id)] * 3)
    assert count(Chargeback) == 2, "one for each time that the bank took it"
    assert state_of(parties.deal_id) is State.REFUNDED
    assert_books_balance()


def test_accepting_work_while_its_payment_is_taken_back_ends_one_way_or_the_other(app: Flask, sandbox: Sandbox) -> None:
    parties, silent = funded_deal(), Bank(sandbox, told=False)
    publish(parties)
    dispute_id = silent.dispute(parties.deal_id)
    at_once(app, lambda: accept(parties.brand.actor, parties.deal_id), lambda: read_chargeback(dispute_id))
    settled = state_of(parties.deal_id) is State.COMPLETED
    assert held(chargeback_held(parties.deal_id, "CNY")) == (12_600_00 if settled else 0)
    assert_books_balance()
    silent.advance(dispute_id, "lost")
    read_chargeback(dispute_id)
    assert held(creator_owes(parties.creator.id, "CNY")) == (11_300_00 if settled else 0)
    assert_books_balance()


def test_an_earning_is_sent_or_withheld_when_both_come_at_once(app: Flask, sandbox: Sandbox) -> None:
    parties, silent = completed_deal(), Bank(sandbox, told=False)
    onboarded(parties.creator)
    settlement_id = settlement_of(parties.deal_id)
    dispute_id = silent.dispute(parties.deal_id)
    with clock.at(clock.now() + LATER):
        release_earnings_job()
        moment = clock.now() + timedelta(hours=7)

    def send() -> None:
        with clock.at(moment):
            transfer_earnings(settlement_id)

    at_once(app, send, lambda: read_chargeback(dispute_id))
    # Stripe may have refused it, as the bank was faster there: then it is withheld here.
    sent = db.session.scalar(select(func.count()).where(Transfer.state == TransferState.PAID))
    db.session.rollback()
    assert held(creator_available(parties.creator.id, "CNY")) == (0 if sent else 11_300_00)
    assert_books_balance()
    silent.advance(dispute_id, "lost")
    read_chargeback(dispute_id)
    with clock.at(moment + timedelta(hours=7)):
        transfer_earnings(settlement_id)
    assert held(creator_owes(parties.creator.id, "CNY")) == (11_300_00 if sent else 0)
    assert held(creator_available(parties.creator.id, "CNY")) == 0
    assert_books_balance()


def test_two_earnings_sent_at_once_pay_one_debt_once(app: Flask, sandbox: Sandbox) -> None:
    first = completed_deal()
    others = [completed_deal(9_000_00, creator=first.creator), completed_deal(9_000_00, creator=first.creator)]
    bank = Bank(sandbox)
    bank.advance(bank.dispute(first.deal_id), "lost")
    owed = held(creator_owes(first.creator.id, "CNY"))
    settlements = [settlement_of(parties.deal_id) for parties in (first, *others)]
    onboarded(first.creator)
    with clock.at(clock.now() + LATER):
        release_earnings_job()
        moment = clock.now()

    def send(settlement_id: int) -> None:
        with clock.at(moment):
            transfer_earnings(settlement_id)

    at_once(app, *[lambda one=one: send(one) for one in settlements])
    recovered = db.session.scalar(select(func.sum(Recovery.amount)))
    db.session.rollback()
    assert recovered == owed
    assert held(creator_owes(first.creator.id, "CNY")) == 0
    assert held(creator_available(first.creator.id, "CNY")) == 0
    assert_books_balance()
