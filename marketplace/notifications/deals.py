"""What is told of a deal: its events, its deadlines, its messages."""

from datetime import timedelta

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.contracts.models import Party
from marketplace.contracts.service import has_signed
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FINAL, Action, State
from marketplace.deals.models import Deal, DealEvent, DealSide, Message
from marketplace.deals.policy import whose_turn
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.notifications.models import Notification
from marketplace.notifications.recipients import Recipient, administrators, brand_people, creator_people, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, acting_detail, day_detail, moment_detail, money_detail
from marketplace.notifications.words import KINDS

_SIDES = (DealSide.CREATOR, DealSide.BRAND)
# Whoever pays is told when the bank has answered, which is later than their click.
_TOLD_TOO = frozenset({Action.FUND})
_GIVEN_BACK = (Action.CANCEL_LATE, Action.RULE_REFUNDED, Action.AGREE_REFUNDED, Action.LIMIT_REFUNDED)
_AT_BANK = (Action.AWAIT_BANK, Action.BANK_REFUSED, Action.HOLD_APART)
_ABOUT_PAYING = frozenset({Action.COMPLETE_SIGNING, *_AT_BANK, Action.FUND, *_GIVEN_BACK})
_EXCERPT = 200
# In a conversation one bell an hour is enough.
_QUIET = timedelta(hours=1)


def tell_event(event_id: int) -> None:
    event = db.session.get(DealEvent, event_id)
    if event is None or event.action is Action.OPEN or _said_by_the_next(event):
        # That a deal is open is told with the selection's answer.
        return
    if event.action is Action.OPEN_DISPUTE and _tell_dispute(event):
        return
    deal = event.deal
    for side in _SIDES:
        did_it = () if event.action in _TOLD_TOO else (event.user_id,)
        for to in without(people_of(deal, side, money=event.action in _ABOUT_PAYING), did_it):
            details = {**_details(deal), **_of_event(event, side)}
            tell(to, _kind(event, side, details), _news(deal, f"deal_event:{event.id}", "deal_event", details))


def _said_by_the_next(event: DealEvent) -> bool:
    """The second signature is told as the contract signed by both."""
    if event.action is not Action.SIGN:
        return False
    completed = (DealEvent.deal_id == event.deal_id, DealEvent.action == Action.COMPLETE_SIGNING)
    query = select(DealEvent.id).where(*completed, DealEvent.id > event.id, DealEvent.side == event.side)
    return db.session.scalar(query) is not None


def _tell_dispute(event: DealEvent) -> bool:
    """Lead everybody to the case; false when it isn't open any more, so that only the deal can be shown."""
    open_case = (Dispute.deal_id == event.deal_id, Dispute.status == DisputeStatus.OPEN)
    dispute_id = db.session.scalar(select(Dispute.id).where(*open_case))
    if dispute_id is None:
        return False
    cause = f"deal_event:{event.id}"
    name = "dispute.limit" if event.side is DealSide.CLOCK else "dispute.opened"
    told: list[tuple[str, DealSide | None, list[Recipient]]] = [(f"{name}.admin", None, administrators())]
    told += [(f"{name}.side", side, people_of(event.deal, side)) for side in _SIDES]
    for kind, side, people in told:
        details = {**_details(event.deal), "who": _who(event, side)}
        case = News(cause, "deal_event", {"dispute_id": dispute_id}, details)
        for to in without(people, (event.user_id,)):
            if side is event.side:
                tell(to, "deal.open_dispute.plain", _news(event.deal, cause, "deal_event", details))
            else:
                tell(to, kind, case)
    return True


def _news(deal: Deal, cause: str, message: str, details: dict[str, Detail]) -> News:
    return News(cause, message, {"deal_id": deal.id}, details)


def people_of(deal: Deal, side: DealSide, *, money: bool = False) -> list[Recipient]:
    if side is DealSide.CREATOR:
        return creator_people(deal.creator_id)
    return brand_people(deal.brand_id, money=money)


def _details(deal: Deal) -> dict[str, Detail]:
    details: dict[str, Detail] = {"title": deal.title, "deal": deal.reference}
    if deal.accepted_terms is not None:
        details["price"] = money_detail(deal.accepted_terms.price)
    return details


