"""What the database itself refuses, tried by plain SQL as the application's own role."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger import accounts, closings
from marketplace.ledger.closings import close_period, finish_closing
from marketplace.ledger.queries import entry
from marketplace.ledger.service import open_accounts
from tests.ledger.books import fresh, fund

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def sql(context: None) -> Iterator[Connection]:
    """A connection whose work is undone at the end."""
    with db.engine.connect() as connection:
        yield connection
        connection.rollback()


MOMENT = "2026-01-01Z"


class Books:
    """Two accounts with money and a balanced entry between them, and ways to write beside them."""

    def __init__(self, sql: Connection) -> None:
        self.sql = sql
        deal = fresh()
        with transaction():
            self.entry = fund(deal, 1_000).id
            found = open_accounts(
                [accounts.stripe_clearing("CNY"), accounts.escrow(deal, "CNY"), accounts.escrow(deal, "USD")]
            )
        self.clearing, self.escrow, self.dollars = (
            found[account]
            for account in (
                accounts.stripe_clearing("CNY"),
                accounts.escrow(deal, "CNY"),
                accounts.escrow(deal, "USD"),
            )
        )

    def post(
        self,
        *lines: tuple[int, int],
        commodity: str = "CNY",
        line_at: str = MOMENT,
        reverses: int | None = None,
        key: str | None = None,
    ) -> None:
        """An entry and its lines in one statement, as the guards want them."""
        rows = ", ".join(
            f"({number}, '{line_at}'::timestamptz, {account}::bigint, '{commodity}', {amount}::bigint)"
            for number, (account, amount) in enumerate(lines, 1)
        )
        self.sql.execute(
            text(f"""
                WITH entry AS (
                    INSERT INTO ledger_entries
                        (kind, idempotency_key, input_hash, reference, reverses_id, posted_at, description)
                    VALUES ('raw', :key, '', 'test', :reverses, '{MOMENT}', '') RETURNING id
                )
                INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
                SELECT entry.id, line.* FROM entry, (VALUES {rows}) line
            """),
            {"key": key or f"raw:{fresh()}", "reverses": reverses},
        )

    def add_lines(self, entry: int, *lines: tuple[int, int], at: str = MOMENT, first: int = 1) -> None:
        values = ", ".join(
            f"({entry}, {number}, '{at}', {account}, 'CNY', {amount})"
            for number, (account, amount) in enumerate(lines, first)
        )
        self.sql.execute(
            text(
                "INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount) "
                f"VALUES {values}"
            )
        )

    def balance(self, account: int) -> int | None:
        found: int | None = self.sql.execute(
            text("SELECT balance FROM ledger_accounts WHERE id = :id"), {"id": account}
        ).scalar_one()
        return found


@pytest.fixture
def books(sql: Connection) -> Books:
    return Books(sql)


def refusal(error: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    """The name of the constraint or guard that refused."""
    assert isinstance(error.value.orig, psycopg.Error)
    return error.value.orig.diag.constraint_name


def test_a_balanced_entry_by_plain_sql_moves_the_running_balance(books: Books) -> None:
    books.post((books.clearing, 50), (books.escrow, -50))
    assert books.balance(books.escrow) == -1_050
    assert books.balance(books.clearing) is None


def test_an_unbalanced_entry_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 50), (books.escrow, -49))
    assert refusal(error) == "ledger_entry_balances"


def test_two_wrong_commodities_do_not_make_a_right(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(
            text("""
                WITH entry AS (
                    INSERT INTO ledger_entries (kind, idempotency_key, input_hash, reference, posted_at, description)
                    VALUES ('raw', :key, '', 'test', '2026-01-01Z', '') RETURNING id
                )
                INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
                SELECT id, 1, timestamptz '2026-01-01Z', :clearing, 'CNY', 50 FROM entry
                UNION ALL SELECT id, 2, timestamptz '2026-01-01Z', :dollars, 'USD', -50 FROM entry
            """),
            {"key": f"raw:{fresh()}", "clearing": books.clearing, "dollars": books.dollars},
        )
    assert refusal(error) == "ledger_entry_balances"


def test_a_single_line_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.escrow, -50))
    assert refusal(error) == "ledger_entry_balances"


def test_a_line_of_nothing_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.escrow, 0), (books.clearing, 0))
    assert refusal(error) == "ck_ledger_lines_amount_not_zero"


def test_an_entry_without_lines_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(
            text("""
                INSERT INTO ledger_entries (kind, idempotency_key, input_hash, reference, posted_at, description)
                VALUES ('raw', 'raw', '', 'test', '2026-01-01Z', '')
            """)
        )
    assert refusal(error) == "ledger_entry_has_lines"


@pytest.mark.parametrize(("first", "guard"), [(1, "pk_ledger_lines"), (3, "ledger_entry_closed")])
def test_lines_cannot_be_added_to_an_entry_that_stands(books: Books, first: int, guard: str) -> None:
    posted_at = books.sql.execute(
        text("SELECT posted_at FROM ledger_entries WHERE id = :id"), {"id": books.entry}
    ).scalar_one()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(books.entry, (books.clearing, 50), (books.escrow, -50), at=posted_at.isoformat(), first=first)
    assert refusal(error) == guard


@pytest.mark.parametrize(("first", "guard"), [(1, "pk_ledger_lines"), (3, "ledger_entry_closed")])
def test_lines_cannot_be_added_in_the_same_transaction_either(books: Books, first: int, guard: str) -> None:
    books.post((books.clearing, 50), (books.escrow, -50))
    entry = books.sql.execute(text("SELECT max(id) FROM ledger_entries")).scalar_one()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, 9), (books.escrow, -9), first=first)
    assert refusal(error) == guard


def test_more_than_there_is_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, -1_001), (books.escrow, 1_001))
    assert refusal(error) == "ck_ledger_accounts_no_overdraft"


def test_a_line_in_another_commodity_than_its_account_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 5), (books.escrow, -5), commodity="USD")
    assert refusal(error) == "ledger_line_belongs"


def test_a_line_on_no_account_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 5), (2**62, -5))
    assert refusal(error) == "ledger_line_belongs"


def test_a_line_at_another_moment_than_its_entry_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 5), (books.escrow, -5), line_at="2026-01-02Z")
    assert refusal(error) == "ledger_line_belongs"


def test_lines_of_no_entry_are_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.add_lines(2**62, (books.clearing, 5), (books.escrow, -5))
    assert refusal(error) == "ledger_line_belongs"


def test_a_second_entry_under_the_same_key_is_refused(books: Books) -> None:
    books.post((books.clearing, 5), (books.escrow, -5), key=f"twice:{books.entry}")
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 5), (books.escrow, -5), key=f"twice:{books.entry}")
    assert refusal(error) == "uq_ledger_entries_idempotency_key"


def test_a_reversal_that_is_not_the_opposite_is_refused(books: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, -999), (books.escrow, 999), reverses=books.entry)
    assert refusal(error) == "ledger_reversal_mirrors"


def test_a_second_reversal_is_refused(books: Books) -> None:
    books.post((books.clearing, -1_000), (books.escrow, 1_000), reverses=books.entry)
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, -1_000), (books.escrow, 1_000), reverses=books.entry)
    assert refusal(error) == "uq_ledger_entries_reverses_id"


@pytest.fixture
def closed(books: Books) -> Books:
    """What the fixture posted is closed, to the moment after it."""
    with transaction():
        through = entry(books.entry).entry.posted_at + timedelta(microseconds=1)
        with clock.at(through):
            close_period(through)
        with every_balance_kept():
            finish_closing()
    return books


@contextmanager
def every_balance_kept() -> Iterator[None]:
    """Every balance is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closings, "KEPT_EVERY", 1)
        yield


