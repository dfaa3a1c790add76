"""Stripe's documented test cards (https://docs.stripe.com/testing) and test bank accounts, each with what it does."""

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Card:
    """`about` is the page's word for what the card does.

    `code`, `decline` and `message` say why it is refused; `challenge` asks for 3-D Secure first. `dispute` is the
    reason of a dispute that follows the payment, `inquiry` makes it one that takes no money, `warning` is the type of
    an early fraud warning. `refund` says how refunds of it go: "pending" first, or "failed" later. `ready` money is
    available at once.
    """

    number: str
    brand: str
    about: str = "pays"
    country: str = "US"
    funding: str = "credit"
    code: str | None = None
    decline: str | None = None
    message: str = ""
    challenge: bool = False
    dispute: str | None = None
    inquiry: bool = False
    warning: str | None = None
    refund: str | None = None
    ready: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """One of its own for each number, as Stripe has it; it also tells which card an object was made of."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]

    @property
    def is_plain(self) -> bool:
        """Of another brand or country, and otherwise like the first."""
        return self.about == "pays" and self.number != "4242424242424242"

    @property
    def last4(self) -> str:
        return self.number[-4:]


_DECLINED = "Your card was declined."
_FUNDS = "Your card has insufficient funds."

_CARDS = (
    Card("4242424242424242", "visa"),
    Card("4000056655665556", "visa", funding="debit"),
    Card("5555555555554444", "mastercard"),
    Card("2223003122003222", "mastercard"),
    Card("5200828282828210", "mastercard", funding="debit"),
    Card("5105105105105100", "mastercard", funding="prepaid"),
    Card("378282246310005", "amex"),
    Card("6011111111111117", "discover"),
    Card("3056930009020004", "diners"),
    Card("3566002020360505", "jcb"),
    Card("6200000000000005", "unionpay"),
    Card("4000001560000002", "visa", country="CN"),
    Card("4000003440000004", "visa", country="HK"),
    Card("4000008260000000", "visa", country="GB"),
    Card("4000002760000016", "visa", country="DE"),
    Card("4000003920000003", "visa", country="JP"),
    Card("4000000000000077", "visa", "ready", ready=True),
    Card("4000000000000002", "visa", "declined", code="card_declined", decline="generic_decline", message=_DECLINED),
    Card(
        "4000000000009995", "visa", "insufficient", code="card_declined", decline="insufficient_funds", message=_FUNDS
    ),
    Card("4000000000009987", "visa", "lost", code="card_declined", decline="lost_card", message=_DECLINED),
    Card("4000000000009979", "visa", "stolen", code="card_declined", decline="stolen_card", message=_DECLINED),
    Card(
        "4000000000000069",
        "visa",
        "expired",
        code="expired_card",
        decline="expired_card",
        message="Your card has expired.",
    ),
    Card(
        "4000000000000127",
        "visa",
        "cvc",
        code="incorrect_cvc",
        decline="incorrect_cvc",
        message="Your card's security code is incorrect.",
    ),
    Card(
        "4000000000000119",
        "visa",
        "processing",
        code="processing_error",
        decline="processing_error",
        message="An error occurred while processing your card. Try again in a little bit.",
    ),
    Card(
        "4000000000006975",
        "visa",
        "velocity",
        code="card_declined",
        decline="card_velocity_exceeded",
        message="Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    ),
    Card("4100000000000019", "visa", "blocked", code="card_declined", decline="fraudulent", message=_DECLINED),
    Card("4000002500003155", "visa", "challenge", challenge=True),
    Card("4000002760003184", "visa", "challenge", challenge=True),
    Card("4000000000003220", "visa", "challenge", challenge=True),
    Card(
        "4000008260003178",
        "visa",
        "challenge_insufficient",
        challenge=True,
        code="card_declined",
        decline="insufficient_funds",
        message=_FUNDS,
    ),
    Card(
        "4000008400001629",
        "visa",
        "challenge_declined",
        challenge=True,
        code="card_declined",
        decline="generic_decline",
        message=_DECLINED,
    ),
    Card(
        "4000008400001280",
        "visa",
        "challenge_error",
        code="card_declined",
        decline="generic_decline",
        message=_DECLINED,
    ),
    Card("4000000000000259", "visa", "disputed", dispute="fraudulent"),
    Card("4000000000002685", "visa", "not_received", dispute="product_not_received"),
    Card("4000000000001976", "visa", "inquiry", dispute="fraudulent", inquiry=True),
    Card("4000000000005423", "visa", "warning", warning="made_with_stolen_card"),
    Card("4000000000007726", "visa", "refund_pending", refund="pending"),
    Card("4000000000005126", "visa", "refund_failed", refund="failed"),
)
CARDS = {card.number: card for card in _CARDS}
_BY_FINGERPRINT = {card.fingerprint: card for card in _CARDS}


def card_of(fingerprint: str | None) -> Card | None:
    """The test card that a payment method or a charge was made with; None when it wasn't made with a card."""
    return _BY_FINGERPRINT.get(fingerprint or "")


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return 12 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


# Bank accounts: what a payout to one fails with (https://docs.stripe.com/connect/testing#account-numbers), and what a
# debit from one fails with (https://docs.stripe.com/payments/ach-direct-debit, /payments/sepa-debit); None succeeds.
BANK_ACCOUNTS: dict[str, str | None] = {
    "000123456789": None,
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
}
DEBITED_ACCOUNTS: dict[str, dict[str, str | None]] = {
    "us_bank_account": {
        "000123456789": None,
        "000111111113": "account_closed",
        "000111111116": "no_account",
        "000222222227": "insufficient_funds",
        "000333333335": "debit_not_authorized",
    },
    "sepa_debit": {
        "AT611904300234573201": None,
        "AT861904300235473202": "debit_declined",
        "AT981904300002222227": "insufficient_funds",
    },
}
