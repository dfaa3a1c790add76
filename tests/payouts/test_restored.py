"""What earnings had paid of a debt that is none any more: looked up once, by its job or by the sweeper after it."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask

from marketplace.console.stuck import count_stuck
from marketplace.escrow.jobs import notice_unplaced_job
from marketplace.escrow.unplaced import unplaced_money
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import take_waiting
from marketplace.kit import clock
from marketplace.ledger.accounts import chargebacks, creator_owes, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts.jobs import sweep
from marketplace.payouts.models import TransferState
from tests.escrow.visiting import console
from tests.support.bank import Bank, owed, told
from tests.support.market import CreatorSide, make_admin, make_creator
from tests.support.money import assert_books_balance, held
from tests.support.payouts import RunJobs, available_deal, onboarded, transfers_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
AMOUNT = 11_300_00


@pytest.fixture
def creator() -> CreatorSide:
    with transaction():
        made = make_creator()
    onboarded(made)
    return made


def given_up() -> set[str]:
    """All that waits has failed too often."""
    with transaction():
        return _names(take_waiting())


def _names(jobs: Iterable[tuple[str, object]]) -> set[str]:
    return {name for name, _arguments in jobs}


def test_the_sweeper_returns_what_a_job_that_was_given_up_has_left(
    sandbox: Sandbox, creator: CreatorSide, run_jobs: RunJobs
) -> None:
    parties, bank = available_deal(creator=creator), Bank(sandbox)
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    run_jobs()
    assert (owed(parties), transfers_of(creator)) == (0, [])
    bank.advance(dispute_id, "won")
    assert "payouts.return_recovered" in given_up()
    sweep()
    run_jobs()
    assert [(one.state, one.amount) for one in transfers_of(creator)] == [(TransferState.PAID, AMOUNT)]
    sweep()
    assert "payouts.return_recovered" not in given_up()
    assert_books_balance()


def test_what_no_earning_had_paid_is_looked_up_once_and_waits_for_an_entry_by_hand(
    app: Flask, sandbox: Sandbox, creator: CreatorSide, run_jobs: RunJobs
) -> None:
    parties, bank, debt = available_deal(creator=creator), Bank(sandbox), creator_owes(creator.id, "CNY")
    run_jobs()
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "lost")
    with transaction():
        written_off = [debit(chargebacks("CNY"), AMOUNT), credit(debt, AMOUNT)]
        post("manual.entry", "manual:1", written_off, debt.owner)
    bank.advance(dispute_id, "won")
    run_jobs()
    assert held(suspense("CNY", debt.owner)) == AMOUNT
    sweep()
    assert "payouts.return_recovered" not in given_up()
    assert_books_balance()
    with transaction():
        assert [(one.account.owner, one.held) for one in unplaced_money()] == [(debt.owner, AMOUNT)]
        assert db.session.scalar(count_stuck()) == 1
        admin = make_admin()
    page = console(app, admin).get("/console/refunds").text
    assert f"owner={debt.owner}" in unquote(page), "the form of an entry that places it"
    with clock.at(clock.now() + timedelta(hours=2)):
        for _ in range(2):
            notice_unplaced_job()
        run_jobs()
    assert told(admin.user_id or 0).count("unplaced.money") == 1
