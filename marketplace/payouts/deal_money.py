"""A deal's money from the books, as each of its readers may see it: what went into escrow, what went where, and why.

The creator's side reads its parts and the agency's share; the brand reads the commission as one sum and nothing of
the agency; an administrator reads every line.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import Actor
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.policy import side_of
from marketplace.deals.queries import get_deal_with_sides
from marketplace.escrow.queries import settled_quote, settlement_of
from marketplace.fees.explain import explain, explain_share
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    PLATFORM,
    Account,
    AccountKind,
    agency_owner,
    creator_owner,
    deal_owner,
)
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.postings import Line
from marketplace.payouts.words import movement_words

_LARGEST_ID = 2**63 - 1
# What a payer's bank takes and gives back goes through Stripe's account, and is no payment of the brand's.
_CHARGEBACK = "chargeback."
_CREATORS = (AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE)
_AGENCIES = (AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE)


class Reader(StrEnum):
    """Who reads: a creator themselves, somebody of the agency that represents them, the brand, an administrator."""

    CREATOR = "creator"
    AGENCY = "agency"
    BRAND = "brand"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Why:
    """One line of the fee quote: the rule in words, and what it took."""

    text: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Part:
    """What one entry moved out of escrow to one place; negative where it came back from there."""

    label: str
    amount: Money
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry that moved the deal's escrow: one of `into` and `out` is zero. `held` is what escrow held after it."""

    entry_id: int
    at: datetime
    words: str
    into: Money
    out: Money
    held: Money
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One entry that moved what had left escrow on its way to somebody."""

    entry_id: int
    at: datetime
    words: str
    whose: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry of the books with its lines, oldest first in a list of them."""

    id: int
    kind: str
    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DealMoney:
    """All of it for one reader. `paid` is what came in; `sums` are where it went; with `held` they sum to `paid`."""

    deal: Deal
    reader: Reader
    quote: FeeQuote | None
    movements: list[Movement]
    steps: list[Step]
    paid: Money
    sums: list[Part]
    held: Money
    entries: list[RawEntry]


def money_of(actor: Actor, deal_id: int) -> DealMoney:
    """The deal's money as the actor may read it; everything in minor units of the deal's currency.

    Raises:
        NotFound: there is no such deal, or it is neither the actor's nor their agency's.
    """
    deal = _readable_deal(actor, deal_id)
    settlement = settlement_of(deal.id)
    frozen = FeeQuote.from_json(deal.quote) if deal.quote is not None else None
    quote = settled_quote(settlement) if settlement is not None else frozen
    return _Telling(actor, deal, quote).tell(_entries_of(deal_owner(deal.id)))


def _readable_deal(actor: Actor, deal_id: int) -> Deal:
    if actor.agency_id is None or actor.represents or actor.is_admin:
        return get_deal_with_sides(actor, deal_id)
    query = select(Deal).where(Deal.id == min(deal_id, _LARGEST_ID), Deal.agency_id == actor.agency_id)
    deal = db.session.scalars(query.options(joinedload(Deal.creator), joinedload(Deal.brand))).first()
    if deal is None:
        raise NotFound
    return deal


def _entries_of(owner: str) -> list[RawEntry]:
    """The entries that name the deal or touch its accounts, which are few: a deal is paid and divided once."""
    touching = (
        select(LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerAccount.owner == owner)
    )
    naming = select(LedgerEntry.id).where(LedgerEntry.reference == owner)
    query = (
        select(LedgerEntry, LedgerAccount.owner, LedgerAccount.kind, LedgerAccount.commodity, LedgerLine.amount)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerEntry.id.in_(union(touching, naming).scalar_subquery()))
        .order_by(LedgerEntry.posted_at, LedgerEntry.id, LedgerLine.line_no)
    )
    found: dict[int, tuple[LedgerEntry, list[Line]]] = {}
    for entry, owned_by, kind, commodity, amount in db.session.execute(query):
        found.setdefault(entry.id, (entry, []))[1].append(Line(Account(owned_by, kind, commodity), amount))
    return [RawEntry(entry.id, entry.kind, entry.posted_at, tuple(lines)) for entry, lines in found.values()]


