"""The verbs that end a selection: yes, no, taking it back, and the clock's. What was held for it is given back."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.brands.blocks import is_blocked
from marketplace.briefs.places import fill_place, release_hold
from marketplace.briefs.queries import lock_brief
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.matching.choosing import lock_creator, require_apart
from marketplace.matching.days import Days, promised_days
from marketplace.matching.models import DeclineReason, Selection, SelectionKind, SelectionStatus
from marketplace.matching.policy import acts_for_answerer, made_by_brand, may_withdraw
from marketplace.matching.queries import get_selection, lock_selection
from marketplace.offers.availability import load_calendar, open_engagement, require_free
from marketplace.offers.models import Offer, OfferStatus, Package

MOST_REASON = 500


def withdraw(actor: Actor, selection_id: int) -> Selection:
    """Take a selection back before it was answered.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: the other side made it.
        Conflict: it was answered, or its time has passed.
    """
    selection = _lock_with_brief(actor, selection_id)
    if not may_withdraw(actor, selection):
        raise NotAllowed(_l("Only those who made it can withdraw it."))
    _require_waiting(selection)
    _close(selection, SelectionStatus.WITHDRAWN, actor)
    return selection


def decline(
    actor: Actor, selection_id: int, reason: str, declined_for: DeclineReason = DeclineReason.OTHER
) -> Selection:
    """Answer no; the other side reads why. `reason` may be empty where `declined_for` says it.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: it is the other side's to answer.
        Conflict: it was answered, or its time has passed.
        Invalid: there is another reason and it isn't said, or it is too long.
    """
    selection = _lock_with_brief(actor, selection_id)
    if not acts_for_answerer(actor, selection):
        raise NotAllowed(_l("It isn’t yours to answer."))
    _require_waiting(selection)
    if declined_for is DeclineReason.OTHER and not reason.strip():
        raise Invalid(_l("Say in a few words why."), field="reason")
    if len(reason) > MOST_REASON:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_REASON), field="reason")
    selection.declined_for, selection.decline_reason = declined_for, reason.strip()
    _close(selection, SelectionStatus.DECLINED, actor)
    return selection


def close_as_accepted(actor: Actor, selection_id: int) -> Selection:
    """Answer yes, in the transaction that opens the deal. A place of the brief is filled, if there is one, and the
    creator’s days are taken.

    Raises:
        NotFound: it isn't the actor's.
        NotAllowed: it is the other side's to answer, or the actor belongs to both.
        Conflict: it was answered, its time has passed, the brief is closed, full or out of budget, the creator is no
            longer eligible or not free, one has blocked the other, or the offer is no longer listed. Nothing was done.
        Invalid: the actor's e-mail isn't confirmed.
    """
    selection = _lock_with_brief(actor, selection_id)
    if not acts_for_answerer(actor, selection):
        raise NotAllowed(_l("It isn’t yours to answer."))
    require_confirmed(actor)
    _require_waiting(selection)
    creator = lock_creator(selection.creator_id)
    if not is_eligible(creator):
        raise Conflict(_l("The creator no longer has enough verified fans. Nothing was agreed."))
    if is_blocked(selection.brand_id, creator.id):
        raise Conflict(_l("The two of you can’t choose each other here. Nothing was agreed."))
    require_apart(creator, selection.brand_id)
    if selection.kind is SelectionKind.BOOKING and not _still_listed(selection):
        raise Conflict(_l("This offer is no longer listed. Nothing was agreed."))
    days = promised_days(selection)
    _require_room(creator, selection, days)
    if selection.brief_id is not None:
        fill_place(lock_brief(selection.brief_id), selection.price, was_held=selection.holds_place)
        selection.holds_place = False
    _close(selection, SelectionStatus.ACCEPTED, actor)
    open_engagement(creator.id, selection.id, days.starts_on, days.draft_due_on, title=selection.title)
    return selection


def expire(selection: Selection) -> None:
    """Close one whose time has passed or whose brief was closed. Its row must be locked, its brief's before it."""
    _close(selection, SelectionStatus.EXPIRED, None)


def remind(selection: Selection) -> None:
    """Tell the side that has to answer, once. The row must be locked."""
    selection.remind_at = None
    db.session.flush()
    defer("notifications.tell_selection", selection_id=selection.id, what="reminder")


def _lock_with_brief(actor: Actor, selection_id: int) -> Selection:
    """The brief first, as everywhere: its places and budget change with the answer."""
    brief_id = get_selection(actor, selection_id).brief_id
    if brief_id is not None:
        lock_brief(brief_id)
    return lock_selection(actor, selection_id)


def _close(selection: Selection, status: SelectionStatus, actor: Actor | None) -> None:
    if selection.holds_place and selection.brief_id is not None:
        release_hold(lock_brief(selection.brief_id), selection.price)
    now = clock.now()
    selection.holds_place = False
    selection.status = status
    selection.answered_at = selection.changed_at = now
    selection.answered_by = actor.user_id if actor is not None else None
    selection.answered_by_name = actor.signature if actor is not None else ""
    selection.remind_at = None
    if actor is not None:
        _mark_read_by_whoever_acted(selection, status)
    db.session.flush()
    defer("notifications.tell_selection", selection_id=selection.id, what=status.value)


def _mark_read_by_whoever_acted(selection: Selection, status: SelectionStatus) -> None:
    if made_by_brand(selection) is (status is SelectionStatus.WITHDRAWN):
        selection.brand_seen_at = selection.changed_at
    else:
        selection.creator_seen_at = selection.changed_at


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


def _still_listed(selection: Selection) -> bool:
    query = select(Offer.status).join(Package).where(Package.id == selection.package_id)
    return db.session.scalar(query.with_for_update(read=True, of=Offer)) is OfferStatus.LISTED


def _require_room(creator: Creator, selection: Selection, days: Days) -> None:
    """A booking's day must still be free. Dates of the others are talked over, so only the number of deals counts."""
    if selection.kind is SelectionKind.BOOKING:
        require_free(creator, days.starts_on, days.draft_due_on)
    elif load_calendar(creator, days.starts_on, days.draft_due_on).full_day(days.starts_on, days.draft_due_on):
        raise Conflict(
            _l(
                "%(name)s already works on as many deals as they take at once. Nothing was agreed.",
                name=creator.name,
            )
        )
