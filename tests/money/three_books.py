"""Three books of one year of money: ours, the provider's, and what Beancount reads in our export."""

from decimal import Decimal
from typing import Any

from beancount import loader
from beancount.core import data
from flask import Flask
from sqlalchemy import select

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction
from marketplace.ledger.accounts import Account, AccountKind, stripe_clearing
from marketplace.ledger.beancount_file import account_name
from marketplace.ledger.export import major
from marketplace.ledger.models import LedgerAccount
from marketplace.ledger.queries import balance, balances
from marketplace.reconciliation.models import BalanceTransaction

Sums = dict[tuple[str, str], Decimal]


def assert_three_books_agree(app: Flask) -> None:
    """To the minor unit, with nothing on its way between any two of them."""
    end_transaction()
    theirs = {currency: money.amount for currency, money in gateway.get_balance().items() if money}
    accounts = _accounts()
    clearing = [account for account in accounts if account.kind is AccountKind.STRIPE_CLEARING]
    ours = {account.commodity: held for account in clearing if (held := balance(stripe_clearing(account.commodity)))}
    assert ours == theirs
    unexplained = db.session.scalars(
        select(BalanceTransaction.id).where(BalanceTransaction.explained_at.is_(None)).limit(5)
    ).all()
    assert unexplained == []
    amounts = balances(accounts)
    db.session.rollback()
    named = {
        (account_name(account), account.commodity): Decimal(major(amount * account.natural_sign, account.commodity))
        for account, amount in amounts.items()
        if amount
    }
    assert _beancount(app) == named


def _accounts() -> list[Account]:
    rows = db.session.execute(select(LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity))
    return [Account(owner, AccountKind(kind), commodity) for owner, kind, commodity in rows]


def _beancount(app: Flask) -> Sums:
    answer = app.test_cli_runner().invoke(args=["ledger", "export", "--format", "beancount"])
    assert answer.exit_code == 0, answer.output
    entries, errors, _options = loader.load_string(answer.output)
    assert errors == []
    return _sums(list(entries))


def _sums(entries: list[Any]) -> Sums:
    """What every account holds in the end, as Beancount works it out."""
    found: Sums = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            units: Any = posting.units
            key = posting.account, units.currency
            found[key] = found.get(key, Decimal(0)) + units.number
    return {key: total for key, total in found.items() if total}
