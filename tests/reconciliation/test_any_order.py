"""Whatever moves at Stripe, in whatever order it is heard of: in the end all is explained, and the books hold what
Stripe holds."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from marketplace.infra.db import db, transaction
from marketplace.infra.stripe_gateway import Movement
from marketplace.kit.money import Money
from marketplace.ledger.accounts import platform_bank, stripe_clearing, stripe_fees, stripe_reserved, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.provider import fee_posting
from marketplace.ledger.queries import balance, trial_balance
from marketplace.ledger.service import post, post_many
from marketplace.reconciliation.booking import BANK, FEES, RESERVES
from marketplace.reconciliation.matching import match_batch
from marketplace.reconciliation.queries import missing_since
from marketplace.reconciliation.reading import keep_movements

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
OURS = ("charge", "payment", "refund", "transfer", "adjustment")
TYPES = st.sampled_from([*sorted(FEES), *BANK, *sorted(RESERVES), *OURS])
MOVES = st.tuples(TYPES, st.integers(-9_999, 9_999), st.integers(-99, 99), st.integers(0, 9))


def movement(number: int, type_: str, amount: int, fee: int) -> Movement:
    then = BEGAN + timedelta(minutes=number)
    return Movement(f"txn_{number}", type_, type_, amount, fee, amount - fee, "CNY", "", "", then, then)


def book(found: Movement, *, with_fee: bool) -> None:
    """As the verb does that moved it: the movement, and perhaps its fee."""
    amount = Money(found.amount, found.currency)
    # A liability that nobody overdraws: what left had come before.
    lines = [debit(stripe_clearing("CNY"), amount), credit(platform_bank("CNY"), amount)]
    if amount:
        post("manual.entry", f"ours:{found.id}", lines, "ours", external_id=found.id)
    fee = fee_posting(found.id, Money(found.fee, found.currency))
    if fee is not None and with_fee:
        post_many([fee])


@pytest.mark.usefixtures("context")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, min_size=1, max_size=12))
def test_any_sequence_ends_with_all_explained(app: Flask, moves: list[tuple[str, int, int, int]]) -> None:
    with app.app_context():
        with transaction():
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
            for table in ("balance_transactions", "ledger_lines", "ledger_entries", "ledger_accounts"):
                db.session.execute(text(f"DELETE FROM {table}"))
        movements = [movement(number, *move[:3]) for number, move in enumerate(moves)]
        # Reading, again and again, meets each verb before or after it has booked.
        acts = [(when, found) for found, (*_rest, when) in zip(movements, moves, strict=True)]
        for moment in range(10):
            heard = [found for when, found in acts if when <= moment]
            with transaction():
                keep_movements(heard)
                match_batch()
            for found in (found for when, found in acts if when == moment and found.type in OURS):
                with transaction():
                    book(found, with_fee=bool(moment % 2))
        with transaction():
            match_batch()
        check(movements)


def check(movements: list[Movement]) -> None:
    open_ = db.session.execute(text("SELECT id FROM balance_transactions WHERE explained_at IS NULL")).all()
    assert open_ == []
    assert balance(stripe_clearing("CNY")) == sum(found.net for found in movements)
    assert missing_since(datetime.now(UTC)) == {}
    assert trial_balance().balances
    takes = sum(-found.net if found.type in FEES else found.fee for found in movements)
    assert balance(stripe_fees("CNY")) == takes
    assert balance(stripe_reserved("CNY")) == -sum(found.amount for found in movements if found.type in RESERVES)
    assert balance(suspense("CNY")) == 0
    db.session.rollback()
