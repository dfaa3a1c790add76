"""The books check themselves: each check is one set-based query that finds nothing when all is well.

A whole check reads every line from the first on. A recent one reads what was posted since the newest closing, and that
closing against the one before: the cost of a day, however old the books are. Other features have checks of their own
(escrow, Stripe); the job and the command pass them in as `extra`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Result, text

from marketplace.infra.db import db
from marketplace.ledger.accounts import Account, AccountKind

_MOST = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must not be: a sentence that says what, and the account or entry where."""

    sentence: str | LazyString
    where: str


Check = Callable[[], Iterable[Problem]]


def check_books(extra: Iterable[Check] = (), *, since: datetime | None = None) -> list[Problem]:
    """All problems found, at most 100 of each sort; an empty list says that the books balance.

    `since` is the newest finished closing for a recent check, None for a whole one.
    """
    own: list[Check] = [partial(check, since) for check in CHECKS]
    return [problem for check in (*own, *extra) for problem in check()]


def _rows(query: str, since: datetime | None) -> Result[*tuple[Any, ...]]:
    """`{since}` in the query becomes the condition on `posted_at` for a recent check."""
    condition = "posted_at >= :since" if since is not None else "true"
    values = {"most": _MOST} | ({"since": since} if since is not None else {})
    return db.session.execute(text(query.replace("{since}", condition)), values)


def unbalanced_entries(since: datetime | None) -> Iterable[Problem]:
    query = """
        SELECT entry_id, commodity, sum(amount) FROM ledger_lines WHERE {since}
        GROUP BY entry_id, commodity HAVING sum(amount) <> 0 ORDER BY entry_id LIMIT :most
    """
    for entry_id, commodity, off in _rows(query, since):
        yield Problem(
            _l(
                "Debits and credits differ by %(amount)s %(commodity)s minor units.",
                amount=int(off),
                commodity=commodity,
            ),
            f"entry {entry_id}",
        )


def empty_entries(since: datetime | None) -> Iterable[Problem]:
    query = """
        SELECT id FROM ledger_entries entry
        WHERE {since} AND NOT EXISTS (SELECT FROM ledger_lines WHERE entry_id = entry.id) ORDER BY id LIMIT :most
    """
    for (entry_id,) in _rows(query, since):
        yield Problem(_l("The entry has no lines."), f"entry {entry_id}")


def wrong_running_balances(since: datetime | None) -> Iterable[Problem]:
    """Against all lines of the account, or for those that moved since: its newest kept balance and the lines after."""
    query = (_ALL_RUNNING if since is None else _MOVED_RUNNING) + "ORDER BY account.id LIMIT :most"
    for owner, kind, commodity, kept, total in _rows(query, since):
        account = Account(owner, AccountKind(kind), commodity)
        yield Problem(
            _l(
                "The running balance is %(kept)s minor units, the lines sum to %(total)s.",
                kept=kept * account.natural_sign,
                total=int(total) * account.natural_sign,
            ),
            f"account {account}",
        )


_ALL_RUNNING = """
    SELECT account.owner, account.kind, account.commodity, account.balance, coalesce(moved.total, 0)
    FROM ledger_accounts account
    LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_lines GROUP BY account_id) moved
        ON moved.account_id = account.id
    WHERE account.balance <> coalesce(moved.total, 0)
"""
_MOVED_RUNNING = """
    SELECT account.owner, account.kind, account.commodity, account.balance, coalesce(kept.balance, 0) + after.total
    FROM (SELECT DISTINCT account_id FROM ledger_lines WHERE {since}) moved
    JOIN ledger_accounts account ON account.id = moved.account_id AND account.balance IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT through, balance FROM ledger_closing_balances
        WHERE account_id = account.id ORDER BY through DESC LIMIT 1
    ) kept ON true
    CROSS JOIN LATERAL (
        SELECT sum(amount) AS total FROM ledger_lines line
        WHERE line.account_id = account.id AND line.posted_at >= coalesce(kept.through, '-infinity')
    ) after
    WHERE account.balance <> coalesce(kept.balance, 0) + after.total
"""


def overdrawn_accounts(since: datetime | None) -> Iterable[Problem]:
    query = """
        SELECT owner, kind, commodity, balance FROM ledger_accounts account
        WHERE guarded AND balance > 0 AND {moved} ORDER BY id LIMIT :most
    """
    moved = "id IN (SELECT account_id FROM ledger_lines WHERE {since})" if since is not None else "true"
    for owner, kind, commodity, kept in _rows(query.replace("{moved}", moved), since):
        yield Problem(
            _l("The account is overdrawn by %(amount)s minor units.", amount=kept),
            f"account {Account(owner, AccountKind(kind), commodity)}",
        )


def misplaced_lines(since: datetime | None) -> Iterable[Problem]:
    query = """
        SELECT line.entry_id, line.line_no FROM (SELECT * FROM ledger_lines WHERE {since}) line
        LEFT JOIN ledger_accounts account ON account.id = line.account_id
        LEFT JOIN ledger_entries entry ON entry.id = line.entry_id
        WHERE account.commodity IS DISTINCT FROM line.commodity OR entry.posted_at IS DISTINCT FROM line.posted_at
        ORDER BY line.entry_id, line.line_no LIMIT :most
    """
    for entry_id, line_no in _rows(query, since):
        yield Problem(_l("Line %(line)s disagrees with its account or its entry.", line=line_no), f"entry {entry_id}")


