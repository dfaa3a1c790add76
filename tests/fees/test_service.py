"""Policies in the database, and the month's allowance that two deals never use twice."""

from datetime import UTC, date, datetime
from functools import partial

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.models import CreatorMonthEarnings, FeeAllowance, FeePolicy
from marketplace.fees.parties import FeeParties
from marketplace.fees.policy import CurrencyNotCovered
from marketplace.fees.queries import (
    earned_in_month,
    fee_day,
    fee_month,
    policy_in_force,
    policy_of,
    preview_quote,
)
from marketplace.fees.quote import FeeQuote
from marketplace.fees.service import (
    AllowanceKeyReused,
    ensure_default_policy,
    freeze_quote,
    lower_allowance,
    release_allowance,
    reserve_allowance,
)
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, NotFound
from marketplace.kit.money import Money
from tests.ledger.books import at_once, fresh

pytestmark = pytest.mark.usefixtures("context")

MARCH = date(2026, 3, 1)
NOON = datetime(2026, 3, 15, 4, tzinfo=UTC)


def creator() -> str:
    return f"creator:{fresh()}"


def parties(owner: str, zone: str = "Asia/Shanghai") -> FeeParties:
    return FeeParties(owner, zone, since=date(2025, 1, 1))


def test_the_default_policy_is_installed_once_and_is_the_one_in_code() -> None:
    with transaction():
        ensure_default_policy()
        ensure_default_policy()
    assert policy_of(1) == DEFAULT_POLICY
    assert policy_in_force(date(2026, 1, 1)) == DEFAULT_POLICY


def test_there_are_no_rules_before_the_first_policy() -> None:
    with pytest.raises(NotFound):
        policy_in_force(date(1999, 12, 31))
    with pytest.raises(NotFound):
        policy_of(10**9)


def add_policy(starts: date, published: bool = True) -> int:
    version = (db.session.execute(select(func.max(FeePolicy.version))).scalar() or 0) + 1
    rules = {**DEFAULT_POLICY.to_json(), "creator_floor": 8_000}
    moment = NOON if published else None
    by = "user:2" if moment is not None else None
    db.session.add(FeePolicy(version=version, effective_from=starts, published_at=moment, published_by=by, rules=rules))
    db.session.flush()
    return version


def test_a_published_version_is_in_force_from_its_day_and_a_draft_never() -> None:
    draft, later = add_policy(date(2031, 1, 1), published=False), add_policy(date(2031, 2, 1))
    assert policy_in_force(date(2031, 1, 31)).version == 1
    assert policy_in_force(date(2031, 2, 1)).version == later
    assert policy_in_force(date(2031, 2, 1)).creator_floor == 8_000
    assert policy_of(draft).creator_floor == 8_000


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fee_policies SET rules = '{}' WHERE version = 1",
        "UPDATE fee_policies SET effective_from = '2031-01-01' WHERE version = 1",
        "UPDATE fee_policies SET published_at = NULL WHERE version = 1",
        "DELETE FROM fee_policies WHERE version = 1",
        "TRUNCATE fee_policies CASCADE",
    ],
)
def test_a_published_policy_cannot_be_changed(change: str) -> None:
    with pytest.raises(IntegrityError, match="fee_polic") as error:
        db.session.execute(text(change))
    assert isinstance(error.value.orig, psycopg.Error)
    assert error.value.orig.diag.constraint_name == "fee_policy_published"


def test_a_draft_can_be_changed_and_thrown_away() -> None:
    version = add_policy(date(2031, 1, 1), published=False)
    db.session.execute(update(FeePolicy).where(FeePolicy.version == version).values(effective_from=date(2032, 1, 1)))
    db.session.execute(text("DELETE FROM fee_policies WHERE version = :version"), {"version": version})


def test_the_platforms_clock_decides_the_day_and_the_creators_the_month() -> None:
    last = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert (fee_day(last), fee_month("Asia/Shanghai", last)) == (date(2026, 3, 31), MARCH)
    first = datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert (fee_day(first), fee_month("Asia/Shanghai", first)) == (date(2026, 4, 1), date(2026, 4, 1))
    assert fee_month("America/Los_Angeles", first) == MARCH
    assert fee_month("Pacific/Kiritimati", datetime(2026, 3, 31, 10, tzinfo=UTC)) == date(2026, 4, 1)


def test_each_deal_finds_what_those_before_it_earned() -> None:
    owner = creator()
    with transaction():
        before = [reserve_allowance(owner, MARCH, Money(price), f"deal:{fresh()}") for price in (100, 250, 7)]
    assert before == [Money(0), Money(100), Money(350)]
    assert earned_in_month(owner, "CNY", MARCH) == Money(357)


def test_creators_months_and_currencies_are_apart() -> None:
    owner = creator()
    with transaction():
        reserve_allowance(owner, MARCH, Money(100), f"deal:{fresh()}")
        assert reserve_allowance(owner, MARCH, Money(5, "USD"), f"deal:{fresh()}") == Money(0, "USD")
        assert reserve_allowance(owner, date(2026, 4, 30), Money(5), f"deal:{fresh()}") == Money(0)
        assert reserve_allowance(creator(), MARCH, Money(5), f"deal:{fresh()}") == Money(0)
    assert earned_in_month(owner, "CNY", date(2026, 4, 1)) == Money(5)


