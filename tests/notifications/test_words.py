"""What people are told is told in words that fit, in their own language and time zone."""

import re
from datetime import UTC, date, datetime

import pytest

from marketplace.accounts.actor import BrandRole
from marketplace.deals.lifecycle import TABLE, Action
from marketplace.infra.i18n import reader
from marketplace.kit.money import Money
from marketplace.notifications.told import (
    Detail,
    Told,
    count_detail,
    day_detail,
    moment_detail,
    money_detail,
    month_detail,
    percent_detail,
    role_detail,
)
from marketplace.notifications.words import KINDS

EVERY: dict[str, Detail] = {
    "name": "Wei Lan",
    "who": "Hearth & 100 % Grain",
    "title": "Clay-pot %(who)s suppers",
    "deal": "M-1001",
    "number": "3",
    "month": month_detail(date(2026, 10, 1)),
    "year": "2026",
    "price": money_detail(Money(12_600_00)),
    "amount": money_detail(Money(90_00, "USD")),
    "deadline": moment_detail(datetime(2026, 11, 26, 10, 0, tzinfo=UTC)),
    "due": day_detail(date(2026, 11, 24)),
    "agency": "Lantern Agency",
    "creator": "Lin Yue",
    "share": percent_detail(1_500),
    "ends": moment_detail(datetime(2026, 12, 26, 10, tzinfo=UTC)),
    "until": moment_detail(datetime(2026, 12, 26, 10, tzinfo=UTC)),
    "publish": day_detail(date(2026, 11, 28)),
    "fans": count_detail(12_400),
    "threshold": count_detail(10_000),
    "channel": "lin.cooks",
    "reason": "The date is missing.",
    "company": "Hearth & 100 % Grain",
    "role": role_detail(BrandRole.FINANCE),
    "words": "lottery, 彩票",
    "failure": {"payout_failure": "no_account"},
    "movements": count_detail(3),
    "entries": count_detail(2),
    "excerpt": "The lid lifts at 0:41.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_makes_whole_sentences(context: None, kind: str) -> None:
    told = Told(kind, EVERY)
    for sentence in (told.fact, told.says, told.button):
        assert not re.search(r"%\((?!who\)s suppers)", sentence)
        assert "  " not in sentence
    assert not told.fact.endswith(".")
    assert not told.says or told.says[-1] in ".”"


def test_each_way_a_deal_moves_has_words() -> None:
    without_words = {action for _state, action in TABLE if f"deal.{action.value}.plain" not in KINDS}
    assert without_words == set()
    assert f"deal.{Action.OPEN.value}.plain" not in KINDS


def test_the_same_news_reads_by_each_readers_clock_and_language(context: None) -> None:
    told = Told("deal.submit_draft.brand", EVERY)
    with reader("en", "Asia/Shanghai"):
        assert "by Thu 26 Nov, 18:00" in told.says
    with reader("en", "America/New_York"):
        assert "by Thu 26 Nov, 05:00" in told.says
    with reader("zh", "Asia/Shanghai"):
        assert "11 月 26 日（周四）18:00" in told.says


def test_amounts_are_written_with_their_currency(context: None) -> None:
    with reader("en", "UTC"):
        assert Told("money.transferred", EVERY).fact == "US$90.00 is on its way to you"
        assert Told("deal.fund.creator", EVERY).price == "¥12,600.00"
