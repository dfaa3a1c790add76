"""Jobs of paydays. A stretch of work is short: a worker that is told to stop does, and others get their turn."""

import time

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic
from marketplace.payouts.payday import go_on_later, keep_going, start_due_payday
from marketplace.payouts.payday_preparing import prepare_some
from marketplace.payouts.payday_sending import end_stretch, send_some
from marketplace.payouts.payday_telling import tell_next

STRETCH = 10.0


@periodic("payouts.payday", "* * * * *")
def payday_job() -> None:
    """Begin the week's payday when its hour has come, and take up one that nobody works on any more."""
    with transaction():
        start_due_payday()
    with transaction():
        keep_going()


@job("payouts.go_on_with_payday")
def go_on_with_payday(payday_id: int) -> None:
    ends = time.monotonic() + STRETCH
    prepare_some(payday_id, STRETCH)
    send_some(payday_id, ends - time.monotonic())
    with transaction():
        again = end_stretch(payday_id)
        if again is not None:
            go_on_later(payday_id, again)


@job("payouts.tell_payday")
def tell_payday(payday_id: int) -> None:
    with transaction():
        tell_next(payday_id)
