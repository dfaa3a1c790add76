"""The entries that every movement at the provider may need, whoever meets it first."""

from marketplace.kit.money import Money
from marketplace.ledger.accounts import stripe_clearing, stripe_fees
from marketplace.ledger.postings import Posting, credit, debit


def fee_posting(transaction_id: str, fee: Money) -> Posting | None:
    """What the provider kept of a balance transaction, or, below zero, gave back; None where it kept nothing.

    Its key is the transaction's: the verb that books the movement and reconciliation may both post it.
    """
    if not fee:
        return None
    lines = (debit(stripe_fees(fee.currency), fee), credit(stripe_clearing(fee.currency), fee))
    key, reference = f"txn:{transaction_id}:fee", f"txn:{transaction_id}"
    return Posting("stripe.fee", key, lines, reference, external_id=transaction_id)
