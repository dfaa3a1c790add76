"""The books taken out: a CSV with every line, and a Beancount file that its own check accepts, balances and all."""

import csv
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.ledger import accounts, closings
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.beancount_file import EQUITY, account_name
from marketplace.ledger.closings import close_period, finish_closing
from marketplace.ledger.export import HEADS, major
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.queries import balances
from marketplace.ledger.service import post, post_many, reverse
from tests.ledger.books import fresh, fund, funding

pytestmark = pytest.mark.usefixtures("context")

START = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ODD = 'She said "no", \\ then\nleft:\t说好了 ; #tag ^link'


@pytest.fixture
def varied() -> list[Account]:
    """A week of entries in four currencies and a unit, a reversal, an owner with odd letters; all accounts in it."""
    deal, creator = fresh(), fresh()
    odd = accounts.suspense("USD", 'Émile "E." O:1')
    impressions = [Account("programme:1", AccountKind.PROGRAMME_SPENT, "IMP"), accounts.suspense("IMP", "programme:1")]
    with transaction():
        for day, (commodity, amount) in enumerate((("CNY", 600_000), ("USD", 1), ("JPY", 70_000), ("KWD", 1_234_567))):
            with clock.at(START + day * DAY):
                posted = fund(deal, amount, commodity=commodity)
        with clock.at(START + 4 * DAY):
            fund(deal, 5, commodity="JPY")
            reverse(posted.id, f"undo:{posted.id}", ODD)
            post("=odd", f"@{fresh()}", [debit(impressions[0], 12), credit(impressions[1], 12)], "-deal:1")
        with clock.at(START + 5 * DAY):
            lines = [
                *(debit(accounts.escrow(deal, "CNY"), 105), credit(accounts.creator_pending(creator, "CNY"), 92)),
                *(credit(accounts.fees_creator("CNY"), 8), credit(accounts.fees_brand("CNY"), 5)),
                *(debit(accounts.stripe_clearing("USD"), 99), credit(odd, 99)),
            ]
            post("deal.settled", f"settle:{deal}", lines, f"deal:{deal}", description=ODD)
    used = [accounts.escrow(deal, code) for code in ("CNY", "USD", "JPY", "KWD")]
    used += [accounts.stripe_clearing(code) for code in ("CNY", "USD", "JPY", "KWD")]
    used += [accounts.creator_pending(creator, "CNY"), accounts.fees_creator("CNY"), accounts.fees_brand("CNY")]
    return [*used, odd, *impressions]


def export(app: Flask, *words: str) -> str:
    db.session.rollback()
    answer = app.test_cli_runner().invoke(args=["ledger", "export", *words])
    assert answer.exit_code == 0, answer.output
    return answer.output


def load(text: str) -> list[Any]:
    entries, errors, _options = loader.load_string(text)
    assert errors == []
    return list(entries)


def sums(entries: list[Any]) -> dict[tuple[str, str], Decimal]:
    """What every account holds in the end, as Beancount works it out."""
    found: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            units: Any = posting.units
            key = posting.account, units.currency
            found[key] = found.get(key, Decimal(0)) + units.number
    return {key: total for key, total in found.items() if total}


def ours(wanted: list[Account], at: datetime | None = None) -> dict[tuple[str, str], Decimal]:
    return {
        (account_name(account), account.commodity): Decimal(major(held * account.natural_sign, account.commodity))
        for account, held in balances(wanted, at).items()
        if held
    }


def test_the_csv_has_a_row_for_each_line(app: Flask, varied: list[Account]) -> None:
    rows = list(csv.DictReader(export(app).splitlines(keepends=True)))
    assert tuple(rows[0]) == HEADS
    assert len(rows) == 2 * 4 + 2 + 2 + 2 + 6
    found: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = row["owner"], row["account"], row["commodity"]
        found[key] = found.get(key, 0) + int(row["amount_minor"])
        assert Decimal(row["amount"]) == Decimal(major(int(row["amount_minor"]), row["commodity"]))
    assert found == {
        (account.owner, account.kind.value, account.commodity): held * account.natural_sign
        for account, held in balances(varied).items()
    }
    last = rows[-1]
    assert (last["posted_at"], last["kind"], last["description"]) == (
        "2026-05-06T23:30:00+00:00",
        "deal.settled",
        ODD,
    )
    assert [row["amount"] for row in rows[:8:2]] == ["6000.00", "0.01", "70000", "1234.567"]
    undone = [row for row in rows if row["reverses"]]
    assert {row["reverses"] for row in undone} == {rows[6]["entry"]}
    odd = next(row for row in rows if row["commodity"] == "IMP")
    assert (odd["key"][:2], odd["reference"], odd["amount"]) == ("'@", "'-deal:1", "12"), "no cell is a formula"


def test_a_period_counts_its_first_and_its_last_day_in(app: Flask, varied: list[Account]) -> None:
    rows = list(csv.DictReader(export(app, "--from", "2026-05-02", "--to", "2026-05-03").splitlines(keepends=True)))
    assert [row["commodity"] for row in rows] == ["USD", "USD", "JPY", "JPY"]