def _reader(actor: Actor, deal: Deal) -> Reader:
    match side_of(actor, deal):
        case DealSide.CREATOR:
            return Reader.AGENCY if actor.represents else Reader.CREATOR
        case DealSide.BRAND:
            return Reader.BRAND
        case DealSide.ADMIN:
            return Reader.ADMIN
        case _:
            return Reader.AGENCY


class _Telling:
    """Tells a deal's entries to one reader."""

    def __init__(self, actor: Actor, deal: Deal, quote: FeeQuote | None) -> None:
        self.actor, self.deal, self.quote = actor, deal, quote
        self.reader = _reader(actor, deal)
        self.escrow = (deal_owner(deal.id), AccountKind.ESCROW)

    def tell(self, entries: list[RawEntry]) -> DealMoney:
        inside = [entry for entry in entries if any(self._is_escrow(line) for line in entry.lines)]
        outside = [entry for entry in entries if not any(self._is_escrow(line) for line in entry.lines)]
        currency = self._currency(inside)
        movements = self._movements(inside, currency)
        return DealMoney(
            deal=self.deal,
            reader=self.reader,
            quote=self.quote,
            movements=movements,
            steps=[step for entry in outside for step in self._steps(entry)],
            paid=self._paid(inside, currency),
            sums=_summed((part for moved in movements for part in moved.parts), currency),
            held=movements[-1].held if movements else Money.zero(currency),
            entries=entries if self.reader is Reader.ADMIN else [],
        )

    def _is_escrow(self, line: Line) -> bool:
        return (line.account.owner, line.account.kind) == self.escrow

    def _currency(self, inside: Sequence[RawEntry]) -> str:
        """A deal has one currency: that of its quote, or of what was paid."""
        found = (line.account.commodity for entry in inside for line in entry.lines if self._is_escrow(line))
        return self.quote.price.currency if self.quote is not None else next(found, Money.zero().currency)

    def _movements(self, inside: Iterable[RawEntry], currency: str) -> list[Movement]:
        moved, held = [], 0
        for entry in inside:
            change = -sum(line.amount for line in entry.lines if self._is_escrow(line))
            held += change
            moved.append(
                Movement(
                    entry_id=entry.id,
                    at=entry.at,
                    words=self._what(entry),
                    into=Money(max(change, 0), currency),
                    out=Money(max(-change, 0), currency),
                    held=Money(held, currency),
                    parts=tuple(_summed(self._parts(entry), currency)),
                )
            )
        return moved

    def _what(self, entry: RawEntry) -> str:
        if entry.kind != "payment.received":
            return str(movement_words(entry.kind))
        if self.reader is Reader.BRAND:
            return str(_("You paid into escrow"))
        return str(_("%(name)s paid into escrow", name=self.deal.brand.name))

    def _parts(self, entry: RawEntry) -> Iterable[Part]:
        """The other side of each movement of escrow, but for what came in."""
        for line in entry.lines:
            kind = line.account.kind
            if kind is AccountKind.STRIPE_CLEARING and entry.kind.startswith(_CHARGEBACK):
                yield Part(str(_("Taken back by the bank")), Money(-line.amount, line.account.commodity))
            elif not self._is_escrow(line) and kind is not AccountKind.STRIPE_CLEARING:
                yield Part(self._place(kind), Money(-line.amount, line.account.commodity), self._why(kind))

    def _paid(self, inside: Iterable[RawEntry], currency: str) -> Money:
        lines = (line for entry in inside if not entry.kind.startswith(_CHARGEBACK) for line in entry.lines)
        return Money(sum(x.amount for x in lines if x.account.kind is AccountKind.STRIPE_CLEARING), currency)

    def _place(self, kind: AccountKind) -> str:
        """Where a part of escrow went; the brand doesn't learn how creator and agency divide theirs."""
        creator, brand = self.deal.creator.name, self.deal.brand.name
        if kind in _AGENCIES and self.reader is not Reader.BRAND:
            name = self.quote.agency.name if self.quote is not None and self.quote.agency is not None else ""
            return str(_("Share of %(name)s", name=name) if name else _("The agency’s share"))
        if kind in (*_CREATORS, *_AGENCIES):
            return str(_("To you") if self.reader is Reader.CREATOR else _("To %(name)s", name=creator))
        if kind is AccountKind.REFUND_IN_TRANSIT:
            return str(_("Back to you") if self.reader is Reader.BRAND else _("Back to %(name)s", name=brand))
        if kind is AccountKind.FEES_CREATOR:
            return str(_("Commission"))
        return str(_("Service fee") if kind is AccountKind.FEES_BRAND else _("To another account of Mutuals"))

    def _why(self, kind: AccountKind) -> tuple[Why, ...]:
        """The rules that took a fee, for those who bear it."""
        quote = self.quote
        if quote is None:
            return ()
        if kind is AccountKind.FEES_CREATOR and self.reader is not Reader.BRAND:
            return tuple(Why(str(explain(line)), line.amount) for line in quote.creator_lines)
        if kind is AccountKind.FEES_BRAND and self.reader in (Reader.BRAND, Reader.ADMIN):
            return tuple(Why(str(explain(line)), line.amount) for line in quote.brand_lines)
        if kind in _AGENCIES and quote.agency is not None and self.reader is not Reader.BRAND:
            return (Why(str(explain_share(quote)), quote.agency_receives),)
        return ()

    def _steps(self, entry: RawEntry) -> Iterable[Step]:
        """One step for each owner whose money the entry moved, if the reader may see it."""
        by_owner: dict[str, list[Line]] = defaultdict(list)
        for line in entry.lines:
            by_owner[line.account.owner].append(line)
        # What the bank has comes before who bears it.
        for owner, lines in sorted(by_owner.items(), key=lambda found: not _is_of_bank(found[1])):
            alone = owner != PLATFORM or len(by_owner) == 1
            if alone and self._may_read(owner, lines):
                yield Step(entry.id, entry.at, _step_words(entry.kind, lines), self._whose(owner), _moved(lines))

    def _may_read(self, owner: str, lines: Sequence[Line]) -> bool:
        if _is_of_bank(lines):
            return True
        match self.reader:
            case Reader.ADMIN:
                return True
            case Reader.CREATOR:
                return owner == creator_owner(self.deal.creator_id)
            case Reader.AGENCY:
                return self.actor.agency_id is not None and owner == agency_owner(self.actor.agency_id)
            case Reader.BRAND:
                theirs = (AccountKind.REFUND_IN_TRANSIT, AccountKind.SUSPENSE)
                return all(line.account.kind in theirs for line in lines)

    def _whose(self, owner: str) -> str:
        """Named for an administrator, who reads the steps of several."""
        if self.reader is not Reader.ADMIN:
            return ""
        if owner == creator_owner(self.deal.creator_id):
            return self.deal.creator.name
        if owner == deal_owner(self.deal.id):
            return self.deal.brand.name
        agency = self.quote.agency if self.quote is not None else None
        return agency.name if agency is not None and owner == agency.owner else ""


