"""What people are told: for each kind the fact, what it asks of them, the button, and where it leads.

The bell and the mail take their words from here alone. A kind is `<subject>.<what>.<whom>`; `plain` is for people who
only look on, and for whoever hears of it after the moment to act has passed. Names in `%(…)s` are those that
`jobs` and the modules beside it give as details.
"""

from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.deals.lifecycle import Action, State


@dataclass(frozen=True, slots=True)
class Words:
    """`fact` is one line without a full stop, and the mail's subject; `says` is a sentence or two, or nothing."""

    fact: LazyString
    says: LazyString | None
    button: LazyString
    endpoint: str
    icon: str
    asks: bool = False


KINDS: Final[dict[str, Words]] = {}
_OPEN_DEAL = _l("Open the deal")


def _deal(
    action: Action,
    icon: str,
    fact: LazyString,
    *,
    asks: str = "",
    button: LazyString = _OPEN_DEAL,
    endpoint: str = "deals.show",
    by_clock: LazyString | None = None,
    **says: LazyString,
) -> None:
    """The kinds of one action: for `creator`, `brand` and others named in `says`, and `plain`; `asks` has the turn."""
    facts = {f"deal.{action.value}": fact}
    if by_clock is not None:
        facts[f"deal.{action.value}_by_clock"] = by_clock
    for name, words in facts.items():
        KINDS[f"{name}.plain"] = Words(words, None, _OPEN_DEAL, "deals.show", icon)
        for whom, sentence in says.items():
            asked = asks in (whom, "both")
            where = (button, endpoint) if asked else (_OPEN_DEAL, "deals.show")
            KINDS[f"{name}.{whom}"] = Words(words, sentence, *where, icon, asked)


