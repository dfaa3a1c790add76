"""What happened in a deal, newest first: events with what was handed in, and messages, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from marketplace.deals.lifecycle import Action
from marketplace.deals.models import DealEvent, DealSide, Delivery, Message
from marketplace.deals.perspective import Perspective
from marketplace.deals.quotes import quote_of
from marketplace.infra.i18n import money


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `face` is the side whose picture stands beside it; without one, `sign` and `tone` do."""

    at: datetime
    title: Markup
    face: DealSide | None = None
    sign: str = "dot"
    tone: str | None = None
    said: str = ""
    delivery: Delivery | None = None


# Events that nobody does alone, and those that money or time does: a sign stands beside them.
_SIGNS: dict[Action, tuple[str, str | None]] = {
    Action.OPEN: ("arrow-left-right", None),
    Action.COMPLETE_SIGNING: ("pen", None),
    Action.FUND: ("safe2", "pine"),
    Action.EXPIRE: ("hourglass-bottom", None),
    Action.CANCEL: ("x-circle", None),
    Action.CANCEL_LATE: ("x-circle", None),
    Action.OPEN_DISPUTE: ("pause-fill", "alarm"),
    Action.RULE_COMPLETED: ("hammer", None),
    Action.RULE_REFUNDED: ("hammer", None),
    Action.AGREE_COMPLETED: ("check-circle-fill", "pine"),
    Action.AGREE_REFUNDED: ("check-circle-fill", "pine"),
    Action.WITHDRAW_DISPUTE: ("play-fill", "pine"),
    Action.LIMIT_COMPLETED: ("hourglass-bottom", None),
    Action.LIMIT_REFUNDED: ("hourglass-bottom", None),
    Action.AWAIT_BANK: ("bank", None),
    Action.BANK_REFUSED: ("x-circle", "alarm"),
    Action.HOLD_APART: ("pause-fill", "alarm"),
    Action.CHARGE_BACK: ("pause-fill", "alarm"),
    Action.REINSTATE: ("play-fill", "pine"),
    Action.LOSE_CHARGEBACK: ("bank", "alarm"),
}


def timeline(
    view: Perspective, events: Sequence[DealEvent], deliveries: Sequence[Delivery], messages: Sequence[Message]
) -> list[Entry]:
    """Everything, newest first."""
    handed_in = {delivery.id: delivery for delivery in deliveries}
    found = [_event(view, event, handed_in) for event in events]
    found += [_message(view, message) for message in messages]
    # Of two at the same moment the later one of the same kind stands first.
    order = sorted(range(len(found)), key=lambda place: (found[place].at, place), reverse=True)
    return [found[place] for place in order]


def _event(view: Perspective, event: DealEvent, handed_in: dict[int, Delivery]) -> Entry:
    sign, tone = _SIGNS.get(event.action, ("clock-history", None))
    own = event.action not in _SIGNS and event.side in (DealSide.CREATOR, DealSide.BRAND)
    delivery = None
    if event.action in (Action.SUBMIT_DRAFT, Action.SUBMIT_PUBLICATION):
        delivery = handed_in.get(event.details.get("delivery_id", 0))
    return Entry(
        at=event.at,
        title=_title(view, event),
        face=event.side if own else None,
        sign=sign,
        tone=tone,
        said=delivery.note if delivery is not None else event.why,
        delivery=delivery,
    )


def _message(view: Perspective, message: Message) -> Entry:
    title = _sentence(_("<b>%(who)s</b> wrote"), {"who": view.who_did(message)})
    return Entry(at=message.at, title=title, face=message.side, said=message.body)


def _title(view: Perspective, event: DealEvent) -> Markup:
    words = _clock_words(event.action) if event.side is DealSide.CLOCK else _words(event.action)
    quote = quote_of(view.deal)
    values = {
        "who": view.who_did(event),
        "creator": view.deal.creator.name,
        "brand": view.deal.brand.name,
        "number": event.details.get("number", ""),
        "amount": money(quote.brand_total) if quote is not None else "",
    }
    return _sentence(words, values)


def _sentence(words: str, values: dict[str, Any]) -> Markup:
    """Only the sentence, which is ours, is markup; the values are escaped as they are put in."""
    return Markup(words) % values  # noqa: S704


def _words(action: Action) -> str:
    words: dict[Action, str] = {
        Action.OPEN: _("<b>%(creator)s</b> and <b>%(brand)s</b> chose each other. The deal is open."),
        Action.PROPOSE_TERMS: _("<b>%(who)s</b> proposed terms %(number)s"),
        Action.ACCEPT_TERMS: _("<b>%(who)s</b> accepted terms %(number)s. The contract is ready to sign."),
        Action.SIGN: _("<b>%(who)s</b> signed the contract"),
        Action.COMPLETE_SIGNING: _("Both have signed. Next, the money goes into escrow."),
        Action.FUND: _("%(amount)s is in escrow. Work can begin."),
        Action.SUBMIT_DRAFT: _("<b>%(who)s</b> handed in draft %(number)s"),
        Action.REQUEST_REVISION: _("<b>%(who)s</b> asked for a revision of draft %(number)s"),
        Action.APPROVE_DRAFT: _("<b>%(who)s</b> approved draft %(number)s"),
        Action.SUBMIT_PUBLICATION: _("<b>%(who)s</b> published, and handed in the link"),
        Action.ACCEPT_WORK: _("<b>%(who)s</b> accepted the work"),
        Action.CANCEL: _("<b>%(who)s</b> ended the deal before any money was paid"),
        Action.CANCEL_LATE: _("<b>%(who)s</b> cancelled, as no draft came in time. The money goes back in full."),
        Action.EXPIRE: _("Time ran out. The deal has expired, and nothing is owed."),
        Action.OPEN_DISPUTE: _("<b>%(who)s</b> opened a dispute. Clocks and money stand still."),
        Action.RULE_COMPLETED: _("The dispute was decided, and the money divided"),
        Action.RULE_REFUNDED: _("The dispute was decided, and the money goes back in full"),
        Action.AGREE_COMPLETED: _("<b>%(who)s</b> agreed to the other side’s split. The dispute is over."),
        Action.AGREE_REFUNDED: _("<b>%(who)s</b> agreed that the money goes back in full. The dispute is over."),
        Action.WITHDRAW_DISPUTE: _("<b>%(who)s</b> withdrew the dispute. The clocks run again."),
        Action.LIMIT_COMPLETED: _("The money could not be held any longer: it was divided by the last words of both"),
        Action.LIMIT_REFUNDED: _("The money could not be held any longer: it goes back in full"),
        Action.AWAIT_BANK: _("<b>%(brand)s</b> has paid in a way that a bank confirms later"),
        Action.BANK_REFUSED: _("The bank didn’t confirm the payment. Nothing was taken; it can be paid again."),
        Action.HOLD_APART: _(
            "A payment arrived in another amount than asked. It is held apart, and the deal waits for the right one."
        ),
        Action.CHARGE_BACK: _("The payer’s bank took the payment back. Clocks and money stand still."),
        Action.REINSTATE: _("The bank gave the payment back. The clocks run again."),
        Action.LOSE_CHARGEBACK: _("The bank kept the payment. The deal is over."),
    }
    return words[action]


def _clock_words(action: Action) -> str:
    if action is Action.APPROVE_DRAFT:
        return str(_("Time to answer ran out: draft %(number)s is approved"))
    if action is Action.ACCEPT_WORK:
        return str(_("Time to answer ran out: the work is accepted"))
    if action is Action.OPEN_DISPUTE:
        return str(_("The money can’t be held much longer. Clocks and money stand still for a ruling."))
    return _words(action)
