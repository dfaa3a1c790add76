"""Everything is killed in the middle of a payment: the next start goes on where it stood."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace.app import create_app
from marketplace.config import Environment, load_settings
from marketplace.deals.lifecycle import State
from marketplace.escrow.fund import start_funding
from marketplace.escrow.jobs import sweep
from marketplace.infra import instance
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import escrow
from marketplace.stripe_sandbox import guest
from tests.support.money import Parties, accept, held, publish, signed_deal, state_of
from tests.support.running import ROOT, clean_environment, kill_everything, members, runs_on
from tests.support.web import free_port

pytestmark = [pytest.mark.long, pytest.mark.process, pytest.mark.timeout(300)]
PATIENCE = 45.0


@contextmanager
def application(folder: Path, port: int) -> Iterator[Flask]:
    """Our own process beside the running ones, on the same database and the same Stripe."""
    given = load_settings(
        mutuals_env=Environment.DEMO,
        instance_path=folder,
        port=port,
        public_url=None,
        database_url=None,
        secret_key=None,
        stripe_api_base=None,
        stripe_secret_key=None,
        stripe_webhook_secret=None,
        smtp_url=None,
    )
    app = create_app(instance.completed(given))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tell_sandbox(folder: Path, **moods: Any) -> None:
    run = instance.last_run(folder)
    assert run is not None
    headers = {
        "Authorization": f"Bearer {instance.keep_secrets(folder).stripe_secret_key}",
        "Content-Type": "application/json",
    }
    body = json.dumps(moods).encode()
    request = urllib.request.Request(f"{run.stripe_api_base}/sandbox/moods", body, headers)
    urllib.request.urlopen(request, timeout=10).close()


def pay_for(parties: Parties) -> None:
    """The payment succeeds at the provider; nobody comes back to tell us."""
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"))
    assert state_of(parties.deal_id) is State.FUNDING


def wait_until(deal_id: int, state: State) -> None:
    deadline = time.monotonic() + PATIENCE
    while state_of(deal_id) is not state:
        assert time.monotonic() < deadline, f"deal {deal_id} is still {state_of(deal_id)}"
        time.sleep(0.2)


def check_ledger(folder: Path, port: int) -> None:
    """As an operator would, from a shell."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "ledger", "check"]
    found = subprocess.run(
        command, cwd=ROOT, env=clean_environment(folder, port), capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_payment_that_everything_died_in_is_found_again(tmp_path: Path) -> None:
    """Two deals were paid. Of one the webhook comes after the restart; of the other it is lost, and we ask."""
    port = free_port()
    with runs_on(tmp_path) as start:
        first = start(port)
        first.wait_until_ready()
        with application(tmp_path, port):
            told, untold = signed_deal(), signed_deal(9_000_00)
            tell_sandbox(tmp_path, hold=True)
            pay_for(told)
            tell_sandbox(tmp_path, hold=False, drop_rate=1)
            pay_for(untold)
        kill_everything(first, tmp_path)
        assert [process for process in members(tmp_path) if process.is_running() and process.status() != "zombie"] == []

        second = start(port)
        second.wait_until_ready()
        with application(tmp_path, port):
            assert {state_of(told.deal_id), state_of(untold.deal_id)} == {State.FUNDING}
            check_ledger(tmp_path, port)
            tell_sandbox(tmp_path, drop_rate=0, release={"order": "sent"})
            wait_until(told.deal_id, State.PRODUCTION)
            with clock.at(clock.now() + timedelta(minutes=11)):
                sweep()
            wait_until(untold.deal_id, State.PRODUCTION)
            assert held(escrow(told.deal_id, "CNY")) == 12_600_00
            assert held(escrow(untold.deal_id, "CNY")) == 9_450_00
            publish(told)
            accept(told.brand.actor, told.deal_id)
            assert state_of(told.deal_id) is State.COMPLETED
        check_ledger(tmp_path, port)
        assert second.stop() == 0
        assert members(tmp_path) == []
