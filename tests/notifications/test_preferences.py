"""Each person is told what they want to be told, where they want it; a mail can be stopped by its own link."""

import re
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.acting import AS_CREATOR, Acting
from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.brands.models import Member
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail, _envelope
from marketplace.kit import clock
from marketplace.notifications.models import Notification
from marketplace.notifications.preferences import Wish, choose, unsubscribe_url, wishes_of
from marketplace.notifications.queries import unread_count
from marketplace.notifications.recipients import Recipient
from marketplace.notifications.service import News, tell
from marketplace.notifications.topics import ALWAYS_IN_BELL, GROUPS, Topic, topic_of
from marketplace.notifications.words import KINDS
from tests.support import market
from tests.support.market import BrandSide, CreatorSide
from tests.support.web import Client

DETAILS = {"who": "Tidewell", "title": "Suppers", "deal": "M-1", "excerpt": "Hello."}


@pytest.fixture
def lin(context: None) -> CreatorSide:
    with transaction():
        return market.make_creator(eligible=False)


def say(user_id: int, kind: str = "message", number: int = 1, acting: Acting | None = None) -> None:
    with transaction():
        user = db.session.get_one(User, user_id)
        news = News(f"test:{kind}:{number}", "message", {"deal_id": number}, {**DETAILS, "price": "", "deadline": ""})
        tell(Recipient(user, acting), kind, news)


def mails(user_id: int) -> list[Mail]:
    return list(db.session.scalars(select(Mail).where(Mail.user_id == user_id).order_by(Mail.id)))


def rows(user_id: int) -> list[Notification]:
    return list(db.session.scalars(select(Notification).where(Notification.user_id == user_id)))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_belongs_to_a_topic_that_the_page_shows(kind: str) -> None:
    assert topic_of(kind) in {topic for _name, topics in GROUPS for topic in topics}


def test_every_topic_stands_in_one_group() -> None:
    assert sorted(topic for _name, topics in GROUPS for topic in topics) == sorted(Topic)


def test_without_a_choice_both_come(lin: CreatorSide) -> None:
    say(lin.user_id)
    assert unread_count(lin.user_id) == 1
    assert len(mails(lin.user_id)) == 1


def test_who_wants_no_mail_of_it_finds_it_behind_the_bell(lin: CreatorSide) -> None:
    with transaction():
        choose(lin.actor, topics=[Topic.MESSAGES], bell=[Topic.MESSAGES], mail=[])
    say(lin.user_id)
    say(lin.user_id, "selection.booking.made")
    assert unread_count(lin.user_id) == 2
    assert ["wants to book" in mail.subject for mail in mails(lin.user_id)] == [True]


def test_who_wants_only_mails_gets_one_whose_link_works_and_an_empty_bell(lin: CreatorSide, client: Client) -> None:
    with transaction():
        choose(lin.actor, topics=[Topic.MESSAGES], bell=[], mail=[Topic.MESSAGES])
    say(lin.user_id)
    say(lin.user_id)
    (mail,) = mails(lin.user_id)
    market.sign_in(client, lin)
    assert unread_count(lin.user_id) == 0
    assert "Nothing yet" in client.get("/notifications").text
    link = re.search(r"http://\S+(/notifications/\d+)", mail.body_text)
    assert link is not None
    assert client.get(link[1]).location == "/deals/1/messages"


def test_who_wants_neither_is_told_nothing(lin: CreatorSide) -> None:
    with transaction():
        choose(lin.actor, topics=[Topic.MESSAGES], bell=[], mail=[])
    say(lin.user_id)
    assert rows(lin.user_id) == []
    assert mails(lin.user_id) == []


@pytest.mark.parametrize("topic", sorted(ALWAYS_IN_BELL))
def test_money_and_disputes_stay_behind_the_bell_whatever_is_sent(lin: CreatorSide, client: Client, topic: str) -> None:
    market.sign_in(client, lin)
    client.post("/notifications/preferences", data={"mail": [Topic.MESSAGES.value]})
    db.session.rollback()
    assert wishes_of(lin.user_id)[Topic(topic)] == Wish(bell=True, mail=False)
    say(lin.user_id, "money.payout_account_ready")
    assert unread_count(lin.user_id) == 1


