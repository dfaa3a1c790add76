"""Whose money a chargeback takes, and who bears it: whole units, dealt out in proportion. Knows no books."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.kit.money import allot


@dataclass(frozen=True, slots=True)
class Paid:
    """One deal's part of a charge: what was paid, and what of it is neither refunded nor taken by another dispute.
    Minor units."""

    amount: int
    left: int


def divide(taken: int, parts: Sequence[Paid]) -> list[int]:
    """What of `taken` each part gives: in proportion to what is left of it. More than all that is left falls on what
    was refunded, which the bank then pays a second time; more than the charge on nobody, and is left out."""
    left = [part.left for part in parts]
    gone = [part.amount - part.left for part in parts]
    first = min(taken, sum(left))
    second = min(taken - first, sum(gone))
    return [a + b for a, b in zip(allot(first, left), allot(second, gone), strict=True)]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a settlement gave to each, less what earlier chargebacks took of it. Minor units."""

    creator: int
    agency: int
    commission: int
    service_fee: int


@dataclass(frozen=True, slots=True)
class Burden:
    """Who bears a part that a bank has kept. `lost` is borne by the platform beyond its fees: nobody else had it."""

    creator: int
    agency: int
    commission: int
    service_fee: int
    lost: int

    @property
    def platform(self) -> int:
        return self.commission + self.service_fee + self.lost


def burden(amount: int, kept: Kept) -> Burden:
    """Each gives up of what they had in proportion to it; nobody more than they had."""
    had = (kept.creator, kept.agency, kept.commission, kept.service_fee)
    borne = min(amount, sum(had))
    creator, agency, commission, service_fee = allot(borne, had)
    return Burden(creator, agency, commission, service_fee, amount - borne)
