"""The verbs of selections: choose the other side, take it back, decline, and close as accepted when a deal opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.policy import require_manager
from marketplace.brands.queries import is_member
from marketplace.briefs.fit import fans_by_platform, lacks, say
from marketplace.briefs.models import Brief
from marketplace.briefs.policy import is_open, takes_answers
from marketplace.briefs.queries import get_brief, lock_brief
from marketplace.briefs.service import fill_slot
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.matching.policy import acts_for_answerer, may_withdraw
from marketplace.matching.queries import get_selection, has_open_booking, lock_selection, newest_for_brief
from marketplace.offers.models import Offer, OfferStatus, Package
from marketplace.offers.policy import LARGEST_PRICE, SMALLEST_PRICE
from marketplace.offers.queries import bookable_package

MOST_MESSAGE = 2000
MOST_REASON = 500


def apply_to_brief(actor: Actor, brief_id: int, price: Money, message: str) -> Selection:
    """The actor's creator offers to do a brief for `price`, before fees.

    Raises:
        NotFound: there is no such brief for the actor.
        NotAllowed: the actor is no creator, or lacks what the brief asks for; the message says what.
        Conflict: the brief takes no more applications, or the creator has chosen it or been chosen already.
        Invalid: the price or the message, or the e-mail isn't confirmed.
    """
    if actor.creator_id is None:
        raise NotAllowed(_l("Fill in your creator’s profile first."))
    require_confirmed(actor)
    get_brief(actor, brief_id)
    brief = lock_brief(brief_id, shared=True)
    creator = _creator(actor.creator_id)
    _not_oneself(creator, brief.brand_id)
    if not is_open(brief):
        raise Conflict(_l("This brief no longer takes applications."))
    if not takes_answers(brief):
        raise Conflict(_l("Every place of this brief is filled."))
    for lack in lacks(brief, creator, fans_by_platform(creator.id)):
        raise NotAllowed(say(lack))
    _check_price(price, brief.currency)
    _check_message(message, needed=True)
    return _select(actor, creator, brief.brand_id, _brief_terms(SelectionKind.APPLICATION, brief, price), message)


def invite_creator(actor: Actor, creator_id: int, brief_id: int, price: Money, message: str) -> Selection:
    """The actor's brand asks a creator to do one of its open briefs for `price`, before fees.

    Raises:
        NotFound: there is no such creator, or the brief isn't the brand's.
        NotAllowed: the actor doesn't manage a brand, or the creator isn't eligible.
        Conflict: the brief takes nobody, or the creator has chosen it or been chosen already.
        Invalid: the price or the message, or the e-mail isn't confirmed.
    """
    brand_id = require_manager(actor)
    require_confirmed(actor)
    brief = _own_brief(brand_id, brief_id)
    creator = _creator(creator_id)
    _not_oneself(creator, brand_id)
    _require_eligible(creator)
    _check_price(price, brief.currency)
    _check_message(message, needed=True)
    return _select(actor, creator, brand_id, _brief_terms(SelectionKind.INVITATION, brief, price), message)


def book_package(actor: Actor, package_id: int, message: str = "", brief_id: int | None = None) -> Selection:
    """The actor's brand chooses a package of a listed offer; price and deliverables are the package's.

    Raises:
        NotFound: no listed offer of an eligible creator has the package, or the brief isn't the brand's.
        NotAllowed: the actor doesn't manage a brand, or the creator belongs to it.
        Conflict: the brand's booking of this package waits already, or the brief takes nobody.
        Invalid: the message, or the e-mail isn't confirmed.
    """
    brand_id = require_manager(actor)
    require_confirmed(actor)
    brief = _own_brief(brand_id, brief_id) if brief_id is not None else None
    creator = _creator(bookable_package(package_id).offer.creator_id)
    package = bookable_package(package_id, lock=True)
    _not_oneself(creator, brand_id)
    _check_message(message, needed=False)
    if has_open_booking(package_id, brand_id):
        raise Conflict(_l("Your company’s booking of this package is already waiting for an answer."))
    terms = _package_terms(package)
    if brief is not None:
        terms |= {"brief_id": brief.id}
    return _select(actor, creator, brand_id, terms, message)


def withdraw(actor: Actor, selection_id: int) -> Selection:
    """Take a selection back before it was answered.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: the other side made it.
        Conflict: it was answered, or its time has passed.
    """
    selection = lock_selection(actor, selection_id)
    if not may_withdraw(actor, selection):
        raise NotAllowed(_l("Only those who made it can withdraw it."))
    _require_waiting(selection)
    _close(selection, SelectionStatus.WITHDRAWN, actor)
    return selection


def decline(actor: Actor, selection_id: int, reason: str) -> Selection:
    """Answer no; the other side reads the reason.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: it is the other side's to answer.
        Conflict: it was answered, or its time has passed.
        Invalid: the reason is empty or too long.
    """
    selection = lock_selection(actor, selection_id)
    if not acts_for_answerer(actor, selection):
        raise NotAllowed(_l("It isn’t yours to answer."))
    _require_waiting(selection)
    if not reason.strip():
        raise Invalid(_l("Say in a few words why."), field="reason")
    if len(reason) > MOST_REASON:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_REASON), field="reason")
    selection.decline_reason = reason.strip()
    _close(selection, SelectionStatus.DECLINED, actor)
    return selection


def close_as_accepted(actor: Actor, selection_id: int) -> Selection:
    """Answer yes: for the verb that opens the deal, in its transaction. Fills a place of the brief, if there is one.

    Rows are locked in one order everywhere (brief, selection, creator, offer), so that no two wait for each other.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: it is the other side's to answer.
        Conflict: it was answered, its time has passed, the brief is closed or full, the creator is no longer eligible,
            or the offer is no longer listed. Nothing was done.
        Invalid: the actor's e-mail isn't confirmed.
    """
    brief_id = get_selection(actor, selection_id).brief_id
    brief = lock_brief(brief_id) if brief_id is not None else None
    selection = lock_selection(actor, selection_id)
    if not acts_for_answerer(actor, selection):
        raise NotAllowed(_l("It isn’t yours to answer."))
    require_confirmed(actor)
    _require_waiting(selection)
    if not is_eligible(_creator(selection.creator_id)):
        raise Conflict(_l("The creator no longer has enough verified fans. Nothing was agreed."))
    if selection.kind is SelectionKind.BOOKING and not _still_listed(selection):
        raise Conflict(_l("This offer is no longer listed. Nothing was agreed."))
    if brief is not None:
        fill_slot(brief)
    _close(selection, SelectionStatus.ACCEPTED, actor)
    return selection


def expire(selection: Selection) -> None:
    """Close one whose time has passed or whose brief was closed. Its row must be locked."""
    _close(selection, SelectionStatus.EXPIRED, None)


def remind(selection: Selection) -> None:
    """Tell the side that has to answer, once. The row must be locked."""
    selection.remind_at = None
    db.session.flush()
    defer("notifications.tell_selection", selection_id=selection.id, what="reminder")


def _close(selection: Selection, status: SelectionStatus, actor: Actor | None) -> None:
    selection.status = status
    selection.answered_at = clock.now()
    selection.answered_by = actor.user_id if actor is not None else None
    selection.answered_by_name = actor.signature if actor is not None else ""
    selection.changed_at = clock.now()
    selection.remind_at = None
    db.session.flush()
    defer("notifications.tell_selection", selection_id=selection.id, what=status.value)


def _select(actor: Actor, creator: Creator, brand_id: int, terms: dict[str, Any], message: str) -> Selection:
    brief_id = terms.get("brief_id")
    if brief_id is not None:
        _require_unchosen(creator.id, brief_id)
    now, answer_time = clock.now(), timedelta(hours=settings().selection_hours)
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
        expires_at=now + answer_time,
        remind_at=now + answer_time / 2,
    )
    with _one_open_selection():
        db.session.add(selection)
    defer("notifications.tell_selection", selection_id=selection.id, what="made")
    return selection


def _brief_terms(kind: SelectionKind, brief: Brief, price: Money) -> dict[str, Any]:
    return {
        "kind": kind,
        "brief_id": brief.id,
        "title": brief.title,
        "deal_kind": brief.kind,
        "deliverables": brief.deliverables,
        "price_amount": price.amount,
        "price_currency": price.currency,
        "publish_by": brief.publish_by,
    }


def _package_terms(package: Package) -> dict[str, Any]:
    return {
        "kind": SelectionKind.BOOKING,
        "package_id": package.id,
        "title": f"{package.offer.title} · {package.name}",
        "deal_kind": package.kind,
        "deliverables": package.deliverables,
        "price_amount": package.price_amount,
        "price_currency": package.price_currency,
        "delivery_days": package.delivery_days,
        "revisions": package.revisions,
    }


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


def _require_unchosen(creator_id: int, brief_id: int) -> None:
    other = newest_for_brief(creator_id, brief_id)
    if other is None:
        return
    if other.status is SelectionStatus.ACCEPTED:
        raise Conflict(_l("You already work together on this brief."))
    if other.kind is SelectionKind.APPLICATION:
        raise Conflict(_l("The creator’s application to this brief is already waiting for an answer."))
    raise Conflict(_l("The company’s choice of this creator is already waiting for an answer."))


def _require_waiting(selection: Selection) -> None:
    if selection.status is not SelectionStatus.OPEN:
        raise Conflict(_gone(selection.status))
    if clock.now() >= selection.expires_at:
        raise Conflict(_gone(SelectionStatus.EXPIRED))


def _gone(status: SelectionStatus) -> LazyString:
    return {
        SelectionStatus.ACCEPTED: _l("This has been accepted already. Look among your deals."),
        SelectionStatus.DECLINED: _l("This has been declined already."),
        SelectionStatus.WITHDRAWN: _l("This was withdrawn a moment ago. Nothing was agreed."),
        SelectionStatus.EXPIRED: _l("The time to answer has passed. Nothing was agreed."),
    }[status]


def _creator(creator_id: int) -> Creator:
    """The creator, whose fans stay what they are until the commit; locked before any offer, as offers do."""
    creator = db.session.get(Creator, creator_id, with_for_update={"read": True}, populate_existing=True)
    if creator is None:
        raise NotFound
    return creator


def _own_brief(brand_id: int, brief_id: int) -> Brief:
    brief = lock_brief(brief_id, shared=True)
    if brief.brand_id != brand_id:
        raise NotFound
    if not takes_answers(brief):
        raise Conflict(_l("This brief is closed, or every place of it is filled."))
    return brief


def _still_listed(selection: Selection) -> bool:
    query = select(Offer.status).join(Package).where(Package.id == selection.package_id)
    return db.session.scalar(query.with_for_update(read=True, of=Offer)) is OfferStatus.LISTED


def _not_oneself(creator: Creator, brand_id: int) -> None:
    if is_member(creator.user_id, brand_id):
        raise NotAllowed(_l("This creator belongs to the company. A deal needs two sides."))


def _require_eligible(creator: Creator) -> None:
    if not is_eligible(creator):
        raise NotAllowed(_l("%(name)s doesn’t have enough verified fans yet.", name=creator.name))


def _check_price(price: Money, currency: str) -> None:
    if price.currency != currency:
        raise Invalid(_l("This brief is paid in %(currency)s.", currency=currency), field="price")
    if not SMALLEST_PRICE <= price.amount <= LARGEST_PRICE:
        raise Invalid(_l("The price is too small or too large to be paid at once."), field="price")


def _check_message(message: str, *, needed: bool) -> None:
    if needed and not message.strip():
        raise Invalid(_l("Write a few words."), field="message")
    if len(message) > MOST_MESSAGE:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_MESSAGE), field="message")
