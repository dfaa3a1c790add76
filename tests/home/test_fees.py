"""The page of the fee rules: anyone tries a price, and finds what is in force and what comes next."""

from datetime import date, timedelta
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from marketplace.deals.lifecycle import State
from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.models import FeeAgreement, FeePolicy
from marketplace.fees.policy import Bracket, Programme, Rule, RuleKind, rule_to_json
from marketplace.fees.queries import fee_day
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from tests.support.deals import make_deal
from tests.support.market import make_brand, make_creator, sign_in
from tests.support.web import Client


def publish(starts: date, *rules: Rule, version: int = 2, floor: int = 7_000) -> None:
    policy = {"creator_floor": floor, "rules": [rule_to_json(rule) for rule in rules]}
    db.session.add(
        FeePolicy(
            version=version,
            effective_from=starts,
            published_at=clock.now(),
            published_by="user:2",
            editors=["user:1"],
            rules=policy,
        )
    )


WELCOME = Rule("W1", RuleKind.CREATOR_COMMISSION, (Bracket(0),), programme=Programme("Welcome", 90))


def test_a_price_is_worked_out_for_both_sides_by_the_default_policy(client: Client) -> None:
    page = client.get("/fees?price=9000&kind=video&earned=3600&currency=CNY")
    assert page.status_code == 200
    for text in ("¥9,450", "¥8,240", "10 % of ¥7,600.00", "5 % of the price (rule B1)", "The rules in force", "C1"):
        assert text in page.text, text


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("price=150000&currency=JPY", ("JP¥", "145,000", "157,500")),
        ("price=1000&currency=USD&earned=700", ("US$900", "US$1,050")),
        ("price=315&currency=KWD&earned=", ("305", "330.750")),
    ],
)
def test_a_price_may_be_in_any_currency_that_the_policy_covers(
    client: Client, query: str, texts: tuple[str, ...]
) -> None:
    page = client.get(f"/fees?{query}")
    assert page.status_code == 200
    text = page.text.replace("<small>", "").replace("</small>", "")
    for found in texts:
        assert found in text, found


def test_live_selling_bears_no_service_fee(client: Client) -> None:
    page = client.get("/fees?price=1000&kind=live_commerce&currency=CNY")
    assert "rule B1)" not in page.text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("price=lots", "Write an amount in figures"),
        ("price=-5", "can’t be negative"),
        ("price=5&currency=XXX", "Choose one of the options."),
        ("price=5&currency=CNY&currency=%00", None),
        ("price=5&kind=opera", "Choose one of the options."),
        ("price=5.5&currency=JPY", "have no decimals"),
        ("price=5&earned=1e9", "Write an amount in figures"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_kept(client: Client, query: str, message: str | None) -> None:
    page = client.get(f"/fees?{query}")
    if message is None:
        assert page.status_code == 200
        return
    assert page.status_code == 422
    assert message in page.text
    assert "Correct what is marked" in page.text
    typed = dict(parse_qsl(query))["price"]
    assert f'value="{typed}"' in page.text


def test_a_creator_begins_with_what_their_month_came_to(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
        make_deal(creator, price=4_000_00, state=State.FUNDING)
    sign_in(client, creator)
    page = client.get("/fees")
    assert 'value="4,000.00"' in page.text
    assert "from ¥4,000.00 to ¥5,000.00" in page.text
    assert "Your deals signed this month" in page.text
    other = client.get("/fees?price=1000&earned=0&currency=CNY")
    assert "from ¥0.00 to ¥1,000.00" in other.text


def test_the_first_days_of_a_programme_are_there_to_choose(app: Flask, client: Client) -> None:
    assert "The creator has been here" not in client.get("/fees").text
    with app.app_context(), transaction():
        publish(fee_day() - timedelta(days=1), *DEFAULT_POLICY.rules, WELCOME)
        creator = make_creator()
    page = client.get("/fees?price=20000&first_days=90&currency=CNY")
    assert "Free of commission (rule W1)." in page.text
    assert "“Welcome”: for the creator’s first 90 days, until" in page.text
    assert "10 % of ¥15,000.00" in client.get("/fees?price=20000&first_days=0&currency=CNY").text
    assert client.get("/fees?price=20000&first_days=17").status_code == 422
    assert client.get("/fees?price=20000&first_days=%F0%9F%A6%8A").status_code == 422
    sign_in(client, creator)
    assert "Free of commission (rule W1)." in client.get("/fees").text


def test_ones_own_agreement_holds_in_ones_own_calculator_and_nowhere_else(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        for owner, kind, rate in (
            ({"creator": f"creator:{creator.id}"}, RuleKind.CREATOR_COMMISSION, 300),
            ({"brand": f"brand:{brand.id}"}, RuleKind.BRAND_SERVICE_FEE, 200),
        ):
            db.session.add(
                FeeAgreement(
                    **owner,
                    rule=rule_to_json(Rule("R", kind, (Bracket(rate),))),
                    starts=fee_day(),
                    why="They bring much.",
                    editors=["user:1"],
                    created_at=clock.now(),
                    published_at=clock.now(),
                    published_by="user:2",
                )
            )
    query = "/fees?price=1000&earned=0&currency=CNY"
    assert "(rule A-" not in client.get(query).text
    sign_in(client, creator)
    page = client.get(query).text
    assert "3 % of ¥1,000.00 (rule A-1). As agreed with the creator." in page
    assert "As agreed with the company." not in page
    sign_in(client, brand)
    page = client.get(query).text
    assert "2 % of the price (rule A-2). As agreed with the company." in page
    assert "As agreed with the creator." not in page


def test_the_next_version_is_announced_with_its_day(app: Flask, client: Client) -> None:
    assert "takes the place of these rules" not in client.get("/fees").text
    with app.app_context(), transaction():
        harder = Rule("C2", RuleKind.CREATOR_COMMISSION, (Bracket(1_200),))
        publish(fee_day() + timedelta(days=30), harder, floor=8_000)
        publish(fee_day() + timedelta(days=60), WELCOME, version=3)
    page = client.get("/fees").text
    assert "Version 2 of the fee policy then takes the place of these rules." in page
    assert "keeps at least 80 % of the price" in page
    assert "Version 3" not in page


def test_the_amounts_are_there_for_every_currency(client: Client) -> None:
    page = client.get("/fees").text
    for currency in ("CNY", "JPY", "KWD", "USD", "THB"):
        assert f'<th scope="row">{currency}</th>' in page.replace("\n", "")
