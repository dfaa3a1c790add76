"""Money as integer minor units of one ISO 4217 currency. Exponents come from CLDR through Babel."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import total_ordering

from babel.numbers import get_currency_precision, list_currencies

DEFAULT_CURRENCY = "CNY"
_CURRENCIES = frozenset(list_currencies())


def is_currency(code: str) -> bool:
    """Whether there is such a currency; the books hold units as well, such as IMP."""
    return code in _CURRENCIES


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies met in one calculation."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in minor units (fen, cents, yen) of `currency`; may be negative. Refuses to mix currencies."""

    amount: int
    currency: str = DEFAULT_CURRENCY

    def __post_init__(self) -> None:
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise TypeError("an amount is a whole number of minor units")
        if self.currency not in _CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} don't mix")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    @property
    def exponent(self) -> int:
        """How many decimal digits the currency's minor unit has: 2 for CNY, 0 for JPY, 3 for KWD."""
        return int(get_currency_precision(self.currency))

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-self.exponent)

    @classmethod
    def zero(cls, currency: str = DEFAULT_CURRENCY) -> "Money":
        return cls(0, currency)

    @classmethod
    def from_major(cls, major: Decimal | str | int, currency: str = DEFAULT_CURRENCY) -> "Money":
        """Parse an amount in major units.

        Raises:
            ValueError: it isn't a finite number, or has more decimals than the currency.
        """
        try:
            value = Decimal(major)
        except InvalidOperation as error:
            raise ValueError(f"{major!r} is not an amount") from error
        if not value.is_finite():
            raise ValueError(f"{major!r} is not an amount")
        minor = value.scaleb(int(get_currency_precision(currency)))
        if minor != minor.to_integral_value():
            raise ValueError(f"{major!r} has more decimals than {currency}")
        return cls(int(minor), currency)


def share_down(amount: int, numerator: int, denominator: int) -> int:
    """`amount` × numerator / denominator, rounded towards zero. All are integers; amount is not negative."""
    if amount < 0 or numerator < 0 or denominator <= 0:
        raise ValueError("a share is of a non-negative amount")
    return amount * numerator // denominator


def allot(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` dealt out in proportion to the weights: whole units that sum to it, none above its own weight while
    `amount` isn't above all of them. Each first gets its part rounded down; what is left goes one unit each to those
    who lost most by that, the first of equals first.

    Raises:
        ValueError: something is negative, or there is an amount and nobody to give it to.
    """
    whole = sum(weights)
    if amount < 0 or any(weight < 0 for weight in weights) or (amount and not whole):
        raise ValueError("an amount is dealt out over weights that aren't negative")
    if not whole:
        return [0 for _weight in weights]
    parts = [amount * weight // whole for weight in weights]
    lost_most = sorted(range(len(weights)), key=lambda place: -(amount * weights[place] % whole))
    for place in lost_most[: amount - sum(parts)]:
        parts[place] += 1
    return parts
