"""Words for the moves of a deal."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.deals.lifecycle import Action
from marketplace.notifications.words.kinds import KINDS, Words

OPEN_DEAL = _l("Open the deal")


def _deal(
    action: Action,
    icon: str,
    fact: LazyString,
    *,
    asks: str = "",
    button: LazyString = OPEN_DEAL,
    endpoint: str = "deals.show",
    by_clock: LazyString | None = None,
    variant: str = "",
    **says: LazyString,
) -> None:
    """The kinds of one action: for `creator`, `brand` and others named in `says`, and `plain`; `asks` has the turn."""
    facts = {f"deal.{action.value}{variant}": fact}
    if by_clock is not None:
        facts[f"deal.{action.value}_by_clock"] = by_clock
    for name, words in facts.items():
        KINDS[f"{name}.plain"] = Words(words, None, OPEN_DEAL, "deals.show", icon)
        for whom, sentence in says.items():
            asked = asks in (whom, "both")
            where = (button, endpoint) if asked else (OPEN_DEAL, "deals.show")
            KINDS[f"{name}.{whom}"] = Words(words, sentence, *where, icon, asked)


ANSWER_TERMS = _l("Read them, then accept or propose others by %(deadline)s. Without an answer the deal expires.")
_deal(
    Action.PROPOSE_TERMS,
    "chat-left-dots",
    _l("%(who)s proposed terms %(number)s for “%(title)s”"),
    asks="both",
    button=_l("Read the terms"),
    creator=ANSWER_TERMS,
    brand=ANSWER_TERMS,
)
SIGN_BY = _l("Read the contract and sign it by %(deadline)s. If a signature is missing then, the deal expires.")
_deal(
    Action.ACCEPT_TERMS,
    "pen",
    _l("%(who)s accepted the terms of “%(title)s”"),
    asks="both",
    button=_l("Read and sign"),
    endpoint="deals.contract",
    creator=SIGN_BY,
    brand=SIGN_BY,
)
_deal(
    Action.SIGN,
    "pen",
    _l("%(who)s signed the contract of “%(title)s”"),
    asks="both",
    button=_l("Read and sign"),
    endpoint="deals.contract",
    creator=SIGN_BY,
    brand=SIGN_BY,
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
_ARRIVES_LATER = _l("A bank was confirming a payment. If that money arrives, all of it goes back to the brand.")
_COMES_BACK = _l("A bank was confirming your payment. If that money arrives, all of it goes back to you.")
_deal(
    Action.CANCEL,
    "x-circle",
    _l("%(who)s cancelled “%(title)s”"),
    variant="_at_bank",
    creator=_ARRIVES_LATER,
    brand=_COMES_BACK,
)
_deal(
    Action.EXPIRE,
    "hourglass-bottom",
    _l("“%(title)s” has expired: no bank confirmed its payment in time"),
    variant="_at_bank",
    creator=_ARRIVES_LATER,
    brand=_COMES_BACK,
)
SAY_YOUR_SIDE = _l("No clock runs and no money moves. Say how you see it; an administrator reads both and rules.")
_deal(
    Action.OPEN_DISPUTE,
    "pause-fill",
    _l("%(who)s opened a dispute on “%(title)s”"),
    by_clock=_l("“%(title)s” was stopped for a ruling"),
    creator=SAY_YOUR_SIDE,
    brand=SAY_YOUR_SIDE,
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
_DIVIDED = _l("Nobody decided in time. The creator gets what was not disputed, and the rest goes back to the brand.")
_deal(
    Action.LIMIT_COMPLETED,
    "hourglass-bottom",
    _l("“%(title)s” is over: its money could not be held any longer"),
    creator=_DIVIDED,
    brand=_DIVIDED,
)
_deal(
    Action.LIMIT_REFUNDED,
    "hourglass-bottom",
    _l("“%(title)s” is over: its money could not be held any longer"),
    creator=_l("Nobody decided in time. Everything paid goes back to the brand."),
    brand=_l("Nobody decided in time. Everything paid goes back to you, the way it came."),
)
_deal(
    Action.AWAIT_BANK,
    "bank",
    _l("The payment for “%(title)s” is being confirmed by a bank"),
    creator=_l("It takes some days, until %(deadline)s at the latest. Start when we tell you that the money is there."),
    brand=_l("It takes some days, until %(deadline)s at the latest. You have nothing to do: don’t pay again."),
)
_deal(
    Action.BANK_REFUSED,
    "x-circle",
    _l("The bank didn’t confirm the payment for “%(title)s”"),
    asks="brand",
    button=_l("Pay again"),
    endpoint="escrow.fund",
    creator=_l("The brand can pay again by %(deadline)s. Start when we tell you that the money is there."),
    brand=_l(
        "Nothing was taken. Pay again by %(deadline)s, maybe in another way; without the payment the deal expires."
    ),
)
_deal(
    Action.HOLD_APART,
    "pause-fill",
    _l("A payment for “%(title)s” arrived in another amount than asked"),
    asks="brand",
    button=_l("Pay again"),
    endpoint="escrow.fund",
    creator=_l("It doesn’t count. The brand can pay by %(deadline)s. Start when we tell you that the money is there."),
    brand=_l(
        "We hold it apart for you, look into it, and send it back. Pay the right amount by %(deadline)s; without it "
        "the deal expires."
    ),
)
_FROZEN = _l("No clock runs and no money moves until the bank decides. We answer it with the contract and the work.")
_deal(
    Action.CHARGE_BACK,
    "pause-fill",
    _l("The payment for “%(title)s” was taken back by the payer’s bank"),
    creator=_FROZEN,
    brand=_FROZEN,
)
_deal(
    Action.REINSTATE,
    "play-fill",
    _l("The bank gave the payment for “%(title)s” back"),
    creator=_GOES_ON,
    brand=_GOES_ON,
)
_deal(
    Action.LOSE_CHARGEBACK,
    "bank",
    _l("The bank kept the payment for “%(title)s”"),
    creator=_l("The deal is over. What the bank took went back to the brand’s card or account."),
    brand=_l("The deal is over. What the bank took went back to your card or account."),
)