def test_the_page_keeps_what_is_ticked_and_shows_it_again(lin: CreatorSide, client: Client) -> None:
    market.sign_in(client, lin)
    page = client.get("/notifications/preferences").text
    assert page.count("checked") == 2 * (len(Topic) - 1)
    assert "administrator" not in page.partition("<main")[2]
    sent = {"bell": ["work", "no such topic"], "mail": ["messages", "reviewing"]}
    assert client.post("/notifications/preferences", data=sent).status_code == 303
    db.session.rollback()
    wishes = wishes_of(lin.user_id)
    assert wishes[Topic.WORK] == Wish(bell=True, mail=False)
    assert wishes[Topic.MESSAGES] == Wish(bell=False, mail=True)
    assert wishes[Topic.REVIEWING] == Wish(), "what the page didn't show stays"
    page = client.get("/notifications/preferences").text
    assert page.count("checked") == 2 + len(ALWAYS_IN_BELL)


def test_a_mail_says_how_to_stop_it_to_programs_and_people(lin: CreatorSide, app: Flask) -> None:
    say(lin.user_id)
    (mail,) = mails(lin.user_id)
    sent = message_from_bytes(_envelope(mail).as_bytes(), policy=policy.default)
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["List-Unsubscribe"] == f"<{unsubscribe_url(lin.user_id, Topic.MESSAGES)}>"
    assert "\nList-Unsubscribe: <http" in _envelope(mail).as_string(), "programs don't read it encoded"
    assert "/notifications/preferences" in mail.body_text
    assert "/notifications/preferences" in mail.body_html


def test_one_click_stops_the_mails_of_its_topic_without_signing_in(lin: CreatorSide, client: Client) -> None:
    with transaction():
        choose(lin.actor, topics=[Topic.WORK], bell=[], mail=[Topic.WORK])
    path = urlsplit(unsubscribe_url(lin.user_id, Topic.WORK)).path
    page = client.get(path)
    assert page.status_code == 200
    assert "Stop these mails" in page.text
    db.session.rollback()
    assert wishes_of(lin.user_id)[Topic.WORK].mail, "looking at it changes nothing"
    done = client.post(path, data={"List-Unsubscribe": "One-Click"}, csrf=False)
    assert done.status_code == 200
    assert "These mails have stopped" in done.text
    db.session.rollback()
    assert wishes_of(lin.user_id)[Topic.WORK] == Wish(bell=False, mail=False)
    assert wishes_of(lin.user_id)[Topic.MESSAGES] == Wish()
    assert client.post(path, csrf=False).status_code == 200, "a second click is no fault"


@pytest.mark.parametrize(
    "change", [lambda path: path[:-1], lambda path: path + "x", lambda path: path[: len(path) // 2]]
)
def test_a_link_that_was_changed_stops_nothing(lin: CreatorSide, client: Client, change: object) -> None:
    path = urlsplit(unsubscribe_url(lin.user_id, Topic.WORK)).path
    assert client.post(change(path), csrf=False).status_code == 404  # type: ignore[operator]
    db.session.rollback()
    assert wishes_of(lin.user_id)[Topic.WORK] == Wish()


@pytest.fixture
def both(context: None) -> tuple[CreatorSide, BrandSide]:
    """One person who is a creator and owns a company."""
    with transaction():
        creator, brand = market.make_creator(eligible=False), market.make_brand("Tidewell")
        member = Member(brand_id=brand.id, user_id=creator.user_id, role=BrandRole.MANAGER, joined_at=clock.now())
        db.session.add(member)
        return creator, brand


def test_opening_one_leads_to_the_place_it_must_be_read_in(both: tuple[CreatorSide, BrandSide], client: Client) -> None:
    creator, brand = both
    say(creator.user_id, number=1, acting=Acting("brand", brand.id))
    say(creator.user_id, number=2, acting=AS_CREATOR)
    say(creator.user_id, number=3)
    market.sign_in(client, creator)
    page = client.get("/notifications").text
    assert page.count("Tidewell</p>") == 1
    assert page.count("You as a creator") == 1
    for row, place in zip(
        sorted(rows(creator.user_id), key=lambda row: row.id), ["brand", "creator", "creator"], strict=True
    ):
        client.get(f"/notifications/{row.id}")
        with client.session_transaction() as session:
            assert session["acting"].partition(":")[0] == place


def test_who_has_one_place_is_not_told_which(lin: CreatorSide, client: Client) -> None:
    say(lin.user_id, acting=AS_CREATOR)
    market.sign_in(client, lin)
    assert "You as a creator" not in client.get("/notifications").text


def test_a_place_that_is_no_more_is_not_entered(both: tuple[CreatorSide, BrandSide], client: Client) -> None:
    creator, _brand = both
    with transaction():
        stranger = market.make_brand("Northmoss")
    say(creator.user_id, acting=Acting("brand", stranger.id))
    market.sign_in(client, creator)
    (row,) = rows(creator.user_id)
    client.get(f"/notifications/{row.id}")
    assert client.get("/company").status_code == 403