def _of_event(event: DealEvent, side: DealSide) -> dict[str, Detail]:
    deal = event.deal
    details: dict[str, Detail] = {
        "who": _who(event, side),
        "number": str(event.details.get("number", "")),
    }
    if event.to_state is deal.state and deal.deadline_at is not None:
        details["deadline"] = moment_detail(deal.deadline_at)
    if deal.accepted_terms is not None:
        details["due"] = day_detail(deal.accepted_terms.draft_due_on)
        details["publish"] = day_detail(deal.accepted_terms.publish_on)
    return details


def _who(event: DealEvent, told: DealSide | None) -> Detail:
    return _name(event.deal, event.side, event.user_id, event.actor_name, told)


def _who_wrote(deal: Deal, message: Message, told: DealSide) -> Detail:
    return _name(deal, message.side, message.user_id, message.author_name, told)


def _name(deal: Deal, did: DealSide, user_id: int | None, kept_name: str, told: DealSide | None) -> Detail:
    """To the other side a side speaks by its own name, to its own people by the person's; who answers for a creator
    is named to both."""
    if did is DealSide.CREATOR:
        creator = db.session.get_one(Creator, deal.creator_id)
        if user_id not in (None, creator.user_id):
            return acting_detail(kept_name, creator.name)
    if did is told or did not in _SIDES:
        return kept_name
    return name_of(deal, did)


def name_of(deal: Deal, side: DealSide) -> str:
    """What the creator or the company calls itself."""
    if side is DealSide.CREATOR:
        return db.session.get_one(Creator, deal.creator_id).name
    return db.session.get_one(Brand, deal.brand_id).name


def _kind(event: DealEvent, side: DealSide, details: dict[str, Detail]) -> str:
    """The words for the side: what they have to do while it is theirs to do, else only the fact."""
    name = f"deal.{event.action.value}"
    if event.side is DealSide.CLOCK and f"{name}_by_clock.plain" in KINDS:
        name += "_by_clock"
    if event.deal.awaiting_bank and f"{name}_at_bank.plain" in KINDS:
        name += "_at_bank"
    words = KINDS.get(f"{name}.{side.value}")
    if words is None or (words.asks and side not in _to_act(event.deal)):
        return f"{name}.plain"
    late = event.to_state is not event.deal.state or "deadline" not in details
    return f"{name}.plain" if late and "%(deadline)s" in str(words.says) else f"{name}.{side.value}"


def tell_deadline(deal_id: int, which: str) -> None:
    deal = db.session.get(Deal, deal_id)
    if deal is None or deal.deadline_at is None or deal.deadline_at <= clock.now() or deal.state in FINAL:
        return
    details = {**_details(deal), "deadline": moment_detail(deal.deadline_at)}
    cause = f"deadline:{deal.id}:{which}:{deal.deadline_at.isoformat()}"
    for side in _to_act(deal):
        kind = f"deadline.{which}.{deal.state.value}.{side.value}"
        if kind not in KINDS:
            continue
        for to in people_of(deal, side, money=deal.state is State.FUNDING):
            tell(to, kind, _news(deal, cause, "deadline", details))


def _to_act(deal: Deal) -> list[DealSide]:
    """Whom the deal waits for; with a contract to sign, each side that hasn't."""
    if deal.state is State.SIGNING and deal.contract_id is not None:
        return [side for side in _SIDES if not has_signed(deal.contract_id, Party(side.value))]
    side = whose_turn(deal)
    return [side] if side is not None else []


def tell_message(message_id: int) -> None:
    message = db.session.get(Message, message_id)
    if message is None:
        return
    deal = db.session.get_one(Deal, message.deal_id)
    for side in _SIDES:
        if side is message.side:
            continue
        details: dict[str, Detail] = {
            **_details(deal),
            "who": _who_wrote(deal, message, side),
            "excerpt": _excerpt(message.body),
        }
        for to in without(people_of(deal, side), (message.user_id,)):
            if not _told_lately(to.user, deal):
                tell(to, "message", _news(deal, f"message:{message.id}", "message", details))


def _excerpt(body: str) -> str:
    words = " ".join(body.split())
    return words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"


def _told_lately(user: User, deal: Deal) -> bool:
    unread = (Notification.user_id == user.id, Notification.read_at.is_(None), Notification.kind == "message")
    lately = Notification.created_at > clock.now() - _QUIET
    same_deal = Notification.values["deal_id"].as_integer() == deal.id
    return db.session.scalar(select(Notification.id).where(*unread, lately, same_deal).limit(1)) is not None
