"""The verbs of the books: post, post in bulk, reverse. Each is idempotent by its key; none commits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NoReturn

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.ledger.accounts import Account
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.postings import AlreadyReversed, Entry, KeyReused, Line, Overdraft, PeriodClosed, Posting

# One that somebody else opens at the same moment has no id here: the next statement sees it.
_OPEN_ACCOUNTS = text("""
    WITH wanted AS MATERIALIZED (
        SELECT wanted.*, account.id
        FROM unnest(CAST(:owners AS text[]), CAST(:kinds AS text[]), CAST(:commodities AS text[]),
                    CAST(:guarded AS boolean[]), CAST(:balances AS bigint[])) WITH ORDINALITY
             AS wanted(owner, kind, commodity, guarded, balance, place)
        LEFT JOIN ledger_accounts account USING (owner, kind, commodity)
    ), opened AS (
        INSERT INTO ledger_accounts (owner, kind, commodity, guarded, balance)
        SELECT owner, kind, commodity, guarded, balance FROM wanted WHERE id IS NULL ORDER BY place
        ON CONFLICT (owner, kind, commodity) DO NOTHING
        RETURNING id, owner, kind, commodity
    )
    SELECT coalesce(wanted.id, opened.id) FROM wanted LEFT JOIN opened USING (owner, kind, commodity) ORDER BY place
""")

# Lines name their entry by its place in the batch; both come in one statement, or the guards refuse them.
_POST = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:kinds AS text[]), CAST(:hashes AS text[]),
                             CAST(:references AS text[]), CAST(:reverses AS bigint[]),
                             CAST(:moments AS timestamptz[]), CAST(:descriptions AS text[]),
                             CAST(:externals AS text[]))
            WITH ORDINALITY AS entry(key, kind, hash, reference, reverses, moment, description, external, place)
    ), posted AS (
        INSERT INTO ledger_entries
            (idempotency_key, kind, input_hash, reference, reverses_id, posted_at, description, external_id)
        SELECT key, kind, hash, reference, reverses, moment, description, external FROM wanted
        ON CONFLICT DO NOTHING
        RETURNING id, idempotency_key, posted_at
    ), moved AS (
        INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
        SELECT posted.id, line.line_no, posted.posted_at, line.account_id, line.commodity, line.amount
        FROM unnest(CAST(:places AS bigint[]), CAST(:line_nos AS smallint[]), CAST(:account_ids AS bigint[]),
                    CAST(:commodities AS text[]), CAST(:amounts AS bigint[]))
             AS line(place, line_no, account_id, commodity, amount)
        JOIN wanted ON wanted.place = line.place
        JOIN posted ON posted.idempotency_key = wanted.key
    )
    SELECT idempotency_key, id FROM posted
""")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})


def post(
    kind: str,
    key: str,
    lines: Iterable[Line],
    reference: str,
    *,
    at: datetime | None = None,
    description: str = "",
    external_id: str = "",
) -> Entry:
    """Post one entry, opening accounts as needed; the same key with the same input gives the entry that is there.

    Amounts are minor units, debits positive; lines of zero are left out. `reference` is opaque, such as "deal:17";
    `external_id` is the provider's movement that the entry books.
    Any of these leaves the transaction unusable, so let it pass to the edge:

    Raises:
        Unbalanced: the lines don't sum to zero in each commodity, or there are none.
        KeyReused: the key was used for other input.
        Overdraft: a guarded account holds less than is taken out of it.
        PeriodClosed: `at` lies in a period that is closed.
    """
    return post_many([Posting(kind, key, tuple(lines), reference, at, description, external_id=external_id)])[0]


def post_many(postings: Sequence[Posting]) -> list[Entry]:
    """Post many entries in one statement, each as `post` would, all or none; the answers are in the same order."""
    by_key: dict[str, Posting] = {}
    for posting in postings:
        if by_key.setdefault(posting.key, posting).input_hash != posting.input_hash:
            raise _key_reused(posting.key)
    fresh = [by_key[key] for key in sorted(by_key)]
    now = clock.now()
    inserted = _insert(fresh, now) if fresh else {}
    found = _existing([posting for posting in fresh if posting.key not in inserted])
    return [
        found[posting.key] if posting.key in found else _entry(posting, inserted[posting.key], posting.at or now)
        for posting in postings
    ]


def reverse(entry_id: int, key: str, why: str, *, at: datetime | None = None) -> Entry:
    """Post the opposite of an entry, once; `why` is kept in the entry's description.

    Raises:
        NotFound: there is no such entry.
        AlreadyReversed: it was reversed before, under another key.
        Overdraft: what it gave was spent since.
    """
    original = db.session.execute(select(LedgerEntry).where(LedgerEntry.id == entry_id)).scalar_one_or_none()
    if original is None:
        raise NotFound(_l("There is no such entry."))
    rows = db.session.execute(
        select(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity, LedgerLine.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.entry_id == entry_id)
        .order_by(LedgerLine.line_no)
    )
    lines = tuple(Line(Account(owner, kind, commodity), -amount) for owner, kind, commodity, amount in rows)
    kind = f"{original.kind}.reversed"
    posting = Posting(
        kind, key, lines, original.reference, at, why, reverses_id=entry_id, external_id=original.external_id
    )
    return post_many([posting])[0]


