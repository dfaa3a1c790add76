"""The books check themselves: each check is one set-based query that finds nothing when all is well.

Other features have checks of their own (escrow, Stripe); the job and the command pass them in as `extra`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from marketplace.infra.db import db
from marketplace.ledger.accounts import Account, AccountKind

_MOST = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must not be: a sentence that says what, and the account or entry where."""

    sentence: str | LazyString
    where: str


Check = Callable[[], Iterable[Problem]]


def check_books(extra: Iterable[Check] = ()) -> list[Problem]:
    """All problems found, at most 100 of each sort; an empty list says that the books balance."""
    return [problem for check in (*CHECKS, *extra) for problem in check()]


def unbalanced_entries() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT entry_id, commodity, sum(amount) FROM ledger_lines
            GROUP BY entry_id, commodity HAVING sum(amount) <> 0 ORDER BY entry_id LIMIT :most
        """),
        {"most": _MOST},
    )
    for entry_id, commodity, off in rows:
        yield Problem(
            _l(
                "Debits and credits differ by %(amount)s %(commodity)s minor units.",
                amount=int(off),
                commodity=commodity,
            ),
            f"entry {entry_id}",
        )


def empty_entries() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT id FROM ledger_entries entry
            WHERE NOT EXISTS (SELECT FROM ledger_lines WHERE entry_id = entry.id) ORDER BY id LIMIT :most
        """),
        {"most": _MOST},
    )
    for (entry_id,) in rows:
        yield Problem(_l("The entry has no lines."), f"entry {entry_id}")


def wrong_running_balances() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT account.owner, account.kind, account.commodity, account.balance, coalesce(moved.total, 0)
            FROM ledger_accounts account
            LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_lines GROUP BY account_id) moved
                ON moved.account_id = account.id
            WHERE account.balance <> coalesce(moved.total, 0) ORDER BY account.id LIMIT :most
        """),
        {"most": _MOST},
    )
    for owner, kind, commodity, kept, total in rows:
        account = Account(owner, AccountKind(kind), commodity)
        yield Problem(
            _l(
                "The running balance is %(kept)s minor units, the lines sum to %(total)s.",
                kept=kept * account.natural_sign,
                total=int(total) * account.natural_sign,
            ),
            f"account {account}",
        )


def overdrawn_accounts() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT owner, kind, commodity, balance FROM ledger_accounts
            WHERE guarded AND balance > 0 ORDER BY id LIMIT :most
        """),
        {"most": _MOST},
    )
    for owner, kind, commodity, kept in rows:
        yield Problem(
            _l("The account is overdrawn by %(amount)s minor units.", amount=kept),
            f"account {Account(owner, AccountKind(kind), commodity)}",
        )


def misplaced_lines() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT line.entry_id, line.line_no FROM ledger_lines line
            LEFT JOIN ledger_accounts account ON account.id = line.account_id
            LEFT JOIN ledger_entries entry ON entry.id = line.entry_id
            WHERE account.commodity IS DISTINCT FROM line.commodity OR entry.posted_at IS DISTINCT FROM line.posted_at
            ORDER BY line.entry_id, line.line_no LIMIT :most
        """),
        {"most": _MOST},
    )
    for entry_id, line_no in rows:
        yield Problem(_l("Line %(line)s disagrees with its account or its entry.", line=line_no), f"entry {entry_id}")


def crooked_reversals() -> Iterable[Problem]:
    rows = db.session.execute(
        text("""
            SELECT DISTINCT reversal.id, reversal.reverses_id FROM ledger_entries reversal
            JOIN LATERAL (
                SELECT FROM ledger_lines line WHERE line.entry_id IN (reversal.id, reversal.reverses_id)
                GROUP BY line.account_id HAVING sum(line.amount) <> 0
            ) left_over ON true
            WHERE reversal.reverses_id IS NOT NULL ORDER BY reversal.id LIMIT :most
        """),
        {"most": _MOST},
    )
    for entry_id, reversed_id in rows:
        yield Problem(
            _l("It is not the opposite of entry %(reversed)s, which it reverses.", reversed=reversed_id),
            f"entry {entry_id}",
        )


CHECKS: tuple[Check, ...] = (
    unbalanced_entries,
    empty_entries,
    wrong_running_balances,
    overdrawn_accounts,
    misplaced_lines,
    crooked_reversals,
)
