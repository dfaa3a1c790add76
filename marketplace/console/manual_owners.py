"""Whose account a line by hand is on: read as people write it, and checked against who there is."""

import re
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.agencies.models import Agency
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.infra.db import db
from marketplace.kit.errors import Invalid
from marketplace.ledger.accounts import PLATFORM, AccountKind, agency_owner, creator_owner, deal_owner
from marketplace.ledger.models import LedgerAccount

_DEALS = frozenset({AccountKind.ESCROW, AccountKind.REFUND_IN_TRANSIT, AccountKind.CHARGEBACK_HELD})
_CREATORS = frozenset({AccountKind.CREATOR_PENDING, AccountKind.CREATOR_AVAILABLE, AccountKind.CREATOR_OWES})
_AGENCIES = frozenset({AccountKind.AGENCY_PENDING, AccountKind.AGENCY_AVAILABLE, AccountKind.AGENCY_OWES})
# What programmes spend is posted by their own verbs alone.
HAND_KINDS: Final = tuple(kind for kind in AccountKind if kind is not AccountKind.PROGRAMME_SPENT)
_MOST_DIGITS = 18


def resolve_owner(kind: AccountKind, typed: str, currency: str) -> str:
    """The owner's key in the books: `deal:1001` of M-1001, `creator:5` of that creator's handle.

    Raises:
        Invalid: accounts of this kind have no such owner.
    """
    if kind in _DEALS:
        return _deal(typed)
    if kind in _CREATORS:
        return _creator(typed)
    if kind in _AGENCIES:
        return _agency(typed)
    if kind is AccountKind.TRANSFER_IN_TRANSIT:
        return _agency(typed) if typed.startswith("agency:") else _creator(typed)
    if kind is AccountKind.SUSPENSE and typed not in ("", PLATFORM):
        return _opened(kind, typed, currency)
    if typed not in ("", PLATFORM):
        raise Invalid(_l("These accounts are the platform’s own: leave this empty."))
    return PLATFORM


def reference_of(typed: str) -> str:
    """M-1001 is what people call deal:1001; anything else is taken as it is."""
    number = _number(typed, "M-")
    return deal_owner(number) if number is not None else typed


def _deal(typed: str) -> str:
    number = _number(typed, "M-", "deal:")
    if number is None or db.session.get(Deal, number) is None:
        raise Invalid(_l("Name a deal that there is, such as M-1001."))
    return deal_owner(number)


def _creator(typed: str) -> str:
    number = _number(typed, "creator:")
    known = Creator.id == number if number is not None else Creator.handle == typed.removeprefix("@").lower()
    found = db.session.scalar(select(Creator.id).where(known))
    if found is None:
        raise Invalid(_l("Name a creator that there is, by the handle of their page or as creator:5."))
    return creator_owner(found)


def _agency(typed: str) -> str:
    number = _number(typed, "agency:")
    handle = typed.removeprefix("agency:").removeprefix("@").lower()
    known = Agency.id == number if number is not None else Agency.handle == handle
    found = db.session.scalar(select(Agency.id).where(known))
    if found is None:
        raise Invalid(_l("Name an agency that there is, by the handle of its page or as agency:3."))
    return agency_owner(found)


def _opened(kind: AccountKind, typed: str, currency: str) -> str:
    """An account that money has arrived on, such as a payment's that nobody could place."""
    mine = (LedgerAccount.kind == kind, LedgerAccount.owner == typed, LedgerAccount.commodity == currency)
    if db.session.scalar(select(LedgerAccount.id).where(*mine)) is None:
        raise Invalid(_l("There is no such account. Copy its owner from the list of accounts, or leave this empty."))
    return typed


def _number(typed: str, *prefixes: str) -> int | None:
    """The number after one of the prefixes, whatever their case; None for anything else."""
    for prefix in prefixes:
        found = re.fullmatch(rf"{re.escape(prefix)}(\d{{1,{_MOST_DIGITS}}})", typed, re.ASCII | re.IGNORECASE)
        if found is not None:
            return int(found[1])
    return None