def open_accounts(accounts: Iterable[Account]) -> dict[Account, int]:
    """The ids of these accounts, opened where they weren't. The order of opening is fixed, so that nobody deadlocks."""
    wanted = sorted(set(accounts), key=attrgetter("owner", "kind", "commodity"))
    rules = [account.rule for account in wanted]
    values = {
        "owners": _texts(account.owner for account in wanted),
        "kinds": _texts(account.kind for account in wanted),
        "commodities": _texts(account.commodity for account in wanted),
        "guarded": _array(rule.guarded for rule in rules),
        "balances": _array(0 if rule.keeps_balance else "NULL" for rule in rules),
    }
    ids = db.session.scalars(_OPEN_ACCOUNTS, values).all()
    if None in ids:
        ids = db.session.scalars(_OPEN_ACCOUNTS, values).all()
    return dict(zip(wanted, ids, strict=True))


def _insert(postings: Sequence[Posting], now: datetime) -> dict[str, int]:
    """Ids by key of those that weren't there; the keys come sorted, so that two batches lock them in one order."""
    ids = open_accounts(line.account for posting in postings for line in posting.lines)
    lines = [line for posting in postings for line in posting.lines]
    values = {
        "keys": _texts(posting.key for posting in postings),
        "kinds": _texts(posting.kind for posting in postings),
        "hashes": _texts(posting.input_hash for posting in postings),
        "references": _texts(posting.reference for posting in postings),
        "reverses": _array(posting.reverses_id or "NULL" for posting in postings),
        "moments": _texts((posting.at or now).isoformat() for posting in postings),
        "descriptions": _texts(posting.description for posting in postings),
        "externals": _texts(posting.external_id for posting in postings),
        "places": _array(place for place, posting in enumerate(postings, 1) for _line in posting.lines),
        "line_nos": _array(number for posting in postings for number in range(1, len(posting.lines) + 1)),
        "account_ids": _array(ids[line.account] for line in lines),
        "commodities": _array(line.account.commodity for line in lines),
        "amounts": _array(line.amount for line in lines),
    }
    try:
        return {row.idempotency_key: row.id for row in db.session.execute(_POST, values)}
    except IntegrityError as error:
        refuse(error)


def _array(values: Iterable[object]) -> str:
    """PostgreSQL's array, as it reads it from text: for a large batch far quicker than a driver's adaptation."""
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Iterable[str]) -> str:
    found = list(values)
    joined = "".join(found)
    if '"' in joined or "\\" in joined:
        found = [value.translate(_ESCAPES) for value in found]
    return '{"' + '","'.join(found) + '"}' if found else "{}"


def refuse(error: IntegrityError) -> NoReturn:
    """Turn the database's refusal into ours where a caller can act on it."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if constraint == "ck_ledger_accounts_no_overdraft":
        raise Overdraft(_l("There is not enough money in the account for this.")) from error
    if constraint == "ledger_period_open":
        raise PeriodClosed(_l("The books are closed: nothing is posted at this moment any more.")) from error
    raise error


def _existing(postings: Sequence[Posting]) -> dict[str, Entry]:
    """Entries that were there before, under the same keys and for the same input."""
    if not postings:
        return {}
    keys = [posting.key for posting in postings]
    rows = db.session.execute(select(LedgerEntry).where(LedgerEntry.idempotency_key.in_(keys))).scalars()
    stored = {row.idempotency_key: row for row in rows}
    for posting in postings:
        row = stored.get(posting.key)
        if row is None:
            raise AlreadyReversed(_l("This entry has been reversed already."))
        if row.input_hash != posting.input_hash:
            raise _key_reused(posting.key)
    return {key: _as_entry(row) for key, row in stored.items()}


def _key_reused(key: str) -> KeyReused:
    return KeyReused(_l("The key %(key)s was used for another entry.", key=key))


def _entry(posting: Posting, id_: int, posted_at: datetime) -> Entry:
    return Entry(
        id_,
        posting.kind,
        posting.key,
        posting.reference,
        posted_at,
        posting.description,
        posting.reverses_id,
        posting.external_id,
    )


def _as_entry(row: LedgerEntry) -> Entry:
    return Entry(
        row.id,
        row.kind,
        row.idempotency_key,
        row.reference,
        row.posted_at,
        row.description,
        row.reverses_id,
        row.external_id,
        repeated=True,
    )
