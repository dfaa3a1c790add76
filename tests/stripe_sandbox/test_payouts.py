"""Payouts: by call, by schedule, arrived and sent back; top-ups; balances below zero."""

import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from marketplace.stripe_sandbox.calls.payouts import next_payday
from marketplace.stripe_sandbox.guest import onboard

from .kit import Receiver, Running, available, config_for, new_account, onboarding_url, paid_charge, running


def earning(client: stripe.StripeClient, amount: int = 100_000, bank: str = "000123456789", **schedule: str) -> str:
    """A connected account with `amount` on its balance."""
    account = new_account(client, bank=bank).id
    params: Any = {"settings": {"payouts": {"schedule": schedule or {"interval": "daily"}}}}
    client.v1.accounts.update(account, params=params)
    charge = paid_charge(client)
    client.v1.transfers.create(
        params={"destination": account, "amount": amount, "currency": "cny", "source_transaction": charge.id}
    )
    return account


def of(account: str) -> Any:
    return {"stripe_account": account}


def told(receiver: Receiver) -> list[tuple[str, str | None]]:
    return [
        (event.type, getattr(event, "account", None)) for event in receiver.events() if event.type.startswith("payout.")
    ]


@pytest.mark.parametrize(
    ("schedule", "now", "day"),
    [
        ({"interval": "daily"}, "2026-11-25 10:00", "2026-11-26"),
        ({"interval": "daily"}, "2026-11-25 23:59", "2026-11-27"),
        ({"interval": "weekly", "weekly_anchor": "friday"}, "2026-11-25 10:00", "2026-11-27"),
        ({"interval": "weekly", "weekly_anchor": "friday"}, "2026-11-27 10:00", "2026-12-04"),
        ({"interval": "monthly", "monthly_anchor": 31}, "2026-11-25 10:00", "2026-11-30"),
    ],
)
def test_a_schedule_says_the_next_day(schedule: Any, now: str, day: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = datetime.fromtimestamp(next_payday(schedule, int(moment.timestamp())), UTC)
    assert found.isoformat(sep=" ") == f"{day} 00:00:00+00:00"


def test_a_daily_schedule_pays_out_what_is_there(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = earning(client)

    sandbox.days_later(6)

    [payout] = client.v1.payouts.list(options=of(account)).data
    assert (payout.amount, payout.automatic, payout.status) == (100_000, True, "paid")
    assert payout.reconciliation_status == "completed"
    assert payout.arrival_date > payout.created
    assert available(client, account) == 0
    assert client.v1.payouts.list().data == []
    inside = client.v1.balance_transactions.list(params={"payout": payout.id}, options=of(account)).data
    assert [(txn.type, txn.net) for txn in inside] == [("payout", -100_000), ("payment", 100_000)]
    receiver.wait_for(8)
    assert told(receiver) == [("payout.created", account), ("payout.paid", account)]


def test_a_weekly_schedule_waits_for_its_day(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client, interval="weekly", weekly_anchor="tuesday")

    sandbox.days_later(9)

    [payout] = client.v1.payouts.list(options=of(account)).data
    assert datetime.fromtimestamp(payout.created, UTC).strftime("%A") == "Tuesday"


def test_a_manual_schedule_pays_out_on_demand_and_no_more_than_there_is(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    account = earning(client, interval="manual")
    sandbox.days_later(9)
    assert client.v1.payouts.list(options=of(account)).data == []

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.create(params={"amount": 100_001, "currency": "cny"}, options=of(account))
    assert caught.value.code == "balance_insufficient"
    payout = client.v1.payouts.create(
        params={"amount": 40_000, "currency": "cny", "metadata": {"row": "7"}, "statement_descriptor": "Mutuals"},
        options=of(account),
    )

    assert (payout.status, payout.automatic, payout.metadata and payout.metadata["row"]) == ("pending", False, "7")
    assert available(client, account) == 60_000
    with pytest.raises(stripe.InvalidRequestError, match="automatic payouts"):
        client.v1.balance_transactions.list(params={"payout": payout.id}, options=of(account))
    sandbox.days_later(4)
    paid = client.v1.payouts.list(params={"status": "paid"}, options=of(account)).data
    assert [found.id for found in paid] == [payout.id]
    changed = client.v1.payouts.update(payout.id, params={"metadata": {"row": "8"}}, options=of(account))
    assert changed.metadata
    assert changed.metadata["row"] == "8"


@pytest.mark.parametrize(("bank", "code"), [("000111111116", "no_account"), ("000111111113", "account_closed")])
def test_a_failed_payout_comes_back_and_waits_for_another_bank_account(
    sandbox: Running, client: stripe.StripeClient, bank: str, code: str
) -> None:
    account = earning(client, bank=bank)

    sandbox.days_later(6)

    [payout] = client.v1.payouts.list(params={"expand": ["data.failure_balance_transaction"]}, options=of(account)).data
    back = payout.failure_balance_transaction
    assert isinstance(back, stripe.BalanceTransaction)
    assert (payout.status, payout.failure_code) == ("failed", code)
    assert (back.type, back.reporting_category, back.net) == ("payout_failure", "payout_reversal", 100_000)
    assert available(client, account) == 100_000
    found: Any = client.v1.accounts.retrieve(account)
    assert found.external_accounts.data[0].status == "errored"
    assert (found.payouts_enabled, found.capabilities.transfers) == (False, "active")
    assert found.requirements.currently_due == ["external_account"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.create(params={"amount": 1, "currency": "cny"}, options=of(account))
    assert caught.value.code == "payouts_not_allowed"

    onboard(onboarding_url(client, account))
    sandbox.days_later(6)
    newest, _ = client.v1.payouts.list(options=of(account)).data
    assert (newest.status, newest.amount) == ("paid", 100_000)


def test_a_payout_that_was_paid_may_fail_too(sandbox: Running, client: stripe.StripeClient, receiver: Receiver) -> None:
    account = earning(client)
    [payout] = sandbox.trigger("pay_out", account=account)
    assert sandbox.trigger("complete_payout", payout=payout["id"])["status"] == "paid"

    failed = sandbox.trigger("fail_payout", payout=payout["id"], code="account_frozen")

    assert (failed["status"], failed["failure_code"]) == ("failed", "account_frozen")
    assert available(client, account) == 100_000
    receiver.wait_for(10)
    assert [type_ for type_, _ in told(receiver)] == ["payout.created", "payout.paid", "payout.failed"]
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("fail_payout", payout=payout["id"])
    with pytest.raises(OSError, match="400"):
        sandbox.trigger("complete_payout", payout=payout["id"])


def test_a_payout_by_hand_is_cancelled_while_it_is_pending(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client, interval="manual")
    payout = client.v1.payouts.create(params={"amount": 40_000, "currency": "cny"}, options=of(account))

    assert client.v1.payouts.cancel(payout.id, options=of(account)).status == "canceled"

    assert available(client, account) == 100_000
    [automatic] = sandbox.trigger("pay_out", account=account)
    for id_ in (payout.id, automatic["id"]):
        with pytest.raises(stripe.InvalidRequestError, match="cancel"):
            client.v1.payouts.cancel(id_, options=of(account))


def test_the_platform_pays_out_to_its_own_bank(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    paid_charge(client)
    paid_charge(client, 5_000, "usd")

    payout = client.v1.payouts.create(params={"amount": 22_316, "currency": "cny"})
    sandbox.days_later(5)
    assert client.v1.payouts.retrieve(payout.id).status == "paid"
    made = sandbox.trigger("pay_out")

    assert [(each["currency"], each["automatic"]) for each in made] == [("cny", True), ("usd", True)]
    assert (available(client), available(client, currency="usd")) == (0, 0)
    receiver.wait_for(10)
    assert {account for _, account in told(receiver)} == {None}


def test_a_top_up_arrives_the_next_day_or_by_trigger(sandbox: Running, client: stripe.StripeClient) -> None:
    topup = client.v1.topups.create(params={"amount": 50_000, "currency": "cny", "description": "Reserve"})
    assert (topup.status, available(client)) == ("pending", 0)

    sandbox.days_later(1.1)
    assert client.v1.topups.retrieve(topup.id).status == "succeeded"
    sandbox.trigger("top_up", amount=7_000, currency="cny")

    assert available(client) == 57_000
    assert {txn.type for txn in client.v1.balance_transactions.list().data} == {"topup"}
    assert len(client.v1.topups.list(params={"status": "succeeded"}).data) == 2


def test_a_reversal_takes_no_more_than_the_account_has(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client)
    sandbox.trigger("pay_out", account=account)
    [transfer] = client.v1.transfers.list().data

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.transfers.reversals.create(transfer.id, params={"amount": 1})

    assert caught.value.code == "balance_insufficient"
    assert client.v1.transfers.retrieve(transfer.id).amount_reversed == 0


def test_a_balance_below_zero_is_filled_by_the_next_transfers(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client, 10_000)

    sandbox.trigger("take_fee", account=account, amount=15_000, currency="cny")
    assert available(client, account) == -5_000
    sandbox.days_later(6)
    assert client.v1.payouts.list(options=of(account)).data == []

    charge = paid_charge(client)
    client.v1.transfers.create(
        params={"destination": account, "amount": 8_000, "currency": "cny", "source_transaction": charge.id}
    )
    sandbox.days_later(6)
    [payout] = client.v1.payouts.list(options=of(account)).data
    assert payout.amount == 3_000


def test_a_transfer_is_renamed_and_tells(client: stripe.StripeClient, receiver: Receiver) -> None:
    earning(client)
    [transfer] = client.v1.transfers.list().data

    client.v1.transfers.update(transfer.id, params={"description": "Deal 7", "metadata": {"row": "7"}})

    assert client.v1.transfers.retrieve(transfer.id).description == "Deal 7"
    assert receiver.wait_for(7)[6].type == "transfer.updated"


def test_money_that_matures_later_reaches_the_account_later(database_url: str, sandbox: Running) -> None:
    with running(config_for(database_url, None, settle_after_seconds=172_800)) as slow:
        client = slow.client()
        account = earning(client, interval="manual")
        balance = client.v1.balance.retrieve(options=of(account))
        assert (available(client, account), balance.pending[0].amount) == (0, 100_000)
        assert available(client) == 0

        slow.days_later(2.1)

        assert available(client, account) == 100_000
        assert available(client) == 22_316


def test_payouts_at_once_never_exceed_the_balance(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client, interval="manual")
    refused: list[str | None] = []

    def pay_out() -> None:
        try:
            sandbox.client().v1.payouts.create(params={"amount": 40_000, "currency": "cny"}, options=of(account))
        except stripe.InvalidRequestError as problem:
            refused.append(problem.code)

    _all_at_once([pay_out] * 4)

    assert refused == ["balance_insufficient"] * 2
    assert available(client, account) == 20_000


def test_transfers_during_paydays_are_all_paid_out(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client, 1_000)
    problems: list[Exception] = []

    def transfer() -> None:
        try:
            for _ in range(5):
                sandbox.client().v1.transfers.create(
                    params={"destination": account, "amount": 1_000, "currency": "cny"}
                )
        except stripe.StripeError as problem:
            problems.append(problem)

    _all_at_once([transfer, transfer, lambda: sandbox.days_later(3)])
    sandbox.days_later(6)

    assert problems == []
    payouts = client.v1.payouts.list(params={"limit": 100}, options=of(account)).data
    assert sum(payout.amount for payout in payouts) == 11_000
    assert {payout.status for payout in payouts} == {"paid"}
    assert available(client, account) == 0


def _all_at_once(steps: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_dashboard_shows_payouts_and_what_is_needed(sandbox: Running, client: stripe.StripeClient) -> None:
    account = earning(client)
    sandbox.trigger("pay_out", account=account)
    sandbox.trigger("require", account=account, names=["individual.verification.document"], days=7)

    with urllib.request.urlopen(client.v1.accounts.login_links.create(account).url, timeout=5) as page:
        text = page.read().decode()

    assert "on its way" in text
    assert "individual.verification.document" in text
