"""The same money in two real processes at the same moment: one effect, and the books balance."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.escrow.models import Payment
from marketplace.escrow.queries import refunds_of
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import take_waiting
from marketplace.kit import clock
from marketplace.ledger.accounts import escrow, refund_in_transit
from marketplace.stripe_sandbox import guest
from tests.support.market import make_admin, make_member
from tests.support.money import assert_books_balance, confirm_newest, funded_deal, held, publish, signed_deal, state_of
from tests.support.sandbox import KEY, Sandbox

pytestmark = [pytest.mark.usefixtures("context", "sandbox"), pytest.mark.timeout(300)]
RunJobs = Callable[..., None]
ROOT = Path(__file__).resolve().parents[2]
# Long enough for a process to start on a busy machine; one that is later still meets rows, not a moment.
HEAD_START = 12.0


@pytest.fixture
def act_at_once(database_url: str, sandbox: Sandbox) -> Callable[[Sequence[dict[str, Any]]], list[str]]:
    def act(acts: Sequence[dict[str, Any]]) -> list[str]:
        db.session.rollback()
        common = {
            "database_url": database_url, "stripe_api_base": sandbox.url, "key": KEY, "at": time.time() + HEAD_START,
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.escrow.acting"]
        started = [
            subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in acts
        ]
        for process, told in zip(started, acts, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps({**common, **told}))
            process.stdin.close()
            process.stdin = None
        found = []
        for process in started:
            said, complained = process.communicate(timeout=120)
            assert process.returncode == 0, complained
            found.append(said)
        return found

    return act


Acts = Callable[[Sequence[dict[str, Any]]], list[str]]


def test_two_members_pay_the_same_deal(act_at_once: Acts) -> None:
    parties = signed_deal()
    with transaction():
        finance = make_member(parties.brand, "finance")
    told = [
        {"act": "fund", "user_id": user_id, "deal_ids": [parties.deal_id]}
        for user_id in (parties.brand.user_id, finance.user_id)
    ]
    addresses = act_at_once(told)
    assert len(set(addresses)) == 1, addresses
    assert db.session.scalar(select(func.count()).select_from(Payment)) == 1
    db.session.rollback()
    guest.pay(addresses[0])
    confirm_newest(parties.deal_id)
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert_books_balance()


def test_a_refund_meets_a_settlement(act_at_once: Acts, run_jobs: RunJobs) -> None:
    """Two administrators rule on one case at once: one gives everything back, the other everything to the creator."""
    parties = funded_deal()
    publish(parties)
    with transaction():
        admins = [make_admin(), make_admin()]
        claim = Claim("The agreed line is missing from the film.")
        dispute = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.NOT_AS_AGREED, claim)
        told = [
            {"act": "rule", "user_id": admin.user_id, "dispute_id": dispute.id, "part": part}
            for admin, part in zip(admins, (0, 12_000_00), strict=True)
        ]
    said = act_at_once(told)
    assert sorted(said)[1:] == ["done"]
    assert said.count("done") == 1
    run_jobs()
    assert state_of(parties.deal_id) is (State.REFUNDED if said[0] == "done" else State.COMPLETED)
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()


@pytest.mark.long
def test_two_workers_send_the_same_refund(act_at_once: Acts, sandbox: Sandbox) -> None:
    parties = funded_deal()
    with clock.at(clock.now() + timedelta(days=12)), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
    refund_id = str(refunds_of(parties.deal_id)[0].id)
    with transaction():
        take_waiting()
    told = {"act": "send", "user_id": parties.brand.user_id, "refund_id": refund_id}
    assert all(said in ("done", "ProviderUnavailable") for said in act_at_once([told, told]))
    assert len(sandbox.stripe.v1.refunds.list().data) == 1
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()
