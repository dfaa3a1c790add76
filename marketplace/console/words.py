"""The words of the books, of sides and of standings, for people who look after the marketplace."""

import re
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.accounts.models import Side
from marketplace.infra.labels import label, register
from marketplace.ledger.accounts import PLATFORM, AccountClass, AccountKind

_OWNER = re.compile(r"(deal|creator|agency|payment|checkout|txn|programme|brand|manual):(.+)")
_REVERSED = ".reversed"


class EntryKind(StrEnum):
    """Every kind of entry that features post; the books themselves take any word."""

    PAYMENT_RECEIVED = "payment.received"
    STRIPE_FEE = "stripe.fee"
    DEAL_SETTLED = "deal.settled"
    EARNING_RELEASED = "earning.released"
    REFUND_PREPARED = "refund.prepared"
    REFUND_SENT = "refund.sent"
    REFUND_FAILED = "refund.failed"
    REFUND_BY_HAND = "refund.by_hand"
    TRANSFER_PREPARED = "transfer.prepared"
    TRANSFER_SENT = "transfer.sent"
    TRANSFER_RETURNED = "transfer.returned"
    TRANSFER_TAKEN_BACK = "transfer.taken_back"
    TRANSFER_HELD = "transfer.held"
    TRANSFER_NETTED = "transfer.netted"
    BANK_PAID_OUT = "bank.paid_out"
    BANK_RETURNED = "bank.returned"
    BANK_TOPPED_UP = "bank.topped_up"
    BANK_TOPUP_REVERSED = "bank.topup_reversed"
    STRIPE_RESERVED = "stripe.reserved"
    STRIPE_RELEASED = "stripe.released"
    CHARGEBACK_WITHDRAWN = "chargeback.withdrawn"
    CHARGEBACK_REINSTATED = "chargeback.reinstated"
    CHARGEBACK_BORNE = "chargeback.borne"
    CHARGEBACK_RECOVERED = "chargeback.recovered"
    CHARGEBACK_RETURNED = "chargeback.returned"
    MANUAL_ENTRY = "manual.entry"


