"""Words for payout accounts, for payouts that banks sent back, and for money that was taken back."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_SEE = _l("See the payout account")


def _kind(name: str, fact: LazyString, says: LazyString, *, icon: str = "bank", asks: bool = True) -> None:
    KINDS[f"money.{name}"] = Words(fact, says, _SEE, "payout_account.show", icon, asks=asks)


_kind(
    "payout_account_missing",
    _l("%(amount)s waits for a payout account"),
    _l("Tell our payment provider who you are and where the money goes. Nothing is lost meanwhile."),
)
_kind(
    "payout_account_asks",
    _l("Our payment provider needs something more from you"),
    _l("Payouts go on. Give it soon, so that they don’t stop."),
)
_kind(
    "payout_account_asks_by",
    _l("Our payment provider needs something more from you by %(deadline)s"),
    _l("Payouts go on until then. After it they stop, and what you earn waits safely."),
)
for _suffix in ("", "_by"):
    _kind(
        f"payout_account_stopped{_suffix}",
        _l("Payouts to you have stopped"),
        _l("What you earn waits safely. The page of the payout account says why, and what sets it right."),
    )
_kind(
    "payouts_paused",
    _l("Payouts to you are paused"),
    _l(
        "An administrator has paused what is sent to you. What you earn stays yours and waits; the page of the payout "
        "account says whom to write to."
    ),
    icon="pause-fill",
)
_kind(
    "payouts_resumed",
    _l("Payouts to you go on"),
    _l("What has waited is sent by your plan again."),
    asks=False,
)
_kind(
    "payout_failed",
    _l("%(amount)s came back from your bank"),
    _l("The reason: %(failure)s. Correct the bank account at our payment provider, and it is sent again by itself."),
)
_kind(
    "transfer_refused",
    _l("Our payment provider didn’t take a transfer to you"),
    _l(
        "The money is yours and available again, and it is tried anew by itself after some hours. Where something is "
        "missing, the page of the payout account says what."
    ),
    icon="exclamation-triangle",
)
_kind(
    "transfer_reversed",
    _l("%(amount)s was taken back from your payout account"),
    _l("It stays yours and is held here until we have settled with you what it is about."),
    icon="arrow-counterclockwise",
    asks=False,
)
_kind(
    "transfer_reversed_why",
    _l("%(amount)s was taken back from your payout account"),
    _l("The reason given: %(reason)s. It stays yours and is held here until this is settled."),
    icon="arrow-counterclockwise",
    asks=False,
)

KINDS["transfer.refused"] = Words(
    _l("Stripe refused transfers to payees"),
    _l(
        "Their money is available again and tried anew after some hours. “Refused transfers” at the payees’ accounts "
        "says whose it is, and why."
    ),
    _l("See the payees’ accounts"),
    "console.payees",
    "exclamation-triangle",
    asks=True,
)
