"""What happened, with a copy of each object as it was then."""

from typing import Any

from stripe.params import EventListParams, EventRetrieveParams

from ..errors import Refusal
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]


@call("GET", "/v1/events/<event>", EventRetrieveParams)
def retrieve_event(tx: Tx, _params: Params, event: str) -> Obj:
    return tx.get("event", event)


@call("GET", "/v1/events", EventListParams, "created ending_before limit starting_after type types")
def list_events(tx: Tx, params: Params) -> Obj:
    if "type" in params and "types" in params:
        raise Refusal("You may only specify one of these parameters: type, types.", code="parameters_exclusive")
    wanted = params.get("types") or params.get("type")
    return listing(tx, "event", "/v1/events", params, {"type": wanted})