register(
    EntryKind,
    {
        EntryKind.PAYMENT_RECEIVED: _l("Payment received"),
        EntryKind.STRIPE_FEE: _l("Stripe’s fee"),
        EntryKind.DEAL_SETTLED: _l("Deal settled"),
        EntryKind.EARNING_RELEASED: _l("Earning released"),
        EntryKind.REFUND_PREPARED: _l("Refund prepared"),
        EntryKind.REFUND_SENT: _l("Refund sent"),
        EntryKind.REFUND_FAILED: _l("Refund came back"),
        EntryKind.REFUND_BY_HAND: _l("Refund to be settled by hand"),
        EntryKind.TRANSFER_PREPARED: _l("Transfer prepared"),
        EntryKind.TRANSFER_SENT: _l("Transfer sent"),
        EntryKind.TRANSFER_RETURNED: _l("Transfer returned"),
        EntryKind.TRANSFER_TAKEN_BACK: _l("Transfer taken back"),
        EntryKind.TRANSFER_HELD: _l("Taken back and held"),
        EntryKind.TRANSFER_NETTED: _l("Held money paid a debt"),
        EntryKind.BANK_PAID_OUT: _l("Paid out to our bank"),
        EntryKind.BANK_RETURNED: _l("Payout returned by our bank"),
        EntryKind.BANK_TOPPED_UP: _l("Topped up from our bank"),
        EntryKind.BANK_TOPUP_REVERSED: _l("Top-up reversed"),
        EntryKind.STRIPE_RESERVED: _l("Set aside by Stripe"),
        EntryKind.STRIPE_RELEASED: _l("Given back by Stripe"),
        EntryKind.CHARGEBACK_WITHDRAWN: _l("Taken back by a bank"),
        EntryKind.CHARGEBACK_REINSTATED: _l("Given back by a bank"),
        EntryKind.CHARGEBACK_BORNE: _l("Chargeback lost"),
        EntryKind.CHARGEBACK_RECOVERED: _l("Taken from an earning for a chargeback"),
        EntryKind.CHARGEBACK_RETURNED: _l("What had paid a chargeback given back to its payee"),
        EntryKind.MANUAL_ENTRY: _l("Entry by hand"),
    },
)
register(
    AccountKind,
    {
        AccountKind.STRIPE_CLEARING: _l("Held by Stripe"),
        AccountKind.ESCROW: _l("Escrow"),
        AccountKind.CREATOR_PENDING: _l("Earnings on hold"),
        AccountKind.CREATOR_AVAILABLE: _l("Earnings available"),
        AccountKind.AGENCY_PENDING: _l("Agencies’ shares on hold"),
        AccountKind.AGENCY_AVAILABLE: _l("Agencies’ shares available"),
        AccountKind.TRANSFER_IN_TRANSIT: _l("Transfers on their way"),
        AccountKind.REFUND_IN_TRANSIT: _l("Refunds on their way"),
        AccountKind.SUSPENSE: _l("Not placed yet"),
        AccountKind.FEES_CREATOR: _l("Creator commissions"),
        AccountKind.FEES_BRAND: _l("Brand service fees"),
        AccountKind.STRIPE_FEES: _l("Stripe’s fees"),
        AccountKind.CHARGEBACKS: _l("Chargebacks"),
        AccountKind.CHARGEBACK_HELD: _l("Taken back by banks, undecided"),
        AccountKind.CREATOR_OWES: _l("Owed by creators"),
        AccountKind.AGENCY_OWES: _l("Owed by agencies"),
        AccountKind.PLATFORM_BANK: _l("Paid out to our bank"),
        AccountKind.STRIPE_RESERVED: _l("Set aside by Stripe"),
        AccountKind.PROGRAMME_SPENT: _l("Spent by programmes"),
    },
)
register(
    AccountClass,
    {
        AccountClass.ASSET: _l("Asset"),
        AccountClass.LIABILITY: _l("Liability"),
        AccountClass.INCOME: _l("Income"),
        AccountClass.EXPENSE: _l("Expense"),
    },
)
register(
    Side,
    {
        Side.CREATOR: _l("Creator"),
        Side.BRAND: _l("Brand"),
        Side.AGENCY: _l("Agency"),
        Side.NONE: _l("Neither side"),
    },
)


def entry_words(kind: str) -> str:
    """What an entry of this kind is called; a kind that has no words yet is shown as it was posted."""
    if kind.endswith(_REVERSED):
        return str(_("Reversed: %(kind)s", kind=entry_words(kind.removesuffix(_REVERSED))))
    return str(label(EntryKind(kind))) if kind in set(EntryKind) else kind


def owner_words(owner: str) -> str:
    """Whose account it is; an owner that nobody has named is shown as it is in the books."""
    if owner == PLATFORM:
        return "Mutuals"
    found = _OWNER.fullmatch(owner)
    match found.groups() if found else None:
        case ("deal", number):
            return f"M-{number}"
        case ("creator", number):
            return str(_("Creator %(number)s", number=number))
        case ("agency", number):
            return str(_("Agency %(number)s", number=number))
        case ("payment", number):
            return str(_("Payment %(number)s", number=number))
        case ("checkout", number):
            return str(_("Checkout %(number)s", number=number))
        case ("txn", number):
            return str(_("Movement at Stripe %(number)s", number=number))
        case ("programme", number):
            return str(_("Programme %(number)s", number=number))
        case ("brand", number):
            return str(_("Brand %(number)s", number=number))
        case ("manual", number):
            return str(_("Entry by hand %(number)s", number=number))
        case _:
            return owner


def deal_of(reference: str) -> int | None:
    """The deal that an owner or a reference of the books names, if it names one."""
    kind, _colon, number = reference.partition(":")
    return int(number) if kind == "deal" and number.isdecimal() and len(number) < 19 else None
