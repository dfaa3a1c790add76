"""The tax that is included in a fee. Pure: integers of minor units in, integers out.

The tax is worked out on what was charged, rounded to the nearest minor unit, a half up; the net is the rest, so that
net and tax are always what was charged. A part that is given back takes back the difference between the tax on what
was charged before and on what stays charged: a fee that goes back whole leaves no tax behind, in however many parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.infra.settings import settings

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax by name and rate (basis points of the net), as it was when a document was issued."""

    name: str
    basis_points: int

    def within(self, gross: int) -> "Taxed":
        """What of `gross` (minor units, not negative) is tax.

        Raises:
            ValueError: the amount is negative.
        """
        if gross < 0:
            raise ValueError("a charge isn't negative; what goes back is `given_back`")
        divisor = WHOLE + self.basis_points
        tax = (2 * gross * self.basis_points + divisor) // (2 * divisor)
        return Taxed(self, gross - tax, tax)

    def given_back(self, before: int, back: int) -> "Taxed":
        """What of `back`, taken off a charge of `before`, is tax.

        Raises:
            ValueError: more goes back than was charged.
        """
        was, stays = self.within(before), self.within(before - back)
        return Taxed(self, was.net - stays.net, was.tax - stays.tax)


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with the tax in it: minor units, `net` + `tax` = `gross`."""

    by: Tax
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.by.name,
            "basis_points": self.by.basis_points,
            "net": self.net,
            "tax": self.tax,
            "gross": self.gross,
        }


def tax_in_force() -> Tax:
    """The platform's tax as its settings say it now."""
    found = settings()
    return Tax(found.tax_name, found.tax_basis_points)


def tax_of(data: Mapping[str, Any]) -> Tax:
    """The tax by which a document was issued."""
    return Tax(data["name"], data["basis_points"])
