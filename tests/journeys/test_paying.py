"""A company pays: declined and told why, then paid; several deals in one payment; by a bank that confirms later."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.escrow.declines import decline_words
from marketplace.escrow.models import Checkout
from marketplace.infra.db import db
from tests.journeys.stage import Stage
from tests.journeys.steps import state_of
from tests.journeys.walker import Walker
from tests.support.money import Parties, assert_books_balance, signed_deal
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.usefixtures("sandbox")]


def signed(stage: Stage, *prices: int) -> list[Parties]:
    with stage.app.app_context():
        first = signed_deal(prices[0])
        return [first, *(signed_deal(price, brand=first.brand) for price in prices[1:])]


def leaving(brand: Walker) -> Walker:
    """The same person, for a step that leads to the provider's page, which says by its own words that it is Chinese."""
    return Walker(brand.page, brand.scripts)


def pay_by_card(brand: Walker, number: str, status: int = 200) -> None:
    """On the provider's page."""
    brand.fill(email="pay@hearth.example", card_number=number, expiry="12 / 34", cvc="123", name="Chen Yu")
    form = brand.page.locator("main form").first
    leaving(brand).send(form.get_attribute("action") or "", status=status)


def says_why(stage: Stage, brand: Walker, code: str) -> bool:
    with stage.reading():
        words = decline_words(code)
        return brand.says(str(words.why), str(words.then))


def books_balance(stage: Stage) -> None:
    with stage.app.app_context():
        assert_books_balance()


def test_a_declined_card_is_explained_and_the_next_one_pays(stage: Stage) -> None:
    parties = signed(stage, 12_000_00)[0]
    deal_id, brand = parties.deal_id, stage.enter(parties.brand.user_id)
    brand.go(f"/deals/{deal_id}")
    brand.follow(f"/deals/{deal_id}/fund")
    leaving(brand).send()
    pay_by_card(brand, "4000000000009995", status=402)
    # Whoever gives up there comes back to a page that says what happened.
    brand.go(f"/deals/{deal_id}/fund/return")
    assert brand.says(stage.words("The payment didn’t go through. Nothing was taken"))
    assert says_why(stage, brand, "insufficient_funds")
    assert state_of(stage.app, deal_id) is State.FUNDING
    brand.go(f"/deals/{deal_id}/fund")
    assert says_why(stage, brand, "insufficient_funds")
    leaving(brand).send()
    pay_by_card(brand, "4242424242424242")
    assert brand.path == f"/deals/{deal_id}"
    assert brand.says(stage.words("The money is in escrow. Work can begin."))
    assert state_of(stage.app, deal_id) is State.PRODUCTION
    books_balance(stage)


def test_several_deals_are_paid_in_one_payment(stage: Stage) -> None:
    deals = signed(stage, 12_000_00, 6_000_00, 1_000_00)
    brand = stage.enter(deals[0].brand.user_id)
    brand.go("/deals")
    brand.follow("/pay")
    for parties, total in zip(deals, ("¥12,600.00", "¥18,900.00", "¥19,950.00"), strict=True):
        brand.page.locator(f"#deal-{parties.deal_id}").check()
        expect(brand.page.locator("[data-pay-sum]")).to_have_text(total)
    brand.page.locator(f"#deal-{deals[2].deal_id}").uncheck()
    expect(brand.page.locator("[data-pay-sum]")).to_have_text("¥18,900.00")
    leaving(brand).click(brand.page.locator("main form.stack button[type=submit]:not([name])"))
    assert brand.says("18,900.00", f"M-{deals[0].deal_id}", f"M-{deals[1].deal_id}")
    pay_by_card(brand, "4242424242424242")
    assert brand.says(stage.words("Your payment has arrived"), stage.words("In escrow"), "¥18,900.00")
    assert [state_of(stage.app, parties.deal_id) for parties in deals] == [
        State.PRODUCTION,
        State.PRODUCTION,
        State.FUNDING,
    ]
    books_balance(stage)


def test_a_bank_that_confirms_days_later_is_waited_for(stage: Stage, sandbox: Sandbox) -> None:
    parties = signed(stage, 12_000_00)[0]
    deal_id, brand = parties.deal_id, stage.enter(parties.brand.user_id)
    brand.go(f"/deals/{deal_id}/fund")
    leaving(brand).send()
    leaving(brand).click(brand.page.locator('nav.ways a[href*="sepa_debit"]'))
    brand.fill(email="pay@hearth.example", account_number="AT611904300234573201", name="Chen Yu")
    brand.send(brand.page.locator("main form").first.get_attribute("action") or "")
    assert brand.says(stage.words("A bank is confirming your payment"))
    brand.follow(f"/deals/{deal_id}")
    assert brand.says(stage.words("Your payment is being confirmed by a bank"))
    assert brand.page.locator(f'main a[href="/deals/{deal_id}/fund"]').count() == 0
    brand.go("/deals?tab=theirs")
    assert brand.says(stage.words("Bank confirms"))
    with stage.app.app_context():
        intent = db.session.scalars(select(Checkout.payment_intent_id)).one()
    sandbox.command("triggers/confirm_late_payment", intent=intent)
    sandbox.wait_for_webhooks()
    stage.run_jobs()
    brand.go(f"/deals/{deal_id}")
    assert state_of(stage.app, deal_id) is State.PRODUCTION
    brand.go("/notifications")
    with stage.app.app_context():
        title = db.session.get_one(Deal, deal_id).title
    assert brand.says(stage.words("The money for “%(title)s” is in escrow", title=title))
    books_balance(stage)
