"""One module a resource; importing the package fills the table of calls and what time brings."""

from . import (
    accounts,
    balance,
    charges,
    checkout,
    completion,
    customers,
    disputes,
    events,
    files,
    payments,
    payouts,
    refunds,
    topups,
    transfers,
    warnings,
)

FILLED = (
    accounts,
    balance,
    charges,
    checkout,
    completion,
    customers,
    disputes,
    events,
    files,
    payments,
    payouts,
    refunds,
    topups,
    transfers,
    warnings,
)
