"""One transfer on its way: its payee leaves the account meanwhile, two workers meet, and answers come late."""

import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from flask import Flask

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import transaction
from marketplace.infra.jobs import take_waiting
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargebacks, creator_available, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.payouts import restored, transfer
from marketplace.payouts.due import RETRY_AFTER, due_parts
from marketplace.payouts.models import TransferState
from marketplace.payouts.onboarding import start_anew
from marketplace.payouts.pausing import pause_payouts, resume_payouts
from marketplace.payouts.payee import Payee, lock_payee
from marketplace.payouts.preparing import prepare_transfers
from marketplace.payouts.transfer import pay_due, send_transfer
from tests.support.bank import Bank, parts_of, told
from tests.support.market import CreatorSide, make_admin, make_creator
from tests.support.money import assert_books_balance, held
from tests.support.payouts import RunJobs, account, available_deal, onboarded, transfers_of
from tests.support.races import at_once
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
AMOUNT = 11_300_00
Create = Callable[[gateway.TransferOrder], gateway.Sent]


@pytest.fixture
def creator() -> CreatorSide:
    with transaction():
        made = make_creator()
    onboarded(made)
    return made


@pytest.fixture
def transfer_id(creator: CreatorSide) -> uuid.UUID:
    """Prepared, and nobody sends it but the test."""
    available_deal(creator=creator)
    payee = Payee(creator_id=creator.id)
    with transaction():
        take_waiting()
        lock_payee(payee)
        (prepared,) = prepare_transfers(due_parts(payee))
    return prepared


def destinations(sandbox: Sandbox) -> list[str]:
    return [str(one.destination) for one in sandbox.stripe.v1.transfers.list({}).data]


def answer_late(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object], answer: Create) -> None:
    """The first call to make a transfer is answered when another worker has done something meanwhile."""
    real = gateway.create_transfer

    def create(order: gateway.TransferOrder) -> gateway.Sent:
        monkeypatch.setattr(gateway, "create_transfer", real)
        meanwhile()
        return answer(order)

    monkeypatch.setattr(gateway, "create_transfer", create)


def fault(_order: gateway.TransferOrder) -> gateway.Sent:
    raise gateway.ProviderFault("It broke.")


def refuse(_order: gateway.TransferOrder) -> gateway.Sent:
    raise gateway.ProviderRefused("No.", "account_closed")


@pytest.mark.parametrize("by_bank", [True, False])
def test_what_is_withheld_by_the_time_that_it_is_sent_is_given_back_and_sent_when_it_may_be(
    sandbox: Sandbox, creator: CreatorSide, run_jobs: RunJobs, by_bank: bool
) -> None:
    """A payday takes hours: meanwhile a bank has taken the payment, or an administrator paused the payouts."""
    parties, payee, bank = available_deal(creator=creator), Payee(creator_id=creator.id), Bank(sandbox)
    with transaction():
        take_waiting()
        admin = make_admin()
        lock_payee(payee)
        (prepared,) = prepare_transfers(due_parts(payee))
    if by_bank:
        dispute_id = bank.dispute(parties.deal_id)
    else:
        with transaction():
            pause_payouts(admin, payee, "Who is it?")
    send_transfer(prepared)
    (given_back,) = transfers_of(creator)
    assert (given_back.state, given_back.called_at) == (TransferState.FAILED, None)
    assert (destinations(sandbox), held(creator_available(creator.id, "CNY"))) == ([], AMOUNT)
    if by_bank:
        bank.advance(dispute_id, "won")
    else:
        with transaction():
            resume_payouts(admin, payee, "It is them.")
    pay_due(payee)
    assert transfers_of(creator)[-1].state is TransferState.PAID, "as if it had never been prepared"
    run_jobs()
    assert "money.transfer_refused" not in told(creator.user_id)
    assert_books_balance()


