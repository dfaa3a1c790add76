"""People follow their money: a creator from a fee to the line that took it, a brand from a figure to its entry."""

import csv
import re
from pathlib import Path

import pytest

from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.money import Parties, completed_deal, funded_deal

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.usefixtures("sandbox")]


def settled(stage: Stage) -> Parties:
    """A deal of 12,000.00 that was accepted, and one more of the same two that is at work."""
    with stage.app.app_context():
        parties = completed_deal()
        funded_deal(3_000_00, parties.creator, parties.brand)
    return parties


def test_a_creator_reads_what_took_a_fee_and_follows_it_to_the_line(stage: Stage) -> None:
    parties = settled(stage)
    creator = stage.enter(parties.creator.user_id)
    creator.go("/today")
    creator.menu("/earnings")
    assert creator.says("¥11,300.00", stage.words("When it becomes available"))
    creator.unfold(stage.words("What took a fee"))
    assert creator.says("C1", "¥7,000.00", "−¥700.00")
    creator.follow(f"/deals/{parties.deal_id}/money")
    assert creator.says(stage.words("Commission"), "¥700.00", "C1", stage.words("Still in escrow"), "¥0.00")
    entry = entry_of(creator, "¥12,600.00")
    creator.go("/earnings")
    creator.follow("/earnings/lines/pending")
    assert creator.says("+¥11,300.00", stage.words("Now"))
    assert entry_of(creator, "¥11,300.00") == entry
    creator.follow(f"/deals/{parties.deal_id}/money")


def entry_of(walker: Walker, amount: str) -> str:
    """The number of the newest entry whose row shows the amount."""
    row = walker.main.locator("tr", has_text=amount.removesuffix(".00")).filter(has=walker.page.locator(".entry")).last
    found = re.search(r"\d[\d,]*", row.locator(".entry").inner_text())
    assert found is not None
    return found[0]


def test_a_brand_downloads_its_spending_and_follows_a_figure(stage: Stage, tmp_path: Path) -> None:
    parties = settled(stage)
    brand = stage.enter(parties.brand.user_id)
    brand.go("/today")
    brand.menu("/spending")
    assert brand.says("¥15,750.00", "¥3,150.00", "¥11,300.00")
    with brand.page.expect_download() as download:
        brand.page.locator('main a[href^="/spending/deals.csv"]').click()
    kept = tmp_path / "spending.csv"
    download.value.save_as(kept)
    with kept.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row[stage.words("Paid")] for row in rows} == {"12600.00", "3150.00"}
    brand.follow("/spending/lines/commission")
    assert brand.says("¥700.00", stage.words("Sum"))
    brand.follow(f"/deals/{parties.deal_id}/money")
    assert brand.says(stage.words("You paid into escrow"), "¥700.00")
    assert brand.page.locator("tr:target").count() == 1
    brand.go("/spending?by=brief")
    brief = brand.page.locator('main a[href*="brief="]').first
    brand.click(brief, 200)
    assert "brief=" in brand.page.url
