"""Preparing transfers: their rows, and the entries that take them out of what is available. `transfer` sends them."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, any_, cast, insert, select, text

from marketplace.chargebacks.queries import withheld
from marketplace.chargebacks.recovery import Earned, recover
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid, ordered_uuids
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.service import post_many
from marketplace.payouts.due import Part
from marketplace.payouts.models import Transfer, TransferState

# One statement and one value for any number of rows: for a payday's thousands far quicker than one by one.
_INSERT = text("""
    INSERT INTO transfers SELECT * FROM jsonb_populate_recordset(CAST(NULL AS transfers), CAST(:rows AS jsonb))
""")
PREPARED: Final = "transfer.prepared"
# The entries of `prepared_posting` for transfers that are there, as rows for `post_moves`.
PREPARED_MOVES: Final = """
    SELECT 'transfer:' || transfer.id || '\\:prepared' AS key, 'deal:' || settlement.deal_id AS reference,
           coalesce('agency:' || transfer.agency_id, 'creator:' || transfer.creator_id) AS owner,
           transfer.currency AS commodity, transfer.amount
    FROM transfers transfer JOIN settlements settlement ON settlement.id = transfer.settlement_id
    WHERE transfer.id = ANY(CAST(:transfers AS uuid[]))
"""


def prepare_transfers(parts: Sequence[Part], payday_id: int | None = None) -> list[uuid.UUID]:
    """The rows and entries of transfers for these parts, of one payee or of thousands: some statements in all.

    In the caller's transaction, which has locked the payees since before it read the parts (`lock_payee`, or the same
    for many in the order of their ids), so that nobody prepares the same twice; the tables' unique indexes would refuse
    it. What a bank has taken back is left out, and what a payee owes of chargebacks is taken first: the ids may be
    fewer than the parts. Enqueues nothing: whoever prepares sends each with `send_transfer`, and the sweeper what was
    left; those of a payday are left to it for as long as it runs.
    """
    parts = _not_withheld(parts)
    if not parts:
        return []
    recovered = recover([_earned(part) for part in parts])
    now, rows, postings = clock.now(), [], recovered.postings
    for id_, part, left in zip(ordered_uuids(len(parts)), parts, recovered.left, strict=True):
        if left:
            sent = replace(part, amount=left)
            rows.append(_row(sent) | {"id": id_, "payday_id": payday_id, "created_at": now})
            postings.append(prepared_posting(id_, sent))
    db.session.execute(_INSERT, {"rows": json.dumps(rows, default=str)})
    post_many(postings)
    return [row["id"] for row in rows]


def prepare_again(part: Part) -> uuid.UUID:
    """The row and entry of a transfer that sends again what came back of another one, which must be locked."""
    row = _row(part) | {"created_at": clock.now()}
    db.session.execute(insert(Transfer), [row])
    post_many([prepared_posting(row["id"], part)])
    transfer_id: uuid.UUID = row["id"]
    return transfer_id


def _not_withheld(parts: Sequence[Part]) -> list[Part]:
    """Those of whose payment no bank has taken anything; whoever books that locks the settlement, too."""
    theirs = Settlement.id == any_(cast([part.settlement_id for part in parts], ARRAY(BigInteger)))
    db.session.execute(select(Settlement.id).where(theirs).order_by(Settlement.id).with_for_update())
    held = set(db.session.scalars(select(Settlement.id).where(theirs, withheld())))
    return [part for part in parts if part.settlement_id not in held]


def _earned(part: Part) -> Earned:
    return Earned(part.settlement_id, part.deal_id, part.amount, again=part.resends_id is not None, **part.payee.ids)


def _row(part: Part) -> dict[str, Any]:
    return {
        "id": new_uuid(),
        **part.payee.ids,
        "settlement_id": part.settlement_id,
        "account_id": part.account_id,
        "resends_id": part.resends_id,
        "state": TransferState.PREPARED,
        "amount": part.amount.amount,
        "currency": part.amount.currency,
        "reversed_amount": 0,
        "restored_amount": 0,
        "resent_amount": 0,
        "tries": 0,
        "failure": "",
    }


def prepared_posting(transfer_id: uuid.UUID, part: Part) -> Posting:
    """The entry that takes a part out of what is available."""
    currency = part.amount.currency
    lines = (
        debit(part.payee.available(currency), part.amount),
        credit(part.payee.in_transit(currency), part.amount),
    )
    return Posting(PREPARED, f"transfer:{transfer_id}:prepared", lines, f"deal:{part.deal_id}")
