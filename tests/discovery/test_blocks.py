"""A block holds both ways, whoever made it: neither finds, sees or can choose the other; the other isn't told why."""

import pytest

from marketplace.brands.blocks import block_brand, block_creator, is_blocked, unblock_brand, unblock_creator
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import DomainError, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection
from marketplace.matching.service import apply_to_brief, book_package, invite_creator
from tests.support import deals, market
from tests.support.market import BrandSide, CreatorSide
from tests.support.web import Client

BOTH = ["brand", "creator"]


@pytest.fixture
def lin(context: None) -> CreatorSide:
    with transaction():
        return market.make_creator("Lin Yue")


@pytest.fixture
def tidewell(context: None) -> BrandSide:
    with transaction():
        return market.make_brand("Tidewell")


def block(by: str, brand: BrandSide, creator: CreatorSide, reason: str = "") -> None:
    with transaction():
        if by == "brand":
            block_creator(brand.actor, creator.id, reason)
        else:
            block_brand(creator.actor, brand.id, reason)


@pytest.mark.parametrize("by", BOTH)
def test_neither_sees_the_other_by_list_or_address(
    tidewell: BrandSide, lin: CreatorSide, client: Client, by: str
) -> None:
    with transaction():
        made = market.make_offer(lin)
        offer, package = made.id, made.packages[0].id
        brief = market.make_brief(tidewell, market.brief_facts(title="A week of rain")).id
    block(by, tidewell, lin)
    brands, creators = client, client.application.test_client()
    market.sign_in(brands, tidewell)
    market.sign_in(creators, lin)
    assert "Lin Yue" not in brands.get("/creators").text
    assert "No creator sells here yet" in brands.get("/creators").text
    for path in (
        f"/c/{lin.handle}",
        f"/offers/{offer}",
        f"/packages/{package}/book",
        f"/packages/{package}/book/price",
        f"/creators/{lin.handle}/save",
        f"/creators/{lin.handle}/block",
    ):
        assert brands.get(path).status_code == 404, path
    assert "A week of rain" not in creators.get("/briefs").text
    for path in (f"/b/{tidewell.handle}", f"/briefs/{brief}", f"/b/{tidewell.handle}/block"):
        assert creators.get(path).status_code == 404, path


@pytest.mark.parametrize("by", BOTH)
def test_others_see_both_as_before(tidewell: BrandSide, lin: CreatorSide, client: Client, by: str) -> None:
    with transaction():
        market.make_offer(lin)
        brief = market.make_brief(tidewell).id
        other, rival = market.make_creator("Su Bai"), market.make_brand("Northmoss")
    block(by, tidewell, lin)
    for side in (None, other, rival, tidewell):
        reader = client.application.test_client()
        if side is not None:
            market.sign_in(reader, side)
        assert reader.get(f"/b/{tidewell.handle}").status_code == 200
        assert reader.get(f"/briefs/{brief}").status_code == 200
        assert reader.get(f"/c/{lin.handle}").status_code == (404 if side is tidewell else 200)


@pytest.mark.parametrize("by", BOTH)
def test_neither_can_choose_the_other(tidewell: BrandSide, lin: CreatorSide, by: str) -> None:
    with transaction():
        package = market.make_offer(lin).packages[0].id
        brief = market.make_brief(tidewell).id
    block(by, tidewell, lin)
    with pytest.raises(DomainError), transaction():
        apply_to_brief(lin.actor, brief, Money(12_000_00), "I cook every evening.")
    with pytest.raises(DomainError), transaction():
        invite_creator(tidewell.actor, lin.id, brief, Money(12_000_00), "Cook for us.")
    with pytest.raises(DomainError), transaction():
        book_package(tidewell.actor, package, "For our pots.")
    assert db.session.query(Selection).count() == 0


@pytest.mark.parametrize("by", BOTH)
def test_deals_go_on(tidewell: BrandSide, lin: CreatorSide, client: Client, by: str) -> None:
    with transaction():
        deal = deals.make_deal(lin, tidewell).id
    block(by, tidewell, lin)
    for side in (tidewell, lin):
        market.sign_in(reader := client.application.test_client(), side)
        assert reader.get(f"/deals/{deal}").status_code == 200
        assert reader.post(f"/deals/{deal}/messages", data={"body": "We finish it."}).status_code == 303


def test_each_side_undoes_only_its_own_block(tidewell: BrandSide, lin: CreatorSide) -> None:
    block("brand", tidewell, lin)
    block("creator", tidewell, lin)
    with transaction():
        unblock_creator(tidewell.actor, lin.id)
    assert is_blocked(tidewell.id, lin.id)
    with transaction():
        unblock_brand(lin.actor, tidewell.id)
    assert not is_blocked(tidewell.id, lin.id)
    with pytest.raises(NotFound), transaction():
        unblock_brand(lin.actor, tidewell.id)


def test_the_reason_is_read_by_its_own_side_alone(tidewell: BrandSide, lin: CreatorSide, client: Client) -> None:
    market.sign_in(client, tidewell)
    page = client.get(f"/creators/{lin.handle}/block").text
    assert "isn’t told" in page
    sent = client.post(f"/creators/{lin.handle}/block", data={"reason": "Late <b>twice</b>."})
    assert sent.location == "/company/blocked"
    mine = client.get("/company/blocked").text
    assert "Late &lt;b&gt;twice&lt;/b&gt;." in mine
    assert "Tidewell owner" in mine
    market.sign_in(other := client.application.test_client(), lin)
    assert "Nobody is blocked" in other.get("/me/blocked").text
    assert client.post(f"/company/blocked/{lin.id}/unblock").status_code == 303
    assert client.get(f"/c/{lin.handle}").status_code == 200


def test_a_creator_blocks_a_company_from_its_page(tidewell: BrandSide, lin: CreatorSide, client: Client) -> None:
    market.sign_in(client, lin)
    assert f"/b/{tidewell.handle}/block" in client.get(f"/b/{tidewell.handle}").text
    assert client.post(f"/b/{tidewell.handle}/block", data={"reason": "x" * 1001}).status_code == 422
    assert client.post(f"/b/{tidewell.handle}/block", data={}).location == "/me/blocked"
    page = client.get("/me/blocked").text
    assert "Tidewell" in page
    assert "none noted" in page
    assert client.post(f"/me/blocked/{tidewell.id}/unblock").status_code == 303
    assert client.get(f"/b/{tidewell.handle}").status_code == 200


def test_who_only_looks_on_blocks_nobody(tidewell: BrandSide, lin: CreatorSide, client: Client) -> None:
    with transaction():
        viewer = market.make_member(tidewell, "viewer")
    with pytest.raises(NotAllowed), transaction():
        block_creator(viewer.actor, lin.id)
    with pytest.raises(NotAllowed), transaction():
        block_brand(tidewell.actor, tidewell.id)
    market.sign_in(client, viewer)
    assert client.get(f"/creators/{lin.handle}/block").status_code == 403
    assert client.post(f"/company/blocked/{lin.id}/unblock").status_code == 403
    block("brand", tidewell, lin)
    page = client.get("/company/blocked").text
    assert "Lin Yue" in page
    assert "Unblock" not in page
    db.session.rollback()
    assert is_blocked(tidewell.id, lin.id)
