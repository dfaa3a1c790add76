"""What the database itself refuses, tried by plain SQL as the application's own role."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from marketplace.infra.db import db, transaction
from marketplace.ledger import accounts
from marketplace.ledger.service import open_accounts
from tests.ledger.books import fresh, fund

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def sql(context: None) -> Iterator[Connection]:
    """A connection whose work is undone at the end; deferred constraints must be forced."""
    with db.engine.connect() as connection:
        yield connection
        connection.rollback()


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

    def new_entry(self, reverses: int | None = None, key: str | None = None) -> int:
        found: int = self.sql.execute(
            text("""
                INSERT INTO ledger_entries
                    (kind, idempotency_key, input_hash, reference, reverses_id, posted_at, description)
                VALUES ('raw', :key, '', 'test', :reverses, '2026-01-01Z', '') RETURNING id
            """),
            {"key": key or f"raw:{fresh()}", "reverses": reverses},
        ).scalar_one()
        return found

    def add_lines(self, entry: int, *lines: tuple[int, int], commodity: str = "CNY", at: str = "2026-01-01Z") -> None:
        values = ", ".join(
            f"({entry}, {number}, '{at}', {account}, '{commodity}', {amount})"
            for number, (account, amount) in enumerate(lines, 11)
        )
        self.sql.execute(
            text(
                "INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount) "
                f"VALUES {values}"
            )
        )

    def check_now(self) -> None:
        self.sql.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

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
    books.add_lines(books.new_entry(), (books.clearing, 50), (books.escrow, -50))
    books.check_now()
    assert books.balance(books.escrow) == -1_050
    assert books.balance(books.clearing) is None


def test_an_unbalanced_entry_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, 50), (books.escrow, -49))
    assert refusal(error) == "ledger_entry_balances"


def test_two_wrong_commodities_do_not_make_a_right(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(
            text("""
                INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
                VALUES (:entry, 1, '2026-01-01Z', :clearing, 'CNY', 50),
                       (:entry, 2, '2026-01-01Z', :dollars, 'USD', -50)
            """),
            {"entry": entry, "clearing": books.clearing, "dollars": books.dollars},
        )
    assert refusal(error) == "ledger_entry_balances"


def test_a_single_line_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.escrow, -50))
    assert refusal(error) == "ledger_entry_balances"


def test_a_line_of_nothing_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.escrow, 0), (books.clearing, 0))
    assert refusal(error) == "ck_ledger_lines_amount_not_zero"


def test_an_entry_without_lines_is_refused_at_the_commit(books: Books) -> None:
    books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.sql.commit()
    assert refusal(error) == "ledger_entry_has_lines"


def test_lines_cannot_be_added_to_an_entry_that_stands(books: Books) -> None:
    posted_at = books.sql.execute(
        text("SELECT posted_at FROM ledger_entries WHERE id = :id"), {"id": books.entry}
    ).scalar_one()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(books.entry, (books.clearing, 50), (books.escrow, -50), at=posted_at.isoformat())
    assert refusal(error) == "ledger_entry_closed"


def test_lines_cannot_be_added_in_the_same_transaction_either(books: Books) -> None:
    entry = books.new_entry()
    books.add_lines(entry, (books.clearing, 50), (books.escrow, -50))
    books.check_now()
    with pytest.raises(IntegrityError) as error:
        books.sql.execute(
            text("""
                INSERT INTO ledger_lines (entry_id, line_no, posted_at, account_id, commodity, amount)
                VALUES (:entry, 1, '2026-01-01Z', :clearing, 'CNY', 9), (:entry, 2, '2026-01-01Z', :escrow, 'CNY', -9)
            """),
            {"entry": entry, "clearing": books.clearing, "escrow": books.escrow},
        )
    assert refusal(error) == "ledger_entry_closed"


def test_more_than_there_is_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, -1_001), (books.escrow, 1_001))
    assert refusal(error) == "ck_ledger_accounts_no_overdraft"


def test_a_line_in_another_commodity_than_its_account_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, 5), (books.escrow, -5), commodity="USD")
    assert refusal(error) == "ledger_line_belongs"


def test_a_line_on_no_account_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, 5), (2**62, -5))
    assert refusal(error) == "ledger_line_belongs"


def test_a_line_at_another_moment_than_its_entry_is_refused(books: Books) -> None:
    entry = books.new_entry()
    with pytest.raises(IntegrityError) as error:
        books.add_lines(entry, (books.clearing, 5), (books.escrow, -5), at="2026-01-02Z")
    assert refusal(error) == "ledger_line_belongs"


def test_lines_of_no_entry_are_refused(books: Books) -> None:
    with pytest.raises(IntegrityError):
        books.add_lines(2**62, (books.clearing, 5), (books.escrow, -5))


def test_a_second_entry_under_the_same_key_is_refused(books: Books) -> None:
    books.new_entry(key=f"twice:{books.entry}")
    with pytest.raises(IntegrityError) as error:
        books.new_entry(key=f"twice:{books.entry}")
    assert refusal(error) == "uq_ledger_entries_idempotency_key"


def test_a_reversal_that_is_not_the_opposite_is_refused(books: Books) -> None:
    books.add_lines(books.new_entry(reverses=books.entry), (books.clearing, -999), (books.escrow, 999))
    with pytest.raises(IntegrityError) as error:
        books.check_now()
    assert refusal(error) == "ledger_reversal_mirrors"


def test_a_second_reversal_is_refused(books: Books) -> None:
    books.add_lines(books.new_entry(reverses=books.entry), (books.clearing, -1_000), (books.escrow, 1_000))
    books.check_now()
    with pytest.raises(IntegrityError) as error:
        books.new_entry(reverses=books.entry)
    assert refusal(error) == "uq_ledger_entries_reverses_id"


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
