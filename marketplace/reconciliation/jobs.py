"""Jobs of reconciliation."""

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic
from marketplace.reconciliation.service import go_on, go_on_later, reconcile


@periodic("reconciliation.recent", "7 * * * *")
def reconcile_recent() -> None:
    reconcile(whole=False)


@periodic("reconciliation.whole", "37 2 * * *")
def reconcile_whole() -> None:
    """Of the last week, as some movements are reported late."""
    reconcile(whole=True)


@job("reconciliation.go_on")
def go_on_with_run() -> None:
    again = go_on()
    if again is not None:
        with transaction():
            go_on_later(again)
