"""Gathers what a deal's page shows, in a number of queries that doesn't grow with the deal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import get_timezone_location
from flask_babel import get_locale

from marketplace.accounts.actor import Actor
from marketplace.contracts.queries import parties_signed
from marketplace.deals.diff import Change, changes
from marketplace.deals.lifecycle import FUNDED, STOPPED, Action, State
from marketplace.deals.models import Deal, DealEvent, DealSide, Delivery, DeliveryKind, Terms
from marketplace.deals.perspective import Perspective
from marketplace.deals.policy import available_actions, may_write, revisions_left
from marketplace.deals.queries import deliveries_of, events_of, get_deal_with_sides, messages_of, terms_of
from marketplace.deals.quotes import estimate_quote, quote_of
from marketplace.deals.timeline import Entry, timeline
from marketplace.deals.track import Step, steps
from marketplace.deals.turns import Turn, turn
from marketplace.fees.quote import FeeQuote
from marketplace.infra.settings import settings
from marketplace.kit.money import Money
from marketplace.ledger.accounts import escrow
from marketplace.ledger.queries import balance

_MESSAGES = 50
_BEFORE_WORK = frozenset({State.NEGOTIATING, State.SIGNING, State.FUNDING, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class MoneyPanel:
    """Where the deal's money is (brand, escrow or creator), how much escrow holds, and the quote.

    `style` tells certainty: guess while it can change, nothing once agreed, final when it is in the books. `sides` are
    those whose sums the reader sees; none where the deal ended and nothing is owed. After a dispute `earned` is the
    quote on the creator's part, and `refund` what went back.
    """

    at: str
    held: Money | None
    frozen: bool
    style: str
    quote: FeeQuote
    earned: FeeQuote
    refund: Money | None
    sides: tuple[DealSide, ...]
    paid: bool


@dataclass(frozen=True, slots=True)
class DealPage:
    """Everything of one deal for one reader. `shown` terms are in the panel, `standing` ones agreed or on the table."""

    deal: Deal
    view: Perspective
    actions: list[Action]
    steps: list[Step]
    turn: Turn
    entries: list[Entry]
    standing: Terms
    shown: Terms
    all_terms: Sequence[Terms]
    changes: list[Change]
    money: MoneyPanel
    message_count: int
    may_write: bool
    revisions_left: int
    latest: Delivery | None
    must_end_by: datetime | None

    @property
    def place(self) -> str:
        """The city whose days count, in the reader's language."""
        return get_timezone_location(settings().default_timezone, locale=get_locale(), return_city=True)


def build(actor: Actor, deal_id: int, number: int | None = None) -> DealPage:
    """The page of a deal; `number` chooses other terms for the panel.

    Raises:
        NotFound: there is no such deal, or it isn't the actor's.
    """
    deal = get_deal_with_sides(actor, deal_id)
    view = Perspective(deal, actor, parties_signed(deal.contract_id) if deal.state is State.SIGNING else frozenset())
    all_terms, events = terms_of(deal.id), events_of(deal.id)
    deliveries = [] if deal.state in _BEFORE_WORK else deliveries_of(deal.id)
    messages, message_count = messages_of(deal.id, _MESSAGES)
    standing = deal.accepted_terms or all_terms[-1]
    shown = next((terms for terms in all_terms if terms.number == number), standing)
    drafts = sum(delivery.kind is DeliveryKind.DRAFT for delivery in deliveries)
    return DealPage(
        deal=deal,
        view=view,
        actions=available_actions(deal, actor),
        steps=steps(deal, events, standing),
        turn=turn(view, standing, events[-1], drafts),
        entries=timeline(view, events, deliveries, messages),
        standing=standing,
        shown=shown,
        all_terms=all_terms,
        changes=changes(shown, _before(all_terms, shown)),
        money=_money(view, standing, events),
        message_count=message_count,
        may_write=may_write(actor, deal),
        revisions_left=revisions_left(deal),
        latest=deliveries[-1] if deliveries else None,
        must_end_by=_must_end_by(deal, events),
    )


def _must_end_by(deal: Deal, events: Sequence[DealEvent]) -> datetime | None:
    """The end of the time for which the money of a deal at work may be held."""
    paid_at = next((event.at for event in events if event.action is Action.FUND), None)
    if deal.state not in FUNDED or paid_at is None:
        return None
    return paid_at + timedelta(days=settings().holding_days)


def _before(all_terms: Sequence[Terms], shown: Terms) -> Terms | None:
    return next((terms for terms in all_terms if terms.number == shown.number - 1), None)


def _money(view: Perspective, terms: Terms, events: Sequence[DealEvent]) -> MoneyPanel:
    deal = view.deal
    frozen = quote_of(deal)
    quote = frozen or estimate_quote(deal, terms.price)
    part = _ruled_part(events, quote.price.currency)
    return MoneyPanel(
        at="escrow" if deal.state in FUNDED else "creator" if deal.state is State.COMPLETED else "brand",
        held=_held(deal, quote) if deal.state in FUNDED else None,
        frozen=deal.state in STOPPED,
        style="guess" if frozen is None else "final" if deal.state is State.COMPLETED else "",
        quote=quote,
        earned=quote.partial(part) if part is not None else quote,
        refund=quote.split(part).refund if part is not None else None,
        sides=_sides(view),
        paid=any(event.action is Action.FUND for event in events),
    )


def _ruled_part(events: Sequence[DealEvent], currency: str) -> Money | None:
    """What of the price a dispute's end gave the creator: the money follows from it, not from what was agreed."""
    ending = (Action.RULE_COMPLETED, Action.AGREE_COMPLETED, Action.LIMIT_COMPLETED)
    amounts = [event.details["creator_part"] for event in events if event.action in ending]
    return Money(amounts[-1], currency) if amounts else None


def _sides(view: Perspective) -> tuple[DealSide, ...]:
    if view.tone == "over":
        return ()
    return (DealSide.BRAND, DealSide.CREATOR) if view.side is DealSide.ADMIN else (view.side,)


def _held(deal: Deal, quote: FeeQuote) -> Money:
    """What the books say, not what the quote promised."""
    currency = quote.price.currency
    return Money(balance(escrow(deal.id, currency)), currency)
