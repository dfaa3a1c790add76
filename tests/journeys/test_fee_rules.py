"""Two administrators change the fee rules: one drafts, tries it on real deals and proposes it, the other publishes."""

from datetime import UTC, datetime, time, timedelta

import pytest

from marketplace.console.fee_rules import VersionState
from marketplace.deals.lifecycle import State
from marketplace.fees.drafts import find_draft
from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from tests.journeys import steps
from tests.journeys.stage import Stage, from_today
from tests.journeys.walker import Walker
from tests.support.deals import make_deal
from tests.support.market import make_admin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DRAFT = "/console/fees/draft"


def test_a_draft_shows_its_effect_and_a_second_administrator_publishes_it(stage: Stage) -> None:
    signed_last_month(stage)
    with stage.scene():
        first_id, second_id = make_admin("Arbiter Wei").user_id, make_admin("Second Reader").user_id
    writer = stage.enter(first_id)
    write(stage, writer)
    look_at_its_effect(stage, writer)
    propose(writer)
    publish(stage, stage.enter(second_id))
    writer.go(DRAFT)
    assert writer.path == "/console/fees"
    visitor = stage.visitor()
    visitor.go("/fees")
    assert visitor.says("8 %", "10 %"), "what holds, and what comes"


def signed_last_month(stage: Stage) -> None:
    """A video of 12,000.00 yuan, by whose commission the effect shows."""
    first = datetime.combine(from_today(0).replace(day=1), time(13), UTC)
    with stage.app.app_context(), clock.at(first - timedelta(days=15)), transaction():
        make_deal(price=12_000_00, state=State.FUNDING)


def write(stage: Stage, writer: Walker) -> None:
    """A lower commission; a rate that is none is refused beside its field first."""
    writer.go("/console")
    writer.go("/console/fees")
    writer.send(f"{DRAFT}/start")
    assert writer.path == DRAFT
    writer.follow(f"{DRAFT}/rules/C1")
    writer.fill(brackets__1__rate="eight")
    writer.send(status=422)
    writer.fill(brackets__1__rate="8")
    writer.send()
    assert writer.path == DRAFT
    assert writer.says(stage.words("Rates"), "0 % · 8 %")
    writer.fill(why="Simpler rules for the season.")
    writer.send(DRAFT)
    assert writer.says(stage.words("The draft is saved."))


def look_at_its_effect(stage: Stage, writer: Walker) -> None:
    """700.00 yuan of commission would have been 560.00; the plot's figures stand in its table too."""
    writer.click(writer.main.locator(f'form[action="{DRAFT}/effect"] button').first)
    page = writer.path
    stage.run_jobs()
    writer.go(page)
    assert writer.says(stage.label(DealKind.VIDEO), "¥560.00", stage.words("was %(amount)s", amount="¥700.00"))
    assert writer.says(stage.words("Mutuals’ income before and after"))
    for amount in ("1,300.00", "1,160.00"):
        assert writer.main.locator("td", has_text=amount).count() > 0
    writer.go(DRAFT)
    writer.follow(page)


def propose(writer: Walker) -> None:
    """Who has written on it finds nothing to publish it with, in a second tab neither."""
    writer.go(DRAFT)
    writer.send(f"{DRAFT}/propose")
    tab = Walker(writer.page.context.new_page(), lang=writer.lang)
    tab.go(DRAFT)
    for seen in (writer, tab):
        assert seen.page.locator(f'form[action="{DRAFT}/publish"]').count() == 0
        assert seen.page.locator(f'form[action="{DRAFT}/return"]').count() == 1


def publish(stage: Stage, second: Walker) -> None:
    second.go("/console/fees")
    second.follow(DRAFT)
    assert second.says("Arbiter Wei", "Simpler rules for the season.", "0 % · 8 %")
    with stage.scene():
        row = find_draft()
        assert row is not None
        version = row.version
    second.fill(password="not this one")
    second.send(f"{DRAFT}/publish", status=422)
    second.fill(password=steps.PASSWORD)
    second.send(f"{DRAFT}/publish")
    assert second.path == f"/console/fees/versions/{version}"
    assert second.says(stage.label(VersionState.COMING), "Second Reader")
