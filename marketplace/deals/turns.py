"""The first block of a deal's page: whose turn, what to do, and what silence does and when."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from marketplace.contracts.models import Party
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import DealEvent, DealSide, Terms
from marketplace.deals.perspective import Perspective
from marketplace.deals.quotes import quote_of
from marketplace.infra.i18n import day, money_text, when
from marketplace.kit import clock


@dataclass(frozen=True, slots=True)
class Turn:
    """What the block says; `deadline` is the clock at its right, None where no clock runs."""

    whose: str
    eyebrow: str
    heading: str
    says: str
    deadline: datetime | None


def turn(view: Perspective, terms: Terms, last: DealEvent, drafts: int) -> Turn:
    """The block for the reader. `terms` are those agreed or on the table, `last` is the newest event."""
    deal = view.deal
    heading, says = _heading_and_says(view, terms, last, drafts)
    running = deal.deadline_at if view.tone in ("you", "them") else None
    return Turn(view.tone, _eyebrow(view), heading, says, running)


def _eyebrow(view: Perspective) -> str:
    match view.tone:
        case "you":
            return str(_("Your turn"))
        case "them" if view.turn_of is not None:
            return str(_("%(name)s’s turn", name=view.name_of(view.turn_of)))
        case "them":
            return str(_("A bank’s turn"))
        case "alarm" if view.deal.state is State.FROZEN:
            return str(_("Frozen: everything stands still"))
        case "alarm":
            return str(_("Disputed: everything stands still"))
        case "done":
            return str(_("Completed"))
        case _:
            return str(_("Over"))


def _heading_and_says(view: Perspective, terms: Terms, last: DealEvent, drafts: int) -> tuple[str, str]:
    match view.deal.state:
        case State.NEGOTIATING:
            return _negotiating(view, terms)
        case State.SIGNING:
            return _signing(view)
        case State.FUNDING:
            return _funding(view)
        case State.PRODUCTION:
            return _production(view, terms, drafts)
        case State.DRAFT_REVIEW:
            return _draft_review(view, drafts)
        case State.PUBLISHING:
            return _publishing(view, terms)
        case State.ACCEPTANCE:
            return _acceptance(view)
        case State.DISPUTED:
            return _("The dispute is being looked at"), _(
                "No clock runs and no money moves. You can agree between you at any time; "
                "otherwise an administrator decides."
            )
        case State.FROZEN:
            return _("The payer’s bank has taken the payment back"), _frozen(view)
        case _:
            return _over(view, last)


def _frozen(view: Perspective) -> str:
    if view.side is DealSide.CREATOR:
        return str(
            _(
                "No clock runs and no money moves, and you needn’t go on with the work. We answer the bank with the "
                "contract and what you made. If it gives the payment back, the deal goes on where it stood; if it "
                "keeps it, the deal is over."
            )
        )
    if view.side is DealSide.BRAND:
        return str(
            _(
                "No clock runs and no money moves. We answer the bank with the contract and the work. If nobody at "
                "your company meant to take the payment back, ask the bank to withdraw the claim: that is the quickest "
                "way. If it gives the payment back, the deal goes on where it stood."
            )
        )
    return str(_("No clock runs and no money moves until the bank decides. The chargeback waits in the console."))


def _deadline(view: Perspective) -> str:
    return when(view.deal.deadline_at) if view.deal.deadline_at is not None else ""


def _negotiating(view: Perspective, terms: Terms) -> tuple[str, str]:
    values = {"number": terms.number, "name": view.other_name, "deadline": _deadline(view)}
    if view.side is DealSide.ADMIN:
        waiting = view.name_of(view.turn_of) if view.turn_of is not None else ""
        heading = _("%(name)s is reading terms %(number)s", number=terms.number, name=waiting)
        return heading, _("Without an answer by %(deadline)s the deal expires, and nothing is owed.", **values)
    if view.tone == "you":
        return _("Answer %(name)s’s terms %(number)s", **values), _(
            "If you don’t answer by %(deadline)s, the deal expires and nothing is owed.", **values
        )
    return _("%(name)s is reading your terms %(number)s", **values), _(
        "If they don’t answer by %(deadline)s, the deal expires and nothing is owed.", **values
    )


def _signing(view: Perspective) -> tuple[str, str]:
    says = _(
        "If one signature is missing on %(deadline)s, the deal expires and nothing is owed.", deadline=_deadline(view)
    )
    if view.side is DealSide.ADMIN:
        return _("Both sides sign the contract"), says
    if Party(view.side.value) in view.signed:
        return _("You have signed. %(name)s signs next", name=view.other_name), says
    if view.signed:
        return _("%(name)s has signed. Read the contract and sign it", name=view.other_name), says
    return _("Read the contract and sign it"), says


def _funding(view: Perspective) -> tuple[str, str]:
    quote = quote_of(view.deal)
    values = {
        "brand": view.deal.brand.name,
        "deadline": _deadline(view),
        "amount": money_text(quote.brand_total) if quote is not None else "",
    }
    if view.deal.awaiting_bank:
        return _at_bank(view, values)
    if view.side is DealSide.BRAND:
        return _("Pay %(amount)s into escrow", **values), _(
            "If it isn’t paid by %(deadline)s, the deal expires and nothing is owed.", **values
        )
    if view.side is DealSide.CREATOR:
        return _("%(brand)s pays into escrow", **values), _(
            "Start when the money is there: we tell you at once. If it isn’t paid by %(deadline)s, the deal expires.",
            **values,
        )
    return _("%(brand)s pays into escrow", **values), _("If it isn’t paid by %(deadline)s, the deal expires.", **values)


def _at_bank(view: Perspective, values: dict[str, str]) -> tuple[str, str]:
    """The brand has done its part, and a bank confirms the payment in days."""
    if view.side is DealSide.BRAND:
        return _("Your payment is being confirmed by a bank"), _(
            "You have nothing to do: don’t pay again. Banks take some days. If nothing is confirmed by %(deadline)s, "
            "the deal expires, and money that arrives later goes back to you.",
            **values,
        )
    if view.side is DealSide.CREATOR:
        return _("%(brand)s has paid, and a bank confirms it", **values), _(
            "Start when the money is there: we tell you at once. If nothing is confirmed by %(deadline)s, the deal "
            "expires.",
            **values,
        )
    return _("%(brand)s has paid, and a bank confirms it", **values), _(
        "If nothing is confirmed by %(deadline)s, the deal expires, and money that arrives later goes back.", **values
    )


def _production(view: Perspective, terms: Terms, drafts: int) -> tuple[str, str]:
    deal = view.deal
    values = {
        "number": drafts + 1,
        "creator": deal.creator.name,
        "brand": deal.brand.name,
        "due": day(terms.draft_due_on),
        "deadline": _deadline(view),
    }
    late = deal.deadline_at is not None and deal.deadline_at <= clock.now()
    heading = (
        _("Hand in draft %(number)s", **values)
        if view.side is DealSide.CREATOR
        else _("%(creator)s is making draft %(number)s", **values)
    )
    if view.side is DealSide.BRAND:
        return heading, (
            _("It was due on %(due)s and isn’t there. You may wait, or cancel and get everything back.", **values)
            if late
            else _("It is due on %(due)s. From %(deadline)s, you may cancel and get everything back.", **values)
        )
    return heading, (
        _("It was due on %(due)s. Until it is there, %(brand)s may cancel and get everything back.", **values)
        if late
        else _("It is due on %(due)s. From %(deadline)s, %(brand)s may cancel and get everything back.", **values)
    )


def _draft_review(view: Perspective, drafts: int) -> tuple[str, str]:
    deal = view.deal
    values = {
        "number": drafts,
        "creator": deal.creator.name,
        "brand": deal.brand.name,
        "deadline": _deadline(view),
    }
    if view.side is DealSide.BRAND:
        says = _(
            "If you don’t answer by %(deadline)s, the draft is approved at that moment and %(creator)s publishes.",
            **values,
        )
        return _("Review %(creator)s’s draft %(number)s", **values), says
    return _("%(brand)s is reviewing draft %(number)s", **values), _(
        "If they don’t answer by %(deadline)s, the draft is approved at that moment.", **values
    )


def _publishing(view: Perspective, terms: Terms) -> tuple[str, str]:
    values = {"creator": view.deal.creator.name, "brand": view.deal.brand.name, "due": day(terms.publish_on)}
    if view.side is DealSide.BRAND:
        return _("%(creator)s publishes the work", **values), _(
            "As agreed, on %(due)s. Then you look at it here.", **values
        )
    heading = (
        _("Publish, then hand in the link")
        if view.side is DealSide.CREATOR
        else _("%(creator)s publishes the work", **values)
    )
    return heading, _("As agreed, on %(due)s. Then %(brand)s looks at it, and the money is settled.", **values)


def _acceptance(view: Perspective) -> tuple[str, str]:
    values = {"creator": view.deal.creator.name, "brand": view.deal.brand.name, "deadline": _deadline(view)}
    if view.side is DealSide.BRAND:
        return _("Look at what %(creator)s published, and accept it", **values), _(
            "If you don’t answer by %(deadline)s, it is accepted and the money goes to %(creator)s.", **values
        )
    return _("%(brand)s looks at the published work", **values), _(
        "If they don’t answer by %(deadline)s, it is accepted and the money is settled.", **values
    )


def _over(view: Perspective, last: DealEvent) -> tuple[str, str]:
    values = {"day": day(last.at), "who": view.who_did(last)}
    paid = last.from_state in (State.PRODUCTION, State.DISPUTED)
    at_bank = _("A bank was confirming the payment then. If that money arrives, all of it goes back.")
    match view.deal.state:
        case State.COMPLETED:
            return _("Settled on %(day)s", **values), _settled(view)
        case State.REFUNDED if last.action is Action.LOSE_CHARGEBACK:
            return _("Ended by a chargeback on %(day)s", **values), _(
                "The payer’s bank kept the payment. What it left goes back to %(brand)s, and nobody owes anything.",
                brand=view.deal.brand.name,
            )
        case State.REFUNDED:
            return _("Refunded on %(day)s", **values), _(
                "Everything paid goes back to %(brand)s.", brand=view.deal.brand.name
            )
        case State.EXPIRED:
            says = _("Time ran out before any money was paid. Nothing is owed.")
            return _("Expired on %(day)s", **values), at_bank if view.deal.awaiting_bank else says
        case _ if paid:
            return _("Cancelled on %(day)s", **values), _(
                "No draft came in time. Everything paid goes back to %(brand)s.", brand=view.deal.brand.name
            )
        case _:
            says = _("No money had been paid. Nothing is owed.")
            return _("Cancelled on %(day)s", **values), at_bank if view.deal.awaiting_bank else says


def _settled(view: Perspective) -> str:
    if view.side is DealSide.CREATOR:
        return str(_("Your part is in your earnings."))
    return str(_("The money has left escrow, as the contract says."))
