"""Deals of one creator signed in the same second share the month's allowance, whatever else changes meanwhile."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from marketplace.accounts.models import User
from marketplace.creators.queries import fee_parties
from marketplace.deals.lifecycle import State
from marketplace.deals.quotes import quote_of
from marketplace.fees.models import CreatorMonthEarnings, FeeAgreement, FeeAllowance
from marketplace.fees.policy import Bracket, Rule, RuleKind, rule_to_json
from marketplace.fees.queries import fee_day
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support.deals import DealSides, current, make_deal, sign_as
from tests.support.market import make_creator
from tests.support.money import assert_books_balance

pytestmark = pytest.mark.usefixtures("context", "sandbox")

EDGE = datetime(2027, 3, 31, 16, 30, tzinfo=UTC)
"""In Shanghai the first of April has begun; in New York it is the last of March, at noon."""


def _signed_by_the_creator(count: int, price: int) -> list[DealSides]:
    creator = make_creator()
    found = [make_deal(creator, price=price, state=State.SIGNING) for _ in range(count)]
    for sides in found:
        sign_as(sides, creator.actor)
    return found


def _at_once(app: Flask, *verbs: Callable[[], object], at: datetime | None = None) -> None:
    """Each in a thread, a connection and a transaction of its own, started together; none may fail."""
    start, failed = threading.Barrier(len(verbs)), []

    def run(verb: Callable[[], object]) -> None:
        with app.app_context(), clock.at(at or clock.now()):
            start.wait()
            try:
                with transaction():
                    verb()
            except Exception as error:  # whatever it is, the test says so
                failed.append(error)

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert failed == []


def _quotes(deals: list[DealSides]) -> list[FeeQuote]:
    quotes = [quote_of(current(sides)) for sides in deals]
    return sorted((found for found in quotes if found is not None), key=lambda found: found.earned_before)


def _free(quotes: list[FeeQuote]) -> int:
    return sum(line.base.amount for found in quotes for line in found.creator_lines if not line.rate)


def _publish_agreement(creator_id: int) -> None:
    """Free up to the same amount, and half of the usual rate above it. It holds at once: no verb allows as much."""
    rule = Rule("R", RuleKind.CREATOR_COMMISSION, (Bracket(0), Bracket(500, {"CNY": 5_000_00})))
    db.session.add(
        FeeAgreement(
            creator=fee_parties(creator_id).creator,
            rule=rule_to_json(rule),
            starts=fee_day(),
            why="They bring much.",
            editors=["user:1"],
            created_at=clock.now(),
            published_at=clock.now(),
            published_by="user:2",
        )
    )


def test_an_agreement_published_meanwhile_gives_no_second_allowance(app: Flask) -> None:
    with transaction():
        deals = _signed_by_the_creator(3, 4_000_00)
        creator_id = deals[0].creator.id
    _at_once(
        app,
        *(lambda s=sides: sign_as(s, s.brand.actor) for sides in deals),
        lambda: _publish_agreement(creator_id),
    )
    quotes = _quotes(deals)
    assert [found.earned_before.amount for found in quotes] == [0, 4_000_00, 8_000_00]
    assert _free(quotes) == 5_000_00
    for found, above in zip(quotes, (0, 3_000_00, 4_000_00), strict=True):
        (rule,) = found.policy.of(RuleKind.CREATOR_COMMISSION)
        assert found.creator_fee.amount == above * rule.top_rate // 10_000
    assert_books_balance()


def test_a_time_zone_changed_meanwhile_gives_each_month_one_allowance(app: Flask) -> None:
    with transaction(), clock.at(EDGE):
        deals = _signed_by_the_creator(3, 4_000_00)
        user_id = deals[0].creator.user_id
    moves = update(User).where(User.id == user_id).values(timezone="America/New_York")
    _at_once(
        app,
        *(lambda s=sides: sign_as(s, s.brand.actor) for sides in deals),
        lambda: db.session.execute(moves),
        at=EDGE,
    )
    creator = fee_parties(deals[0].creator.id).creator
    months = db.session.scalars(select(CreatorMonthEarnings).where(CreatorMonthEarnings.creator == creator)).all()
    assert sum(row.earned for row in months) == 3 * 4_000_00
    assert {row.month for row in months} <= {date(2027, 3, 1), date(2027, 4, 1)}
    quotes = _quotes(deals)
    assert _free(quotes) == sum(min(row.earned, 5_000_00) for row in months)
    assert (
        sum(found.creator_fee.amount for found in quotes) == sum(max(row.earned - 5_000_00, 0) for row in months) // 10
    )
    assert_books_balance()


def test_each_deal_is_counted_once_in_the_month_it_was_signed_in(app: Flask) -> None:
    with transaction():
        deals = _signed_by_the_creator(4, 2_000_00)
    _at_once(app, *(lambda s=sides: sign_as(s, s.brand.actor) for sides in deals))
    creator = fee_parties(deals[0].creator.id).creator
    rows = db.session.scalars(select(FeeAllowance).where(FeeAllowance.creator == creator)).all()
    assert sorted(row.earned_before for row in rows) == [0, 2_000_00, 4_000_00, 6_000_00]
    assert sum(found.creator_fee.amount for found in _quotes(deals)) == 300_00
    assert_books_balance()
