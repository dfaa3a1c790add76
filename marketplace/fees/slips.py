"""A fee quote as lines to show: label, amount, sign and why, for the brand's side and for the creator's."""

from dataclasses import dataclass
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.fees.explain import explain
from marketplace.fees.quote import FeeLine, FeeQuote
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line of a slip: `sign` says how it counts in the sum below."""

    label: LazyString
    amount: Money
    sign: Literal["", "+", "-"] = ""
    why: LazyString | str | None = None


def brand_slip(quote: FeeQuote, price_note: str | None = None) -> list[SlipLine]:
    """What the brand pays: the price and each fee on top; they sum to `quote.brand_total`."""
    price = SlipLine(_l("Price agreed"), quote.price, why=price_note)
    return [price, *(_fee(line, _l("Service fee"), "+") for line in quote.brand_lines)]


def creator_slip(quote: FeeQuote) -> list[SlipLine]:
    """What the creator receives: the price less each commission; they sum to `quote.creator_receives`."""
    price = SlipLine(_l("Price agreed"), quote.price)
    return [price, *(_fee(line, _l("Commission"), "-") for line in quote.creator_lines)]


def _fee(line: FeeLine, label: LazyString, sign: Literal["+", "-"]) -> SlipLine:
    return SlipLine(label, line.amount, sign if line.amount else "", explain(line))
