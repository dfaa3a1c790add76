"""Early fraud warnings: an issuer suspects a payment before anybody disputes it. They move no money."""

from typing import Any

from stripe.params.radar import EarlyFraudWarningListParams, EarlyFraudWarningRetrieveParams

from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]


@call("GET", "/v1/radar/early_fraud_warnings/<warning>", EarlyFraudWarningRetrieveParams)
def retrieve_warning(tx: Tx, _params: Params, warning: str) -> Obj:
    return tx.get("radar.early_fraud_warning", warning)


@call("GET", "/v1/radar/early_fraud_warnings", EarlyFraudWarningListParams)
def list_warnings(tx: Tx, params: Params) -> Obj:
    filters = {name: params.get(name) for name in ("charge", "payment_intent")}
    return listing(tx, "radar.early_fraud_warning", "/v1/radar/early_fraud_warnings", params, filters)


def warn(tx: Tx, charge_id: str, type_: str = "made_with_stolen_card") -> Obj:
    charge = tx.get("charge", charge_id, param="charge", in_path=False)
    warning: Obj = {
        "id": new_id("warning"),
        "object": "radar.early_fraud_warning",
        "actionable": not charge["refunded"] and not charge["disputed"],
        "charge": charge_id,
        "created": tx.now,
        "fraud_type": type_,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    tx.add(warning)
    tx.emit("radar.early_fraud_warning.created", warning)
    return warning
