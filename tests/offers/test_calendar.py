"""The creator's calendar: days blocked by ticking them, a holiday, the most deals at once; what brands see of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.creators.policy import today
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed
from marketplace.offers.availability import FURTHEST, availability_note, open_engagement
from marketplace.offers.days import block_days, set_limits
from marketplace.offers.labels import means_for_brands, note_says
from marketplace.offers.models import BlockedDay
from marketplace.offers.month import month_of
from tests.support.market import (
    CreatorSide,
    creator_of,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_offer,
    sign_in,
)
from tests.support.web import Client

PAGE, DAYS = "/me/availability", "/me/availability/days"
# A Tuesday, whatever the day of the run: the month has six weeks from Monday.
NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator()


def blocked(creator: CreatorSide) -> list[date]:
    days = select(BlockedDay.day).where(BlockedDay.creator_id == creator.id).order_by(BlockedDay.day)
    return list(db.session.scalars(days))


def test_only_the_difference_to_what_was_seen_changes(context: None, creator: CreatorSide) -> None:
    first, second, third = (today() + timedelta(days=days) for days in (1, 2, 3))
    with transaction():
        block_days(creator.actor, {first, second}, ())
        block_days(creator.actor, {first, second}, ())
    with transaction():
        block_days(creator.actor, {second, third}, {second})
    assert blocked(creator) == [first, second, third], "what another window blocked meanwhile stays"
    with transaction():
        block_days(creator.actor, {first}, {first, second})
    assert blocked(creator) == [first, third]
    yesterday = today() - timedelta(days=1)
    with transaction():
        block_days(creator.actor, {yesterday}, ())
    assert yesterday not in blocked(creator), "the past stays as it was"
    with pytest.raises(Invalid, match="too far ahead"):
        block_days(creator.actor, {today() + FURTHEST + timedelta(days=1)}, ())


def test_holiday_and_limit_are_held_to_their_bounds(context: None, creator: CreatorSide) -> None:
    now, day = today(), timedelta(days=1)
    for holiday, why in (
        ((now + day, now), "before its first"),
        ((now - 9 * day, now - day), "is over"),
        ((now, now + 400 * day), "at most a year"),
        ((now + 600 * day, now + 601 * day), "within the next year and a half"),
    ):
        with pytest.raises(Invalid, match=why):
            set_limits(creator.actor, holiday, None)
    for most in (0, 101, -1):
        with pytest.raises(Invalid, match="from one to 100"):
            set_limits(creator.actor, None, most)
    with transaction():
        set_limits(creator.actor, (now, now), 3)
    found = creator_of(creator)
    assert (found.holiday_from, found.holiday_until, found.most_deals) == (now, now, 3)
    with transaction():
        set_limits(creator.actor, None, None)
    assert (found.holiday_from, found.holiday_until, found.most_deals) == (None, None, None)
    with pytest.raises(NotAllowed):
        set_limits(make_brand().actor, None, None)


def test_a_month_is_whole_weeks_from_monday(context: None, creator: CreatorSide) -> None:
    with clock.at(NOON), transaction():
        block_days(creator.actor, {date(2026, 12, 5)}, ())
        set_limits(creator.actor, (date(2026, 12, 8), date(2026, 12, 9)), 1)
        selection = make_application(creator, make_brief(make_brand()).id)
        open_engagement(creator.id, selection.id, date(2026, 12, 3), date(2026, 12, 4), "Suppers")
        month = month_of(creator_of(creator), "2026-12")
    assert [len(week) for week in month.weeks] == [7] * 5
    cells = {cell.day.day: cell for week in month.weeks for cell in week if cell is not None}
    assert month.weeks[0][0] is None
    assert len(cells) == 31
    assert [day for day, cell in cells.items() if cell.blocked] == [5]
    assert [day for day, cell in cells.items() if cell.holiday] == [8, 9]
    assert [day for day, cell in cells.items() if cell.full] == [3, 4]
    assert [day for day, cell in cells.items() if cell.is_today] == [1]
    assert [one.title for one in month.engagements] == ["Suppers"]
    assert (month.previous, month.next) == (None, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("2027-02", (2027, 2)),
        ("2028-06", (2028, 6)),
        ("2028-07", (2026, 12)),
        ("2026-11", (2026, 12)),
        ("1999-01", (2026, 12)),
        ("x", (2026, 12)),
        ("2027-13", (2026, 12)),
        ("", (2026, 12)),
        (None, (2026, 12)),
    ],
)
def test_a_month_out_of_reach_is_the_present_one(
    context: None, creator: CreatorSide, wanted: str | None, shown: tuple[int, int]
) -> None:
    with clock.at(NOON):
        month = month_of(creator_of(creator), wanted)
    assert (month.first.year, month.first.month) == shown


def test_days_are_those_of_the_platforms_time_zone(context: None, creator: CreatorSide) -> None:
    with clock.at(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)):
        assert month_of(creator_of(creator), None).first == date(2027, 1, 1), "half past midnight in Shanghai"


def test_what_brands_read_follows_the_calendar(context: None, creator: CreatorSide) -> None:
    found = creator_of(creator)
    assert (availability_note(found), means_for_brands(found)) == (
        None, "Brands can book you for every day that isn’t blocked."
    )  # fmt: skip
    with clock.at(NOON), transaction():
        set_limits(creator.actor, (date(2026, 12, 1), date(2026, 12, 3)), None)
        block_days(creator.actor, {date(2026, 12, 4)}, ())
        note = availability_note(found)
        assert note is not None
        assert note_says(note) == "On holiday until Thu 3 Dec, free from Sat 5 Dec"
        assert "They can book days from Sat 5 Dec on." in means_for_brands(found)
        set_limits(creator.actor, None, 1)
        assert "fewer than 1 deal." in means_for_brands(found)
        selection = make_application(creator, make_brief(make_brand()).id)
        open_engagement(creator.id, selection.id, date(2026, 12, 1), date(2026, 12, 2))
        note = availability_note(found)
        assert note is not None
        assert note_says(note) == "Fully booked, free from Thu 3 Dec"
        assert "you are fully booked" in means_for_brands(found)
        set_limits(creator.actor, (date(2026, 12, 3), date(2027, 12, 3)), 1)
        block_days(creator.actor, {date(2027, 12, 4) + timedelta(days=days) for days in range(182)}, ())
        note = availability_note(found)
        assert note is not None
        assert note_says(note) == "Fully booked"
        assert means_for_brands(found) == "Brands can’t book you: no day of the next year and a half is free."
        db.session.rollback()


def test_days_are_ticked_with_and_without_scripts(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        tomorrow, after = today() + timedelta(days=1), today() + timedelta(days=2)
    month = tomorrow.isoformat()[:7]
    page = client.get(f"{PAGE}?month={month}").text
    assert f'value="{tomorrow.isoformat()}"' in page
    saved = client.post(DAYS, data={"month": month, "day": [tomorrow.isoformat(), "x", "2026-02-31", "9" * 99]})
    assert (saved.status_code, saved.location) == (303, f"{PAGE}?month={month}")
    with app.app_context():
        assert blocked(creator) == [tomorrow]
    part = client.post(
        DAYS,
        data={"month": month, "seen": tomorrow.isoformat(), "day": after.isoformat()},
        headers={"HX-Request": "true"},
    )
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'id="calendar"' in part.text
    assert "The days are saved." in part.text
    with app.app_context():
        assert blocked(creator) == [after]


def test_the_form_of_limits_says_what_is_wrong(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    with app.app_context():
        now, until = today().isoformat(), (today() + timedelta(days=9)).isoformat()
    for typed, why in (
        ({"holiday_from": now}, "Say when the holiday ends"),
        ({"holiday_until": now}, "Say when the holiday begins"),
        ({"holiday_from": "soon", "holiday_until": now}, "Write the day as year, month and day"),
        ({"holiday_from": now, "holiday_until": "2020-01-01"}, "before its first"),
        ({"most_deals": "0"}, "at least 1"),
        ({"most_deals": "101"}, "at most 100"),
        ({"most_deals": "many"}, "Write a whole number"),
    ):
        answer = client.post(PAGE, data=typed)
        assert answer.status_code == 422
        assert why in answer.text
    with app.app_context():
        found = creator_of(creator)
        assert (found.holiday_from, found.most_deals) == (None, None)
    saved = client.post(PAGE, data={"holiday_from": now, "holiday_until": until, "most_deals": "２"})
    assert (saved.status_code, saved.location) == (303, PAGE)
    assert "you are on holiday" in client.get(PAGE).text


def test_everywhere_a_busy_creator_is_shown_as_such(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        offer = make_offer(creator)
        page, book = f"/offers/{offer.id}", f"/packages/{offer.packages[0].id}/book"
        set_limits(creator.actor, (today(), today() + timedelta(days=3)), None)
        brand = make_brand()
    sign_in(client, brand)
    for address in (page, f"/c/{creator.handle}", "/creators"):
        assert "On holiday" in client.get(address).text
    assert book in client.get(page).text, "for a later day"
    with app.app_context(), transaction():
        set_limits(creator.actor, None, None)
    assert "Free to book now" in client.get(page).text
    assert "On holiday" not in client.get("/creators").text


def test_the_calendar_links_to_what_runs(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        selection = make_application(creator, make_brief(make_brand()).id)
        open_engagement(creator.id, selection.id, today(), today(), selection.title)
        selection_id = selection.id
    sign_in(client, creator)
    page = client.get(PAGE).text
    assert "A week of suppers" in page
    assert f'href="/selections/{selection_id}/deal"' in page


def test_without_a_profile_there_is_no_calendar(client: Client, app: Flask) -> None:
    assert client.get(PAGE).status_code == 302
    with app.app_context(), transaction():
        brand = make_brand()
    sign_in(client, brand)
    assert client.get(PAGE).status_code == 403
    assert client.post(DAYS).status_code == 403
