"""A market in which everything fails that can, for weeks: at the end three books agree to the minor unit.

Stripe is in its worst mood: webhooks are lost, doubled, late and out of order, and its API breaks before the work, in
the middle and after it. `make soak` plays thousands of deals, `make test` some tens.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.disputes.service import rule as give_ruling
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.models import Checkout, Refund
from marketplace.escrow.settle import accept_work, cancel_late
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import perform
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.onboarding import start_onboarding
from marketplace.stripe_sandbox import guest
from tests.money.three_books import assert_three_books_agree
from tests.support.cluster import plain, reset
from tests.support.deals import DealSides, advance, make_deal
from tests.support.jobs import run_due
from tests.support.market import make_admin, make_brand, make_creator
from tests.support.money import assert_books_balance
from tests.support.sandbox import Sandbox

EXAMPLES = int(os.environ.get("THREE_BOOKS", "2"))
STEPS = 24
_TOLD_EVERY = 10
_TRIES = 6
_LONGEST_SLEEP = 0.01
# By then a job that failed is due again, however often it did.
_A_WHILE = timedelta(minutes=16)
# In a payer’s hand: mostly what works; then what is declined, what a bank takes back, what can’t be refunded.
_CARDS = st.sampled_from(
    ["4242424242424242"] * 5
    + ["4000000000000002", "4000000000000259", "4000000000002685", "4000000000005126", "4000000000007726"]
)
_PRICES = st.lists(st.integers(1_00, 9_000_00), min_size=1, max_size=6)
_ANY = st.integers(0, 10_000)
# What a bank gave back it may take again, and give back what it had kept.
_DECISIONS = [("won",), ("lost",), ("lost", "won"), ("won", "lost"), ("won", "lost", "won")]
# What nobody answers for in a world like this: the provider's silence, a step that came too late, a card that says no.
_REFUSALS = (DomainError, guest.PaymentDeclined, guest.PageRefused)


class Market(RuleBasedStateMachine):
    """What people do, in any order. Whatever is refused, is refused: only the books must be right."""

    app: Flask
    url: str
    sandbox: Sandbox
    played: list[int]

    @initialize(seed=st.integers(0, 2**31 - 1), prices=_PRICES, card=_CARDS)
    def open(self, seed: int, prices: list[int], card: str) -> None:
        """A brand that has paid, or tried to: else half of the markets would stay empty."""
        with psycopg.connect(plain(self.url)) as connection:
            reset(connection)
        self.sandbox.command("reset")
        self.context = self.app.app_context()
        self.context.push()
        self.now = clock.now()
        with transaction():
            self.brand, self.admin = make_brand(), make_admin()
            self.creators = [make_creator(), make_creator()]
        self.deals: list[DealSides] = []
        self.sandbox.command("moods", preset="worst", seed=seed)
        self.fund(prices, card, seed)

    # --- What people do ----------------------------------------------------------------------------------------------

    @rule(prices=_PRICES, card=_CARDS, whose=_ANY)
    def fund(self, prices: list[int], card: str, whose: int) -> None:
        """One checkout for one or several deals."""
        made = []
        with clock.at(self.now), transaction():
            for price in prices:
                creator = self.creators[(whose + price) % len(self.creators)]
                made.append(make_deal(creator, self.brand, price=price, state=State.FUNDING))
        self.deals += made
        ids = [sides.id for sides in made]
        self._insist(lambda: guest.pay(fund_deals(self.brand.actor, ids, "en"), card))

    @rule(which=_ANY)
    def finish(self, which: int) -> None:
        """The work is done and accepted."""
        sides = self._one_of(which, *FUNDED - {State.DISPUTED})
        if sides is not None:
            self._do(lambda: advance(sides, State.ACCEPTANCE))
            self._do(lambda: accept_work(self.brand.actor, sides.id))

    @rule(which=_ANY, hundredths=st.integers(0, 100))
    def quarrel(self, which: int, hundredths: int) -> None:
        """A dispute, and a ruling on any part of the price."""
        sides = self._one_of(which, *FUNDED - {State.DISPUTED})
        if sides is None:
            return

        def decide() -> None:
            claim = Claim("It is not what we agreed on.")
            found = open_dispute(self.brand.actor, sides.id, DisputeReason.NOT_AS_AGREED, claim)
            price = Money(db.session.get_one(Deal, sides.id).quote["price"])  # type: ignore[index]
            give_ruling(self.admin, found.id, Money(price.amount * hundredths // 100), "Half of it was there.")

        self._do(decide)

    @rule(which=_ANY)
    def lose_patience(self, which: int) -> None:
        """Ten days without a draft: the brand cancels, and all of it goes back."""
        sides = self._one_of(which, State.PRODUCTION)
        if sides is not None:
            self.pass_days(12)
            self._do(lambda: cancel_late(self.brand.actor, sides.id, "No draft."))

    @rule(whose=_ANY)
    def connect(self, whose: int) -> None:
        creator = self.creators[whose % len(self.creators)]
        self._insist(lambda: guest.onboard(start_onboarding(creator.actor)))

    # --- What banks and time do --------------------------------------------------------------------------------------

    @rule(which=_ANY, steps=st.sampled_from(_DECISIONS), share=st.integers(1, 100))
    def charge_back(self, which: int, steps: tuple[str, ...], share: int) -> None:
        """A payer's bank takes back a charge or a part of it, decides some days later, and anew at times."""
        with clock.at(self.now):
            charges = list(db.session.scalars(select(Checkout).where(Checkout.charge_id.is_not(None))))
            charge = charges[which % len(charges)] if charges else None
            found = (charge.charge_id, charge.amount) if charge is not None else None
            end_transaction()
        if found is None:
            return
        with suppress(Exception):
            amount = max(1, found[1] * share // 100)
            dispute = self.sandbox.command("triggers/open_dispute", charge=found[0], amount=amount)
            for step in steps:
                self.pass_days(3)
                self.sandbox.command("triggers/advance_dispute", dispute=dispute["id"], step=step)

    @rule(which=_ANY)
    def send_refund_back(self, which: int) -> None:
        """A refund that was sent comes back."""
        sent = self._ids(select(Refund.stripe_refund_id).where(Refund.stripe_refund_id.is_not(None)))
        if sent:
            with suppress(Exception):
                self.sandbox.command("triggers/fail_refund", refund=sent[which % len(sent)])

    @rule(which=_ANY, name=st.sampled_from(["restrict", "clear"]))
    def look_at_account(self, which: int, name: str) -> None:
        accounts = self._ids(select(ConnectedAccount.stripe_account_id))
        if accounts and accounts[0]:
            with suppress(Exception):
                self.sandbox.command(f"triggers/{name}", account=accounts[which % len(accounts)])

    @rule(days=st.sampled_from([0, 0, 1, 3, 8]))
    def pass_days(self, days: int) -> None:
        """Time passes, here and there, and the worker does what is due."""
        passed = timedelta(days=days) or _A_WHILE
        self.now += passed
        self.sandbox.command("clock", advance_seconds=int(passed.total_seconds()))
        self._work()

    # --- How it is done ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        with clock.at(self.now):
            for name in self._periodic():
                with suppress(DomainError):
                    perform(name, {})
                end_transaction()
            run_due(self.app, plain(self.url), allow_failures=True)

    def _periodic(self) -> list[str]:
        tasks = self.app.extensions["mutuals_jobs"].periodic_registry.periodic_tasks
        return sorted({name for name, _id in tasks})

    def _do(self, act: Callable[[], object]) -> None:
        with clock.at(self.now), suppress(*_REFUSALS), transaction():
            act()
        end_transaction()

    def _insist(self, act: Callable[[], object]) -> None:
        """As a person does who presses the button again."""
        for _ in range(_TRIES):
            try:
                with clock.at(self.now):
                    act()
            except gateway.ProviderUnavailable:
                continue
            except _REFUSALS:
                pass
            finally:
                end_transaction()
            return

    def _one_of(self, which: int, *states: State) -> DealSides | None:
        wanted = self._ids(select(Deal.id).where(Deal.state.in_(states)).order_by(Deal.id))
        here = [sides for sides in self.deals if sides.id in wanted]
        return here[which % len(here)] if here else None

    def _ids(self, query: Any) -> list[Any]:
        found = list(db.session.scalars(query))
        end_transaction()
        return found

    def teardown(self) -> None:
        if not hasattr(self, "context"):
            return
        self.sandbox.command("moods", preset="calm")
        for _ in range(5):
            self.sandbox.wait_for_webhooks()
            self.pass_days(1)
        with clock.at(self.now):
            assert_books_balance()
            assert_three_books_agree(self.app)
        self.played.append(len(self.deals))
        if len(self.played) % _TOLD_EVERY == 0:
            sys.stderr.write(f"{sum(self.played)} deals in {len(self.played)} markets\n")
        db.session.remove()
        self.context.pop()


# A market takes some seconds, and on a busy machine half a minute.
@pytest.mark.timeout(600 + 60 * EXAMPLES)
def test_three_books_agree_whatever_happens(
    app: Flask, database_url: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who backs off after a fault need not be waited for.
    monkeypatch.setattr(time, "sleep", lambda seconds, sleep=time.sleep: sleep(min(seconds, _LONGEST_SLEEP)))
    played: list[int] = []
    for name, value in {"app": app, "url": database_url, "sandbox": sandbox, "played": played}.items():
        monkeypatch.setattr(Market, name, value, raising=False)
    run_state_machine_as_test(
        Market,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # A market takes seconds to play again: what failed is shown as it was.
            phases=(Phase.generate,),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
    assert len(played) >= EXAMPLES
    sys.stderr.write(f"{sum(played)} deals in {len(played)} markets: three books agree\n")
