"""One thing a person is told, put into words when it is read: in the reader's language and time zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.accounts.actor import BrandRole
from marketplace.agencies.words import done_for
from marketplace.infra.i18n import count, day, listed, money_text, month, percent, when
from marketplace.infra.labels import label
from marketplace.kit.money import Money
from marketplace.notifications.words import KINDS, Words
from marketplace.payouts.requirements import failure_words

Detail = dict[str, Any] | str


def money_detail(amount: Money) -> Detail:
    return {"amount": amount.amount, "currency": amount.currency}


def moment_detail(moment: datetime) -> Detail:
    return {"at": moment.isoformat()}


def day_detail(value: date) -> Detail:
    return {"day": value.isoformat()}


def month_detail(value: date) -> Detail:
    return {"month": value.isoformat()}


def role_detail(role: BrandRole) -> Detail:
    return {"role": role.value}


def count_detail(number: int) -> Detail:
    return {"count": number}


def percent_detail(basis_points: int) -> Detail:
    return {"percent": basis_points}


def list_detail(names: Sequence[str]) -> Detail:
    return {"list": list(names)}


def acting_detail(who: str, creator: str) -> Detail:
    """Somebody of an agency who did it for a creator."""
    return {"who": who, "for": creator}


def written(detail: Detail) -> str:
    """A detail as this reader reads it."""
    match detail:
        case {"list": list(names)}:
            return listed(names)
        case {"amount": int(amount), "currency": str(currency)}:
            return money_text(Money(amount, currency))
        case {"at": str(moment)}:
            return when(datetime.fromisoformat(moment))
        case {"day": str(value)}:
            return day(date.fromisoformat(value))
        case {"month": str(value)}:
            return month(date.fromisoformat(value), year=True)
        case {"role": str(role)}:
            return str(label(BrandRole(role)))
        case {"count": int(number)}:
            return count(number)
        case {"percent": int(basis_points)}:
            return percent(basis_points)
        case {"payout_failure": str(code)}:
            return failure_words(code)
        case {"who": str(who), "for": str(creator)}:
            return done_for(who, creator)
        case _:
            return str(detail)


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of `words` with the details of one case. Every property is made for whoever reads it now."""

    kind: str
    details: Mapping[str, Detail]

    @property
    def words(self) -> Words:
        return KINDS[self.kind]

    @property
    def fact(self) -> str:
        return self._with_details(self.words.fact)

    @property
    def says(self) -> str:
        """What follows from it for the reader; empty when nothing does."""
        return self._with_details(self.words.says) if self.words.says is not None else ""

    @property
    def button(self) -> str:
        return str(self.words.button)

    @property
    def deal(self) -> str:
        """The name of the deal that it is about, or nothing."""
        return written(self.details.get("deal", ""))

    @property
    def price(self) -> str:
        return written(self.details.get("price", ""))

    def _with_details(self, sentence: object) -> str:
        return str(sentence) % {name: written(detail) for name, detail in self.details.items()}
