"""Transfers taken back, here and in Stripe's dashboard, and sent again; two at once, and the books after all of it."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.stripe_gateway import ProviderFault, ProviderRefused, transfers
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed
from marketplace.kit.money import Money
from marketplace.kit.periods import last_months
from marketplace.ledger.accounts import creator_available, creator_owes, stripe_clearing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post
from marketplace.payouts.jobs import sweep
from marketplace.payouts.lines import Place, Which, lines_of
from marketplace.payouts.models import Transfer, TransferReversal, TransferState
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import earnings_summary
from marketplace.payouts.reversal import read_reversals, reverse_transfer, send_again, send_reversal
from tests.escrow.test_races import at_once
from tests.support.market import PASSWORD, CreatorSide, make_admin, make_creator
from tests.support.money import assert_books_balance, held
from tests.support.payouts import RunJobs, available_deal, onboarded, sign_in_admin, transfers_of
from tests.support.sandbox import Sandbox
from tests.support.saved import Saved

pytestmark = pytest.mark.usefixtures("context", "sandbox")
AMOUNT = 11_300_00


@pytest.fixture
def admin() -> Actor:
    with transaction():
        return make_admin()


@pytest.fixture
def creator(saved: Saved, run_jobs: RunJobs) -> CreatorSide:
    """Somebody who was sent what they earned by one deal."""
    return saved.world("sent_earning", lambda: earn_and_be_sent(run_jobs))


def earn_and_be_sent(run_jobs: RunJobs) -> CreatorSide:
    with transaction():
        made = make_creator()
    onboarded(made)
    available_deal(creator=made)
    run_jobs()
    return made


def sent(creator: CreatorSide) -> Transfer:
    return transfers_of(creator)[0]


def again(admin: Actor, transfer_id: uuid.UUID, seen: Money | None = None) -> None:
    """`seen`, where it isn't what waits."""
    with transaction():
        send_again(admin, transfer_id, seen or db.session.get_one(Transfer, transfer_id).held_back)


