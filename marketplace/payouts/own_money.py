"""Whether what left the provider for our own bank was ours: what deals and payees are owed must stay there."""

from collections import Counter
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from marketplace.ledger.accounts import CHART, AccountClass, AccountKind, platform_bank
from marketplace.ledger.check import Problem
from marketplace.ledger.queries import trial_balance

_EARNED = (AccountClass.INCOME, AccountClass.EXPENSE)


def only_ours_left() -> Iterable[Problem]:
    """What was paid out to our own bank, less what was topped up from there, is no more than we have earned.

    As debits equal credits, the rest is missing among what is there for those whom we owe it. A closing's totals and
    the lines since are read, so that years of books cost no more than days.
    """
    left, earned = Counter[str](), Counter[str]()
    for row in trial_balance().rows:
        if row.kind is AccountKind.PLATFORM_BANK:
            left[row.commodity] += row.debit - row.credit
        elif CHART[row.kind].account_class in _EARNED:
            earned[row.commodity] += row.credit - row.debit
    for currency, amount in sorted(left.items()):
        others = amount - max(earned[currency], 0)
        if amount > 0 and others > 0:
            yield Problem(
                _l(
                    "%(left)s minor units left for our own bank, and %(others)s of them aren’t ours: top up the "
                    "balance.",
                    left=amount,
                    others=others,
                ),
                f"account {platform_bank(currency)}",
            )