def _is_of_bank(lines: Sequence[Line]) -> bool:
    return all(line.account.kind is AccountKind.CHARGEBACK_HELD for line in lines)


def _step_words(kind: str, lines: Sequence[Line]) -> str:
    if kind == "chargeback.borne":
        return str(_("The bank kept the payment") if _is_of_bank(lines) else _("The part of it that is owed"))
    if not kind.startswith(_CHARGEBACK) and any(line.account.kind is AccountKind.SUSPENSE for line in lines):
        return str(_("Arrived in another amount than was asked for: held apart until it is placed"))
    return str(movement_words(kind))


def _moved(lines: Sequence[Line]) -> Money:
    """What moved among one owner's accounts, or into or out of them."""
    debited = sum(line.amount for line in lines if line.amount > 0)
    credited = -sum(line.amount for line in lines if line.amount < 0)
    return Money(max(debited, credited), lines[0].account.commodity)


def _summed(parts: Iterable[Part], currency: str) -> list[Part]:
    """Parts with one label as one, in the order of their first."""
    amounts: dict[str, Money] = {}
    reasons: dict[str, tuple[Why, ...]] = {}
    for part in parts:
        amounts[part.label] = amounts.get(part.label, Money.zero(currency)) + part.amount
        reasons[part.label] = reasons.get(part.label) or part.why
    return [Part(label, amount, reasons[label]) for label, amount in amounts.items()]
