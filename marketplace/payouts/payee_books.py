"""The books against settlements: what creators and agencies hold is what was settled to them and isn't sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from marketplace.infra.db import db
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.check import Problem

_MOST = 100
_KINDS = {
    "creator": (AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE),
    "agency": (AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE),
}
_ALL = "SELECT id AS payee_id FROM {payee_table}"
_THESE = """
    SELECT substr(owner, length('{payee}:') + 1)::bigint AS payee_id
    FROM unnest(CAST(:owners AS text[])) owner WHERE owner ~ '^{payee}:[0-9]{{1,18}}$'
"""
_MOVED = """
    SELECT DISTINCT substr(account.owner, length('{payee}:') + 1)::bigint AS payee_id
    FROM ledger_entries entry
    JOIN ledger_lines line ON line.entry_id = entry.id
    JOIN ledger_accounts account ON account.id = line.account_id AND account.kind IN (:pending, :available)
    WHERE entry.posted_at >= :closed AND entry.kind <> ALL(:bulk) AND account.owner ~ '^{payee}:[0-9]{{1,18}}$'
"""
# What a payday does to everybody on one day, by statements that move a settlement's part and mark it at once.
_BULK = ("deal.settled", "earning.released", "transfer.prepared", "transfer.returned")
# One statement, so that all of it is of one moment: who moves a settlement's money commits it with its entry.
_OFF = """
    WITH payees AS MATERIALIZED ({payees}), earned AS (
        SELECT {payee}_id AS payee_id, CASE WHEN released_at IS NULL THEN :pending ELSE :available END AS kind,
               currency AS commodity, {payee}_amount AS amount
        FROM settlements settlement
        WHERE {payee}_id IN (SELECT payee_id FROM payees) AND NOT EXISTS (
            SELECT FROM transfers WHERE settlement_id = settlement.id AND {payee}_id IS NOT NULL
                AND resends_id IS NULL AND state <> 'failed'
        )
        UNION ALL
        SELECT {payee}_id, :available, currency, returned_amount - amount FROM recoveries recovery
        WHERE {payee}_id IN (SELECT payee_id FROM payees) AND NOT EXISTS (
            SELECT FROM transfers WHERE settlement_id = recovery.settlement_id AND {payee}_id IS NOT NULL
                AND resends_id IS NULL AND state <> 'failed'
        )
        UNION ALL
        SELECT {payee}_id, :available, currency, reversed_amount + restored_amount - resent_amount FROM transfers
        WHERE {payee}_id IN (SELECT payee_id FROM payees) AND state <> 'failed'
            AND resent_amount < reversed_amount + restored_amount
    ), whole AS (
        SELECT '{payee}:' || payee_id AS owner, kind, commodity, sum(amount) AS total FROM earned GROUP BY 1, 2, 3
    ), held AS (
        SELECT owner, kind, commodity, -balance AS held FROM payees
        JOIN ledger_accounts ON owner = '{payee}:' || payee_id AND kind IN (:pending, :available)
    )
    SELECT owner, kind, commodity, coalesce(held, 0), coalesce(total, 0)
    FROM held FULL JOIN whole USING (owner, kind, commodity)
    WHERE coalesce(held, 0) <> coalesce(total, 0) ORDER BY owner, kind, commodity LIMIT :most
"""


def payees_hold_what_they_earned(
    owners: Sequence[str] | None = None, *, closed: datetime | None = None
) -> Iterable[Problem]:
    """What is pending and available of a creator or an agency is their parts of settlements that no transfer and no
    debt has taken, and what came back of transfers: nothing else is ever sent.

    Of all, of these owners, or with the newest closing of those whose accounts have moved since by anything rarer than
    a settlement, a release or a transfer: for all whom a payday pays, all settlements there ever were would be read.
    """
    chosen = _THESE if owners is not None else _MOVED if closed is not None else _ALL
    values = {"owners": list(owners or ()), "closed": closed, "bulk": list(_BULK), "most": _MOST}
    for payee, (pending, available) in _KINDS.items():
        if owners is not None and not any(owner.startswith(f"{payee}:") for owner in owners):
            continue
        table = "creators" if payee == "creator" else "agencies"
        query = _OFF.replace("{payees}", chosen).format(payee=payee, payee_table=table)
        kinds = {"pending": pending.value, "available": available.value}
        for owner, kind, commodity, held, earned in db.session.execute(text(query), values | kinds):
            yield _problem(Account(owner, AccountKind(kind), commodity), held, int(earned))


def _problem(account: Account, held: int, earned: int) -> Problem:
    words = _l(
        "It holds %(held)s minor units, and its owner's settlements and transfers leave %(earned)s of them to be sent.",
        held=held,
        earned=earned,
    )
    return Problem(words, f"account {account}")
