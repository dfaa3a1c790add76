"""Jobs of reconciliation."""

from marketplace.infra.jobs import job, periodic
from marketplace.reconciliation.service import reconcile


@periodic("reconciliation.recent", "7 * * * *")
def reconcile_recent() -> None:
    reconcile(whole=False)


@periodic("reconciliation.whole", "37 2 * * *")
def reconcile_whole() -> None:
    """Of the last week, as some movements are reported late."""
    reconcile(whole=True)


@job("reconciliation.now")
def reconcile_now() -> None:
    """Because an administrator asked."""
    reconcile(whole=True)
