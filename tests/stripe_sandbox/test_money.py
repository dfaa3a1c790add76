"""Refunds, connected accounts, transfers and balances: what is done, and what is refused."""

import re
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.guest import onboard

from .kit import Receiver, Running, new_account, new_session, onboarding_url, paid_charge

FEE = 3_684  # of 126,000: 2.9 % and 30


def available(client: stripe.StripeClient, account: str | None = None) -> int:
    options: Any = {"stripe_account": account} if account else {}
    amounts = client.v1.balance.retrieve(options=options).available
    return sum(amount.amount for amount in amounts)


def test_a_refund_in_two_parts_empties_the_charge_and_keeps_the_fee(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    charge = paid_charge(client)
    intent = str(charge.payment_intent)

    part = client.v1.refunds.create(params={"payment_intent": intent, "amount": 26_000, "metadata": {"deal": "7"}})
    rest = client.v1.refunds.create(params={"charge": charge.id})

    assert re.fullmatch(r"re_[A-Za-z0-9]{24}", part.id)
    assert (part.amount, part.status, rest.amount) == (26_000, "succeeded", 100_000)
    assert client.v1.charges.retrieve(charge.id).refunded
    assert available(client) == -FEE
    txn = client.v1.balance_transactions.retrieve(str(part.balance_transaction))
    assert (txn.type, txn.amount, txn.fee, txn.source) == ("refund", -26_000, 0, part.id)
    receiver.wait_for(7)
    assert receiver.types()[3:] == ["refund.created", "charge.refunded"] * 2


def test_a_refund_over_the_charge_is_refused(client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    client.v1.refunds.create(params={"charge": charge.id, "amount": 100_000})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as caught:
        client.v1.refunds.create(params={"charge": charge.id, "amount": 26_001})
    assert caught.value.param == "amount"

    client.v1.refunds.create(params={"charge": charge.id, "amount": 26_000})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id, "amount": 1})
    assert caught.value.code == "charge_already_refunded"
    assert available(client) == -FEE


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, "parameters_exclusive"),
        ({"charge": "ch_1", "amount": 0.5}, "parameter_invalid_integer"),
        ({"charge": "ch_1", "colour": "red"}, "parameter_unknown"),
        ({"charge": "ch_1", "reason": "because"}, None),
        ({"charge": "ch_1", "reverse_transfer": True}, None),
    ],
)
def test_a_wrong_refund_is_refused(client: stripe.StripeClient, params: Any, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params=params)
    assert caught.value.code == code


