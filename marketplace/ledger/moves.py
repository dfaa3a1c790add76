"""Entries of two lines, one for each row of a query: posted where the rows are, without bringing them here and back."""

import json
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import CHART, AccountKind
from marketplace.ledger.service import refuse

# In the order in which `post_many` opens accounts, so that nobody deadlocks.
_OPEN_ACCOUNTS = """
    INSERT INTO ledger_accounts (owner, kind, commodity, guarded, balance)
    SELECT DISTINCT move.owner, side.kind, move.commodity, side.guarded, side.balance
    FROM ({moves}) move, (VALUES {sides}) side (kind, guarded, balance)
    WHERE NOT EXISTS (
        SELECT FROM ledger_accounts known
        WHERE known.owner = move.owner AND known.kind = side.kind AND known.commodity = move.commodity
    )
    ORDER BY 1, 2, 3
    ON CONFLICT (owner, kind, commodity) DO NOTHING
"""
# Entries and lines in one statement, or the guards refuse them. The ids are the sequence's, taken beforehand so that
# lines need not look for their entry. The hash is `Posting`'s: whoever posts the same by its key finds it the same.
_POST = """
    WITH moves AS MATERIALIZED (
        SELECT nextval((SELECT pg_get_serial_sequence('ledger_entries', 'id'))) AS id, move.*,
               debited.id AS debited, credited.id AS credited,
               '[' || {kind} || ', ' || to_json(move.reference) || ', null, '
                   || '[[' || {first} || '], [' || {second} || ']]]' AS input
        FROM (SELECT * FROM ({moves}) given ORDER BY key) move
        LEFT JOIN ledger_accounts debited ON debited.owner = move.owner AND debited.kind = :debited
            AND debited.commodity = move.commodity
        LEFT JOIN ledger_accounts credited ON credited.owner = move.owner AND credited.kind = :credited
            AND credited.commodity = move.commodity
    ), posted AS (
        INSERT INTO ledger_entries
            (id, idempotency_key, kind, input_hash, reference, posted_at, description, external_id)
        OVERRIDING SYSTEM VALUE
        SELECT id, key, :kind, encode(sha256(convert_to(input, 'UTF8')), 'hex'), reference, :now, '', '' FROM moves
    )
    INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
    SELECT moves.id, side.number, :now, CASE side.number WHEN 1 THEN debited ELSE credited END, moves.commodity,
           moves.amount * side.sign
    FROM moves, (VALUES (1, 1), (2, -1)) side (number, sign)
"""


def post_moves(kind: str, debited: AccountKind, credited: AccountKind, moves: str, values: dict[str, Any]) -> None:
    """Post an entry of `kind` for each row of the query `moves`, all or none, as `post_many` would: an `amount` above
    zero in minor units of a `commodity`, from one account of an `owner` to another, with its `key` and `reference`.

    `moves` is ours, in SQL; `values` are its parameters. No key may be in the books yet. Any of these leaves the
    transaction unusable, so let it pass to the edge:

    Raises:
        Overdraft: a guarded account holds less than is taken out of it.
        IntegrityError: a key is there already.
    """
    open_accounts, post = _statements(kind, debited, credited, moves)
    named = {"kind": kind, "debited": debited.value, "credited": credited.value, "now": clock.now()}
    db.session.execute(open_accounts, values)
    try:
        db.session.execute(post, values | named)
    except IntegrityError as error:
        refuse(error)


@cache
def _statements(kind: str, debited: AccountKind, credited: AccountKind, moves: str) -> tuple[TextClause, TextClause]:
    first, second = (_side(account, sign) for account, sign in sorted(((debited, ""), (credited, "-"))))
    sides = ", ".join(_opened(account) for account in (debited, credited))
    return (
        text(_OPEN_ACCOUNTS.format(moves=moves, sides=sides)),
        text(_POST.format(moves=moves, kind=f"'{json.dumps(kind)}'", first=first, second=second)),
    )


def _opened(kind: AccountKind) -> str:
    rule = CHART[kind]
    return f"('{kind}', {rule.guarded}, {'0' if rule.keeps_balance else 'NULL'}::bigint)"


def _side(kind: AccountKind, sign: str) -> str:
    """What moves on one account, as the hash has it."""
    named = f"to_json(move.owner) || ', \"{kind}\", ' || to_json(move.commodity) || ', '"
    return f"{named} || {sign}move.amount"