_ANSWER_TERMS = _l("Read them, then accept or propose others by %(deadline)s. Without an answer the deal expires.")
_deal(
    Action.PROPOSE_TERMS,
    "chat-left-dots",
    _l("%(who)s proposed terms %(number)s for “%(title)s”"),
    asks="both",
    button=_l("Read the terms"),
    creator=_ANSWER_TERMS,
    brand=_ANSWER_TERMS,
)
_SIGN_BY = _l("Read the contract and sign it by %(deadline)s. If a signature is missing then, the deal expires.")
_deal(
    Action.ACCEPT_TERMS,
    "pen",
    _l("%(who)s accepted the terms of “%(title)s”"),
    asks="both",
    button=_l("Read and sign"),
    endpoint="deals.contract",
    creator=_SIGN_BY,
    brand=_SIGN_BY,
)
_deal(
    Action.SIGN,
    "pen",
    _l("%(who)s signed the contract of “%(title)s”"),
    asks="both",
    button=_l("Read and sign"),
    endpoint="deals.contract",
    creator=_SIGN_BY,
    brand=_SIGN_BY,
)
_deal(
    Action.COMPLETE_SIGNING,
    "safe2",
    _l("Both sides signed the contract of “%(title)s”"),
    asks="brand",
    button=_l("See the quote and pay"),
    endpoint="escrow.fund",
    brand=_l("Pay into escrow by %(deadline)s; the work begins then. Without the payment the deal expires."),
    creator=_l("The brand pays into escrow by %(deadline)s. Start when we tell you that the money is there."),
)
_deal(
    Action.FUND,
    "safe2-fill",
    _l("The money for “%(title)s” is in escrow"),
    asks="creator",
    creator=_l("You can start. Hand in a draft by %(due)s."),
    brand=_l("It stays there until you accept the work. A draft is due by %(due)s."),
)
_deal(
    Action.SUBMIT_DRAFT,
    "eye",
    _l("%(who)s handed in a draft of “%(title)s”"),
    asks="brand",
    button=_l("Review the draft"),
    brand=_l("Approve it or ask for a revision by %(deadline)s. If you don’t answer, it is approved at that time."),
)
_deal(
    Action.REQUEST_REVISION,
    "camera-reels",
    _l("%(who)s asked for a revision of “%(title)s”"),
    asks="creator",
    button=_l("Read what to change"),
    creator=_l("Hand in the next draft. From %(deadline)s the brand may cancel and get everything back."),
)
_deal(
    Action.APPROVE_DRAFT,
    "broadcast",
    _l("%(who)s approved the draft of “%(title)s”"),
    by_clock=_l("The draft of “%(title)s” is approved: nobody answered in time"),
    asks="creator",
    button=_l("Hand in the link"),
    creator=_l("Publish it on %(publish)s, as agreed, then hand in the link."),
    brand=_l("It is published on %(publish)s, as agreed. Then you look at it once more."),
)
_deal(
    Action.SUBMIT_PUBLICATION,
    "clipboard-check",
    _l("%(who)s published “%(title)s”"),
    asks="brand",
    button=_l("Look at it and accept"),
    brand=_l("Accept it by %(deadline)s. If you don’t answer, it is accepted then and the money goes to the creator."),
)
_deal(
    Action.ACCEPT_WORK,
    "check-circle-fill",
    _l("%(who)s accepted “%(title)s”"),
    by_clock=_l("“%(title)s” is accepted: nobody answered in time"),
    creator=_l("The deal is done, and your part is in your earnings."),
    brand=_l("The deal is done, and the money has left escrow as the contract says."),
)
_deal(
    Action.CANCEL,
    "x-circle",
    _l("%(who)s cancelled “%(title)s”"),
    creator=_l("No money had been paid. Nothing is owed."),
    brand=_l("No money had been paid. Nothing is owed."),
)
_deal(
    Action.CANCEL_LATE,
    "x-circle",
    _l("%(who)s cancelled “%(title)s” because the draft was late"),
    creator=_l("Everything paid goes back to the brand."),
    brand=_l("Everything paid goes back to you, the way it came."),
)
_deal(
    Action.EXPIRE,
    "hourglass-bottom",
    _l("“%(title)s” has expired"),
    creator=_l("Time ran out before any money was paid. Nothing is owed."),
    brand=_l("Time ran out before any money was paid. Nothing is owed."),
)
_SAY_YOUR_SIDE = _l("No clock runs and no money moves. Say how you see it; an administrator reads both and rules.")
_deal(
    Action.OPEN_DISPUTE,
    "pause-fill",
    _l("%(who)s opened a dispute on “%(title)s”"),
    creator=_SAY_YOUR_SIDE,
    brand=_SAY_YOUR_SIDE,
)
_deal(
    Action.RULE_COMPLETED,
    "check-circle-fill",
    _l("The dispute on “%(title)s” is decided"),
    creator=_l("The deal is completed, and the money is split as the ruling says."),
    brand=_l("The deal is completed, and the money is split as the ruling says."),
)
_deal(
    Action.RULE_REFUNDED,
    "arrow-counterclockwise",
    _l("The dispute on “%(title)s” is decided"),
    creator=_l("Everything paid goes back to the brand."),
    brand=_l("Everything paid goes back to you, the way it came."),
)
_deal(
    Action.AGREE_COMPLETED,
    "check-circle-fill",
    _l("%(who)s agreed to your split on “%(title)s”"),
    creator=_l("The dispute is over, the deal completed, and the money split as you proposed."),
    brand=_l("The dispute is over, the deal completed, and the money split as you proposed."),
)
_deal(
    Action.AGREE_REFUNDED,
    "arrow-counterclockwise",
    _l("%(who)s agreed to end the dispute on “%(title)s”"),
    creator=_l("Everything paid goes back to the brand."),
    brand=_l("Everything paid goes back to you, the way it came."),
)
_GOES_ON = _l("The deal goes on where it stood, and its clock with it.")
_deal(
    Action.WITHDRAW_DISPUTE,
    "arrow-counterclockwise",
    _l("The dispute on “%(title)s” is withdrawn"),
    creator=_GOES_ON,
    brand=_GOES_ON,
)

# A dispute that is open has a page of its own, which the sides and the administrators share.
_CASE = _l("Open the case")
KINDS["dispute.opened.side"] = Words(
    _l("%(who)s opened a dispute on “%(title)s”"), _SAY_YOUR_SIDE, _CASE, "disputes.show", "pause-fill", asks=True
)
KINDS["dispute.opened.admin"] = Words(
    _l("%(who)s opened a dispute on “%(title)s”"),
    _l("The deal’s clock and money stand still until you rule."),
    _CASE,
    "disputes.show",
    "pause-fill",
    asks=True,
)