def test_refunds_at_once_never_exceed_the_charge(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    refused: list[str] = []

    def refund() -> None:
        try:
            sandbox.client().v1.refunds.create(params={"charge": charge.id, "amount": 50_000})
        except stripe.InvalidRequestError as problem:
            refused.append(str(problem.param))

    threads = [threading.Thread(target=refund) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["amount", "amount"]
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 100_000


def test_an_account_is_ready_for_money_after_onboarding(client: stripe.StripeClient, receiver: Receiver) -> None:
    account = new_account(client, ready=False)
    assert re.fullmatch(r"acct_[A-Za-z0-9]{16}", account.id)
    assert (account.type, account.details_submitted, account.payouts_enabled) == ("express", False, False)
    assert account.capabilities
    assert account.capabilities.transfers == "inactive"

    assert onboard(onboarding_url(client, account.id)) == "https://shop.example/payouts"

    found = client.v1.accounts.retrieve(account.id)
    assert (found.details_submitted, found.charges_enabled, found.payouts_enabled) == (True, True, True)
    assert found.capabilities
    assert found.capabilities.transfers == "active"
    assert found.external_accounts
    assert found.external_accounts.data[0].last4 == "6789"
    [event] = receiver.wait_for(1)
    assert (event.type, event.account) == ("account.updated", account.id)
    assert client.v1.accounts.login_links.create(account.id).url.startswith("http")


def test_a_login_link_needs_a_finished_onboarding(client: stripe.StripeClient) -> None:
    account = new_account(client, ready=False)
    with pytest.raises(stripe.InvalidRequestError, match="not completed onboarding"):
        client.v1.accounts.login_links.create(account.id)


def test_an_onboarding_link_that_was_used_or_is_over_leads_away(sandbox: Running, client: stripe.StripeClient) -> None:
    account = new_account(client, ready=False)
    late = onboarding_url(client, account.id)
    used = onboarding_url(client, account.id)
    onboard(used)

    assert onboard(used) == "https://shop.example/payouts"
    told = client.v1.events.list(params={"type": "account.updated"}, options={"stripe_account": account.id}).data
    assert len(told) == 1

    sandbox.command("moods", {"now": int(time.time()) + 4_000})
    assert onboard(late) == "https://shop.example/payouts/again"


def test_the_dashboard_shows_what_was_received(client: stripe.StripeClient) -> None:
    account = new_account(client)
    charge = paid_charge(client)
    client.v1.transfers.create(params=_transfer(account.id, 100_000, source_transaction=charge.id))

    url = client.v1.accounts.login_links.create(account.id).url

    with urllib.request.urlopen(url, timeout=5) as response:
        page = response.read().decode()
    assert "CN¥1,000.00" in page


def _transfer(account: str, amount: int, **more: Any) -> Any:
    return {"destination": account, "amount": amount, "currency": "cny", **more}


def test_a_transfer_out_of_a_charge_moves_money_and_keeps_its_group(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = new_account(client)
    charge = paid_charge(client)

    transfer = client.v1.transfers.create(
        params=_transfer(account.id, 113_400, source_transaction=charge.id, metadata={"deal": "7"})
    )

    assert re.fullmatch(r"tr_[A-Za-z0-9]{24}", transfer.id)
    assert (transfer.transfer_group, transfer.metadata["deal"]) == ("deal-7", "7")
    assert (available(client), available(client, account.id)) == (126_000 - FEE - 113_400, 113_400)
    assert client.v1.transfers.retrieve(transfer.id).source_transaction == charge.id
    assert [found.id for found in client.v1.transfers.list(params={"transfer_group": "deal-7"}).data] == [transfer.id]
    assert receiver.wait_for(5)[4].type == "transfer.created"
    received = client.v1.charges.retrieve(str(transfer.destination_payment), options={"stripe_account": account.id})
    assert (received.amount, received.source_transfer) == (113_400, transfer.id)


def test_a_transfer_takes_no_more_than_what_is_left_of_its_charge(client: stripe.StripeClient) -> None:
    account = new_account(client)
    charge = paid_charge(client)
    client.v1.refunds.create(params={"charge": charge.id, "amount": 26_000})
    first = client.v1.transfers.create(params=_transfer(account.id, 60_000, source_transaction=charge.id))

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer(account.id, 40_001, source_transaction=charge.id))
    assert caught.value.code == "balance_insufficient"

    client.v1.transfers.reversals.create(first.id, params={"amount": 1})
    client.v1.transfers.create(params=_transfer(account.id, 40_001, source_transaction=charge.id))


def test_a_transfer_without_a_charge_takes_no_more_than_the_balance(client: stripe.StripeClient) -> None:
    account = new_account(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer(account.id, 1))
    assert caught.value.code == "balance_insufficient"

    paid_charge(client)
    client.v1.transfers.create(params=_transfer(account.id, 126_000 - FEE))
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.create(params=_transfer(account.id, 1))


def test_money_of_another_currency_is_no_balance(client: stripe.StripeClient) -> None:
    account = new_account(client)
    charge = paid_charge(client, currency="usd")

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer(account.id, 1))
    assert caught.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer(account.id, 1, source_transaction=charge.id))
    assert caught.value.param == "currency"


def test_an_account_that_is_not_ready_gets_nothing(client: stripe.StripeClient) -> None:
    account = new_account(client, ready=False)
    charge = paid_charge(client)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer(account.id, 1, source_transaction=charge.id))
    assert caught.value.code == "insufficient_capabilities_for_transfer"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.create(params=_transfer("acct_nobody", 1))
    assert (caught.value.code, caught.value.param) == ("resource_missing", "destination")


