"""Money that is held long: read about beforehand, seen coming, stopped in time, ruled on, each figure to its lines."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.disputes.jobs import keep_holding_limit
from marketplace.escrow.jobs import notice_holding
from marketplace.escrow.models import Payment
from marketplace.infra.db import db
from marketplace.kit import clock
from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.market import PASSWORD, make_admin
from tests.support.money import Parties, assert_books_balance, funded_deal, state_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.usefixtures("sandbox")]


def test_everybody_can_read_what_holds_the_money(stage: Stage) -> None:
    visitor = stage.visitor()
    visitor.go("/")
    visitor.click(visitor.page.locator('footer a[href="/terms"]'), 200)
    assert visitor.says(stage.words("Who holds it"), stage.words("Who may move it"), stage.words("Until when"))
    assert all(visitor.says(str(days)) for days in (60, 81, 90))
    visitor.follow("/fees")
    visitor.click(visitor.page.locator('footer a[href="/how-money-is-held"]'), 200)
    visitor.follow("/terms")
    assert visitor.path == "/terms"


def test_an_administrator_is_brought_to_the_deal_before_its_money_must_leave(stage: Stage) -> None:
    with stage.scene():
        admin_id = make_admin().user_id
    parties = grown_old(stage, 82)
    stage.run_jobs()
    side, admin = stage.enter(parties.brand.user_id), stage.enter(admin_id)
    side.go(f"/deals/{parties.deal_id}")
    assert side.says(stage.label(State.DISPUTED))
    side.go("/notifications")
    assert side.says(stage.words("The last days to decide on “%(title)s”", title=title_of(stage, parties)))

    admin.go("/console")
    admin.follow("/console/held")
    assert admin.says(stage.words("Held money"), "12,600.00")
    admin.follow(f"/console/books/accounts/deal:{parties.deal_id}/escrow/CNY")
    admin.go("/console/held")
    rule(stage, admin, parties)

    admin.go("/console/held")
    assert admin.says(stage.words("No money is in escrow"))
    admin.go("/console/held?of=earnings")
    assert admin.says("7,700.00")
    admin.follow("/console/fee-income")
    expect(admin.page.locator("canvas")).to_have_count(1)
    admin.follow("/console/fee-income/settlements")
    admin.click(admin.main.locator('a[href^="/console/books/entries/"]').first)
    with stage.app.app_context():
        assert state_of(parties.deal_id) is State.COMPLETED
        assert_books_balance()


def grown_old(stage: Stage, days: int) -> Parties:
    """A deal at work whose money arrived so many days ago, and what the worker did about it."""
    with stage.app.app_context():
        parties = funded_deal()
        old = clock.now() - timedelta(days=days)
    with stage.scene():
        db.session.execute(update(Payment).where(Payment.deal_id == parties.deal_id).values(finished_at=old))
    with stage.app.app_context():
        notice_holding()
        keep_holding_limit()
    return parties


def title_of(stage: Stage, parties: Parties) -> str:
    with stage.app.app_context():
        return db.session.get_one(Deal, parties.deal_id).title


def rule(stage: Stage, admin: Walker, parties: Parties) -> None:
    admin.follow(f"/deals/{parties.deal_id}/dispute")
    opened = "The money can’t be held much longer: the case was opened, so that it is decided in time."
    assert admin.says(stage.words(opened))
    dispute_id = admin.number_in(r"^/disputes/(\d+)$")
    admin.follow(f"/disputes/{dispute_id}/ruling")
    admin.fill(creator_part="8,000", reasons="The draft was nearly done when the time was over.")
    admin.send(button="step=check")
    admin.fill(password=PASSWORD)
    admin.send(button="step=rule")
