"""Whatever is interrupted, and however many work at once: each settlement is paid once, and the sums agree."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.infra.db import end_transaction, transaction
from marketplace.infra.stripe_gateway import ProviderUnavailable
from marketplace.kit import clock
from marketplace.ledger.accounts import creator_available
from marketplace.payouts import payday, payday_preparing, payday_sending
from marketplace.payouts.models import PaydayState, TransferState
from marketplace.payouts.payday_jobs import go_on_with_payday, payday_job
from marketplace.payouts.payday_preparing import prepare_next
from marketplace.payouts.payday_report import due, sent
from marketplace.payouts.payday_sending import end_stretch, send_some, take_group
from marketplace.payouts.transfer import send_transfer
from tests.support.cluster import plain, reset
from tests.support.market import CreatorSide
from tests.support.money import assert_books_balance, held
from tests.support.paydays import assert_nobody_is_paid_twice, begin, earn, release, states, the_payday, weekly_creator
from tests.support.races import at_once
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
EXAMPLES = int(os.environ.get("PAYDAY_EXAMPLES", "3"))


class Killed(Exception):
    """The worker is gone: nothing of the open transaction is left."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One payee a batch, and two calls a group: a payday of five transfers has as many seams as one of thousands."""
    monkeypatch.setattr(payday_preparing, "PAYEES_AT_ONCE", 1)
    monkeypatch.setattr(payday, "PAYEES_A_SHARE", 2)
    monkeypatch.setattr(payday_sending, "AT_ONCE", 2)


@pytest.fixture
def later() -> Iterator[datetime]:
    """The hold of what the tests earn is over."""
    with clock.at(datetime.now(UTC) + timedelta(days=4)):
        yield clock.now()


@pytest.fixture
def creators() -> list[CreatorSide]:
    """Three, of whom one has three deals."""
    found = [weekly_creator() for _ in range(3)]
    earn([*found, found[0], found[0]])
    return found


def finish(run_jobs: RunJobs) -> None:
    """Workers come back, and time passes."""
    for minutes in range(0, 20, 3):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            payday_job()
            run_jobs()
            if the_payday().state is PaydayState.FINISHED:
                return
    raise AssertionError("the payday doesn't end")


def assert_all_were_paid(creators: list[CreatorSide]) -> None:
    run = the_payday()
    assert states() == {TransferState.PAID: 5}
    assert [(one.transfers, one.total) for one in due(run)] == [(one.transfers, one.total) for one in sent(run)]
    assert [held(creator_available(creator.id, "CNY")) for creator in creators] == [0, 0, 0]
    assert_nobody_is_paid_twice()
    assert_books_balance()


def kill_in(act: Callable[[], object]) -> None:
    """The work of one transaction, and then the end before it is committed."""
    with suppress(Killed), transaction():
        act()
        raise Killed


def test_two_workers_at_once_pay_everybody_once(
    app: Flask, creators: list[CreatorSide], later: datetime, run_jobs: RunJobs
) -> None:
    release()
    run_jobs()
    run_id = begin()

    def work() -> None:
        with clock.at(later):
            go_on_with_payday(run_id)

    assert at_once(app, work, work, owned=True) == ["done", "done"]
    finish(run_jobs)
    assert_all_were_paid(creators)


def test_a_worker_that_dies_in_each_transaction_loses_and_doubles_nothing(
    creators: list[CreatorSide], later: datetime, run_jobs: RunJobs
) -> None:
    release()
    run_jobs()
    run_id = begin()
    preparing = True
    while preparing:
        kill_in(lambda: prepare_next(run_id))
        with transaction():
            preparing = prepare_next(run_id)
    kill_in(lambda: take_group(run_id, patience=9))
    with transaction():
        taken = take_group(run_id, patience=9)
    send_transfer(taken.transfers[0])
    kill_in(lambda: end_stretch(run_id))
    assert states() == {TransferState.PAID: 1, TransferState.PREPARED: 4}
    finish(run_jobs)
    assert_all_were_paid(creators)


STEPS = st.sampled_from(
    [
        "prepare",
        "die preparing",
        "take",
        "die taking",
        "send one",
        "send again",
        "stretch",
        "end",
        "die ending",
        "fault",
    ]
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14), fault=st.sampled_from(["timeout_after_work", "500", "429"]))
def test_after_any_interruption_each_settlement_is_paid_once(
    run_jobs: RunJobs, sandbox: Sandbox, database_url: str, steps: list[str], fault: str
) -> None:
    with psycopg.connect(plain(database_url)) as connection:
        reset(connection)
    sandbox.command("reset")
    creators = [weekly_creator() for _ in range(2)]
    earn([*creators, creators[0]])
    with clock.at(datetime.now(UTC) + timedelta(days=4)):
        release()
        run_jobs()
        run_id = begin()
        taken: list[uuid.UUID] = []

        def interrupted(step: str) -> None:
            acts: dict[str, Callable[[], object]] = {
                "prepare": lambda: prepare_next(run_id),
                "take": lambda: taken.extend(take_group(run_id, patience=9).transfers),
                "end": lambda: end_stretch(run_id),
            }
            deaths = {"die preparing": "prepare", "die taking": "take", "die ending": "end"}
            if step in acts:
                with transaction():
                    acts[step]()
            elif step in deaths:
                kill_in(acts[deaths[step]])
            elif step == "stretch":
                send_some(run_id, 0.5)
            elif step == "fault":
                sandbox.command("moods", next_faults=[{"path_prefix": "/v1/transfers", "kind": fault}] * 3)
            elif taken:
                with suppress(ProviderUnavailable):
                    send_transfer(taken[0] if step == "send again" else taken[-1])

        for step in steps:
            interrupted(step)
            end_transaction()
        sandbox.command("moods", next_faults=[])
        finish(run_jobs)
        assert states()[TransferState.PREPARED] == 0
        assert [held(creator_available(creator.id, "CNY")) for creator in creators] == [0, 0]
        assert_nobody_is_paid_twice()
        assert_books_balance()
