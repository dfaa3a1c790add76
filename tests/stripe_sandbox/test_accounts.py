"""Connected accounts: what is still needed, what they may do meanwhile, their schedule of payouts."""

import urllib.request
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.guest import PageRefused, onboard

from .kit import Receiver, Running, new_account, onboarding_url, paid_charge

DOCUMENT = "individual.verification.document"


def standing(client: stripe.StripeClient, account: str) -> tuple[Any, ...]:
    """May it get transfers, may it be paid out, and why not."""
    found = client.v1.accounts.retrieve(account)
    assert found.capabilities
    assert found.requirements
    return found.capabilities.transfers, found.payouts_enabled, found.requirements.disabled_reason


GOOD = ("active", True, None)


def test_an_onboarding_may_be_left_half_done_and_taken_up_again(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = new_account(client, ready=False).id
    url = onboarding_url(client, account)

    assert onboard(url, later=True) == "https://shop.example/payouts"

    left: Any = client.v1.accounts.retrieve(account)
    assert (left.details_submitted, left.business_type) == (False, "individual")
    assert left.requirements.currently_due == ["external_account", "tos_acceptance.date"]
    assert standing(client, account) == ("inactive", False, "requirements.past_due")
    with pytest.raises(PageRefused, match="legal name"):
        onboard(url, name="", later=True)

    onboard(url)

    assert standing(client, account) == GOOD
    assert [event.account for event in receiver.wait_for(2)] == [account, account]


def test_a_requirement_has_its_deadline_and_then_stops_the_account(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = new_account(client).id

    asked = sandbox.trigger("require", account=account, names=[DOCUMENT], days=7, error="verification_document_expired")

    due = asked["requirements"]
    assert (due["currently_due"], due["past_due"]) == ([DOCUMENT], [])
    assert due["errors"][0]["code"] == "verification_document_expired"
    assert due["current_deadline"] is not None
    assert standing(client, account) == GOOD

    sandbox.days_later(8)
    assert standing(client, account) == ("inactive", False, "requirements.past_due")
    charge = paid_charge(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(
            params={"destination": account, "amount": 1, "currency": "cny", "source_transaction": charge.id}
        )
    assert caught.value.code == "insufficient_capabilities_for_transfer"

    onboard(onboarding_url(client, account))
    found: Any = client.v1.accounts.retrieve(account)
    assert standing(client, account) == GOOD
    assert (found.requirements.currently_due, found.requirements.errors) == ([], [])
    assert found.requirements.current_deadline is None
    assert "account.updated" in receiver.types()


def test_what_was_given_is_checked_and_cleared(sandbox: Running, client: stripe.StripeClient) -> None:
    account = new_account(client).id
    sandbox.trigger("require", account=account, names=[DOCUMENT])
    assert standing(client, account) == ("inactive", False, "requirements.past_due")

    checked = sandbox.trigger("check_details", account=account, names=[DOCUMENT])
    assert checked["requirements"]["pending_verification"] == [DOCUMENT]
    assert standing(client, account) == GOOD

    cleared = sandbox.trigger("clear", account=account)
    assert cleared["requirements"]["pending_verification"] == []


def test_a_restricted_account_is_freed_and_a_rejected_one_never(sandbox: Running, client: stripe.StripeClient) -> None:
    account = new_account(client).id
    sandbox.trigger("restrict", account=account)
    assert standing(client, account) == ("inactive", False, "under_review")
    sandbox.trigger("clear", account=account)
    assert standing(client, account) == GOOD

    sandbox.trigger("reject", account=account)
    assert standing(client, account) == ("inactive", False, "rejected.fraud")
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("clear", account=account)
    with pytest.raises(stripe.InvalidRequestError, match="rejected"):
        client.v1.accounts.login_links.create(account)


def test_the_platform_may_reject_an_account(client: stripe.StripeClient) -> None:
    account = new_account(client).id
    client.v1.accounts.reject(account, params={"reason": "terms_of_service"})
    assert standing(client, account) == ("inactive", False, "rejected.terms_of_service")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("restrict", {"reason": "rejected.fraud"}),
        ("reject", {"reason": "under_review"}),
        ("restrict", {"account": "acct_nobody"}),
        ("clear", {}),
    ],
)
def test_a_trigger_that_does_not_fit_is_refused(
    sandbox: Running, client: stripe.StripeClient, name: str, arguments: Any
) -> None:
    account = new_account(client, ready=False).id
    with pytest.raises(OSError, match="400"):
        sandbox.trigger(name, **{"account": account, **arguments})


def test_a_schedule_is_set_and_kept(client: stripe.StripeClient) -> None:
    account = new_account(client).id

    def schedule(**wishes: Any) -> dict[str, Any]:
        params: Any = {"settings": {"payouts": {"schedule": wishes}}}
        found: Any = client.v1.accounts.update(account, params=params)
        kept: dict[str, Any] = found.settings.payouts.schedule.to_dict()
        return kept

    assert schedule(interval="weekly", weekly_anchor="friday") == {
        "delay_days": 2,
        "interval": "weekly",
        "weekly_anchor": "friday",
    }
    assert schedule(interval="manual") == {"delay_days": 2, "interval": "manual"}
    assert schedule(interval="monthly", monthly_anchor=31)["monthly_anchor"] == 31
    assert schedule(interval="daily", delay_days=7) == {"delay_days": 7, "interval": "daily"}
    assert schedule(delay_days="minimum") == {"delay_days": 2, "interval": "daily"}


@pytest.mark.parametrize(
    ("wishes", "name"),
    [
        ({"interval": "weekly"}, "weekly_anchor"),
        ({"interval": "daily", "weekly_anchor": "friday"}, "weekly_anchor"),
        ({"interval": "weekly", "weekly_anchor": "someday"}, "weekly_anchor"),
        ({"interval": "hourly"}, "interval"),
        ({"interval": "monthly", "monthly_anchor": 32}, "monthly_anchor"),
        ({"delay_days": 90}, "delay_days"),
    ],
)
def test_a_wrong_schedule_is_refused(client: stripe.StripeClient, wishes: Any, name: str) -> None:
    account = new_account(client).id
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.accounts.update(account, params={"settings": {"payouts": {"schedule": wishes}}})
    assert caught.value.param == f"settings[payouts][schedule][{name}]"


def test_a_bank_account_is_read_and_the_page_offers_those_that_fail(client: stripe.StripeClient) -> None:
    account = new_account(client, bank="000111111116").id

    [bank] = client.v1.accounts.external_accounts.list(account).data
    assert isinstance(bank, stripe.BankAccount)
    assert (bank.last4, bank.status) == ("1116", "new")
    assert client.v1.accounts.external_accounts.retrieve(account, bank.id).id == bank.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.accounts.external_accounts.retrieve(account, "ba_none")

    url = onboarding_url(client, account)
    with urllib.request.urlopen(f"{url}?account_number=000111111113", timeout=5) as page:
        text = page.read().decode()
    assert 'value="000111111113"' in text
    assert "payouts fail: closed account" in text
