"""What the movements of money are called for those whose money it is. The console has words of its own."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_REVERSED = ".reversed"
_WORDS = {
    "payment.received": _l("Paid into escrow"),
    "stripe.fee": _l("The payment provider’s fee, borne by Mutuals"),
    "deal.settled": _l("Settled: the deal ended and escrow was divided"),
    "earning.released": _l("The hold is over: free to be transferred"),
    "refund.prepared": _l("Refund begun"),
    "refund.sent": _l("Refund made by the payment provider"),
    "refund.failed": _l("The refund came back: the bank didn’t take it"),
    "refund.by_hand": _l("Refund to be paid in another way"),
    "transfer.prepared": _l("Transfer to the payout account begun"),
    "transfer.sent": _l("Transfer made by the payment provider"),
    "transfer.taken_back": _l("Taken back from the payout account"),
    "transfer.held": _l("What was taken back is held until we send it again"),
    "transfer.netted": _l("Paid what was owed for a chargeback"),
    "transfer.returned": _l("Transfer refused by the payment provider: the money is available again"),
    "chargeback.withdrawn": _l("Taken back by the payer’s bank"),
    "chargeback.reinstated": _l("Given back by the payer’s bank"),
    "chargeback.borne": _l("The bank kept the payment: borne by those who had it"),
    "chargeback.recovered": _l("Taken from an earning to pay what is owed for a chargeback"),
    "chargeback.returned": _l("What had paid for a chargeback is the payee’s again: the bank gave the payment back"),
}
_TAKEN_BACK = _l("A correction: an earlier entry was taken back")
_CORRECTION = _l("A correction by Mutuals")


def movement_words(kind: str) -> LazyString:
    """What an entry of this kind did, in words for everybody."""
    return _TAKEN_BACK if kind.endswith(_REVERSED) else _WORDS.get(kind, _CORRECTION)
