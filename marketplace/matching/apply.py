"""The verb by which a creator chooses a brief."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.briefs.fit import fans_by_platform, lacks, say
from marketplace.briefs.models import Brief, BudgetKind
from marketplace.briefs.policy import is_open, price_for_views, takes_answers
from marketplace.briefs.queries import get_brief, lock_brief
from marketplace.infra.db import db
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money
from marketplace.matching.choosing import (
    brief_terms,
    check_message,
    check_price,
    lock_creator,
    make_selection,
    require_apart,
    require_unchosen,
)
from marketplace.matching.models import Selection, SelectionKind
from marketplace.matching.weekly import require_allowance
from marketplace.offers.models import Offer, OfferStatus


def apply_to_brief(
    actor: Actor,
    brief_id: int,
    price: Money | None,
    message: str,
    *,
    views: int | None = None,
    offer_id: int | None = None,
) -> Selection:
    """The actor's creator offers to do a brief for `price`, before fees; one paid by views asks for `views` instead.

    `offer_id` is a listed offer of the creator's that shows what is meant.

    Raises:
        NotFound: there is no such brief for the actor.
        NotAllowed: the actor is no creator, lacks what the brief asks for, or only those invited may answer it.
        Conflict: the brief takes no more applications, or the creator has chosen it or been chosen already.
        Invalid: the price, the views, the offer or the message, or the e-mail isn't confirmed.
        TooMany: the creator's applications of this week are used up.
    """
    if actor.creator_id is None:
        raise NotAllowed(_l("Fill in your creator’s profile first."))
    require_confirmed(actor)
    get_brief(actor, brief_id)
    brief = lock_brief(brief_id, shared=True)
    creator = lock_creator(actor.creator_id)
    require_apart(creator, brief.brand_id)
    _require_taking(brief)
    for lack in lacks(brief, creator, fans_by_platform(creator.id)):
        raise NotAllowed(say(lack))
    require_unchosen(creator.id, brief.id)
    asked = price_asked(brief, price, views)
    check_price(asked, brief.currency)
    check_message(message, needed=True)
    terms = brief_terms(SelectionKind.APPLICATION, brief, asked)
    terms |= {"offer_id": _own_listed(creator.id, offer_id), "views_promised": views if by_views(brief) else None}
    require_allowance(creator.id)
    return make_selection(actor, creator, brief.brand_id, terms, message)


def by_views(brief: Brief) -> bool:
    return brief.budget_kind is BudgetKind.VIEWS


def price_asked(brief: Brief, price: Money | None, views: int | None) -> Money:
    """The price of an application: the one named, or what the promised views come to.

    Raises:
        Invalid: the one that the brief asks for is missing.
    """
    if by_views(brief):
        if not views or views <= 0:
            raise Invalid(_l("Write how many views you promise."), field="views_promised")
        return price_for_views(brief, views)
    if price is None:
        raise Invalid(_l("Write your price."), field="price")
    return price


def _require_taking(brief: Brief) -> None:
    if not is_open(brief):
        raise Conflict(_l("This brief no longer takes applications."))
    if not takes_answers(brief):
        raise Conflict(_l("Every place of this brief is filled."))


def _own_listed(creator_id: int, offer_id: int | None) -> int | None:
    if offer_id is None:
        return None
    query = select(Offer.id).where(
        Offer.id == offer_id, Offer.creator_id == creator_id, Offer.status == OfferStatus.LISTED
    )
    found = db.session.scalar(query)
    if found is None:
        raise Invalid(_l("Choose one of your listed offers."), field="offer_id")
    return found
