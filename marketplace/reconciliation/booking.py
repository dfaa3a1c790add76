"""Entries for the movements that need no judgement: the provider's fees, what goes between our balance and our own
bank, and what the provider sets aside. Who paid, earned or got money back is booked by the verbs that moved it."""

from dataclasses import dataclass
from typing import Final

from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, platform_bank, stripe_clearing, stripe_reserved
from marketplace.ledger.postings import Posting, credit, debit
from marketplace.ledger.provider import fee_posting

# The whole movement is what the provider takes. Its words: docs.stripe.com/reports/balance-transaction-types.
FEES: Final = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
BANK: Final = {
    "payout": "bank.paid_out",
    "payout_cancel": "bank.returned",
    "payout_failure": "bank.returned",
    "topup": "bank.topped_up",
    "topup_reversal": "bank.topup_reversed",
}
RESERVES: Final = frozenset(
    {
        "payment_network_reserve_hold",
        "payment_network_reserve_release",
        "payout_minimum_balance_hold",
        "payout_minimum_balance_release",
        "reserve_hold",
        "reserve_release",
        "reserve_transaction",
        "reserved_funds",
    }
)


@dataclass(frozen=True, slots=True)
class Books:
    """What the books have of a movement: `booked` is what its entries come to, `others` how many there are besides that
    of its fee, which `has_fee` says is there."""

    id: str
    type: str
    amount: int
    fee: int
    net: int
    currency: str
    booked: int
    others: int
    has_fee: bool

    @property
    def missing(self) -> int:
        return self.net - self.booked


def postings_for(found: Books) -> list[Posting]:
    """What can be posted for a movement without asking anybody; the same movement always gives the same."""
    if found.type in FEES:
        whole = fee_posting(found.id, Money(-found.net, found.currency))
        return [whole] if whole is not None and not found.others and not found.has_fee else []
    postings = []
    fee = fee_posting(found.id, Money(found.fee, found.currency))
    if fee is not None and not found.has_fee:
        postings.append(fee)
    own = _own_side(found)
    if own is not None and found.amount and not found.others:
        kind, account = own
        amount = Money(found.amount, found.currency)
        lines = (debit(stripe_clearing(found.currency), amount), credit(account, amount))
        postings.append(Posting(kind, f"txn:{found.id}:own", lines, f"txn:{found.id}", external_id=found.id))
    return postings


def _own_side(found: Books) -> tuple[str, Account] | None:
    """The kind of entry, and our own account on its other side; None where money of others is moved."""
    if found.type in BANK:
        return BANK[found.type], platform_bank(found.currency)
    if found.type in RESERVES:
        return "stripe.reserved" if found.amount < 0 else "stripe.released", stripe_reserved(found.currency)
    return None
