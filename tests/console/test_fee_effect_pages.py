"""A draft tried on a month's real deals: at once where they are few, by a job that goes on where they are many."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.briefs.policy import platform_today
from marketplace.console import fee_effect
from marketplace.deals.models import Deal
from marketplace.fees.drafts import find_draft
from marketplace.fees.effect import Effect
from marketplace.fees.models import FeeEffect
from marketplace.fees.queries import as_policy
from marketplace.fees.quote import FeeQuote, quote
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import perform
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from tests.console.conftest import Admin
from tests.console.fee_steps import DRAFT, drafted, look, rule_form, words_of
from tests.support.counting import counted_queries
from tests.support.market import make_brand, make_creator
from tests.support.money import signed_deal

pytestmark = pytest.mark.usefixtures("context")


def last_month() -> datetime:
    """The middle of the last whole month of the platform."""
    day = (platform_today().replace(day=1) - timedelta(days=1)).replace(day=15)
    return datetime.combine(day, time(4), UTC)


@pytest.fixture
def deals(app: Flask) -> list[Deal]:
    """Three signed last month, by two creators, and one of this month."""
    with transaction():
        creator, other, brand = make_creator("Lin Yue"), make_creator("Gu Wen"), make_brand()
    with clock.at(last_month()):
        numbers = [
            signed_deal(price, who, brand).deal_id
            for price, who in ((12_000_00, creator), (3_000_00, creator), (9_000_00, other))
        ]
    signed_deal(7_000_00, other, brand)
    db.session.rollback()
    return [db.session.get_one(Deal, number) for number in numbers]


def tried(admin: Admin) -> str:
    """The address of what was worked out for the last month."""
    answer = admin.client.post(f"{DRAFT}/effect", data={"month": fee_effect.recent_months()[0].isoformat()})
    assert answer.status_code == 303
    return str(answer.location)


def newest() -> FeeEffect:
    db.session.rollback()
    return db.session.query(FeeEffect).order_by(FeeEffect.id.desc()).first()  # type: ignore[return-value]


def test_each_deal_is_worked_out_as_the_quote_says(admin: Admin, deals: list[Deal]) -> None:
    drafted(admin)
    tried(admin)
    row = find_draft()
    assert row is not None
    policy, effect = as_policy(row), newest()
    assert (effect.total, effect.done, effect.finished_at is not None) == (3, 3, True)
    found = Effect.from_json(effect.found).currencies["CNY"].total
    frozen = [FeeQuote.from_json(deal.quote or {}) for deal in deals]
    after = [quote(policy, was.deal_kind, was.price, was.earned_before, was.on) for was in frozen]
    assert found.commission == (sum(q.creator_fee.amount for q in frozen), sum(q.creator_fee.amount for q in after))
    assert found.service_fee == (sum(q.brand_fee.amount for q in frozen), sum(q.brand_fee.amount for q in after))
    assert found.gross == 24_000_00


def test_the_page_says_who_gets_less_and_how_much(admin: Admin, deals: list[Deal]) -> None:
    drafted(admin)
    page = words_of(admin.client.get(tried(admin)).text)
    assert "Deals in CNY" in page
    assert "0 get more 2 get less, 0 the same" in page
    # The draft adds 5 % of everything: 750 of Lin Yue's 15,000, 450 of Gu Wen's 9,000.
    assert "Lin Yue ¥14,000 .00 ¥13,250 .00 −¥750 .00" in page
    assert "Gu Wen ¥8,600 .00 ¥8,150 .00 −¥450 .00" in page
    assert "Before is as the deals were signed, under this version of the rules: 1." in page
    draft = words_of(admin.client.get(DRAFT).text)
    assert "3 deals of" in draft


def test_what_was_worked_out_for_other_rules_is_not_shown_as_the_drafts(admin: Admin, deals: list[Deal]) -> None:
    drafted(admin)
    address = tried(admin)
    admin.client.post(f"{DRAFT}/rules/C9", data=rule_form(seen=look(admin), brackets__0__rate="6"))
    assert address not in admin.client.get(DRAFT).text
    assert admin.client.get(address).status_code == 200, "it stays at its address"


def test_a_large_month_is_done_in_pieces_and_comes_to_the_same(
    app: Flask, admin: Admin, deals: list[Deal], monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(admin)
    tried(admin)
    whole = newest().found
    monkeypatch.setattr(fee_effect, "PIECE", 1)
    address = tried(admin)
    page = admin.client.get(address).text
    assert "1 of 3 deals" in page
    assert f'hx-get="{address}"' in page
    assert tried(admin) == address, "a second click starts no second one"
    inner = admin.client.get(address, headers={"HX-Request": "true"}).text
    assert inner.lstrip().startswith('<div id="fee-effect"')
    effect_id = newest().id
    for _ in range(5):
        perform("console.go_on_with_fee_effect", {"effect_id": effect_id})
    effect = newest()
    assert (effect.done, effect.total, effect.finished_at is not None) == (3, 3, True)
    assert effect.found == whole
    assert "hx-get" not in admin.client.get(address).text.split("<main")[1]


def test_a_month_without_deals_is_an_empty_page(admin: Admin) -> None:
    drafted(admin)
    assert "No deal was signed in this month" in admin.client.get(tried(admin)).text


def test_a_rule_of_another_time_says_that_nothing_of_it_can_be_seen(admin: Admin, deals: list[Deal]) -> None:
    drafted(admin)
    form = rule_form(seen=look(admin), name="spring", starts="2040-03-01", ends="2040-05-31")
    assert admin.client.post(f"{DRAFT}/new-rule", data=form).status_code == 303
    assert "Rule spring holds on no day of this month" in words_of(admin.client.get(tried(admin)).text)


@pytest.mark.parametrize("month", ["", "x", "2020-01-01", "9" * 30, "\x00"])
def test_another_month_is_refused_or_the_last_one(admin: Admin, month: str) -> None:
    drafted(admin)
    assert admin.client.post(f"{DRAFT}/effect", data={"month": month}).status_code in (303, 422)


def test_only_the_last_months_can_be_tried(admin: Admin) -> None:
    drafted(admin)
    with pytest.raises(Invalid), transaction():
        fee_effect.try_draft(find_draft(), fee_effect.recent_months()[-1] - timedelta(days=1))
    assert admin.client.post(f"{DRAFT}/discard", data={"seen": look(admin)}).status_code == 303
    assert admin.client.post(f"{DRAFT}/effect").status_code == 409


def test_the_page_asks_the_same_however_many_deals(app: Flask, admin: Admin, deals: list[Deal]) -> None:
    drafted(admin)
    address = tried(admin)
    with counted_queries(app) as sent:
        admin.client.get(address)
    assert len(sent) <= 12


def test_the_months_deals_are_found_by_an_index(deals: list[Deal]) -> None:
    # On so few rows another index may look as cheap.
    db.session.execute(text("SET LOCAL enable_seqscan = off; DROP INDEX ix_deals_creator"))
    values = {"month": last_month().isoformat()[:7], "creator_id": 0, "deal_id": 0, "most": 10}
    plan = db.session.scalars(text("EXPLAIN " + fee_effect._DEALS.text), values).all()
    db.session.rollback()
    assert any("ix_deals_signed" in line for line in plan), plan
