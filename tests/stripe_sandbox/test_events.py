"""The list of events: by time, type and delivery, each account's own."""

import pytest
import stripe

from .kit import Receiver, Running, new_account, new_session, paid_charge, until


def test_events_are_paged_and_filtered(sandbox: Running, client: stripe.StripeClient) -> None:
    charge = paid_charge(client)
    client.v1.refunds.create(params={"charge": charge.id})
    events = client.v1.events

    every = [event.type for event in events.list(params={"limit": 1}).auto_paging_iter()]
    assert every[::-1] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "refund.created",
        "charge.refunded",
    ]
    assert [event.type for event in events.list(params={"type": "charge.*"}).data] == every[:1] + every[-1:]
    wanted = ["refund.created", "charge.refunded"]
    assert {event.type for event in events.list(params={"types": wanted}).data} == set(wanted)
    newest, *_, oldest = events.list().data
    assert events.list(params={"ending_before": oldest.id, "limit": 100}).data[0].id == newest.id
    assert len(events.list(params={"starting_after": newest.id}).data) == 4
    assert len(events.list(params={"created": {"gte": oldest.created, "lte": newest.created}}).data) == 5
    assert events.list(params={"created": {"lt": oldest.created}}).data == []


def test_what_was_delivered_is_told_from_what_was_not(
    sandbox: Running, client: stripe.StripeClient, receiver: Receiver
) -> None:
    client.v1.checkout.sessions.expire(new_session(client).id)
    receiver.wait_for(1)
    until(lambda: len(client.v1.events.list(params={"delivery_success": True}).data) == 1)
    sandbox.command("moods", {"drop_rate": 1})
    paid_charge(client)

    lost = client.v1.events.list(params={"delivery_success": False}).data
    assert [event.type for event in lost] == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
    ]


def test_an_accounts_events_are_its_own(client: stripe.StripeClient, receiver: Receiver) -> None:
    account = new_account(client).id

    [event] = client.v1.events.list(options={"stripe_account": account}).data

    assert (event.type, event.account) == ("account.updated", account)
    assert client.v1.events.list().data == []
    assert client.v1.events.retrieve(event.id, options={"stripe_account": account}).id == event.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.retrieve(event.id)
    assert receiver.wait_for(1)[0].id == event.id
