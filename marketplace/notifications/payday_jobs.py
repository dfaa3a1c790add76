"""The jobs that tell of paydays."""

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job
from marketplace.notifications import paydays


@job("notifications.tell_payday")
def tell_payday(payees: list[paydays.PaidOut]) -> None:
    """What each of these payees was sent; a second time nobody is told anything."""
    with transaction():
        paydays.tell_payees(payees)


@job("notifications.tell_payday_failures")
def tell_payday_failures(payday_id: int) -> None:
    with transaction():
        paydays.tell_of_failures(payday_id)
