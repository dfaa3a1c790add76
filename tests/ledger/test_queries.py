"""Reading the books: balances, statements, entries page by page, trial balance."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.infra.db import transaction
from marketplace.kit.errors import Invalid, NotFound
from marketplace.ledger import accounts
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.queries import (
    EntryFilter,
    StatementLine,
    balance,
    balances,
    balances_of,
    entries,
    entry,
    statement,
    trial_balance,
)
from marketplace.ledger.queries import accounts as account_page
from marketplace.ledger.service import post, post_many, reverse
from tests.ledger.books import fresh, fund, funding, queries

pytestmark = pytest.mark.usefixtures("context")

START = datetime(2026, 5, 1, tzinfo=UTC)


def settle(deal: int, creator: int, price: int, fee: int) -> None:
    lines = [
        debit(accounts.escrow(deal, "CNY"), price),
        credit(accounts.creator_pending(creator, "CNY"), price - fee),
        credit(accounts.fees_creator("CNY"), fee),
    ]
    post("escrow.settled", f"settle:{deal}", lines, f"deal:{deal}")


def test_what_we_owe_and_what_we_own_are_both_positive() -> None:
    deal, creator = fresh(), fresh()
    before = balances([accounts.stripe_clearing("CNY"), accounts.fees_creator("CNY")])
    with transaction():
        fund(deal, 1_000)
        settle(deal, creator, 1_000, 60)
    after = balances([accounts.stripe_clearing("CNY"), accounts.fees_creator("CNY")])
    assert [after[account] - before[account] for account in after] == [1_000, 60]
    assert balance(accounts.creator_pending(creator, "CNY")) == 940


def test_many_balances_take_one_query_and_unopened_accounts_are_zero() -> None:
    deals = [fresh() for _ in range(20)]
    with transaction():
        for deal in deals[:10]:
            fund(deal, deal % 100 + 1)
    wanted = [accounts.escrow(deal, "CNY") for deal in deals]
    with queries() as sent:
        found = balances(wanted)
    assert len(sent) == 1
    assert list(found) == wanted
    assert list(found.values()) == [deal % 100 + 1 for deal in deals[:10]] + [0] * 10


def test_no_accounts_have_no_balances() -> None:
    assert balances([]) == {}


def test_an_owner_sees_all_of_its_accounts_in_every_currency() -> None:
    deal = fresh()
    with transaction():
        fund(deal, 100)
        fund(deal, 7, commodity="USD")
    assert balances_of([accounts.deal_owner(deal)]) == {
        accounts.escrow(deal, "CNY"): 100,
        accounts.escrow(deal, "USD"): 7,
    }


def filled(amounts: list[int]) -> Account:
    """An escrow whose balance moved by these amounts, a day apart."""
    deal = fresh()
    escrow = accounts.escrow(deal, "CNY")
    postings = []
    for day, amount in enumerate(amounts):
        lines = (debit(accounts.stripe_clearing("CNY"), amount), credit(escrow, amount))
        postings.append(
            Posting("escrow.moved", f"move:{deal}:{day:03}", lines, escrow.owner, START + timedelta(days=day))
        )
    with transaction():
        for posting in postings:
            post_many([posting])
    return escrow


def test_a_statement_shows_each_movement_and_the_balance_after_it() -> None:
    escrow = filled([500, -200, 30])
    page = statement(escrow)
    assert [(line.amount, line.balance_after) for line in page.lines] == [(30, 330), (-200, 300), (500, 500)]
    assert (page.opening, page.closing, page.older) == (0, 330, None)
    assert [line.entry.posted_at.day for line in page.lines] == [3, 2, 1]


@pytest.mark.parametrize("account_kind", ["kept", "summed"])
def test_a_statement_goes_on_page_by_page_without_gap_or_repeat(account_kind: str) -> None:
    amounts = [10, 20, -5, 40, 1, -60, 7]
    escrow = filled(amounts)
    account = escrow if account_kind == "kept" else accounts.stripe_clearing("CNY")
    whole = statement(account, limit=500)
    first = statement(account, limit=3)
    second = statement(account, first.older, limit=3)
    third = statement(account, second.older, limit=3)
    found = (first.lines + second.lines + third.lines)[: len(amounts)]
    assert found == whole.lines[: len(amounts)]
    assert first.closing == second.closing == third.closing == whole.closing


def test_two_lines_on_one_account_in_one_entry_are_two_movements() -> None:
    deal = fresh()
    escrow = accounts.escrow(deal, "CNY")
    with transaction():
        posted = post(
            "escrow.funded", f"k{fresh()}", [*funding(deal, 100), debit(escrow, 30), credit(escrow, 30)], "deal:1"
        )
    assert statement(escrow).lines == (
        StatementLine(posted, 4, 30, 100),
        StatementLine(posted, 3, -30, 70),
        StatementLine(posted, 2, 100, 100),
    )
    first = statement(escrow, limit=1)
    assert statement(escrow, first.older, limit=1).lines == (StatementLine(posted, 3, -30, 70),)


def test_the_statement_of_an_account_that_was_never_opened_is_empty() -> None:
    page = statement(accounts.escrow(fresh(), "CNY"))
    assert (page.opening, page.closing, page.lines, page.older) == (0, 0, (), None)


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.2.3.4", "1.-2.3", f"1.{2**63}.3", f"{10**30}.2.3", "1;2;3"])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        statement(accounts.escrow(1, "CNY"), cursor)
    with pytest.raises(Invalid):
        entries(before=cursor)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid):
        statement(accounts.escrow(1, "CNY"), "1.2")
    with pytest.raises(Invalid):
        entries(before="1.2.3")


def test_entries_come_newest_first_page_by_page_with_their_lines() -> None:
    escrow = filled([10, 20, 30, 40, 50])
    only = EntryFilter(reference=escrow.owner)
    first = entries(only, limit=2)
    second = entries(only, first.older, limit=2)
    third = entries(only, second.older, limit=2)
    found = [posted for page in (first, second, third) for posted in page.entries]
    assert [posted.lines[0].amount for posted in found] == [50, 40, 30, 20, 10]
    assert third.older is None


def test_entries_are_narrowed_by_kind_and_time() -> None:
    escrow = filled([10, 20, 30, 40])
    since, until = START + timedelta(days=1), START + timedelta(days=3)
    found = entries(EntryFilter("escrow.moved", escrow.owner, since, until)).entries
    assert [posted.entry.posted_at for posted in found] == [START + timedelta(days=2), since]
    assert entries(EntryFilter("escrow.funded", escrow.owner)).entries == ()


def test_an_entry_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        entry(2**62)


def test_accounts_come_page_by_page_with_their_balances() -> None:
    deal = fresh()
    owner = accounts.deal_owner(deal)
    with transaction():
        for commodity, amount in (("CNY", 5), ("USD", 6), ("EUR", 7)):
            fund(deal, amount, commodity=commodity)
    first = account_page(AccountKind.ESCROW, owner=owner, limit=2)
    second = account_page(AccountKind.ESCROW, owner=owner, limit=2, after=first.later or 0)
    found = [(account.commodity, amount) for account, amount in first.accounts + second.accounts]
    assert found == [("CNY", 5), ("USD", 6), ("EUR", 7)]
    assert second.later is None
    assert account_page(owner=owner, commodity="EUR").accounts == ((accounts.escrow(deal, "EUR"), 7),)
    assert account_page(AccountKind.SUSPENSE, owner=owner).accounts == ()


def test_the_trial_balance_is_zero_in_each_commodity() -> None:
    deal, creator = fresh(), fresh()
    before = {(row.kind, row.commodity): row.debit - row.credit for row in trial_balance().rows}
    with transaction():
        posted = fund(deal, 900)
        fund(deal, 100)
        settle(deal, creator, 100, 10)
        fund(deal, 33, commodity="KWD")
        reverse(posted.id, f"undo:{deal}", "a mistake")
    trial = trial_balance()
    after = {(row.kind, row.commodity): row.debit - row.credit for row in trial.rows}
    changes = {key: amount - before.get(key, 0) for key, amount in after.items() if amount != before.get(key, 0)}
    assert changes == {
        (AccountKind.STRIPE_CLEARING, "CNY"): 100,
        (AccountKind.CREATOR_PENDING, "CNY"): -90,
        (AccountKind.FEES_CREATOR, "CNY"): -10,
        (AccountKind.STRIPE_CLEARING, "KWD"): 33,
        (AccountKind.ESCROW, "KWD"): -33,
    }
    assert trial.balances
    assert set(trial.differences.values()) == {0}
