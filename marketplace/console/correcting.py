"""The entry by hand that would explain a movement, filled in as far as the movement says it."""

from typing import Final

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.console.movement_words import movement_words
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.offers.policy import CURRENCIES
from marketplace.reconciliation.booking import BANK, FEES, RESERVES, Books
from marketplace.reconciliation.queries import OpenMovement

# What arrived and nobody can place is owed to somebody; what left must be taken from where it was owed, which is asked.
_OTHER_SIDE: Final = {
    **dict.fromkeys(FEES, AccountKind.STRIPE_FEES),
    **dict.fromkeys(BANK, AccountKind.PLATFORM_BANK),
    **dict.fromkeys(RESERVES, AccountKind.STRIPE_RESERVED),
}


def correcting_form(found: OpenMovement) -> MultiDict[str, str]:
    """What the form begins with: the reason, the movement, our clearing account, its other side where that is clear."""
    row, books = found.movement, found.books
    amount = Money(abs(books.missing), row.currency)
    sides = ("debit", "credit") if books.missing > 0 else ("credit", "debit")
    filled = {
        "reason": _("%(kind)s at Stripe that the books didn’t have.", kind=movement_words(row.type)),
        "reference": f"txn:{row.id}",
        "movement": row.id,
        "lines-0-kind": AccountKind.STRIPE_CLEARING.value,
        "lines-1-kind": _other_side(books),
    }
    for line, side in enumerate(sides):
        filled[f"lines-{line}-currency"] = row.currency if row.currency in CURRENCIES else ""
        filled[f"lines-{line}-{side}"] = f"{amount.major:f}"
    return MultiDict(filled)


def _other_side(books: Books) -> str:
    known = _OTHER_SIDE.get(books.type)
    if known is not None:
        return known.value
    return AccountKind.SUSPENSE.value if books.missing > 0 else ""
