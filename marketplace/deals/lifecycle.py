"""The life of a deal as data: what leads from where to where, who may do it, and which clock starts.

Nothing else decides a deal's state. The progress bar, the policy and the diagram in the docs are drawn from `TABLE`.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    NEGOTIATING = "negotiating"
    SIGNING = "signing"
    FUNDING = "funding"
    PRODUCTION = "production"
    DRAFT_REVIEW = "draft_review"
    PUBLISHING = "publishing"
    ACCEPTANCE = "acceptance"
    DISPUTED = "disputed"
    FROZEN = "frozen"
    COMPLETED = "completed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Action(StrEnum):
    OPEN = "open"
    PROPOSE_TERMS = "propose_terms"
    ACCEPT_TERMS = "accept_terms"
    SIGN = "sign"
    COMPLETE_SIGNING = "complete_signing"
    AWAIT_BANK = "await_bank"
    BANK_REFUSED = "bank_refused"
    HOLD_APART = "hold_apart"
    FUND = "fund"
    SUBMIT_DRAFT = "submit_draft"
    REQUEST_REVISION = "request_revision"
    APPROVE_DRAFT = "approve_draft"
    SUBMIT_PUBLICATION = "submit_publication"
    ACCEPT_WORK = "accept_work"
    CANCEL = "cancel"
    CANCEL_LATE = "cancel_late"
    EXPIRE = "expire"
    OPEN_DISPUTE = "open_dispute"
    RULE_COMPLETED = "rule_completed"
    RULE_REFUNDED = "rule_refunded"
    AGREE_COMPLETED = "agree_completed"
    AGREE_REFUNDED = "agree_refunded"
    WITHDRAW_DISPUTE = "withdraw_dispute"
    LIMIT_COMPLETED = "limit_completed"
    LIMIT_REFUNDED = "limit_refunded"
    CHARGE_BACK = "charge_back"
    REINSTATE = "reinstate"
    LOSE_CHARGEBACK = "lose_chargeback"


class Who(StrEnum):
    """Who takes an action. EITHER is creator or brand; OTHER is the side that did not make the newest proposal."""

    CREATOR = "creator"
    BRAND = "brand"
    EITHER = "either"
    OTHER = "other"
    ADMIN = "admin"
    CLOCK = "clock"


class Clock(StrEnum):
    """Which setting gives the deadline of the state that an action leads to."""

    NEGOTIATING = "negotiating_days"
    SIGNING = "signing_days"
    FUNDING = "funding_days"
    BANK = "bank_days"
    DRAFT_DUE = "draft_due"
    DRAFT_REVIEW = "draft_review_days"
    ACCEPTANCE = "acceptance_days"
    KEEP = "keep"
    RESUME = "resume"
    THAW = "thaw"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `to` is None where the deal returns to the state that a dispute or a chargeback
    interrupted."""

    to: State | None
    who: frozenset[Who]
    clock: Clock


def _by(*who: Who) -> frozenset[Who]:
    return frozenset(who)


_S, _A = State, Action
# The clock opens one itself where money comes near the end of the time that it may be held.
_DISPUTE = Transition(_S.DISPUTED, _by(Who.EITHER, Who.CLOCK), Clock.NONE)
# The payer's bank has taken the payment back. It may do so at any time, in a dispute too, and nobody is asked.
_FREEZE = Transition(_S.FROZEN, _by(Who.CLOCK), Clock.NONE)
_CANCEL = Transition(_S.CANCELLED, _by(Who.EITHER), Clock.NONE)
_EXPIRE = Transition(_S.EXPIRED, _by(Who.CLOCK), Clock.NONE)

