"""One module a resource; importing the package fills the table of calls."""

from . import accounts, balance, checkout, disputes, events, payments, refunds, transfers

FILLED = (accounts, balance, checkout, disputes, events, payments, refunds, transfers)
