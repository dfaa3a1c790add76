"""The month is the creator's own, the rules are those of the platform's day, and no allowance is used twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.models import CreatorMonthEarnings, FeeAgreement, FeePolicy
from marketplace.fees.parties import FeeParties
from marketplace.fees.policy import Bracket, Programme, Rule, RuleKind, rule_to_json
from marketplace.fees.queries import (
    Allowance,
    allowance_of,
    announced_policy,
    earned_in_month,
    fee_day,
    fee_month,
    preview_quote,
    rule_book,
    rules_for,
)
from marketplace.fees.quote import FeeQuote
from marketplace.fees.service import freeze_quote
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money
from tests.ledger.books import at_once, fresh

pytestmark = pytest.mark.usefixtures("context")

COMMISSION = RuleKind.CREATOR_COMMISSION
SHANGHAI, NEW_YORK, KIRITIMATI, PAGO = "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"
EDGE = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
"""In Shanghai the first of April has begun; in New York it is the last of March, at noon."""
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def parties(zone: str = SHANGHAI, creator: str | None = None, **options: object) -> FeeParties:
    return FeeParties(creator or f"creator:{fresh()}", zone, since=date(2025, 1, 1), **options)  # type: ignore[arg-type]


def sign(who: FeeParties, price: int, moment: datetime = EDGE) -> FeeQuote:
    with clock.at(moment), transaction():
        return freeze_quote(who, f"deal:{fresh()}", DealKind.VIDEO, Money(price))


def agree(rate: int, *, creator: str | None = None, brand: str | None = None, **options: object) -> int:
    """An agreement that holds from the first of March, published unless told otherwise."""
    values = {"starts": MARCH, "ends": None, "published_at": EDGE, "published_by": "user:2", **options}
    row = FeeAgreement(
        creator=creator,
        brand=brand,
        rule=rule_to_json(Rule("R", COMMISSION, (Bracket(rate),))),
        why="They bring much.",
        editors=["user:1"],
        created_at=EDGE,
        **values,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def publish(starts: date, *rules: Rule, version: int = 2) -> None:
    values = {"creator_floor": 7_000, "rules": [rule_to_json(rule) for rule in rules]}
    db.session.add(
        FeePolicy(version=version, effective_from=starts, published_at=EDGE, published_by="user:2", rules=values)
    )
    db.session.flush()


def test_a_month_begins_in_the_creators_own_zone() -> None:
    east, west = parties(SHANGHAI), parties(NEW_YORK)
    before, later = EDGE - timedelta(hours=1), EDGE + timedelta(hours=12)
    for who, months in ((east, [MARCH, APRIL, APRIL]), (west, [MARCH, MARCH, APRIL])):
        for moment, month in zip((before, EDGE, later), months, strict=True):
            assert fee_month(who.zone, moment) == month
    for who, fees in ((east, [0, 0, 300_00]), (west, [0, 300_00, 0])):
        taken = [sign(who, 4_000_00, moment).creator_fee for moment in (before, EDGE, later)]
        assert taken == [Money(fee) for fee in fees]


def test_the_platforms_day_decides_which_rules_hold_in_every_zone() -> None:
    publish(APRIL, Rule("C9", COMMISSION, (Bracket(2_000),)))
    before = EDGE - timedelta(hours=1)
    for zone in (SHANGHAI, NEW_YORK, KIRITIMATI, PAGO):
        assert sign(parties(zone), 100_00, before).policy.version == 1
        assert sign(parties(zone), 100_00, EDGE).policy.version == 2


def test_another_time_zone_never_gives_a_second_allowance_in_a_month() -> None:
    creator = f"creator:{fresh()}"
    zones = [SHANGHAI, NEW_YORK, SHANGHAI, KIRITIMATI, PAGO, SHANGHAI, NEW_YORK]
    quotes = [sign(parties(zone, creator), 4_000_00) for zone in zones]
    by_month = {month: earned_in_month(creator, "CNY", month) for month in (MARCH, APRIL)}
    assert by_month == {MARCH: Money(3 * 4_000_00), APRIL: Money(4 * 4_000_00)}
    assert sum(found.creator_fee.amount for found in quotes) == (1_200_000 - 500_000 + 1_600_000 - 500_000) // 10


@hypothesis_settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from((SHANGHAI, NEW_YORK, KIRITIMATI, PAGO)), st.integers(-40, 40), st.integers(1, 9_000_00)
        ),
        max_size=8,
    )
)
def test_every_month_has_one_allowance_whatever_zones_and_hours(signed: list[tuple[str, int, int]]) -> None:
    creator = f"creator:{fresh()}"
    quotes = [sign(parties(zone, creator), price, EDGE + timedelta(hours=hours)) for zone, hours, price in signed]
    rows = db.session.scalars(select(CreatorMonthEarnings).where(CreatorMonthEarnings.creator == creator)).all()
    assert sum(row.earned for row in rows) == sum(price for _zone, _hours, price in signed)
    free = sum(line.base.amount for found in quotes for line in found.creator_lines if not line.rate)
    assert free == sum(min(row.earned, 500_000) for row in rows)
    assert {row.month for row in rows} <= {MARCH, APRIL}
    db.session.rollback()


@pytest.mark.parametrize("zones", [(SHANGHAI, SHANGHAI), (SHANGHAI, NEW_YORK)])
def test_deals_signed_in_the_same_second_in_two_zones_use_each_month_once(app: Flask, zones: tuple[str, str]) -> None:
    creator = f"creator:{fresh()}"
    works: list[Callable[[], FeeQuote]] = [partial(_freeze, parties(zones[number % 2], creator)) for number in range(6)]
    quotes = [answer for answer in at_once(app, works) if isinstance(answer, FeeQuote)]
    assert len(quotes) == 6
    earned = [earned_in_month(creator, "CNY", month).amount for month in (MARCH, APRIL)]
    assert sum(earned) == 6 * 2_000_00
    assert sum(found.creator_fee.amount for found in quotes) == sum(max(one - 500_000, 0) for one in earned) // 10


def _freeze(who: FeeParties) -> FeeQuote:
    with clock.at(EDGE):
        return freeze_quote(who, f"deal:{fresh()}", DealKind.VIDEO, Money(2_000_00))


def names(who: FeeParties, on: date) -> list[str]:
    return [rule.id for rule in rules_for(who, DealKind.VIDEO, "CNY", on).rules]


def test_an_agreement_holds_from_its_first_day_to_its_last_once_published() -> None:
    who = parties(brand=f"brand:{fresh()}")
    number = agree(300, creator=who.creator, ends=date(2026, 3, 31))
    agree(100, creator=who.creator, published_at=None, published_by=None)
    days = (date(2026, 2, 28), MARCH, date(2026, 3, 31), APRIL)
    assert [names(who, day) for day in days] == [
        ["C1", "B1"],
        [f"A-{number}", "B1"],
        [f"A-{number}", "B1"],
        ["C1", "B1"],
    ]


def test_agreements_are_found_by_those_whom_they_name() -> None:
    who = parties(brand=f"brand:{fresh()}")
    other = agree(500, brand=who.brand)
    assert names(who, APRIL) == [f"A-{other}", "B1"]
    payer = agree(400, creator=who.creator)
    assert names(who, APRIL) == [f"A-{payer}", "B1"]
    both = agree(300, creator=who.creator, brand=who.brand)
    assert names(who, APRIL) == [f"A-{both}", "B1"]
    agree(200, creator=who.creator, brand=f"brand:{fresh()}")
    assert names(who, APRIL) == [f"A-{both}", "B1"]
    assert names(FeeParties(who.creator, SHANGHAI, None), APRIL) == [f"A-{payer}", "B1"]
    assert names(parties(brand=who.brand), APRIL) == [f"A-{other}", "B1"]
    book = rule_book([who.creator, f"creator:{fresh()}"], who.brand, APRIL)
    assert {found.number for found in book.agreements} == {other, payer, both}


def test_a_frozen_quote_keeps_the_agreement_it_was_signed_under() -> None:
    who = parties()
    number = agree(300, creator=who.creator)
    signed = sign(who, 1_000_00)
    db.session.get_one(FeeAgreement, number).ends = date(2026, 4, 1)
    db.session.flush()
    kept = FeeQuote.from_json(signed.to_json())
    assert kept == signed
    assert kept.creator_fee == Money(30_00)
    assert kept.partial(Money(500_00)).creator_fee == Money(15_00)
    assert names(who, date(2026, 4, 2)) == ["C1", "B1"]


def test_what_is_signed_in_a_programme_counts_in_the_month_like_any_other() -> None:
    first = date(2026, 3, 3)
    publish(MARCH, *DEFAULT_POLICY.rules, Rule("W1", COMMISSION, (Bracket(0),), programme=Programme("Welcome", 7)))
    who = FeeParties(f"creator:{fresh()}", SHANGHAI, since=first)
    during, after = datetime(2026, 3, 9, 12, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC)
    with clock.at(during):
        assert preview_quote(who, DealKind.VIDEO, Money(9_000_00)).creator_fee == Money(0)
    assert sign(who, 9_000_00, during).creator_fee == Money(0)
    assert sign(who, 1_000_00, after).creator_fee == Money(100_00)


def test_the_next_version_is_the_one_with_the_nearest_later_day() -> None:
    assert announced_policy(MARCH) is None
    for version, starts in ((2, date(2026, 5, 1)), (3, APRIL), (4, APRIL)):
        publish(starts, Rule("C9", COMMISSION, (Bracket(2_000),)), version=version)
    found = announced_policy(date(2026, 3, 31))
    assert found is not None
    assert (found[0], found[1].version) == (APRIL, 4)
    later = announced_policy(APRIL)
    assert later is not None
    assert (later[0], later[1].version) == (date(2026, 5, 1), 2)


def allowance(who: FeeParties, currency: str = "CNY") -> Allowance:
    with clock.at(EDGE):
        found = allowance_of(who, currency)
    assert found is not None
    return found


def test_the_allowance_says_what_is_free_used_and_left_and_when_it_begins_again() -> None:
    who = parties(NEW_YORK)
    fresh_month = allowance(who)
    assert (fresh_month.month, fresh_month.free, fresh_month.used, fresh_month.left) == (
        MARCH, Money(500_000), Money(0), Money(500_000),
    )  # fmt: skip
    assert fresh_month.renews_at == datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert fresh_month.kinds is None
    sign(who, 1_400_00)
    assert (allowance(who).used, allowance(who).left) == (Money(140_000), Money(360_000))
    sign(who, 9_000_00)
    assert (allowance(who).used, allowance(who).left) == (Money(500_000), Money(0))
    assert allowance(FeeParties(who.creator, SHANGHAI, None)).left == Money(500_000)
    assert allowance(who, "JPY").free == Money(100_000, "JPY")


def test_there_is_no_allowance_where_nothing_is_free_or_everything_is() -> None:
    who = parties()
    agree(300, creator=who.creator)
    everything = parties()
    agree(0, creator=everything.creator)
    with clock.at(EDGE):
        assert allowance_of(who, "CNY") is None
        assert allowance_of(everything, "CNY") is None
        assert allowance_of(parties(), "ISK") is None


def test_where_kinds_of_deals_differ_the_smallest_allowance_is_named_with_its_kinds() -> None:
    live = frozenset({DealKind.LIVE_SESSION, DealKind.LIVE_MENTION})
    less = Rule("C2", COMMISSION, (Bracket(0), Bracket(500, {"CNY": 100_000})), deal_kinds=live)
    publish(MARCH, *DEFAULT_POLICY.rules, less)
    found = allowance(parties())
    assert (found.free, found.kinds) == (Money(100_000), live)


def test_the_day_of_fees_is_the_platforms() -> None:
    assert fee_day(EDGE) == APRIL
