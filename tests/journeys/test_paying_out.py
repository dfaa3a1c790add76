"""A creator and an agency on their way to their money: told what is missing, onboarded, paid, told of their bank."""

import pytest
from playwright.sync_api import expect

from marketplace.payouts.standing import standing
from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.agencies import make_agency, represent
from tests.support.market import make_creator
from tests.support.money import assert_books_balance
from tests.support.payouts import account, available_deal
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
BANK_THAT_SENDS_BACK = "000111111116"


def at_stripe(person: Walker, button: str, **typed: str) -> None:
    """Fill in the provider's page, which is nobody's of ours, and come back to where it leads."""
    for name, value in typed.items():
        person.page.locator(f'[name="{name}"]').fill(value)
    with person.page.expect_navigation(url="**/earnings/payouts"):
        person.page.locator(button).first.click()


def settle_down(stage: Stage, sandbox: Sandbox) -> None:
    """What webhooks and the worker would have done a moment later."""
    sandbox.wait_for_webhooks()
    stage.run_jobs()


def to_stripe(person: Walker, words: str) -> None:
    with person.page.expect_navigation(url="**/connect/onboarding/**"):
        person.main.get_by_role("button", name=words, exact=True).first.click()


def test_a_creator_stops_half_way_is_told_what_is_missing_goes_on_and_is_paid(stage: Stage, sandbox: Sandbox) -> None:
    with stage.app.app_context():
        parties = available_deal()
    stage.run_jobs()
    creator, say = stage.enter(parties.creator.user_id), stage.words
    creator.go("/earnings")
    creator.follow("/earnings/payouts")
    assert creator.says("11,300.00", say("waits for the payout account"))
    to_stripe(creator, say("Set up your payout account"))
    at_stripe(creator, "button[name=later]", name="Lin Yue")
    assert creator.says(say("The payout account isn’t finished"), say("The bank account that payouts go to"))
    creator.go("/earnings")
    assert creator.says(say("The bank account that payouts go to"), say("Finish your payout account"))
    creator.go("/earnings/payouts")
    to_stripe(creator, say("Go on at Stripe"))
    at_stripe(creator, "button:not([name=later])[type=submit]", name="Lin Yue", account_number=BANK_THAT_SENDS_BACK)
    assert creator.says(say("Your payout account is ready."), "STRIPE TEST BANK •••• 1116")
    settle_down(stage, sandbox)
    creator.go("/earnings/payouts")
    assert creator.says(say("Transferred"), say("Sent to the payout account"))
    sandbox.command("clock", advance_seconds=20 * 24 * 3600)
    settle_down(stage, sandbox)
    creator.go("/earnings/payouts")
    assert creator.says(say("there is no such bank account"), say("Paid on to the bank"))
    creator.go("/notifications")
    assert creator.says(say("%(amount)s came back from your bank", amount="¥11,300.00"))
    with stage.app.app_context():
        assert standing(account(parties.creator)).missing
        assert_books_balance()


def test_an_agencys_owner_chooses_a_plan_sets_up_its_account_and_is_paid_on_demand(
    stage: Stage, sandbox: Sandbox
) -> None:
    with stage.scene():
        creator, agency = make_creator(), make_agency()
        represent(agency, creator)
    with stage.app.app_context():
        available_deal(creator=creator)
    stage.run_jobs()
    owner, say = stage.enter(agency.user_id), stage.words
    owner.go("/earnings/payouts")
    owner.fill(schedule="on_demand", minimum_CNY="2,000.00")
    owner.send("/earnings/payouts/plan")
    assert owner.says(say("Kept. It holds from now on."))
    to_stripe(owner, say("Set up the payout account"))
    at_stripe(owner, "button:not([name=later])[type=submit]", name="Lantern Agency", account_number="000123456789")
    settle_down(stage, sandbox)
    owner.go("/earnings/payouts")
    assert owner.says("1,695.00", say("is sent from %(least)s on, the minimum", least="¥2,000.00"))
    expect(owner.main.get_by_role("button", name=say("Pay out now"))).to_have_count(0)
    owner.fill(minimum_CNY="100.00")
    owner.send("/earnings/payouts/plan")
    owner.send("/earnings/payouts/now")
    settle_down(stage, sandbox)
    owner.go("/earnings/payouts")
    assert owner.says(say("Transferred"))
    owner.go("/agency/earnings")
    assert owner.says("1,695.00")
    with stage.app.app_context():
        assert_books_balance()
