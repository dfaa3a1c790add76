"""A bank that takes money again by the same dispute: what it had given back, or more than it took at first."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace.chargebacks.models import PartState, Stage
from marketplace.chargebacks.service import read_chargeback
from marketplace.deals.lifecycle import State
from marketplace.escrow.models import Refund
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db
from marketplace.infra.jobs import take_waiting
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import chargeback_held, chargebacks, escrow, stripe_fees
from marketplace.reconciliation.service import reconcile
from tests.console.conftest import Admin
from tests.support.bank import Bank, chargebacks_of, owed, parts_of, told
from tests.support.money import assert_books_balance, completed_deal, funded_deal, held, state_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def stages(dispute_id: str) -> list[Stage]:
    found = [one.stage for one in chargebacks_of(dispute_id)]
    db.session.rollback()
    return found


def test_money_that_a_bank_takes_again_is_owed_again_and_both_sides_are_told(bank: Bank, run_jobs: RunJobs) -> None:
    parties, fees = completed_deal(), held(stripe_fees("CNY"))
    dispute_id = bank.dispute(parties.deal_id)
    run_jobs()
    bank.advance(dispute_id, "won")
    run_jobs()
    assert (owed(parties), held(chargeback_held(parties.deal_id, "CNY"))) == (0, 0)
    bank.advance(dispute_id, "lost")
    for _ in range(2):
        read_chargeback(dispute_id)
    run_jobs()
    assert stages(dispute_id) == [Stage.WON, Stage.LOST]
    assert owed(parties) == 11_300_00
    first, again = (parts_of(dispute_id, number)[parties.deal_id] for number in (1, 2))
    assert (first.state, again.state, again.creator_amount) == (PartState.REINSTATED, PartState.BORNE, 11_300_00)
    db.session.rollback()
    assert held(stripe_fees("CNY")) - fees == 2 * 15_00
    assert [kind for kind in told(parties.creator.user_id) if kind.startswith("chargeback.")] == [
        f"chargeback.{what}.creator" for what in ("held", "returned", "owed_again")
    ]
    assert told(parties.brand.user_id)[-1] == "chargeback.owed_again.brand"
    assert_books_balance()
    bank.advance(dispute_id, "won")
    assert (owed(parties), stages(dispute_id)) == (0, [Stage.WON, Stage.WON])
    assert_books_balance()


def test_a_deal_at_work_stands_still_again_and_is_over_when_the_bank_keeps_it(sandbox: Sandbox) -> None:
    """All that happened may be read of at once, too."""
    told_of, silent = funded_deal(), Bank(sandbox, told=False)
    first = silent.dispute(told_of.deal_id)
    silent.advance(first, "won")
    read_chargeback(first)
    assert state_of(told_of.deal_id) is State.PRODUCTION
    silent.advance(first, "lost")
    read_chargeback(first)
    late = funded_deal()
    second = silent.dispute(late.deal_id)
    for step in ("won", "lost"):
        silent.advance(second, step)
    read_chargeback(second)
    for parties, dispute_id in ((told_of, first), (late, second)):
        assert state_of(parties.deal_id) is State.REFUNDED
        assert held(escrow(parties.deal_id, "CNY")) == 0
        assert stages(dispute_id) == [Stage.WON, Stage.LOST]
    assert (held(chargebacks("CNY")), list(db.session.scalars(select(Refund)))) == (0, [])
    db.session.rollback()
    assert_books_balance()


def test_what_is_won_is_not_lost_before_it_is_taken_and_freezes_its_deal_while_the_bank_decides_anew(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe's balance is no matter here, as the sandbox's bank decides as it takes."""
    parties, real = funded_deal(), gateway.get_dispute
    dispute_id = bank.dispute(parties.deal_id)
    bank.advance(dispute_id, "won")
    won = real(dispute_id)
    for stage in ("lost", "appeal_needs_response"):
        monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id, stage=stage: replace(won, stage=stage))
        read_chargeback(dispute_id)
        assert (stages(dispute_id), state_of(parties.deal_id)) == ([Stage.WON], State.PRODUCTION)
    again = gateway.BankMovement("txn_again", Money(-12_600_00), Money(0), clock.now())
    taken = replace(won, stage="appeal_under_review", movements=(*won.movements, again))
    monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id: taken)
    read_chargeback(dispute_id)
    assert (stages(dispute_id), state_of(parties.deal_id)) == ([Stage.WON, Stage.UNDER_REVIEW], State.FROZEN)
    back = gateway.BankMovement("txn_back", Money(12_600_00), Money(0), clock.now())
    monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id: replace(won, movements=(*taken.movements, back)))
    read_chargeback(dispute_id)
    assert (stages(dispute_id), state_of(parties.deal_id)) == ([Stage.WON, Stage.WON], State.PRODUCTION)
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert all(one.closed_at is not None for one in chargebacks_of(dispute_id))


@pytest.mark.parametrize(("before", "state"), [("under_review", State.PRODUCTION), ("lost", State.REFUNDED)])
def test_one_movement_gives_back_what_a_bank_took_in_two(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, before: str, state: State
) -> None:
    """As where a card of another currency was charged, and its rate moved."""
    parties = funded_deal()
    found = gateway.get_dispute(bank.dispute(parties.deal_id, amount=12_500_00))
    more = gateway.BankMovement("txn_more", Money(-20_00), Money(0), clock.now())
    back = gateway.BankMovement("txn_back", Money(12_520_00), Money(0), clock.now())
    for stage, movements in ((before, (more,)), ("won", (more, back))):
        read = replace(found, stage=stage, movements=(*found.movements, *movements))
        monkeypatch.setattr(gateway, "get_dispute", lambda _dispute_id, read=read: read)
        read_chargeback(found.id)
    assert stages(found.id) == [Stage.WON, Stage.WON]
    assert state_of(parties.deal_id) is state
    assert held(escrow(parties.deal_id, "CNY")) == (12_600_00 if state is State.PRODUCTION else 0)


def test_a_chargeback_says_that_the_bank_took_the_money_again(bank: Bank, admin: Admin) -> None:
    dispute_id = bank.dispute(completed_deal().deal_id)
    for step in ("won", "lost"):
        bank.advance(dispute_id, step)
    first, again = [one.id for one in chargebacks_of(dispute_id)]
    db.session.rollback()
    assert "again since" in admin.client.get(f"/console/chargebacks/{first}").text
    assert f"/console/chargebacks/{first}" in admin.client.get(f"/console/chargebacks/{again}").text
    assert "taken again" in admin.client.get("/console/chargebacks?tab=closed").text


def test_a_movement_that_no_event_told_of_has_its_dispute_read(sandbox: Sandbox) -> None:
    dispute_id = Bank(sandbox, told=False).dispute(funded_deal().deal_id)
    reconcile(whole=False)
    assert ("chargebacks.read", {"dispute_id": dispute_id}) in take_waiting()
