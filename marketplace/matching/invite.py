"""The verbs by which a brand asks creators to do a brief: one, or many at once. Each keeps a place and its price."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import require_manager
from marketplace.briefs.models import Brief
from marketplace.briefs.places import hold_place
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.kit.errors import DomainError, Invalid, NotFound
from marketplace.kit.money import Money
from marketplace.matching.choosing import (
    brief_terms,
    check_message,
    check_price,
    lock_creator,
    lock_creators,
    lock_own_brief,
    make_selection,
    require_apart,
    require_eligible,
    require_unchosen,
)
from marketplace.matching.models import Selection, SelectionKind

MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody who wasn't invited, and the sentence that says why."""

    creator: Creator
    why: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of an invitation of many: each was invited wholly or not at all."""

    selections: Sequence[Selection]
    refused: Sequence[Refusal]


def invite_creator(actor: Actor, creator_id: int, brief_id: int, price: Money, message: str) -> Selection:
    """The actor's brand asks a creator to do one of its open briefs for `price`, before fees.

    Raises:
        NotFound: there is no such creator, or the brief isn't the brand's.
        NotAllowed: the actor doesn't manage a brand, the creator isn't eligible, or one has blocked the other.
        Conflict: no place is free, the budget doesn't reach, or the creator has chosen it or been chosen already.
        Invalid: the price or the message, or the e-mail isn't confirmed.
    """
    brief = _open_brief(actor, brief_id)
    check_message(message, needed=True)
    check_price(price, brief.currency)
    return _invite(actor, brief, lock_creator(creator_id), price, message)


def invite_many(actor: Actor, brief_id: int, wanted: Sequence[tuple[int, Money]], message: str) -> Invited:
    """Ask several creators, each by id for their own price, with the same words, in the order given.

    Whoever can't be invited, for themselves or as places or budget ran out, is left out and named; the others are.

    Raises:
        NotFound: one of the creators doesn't exist, or the brief isn't the brand's.
        NotAllowed: the actor doesn't manage a brand.
        Conflict: the brief isn't open.
        Invalid: nobody or too many are named, a price or the message, or the e-mail isn't confirmed.
    """
    brief = _open_brief(actor, brief_id)
    check_message(message, needed=True)
    prices = dict(wanted)
    if not 1 <= len(prices) <= MOST_AT_ONCE:
        raise Invalid(_l("Choose from 1 to %(most)s creators.", most=MOST_AT_ONCE))
    for price in prices.values():
        check_price(price, brief.currency)
    creators = lock_creators(prices)
    if len(creators) < len(prices):
        raise NotFound
    invited: list[Selection] = []
    refused: list[Refusal] = []
    for creator_id, price in prices.items():
        try:
            with db.session.begin_nested():
                invited.append(_invite(actor, brief, creators[creator_id], price, message))
        except DomainError as refusal:
            refused.append(Refusal(creators[creator_id], str(refusal)))
    return Invited(invited, refused)


def _open_brief(actor: Actor, brief_id: int) -> Brief:
    brand_id = require_manager(actor)
    require_confirmed(actor)
    return lock_own_brief(brand_id, brief_id)


def _invite(actor: Actor, brief: Brief, creator: Creator, price: Money, message: str) -> Selection:
    require_apart(creator, brief.brand_id)
    require_eligible(creator)
    require_unchosen(creator.id, brief.id)
    hold_place(brief, price)
    terms = brief_terms(SelectionKind.INVITATION, brief, price) | {"holds_place": True}
    return make_selection(actor, creator, brief.brand_id, terms, message)