_ANSWER_SELECTION = _l("They offer %(price)s. Answer by %(deadline)s; after that it expires.")
_SEE = _l("Read it and answer")
KINDS.update(
    {
        "selection.application.made": Words(
            _l("%(who)s applied to “%(title)s”"),
            _l("They ask for %(price)s. Answer by %(deadline)s; after that it expires."),
            _SEE,
            "matching.show",
            "inbox",
            asks=True,
        ),
        "selection.invitation.made": Words(
            _l("%(who)s invites you to “%(title)s”"), _ANSWER_SELECTION, _SEE, "matching.show", "inbox", asks=True
        ),
        "selection.booking.made": Words(
            _l("%(who)s wants to book “%(title)s”"), _ANSWER_SELECTION, _SEE, "matching.show", "inbox", asks=True
        ),
        "selection.accepted": Words(
            _l("%(who)s said yes: “%(title)s” is a deal"),
            _l("Agree on the terms next: accept those on the table, or propose others."),
            _OPEN_DEAL,
            "deals.show",
            "check2-all",
        ),
        "selection.declined": Words(
            _l("%(who)s declined “%(title)s”"), None, _l("Read the answer"), "matching.show", "x-circle"
        ),
        "selection.withdrawn": Words(
            _l("%(who)s took back “%(title)s”"),
            _l("There is nothing left for you to answer."),
            _l("Look at it"),
            "matching.show",
            "x-circle",
        ),
        "selection.expired": Words(
            _l("“%(title)s” has expired: nobody answered in time"),
            None,
            _l("Look at it"),
            "matching.show",
            "hourglass-bottom",
        ),
        "selection.reminder": Words(
            _l("%(who)s waits for your answer on “%(title)s”"),
            _l("Answer by %(deadline)s; after that it expires."),
            _SEE,
            "matching.show",
            "clock",
            asks=True,
        ),
        "reading.pending": Words(
            _l("%(who)s handed in a reading of %(fans)s fans"),
            _l("It is for %(channel)s. Compare it with its evidence, then accept it or say why not."),
            _l("Review the reading"),
            "console.reading",
            "inboxes",
            asks=True,
        ),
        "reading.accepted.enough": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("You have enough fans to list offers and to apply to briefs."),
            _l("See your channels"),
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.accepted.few": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("To list offers you need more than %(threshold)s verified fans on one channel."),
            _l("See your channels"),
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.rejected": Words(
            _l("Your reading for %(channel)s was not accepted"),
            _l("The reason given: %(reason)s"),
            _l("See your channels"),
            "creators.channels",
            "patch-exclamation",
            asks=True,
        ),
        "message": Words(
            _l("%(who)s wrote to you about “%(title)s”"),
            _l("“%(excerpt)s”"),
            _l("Read and answer"),
            "deals.messages",
            "chat-left-text",
        ),
        "money.transferred": Words(
            _l("%(amount)s is on its way to you"),
            _l("It left for your payout account. Your bank decides the day it arrives."),
            _l("See your earnings"),
            "payouts.earnings",
            "wallet2",
        ),
        "money.payout_account_ready": Words(
            _l("Your payout account is ready"),
            _l("What you earn goes there by itself when its holding time is over."),
            _l("See your earnings"),
            "payouts.earnings",
            "wallet2",
        ),
        "money.refunded": Words(
            _l("%(amount)s goes back to you"),
            _l("It is the refund for “%(title)s”, to the card that paid. Banks take up to ten days to show it."),
            _l("See what you spent"),
            "escrow.spending",
            "arrow-counterclockwise",
        ),
    }
)

# Half of the time has passed, or a day is left: the same words ask for the same thing, by state and side.
_WAITS = {"half": _l("“%(title)s” waits for you"), "day": _l("Less than a day is left for “%(title)s”")}
_REMINDERS: dict[tuple[State, str], tuple[LazyString, LazyString, str]] = {
    (State.NEGOTIATING, "creator"): (_ANSWER_TERMS, _l("Read the terms"), "deals.show"),
    (State.NEGOTIATING, "brand"): (_ANSWER_TERMS, _l("Read the terms"), "deals.show"),
    (State.SIGNING, "creator"): (_SIGN_BY, _l("Read and sign"), "deals.contract"),
    (State.SIGNING, "brand"): (_SIGN_BY, _l("Read and sign"), "deals.contract"),
    (State.FUNDING, "brand"): (
        _l("Pay into escrow by %(deadline)s. Without the payment the deal expires, and nothing is owed."),
        _l("See the quote and pay"),
        "escrow.fund",
    ),
    (State.PRODUCTION, "creator"): (
        _l("Hand in the draft. From %(deadline)s the brand may cancel and get everything back."),
        _OPEN_DEAL,
        "deals.show",
    ),
    (State.DRAFT_REVIEW, "brand"): (
        _l("Approve the draft or ask for a revision by %(deadline)s. If you don’t answer, it is approved then."),
        _l("Review the draft"),
        "deals.show",
    ),
    (State.ACCEPTANCE, "brand"): (
        _l("Accept the work by %(deadline)s. If you don’t answer, it is accepted then and the creator is paid."),
        _l("Look at it and accept"),
        "deals.show",
    ),
}
for (_state, _whom), (_sentence, _button, _endpoint) in _REMINDERS.items():
    for _which, _fact in _WAITS.items():
        KINDS[f"deadline.{_which}.{_state.value}.{_whom}"] = Words(
            _fact, _sentence, _button, _endpoint, "clock", asks=True
        )
