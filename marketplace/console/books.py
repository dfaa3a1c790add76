"""Reads of the books as an administrator looks at them: names beside accounts, sums beside lines."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from sqlalchemy import select

from marketplace.agencies.queries import agencies_by_ids
from marketplace.console.words import EntryKind, deal_of, owner_words
from marketplace.creators.queries import creators_by_ids
from marketplace.escrow.queries import settlement_of
from marketplace.fees.quote import FeeQuote
from marketplace.infra.db import db
from marketplace.infra.i18n import count, money
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry
from marketplace.ledger.postings import Entry, Line


@dataclass(frozen=True, slots=True)
class Sums:
    """Debits and credits of some lines in one commodity, both positive."""

    commodity: str
    debit: int
    credit: int

    @property
    def difference(self) -> int:
        return self.debit - self.credit


def sums_of(lines: Iterable[Line]) -> list[Sums]:
    """What the lines come to, for each commodity."""
    debits: dict[str, int] = defaultdict(int)
    credits_: dict[str, int] = defaultdict(int)
    for line in lines:
        side = debits if line.amount > 0 else credits_
        side[line.account.commodity] += abs(line.amount)
    return [Sums(code, debits[code], credits_[code]) for code in sorted({*debits, *credits_})]


@dataclass(frozen=True, slots=True)
class SettledFees:
    """What a settlement took of the part of the price that it was made for, by the quote that was frozen at signing."""

    quote: FeeQuote
    policy_version: int


def fees_of(entry: Entry) -> SettledFees | None:
    """The fee lines behind an entry that settled a deal; None for any other."""
    deal_id = deal_of(entry.reference)
    if entry.kind != EntryKind.DEAL_SETTLED or deal_id is None:
        return None
    settlement = settlement_of(deal_id)
    if settlement is None:
        return None
    part = settlement.receives + settlement.agency_receives + Money(settlement.creator_fee_amount, settlement.currency)
    return SettledFees(FeeQuote.from_json(settlement.quote).partial(part), settlement.policy_version)


def require_account(owner: str, kind: str, commodity: str) -> Account:
    """An account that was opened.

    Raises:
        NotFound: none has this name.
    """
    if kind not in set(AccountKind) or not (owner.isprintable() and commodity.isprintable()):
        raise NotFound
    account = Account(owner, AccountKind(kind), commodity)
    found = select(LedgerAccount.id).where(
        LedgerAccount.owner == owner, LedgerAccount.kind == account.kind, LedgerAccount.commodity == commodity
    )
    if db.session.scalar(found) is None:
        raise NotFound
    return account


def as_posted(reference: str) -> str:
    """M-1001 is what people call deal:1001."""
    number = reference[2:]
    return f"deal:{number}" if reference[:2].upper() == "M-" and number.isdecimal() else reference


def reversal_of(entry_id: int) -> int | None:
    """The entry that reverses this one, if one does."""
    return db.session.scalar(select(LedgerEntry.id).where(LedgerEntry.reverses_id == entry_id))


def name_owners(accounts: Iterable[Account]) -> dict[str, str]:
    """What to call the owners of these accounts: creators and agencies by their names, in a query each."""
    owners = {account.owner for account in accounts}
    people = _numbers(owners, "creator")
    houses = _numbers(owners, "agency")
    creators, agencies = creators_by_ids(people.values()), agencies_by_ids(houses.values())
    names = {owner: creators[number].name for owner, number in people.items() if number in creators}
    names |= {owner: agencies[number].name for owner, number in houses.items() if number in agencies}
    return {owner: names.get(owner) or owner_words(owner) for owner in owners}


def _numbers(owners: Iterable[str], wanted: str) -> dict[str, int]:
    """The ids of owners of one sort; numbers that no row has are left out."""
    split = {owner: owner.partition(":") for owner in owners}
    return {
        owner: int(number)
        for owner, (kind, _colon, number) in split.items()
        if kind == wanted and number.isdecimal() and len(number) < 19
    }


def amount(
    units: int, commodity: str, style: Literal["", "big", "final", "guess"] = "", signed: bool = False
) -> Markup:
    """Minor units of a currency as money; a unit that isn't a currency, such as IMP, as a count of it."""
    try:
        return money(Money(units, commodity), style=style, signed=signed)
    except ValueError:
        classes = f"money money--{style}" if style else "money"
        sign = "+" if signed and units > 0 else ""
        return Markup('<span class="{}">{}{} {}</span>').format(classes, sign, count(units), commodity)