def crooked_reversals(since: datetime | None) -> Iterable[Problem]:
    query = """
        SELECT DISTINCT reversal.id, reversal.reverses_id FROM ledger_entries reversal
        JOIN LATERAL (
            SELECT FROM ledger_lines line WHERE line.entry_id IN (reversal.id, reversal.reverses_id)
            GROUP BY line.account_id HAVING sum(line.amount) <> 0
        ) left_over ON true
        WHERE reversal.reverses_id IS NOT NULL AND {since} ORDER BY reversal.id LIMIT :most
    """
    for entry_id, reversed_id in _rows(query, since):
        yield Problem(
            _l("It is not the opposite of entry %(reversed)s, which it reverses.", reversed=reversed_id),
            f"entry {entry_id}",
        )


def altered_entries(since: datetime | None) -> Iterable[Problem]:
    """Entries whose lines, kind, reference or reversal aren't those that they were posted with, as their hash knows:
    what balances may still lie on somebody else's account. The text is that of `Posting`, so no sign is set otherwise.
    """
    query = """
        SELECT entry.id FROM ledger_entries entry CROSS JOIN LATERAL (
            SELECT string_agg(concat('[', to_json(account.owner), ', ', to_json(account.kind), ', ',
                                     to_json(account.commodity), ', ', line.amount, ']'), ', '
                              ORDER BY account.owner COLLATE "C", account.kind COLLATE "C",
                                       account.commodity COLLATE "C", line.amount) AS moves
            FROM ledger_lines line JOIN ledger_accounts account ON account.id = line.account_id
            WHERE line.entry_id = entry.id
        ) posted
        WHERE {since} AND posted.moves IS NOT NULL AND entry.input_hash <> encode(sha256(convert_to(
            concat('[', to_json(entry.kind), ', ', to_json(entry.reference), ', ',
                   coalesce(CAST(entry.reverses_id AS text), 'null'), ', [', posted.moves, ']]'), 'UTF8')), 'hex')
        ORDER BY entry.id LIMIT :most
    """
    for (entry_id,) in _rows(query, since):
        yield Problem(_l("It isn’t what was posted: its fingerprint is that of another entry."), f"entry {entry_id}")


def wrong_closing_totals(since: datetime | None) -> Iterable[Problem]:
    """Each closing is the one before and the lines between; a recent check looks at the newest one only."""
    query = """
        WITH closing AS (
            SELECT id, through, lag(id) OVER earlier AS earlier_id, lag(through) OVER earlier AS earlier
            FROM ledger_closings WHERE finished_at IS NOT NULL WINDOW earlier AS (ORDER BY through)
        ), wanted AS (SELECT * FROM closing WHERE {newest}), parts (through, kind, commodity, written, found) AS (
            SELECT through, kind, commodity, balance, 0
            FROM wanted JOIN ledger_closing_totals ON closing_id = wanted.id
            UNION ALL
            SELECT through, kind, commodity, 0, balance
            FROM wanted JOIN ledger_closing_totals ON closing_id = wanted.earlier_id
            UNION ALL
            SELECT through, account.kind, account.commodity, 0, moved.amount
            FROM wanted CROSS JOIN LATERAL (
                SELECT account_id, sum(amount) AS amount FROM ledger_lines line
                WHERE line.posted_at >= coalesce(wanted.earlier, '-infinity') AND line.posted_at < wanted.through
                GROUP BY account_id
            ) moved JOIN ledger_accounts account ON account.id = moved.account_id
        )
        SELECT through, kind, commodity, sum(written), sum(found) FROM parts
        GROUP BY through, kind, commodity HAVING sum(written) <> sum(found)
        ORDER BY through, kind, commodity LIMIT :most
    """
    newest = "through = :since" if since is not None else "true"
    for through, kind, commodity, written, found in _rows(query.replace("{newest}", newest), since):
        yield Problem(
            _l(
                "The closing says %(written)s minor units, debit positive; the one before and the lines say %(found)s.",
                written=int(written),
                found=int(found),
            ),
            f"closing {_moment(through)}, {kind} {commodity}",
        )


def wrong_closing_balances(since: datetime | None) -> Iterable[Problem]:
    """What was kept for each account is what was kept before and the lines between; by a whole check only."""
    if since is not None:
        return
    query = """
        SELECT account.owner, account.kind, account.commodity, kept.through, kept.balance,
            coalesce(earlier.balance, 0) + between_them.amount
        FROM ledger_closing_balances kept
        JOIN ledger_accounts account ON account.id = kept.account_id
        LEFT JOIN LATERAL (
            SELECT through, balance FROM ledger_closing_balances older
            WHERE older.account_id = kept.account_id AND older.through < kept.through ORDER BY through DESC LIMIT 1
        ) earlier ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS amount FROM ledger_lines line
            WHERE line.account_id = kept.account_id
                AND line.posted_at >= coalesce(earlier.through, '-infinity') AND line.posted_at < kept.through
        ) between_them
        WHERE kept.balance <> coalesce(earlier.balance, 0) + between_them.amount
        ORDER BY kept.through, account.id LIMIT :most
    """
    for owner, kind, commodity, through, kept, found in _rows(query, since):
        account = Account(owner, AccountKind(kind), commodity)
        yield Problem(
            _l(
                "The closing keeps %(kept)s minor units, the lines come to %(found)s.",
                kept=kept * account.natural_sign,
                found=int(found) * account.natural_sign,
            ),
            f"closing {_moment(through)}, account {account}",
        )


def _moment(through: datetime) -> str:
    return through.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


CHECKS: tuple[Callable[[datetime | None], Iterable[Problem]], ...] = (
    unbalanced_entries,
    empty_entries,
    wrong_running_balances,
    overdrawn_accounts,
    misplaced_lines,
    crooked_reversals,
    altered_entries,
    wrong_closing_totals,
    wrong_closing_balances,
)
