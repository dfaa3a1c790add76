"""The jobs that other features enqueue by name when something has happened. Each tells each person once."""

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job
from marketplace.notifications import deals, money, readings, selections


@job("notifications.tell_deal_event")
def tell_deal_event(event_id: int) -> None:
    with transaction():
        deals.tell_event(event_id)


@job("notifications.tell_deadline")
def tell_deadline(deal_id: int, which: str) -> None:
    """`which` is `half` or `day`: half of the time has passed, or a day is left."""
    with transaction():
        deals.tell_deadline(deal_id, which)


@job("notifications.tell_message")
def tell_message(message_id: int) -> None:
    with transaction():
        deals.tell_message(message_id)


@job("notifications.tell_selection")
def tell_selection(selection_id: int, what: str) -> None:
    """`what` is made, accepted, declined, withdrawn, expired or reminder."""
    with transaction():
        selections.tell(selection_id, what)


@job("notifications.tell_reading")
def tell_reading(reading_id: int) -> None:
    with transaction():
        readings.tell_of_reading(reading_id)


@job("notifications.tell_money")
def tell_money(
    kind: str, deal_id: int | None, creator_id: int | None, amount: int | None, currency: str | None
) -> None:
    """`kind` is transferred, payout_account_ready or refunded; `amount` in minor units of `currency`."""
    with transaction():
        money.tell_of_money(kind, deal_id, creator_id, amount, currency)