def test_what_is_taken_back_is_the_payees_and_is_held_until_it_is_sent_again(
    creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    transfer, before = sent(creator), held(stripe_clearing("CNY"))
    reverse_transfer(admin, transfer.id, Money(AMOUNT), "Sent before the ruling.")
    assert held(creator_available(creator.id, "CNY")) == AMOUNT
    assert held(stripe_clearing("CNY")) == before + AMOUNT
    sweep()
    run_jobs()
    assert held(creator_available(creator.id, "CNY")) == AMOUNT
    again(admin, transfer.id)
    run_jobs()
    assert held(creator_available(creator.id, "CNY")) == 0
    first, second = transfers_of(creator)
    assert (first.reversed_amount, first.resent_amount) == (AMOUNT, AMOUNT)
    assert second.resends_id == first.id
    assert second.state is TransferState.PAID
    with pytest.raises(Conflict):
        again(admin, transfer.id)
    assert_books_balance()


def test_a_part_may_be_taken_back_and_then_the_rest_but_never_more(creator: CreatorSide, admin: Actor) -> None:
    transfer = sent(creator)
    reverse_transfer(admin, transfer.id, Money(300_00), "A part of it.")
    with pytest.raises(Invalid) as refused:
        reverse_transfer(admin, transfer.id, Money(AMOUNT), "All of it.")
    assert refused.value.field == "amount"
    for wrong in (Money(0), Money(-1)):
        with pytest.raises(Invalid):
            reverse_transfer(admin, transfer.id, wrong, "Nothing.")
    with pytest.raises(Invalid) as refused:
        reverse_transfer(admin, transfer.id, Money(1_00), "  ")
    assert refused.value.field == "why"
    reverse_transfer(admin, transfer.id, Money(AMOUNT - 300_00), "The rest.")
    assert sent(creator).left == Money(0)
    assert held(creator_available(creator.id, "CNY")) == AMOUNT
    payee = Payee(creator_id=creator.id)
    assert earnings_summary(payee)[0].transferred == Money(0)
    db.session.rollback()
    assert_books_balance()


def test_what_was_transferred_reads_the_same_in_sum_and_line_by_line(creator: CreatorSide, admin: Actor) -> None:
    reverse_transfer(admin, sent(creator).id, Money(300_00), "A part of it.")
    page = lines_of(Place(Payee(creator_id=creator.id), Which.TRANSFERRED, "CNY"), last_months(12, "Asia/Shanghai"))
    assert page.closing == Money(AMOUNT - 300_00)
    db.session.rollback()


def test_only_administrators_take_money_back(creator: CreatorSide) -> None:
    transfer = sent(creator)
    with pytest.raises(NotAllowed):
        reverse_transfer(creator.actor, transfer.id, Money(AMOUNT), "Why not.")
    with pytest.raises(NotAllowed):
        again(creator.actor, transfer.id)


def test_what_is_taken_back_in_stripes_dashboard_is_booked_once_whoever_hears_of_it(
    app: Flask, sandbox: Sandbox, creator: CreatorSide, run_jobs: RunJobs
) -> None:
    stripe_id = sent(creator).stripe_transfer_id
    assert stripe_id is not None
    sandbox.stripe.v1.transfers.reversals.create(stripe_id, {"amount": 1_000_00})
    at_once(app, lambda: read_reversals(stripe_id), lambda: read_reversals(stripe_id))
    sandbox.wait_for_webhooks()
    run_jobs()
    assert held(creator_available(creator.id, "CNY")) == 1_000_00
    with transaction():
        (reversal,) = db.session.scalars(select(TransferReversal))
        assert reversal.user_id is None
    assert_books_balance()


def test_two_administrators_at_once_take_no_more_back_than_was_sent(
    app: Flask, creator: CreatorSide, admin: Actor
) -> None:
    transfer_id = sent(creator).id
    outcomes = at_once(
        app,
        lambda: reverse_transfer(admin, transfer_id, Money(8_000_00), "First."),
        lambda: reverse_transfer(admin, transfer_id, Money(8_000_00), "Second."),
    )
    assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
    assert held(creator_available(creator.id, "CNY")) == 8_000_00
    assert_books_balance()


def test_sent_again_by_two_at_once_it_goes_once(
    app: Flask, creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    transfer_id = sent(creator).id
    reverse_transfer(admin, transfer_id, Money(AMOUNT), "Sent too early.")
    outcomes = at_once(app, lambda: again(admin, transfer_id), lambda: again(admin, transfer_id))
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    run_jobs()
    assert [one.amount for one in transfers_of(creator)] == [AMOUNT, AMOUNT]
    assert_books_balance()


def test_a_reversal_whose_answer_was_lost_is_found_and_booked_once(
    sandbox: Sandbox, creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    transfer = sent(creator)
    sandbox.command(
        "moods",
        next_faults=[
            {"path_prefix": f"/v1/transfers/{transfer.stripe_transfer_id}/reversals", "kind": "500_after_work"}
        ],
    )
    with pytest.raises(ProviderFault):
        reverse_transfer(admin, transfer.id, Money(AMOUNT), "Sent too early.")
    with transaction():
        reversal = db.session.scalars(select(TransferReversal)).one()
        reversal.created_at = reversal.created_at.replace(year=reversal.created_at.year - 1)
    sweep()
    run_jobs()
    assert held(creator_available(creator.id, "CNY")) == AMOUNT
    assert_books_balance()


def test_what_stripe_refuses_takes_nothing_and_is_said(
    app: Flask, sandbox: Sandbox, creator: CreatorSide, admin: Actor
) -> None:
    transfer = sent(creator)
    assert transfer.stripe_transfer_id is not None
    # Somebody was faster in the dashboard, and we haven't heard of it yet.
    sandbox.stripe.v1.transfers.reversals.create(transfer.stripe_transfer_id, {"amount": AMOUNT})
    with pytest.raises(Conflict, match="Stripe refuses"):
        reverse_transfer(admin, transfer.id, Money(AMOUNT), "Sent too early.")
    read_reversals(transfer.stripe_transfer_id)
    assert held(creator_available(creator.id, "CNY")) == AMOUNT
    assert_books_balance()


def test_what_has_left_for_the_bank_cant_be_taken_back(
    sandbox: Sandbox, creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    sandbox.command("clock", advance_seconds=20 * 24 * 3600)
    with pytest.raises(Conflict, match="holds less than that"):
        reverse_transfer(admin, sent(creator).id, Money(AMOUNT), "Sent too early.")
    with transaction():
        reversal = db.session.scalars(select(TransferReversal)).one()
        assert (reversal.state, reversal.failure) == (TransferState.FAILED, "balance_insufficient")
    assert sent(creator).reversed_amount == 0
    assert_books_balance()


def test_what_is_owed_of_a_chargeback_is_taken_before_it_is_sent_again(
    creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    transfer = sent(creator)
    reverse_transfer(admin, transfer.id, Money(AMOUNT), "Sent too early.")
    owed, lost = creator_owes(creator.id, "CNY"), Money(5_000_00)
    with transaction():
        # As a chargeback that was lost leaves it, but for the clearing.
        post("test.owed", "test:owed", [debit(owed, lost), credit(creator_available(creator.id, "CNY"), lost)], "test")
    again(admin, transfer.id)
    run_jobs()
    assert balance(owed) == 0
    assert [one.amount for one in transfers_of(creator)] == [AMOUNT, AMOUNT - 5_000_00]


def test_a_debt_is_paid_from_what_came_back_though_an_earlier_one_was_at_the_same_sums(
    creator: CreatorSide, admin: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent again and refused takes the sums back to where they were."""
    transfer, owed, part = sent(creator), creator_owes(creator.id, "CNY"), Money(100_00)

    def owe(number: int) -> None:
        lines = [debit(owed, part), credit(creator_available(creator.id, "CNY"), part)]
        with transaction():
            post("test.owed", f"test:owed:{number}", lines, "test")

    def refuse(_order: gateway.TransferOrder) -> gateway.Sent:
        raise ProviderRefused("No.", "balance_insufficient")

    reverse_transfer(admin, transfer.id, part, "A part of it.")
    again(admin, transfer.id)
    reverse_transfer(admin, transfer.id, part, "Another part.")
    owe(1)
    again(admin, transfer.id)
    assert held(owed) == 0
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "create_transfer", refuse)
        run_jobs()
    assert sent(creator).resent_amount == part.amount
    owe(2)
    again(admin, transfer.id)
    assert held(owed) == 0
    assert sent(creator).resent_amount == 2 * part.amount


def test_two_faults_of_one_reversal_make_one_new_key(
    creator: CreatorSide, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_order: gateway.ReversalOrder) -> gateway.Reversal:
        raise ProviderFault("It broke.")

    def break_down_twice(order: gateway.ReversalOrder) -> gateway.Reversal:
        monkeypatch.setattr(gateway, "create_reversal", break_down)
        with pytest.raises(ProviderFault):
            send_reversal(uuid.UUID(order.row))
        return break_down(order)

    monkeypatch.setattr(gateway, "create_reversal", break_down_twice)
    with pytest.raises(ProviderFault):
        reverse_transfer(admin, sent(creator).id, Money(AMOUNT), "Sent too early.")
    with transaction():
        assert db.session.scalars(select(TransferReversal.tries)).all() == [1]


def test_an_administrator_takes_back_and_sends_again_on_the_page(
    app: Flask, creator: CreatorSide, admin: Actor, run_jobs: RunJobs
) -> None:
    transfer = sent(creator)
    client = app.test_client()
    sign_in_admin(client, admin)
    address = f"/console/transfers/{transfer.id}"
    assert "Take it back" in client.get(address).text
    for form in (
        {},
        {"why": "Too early.", "password": "wrong"},
        {"why": "x", "amount": "99,999", "password": PASSWORD},
    ):
        assert client.post(f"{address}/take-back", data=form).status_code == 422
    assert sent(creator).reversed_amount == 0
    form = {"why": "Too early.", "amount": "1,300", "password": PASSWORD}
    assert client.post(f"{address}/take-back", data=form).status_code == 303
    page = client.get(address).text
    for words in ("Too early.", "Send it again", "Partly taken back"):
        assert words in page
    assert "Held until it is sent again" in client.get("/console/payees?heap=held").text
    for answer in ({}, {"password": "not this one"}):
        assert client.post(f"{address}/send-again", data=answer).status_code == 422
    right = {"password": PASSWORD, "seen": "130000"}
    assert client.post(f"{address}/send-again", data=right).status_code == 303
    run_jobs()
    assert client.post(f"{address}/send-again", data=right).status_code == 409
    assert [one.amount for one in transfers_of(creator)] == [AMOUNT, 1_300_00]
    assert client.get(f"/console/transfers/{uuid.uuid4()}").status_code == 404
    assert_books_balance()


def test_no_other_amount_is_taken_back_or_sent_again_than_the_page_showed(
    app: Flask, creator: CreatorSide, admin: Actor
) -> None:
    address, client = f"/console/transfers/{sent(creator).id}", app.test_client()
    sign_in_admin(client, admin)
    whole = {"why": "Too early.", "password": PASSWORD, "seen": str(AMOUNT)}
    assert f'name="seen" type="hidden" value="{AMOUNT}"' in client.get(address).text
    assert client.post(f"{address}/take-back", data=whole | {"amount": "1,300"}).status_code == 303
    late = client.post(f"{address}/take-back", data=whole)
    assert late.status_code == 422
    assert f'name="seen" type="hidden" value="{AMOUNT - 1_300_00}"' in late.text
    assert sent(creator).reversed_amount == 1_300_00
    page = client.get(address).text
    assert 'id="send-seen" name="seen" type="hidden" value="130000"' in page
    assert client.post(f"{address}/take-back", data=whole | {"amount": "700"}).status_code == 303
    for seen in ("130000", "", "x" * 5_000):
        other = client.post(f"{address}/send-again", data={"password": PASSWORD, "seen": seen})
        assert other.status_code == 409
        assert "Another amount waits" in other.text
    assert sent(creator).resent_amount == 0
    rest = whole | {"seen": str(AMOUNT - 2_000_00)}
    assert client.post(f"{address}/take-back", data=rest).status_code == 303
    assert sent(creator).left == Money(0)
    assert_books_balance()


def test_what_lies_behind_the_first_page_of_a_list_is_found(
    sandbox: Sandbox, creator: CreatorSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = sent(creator)
    stripe_id = str(transfer.stripe_transfer_id)
    monkeypatch.setattr(transfers, "PAGE", 2)
    for _ in range(5):
        sandbox.stripe.v1.transfers.reversals.create(stripe_id, {"amount": 100})
    assert len(gateway.list_reversals(stripe_id)) == 5
    read_reversals(stripe_id)
    assert sent(creator).reversed_amount == 500
    assert_books_balance()
