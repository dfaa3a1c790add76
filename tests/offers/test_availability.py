"""When a creator can be booked: holidays, blocked days, and the most deals at once."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace.creators.models import Creator
from marketplace.creators.policy import today
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.offers.availability import (
    busy_creators,
    end_engagement,
    first_free_day,
    is_full,
    open_engagement,
    require_free,
    working_days,
)
from marketplace.offers.models import BlockedDay, Engagement
from tests.support.market import CreatorSide, creator_of, make_application, make_brand, make_brief, make_creator


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


@pytest.fixture
def side(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator()


@pytest.fixture
def creator(context: None, side: CreatorSide) -> Iterator[Creator]:
    """The creator inside a transaction that is undone."""
    yield creator_of(side)
    db.session.rollback()


def engage(side: CreatorSide, first: int, last: int) -> int:
    """A selection that takes the creator's days, counted from today; returns its id."""
    selection = make_application(side, make_brief(make_brand()).id)
    open_engagement(side.id, selection.id, in_days(first), in_days(last), selection.title)
    return selection.id


def test_a_creator_without_anything_in_the_way_is_free(creator: Creator) -> None:
    require_free(creator, today(), in_days(30))
    assert first_free_day(creator, today()) == today()
    assert (is_full(creator), busy_creators([creator.id])) == (False, set())
    assert busy_creators([]) == set()


@pytest.mark.parametrize(("wanted", "free"), [(2, True), (3, False), (9, False), (10, True)])
def test_a_holiday_takes_both_its_days(creator: Creator, wanted: int, free: bool) -> None:
    creator.holiday_from, creator.holiday_until = in_days(3), in_days(9)
    if free:
        require_free(creator, today(), in_days(wanted))
    else:
        with pytest.raises(Conflict, match="Lin Yue is on holiday until"):
            require_free(creator, today(), in_days(wanted))
    assert first_free_day(creator, in_days(wanted)) == (in_days(wanted) if free else in_days(10))


def test_on_holiday_is_shown_from_its_first_to_its_last_day(creator: Creator) -> None:
    creator.holiday_from, creator.holiday_until = in_days(1), in_days(2)
    db.session.flush()
    for days, shown in ((0, False), (1, True), (2, True), (3, False)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert busy_creators([creator.id]) == ({creator.id} if shown else set())


def test_a_blocked_day_refuses_only_work_wanted_on_it(creator: Creator) -> None:
    db.session.add_all(BlockedDay(creator_id=creator.id, day=in_days(days)) for days in (0, 1))
    db.session.flush()
    with pytest.raises(Conflict, match="takes no work on"):
        require_free(creator, today(), in_days(1))
    require_free(creator, today(), in_days(2))
    assert first_free_day(creator, today()) == in_days(2)
    assert busy_creators([creator.id]) == set(), "a day off is neither a holiday nor a full calendar"


def test_as_many_deals_as_the_creator_takes_are_enough(creator: Creator, side: CreatorSide) -> None:
    creator.most_deals = 2
    first = engage(side, 0, 10)
    require_free(creator, today(), in_days(10))
    second = engage(side, 5, 8)
    assert not is_full(creator)
    require_free(creator, today(), in_days(4))
    require_free(creator, in_days(9), in_days(20))
    for starts, ends in ((0, 5), (5, 5), (8, 30), (2, 40)):
        with pytest.raises(Conflict, match="as many deals on"):
            require_free(creator, in_days(starts), in_days(ends))
    assert first_free_day(creator, in_days(5)) == in_days(9)
    with clock.at(clock.now() + timedelta(days=6)):
        assert is_full(creator)
        assert busy_creators([creator.id]) == {creator.id}
    end_engagement(second)
    end_engagement(second)
    require_free(creator, in_days(5), in_days(8))
    end_engagement(first)
    assert db.session.query(Engagement).filter(Engagement.ended_at.is_(None)).count() == 0
    end_engagement(first + 1000)


def test_a_late_deal_still_takes_the_present_day(creator: Creator, side: CreatorSide) -> None:
    creator.most_deals = 1
    engage(side, 0, 3)
    with clock.at(clock.now() + timedelta(days=5)):
        assert is_full(creator)
        assert busy_creators([creator.id]) == {creator.id}
        assert first_free_day(creator, today()) == in_days(1)


def test_a_creator_without_a_limit_is_never_full(creator: Creator, side: CreatorSide) -> None:
    engage(side, 0, 10)
    engage(side, 0, 10)
    assert (is_full(creator), busy_creators([creator.id])) == (False, set())


def test_who_is_free_on_no_day_has_no_first_free_day(creator: Creator) -> None:
    creator.holiday_from, creator.holiday_until = today(), in_days(3650)
    assert first_free_day(creator, today()) is None


@pytest.mark.parametrize(("delivery", "wanted", "days"), [(9, None, (0, 9)), (9, 20, (11, 20)), (9, 4, (0, 4))])
def test_work_takes_its_days_before_the_day_it_is_wanted(
    creator: Creator, delivery: int, wanted: int | None, days: tuple[int, int]
) -> None:
    found = working_days(delivery, in_days(wanted) if wanted is not None else None)
    assert found == (in_days(days[0]), in_days(days[1]))