TABLE: dict[tuple[State, Action], Transition] = {
    (_S.NEGOTIATING, _A.PROPOSE_TERMS): Transition(_S.NEGOTIATING, _by(Who.EITHER), Clock.NEGOTIATING),
    (_S.NEGOTIATING, _A.ACCEPT_TERMS): Transition(_S.SIGNING, _by(Who.OTHER), Clock.SIGNING),
    (_S.NEGOTIATING, _A.CANCEL): _CANCEL,
    (_S.NEGOTIATING, _A.EXPIRE): _EXPIRE,
    (_S.SIGNING, _A.SIGN): Transition(_S.SIGNING, _by(Who.EITHER), Clock.KEEP),
    (_S.SIGNING, _A.COMPLETE_SIGNING): Transition(_S.FUNDING, _by(Who.EITHER), Clock.FUNDING),
    (_S.SIGNING, _A.CANCEL): _CANCEL,
    (_S.SIGNING, _A.EXPIRE): _EXPIRE,
    (_S.FUNDING, _A.AWAIT_BANK): Transition(_S.FUNDING, _by(Who.CLOCK), Clock.BANK),
    (_S.FUNDING, _A.BANK_REFUSED): Transition(_S.FUNDING, _by(Who.CLOCK), Clock.FUNDING),
    (_S.FUNDING, _A.HOLD_APART): Transition(_S.FUNDING, _by(Who.CLOCK), Clock.FUNDING),
    (_S.FUNDING, _A.FUND): Transition(_S.PRODUCTION, _by(Who.BRAND), Clock.DRAFT_DUE),
    (_S.FUNDING, _A.CANCEL): _CANCEL,
    (_S.FUNDING, _A.EXPIRE): _EXPIRE,
    (_S.PRODUCTION, _A.SUBMIT_DRAFT): Transition(_S.DRAFT_REVIEW, _by(Who.CREATOR), Clock.DRAFT_REVIEW),
    (_S.PRODUCTION, _A.CANCEL_LATE): Transition(_S.CANCELLED, _by(Who.BRAND), Clock.NONE),
    (_S.PRODUCTION, _A.OPEN_DISPUTE): _DISPUTE,
    (_S.PRODUCTION, _A.CHARGE_BACK): _FREEZE,
    (_S.DRAFT_REVIEW, _A.APPROVE_DRAFT): Transition(_S.PUBLISHING, _by(Who.BRAND, Who.CLOCK), Clock.NONE),
    (_S.DRAFT_REVIEW, _A.REQUEST_REVISION): Transition(_S.PRODUCTION, _by(Who.BRAND), Clock.DRAFT_DUE),
    (_S.DRAFT_REVIEW, _A.OPEN_DISPUTE): _DISPUTE,
    (_S.DRAFT_REVIEW, _A.CHARGE_BACK): _FREEZE,
    (_S.PUBLISHING, _A.SUBMIT_PUBLICATION): Transition(_S.ACCEPTANCE, _by(Who.CREATOR), Clock.ACCEPTANCE),
    (_S.PUBLISHING, _A.OPEN_DISPUTE): _DISPUTE,
    (_S.PUBLISHING, _A.CHARGE_BACK): _FREEZE,
    (_S.ACCEPTANCE, _A.ACCEPT_WORK): Transition(_S.COMPLETED, _by(Who.BRAND, Who.CLOCK), Clock.NONE),
    (_S.ACCEPTANCE, _A.OPEN_DISPUTE): _DISPUTE,
    (_S.ACCEPTANCE, _A.CHARGE_BACK): _FREEZE,
    (_S.DISPUTED, _A.RULE_COMPLETED): Transition(_S.COMPLETED, _by(Who.ADMIN), Clock.NONE),
    (_S.DISPUTED, _A.RULE_REFUNDED): Transition(_S.REFUNDED, _by(Who.ADMIN), Clock.NONE),
    (_S.DISPUTED, _A.AGREE_COMPLETED): Transition(_S.COMPLETED, _by(Who.EITHER), Clock.NONE),
    (_S.DISPUTED, _A.AGREE_REFUNDED): Transition(_S.REFUNDED, _by(Who.EITHER), Clock.NONE),
    (_S.DISPUTED, _A.WITHDRAW_DISPUTE): Transition(None, _by(Who.EITHER), Clock.RESUME),
    (_S.DISPUTED, _A.LIMIT_COMPLETED): Transition(_S.COMPLETED, _by(Who.CLOCK), Clock.NONE),
    (_S.DISPUTED, _A.LIMIT_REFUNDED): Transition(_S.REFUNDED, _by(Who.CLOCK), Clock.NONE),
    (_S.DISPUTED, _A.CHARGE_BACK): _FREEZE,
    (_S.FROZEN, _A.REINSTATE): Transition(None, _by(Who.CLOCK), Clock.THAW),
    (_S.FROZEN, _A.LOSE_CHARGEBACK): Transition(_S.REFUNDED, _by(Who.CLOCK), Clock.NONE),
}

FINAL = frozenset({_S.COMPLETED, _S.REFUNDED, _S.CANCELLED, _S.EXPIRED})
FUNDED = frozenset({_S.PRODUCTION, _S.DRAFT_REVIEW, _S.PUBLISHING, _S.ACCEPTANCE, _S.DISPUTED})

STOPPED = frozenset({_S.DISPUTED, _S.FROZEN})
"""Every clock and all money stands still."""

# The straight way, for the progress bar.
STEPS = (_S.NEGOTIATING, _S.SIGNING, _S.FUNDING, _S.PRODUCTION, _S.DRAFT_REVIEW, _S.PUBLISHING, _S.ACCEPTANCE)

# What the clock does when a state's deadline passes; states that are missing only warn or let the other side act.
ON_DEADLINE: dict[State, Action] = {
    _S.NEGOTIATING: _A.EXPIRE,
    _S.SIGNING: _A.EXPIRE,
    _S.FUNDING: _A.EXPIRE,
    _S.DRAFT_REVIEW: _A.APPROVE_DRAFT,
    _S.ACCEPTANCE: _A.ACCEPT_WORK,
}


def find(state: State, action: Action) -> Transition | None:
    """The row for `action` in `state`, or None where the action isn't possible."""
    return TABLE.get((state, action))


def mermaid() -> str:
    """The table as a Mermaid state diagram, for docs/deals.md."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.NEGOTIATING}: {Action.OPEN}"]
    for (state, action), row in TABLE.items():
        who = " or ".join(sorted(row.who))
        stop = Action.OPEN_DISPUTE if state is State.DISPUTED else Action.CHARGE_BACK
        targets = [row.to] if row.to is not None else [found for found in State if find(found, stop)]
        lines += [f"    {state} --> {to}: {action} ({who})" for to in targets]
    lines += [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines)
