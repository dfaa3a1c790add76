"""Top-ups: money that the platform's own bank sends to its balance. It arrives a day later."""

from typing import Any

from stripe.params import TopupCreateParams, TopupListParams, TopupRetrieveParams

from .. import appointments, currencies, money
from ..appointments import when_due
from ..errors import Refusal
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata, nulls, short

Params = dict[str, Any]
_ARRIVES_AFTER = 24 * 3600
_SETTABLE = "amount currency description metadata statement_descriptor transfer_group"


@call("POST", "/v1/topups", TopupCreateParams, _SETTABLE)
def create_topup(tx: Tx, params: Params) -> Obj:
    topup: Obj = {
        "id": new_id("topup"),
        "object": "topup",
        **nulls("balance_transaction failure_code failure_message payment_method source"),
        "amount": currencies.check_amount(params["amount"]),
        "created": tx.now,
        "currency": currencies.check_currency(params["currency"]),
        "description": short(params.get("description"), "description"),
        "expected_availability_date": tx.now + _ARRIVES_AFTER,
        "livemode": False,
        "metadata": metadata(params.get("metadata")),
        "statement_descriptor": short(params.get("statement_descriptor"), "statement_descriptor", 15),
        "status": "pending",
        "transfer_group": short(params.get("transfer_group"), "transfer_group"),
    }
    appointments.appoint(tx, "top-up arrives", topup["id"], topup["expected_availability_date"])
    tx.add(topup)
    tx.emit("topup.created", topup)
    return topup


@call("GET", "/v1/topups/<topup>", TopupRetrieveParams)
def retrieve_topup(tx: Tx, _params: Params, topup: str) -> Obj:
    return tx.get("topup", topup)


@call("GET", "/v1/topups", TopupListParams, "created ending_before limit starting_after status")
def list_topups(tx: Tx, params: Params) -> Obj:
    return listing(tx, "topup", "/v1/topups", params, {"status": params.get("status")})


@when_due("top-up arrives")
def arrive(tx: Tx, topup_id: str) -> Obj:
    topup = tx.get("topup", topup_id, lock=True)
    if topup["status"] != "pending":
        raise Refusal(f"Top-up {topup_id} is {topup['status']} already.", param="topup")
    txn = money.post(
        tx,
        type_="topup",
        category="topup",
        amount=topup["amount"],
        currency=topup["currency"],
        source=topup["id"],
        description=topup["description"] or "Top-up",
        account=tx.account,
    )
    topup.update(balance_transaction=txn["id"], status="succeeded")
    tx.save(topup)
    appointments.call_off(tx, "top-up arrives", topup_id)
    tx.emit("topup.succeeded", topup)
    return topup
