"""Who belongs to a company hears what becomes of their place; its owners hear who comes and goes."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.app import load_actor
from marketplace.brands.members import change_role, leave, remove_member, set_limit, transfer_ownership
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.infra.mail import Mail
from marketplace.kit.money import Money
from marketplace.notifications.models import Notification
from marketplace.notifications.told import Told
from tests.support import market
from tests.support.market import BrandSide

Jobs = Callable[..., None]


@pytest.fixture
def tidewell(context: None) -> BrandSide:
    with transaction():
        return market.make_brand("Tidewell")


@pytest.fixture
def viewer(tidewell: BrandSide) -> BrandSide:
    with transaction():
        return market.make_member(tidewell, "viewer")


def told(user_id: int) -> list[Notification]:
    db.session.rollback()
    return list(
        db.session.scalars(select(Notification).where(Notification.user_id == user_id).order_by(Notification.id))
    )


def test_a_member_hears_of_role_and_limit_and_the_owner_who_did_it_does_not(
    tidewell: BrandSide, viewer: BrandSide, run_jobs: Jobs
) -> None:
    with transaction():
        change_role(tidewell.actor, viewer.user_id, BrandRole.FINANCE)
        set_limit(tidewell.actor, viewer.user_id, Money(5_000_00))
        set_limit(tidewell.actor, viewer.user_id, None)
    run_jobs()
    rows = told(viewer.user_id)
    assert [row.kind for row in rows] == ["company.role", "company.limit.set", "company.limit.lifted"]
    assert {row.acting for row in rows} == {f"brand:{tidewell.id}"}
    with reader("en", "UTC"):
        assert Told(rows[0].kind, rows[0].details).fact == "Your role at Tidewell has changed: Finance"
        assert Told(rows[1].kind, rows[1].details).fact == "Your spending limit at Tidewell is ¥5,000.00 a month now"
    assert told(tidewell.user_id) == []
    assert db.session.scalars(select(Mail.message).where(Mail.user_id == viewer.user_id)).all() == ["member"] * 3


def test_who_is_removed_is_led_home_and_who_leaves_is_told_to_the_owners(
    tidewell: BrandSide, viewer: BrandSide, run_jobs: Jobs
) -> None:
    with transaction():
        manager = market.make_member(tidewell, "manager")
        leave(load_actor(db.session.get_one(User, manager.user_id)))
        remove_member(tidewell.actor, viewer.user_id)
    run_jobs()
    (removed,) = told(viewer.user_id)
    assert (removed.kind, removed.acting, removed.endpoint) == ("company.removed", None, "home.today")
    assert [row.kind for row in told(tidewell.user_id)] == ["company.left"]
    assert told(manager.user_id) == []


def test_who_gets_the_company_is_told(tidewell: BrandSide, viewer: BrandSide, run_jobs: Jobs) -> None:
    with transaction():
        transfer_ownership(tidewell.actor, viewer.user_id)
    run_jobs()
    assert [row.kind for row in told(viewer.user_id)] == ["company.transferred"]
