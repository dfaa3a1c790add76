"""Who hears of a selection, a fan reading, and money that moved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.app import load_actor
from marketplace.briefs.policy import platform_today
from marketplace.creators.models import Channel
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.deals import service as deals
from marketplace.infra.db import db, transaction
from marketplace.infra.uploads import Upload
from marketplace.matching import service as matching
from marketplace.matching.models import Selection
from marketplace.notifications import jobs
from marketplace.notifications.models import Notification
from tests.notifications.test_deal_events import forget, mails, told
from tests.support.deals import make_deal
from tests.support.market import (
    make_admin,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
)

Jobs = Callable[..., None]
PICTURE = Upload("fans.png", "image/png", b"a picture of the figure")


def application() -> tuple[Selection, int, int]:
    """An open application, its creator's and its brand's user."""
    with transaction():
        creator, brand = make_creator(), make_brand()
        selection = make_application(creator, make_brief(brand).id)
    return selection, creator.user_id, brand.user_id


def test_an_application_reaches_the_brand_and_its_answer_the_creator(context: None, run_jobs: Jobs) -> None:
    with transaction():
        creator, brand = make_creator("Lin Yue"), make_brand("Tidewell")
        viewer = make_member(brand, "viewer")
        selection = make_application(creator, make_brief(brand).id)
    run_jobs()
    assert told(brand.user_id) == ["selection.application.made"]
    assert told(viewer.user_id) == []
    assert mails(brand.user_id)[0].subject == "Lin Yue applied to “A week of suppers”"
    assert "They ask for ¥12,000.00." in mails(brand.user_id)[0].body_text
    forget()
    with transaction():
        deal_id = deals.accept_selection(brand.actor, selection.id).id
    run_jobs()
    assert told(creator.user_id) == ["selection.accepted"]
    assert told(brand.user_id) == []
    row = db.session.scalars(select(Notification)).one()
    assert (row.endpoint, row.values) == ("deals.show", {"deal_id": deal_id})


@pytest.mark.parametrize(
    ("what", "creator", "brand"),
    [
        ("reminder", [], ["selection.reminder"]),
        ("expired", ["selection.expired"], ["selection.expired"]),
        ("declined", ["selection.declined"], []),
    ],
)
def test_each_turn_of_an_application_reaches_whom_it_concerns(
    context: None, what: str, creator: list[str], brand: list[str]
) -> None:
    selection, creator_user, brand_user = application()
    for _ in range(2):
        jobs.tell_selection(selection.id, what)
    assert (told(creator_user), told(brand_user)) == (creator, brand)


def test_a_withdrawal_reaches_the_other_side_and_no_reminder_follows(context: None, run_jobs: Jobs) -> None:
    selection, creator_user, brand_user = application()
    run_jobs()
    forget()
    with transaction():
        actor = actor_of(creator_user)
        matching.withdraw(actor, selection.id)
    run_jobs()
    jobs.tell_selection(selection.id, "reminder")
    assert told(creator_user) == []
    assert told(brand_user) == ["selection.withdrawn"]


def actor_of(user_id: int) -> Actor:
    return load_actor(db.session.get_one(User, user_id))


def test_a_reading_waits_for_the_administrators_and_its_answer_reaches_the_creator(
    context: None, run_jobs: Jobs
) -> None:
    with transaction():
        creator = make_creator(eligible=False)
        admins = [make_admin("Wei"), make_admin("Gu")]
        channel = db.session.scalars(select(Channel)).one()
        reading = submit_reading(creator.actor, channel.id, 10_000, platform_today() - timedelta(days=1), PICTURE)
    run_jobs()
    assert [told(admin.user_id or 0) for admin in admins] == [["reading.pending"]] * 2
    with transaction():
        review_reading(admins[0], reading.id, accept=True)
    run_jobs()
    assert told(creator.user_id) == ["reading.accepted.few"]
    assert "more than 10,000 verified fans" in mails(creator.user_id)[0].body_text
    with transaction():
        more = submit_reading(creator.actor, channel.id, 10_001, platform_today(), PICTURE)
        review_reading(admins[0], more.id, accept=True)
    run_jobs()
    assert told(creator.user_id)[0] == "reading.accepted.enough"


def test_a_rejected_reading_says_why(context: None) -> None:
    with transaction():
        creator = make_creator(eligible=False)
        channel = db.session.scalars(select(Channel)).one()
        reading = submit_reading(creator.actor, channel.id, 20_000, platform_today(), PICTURE)
        review_reading(make_admin(), reading.id, accept=False, reason="100 % of the date is missing.")
    jobs.tell_reading(reading.id)
    assert told(creator.user_id) == ["reading.rejected"]
    assert "The reason given: 100 % of the date is missing." in mails(creator.user_id)[0].body_text


def test_money_is_told_to_whom_it_goes(context: None) -> None:
    with transaction():
        brand = make_brand()
        finance = make_member(brand, "finance")
        sides = make_deal(brand=brand)
    for _ in range(2):
        jobs.tell_money("transferred", sides.id, sides.creator.id, 11_300_00, "CNY")
        jobs.tell_money("refunded", sides.id, None, 12_600_00, "CNY")
        jobs.tell_money("payout_account_ready", None, sides.creator.id, None, None)
    assert told(sides.creator.user_id) == ["money.payout_account_ready", "money.transferred"]
    assert told(finance.user_id) == told(brand.user_id) == ["money.refunded"]
    assert mails(sides.creator.user_id)[1].subject == "¥11,300.00 is on its way to you"
