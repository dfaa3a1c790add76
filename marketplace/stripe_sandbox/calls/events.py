"""What happened, with a copy of each object as it was then.

What happened in a connected account is in that account's list, not in the platform's: it is asked for with
Stripe-Account.
"""

from typing import Any

from stripe.params import EventListParams, EventRetrieveParams

from ..errors import Refusal
from ..registry import call
from ..store import Obj, Tx
from ..values import listing

Params = dict[str, Any]
_MOST_TYPES = 20
_DELIVERED = """(exists (select 1 from stripe_sandbox.deliveries d where d.event = objects.id)
and not exists (select 1 from stripe_sandbox.deliveries d where d.event = objects.id and d.state <> 'sent')) = %s"""


@call("GET", "/v1/events/<event>", EventRetrieveParams)
def retrieve_event(tx: Tx, _params: Params, event: str) -> Obj:
    return tx.get("event", event)


@call("GET", "/v1/events", EventListParams)
def list_events(tx: Tx, params: Params) -> Obj:
    if "type" in params and "types" in params:
        raise Refusal("You may only specify one of these parameters: type, types.", code="parameters_exclusive")
    if len(params.get("types", [])) > _MOST_TYPES:
        raise Refusal(f"You may list up to {_MOST_TYPES} types.", param="types")
    also = [(_DELIVERED, params["delivery_success"])] if "delivery_success" in params else []
    named = params.get("type", "")
    if "*" in named:
        also.append(("data->>'type' like %s", named.replace("_", r"\_").replace("*", "%")))
    wanted = params.get("types") or (None if "*" in named else named or None)
    return listing(tx, "event", "/v1/events", params, {"type": wanted}, *also)
