"""How a payout account stands: what Stripe said of it, as one of few states, and what of it still works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from marketplace.kit.money import Money
from marketplace.payouts.models import ConnectedAccount
from marketplace.payouts.requirements import error_words, reason_words, requirement_words

# Our own word, beside Stripe's reasons, for an account that we can't read any more.
GONE = "account_gone"
_REJECTED = "rejected."


class State(StrEnum):
    """`asks`: all works, and something is due. `limited`: we can send money there, and Stripe can't send it on.
    `stopped`: nothing can be sent there for now. `closed`: never again."""

    NONE = "none"
    BEGUN = "begun"
    CHECKING = "checking"
    READY = "ready"
    ASKS = "asks"
    LIMITED = "limited"
    STOPPED = "stopped"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Balance:
    """What lies on the account at Stripe in one currency."""

    available: Money
    pending: Money

    @property
    def total(self) -> Money:
        return self.available + self.pending


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it in words. `missing` is what its owner must give now, `overdue` whether it is late; `checked` is what
    Stripe looks at, `errors` what it couldn't accept."""

    state: State
    reason: str
    missing: Sequence[str]
    overdue: bool
    checked: Sequence[str]
    errors: Sequence[str]
    deadline: datetime | None
    balances: Sequence[Balance]

    @property
    def receives(self) -> bool:
        """Whether we can send money there."""
        return self.state in (State.READY, State.ASKS, State.LIMITED)

    @property
    def owes(self) -> list[Money]:
        """What the owner owes Stripe, by currency, as positive amounts."""
        return [-one.total for one in self.balances if one.total.amount < 0]


def standing(account: ConnectedAccount | None) -> Standing:
    """How the account stood when it was last read."""
    if account is None:
        return Standing(State.NONE, "", (), overdue=False, checked=(), errors=(), deadline=None, balances=())
    details = account.requirement_details
    deadline = details.get("deadline")
    return Standing(
        state=_state(account),
        reason=reason_words(account.disabled_reason),
        missing=requirement_words(account.requirements),
        overdue=bool(details.get("past_due")),
        checked=requirement_words(details.get("pending", ())),
        errors=error_words((name, code) for name, code in details.get("errors", ())),
        deadline=datetime.fromtimestamp(deadline, UTC) if deadline is not None else None,
        balances=balances_of_account(account),
    )


def balances_of_account(account: ConnectedAccount) -> list[Balance]:
    """What lay on the account when it was last read, by currency."""
    return [
        Balance(Money(parts["available"], code), Money(parts["pending"], code))
        for code, parts in sorted(account.balances.items())
    ]


def _state(account: ConnectedAccount) -> State:
    reason = account.disabled_reason
    if reason == GONE or reason.startswith(_REJECTED):
        return State.CLOSED
    if account.transfers_enabled:
        return _working(account)
    if not account.details_submitted:
        return State.BEGUN
    waits = account.requirement_details.get("pending") or reason == "requirements.pending_verification"
    return State.CHECKING if waits and not account.requirements else State.STOPPED


def _working(account: ConnectedAccount) -> State:
    if not account.payouts_enabled:
        return State.LIMITED
    return State.ASKS if account.requirements else State.READY