def test_a_reversal_brings_the_money_back_once(client: stripe.StripeClient, receiver: Receiver) -> None:
    account = new_account(client)
    charge = paid_charge(client)
    transfer = client.v1.transfers.create(params=_transfer(account.id, 100_000, source_transaction=charge.id))

    part = client.v1.transfers.reversals.create(transfer.id, params={"amount": 30_000, "metadata": {"why": "ruling"}})
    client.v1.transfers.reversals.create(transfer.id)

    assert (part.amount, part.transfer) == (30_000, transfer.id)
    found = client.v1.transfers.retrieve(transfer.id)
    assert (found.reversed, found.amount_reversed, len(found.reversals.data)) == (True, 100_000, 2)
    assert (available(client), available(client, account.id)) == (126_000 - FEE, 0)
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        client.v1.transfers.reversals.create(transfer.id)
    receiver.wait_for(7)
    assert receiver.types()[5:] == ["transfer.reversed", "transfer.reversed"]


def test_balance_transactions_are_paged_and_filtered_and_sum_to_the_balance(client: stripe.StripeClient) -> None:
    account = new_account(client)
    charges = [paid_charge(client, amount) for amount in (10_000, 20_000, 30_000)]
    paid_charge(client, 5_000, "usd")
    client.v1.refunds.create(params={"charge": charges[0].id})
    client.v1.transfers.create(params=_transfer(account.id, 1_000))
    listing = client.v1.balance_transactions

    every = list(listing.list(params={"limit": 2, "currency": "cny"}).auto_paging_iter())

    assert [txn.type for txn in every] == ["transfer", "refund", "charge", "charge", "charge"]
    [cny] = [amount for amount in client.v1.balance.retrieve().available if amount.currency == "cny"]
    assert sum(txn.net for txn in every) == cny.amount
    assert {txn.currency for txn in listing.list().data} == {"cny", "usd"}
    assert [txn.source for txn in listing.list(params={"type": "charge", "limit": 1, "currency": "cny"}).data] == [
        charges[2].id
    ]
    before = listing.list(params={"ending_before": every[2].id, "currency": "cny"})
    assert [txn.id for txn in before.data] == [every[0].id, every[1].id]
    created = every[0].created
    assert listing.list(params={"created": {"gt": created}}).data == []
    assert len(listing.list(params={"created": {"lte": created}, "limit": 100}).data) == 6
    expanded = listing.list(params={"source": charges[1].id, "expand": ["data.source"]}).data[0].source
    assert isinstance(expanded, stripe.Charge)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_one_to_a_hundred_rows(client: stripe.StripeClient, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.balance_transactions.list(params={"limit": limit})
    assert caught.value.param == "limit"


def test_a_wrong_key_opens_nothing(sandbox: Running) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        sandbox.client(key="sk_test_another").v1.balance.retrieve()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(sandbox.url + "/v1/balance", timeout=5)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(sandbox.url + "/sandbox/moods", timeout=5)


def test_what_is_not_there_is_missing_in_stripes_words(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.charges.retrieve("ch_none")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.coupons.list()
    with pytest.raises(stripe.PermissionError, match="does not have access"):
        client.v1.balance.retrieve(options={"stripe_account": "acct_nobody"})
    session = new_session(client)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["amount_total"]})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/refunds", "charge=ch_1&amount[a]=1"),
        ("/v1/refunds", "charge=%00"),
        ("/v1/refunds", "=x"),
        ("/v1/refunds", "a" + "[b]" * 500 + "=1"),
        ("/v1/refunds", "charge=%FF&" + "&".join(f"metadata[{key}]=1" for key in range(2_000))),
        ("/v1/refunds", "charge=a&charge[b]=c"),
        ("/v1/transfers", "amount=99999999999999999999&currency=cny&destination=acct_1"),
        ("/v1/transfers", "amount=-5&currency=cny&destination=acct_1"),
        ("/v1/transfers", "amount=5&currency=gold&destination=acct_1"),
        ("/v1/refunds/re_%00", ""),
    ],
)
def test_garbage_is_refused_without_a_crash(sandbox: Running, path: str, body: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.fetch("POST", path, body, kind="application/x-www-form-urlencoded")
    assert caught.value.code in (400, 404)
    caught.value.close()