def test_the_same_key_reserves_once() -> None:
    owner, key = creator(), f"deal:{fresh()}"
    with transaction():
        reserve_allowance(owner, MARCH, Money(40), f"deal:{fresh()}")
        first = reserve_allowance(owner, MARCH, Money(100), key)
    with transaction():
        reserve_allowance(owner, MARCH, Money(1), f"deal:{fresh()}")
        assert reserve_allowance(owner, MARCH, Money(100), key) == first == Money(40)
    assert earned_in_month(owner, "CNY", MARCH) == Money(141)


@pytest.mark.parametrize(
    ("creator_too", "month", "price"),
    [
        (False, MARCH, Money(100)),
        (True, date(2026, 4, 1), Money(100)),
        (True, MARCH, Money(99)),
        (True, MARCH, Money(100, "USD")),
    ],
)
def test_the_same_key_for_another_deal_is_refused(creator_too: bool, month: date, price: Money) -> None:
    owner, key = creator(), f"deal:{fresh()}"
    with transaction():
        reserve_allowance(owner, MARCH, Money(100), key)
    with pytest.raises(AllowanceKeyReused):
        reserve_allowance(owner if creator_too else creator(), month, price, key)


def test_a_deal_that_ends_without_settlement_gives_its_place_back_once() -> None:
    owner, key = creator(), f"deal:{fresh()}"
    with transaction():
        reserve_allowance(owner, MARCH, Money(100), key)
        reserve_allowance(owner, MARCH, Money(30), f"deal:{fresh()}")
    for _ in range(2):
        with transaction():
            release_allowance(key)
    assert earned_in_month(owner, "CNY", MARCH) == Money(30)
    with pytest.raises(AllowanceKeyReused), transaction():
        reserve_allowance(owner, MARCH, Money(100), key)


def test_releasing_what_was_never_reserved_is_nothing() -> None:
    with transaction():
        release_allowance(f"deal:{fresh()}")


def test_a_ruling_lowers_what_counts() -> None:
    owner, key = creator(), f"deal:{fresh()}"
    with transaction():
        reserve_allowance(owner, MARCH, Money(100), key)
    for _ in range(2):
        with transaction():
            lower_allowance(key, Money(40))
    assert earned_in_month(owner, "CNY", MARCH) == Money(40)
    for wrong in (41, -1):
        with pytest.raises(Conflict), transaction():
            lower_allowance(key, Money(wrong))
    with pytest.raises(NotFound):
        lower_allowance(f"{key}:other", Money(0))


def test_deals_signed_in_the_same_second_share_one_allowance(app: Flask) -> None:
    owner = creator()
    price = Money(200_000)
    works = [partial(freeze, owner, f"deal:{fresh()}", price) for _ in range(6)]
    quotes = [answer for answer in at_once(app, works) if isinstance(answer, FeeQuote)]
    assert sorted(found.earned_before.amount for found in quotes) == [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]
    assert sum(found.creator_fee.amount for found in quotes) == (1_200_000 - 500_000) // 10
    assert earned_in_month(owner, "CNY", MARCH) == Money(1_200_000)


def test_the_same_deal_signed_twice_at_once_reserves_once(app: Flask) -> None:
    owner, key = creator(), f"deal:{fresh()}"
    answers = at_once(app, [partial(freeze, owner, key, Money(300_000)) for _ in range(6)])
    assert {found.earned_before for found in answers if isinstance(found, FeeQuote)} == {Money(0)}
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert earned_in_month(owner, "CNY", MARCH) == Money(300_000)


def test_releases_at_once_give_back_once(app: Flask) -> None:
    owner, key = creator(), f"deal:{fresh()}"
    with transaction():
        reserve_allowance(owner, MARCH, Money(70), f"deal:{fresh()}")
        reserve_allowance(owner, MARCH, Money(100), key)
    assert at_once(app, [partial(release_allowance, key)] * 5) == [None] * 5
    assert earned_in_month(owner, "CNY", MARCH) == Money(70)


def test_a_preview_shows_what_signing_would_give_and_reserves_nothing() -> None:
    owner = creator()
    with clock.at(NOON):
        shown = preview_quote(parties(owner), DealKind.VIDEO, Money(700_000))
        assert earned_in_month(owner, "CNY", MARCH) == Money(0)
        with transaction():
            signed = freeze_quote(parties(owner), f"deal:{fresh()}", DealKind.VIDEO, Money(700_000))
        assert signed == shown
        assert preview_quote(parties(owner), DealKind.VIDEO, Money(700_000)).earned_before == Money(700_000)


def test_a_currency_without_rules_reserves_nothing() -> None:
    owner = creator()
    with pytest.raises(CurrencyNotCovered), transaction():
        freeze_quote(parties(owner), f"deal:{fresh()}", DealKind.VIDEO, Money(100, "ISK"))
    assert db.session.execute(select(func.count()).where(FeeAllowance.creator == owner)).scalar_one() == 0


def test_the_month_is_the_sum_of_what_its_deals_keep() -> None:
    kept = (
        select(func.sum(FeeAllowance.kept))
        .where(
            FeeAllowance.creator == CreatorMonthEarnings.creator,
            FeeAllowance.month == CreatorMonthEarnings.month,
            FeeAllowance.currency == CreatorMonthEarnings.currency,
        )
        .scalar_subquery()
    )
    assert db.session.execute(select(CreatorMonthEarnings).where(CreatorMonthEarnings.earned != kept)).all() == []


def freeze(owner: str, key: str, price: Money) -> FeeQuote:
    with clock.at(NOON):
        return freeze_quote(parties(owner), key, DealKind.VIDEO, price)
