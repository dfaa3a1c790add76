"""All deals and all disputes, as administrators look through them."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.console.cases import PAGE
from marketplace.deals.lifecycle import State
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute, withdraw_dispute
from marketplace.infra.db import transaction
from marketplace.kit import clock
from tests.console.conftest import Admin
from tests.support.counting import counted_queries
from tests.support.deals import DealSides, make_deal
from tests.support.market import make_brand, make_creator

WORDS = "It came nine days late and the agreed line is missing."


@pytest.fixture
def deals(app: Flask) -> dict[str, DealSides]:
    with app.app_context(), transaction():
        return {
            "suppers": make_deal(make_creator("Lin Yue"), make_brand("Tidewell"), title="A week of suppers"),
            "lamp": make_deal(
                make_creator("Tomas"), make_brand("Lumen"), title="Night-ride lamp, 100 %", state=State.PRODUCTION
            ),
            "walks": make_deal(make_creator("唐书"), make_brand("Northmoss"), title="Winter_walks"),
        }


def listed(admin: Admin, query: str) -> list[str]:
    """The titles on the page, in order."""
    page = admin.client.get(f"/console/deals?{query}").text
    rows = page.split('<th scope="row">')[1:]
    return [row[row.index(">") + 1 : row.index("</a>")] for row in rows]


def dispute(deal: DealSides, actor: Actor | None = None) -> int:
    return open_dispute(actor or deal.brand.actor, deal.id, DisputeReason.LATE, Claim(WORDS)).id


def test_deals_are_newest_first_and_lead_to_their_pages(admin: Admin, deals: dict[str, DealSides]) -> None:
    assert listed(admin, "") == ["Winter_walks", "Night-ride lamp, 100 %", "A week of suppers"]
    page = admin.client.get("/console/deals").text
    assert f'href="/deals/{deals["lamp"].id}"' in page
    assert "Lumen and Tomas" in page
    assert admin.client.get(f"/deals/{deals['lamp'].id}").status_code == 200


def test_deals_are_narrowed_by_state(admin: Admin, deals: dict[str, DealSides]) -> None:
    assert listed(admin, "state=production") == ["Night-ride lamp, 100 %"]
    assert len(listed(admin, "state=negotiating")) == 2
    assert listed(admin, "state=completed") == []
    assert "Negotiating 2" in admin.client.get("/console/deals").text
    assert len(listed(admin, "state=nonsense")) == 3


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("M-{suppers}", ["A week of suppers"]),
        ("m{suppers}", ["A week of suppers"]),
        (" {suppers} ", ["A week of suppers"]),
        ("M-9999", []),
        ("M-" + "9" * 18, []),
        ("lumen", ["Night-ride lamp, 100 %"]),
        ("LIN YUE", ["A week of suppers"]),
        ("唐", ["Winter_walks"]),
        ("%25", ["Night-ride lamp, 100 %"]),
        ("_", ["Winter_walks"]),
        ("night-ride", ["Night-ride lamp, 100 %"]),
        ("zzz", []),
    ],
)
def test_deals_are_found_by_reference_title_or_name(
    admin: Admin, deals: dict[str, DealSides], typed: str, found: list[str]
) -> None:
    typed = typed.format(**{name: deal.id for name, deal in deals.items()})
    assert listed(admin, f"q={typed}") == found


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "9" * 5000, "state=%00", "before=" + "9" * 40, "before=-1", "q=M-&state=&before=x"]
)
def test_hostile_addresses_are_lists(admin: Admin, deals: dict[str, DealSides], query: str) -> None:
    assert admin.client.get(f"/console/deals?{query}").status_code == 200


def test_pages_of_deals_go_on_and_ask_the_same(app: Flask, admin: Admin, deals: dict[str, DealSides]) -> None:
    with counted_queries(app) as few:
        assert admin.client.get("/console/deals").status_code == 200
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        for number in range(PAGE - 1):
            make_deal(creator, brand, title=f"Film {number:02}")
    with counted_queries(app) as many:
        page = admin.client.get("/console/deals").text
    assert len(many) == len(few) <= 12, many
    older = page[page.index("before=") :].split('"')[0]
    assert len(listed(admin, "")) == PAGE
    assert listed(admin, older) == ["Night-ride lamp, 100 %", "A week of suppers"]


def test_open_disputes_are_a_queue_and_closed_ones_are_kept(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        newer, older, taken_back = (
            make_deal(title=title, state=State.PRODUCTION) for title in ("Newer", "Older", "Taken back")
        )
        dispute(newer)
        with clock.at(clock.now() - timedelta(days=4)):
            dispute(older)
        withdraw_dispute(taken_back.creator.actor, dispute(taken_back, taken_back.creator.actor))
    page = admin.client.get("/console/disputes").text
    assert page.index("Older") < page.index("Newer")
    assert "4 days ago" in page
    assert "¥12,600<small>" in page, "what is held still"
    assert "Taken back" not in page
    assert "Taken back" in admin.client.get("/console/disputes?tab=withdrawn").text
    assert "Nothing was ruled yet" in admin.client.get("/console/disputes?tab=ruled").text


@pytest.mark.parametrize("query", ["tab=%00", "tab=all", "page=0", "page=" + "9" * 40, "page=x", "page=7"])
def test_hostile_addresses_of_disputes_are_the_queue(app: Flask, admin: Admin, query: str) -> None:
    with app.app_context(), transaction():
        dispute(make_deal(title="Night-ride lamp", state=State.PRODUCTION))
    page = admin.client.get(f"/console/disputes?{query}")
    assert page.status_code == 200
    assert "Night-ride lamp" in page.text


def test_the_queue_of_disputes_asks_the_same_however_long(app: Flask, admin: Admin) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        dispute(make_deal(creator, brand, state=State.PRODUCTION))
    with counted_queries(app) as few:
        assert admin.client.get("/console/disputes").status_code == 200
    with app.app_context(), transaction():
        for _ in range(5):
            dispute(make_deal(creator, brand, state=State.PRODUCTION))
    with counted_queries(app) as many:
        assert admin.client.get("/console/disputes").status_code == 200
    assert len(many) == len(few) <= 12, many
