"""`expand`: an id in an answer becomes the object it names, up to four levels deep."""

from collections.abc import Callable
from typing import Any

from .errors import Refusal
from .store import Obj, Tx

_BY_ID: dict[str, dict[str, str]] = {
    "checkout.session": {"customer": "customer", "payment_intent": "payment_intent"},
    "payment_intent": {"customer": "customer", "latest_charge": "charge", "payment_method": "payment_method"},
    "payment_method": {"customer": "customer"},
    "payout": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "topup": {"balance_transaction": "balance_transaction"},
    "charge": {
        "customer": "customer",
        "balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "source_transfer": "transfer",
        "transfer": "transfer",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "transfer_reversal": "transfer_reversal",
    },
    "transfer": {
        "balance_transaction": "balance_transaction",
        "destination": "account",
        "destination_payment": "charge",
        "source_transaction": "charge",
    },
    "transfer_reversal": {
        "balance_transaction": "balance_transaction",
        "destination_payment_refund": "refund",
        "transfer": "transfer",
    },
    "balance_transaction": {"source": "*"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}
# Lists that an answer shows only when asked to.
_ON_DEMAND: dict[str, dict[str, Callable[[Tx, Obj], Obj]]] = {}


def on_demand(kind: str, name: str) -> Callable[[Callable[[Tx, Obj], Obj]], Callable[[Tx, Obj], Obj]]:
    """Registers what fills `name` of an object of this kind when it is expanded."""

    def register(fill: Callable[[Tx, Obj], Obj]) -> Callable[[Tx, Obj], Obj]:
        _ON_DEMAND.setdefault(kind, {})[name] = fill
        return fill

    return register


def expand(tx: Tx, answer: Obj, paths: list[str]) -> Obj:
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4:
            raise Refusal("You cannot expand more than 4 levels of a property.", param="expand")
        _step(tx, answer, steps, path)
    return answer


def _step(tx: Tx, holder: Any, steps: list[str], path: str) -> None:
    if isinstance(holder, dict) and holder.get("object") == "list" and steps[0] == "data":
        for item in holder["data"]:
            if steps[1:]:
                _step(tx, item, steps[1:], path)
        return
    if not isinstance(holder, dict):
        raise _unexpandable(path)
    _fill(tx, holder, steps[0], path)
    if steps[1:] and holder.get(steps[0]) is not None:
        _step(tx, holder[steps[0]], steps[1:], path)


def _fill(tx: Tx, holder: Obj, name: str, path: str) -> None:
    kind = holder.get("object", "")
    if fill := _ON_DEMAND.get(kind, {}).get(name):
        holder[name] = fill(tx, holder)
        return
    wanted = _BY_ID.get(kind, {}).get(name)
    value = holder.get(name)
    if wanted is None and not isinstance(value, dict):
        raise _unexpandable(path)
    if wanted is not None and isinstance(value, str):
        holder[name] = _load(tx, value) or value


def _load(tx: Tx, id_: str) -> Obj | None:
    """An id seen in an object may be expanded whoever it belongs to, as a transfer's destination payment is."""
    row = tx.run("select data from stripe_sandbox.objects where id = %s", id_).fetchone()
    return row["data"] if row else None


def _unexpandable(path: str) -> Refusal:
    return Refusal(f"This property cannot be expanded ({path}).", param="expand")
