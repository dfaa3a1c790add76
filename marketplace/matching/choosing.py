"""What the making of every selection shares: its checks, the locks, and the row itself.

Rows are locked in one order everywhere (deal, brief, selection, creator, offer), so that no two wait for each other.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import Actor
from marketplace.agencies.queries import stands_on_both_sides
from marketplace.brands.blocks import is_blocked
from marketplace.brands.models import Member
from marketplace.brands.queries import is_member
from marketplace.briefs.guests import admit
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.queries import lock_brief
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.matching.queries import newest_for_brief
from marketplace.offers.policy import LARGEST_PRICE, SMALLEST_PRICE

MOST_MESSAGE = 2000


def make_selection(actor: Actor, creator: Creator, brand_id: int, terms: dict[str, Any], message: str) -> Selection:
    """The row of a choice whose checks are done, with its clock started and the other side told.

    Raises:
        Conflict: somebody was faster by a moment.
    """
    now, answer_time = clock.now(), timedelta(hours=settings().selection_hours)
    by_creator = terms["kind"] is SelectionKind.APPLICATION
    selection = Selection(
        **terms,
        status=SelectionStatus.OPEN,
        creator_id=creator.id,
        brand_id=brand_id,
        message=message.strip(),
        created_by=actor.user_id,
        created_by_name=actor.signature,
        created_at=now,
        changed_at=now,
        creator_seen_at=now if by_creator else None,
        brand_seen_at=None if by_creator else now,
        expires_at=now + answer_time,
        remind_at=now + answer_time / 2,
    )
    with _one_open_selection():
        db.session.add(selection)
    if selection.brief_id is not None:
        admit(selection.brief_id, creator.id)
    defer("notifications.tell_selection", selection_id=selection.id, what="made")
    return selection


def brief_terms(kind: SelectionKind, brief: Brief, price: Money) -> dict[str, Any]:
    """What a selection copies from the brief it is for."""
    return {
        "kind": kind,
        "title": brief.title,
        "deal_kind": brief.kind,
        "deliverables": brief.deliverables,
        "price_amount": price.amount,
        "price_currency": price.currency,
        **of_brief(brief),
    }


def of_brief(brief: Brief) -> dict[str, Any]:
    """What a booking copies too: the brief's day and its rules; what is made is the package's."""
    return {
        "brief_id": brief.id,
        "publish_by": brief.publish_by,
        "usage_rights": "\n".join(text for text in (brief.usage_rights, brief.exclusivity) if text),
        "disclosure": brief.disclosure,
    }


def lock_creator(creator_id: int) -> Creator:
    """The creator, who stays what they are until the commit; of two who choose them, one waits for the other.

    Raises:
        NotFound: there is none.
    """
    found = lock_creators([creator_id]).get(creator_id)
    if found is None:
        raise NotFound
    return found


def lock_creators(creator_ids: Iterable[int]) -> dict[int, Creator]:
    """Several at once, in one order. New rows that refer to them needn't wait: the lock leaves their keys alone."""
    query = select(Creator).where(Creator.id.in_(set(creator_ids))).order_by(Creator.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {creator.id: creator for creator in db.session.scalars(query)}


def lock_own_brief(brand_id: int, brief_id: int) -> Brief:
    """The brand's open brief, locked, for whoever is going to hold a place of it.

    Raises:
        NotFound: it isn't the brand's.
        Conflict: it isn't open.
    """
    brief = lock_brief(brief_id)
    if brief.brand_id != brand_id:
        raise NotFound
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_l("This brief isn’t open."))
    return brief


def require_apart(creator: Creator, brand_id: int) -> None:
    """A deal needs two sides, and two who want to meet.

    Raises:
        NotAllowed: the creator or somebody of their agency belongs to the brand, or one has blocked the other.
    """
    if is_member(creator.user_id, brand_id):
        raise NotAllowed(_l("This creator belongs to the company. A deal needs two sides."))
    if stands_on_both_sides(creator.id, select(Member.user_id).where(Member.brand_id == brand_id)):
        raise NotAllowed(_l("Somebody of the creator’s agency belongs to the company. A deal needs two sides."))
    if is_blocked(brand_id, creator.id):
        raise NotAllowed(_l("The two of you can’t choose each other here."))


def require_eligible(creator: Creator) -> None:
    if not is_eligible(creator):
        raise NotAllowed(_l("%(name)s doesn’t have enough verified fans yet.", name=creator.name))


def check_price(price: Money, currency: str) -> None:
    if price.currency != currency:
        raise Invalid(_l("This brief is paid in %(currency)s.", currency=currency), field="price")
    if not SMALLEST_PRICE <= price.amount <= LARGEST_PRICE:
        raise Invalid(_l("The price is too small or too large to be paid at once."), field="price")


def check_message(message: str, *, needed: bool) -> None:
    if needed and not message.strip():
        raise Invalid(_l("Write a few words."), field="message")
    if len(message) > MOST_MESSAGE:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_MESSAGE), field="message")


@contextmanager
def _one_open_selection() -> Iterator[None]:
    """The database has the last word on two selections at once; who is later gets a sentence, not a fault."""
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        if "uq_selections_open" not in str(error.orig):
            raise
        raise Conflict(_l("You have just been chosen or have chosen already. Look among your selections.")) from error


def require_unchosen(creator_id: int, brief_id: int) -> None:
    """
    Raises:
        Conflict: the creator and the brief have chosen each other already, or one waits for the other.
    """
    other = newest_for_brief(creator_id, brief_id)
    if other is None:
        return
    if other.status is SelectionStatus.ACCEPTED:
        raise Conflict(_l("You already work together on this brief."))
    if other.kind is SelectionKind.APPLICATION:
        raise Conflict(_l("The creator’s application to this brief is already waiting for an answer."))
    raise Conflict(_l("The company’s choice of this creator is already waiting for an answer."))
