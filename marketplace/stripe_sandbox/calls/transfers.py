"""Transfers to connected accounts and their reversals.

With `source_transaction` a transfer draws on what is left of that charge, before its money is available; without it,
on the available balance (https://docs.stripe.com/connect/separate-charges-and-transfers). A reversal takes no more
than the connected account has available (https://docs.stripe.com/connect/separate-charges-and-transfers#reverse-transfers).
"""

from typing import Any

from stripe.params import (
    TransferCreateParams,
    TransferListParams,
    TransferRetrieveParams,
    TransferReversalCreateParams,
    TransferReversalListParams,
    TransferReversalRetrieveParams,
    TransferUpdateParams,
)

from .. import currencies, money
from ..errors import Refusal, missing_parameter, resource_missing
from ..ids import new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import listing, metadata, short
from . import charges, disputes, payouts

Params = dict[str, Any]


@call(
    "POST",
    "/v1/transfers",
    TransferCreateParams,
    "amount currency destination description metadata source_transaction transfer_group",
)
def create_transfer(tx: Tx, params: Params) -> Obj:
    if "amount" not in params:
        raise missing_parameter("amount")
    amount = currencies.check_amount(params["amount"])
    currency = currencies.check_currency(params["currency"])
    account = _destination(tx, params["destination"])
    group = short(params.get("transfer_group"), "transfer_group")
    ready = tx.now
    if "source_transaction" in params:
        charge = _source(tx, params["source_transaction"], amount, currency)
        group = _group_of(tx, charge, group)
        ready = int(tx.get("balance_transaction", charge["balance_transaction"])["available_on"])
    else:
        money.take_available(tx, amount, currency)
    transfer = _transfer(tx, params, amount, currency, group)
    transfer["balance_transaction"] = _pay(tx, transfer, ready)["id"]
    transfer["destination_payment"] = charges.incoming_payment(tx, account["id"], transfer, ready)["id"]
    tx.add(transfer)
    tx.emit("transfer.created", transfer)
    payouts.plan(tx, account["id"])
    return transfer


@call("POST", "/v1/transfers/<transfer>", TransferUpdateParams)
def update_transfer(tx: Tx, params: Params, transfer: str) -> Obj:
    found = tx.get("transfer", transfer, lock=True, param="transfer")
    before = {"description": found["description"], "metadata": found["metadata"]}
    found["metadata"] = metadata(params.get("metadata"), found["metadata"])
    if "description" in params:
        found["description"] = short(params["description"], "description")
    tx.save(found)
    tx.emit("transfer.updated", found, previous=before)
    return found


@call("GET", "/v1/transfers/<transfer>", TransferRetrieveParams)
def retrieve_transfer(tx: Tx, _params: Params, transfer: str) -> Obj:
    return tx.get("transfer", transfer, param="transfer")


@call("GET", "/v1/transfers", TransferListParams)
def list_transfers(tx: Tx, params: Params) -> Obj:
    filters = {"destination": params.get("destination"), "transfer_group": params.get("transfer_group")}
    return listing(tx, "transfer", "/v1/transfers", params, filters)


@call("POST", "/v1/transfers/<transfer>/reversals", TransferReversalCreateParams, "amount description metadata")
def create_reversal(tx: Tx, params: Params, transfer: str) -> Obj:
    found = tx.get("transfer", transfer, lock=True, param="transfer")
    amount = _reversible(found, params.get("amount"))
    _check_recipient(tx, found, amount)
    reversal = _reversal(tx, found, amount, params)
    _note_reversal(found, reversal)
    tx.save(found)
    tx.add(reversal)
    tx.emit("transfer.reversed", found)
    return reversal


@call("GET", "/v1/transfers/<transfer>/reversals/<reversal>", TransferReversalRetrieveParams)
def retrieve_reversal(tx: Tx, _params: Params, transfer: str, reversal: str) -> Obj:
    found = tx.get("transfer_reversal", reversal)
    if found["transfer"] != transfer:
        raise resource_missing("transfer reversal", reversal)
    return found


@call("GET", "/v1/transfers/<transfer>/reversals", TransferReversalListParams)
def list_reversals(tx: Tx, params: Params, transfer: str) -> Obj:
    tx.get("transfer", transfer, param="transfer")
    url = f"/v1/transfers/{transfer}/reversals"
    return listing(tx, "transfer_reversal", url, params, {"transfer": transfer})


def _destination(tx: Tx, id_: str) -> Obj:
    account = tx.find("account", id_, account="")
    if account is None:
        raise resource_missing("destination", id_, param="destination", in_path=False)
    if account["capabilities"].get("transfers") != "active":
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers,"
            " crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def _source(tx: Tx, id_: str, amount: int, currency: str) -> Obj:
    """Locks the charge, so that two transfers at once can't both take what is left of it."""
    charge = tx.get("charge", id_, lock=True, param="source_transaction", in_path=False)
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {id_} has not been paid: nothing can be transferred.", param="source_transaction")
    if charge["currency"] != currency:
        raise Refusal(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the"
            f" transfer currency ({currency})",
            param="currency",
        )
    row = tx.run(
        "select coalesce(sum((data->>'amount')::bigint - (data->>'amount_reversed')::bigint), 0) as sent"
        " from stripe_sandbox.objects where kind = 'transfer' and data->>'source_transaction' = %s",
        id_,
    ).fetchone()
    held = disputes.held_by_disputes(tx, charge)
    left = charge["amount"] - charge["amount_refunded"] - held - int(row["sent"] if row else 0)
    if amount > left:
        raise Refusal(
            f"The transfer amount ({amount} {currency}) exceeds what is left of the source transaction"
            f" ({left} {currency}).",
            code="balance_insufficient",
            param="amount",
        )
    return charge