def test_a_posting_into_a_closed_period_is_refused(closed: Books) -> None:
    with pytest.raises(IntegrityError) as error:
        closed.post((closed.clearing, 5), (closed.escrow, -5))
    assert refusal(error) == "ledger_period_open"


def test_a_posting_that_reads_an_older_snapshot_is_refused(books: Books) -> None:
    books.sql.rollback()
    books.sql.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    with pytest.raises(IntegrityError) as error:
        books.post((books.clearing, 5), (books.escrow, -5))
    assert refusal(error) == "ledger_reads_committed"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("UPDATE ledger_closings SET through = through - interval '1 day'", "ledger_closing_fixed"),
        ("UPDATE ledger_closings SET finished_at = NULL", "ledger_closing_fixed"),
        ("UPDATE ledger_closings SET finished_at = now()", "ledger_closing_fixed"),
        ("DELETE FROM ledger_closings", "ledger_append_only"),
        ("TRUNCATE ledger_closings CASCADE", "ledger_append_only"),
        ("UPDATE ledger_closing_totals SET balance = balance + 1", "ledger_append_only"),
        ("DELETE FROM ledger_closing_totals", "ledger_append_only"),
        ("TRUNCATE ledger_closing_totals", "ledger_append_only"),
        ("UPDATE ledger_closing_balances SET balance = balance + 1", "ledger_append_only"),
        ("DELETE FROM ledger_closing_balances", "ledger_append_only"),
        ("TRUNCATE ledger_closing_balances", "ledger_append_only"),
        (
            """INSERT INTO ledger_closing_totals (closing_id, kind, commodity, balance)
               SELECT id, 'escrow', 'KWD', 5 FROM ledger_closings""",
            "ledger_closing_fixed",
        ),
        (
            """INSERT INTO ledger_closing_balances (account_id, through, balance)
               SELECT account.id, through, 5 FROM ledger_closings, ledger_accounts account
               WHERE account.commodity = 'USD'""",
            "ledger_closing_fixed",
        ),
        (
            """INSERT INTO ledger_closings (through, closed_at)
               SELECT through - interval '1 day', now() FROM ledger_closings""",
            "ledger_closing_order",
        ),
        (
            """INSERT INTO ledger_closings (through, closed_at, finished_at)
               SELECT through + interval '1 us', through + interval '1 us', now() FROM ledger_closings""",
            "ledger_closing_order",
        ),
        (
            """INSERT INTO ledger_closings (through, closed_at)
               SELECT through + interval '1 day', through FROM ledger_closings""",
            "ck_ledger_closings_past",
        ),
    ],
)
def test_a_closing_stands_as_it_was_written(closed: Books, change: str, guard: str) -> None:
    with pytest.raises(IntegrityError) as error:
        closed.sql.execute(text(change))
    assert refusal(error) == guard


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entries SET reference = 'other' WHERE id = :entry",
        "UPDATE ledger_lines SET amount = amount * 2 WHERE entry_id = :entry",
        "UPDATE ledger_lines SET account_id = account_id + 1 WHERE entry_id = :entry",
        "DELETE FROM ledger_lines WHERE entry_id = :entry",
        "DELETE FROM ledger_entries WHERE id = :entry",
        "TRUNCATE ledger_lines",
        "TRUNCATE ledger_entries CASCADE",
        "DELETE FROM ledger_accounts WHERE id = :escrow",
        "TRUNCATE ledger_accounts CASCADE",
        """INSERT INTO ledger_entries (kind, idempotency_key, input_hash, reference, posted_at, description)
           SELECT kind, idempotency_key, '', reference, posted_at, '' FROM ledger_entries WHERE id = :entry
           ON CONFLICT (idempotency_key) DO UPDATE SET reference = 'other'""",
        """MERGE INTO ledger_lines line USING (SELECT 1) one ON line.entry_id = :entry
           WHEN MATCHED THEN UPDATE SET amount = 5""",
    ],
)
def test_what_stands_cannot_be_changed(books: Books, change: str) -> None:
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(text(change), {"entry": books.entry, "escrow": books.escrow})
    assert refusal(error) == "ledger_append_only"


