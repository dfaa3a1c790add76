"""The bell's page: what one was told, by day; reading it; nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from marketplace.accounts.models import User
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.notifications.models import Notification
from marketplace.notifications.queries import unread_count
from marketplace.notifications.recipients import Recipient
from marketplace.notifications.service import News, tell
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator, sign_in
from tests.support.web import Client

NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


def tell_of_message(side: CreatorSide | BrandSide, number: int = 1) -> int:
    """Something that leads to the page of the person's settings; the id of the notification."""
    details = {"who": "Tidewell", "title": f"Suppers {number}", "deal": "M-1", "excerpt": "<b>Hello"}
    with transaction():
        user = db.session.get_one(User, side.user_id)
        tell(Recipient(user), "message", News(f"test:{number}", "message", {"deal_id": number}, details))
        return max(row.id for row in db.session.query(Notification).filter_by(user_id=side.user_id))


@pytest.fixture
def lin(context: None) -> CreatorSide:
    with transaction():
        return make_creator(eligible=False)


def test_an_empty_bell_says_what_will_be_there(lin: CreatorSide, client: Client) -> None:
    sign_in(client, lin)
    page = client.get("/notifications").text
    assert "Nothing yet" in page
    assert "Mark all as read" not in page


def test_news_stand_under_the_readers_own_days(lin: CreatorSide, client: Client) -> None:
    sign_in(client, lin)
    with clock.at(NIGHT):
        tell_of_message(lin, 1)
    with clock.at(NIGHT + timedelta(hours=1)):
        tell_of_message(lin, 2)
    with clock.at(NIGHT + timedelta(hours=2)):
        page = client.get("/notifications").text
    assert page.index("Wed 25 Nov") < page.index("Suppers 2") < page.index("Tue 24 Nov") < page.index("Suppers 1")
    assert "00:30" in page
    assert "&lt;b&gt;Hello" in page


def test_opening_one_marks_it_read_and_leads_to_what_it_is_about(lin: CreatorSide, client: Client) -> None:
    sign_in(client, lin)
    first, second = tell_of_message(lin, 1), tell_of_message(lin, 2)
    assert "2 unread" in client.get("/settings").text
    for _ in range(2):
        assert client.get(f"/notifications/{first}").location == "/deals/1/messages"
    db.session.rollback()
    assert unread_count(lin.user_id) == 1
    assert db.session.get_one(Notification, second).read_at is None


def test_somebody_elses_is_not_found_and_stays_unread(lin: CreatorSide, client: Client) -> None:
    with transaction():
        other = make_brand()
    theirs = tell_of_message(other)
    sign_in(client, lin)
    assert client.get(f"/notifications/{theirs}").status_code == 404
    assert client.get("/notifications/99999999999999999999").status_code == 404
    client.post("/notifications/read", data={"newest": theirs})
    db.session.rollback()
    assert unread_count(other.user_id) == 1


def test_all_that_was_listed_is_marked_read_and_not_what_came_since(lin: CreatorSide, client: Client) -> None:
    sign_in(client, lin)
    tell_of_message(lin, 1)
    listed = tell_of_message(lin, 2)
    tell_of_message(lin, 3)
    assert client.post("/notifications/read", data={"newest": listed}).status_code == 303
    db.session.rollback()
    assert unread_count(lin.user_id) == 1


@pytest.mark.parametrize("newest", ["", "x", "-1", "99999999999999999999999"])
def test_a_strange_newest_marks_nothing(lin: CreatorSide, client: Client, newest: str) -> None:
    sign_in(client, lin)
    tell_of_message(lin)
    assert client.post("/notifications/read", data={"newest": newest}).status_code == 303
    assert client.post("/notifications/read", data={"newest": "1"}, csrf=False).status_code == 400
    db.session.rollback()
    assert unread_count(lin.user_id) == 1


def test_a_visitor_is_asked_to_sign_in_and_then_led_on(lin: CreatorSide, client: Client) -> None:
    number = tell_of_message(lin)
    assert client.get(f"/notifications/{number}").location == f"/sign-in?next=/notifications/{number}"


def test_older_news_are_a_page_further(lin: CreatorSide, client: Client) -> None:
    sign_in(client, lin)
    numbers = [tell_of_message(lin, number) for number in range(1, 43)]
    first = client.get("/notifications").text
    assert first.count('class="news__line') == 40
    assert f"before={numbers[2]}" in first
    second = client.get(f"/notifications?before={numbers[2]}").text
    assert second.count('class="news__line') == 2
    assert client.get("/notifications?before=nonsense").status_code == 200


def test_news_of_a_page_that_is_no_more_lead_to_the_bell(lin: CreatorSide, client: Client, app: Flask) -> None:
    number = tell_of_message(lin)
    with transaction():
        db.session.get_one(Notification, number).endpoint = "gone.page"
    sign_in(client, lin)
    assert client.get(f"/notifications/{number}").location == "/notifications"