def test_two_workers_that_find_the_account_replaced_send_once_and_to_the_new_one(
    app: Flask, sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, real, met = account(creator).stripe_account_id, gateway.find_transfer, threading.Barrier(2)
    start_anew(creator.actor)
    onboarded(creator)

    def find(order: gateway.TransferOrder) -> gateway.Sent | None:
        found = real(order)
        if order.account_id == left:
            met.wait(timeout=20)
        return found

    monkeypatch.setattr(gateway, "find_transfer", find)
    send = lambda: send_transfer(transfer_id)  # noqa: E731
    assert at_once(app, send, send, owned=True) == ["done", "done"]
    new = account(creator)
    assert destinations(sandbox) == [new.stripe_account_id]
    (sent,) = transfers_of(creator)
    assert (sent.state, sent.account_id) == (TransferState.PAID, new.id)
    assert_books_balance()


def test_nothing_is_sent_to_an_account_that_was_left_while_no_other_takes_transfers(
    sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID
) -> None:
    start_anew(creator.actor)
    send_transfer(transfer_id)
    assert transfers_of(creator)[0].state is TransferState.PREPARED, "a call for the old account may be under way"
    with clock.at(clock.now() + gateway.CALLS_LAST):
        send_transfer(transfer_id)
        (given_back,) = transfers_of(creator)
        assert (given_back.state, given_back.failure) == (TransferState.FAILED, "account_replaced")
        assert held(creator_available(creator.id, "CNY")) == AMOUNT
        assert destinations(sandbox) == []
        onboarded(creator)
        # It isn't Stripe that refused it: nothing is waited for once there is an account.
        pay_due(Payee(creator_id=creator.id))
    assert destinations(sandbox) == [account(creator).stripe_account_id]
    assert held(creator_available(creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_search_that_began_while_a_call_could_be_under_way_gives_nothing_back(
    sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that call made after the search had looked would stand beside what is sent anew."""
    start_anew(creator.actor)
    real, ends = gateway.find_transfer, clock.now() + gateway.CALLS_LAST
    with clock.at(ends - timedelta(minutes=1)), ExitStack() as slow:

        def find(order: gateway.TransferOrder) -> gateway.Sent | None:
            found = real(order)
            slow.enter_context(clock.at(ends))
            return found

        monkeypatch.setattr(gateway, "find_transfer", find)
        send_transfer(transfer_id)
    assert transfers_of(creator)[0].state is TransferState.PREPARED
    assert held(creator_available(creator.id, "CNY")) == 0
    assert_books_balance()


def test_a_call_under_way_for_the_old_account_and_one_for_the_new_make_one_transfer(
    sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = gateway.create_transfer, account(creator)

    def slow(order: gateway.TransferOrder) -> gateway.Sent:
        """Ours arrives at Stripe between another worker's look, which finds nothing, and that worker's own order."""

        def overtaken(other: gateway.TransferOrder) -> gateway.Sent:
            real(order)
            return real(other)

        start_anew(creator.actor)
        onboarded(creator)
        monkeypatch.setattr(gateway, "create_transfer", overtaken)
        with pytest.raises(gateway.ProviderFault):
            send_transfer(transfer_id)
        raise gateway.ProviderUnavailable("The answer is lost.")

    monkeypatch.setattr(gateway, "create_transfer", slow)
    with pytest.raises(gateway.ProviderUnavailable):
        send_transfer(transfer_id)
    monkeypatch.setattr(gateway, "create_transfer", real)
    send_transfer(transfer_id)
    assert destinations(sandbox) == [left.stripe_account_id]
    (sent,) = transfers_of(creator)
    assert (sent.state, sent.account_id) == (TransferState.PAID, left.id)
    assert_books_balance()


def test_a_second_transfer_for_one_row_is_said_aloud(
    creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    second = gateway.Sent("tr_second", str(account(creator).stripe_account_id), "txn_second")
    answer_late(monkeypatch, lambda: send_transfer(transfer_id), lambda _order: second)
    send_transfer(transfer_id)
    assert "a second transfer was made" in caplog.text
    assert "tr_second" in caplog.text
    (kept,) = transfers_of(creator)
    assert kept.stripe_transfer_id != "tr_second"
    assert_books_balance()


def test_two_faults_under_one_key_make_one_new_key(
    creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_meets_it() -> None:
        answer_late(monkeypatch, lambda: None, fault)
        with pytest.raises(gateway.ProviderFault):
            send_transfer(transfer_id)

    answer_late(monkeypatch, another_meets_it, fault)
    with pytest.raises(gateway.ProviderFault):
        send_transfer(transfer_id)
    assert transfers_of(creator)[0].tries == 1


def test_a_late_refusal_of_what_is_sent_another_way_by_now_gives_nothing_back(
    sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_moves_it() -> None:
        start_anew(creator.actor)
        onboarded(creator)
        answer_late(monkeypatch, lambda: None, fault)
        with pytest.raises(gateway.ProviderFault):
            send_transfer(transfer_id)

    answer_late(monkeypatch, another_moves_it, refuse)
    send_transfer(transfer_id)
    assert transfers_of(creator)[0].state is TransferState.PREPARED
    send_transfer(transfer_id)
    assert destinations(sandbox) == [account(creator).stripe_account_id]
    assert_books_balance()


@pytest.mark.parametrize("killed", [False, True])
def test_what_was_taken_back_of_a_transfer_before_it_was_recorded_is_booked_with_it(
    sandbox: Sandbox, creator: CreatorSide, transfer_id: uuid.UUID, run_jobs: RunJobs, *, killed: bool
) -> None:
    """Stripe broke, or the worker was killed, so that it is ordered anew under the same key."""
    if killed:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(transfer, "_record_sent", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                send_transfer(transfer_id)
    else:
        sandbox.command("moods", next_faults=[{"path_prefix": "/v1/transfers", "kind": "500_after_work"}])
        with pytest.raises(gateway.ProviderFault):
            send_transfer(transfer_id)
    (made,) = sandbox.stripe.v1.transfers.list({}).data
    sandbox.stripe.v1.transfers.reversals.create(made.id, {"amount": 1_000_00})
    sandbox.wait_for_webhooks()
    run_jobs()
    assert transfers_of(creator)[0].state is TransferState.PREPARED
    send_transfer(transfer_id)
    run_jobs()
    (sent,) = transfers_of(creator)
    assert (sent.state, sent.reversed_amount) == (TransferState.PAID, 1_000_00)
    assert held(creator_available(creator.id, "CNY")) == 1_000_00
    assert_books_balance()


def test_what_a_debt_gives_back_is_held_by_no_transfer_that_is_refused_at_that_moment(
    app: Flask, sandbox: Sandbox, creator: CreatorSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties, bank = available_deal(creator=creator), Bank(sandbox)
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "won")
    payee, debt = Payee(creator_id=creator.id), Money(300_00)
    with transaction():
        take_waiting()
        owed = [debit(payee.owes("CNY"), debt), credit(chargebacks("CNY"), debt)]
        given_back = [debit(chargebacks("CNY"), debt), credit(suspense("CNY", payee.owner), debt)]
        for number, lines in enumerate((owed, given_back)):
            post("manual.entry", f"manual:{number}", lines, payee.owner)
        part = parts_of(dispute_id)[parties.deal_id]
        part.creator_repaid_amount, part_id = debt.amount, part.id
        lock_payee(payee)
        (refused,) = prepare_transfers(due_parts(payee))
    monkeypatch.setattr(gateway, "create_transfer", refuse)
    real = restored._live

    def live(of: Payee, settlement_id: int) -> uuid.UUID | None:
        found = real(of, settlement_id)
        assert at_once(app, lambda: send_transfer(refused), owned=True) == ["done"]
        return found

    monkeypatch.setattr(restored, "_live", live)
    with transaction():
        restored.return_recovered(part_id, to_agency=False)
    (failed,) = transfers_of(creator)
    assert (failed.state, failed.restored_amount) == (TransferState.FAILED, 0)
    with clock.at(clock.now() + RETRY_AFTER), transaction():
        lock_payee(payee)
        prepare_transfers(due_parts(payee))
    assert transfers_of(creator)[-1].amount == AMOUNT
    assert_books_balance()
