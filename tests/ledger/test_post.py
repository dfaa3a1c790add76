"""Posting and reversing: once by key, in balance, never out of what isn't there."""

from datetime import UTC, datetime

import pytest

from marketplace.infra.db import transaction
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotFound
from marketplace.kit.money import CurrencyMismatch, Money
from marketplace.ledger import accounts
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.moves import post_moves
from marketplace.ledger.postings import AlreadyReversed, KeyReused, Line, Overdraft, Posting, Unbalanced, credit, debit
from marketplace.ledger.queries import balance, entry, entry_by_key
from marketplace.ledger.service import post, post_many, reverse
from tests.ledger.books import fresh, fund, funding

pytestmark = pytest.mark.usefixtures("context")

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_an_entry_moves_money_between_accounts() -> None:
    deal = fresh()
    with transaction():
        posted = fund(deal, 105_000)
    assert balance(accounts.escrow(deal, "CNY")) == 105_000
    found = entry(posted.id)
    assert found.entry == posted
    assert found.lines == tuple(funding(deal, 105_000))


def test_an_entry_counts_at_the_present_moment_or_the_one_that_is_given() -> None:
    with transaction(), clock.at(MOMENT):
        assert fund(fresh(), 100).posted_at == MOMENT
    earlier = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction():
        posted = post("escrow.funded", f"k{fresh()}", funding(fresh(), 100), "deal:1", at=earlier)
    assert entry(posted.id).entry.posted_at == earlier


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        post("escrow.funded", "k", funding(1, 100), "deal:1", at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_same_key_with_the_same_input_posts_once() -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    with transaction():
        first = fund(deal, 500, key)
    with transaction():
        second = fund(deal, 500, key)
    assert (second.id, first.repeated, second.repeated) == (first.id, False, True)
    assert balance(accounts.escrow(deal, "CNY")) == 500


def test_a_retry_later_with_its_lines_in_another_order_is_the_same_input() -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    with transaction(), clock.at(MOMENT):
        first = fund(deal, 500, key)
    with transaction():
        again = post("escrow.funded", key, reversed(funding(deal, 500)), f"deal:{deal}")
    assert (again.id, again.posted_at) == (first.id, MOMENT)


@pytest.mark.parametrize(
    ("kind", "amount", "reference"),
    [("escrow.refunded", 500, None), ("escrow.funded", 501, None), ("escrow.funded", 500, "deal:other")],
)
def test_the_same_key_with_other_input_is_refused(kind: str, amount: int, reference: str | None) -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    with transaction():
        fund(deal, 500, key)
    with pytest.raises(KeyReused), transaction():
        post(kind, key, funding(deal, amount), reference or f"deal:{deal}")
    assert balance(accounts.escrow(deal, "CNY")) == 500


def test_lines_that_do_not_balance_are_refused_before_the_database_sees_them() -> None:
    lines = [debit(accounts.stripe_clearing("CNY"), 100), credit(accounts.escrow(1, "CNY"), 99)]
    with pytest.raises(Unbalanced):
        post("escrow.funded", "k", lines, "deal:1")


def test_each_commodity_balances_for_itself() -> None:
    lines = [debit(accounts.stripe_clearing("CNY"), 100), credit(accounts.escrow(1, "USD"), 100)]
    with pytest.raises(Unbalanced):
        post("escrow.funded", "k", lines, "deal:1")


def test_an_entry_of_nothing_is_refused() -> None:
    for lines in ([], funding(1, 0)):
        with pytest.raises(Unbalanced):
            post("escrow.funded", "k", lines, "deal:1")


def test_an_entry_without_key_kind_or_reference_is_refused() -> None:
    for kind, key, reference in (("", "k", "r"), ("k", "", "r"), ("k", "k", "")):
        with pytest.raises(Invalid):
            post(kind, key, funding(1, 5), reference)


def test_lines_of_zero_are_left_out() -> None:
    deal = fresh()
    with transaction():
        posted = post(
            "escrow.funded", f"k{fresh()}", [*funding(deal, 100), debit(accounts.fees_brand("CNY"), 0)], "deal:1"
        )
    assert len(entry(posted.id).lines) == 2


@pytest.mark.parametrize("amount", [1.0, True, "1"])
def test_amounts_are_whole_numbers(amount: object) -> None:
    with pytest.raises(TypeError):
        Line(accounts.escrow(1, "CNY"), amount)  # type: ignore[arg-type]


def test_money_of_another_currency_does_not_fit_an_account() -> None:
    with pytest.raises(CurrencyMismatch):
        debit(accounts.escrow(1, "CNY"), Money(100, "USD"))


def test_more_than_there_is_cannot_be_taken_out() -> None:
    deal = fresh()
    with transaction():
        fund(deal, 100)
    lines = [debit(accounts.escrow(deal, "CNY"), 101), credit(accounts.fees_brand("CNY"), 101)]
    with pytest.raises(Overdraft), transaction():
        post("escrow.settled", f"k{fresh()}", lines, f"deal:{deal}")
    assert balance(accounts.escrow(deal, "CNY")) == 100


def test_an_account_may_be_emptied_to_the_last_unit() -> None:
    deal = fresh()
    with transaction():
        fund(deal, 100)
        lines = [debit(accounts.escrow(deal, "CNY"), 100), credit(accounts.fees_brand("CNY"), 100)]
        post("escrow.settled", f"k{fresh()}", lines, f"deal:{deal}")
    assert balance(accounts.escrow(deal, "CNY")) == 0


def test_money_may_pass_through_an_account_within_one_entry() -> None:
    deal, escrow = fresh(), accounts.escrow(fresh(), "CNY")
    lines = [*funding(deal, 100), debit(escrow, 40), credit(escrow, 40)]
    with transaction():
        posted = post("escrow.funded", f"k{fresh()}", lines, f"deal:{deal}")
    assert len(entry(posted.id).lines) == 4
    assert balance(escrow) == 0


def test_units_that_are_no_money_have_books_too() -> None:
    programme, other = fresh(), fresh()
    lines = [
        debit(accounts.programme_spent(programme, "IMP"), 20_000),
        credit(accounts.suspense("IMP", f"holder:{other}"), 20_000),
    ]
    with transaction():
        post("impressions.granted", f"k{fresh()}", lines, f"programme:{programme}")
    assert balance(accounts.programme_spent(programme, "IMP")) == 20_000


def test_a_batch_posts_all_and_answers_in_its_own_order() -> None:
    deals = [fresh() for _ in range(5)]
    postings = [
        Posting("escrow.funded", f"batch:{deal}", tuple(funding(deal, deal % 1000 + 1)), f"deal:{deal}")
        for deal in reversed(deals)
    ]
    with transaction():
        fund(deals[2], deals[2] % 1000 + 1, f"batch:{deals[2]}")
    with transaction():
        posted = post_many([*postings, postings[0]])
    assert [found.key for found in posted] == [posting.key for posting in [*postings, postings[0]]]
    assert [found.repeated for found in posted] == [False, False, True, False, False, False]
    for deal in deals:
        assert balance(accounts.escrow(deal, "CNY")) == deal % 1000 + 1


def test_a_batch_with_one_bad_entry_posts_nothing() -> None:
    deal, poor = fresh(), fresh()
    bad = (debit(accounts.escrow(poor, "CNY"), 1), credit(accounts.fees_brand("CNY"), 1))
    with pytest.raises(Overdraft), transaction():
        post_many(
            [
                Posting("escrow.funded", f"k{fresh()}", tuple(funding(deal, 100)), f"deal:{deal}"),
                Posting("escrow.settled", f"k{fresh()}", bad, f"deal:{poor}"),
            ]
        )
    assert balance(accounts.escrow(deal, "CNY")) == 0


def test_a_key_used_twice_in_a_batch_for_other_input_is_refused() -> None:
    deal, key = fresh(), f"k{fresh()}"
    with pytest.raises(KeyReused):
        post_many(
            [
                Posting("escrow.funded", key, tuple(funding(deal, 1)), f"deal:{deal}"),
                Posting("escrow.funded", key, tuple(funding(deal, 2)), f"deal:{deal}"),
            ]
        )


def test_an_empty_batch_is_nothing() -> None:
    assert post_many([]) == []


def test_a_reversal_is_the_opposite_and_says_why() -> None:
    deal = fresh()
    with transaction():
        posted = fund(deal, 700)
    with transaction():
        undone = reverse(posted.id, f"undo:{posted.id}", "booked on the wrong deal")
    assert balance(accounts.escrow(deal, "CNY")) == 0
    found = entry(undone.id).entry
    assert (found.reverses_id, found.kind, found.reference) == (posted.id, "escrow.funded.reversed", f"deal:{deal}")
    assert found.description == "booked on the wrong deal"


def test_an_entry_is_reversed_once() -> None:
    with transaction():
        posted = fund(fresh(), 700)
    with transaction():
        first = reverse(posted.id, f"undo:{posted.id}", "a mistake")
    with transaction():
        assert reverse(posted.id, f"undo:{posted.id}", "a mistake").id == first.id
    with pytest.raises(AlreadyReversed), transaction():
        reverse(posted.id, f"undo-again:{posted.id}", "a mistake")


def test_a_reversal_can_be_reversed() -> None:
    deal = fresh()
    with transaction():
        posted = fund(deal, 700)
        undone = reverse(posted.id, f"undo:{posted.id}", "a mistake")
        reverse(undone.id, f"redo:{posted.id}", "no mistake after all")
    assert balance(accounts.escrow(deal, "CNY")) == 700


def test_what_was_spent_since_cannot_be_reversed() -> None:
    deal = fresh()
    with transaction():
        posted = fund(deal, 100)
        lines = [debit(accounts.escrow(deal, "CNY"), 100), credit(accounts.fees_brand("CNY"), 100)]
        post("escrow.settled", f"k{fresh()}", lines, f"deal:{deal}")
    with pytest.raises(Overdraft), transaction():
        reverse(posted.id, f"undo:{posted.id}", "a mistake")


def test_what_is_not_there_cannot_be_reversed() -> None:
    with pytest.raises(NotFound):
        reverse(2**62, "undo:nothing", "a mistake")


def test_an_entry_is_found_by_its_key() -> None:
    key = f"fund:{fresh()}"
    with transaction():
        posted = fund(fresh(), 5, key)
    found = entry_by_key(key)
    assert found is not None
    assert found.entry.id == posted.id
    assert entry_by_key(f"{key}:other") is None


def test_a_total_beyond_the_largest_number_is_refused_and_changes_nothing() -> None:
    deal = fresh()
    with transaction():
        fund(deal, 2**63 - 1)
    with pytest.raises(Exception, match="out of range"), transaction():
        fund(deal, 2)
    assert balance(accounts.escrow(deal, "CNY")) == 2**63 - 1


def test_moves_that_a_query_gives_are_the_entries_that_would_be_posted_one_by_one() -> None:
    """The query's owner needs no care with quotes: the hash and the accounts are those of any other entry."""
    owners = [f'creator:"{fresh()}"\\ 中', f"creator:{fresh()}"]
    moved = (AccountKind.CREATOR_AVAILABLE, AccountKind.TRANSFER_IN_TRANSIT)
    rows = """
        SELECT 'moved.' || owner AS key, 'deal of ' || owner AS reference, owner, 'CNY' AS commodity, 700 AS amount
        FROM unnest(CAST(:owners AS text[])) owner
    """
    with pytest.raises(Overdraft), transaction():
        post_moves("transfer.prepared", *moved, rows, {"owners": owners})
    for owner in owners:
        with transaction():
            lines = debit(accounts.stripe_clearing("CNY"), 700), credit(Account(owner, moved[0], "CNY"), 700)
            post("test.earned", f"earned.{owner}", lines, owner)
    with transaction():
        post_moves("transfer.prepared", *moved, rows, {"owners": owners})
    for owner in owners:
        lines = debit(Account(owner, moved[0], "CNY"), 700), credit(Account(owner, moved[1], "CNY"), 700)
        with transaction():
            assert post("transfer.prepared", f"moved.{owner}", lines, f"deal of {owner}").repeated
        found = entry_by_key(f"moved.{owner}")
        assert found is not None
        assert found.lines == lines
        assert [balance(line.account) for line in lines] == [0, 700]
