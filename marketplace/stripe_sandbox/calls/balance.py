"""The balance of an account, and the transactions that made it."""

from typing import Any

from stripe.params import BalanceRetrieveParams, BalanceTransactionListParams, BalanceTransactionRetrieveParams

from .. import money
from ..errors import Refusal
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]
_PAID_OUT = "id in (select txn from stripe_sandbox.paid_out where payout = %s)"


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


@call("GET", "/v1/balance_transactions", BalanceTransactionListParams)
def list_transactions(tx: Tx, params: Params) -> Obj:
    """`payout` gives what an automatic payout paid out, itself among it."""
    money.mature(tx)
    filters = {name: params.get(name) for name in ("currency", "source", "type")}
    also = [(_PAID_OUT, params["payout"])] if "payout" in params else []
    if also and not tx.get("payout", params["payout"], param="payout", in_path=False)["automatic"]:
        raise Refusal("Balance transaction history can only be filtered on automatic payouts, not manual.")
    return listing(tx, "balance_transaction", "/v1/balance_transactions", params, filters, *also)


def _amount(amount: int, currency: str) -> Obj:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
