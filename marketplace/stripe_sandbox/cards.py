"""Stripe's documented test cards (https://docs.stripe.com/testing) that the checkout page knows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """`decline` and `code` say why it is refused; `challenge` asks for 3-D Secure; `disputed` after it has paid."""

    number: str
    brand: str
    about: str
    code: str | None = None
    decline: str | None = None
    message: str | None = None
    challenge: bool = False
    disputed: bool = False


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "visa", "pays"),
        Card("5555555555554444", "mastercard", "pays"),
        Card("4000000000000077", "visa", "pays"),
        Card("4000000000000002", "visa", "declined", "card_declined", "generic_decline", "Your card was declined."),
        Card(
            "4000000000009995",
            "visa",
            "insufficient",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        Card("4000002500003155", "visa", "challenge", challenge=True),
        Card("4000000000000259", "visa", "disputed", disputed=True),
    )
}


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return 12 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0