def _group_of(tx: Tx, charge: Obj, group: str | None) -> str | None:
    """A transfer out of a charge belongs to the charge's group, and gives it one where it has none."""
    if charge["transfer_group"] and group and charge["transfer_group"] != group:
        raise Refusal(
            "The transfer_group must match the transfer_group of the source_transaction.", param="transfer_group"
        )
    if not charge["transfer_group"]:
        charge["transfer_group"] = group or f"group_{charge['id'].removeprefix('ch_')}"
        tx.save(charge)
    kept: str = charge["transfer_group"]
    return kept


def _transfer(tx: Tx, params: Params, amount: int, currency: str, group: str | None) -> Obj:
    id_ = new_id("transfer")
    return {
        "id": id_,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "created": tx.now,
        "currency": currency,
        "description": short(params.get("description"), "description"),
        "destination": params["destination"],
        "livemode": False,
        "metadata": metadata(params.get("metadata")),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "total_count": 0,
            "url": f"/v1/transfers/{id_}/reversals",
        },
        "reversed": False,
        "source_transaction": params.get("source_transaction"),
        "source_type": "card",
        "transfer_group": group,
    }


def _pay(tx: Tx, transfer: Obj, available_on: int) -> Obj:
    return money.post(
        tx,
        type_="transfer",
        category="transfer",
        amount=-transfer["amount"],
        currency=transfer["currency"],
        source=transfer["id"],
        description=transfer["description"],
        account=tx.account,
        available_on=available_on,
    )


def _reversible(transfer: Obj, wanted: int | None) -> int:
    left: int = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise Refusal(f"Transfer {transfer['id']} is already fully reversed.", code="transfer_already_reversed")
    amount = left if wanted is None else currencies.check_amount(wanted)
    if amount > left:
        raise Refusal(
            f"Reversal amount ({amount} {transfer['currency']}) is greater than unreversed amount on transfer"
            f" ({left} {transfer['currency']})",
            param="amount",
        )
    return amount


def _check_recipient(tx: Tx, transfer: Obj, amount: int) -> None:
    """The platform's row is locked before the connected account's, as when a transfer is made."""
    money.mature(tx)
    rows = tx.run(
        "select account, available + pending as held from stripe_sandbox.balances where account = any(%s)"
        " and currency = %s order by account for update",
        ["", transfer["destination"]],
        transfer["currency"],
    ).fetchall()
    held = {row["account"]: row["held"] for row in rows}.get(transfer["destination"], 0)
    if held < amount:
        raise Refusal(
            f"Account {transfer['destination']} has insufficient funds ({held} {transfer['currency']}) to reverse"
            f" {amount} of transfer {transfer['id']}.",
            code="balance_insufficient",
        )


def _reversal(tx: Tx, transfer: Obj, amount: int, params: Params) -> Obj:
    reversal: Obj = {
        "id": new_id("transfer_reversal"),
        "object": "transfer_reversal",
        "amount": amount,
        "created": tx.now,
        "currency": transfer["currency"],
        "metadata": metadata(params.get("metadata")),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    common = {"currency": transfer["currency"], "description": short(params.get("description"), "description")}
    back = money.post(
        tx,
        type_="transfer_refund",
        category="transfer_reversal",
        amount=amount,
        source=reversal["id"],
        account=tx.account,
        **common,
    )
    _taken_back(tx, transfer, reversal, amount)
    reversal["balance_transaction"] = back["id"]
    return reversal


def _taken_back(tx: Tx, transfer: Obj, reversal: Obj, amount: int) -> None:
    """The other half, in the connected account: a refund of the payment that the transfer was there."""
    payment = tx.find("charge", transfer["destination_payment"], account=transfer["destination"], lock=True)
    if payment is None:
        raise resource_missing("charge", transfer["destination_payment"])
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    tx.save(payment)
    refund: Obj = {
        "id": "pyr_" + new_id("refund").removeprefix("re_"),
        "object": "refund",
        "amount": amount,
        "charge": payment["id"],
        "created": tx.now,
        "currency": transfer["currency"],
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
    txn = money.post(
        tx,
        type_="payment_refund",
        category="refund",
        amount=-amount,
        currency=transfer["currency"],
        source=refund["id"],
        account=transfer["destination"],
    )
    refund["balance_transaction"] = txn["id"]
    tx.add(refund, account=transfer["destination"])
    reversal["destination_payment_refund"] = refund["id"]


def _note_reversal(transfer: Obj, reversal: Obj) -> None:
    transfer["amount_reversed"] += reversal["amount"]
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"] = [reversal, *transfer["reversals"]["data"]][:10]
    transfer["reversals"]["total_count"] += 1
    transfer["reversals"]["has_more"] = transfer["reversals"]["total_count"] > 10
