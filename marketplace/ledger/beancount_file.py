"""The books as a Beancount file: accounts, transactions and, at the end of the period, what each account must hold.

https://beancount.github.io/docs/beancount_language_syntax.html
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TextIO

from sqlalchemy import func, select

from marketplace.infra.db import db
from marketplace.ledger.accounts import Account, AccountClass
from marketplace.ledger.export import Held, Period, accounts_of, entries_of, major
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import Entry, Line

EQUITY = "Equity:Opening-Balances"
_ROOTS = {
    AccountClass.ASSET: "Assets",
    AccountClass.LIABILITY: "Liabilities",
    AccountClass.INCOME: "Income",
    AccountClass.EXPENSE: "Expenses",
}
_PLAIN_OWNER = re.compile(r"[a-z]+(?::[0-9]+)?", re.ASCII)
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def write_beancount(out: TextIO, period: Period) -> None:
    """What `bean-check` accepts, with every account's balance as ours; with `since`, opened by what was held then."""
    first, after = _ends(period)
    out.write('option "title" "The books"\n')
    out.writelines(_openings(first, period))
    for entry, lines in entries_of(period):
        out.writelines(_transaction(entry, lines))
    out.write("\n")
    for found in accounts_of(period):
        amount = major(found.closing, found.account.commodity)
        out.write(f"{after} balance {account_name(found.account)}  {amount} ~ 0 {found.account.commodity}\n")


def account_name(account: Account) -> str:
    """By class, kind and owner; the commodity isn't part of it. Two accounts of different owners never share one.

    An owner that isn't a word with a number becomes the hexadecimal digits of its text.
    """
    owner = account.owner
    plain = owner.capitalize() if _PLAIN_OWNER.fullmatch(owner) else f"X-{owner.encode().hex()}"
    kind = account.kind.value.replace("_", "-").title()
    return f"{_ROOTS[account.rule.account_class]}:{kind}:{plain}"


def _ends(period: Period) -> tuple[date, date]:
    """The day everything opens, and the morning on which every account holds what it should."""
    oldest, newest = db.session.execute(select(func.min(LedgerEntry.posted_at), func.max(LedgerEntry.posted_at))).one()
    first = _day(period.since or oldest)
    if period.until is not None:
        return min(first, period.until.date()), period.until.date()
    return first, max(first, _day(newest)) + timedelta(days=1)


def _day(moment: datetime | None) -> date:
    """The day of a moment; any at all in books that have none."""
    return (moment or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).date()


def _openings(first: date, period: Period) -> Iterator[str]:
    """The accounts; and each account's opening balance, against equity, which all together leave at nothing."""
    if period.since is not None:
        yield f"{first} open {EQUITY}\n"
    for name, held_in in groupby(accounts_of(period), lambda found: account_name(found.account)):
        found = list(held_in)
        commodities = ",".join(one.account.commodity for one in found)
        yield f'{first} open {name} {commodities}\n  owner: "{_escaped(found[0].account.owner)}"\n'
        yield from _opened(first, name, [one for one in found if one.opening])


def _opened(first: date, name: str, found: Iterable[Held]) -> Iterator[str]:
    for one in found:
        commodity = one.account.commodity
        yield f'{first} * "Opening balance"\n'
        yield f"  {name}  {major(one.opening, commodity)} {commodity}\n"
        yield f"  {EQUITY}  {major(-one.opening, commodity)} {commodity}\n"


def _transaction(entry: Entry, lines: Iterable[Line]) -> Iterator[str]:
    moment = entry.posted_at.astimezone(UTC)
    yield f'\n{moment:%Y-%m-%d} * "{_escaped(entry.description or entry.kind)}"\n'
    yield f'  entry: {entry.id}\n  key: "{_escaped(entry.key)}"\n  kind: "{_escaped(entry.kind)}"\n'
    yield f'  reference: "{_escaped(entry.reference)}"\n  posted_at: "{moment.isoformat()}"\n'
    if entry.reverses_id is not None:
        yield f"  reverses: {entry.reverses_id}\n"
    for line in lines:
        yield f"  {account_name(line.account)}  {major(line.amount, line.account.commodity)} {line.account.commodity}\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