def test_bean_check_accepts_the_file_and_finds_our_balances(app: Flask, varied: list[Account], tmp_path: Path) -> None:
    file = tmp_path / "books.beancount"
    assert export(app, "--format", "beancount", "--output", str(file)) == ""
    checked = subprocess.run([Path(sys.executable).parent / "bean-check", file], capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    entries = load(file.read_text())
    assert sums(entries) == ours(varied)
    asserted = [one for one in entries if isinstance(one, data.Balance)]
    assert {(one.account, one.amount.currency) for one in asserted} == {
        (account_name(account), account.commodity) for account in varied
    }
    assert {one.date for one in asserted} == {date(2026, 5, 7)}
    assert {one.tolerance for one in asserted} == {Decimal(0)}


def test_a_transaction_says_what_the_entry_says(app: Flask, varied: list[Account]) -> None:
    found = [one for one in load(export(app, "--format", "beancount")) if isinstance(one, data.Transaction)]
    undone = next(one for one in found if "reverses" in one.meta)
    settled = found[-1]
    assert (settled.date, settled.narration) == (date(2026, 5, 6), ODD)
    assert settled.meta["kind"] == "deal.settled"
    assert settled.meta["posted_at"] == "2026-05-06T23:30:00+00:00"
    assert (undone.narration, undone.meta["reverses"]) == (ODD, found[3].meta["entry"])


@pytest.mark.parametrize("closed", [False, True])
def test_a_file_that_begins_later_opens_with_what_was_held(
    app: Flask, varied: list[Account], closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if closed:
        monkeypatch.setattr(closings, "KEPT_EVERY", 1)
        with transaction(), clock.at(START + 9 * DAY):
            close_period(datetime(2026, 5, 3, tzinfo=UTC))
            finish_closing()
    entries = load(export(app, "--format", "beancount", "--from", "2026-05-03", "--to", "2026-05-04"))
    assert sums(entries) == ours(varied, datetime(2026, 5, 5, tzinfo=UTC)), "equity has nothing left"
    opened = [one for one in entries if isinstance(one, data.Transaction) and one.narration == "Opening balance"]
    assert {one.date for one in opened} == {date(2026, 5, 3)}
    assert len(opened) == 4
    assert all(one.postings[1].account == EQUITY for one in opened)
    assert {one.date for one in entries if isinstance(one, data.Balance)} == {date(2026, 5, 5)}


def test_changed_figures_are_refused(app: Flask, varied: list[Account]) -> None:
    text = export(app, "--format", "beancount")
    assert "70000 JPY" in text
    _entries, errors, _options = loader.load_string(text.replace("70000 JPY", "70001 JPY"))
    assert errors


@pytest.mark.parametrize("words", [(), ("--from", "2030-01-01"), ("--to", "2020-01-01")])
def test_books_without_entries_are_a_file_without_any(app: Flask, words: tuple[str, ...]) -> None:
    found = load(export(app, "--format", "beancount", *words))
    assert [one.account for one in found] == ([EQUITY] if "--from" in words else [])
    assert export(app, *words).split() == [",".join(HEADS)]


def test_a_day_after_the_last_entry_has_only_what_is_held(app: Flask, varied: list[Account]) -> None:
    entries = load(export(app, "--format", "beancount", "--from", "2030-01-01"))
    assert sums(entries) == ours(varied)
    assert load(export(app, "--format", "beancount", "--to", "2020-01-01")) == []


def test_a_last_day_before_the_first_is_refused(app: Flask) -> None:
    words = ["ledger", "export", "--from", "2026-05-02", "--to", "2026-05-01"]
    answer = app.test_cli_runner().invoke(args=words)
    assert answer.exit_code == 2
    assert "The last day lies before the first." in answer.output


def test_a_last_day_that_no_day_follows_is_refused_in_words(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["ledger", "export", "--to", "9999-12-31"])
    assert answer.exit_code == 2
    assert "too far ahead" in answer.output
    assert export(app, "--to", "9999-12-30")


def test_a_file_that_could_not_be_written_whole_has_no_name(app: Flask, tmp_path: Path) -> None:
    answer = app.test_cli_runner().invoke(args=["ledger", "export", "--output", str(tmp_path / "no" / "books.csv")])
    assert answer.exit_code != 0
    assert list(tmp_path.iterdir()) == []


anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(st.tuples(anything, anything.filter(bool)), min_size=1, max_size=20))
def test_any_words_and_owners_come_back_as_they_were(words: list[tuple[str, str]], app: Flask) -> None:
    numbers = [fresh() for _ in words]
    owned = [accounts.suspense("CNY", owner) for _description, owner in words]
    with transaction():
        post_many(
            [
                Posting(
                    "said",
                    f"said:{number}",
                    (debit(accounts.stripe_clearing("CNY"), 1), credit(account, 1)),
                    account.owner,
                    START,
                    description,
                )
                for number, account, (description, _owner) in zip(numbers, owned, words, strict=True)
            ]
        )
    found = {
        one.meta["key"]: one for one in load(export(app, "--format", "beancount")) if isinstance(one, data.Transaction)
    }
    for number, (description, owner) in zip(numbers, words, strict=True):
        entry = found[f"said:{number}"]
        assert (entry.narration, entry.meta["reference"]) == (description or "said", owner)
    assert len({account_name(account) for account in owned}) == len({owner for _description, owner in words})


def test_long_books_stream_entry_by_entry(app: Flask) -> None:
    deal = fresh()
    with transaction():
        post_many([Posting("many", f"many:{deal}:{n}", tuple(funding(deal, 1)), "many", START) for n in range(2_500)])
    assert export(app).count("\n") == 1 + 2 * 2_500
