"""An accountant follows a figure of a past day to its lines, and two administrators correct the books by hand."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from marketplace.console.manual_queries import Heap
from marketplace.console.models import ManualEntryState
from marketplace.infra.db import end_transaction
from marketplace.ledger.accounts import AccountKind, escrow, fees_brand, fees_creator, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post
from tests.journeys import steps
from tests.journeys.stage import Stage, from_today
from tests.journeys.walker import Walker
from tests.support.market import make_admin
from tests.support.money import Parties, assert_books_balance, completed_deal
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_past_figure_leads_to_its_lines_and_two_correct_a_mistake(stage: Stage, sandbox: Sandbox) -> None:
    with stage.app.app_context():
        parties = completed_deal()
        end_transaction()
    with stage.scene():
        moved_last_week()
        first_id, second_id = make_admin("Arbiter Wei").user_id, make_admin("Second Reader").user_id
    accountant = stage.enter(first_id)
    follow_a_figure(stage, accountant)
    path = propose(stage, accountant, parties)
    four_eyes(stage, accountant, path)
    approve(stage, stage.enter(second_id), accountant, path)
    with stage.app.app_context():
        assert_books_balance()


def moved_last_week() -> None:
    """Money of a deal that was placed two weeks ago and left a week later; in all nothing changes by it."""
    zone = ZoneInfo("Asia/Shanghai")
    lines = [debit(suspense("CNY", "payment:old"), 80_00), credit(escrow(1, "CNY"), 80_00)]
    arrive = [debit(fees_brand("CNY"), 80_00), credit(suspense("CNY", "payment:old"), 80_00)]
    leave = [debit(escrow(1, "CNY"), 80_00), credit(fees_brand("CNY"), 80_00)]
    for days, name, moved in ((-14, "arrived", arrive), (-14, "placed", lines), (-7, "left", leave)):
        at = datetime.combine(from_today(days), time(12), zone)
        post("payment.received" if days == -14 else "deal.settled", f"old:{name}", moved, "deal:1", at=at)


def follow_a_figure(stage: Stage, accountant: Walker) -> None:
    """From the trial balance as it was ten days ago to the account, its line and its entry."""
    day = from_today(-10).isoformat()
    accountant.go("/console")
    accountant.menu("/console/books")
    accountant.follow("/console/books/trial")
    accountant.fill(on=day)
    accountant.press(stage.words("Show"))
    assert accountant.says("¥80.00", stage.label(AccountKind.ESCROW))
    figure = accountant.page.locator(f'main a[href*="kind=escrow"][href*="{day}"]')
    accountant.click(figure)
    accountant.follow("/console/books/accounts/deal:1/escrow/CNY")
    assert accountant.says("+¥80.00", stage.words("Closing balance"))
    assert not accountant.says("−¥80.00"), "what came later isn't of that day"
    accountant.fill(on=from_today(0).isoformat())
    accountant.press(stage.words("Show"))
    assert accountant.says("+¥80.00", "−¥80.00")
    accountant.click(accountant.main.locator('th a[href^="/console/books/entries/"]').last)
    assert accountant.says(stage.words("Lines"), "¥80.00")


def propose(stage: Stage, accountant: Walker, parties: Parties) -> str:
    """Typed with a slip first, looked at, then proposed; the page's path."""
    accountant.go("/console/books/manual")
    accountant.follow("/console/books/manual/new")
    accountant.fill(reason="Part of the fee is a commission.", reference=f"M-{parties.deal_id}")
    accountant.fill(lines__0__kind="fees_brand", lines__0__debit="500")
    accountant.fill(lines__1__kind="fees_creator", lines__1__credit="50")
    accountant.send(button="add=1")
    accountant.send(button="remove=2")
    accountant.send(button="preview=1", status=422)
    assert accountant.says("¥450.00"), "by how much it is off"
    accountant.fill(lines__1__credit="500")
    accountant.send(button="preview=1")
    assert accountant.says(stage.words("Would hold"))
    accountant.send(button="propose=1")
    assert accountant.says(stage.label(ManualEntryState.PROPOSED))
    return accountant.path


def four_eyes(stage: Stage, accountant: Walker, path: str) -> None:
    """Whoever proposed it finds nothing to approve with, in a second tab neither."""
    tab = Walker(accountant.page.context.new_page(), lang=accountant.lang)
    tab.go(path)
    assert tab.page.locator(f'form[action="{path}/approve"]').count() == 0
    assert tab.page.locator(f'form[action="{path}/withdraw"]').count() == 1


def approve(stage: Stage, second: Walker, accountant: Walker, path: str) -> None:
    second.go("/console")
    second.follow("/console/books/manual")
    assert second.says(stage.label(Heap.WAITING))
    second.follow(path)
    second.fill(password="not this one")
    second.send(f"{path}/approve", status=422)
    second.fill(password=steps.PASSWORD)
    second.send(f"{path}/approve")
    assert second.says(stage.label(ManualEntryState.POSTED), "Second Reader")
    accountant.send(f"{path}/withdraw", status=409)
    assert accountant.says("Second Reader"), "who was faster"
    with stage.app.app_context():
        assert balance(fees_creator("CNY")) == 1_200_00
