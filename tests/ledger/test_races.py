"""Several connections at once: one effect for one key, no overdraft, no deadlock, and books that balance."""

from functools import partial

import pytest
from flask import Flask

from marketplace.infra.db import transaction
from marketplace.ledger import accounts
from marketplace.ledger.accounts import Account
from marketplace.ledger.check import check_books
from marketplace.ledger.postings import AlreadyReversed, Entry, KeyReused, Overdraft, credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post, reverse
from tests.ledger.books import at_once, fresh, fund

pytestmark = pytest.mark.usefixtures("context")


def test_the_same_key_at_once_posts_one_entry(app: Flask) -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    answers = at_once(app, [partial(fund, deal, 300, key)] * 8)
    entries = [answer for answer in answers if isinstance(answer, Entry)]
    assert len(entries) == 8, answers
    assert len({entry.id for entry in entries}) == 1
    assert sum(not entry.repeated for entry in entries) == 1
    assert balance(accounts.escrow(deal, "CNY")) == 300


def test_the_same_key_for_other_input_at_once_posts_one_and_tells_the_rest(app: Flask) -> None:
    deal, key = fresh(), f"fund:{fresh()}"
    answers = at_once(app, [partial(fund, deal, 300 + number, key) for number in range(6)])
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert sum(isinstance(answer, KeyReused) for answer in answers) == 5


def test_two_that_together_take_too_much_leave_one_behind(app: Flask) -> None:
    deal = fresh()
    with transaction():
        fund(deal, 100)
    answers = at_once(app, [partial(_take, accounts.escrow(deal, "CNY"), 60) for _ in range(4)])
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert sum(isinstance(answer, Overdraft) for answer in answers) == 3
    assert balance(accounts.escrow(deal, "CNY")) == 40


def test_postings_in_opposite_directions_do_not_wait_for_each_other(app: Flask) -> None:
    one, other = accounts.escrow(fresh(), "CNY"), accounts.escrow(fresh(), "CNY")
    with transaction():
        fund(int(one.owner.split(":")[1]), 1_000)
        fund(int(other.owner.split(":")[1]), 1_000)
    works = [partial(_move_often, one, other), partial(_move_often, other, one)] * 3
    answers = at_once(app, works)
    assert answers == [20] * 6
    assert balance(one) == balance(other) == 1_000
    assert check_books() == []


def test_an_account_that_many_open_at_once_is_one(app: Flask) -> None:
    deal = fresh()
    answers = at_once(app, [partial(fund, deal, 10) for _ in range(8)])
    assert all(isinstance(answer, Entry) for answer in answers), answers
    assert balance(accounts.escrow(deal, "CNY")) == 80


def test_reversals_at_once_reverse_once(app: Flask) -> None:
    deal = fresh()
    with transaction():
        entry = fund(deal, 100)
        fund(deal, 900)
    answers = at_once(app, [partial(reverse, entry.id, f"undo:{entry.id}:{n}", "a mistake") for n in range(5)])
    assert sum(isinstance(answer, Entry) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyReversed) for answer in answers) == 4
    assert balance(accounts.escrow(deal, "CNY")) == 900


def _take(account: Account, amount: int) -> Entry:
    lines = [debit(account, amount), credit(accounts.fees_brand(account.commodity), amount)]
    return post("escrow.settled", f"take:{fresh()}", lines, account.owner)


def _move_often(source: Account, target: Account) -> int:
    """Twenty transactions, of which the last is committed by the caller."""
    for _ in range(20):
        with transaction():
            post("escrow.moved", f"move:{fresh()}", [debit(source, 7), credit(target, 7)], source.owner)
    return 20