@pytest.mark.parametrize(
    "change",
    [
        "balance = balance - 5",
        "balance = NULL",
        "owner = 'creator:1'",
        "kind = 'suspense'",
        "commodity = 'USD'",
        "guarded = NOT guarded",
    ],
)
def test_an_account_cannot_be_changed(books: Books, change: str) -> None:
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(text(f"UPDATE ledger_accounts SET {change} WHERE id = :id"), {"id": books.escrow})
    assert refusal(error) == "ledger_account_fixed"


@pytest.mark.parametrize(
    ("values", "guard"),
    [
        ("'deal:0', 'escrow', 'CNY', true, -5", "ledger_account_opens_empty"),
        ("'deal:0', 'escrow', 'CNY', false, 0", "ck_ledger_accounts_guarded_kinds"),
        ("'deal:0', 'escrow', 'CNY', true, NULL", "ck_ledger_accounts_balanced_kinds"),
        ("'platform', 'fees_brand', 'CNY', false, 0", "ck_ledger_accounts_balanced_kinds"),
        ("'deal:0', 'pocket', 'CNY', false, NULL", "ck_ledger_accounts_kind"),
        ("'', 'escrow', 'CNY', true, 0", "ck_ledger_accounts_owner_present"),
        ("'deal:0', 'escrow', 'yuan', true, 0", "ck_ledger_accounts_commodity_code"),
    ],
)
def test_an_account_opens_empty_and_as_its_kind_is(sql: Connection, values: str, guard: str) -> None:
    with pytest.raises(IntegrityError) as error:
        sql.execute(text(f"INSERT INTO ledger_accounts (owner, kind, commodity, guarded, balance) VALUES ({values})"))
    assert refusal(error) == guard
