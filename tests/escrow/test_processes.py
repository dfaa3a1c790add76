"""The same money in two real processes at the same moment: one effect, and the books balance."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from sqlalchemy import func, select

from marketplace.deals.lifecycle import State
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.escrow.fund import start_funding
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
from tests.support.sandbox import KEY, SECRET, Sandbox

pytestmark = [pytest.mark.usefixtures("context", "sandbox"), pytest.mark.timeout(300)]
RunJobs = Callable[..., None]
ROOT = Path(__file__).resolve().parents[2]
Acts = Callable[[dict[str, Any], dict[str, Any]], list[str]]


class Actor:
    """One of two processes that act at once."""

    def __init__(self, log: Path, where: dict[str, str]) -> None:
        with log.open("wb") as said:
            command = [sys.executable, "-m", "tests.escrow.acting"]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )
        self._log = log
        self.tell(json.dumps(where))

    def tell(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        return line.rstrip("\n")

    def end(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def actors(
    database_url: str, shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Actor]]:
    where = {
        "database_url": database_url, "stripe_api_base": shared_sandbox.url, "key": KEY, "webhook_secret": SECRET,
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("actors")
    both = [Actor(folder / f"{number}.log", where) for number in range(2)]
    yield both
    for actor in both:
        actor.end()


@pytest.fixture
def act_at_once(actors: list[Actor]) -> Acts:
    """Each act in a process of its own; what came of each."""

    def act(*acts: dict[str, Any]) -> list[str]:
        db.session.rollback()
        for actor, told in zip(actors, acts, strict=True):
            actor.tell(json.dumps(told))
        assert [actor.hear() for actor in actors] == ["ready", "ready"]
        for actor in actors:
            actor.tell("")
        return [actor.hear() for actor in actors]

    return act


def test_two_members_pay_the_same_deal(act_at_once: Acts) -> None:
    parties = signed_deal()
    with transaction():
        finance = make_member(parties.brand, "finance")
    told = [
        {"act": "fund", "user_id": user_id, "deal_ids": [parties.deal_id]}
        for user_id in (parties.brand.user_id, finance.user_id)
    ]
    addresses = act_at_once(*told)
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
    said = act_at_once(*told)
    assert sorted(said)[1:] == ["done"]
    assert said.count("done") == 1
    run_jobs()
    assert state_of(parties.deal_id) is (State.REFUNDED if said[0] == "done" else State.COMPLETED)
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()


def test_the_same_webhook_comes_to_two_web_processes_and_two_workers(act_at_once: Acts, sandbox: Sandbox) -> None:
    """Sent twice at once, and handled twice at once, as when a worker was thought dead: one event, one payment."""
    parties = signed_deal()
    sandbox.command("moods", hold=True)
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    event = next(iter(sandbox.stripe.v1.events.list({"type": "checkout.session.completed"}).data))
    body = json.dumps(event.to_dict())
    told = {"act": "hear", "body": body, "signature": signature(body)}
    assert act_at_once(told, told) == ["200", "200"]
    with transaction():
        queued = [args for name, args in take_waiting() if name == "webhooks.handle"]
    assert queued == [{"event_id": event.id}]
    told = {"act": "handle", "event_id": event.id}
    assert act_at_once(told, told) == ["done", "done"]
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    with transaction():
        assert [name for name, _args in take_waiting()].count("documents.issue_invoice") == 1
    assert_books_balance()


def signature(body: str) -> str:
    moment = int(time.time())
    return f"t={moment},v1={stripe.WebhookSignature._compute_signature(f'{moment}.{body}', SECRET)}"


def test_two_workers_send_the_same_refund(act_at_once: Acts, sandbox: Sandbox) -> None:
    parties = funded_deal()
    with clock.at(clock.now() + timedelta(days=12)), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "The season is over.")
    refund_id = str(refunds_of(parties.deal_id)[0].id)
    with transaction():
        take_waiting()
    told = {"act": "send", "user_id": parties.brand.user_id, "refund_id": refund_id}
    assert all(said in ("done", "ProviderUnavailable") for said in act_at_once(told, told))
    assert len(sandbox.stripe.v1.refunds.list().data) == 1
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()
