"""The balance of an account, and the transactions that made it."""

from typing import Any

from stripe.params import BalanceRetrieveParams, BalanceTransactionListParams, BalanceTransactionRetrieveParams

from .. import money
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]


@call("GET", "/v1/balance", BalanceRetrieveParams)
def retrieve_balance(tx: Tx, _params: Params) -> Obj:
    money.mature(tx)
    rows = tx.run(
        "select currency, available, pending from stripe_sandbox.balances where account = %s order by currency",
        tx.account,
    ).fetchall()
    return {
        "object": "balance",
        "available": [_amount(row["available"], row["currency"]) for row in rows],
        "livemode": False,
        "pending": [_amount(row["pending"], row["currency"]) for row in rows],
    }


@call("GET", "/v1/balance_transactions/<txn>", BalanceTransactionRetrieveParams)
def retrieve_transaction(tx: Tx, _params: Params, txn: str) -> Obj:
    money.mature(tx)
    return tx.get("balance_transaction", txn)


@call(
    "GET",
    "/v1/balance_transactions",
    BalanceTransactionListParams,
    "created currency ending_before limit source starting_after type",
)
def list_transactions(tx: Tx, params: Params) -> Obj:
    money.mature(tx)
    filters = {name: params.get(name) for name in ("currency", "source", "type")}
    return listing(tx, "balance_transaction", "/v1/balance_transactions", params, filters)


def _amount(amount: int, currency: str) -> Obj:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
