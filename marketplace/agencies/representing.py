"""The verbs of representation: an agency offers, the creator consents or declines, either side ends it with notice.

A verb of the creator's side locks their row first, then the representation: of two consents one is told.
"""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.models import Representation, RepresentationStatus
from marketplace.agencies.policy import require_creator_themselves, require_owner
from marketplace.creators.models import Creator
from marketplace.creators.queries import get_creator_by_handle
from marketplace.infra.db import db, refusing
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound

MOST_SHARE = 5_000
LEAST_NOTICE = 1
MOST_NOTICE = 180
MOST_MESSAGE = 1_000
SHORTEST_NAME = 2
LONGEST_NAME = 80
# Whoever said no isn't asked again at once.
ASK_AGAIN_AFTER = timedelta(days=30)
_SIDES = (joinedload(Representation.agency), joinedload(Representation.creator))


def offer_representation(actor: Actor, handle: str, share: int, notice_days: int, message: str = "") -> Representation:
    """Ask a creator to be represented by the actor's agency for `share` basis points of what they receive.

    One whom the agency represents already can be offered another share or notice, which needs their consent again.

    Raises:
        NotAllowed: the actor doesn't own an agency.
        Conflict: an offer waits already, or was declined a short while ago.
        Invalid: there is no such creator, or the share, the notice or the message is out of bounds.
    """
    agency_id = require_owner(actor)
    require_confirmed(actor)
    _check(share, notice_days, message)
    creator = _creator_called(handle)
    _require_news(agency_id, creator.id, share, notice_days)
    offer = Representation(
        agency_id=agency_id,
        creator_id=creator.id,
        status=RepresentationStatus.OFFERED,
        share=share,
        notice_days=notice_days,
        message=message.strip(),
        offered_by=actor.user_id,
        offered_at=clock.now(),
    )
    waits = Conflict(_l("Your agency’s offer to %(name)s already waits for an answer.", name=creator.name))
    with refusing("uq_representations_offered", waits):
        db.session.add(offer)
    _tell(actor, offer, "offered")
    return offer


def withdraw_offer(actor: Actor, representation_id: int) -> Representation:
    """Take an offer back before the creator has answered.

    Raises:
        NotAllowed: the actor doesn't own the agency.
        NotFound: the offer isn't the agency's.
        Conflict: it was answered.
    """
    offer = _locked(representation_id)
    if offer.agency_id != require_owner(actor):
        raise NotFound
    _require(offer, RepresentationStatus.OFFERED)
    _close(offer, RepresentationStatus.WITHDRAWN)
    _tell(actor, offer, "withdrawn")
    return offer


def decline_offer(actor: Actor, representation_id: int) -> Representation:
    """Say no.

    Raises:
        NotAllowed: the actor isn't the creator themselves.
        NotFound: the offer isn't theirs.
        Conflict: it was answered or taken back.
    """
    offer = _own(actor, representation_id)
    _require(offer, RepresentationStatus.OFFERED)
    _close(offer, RepresentationStatus.DECLINED)
    _tell(actor, offer, "declined")
    return offer


def consent(actor: Actor, representation_id: int, name: str, shown: str) -> Representation:
    """Agree in writing: the text as it was shown, the name typed below it and the moment are kept.

    `shown` is the fingerprint of the text that the creator has read. What they had agreed with the same agency before
    ends with it, as the new consent takes its place.

    Raises:
        NotAllowed: the actor isn't the creator themselves.
        NotFound: the offer isn't theirs.
        Conflict: it was answered or taken back, or another agency represents the creator.
        Invalid: the e-mail isn't confirmed, the name is missing, or the text isn't the one that was shown.
    """
    offer = _own(actor, representation_id)
    require_confirmed(actor)
    _require(offer, RepresentationStatus.OFFERED)
    text = consent_text(offer)
    if fingerprint(text) != shown:
        raise Invalid(_l("The text has changed since you opened it. Read it again before you agree."))
    name = " ".join(name.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise Invalid(_l("Type your whole name, as you would sign it."), field="name")
    _make_room(actor, offer)
    offer.status = RepresentationStatus.ACTIVE
    offer.consent, offer.consented_name, offer.consented_at = text, name, clock.now()
    db.session.flush()
    _tell(actor, offer, "consented")
    return offer


def give_notice(actor: Actor, representation_id: int) -> Representation:
    """End a representation after its days of notice; either side may, and neither can take it back.

    Raises:
        NotFound: it is neither the actor's own nor their agency's.
        NotAllowed: the actor only looks after creators, or answers for this one.
        Conflict: it isn't in force, or notice was given already.
    """
    found = _locked(representation_id)
    _require_a_side(actor, found)
    _require(found, RepresentationStatus.ACTIVE)
    if found.ends_at is not None:
        raise Conflict(_l("Notice has been given already."))
    now = clock.now()
    found.notice_by, found.notice_at, found.ends_at = actor.user_id, now, now + timedelta(days=found.notice_days)
    db.session.flush()
    _tell(actor, found, "notice")
    return found


def end_due(limit: int = 200) -> int:
    """Close those whose notice is over; how many. Harmless to repeat, or to run twice at once."""
    due = db.session.scalars(
        select(Representation)
        .where(Representation.status == RepresentationStatus.ACTIVE, Representation.ends_at <= clock.now())
        .order_by(Representation.ends_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for found in due:
        _end(None, found)
    return len(due)


def _check(share: int, notice_days: int, message: str) -> None:
    if not 0 <= share <= MOST_SHARE:
        raise Invalid(_("Ask for a share between 0 and %(most)s percent.", most=MOST_SHARE // 100), field="share")
    if not LEAST_NOTICE <= notice_days <= MOST_NOTICE:
        words = _("Choose between %(least)s and %(most)s days.", least=LEAST_NOTICE, most=MOST_NOTICE)
        raise Invalid(words, field="notice_days")
    if len(message) > MOST_MESSAGE:
        raise Invalid(_("Write at most %(most)s characters.", most=MOST_MESSAGE), field="message")


def _creator_called(handle: str) -> Creator:
    try:
        return get_creator_by_handle(handle)
    except NotFound:
        raise Invalid(_l("No creator has this address."), field="handle") from None


def _require_news(agency_id: int, creator_id: int, share: int, notice_days: int) -> None:
    newest = select(Representation).where(
        Representation.agency_id == agency_id, Representation.creator_id == creator_id
    )
    for found in db.session.scalars(newest.order_by(Representation.id.desc()).limit(10)):
        declined = found.closed_at if found.status is RepresentationStatus.DECLINED else None
        if declined is not None and declined > clock.now() - ASK_AGAIN_AFTER:
            raise Conflict(_l("They declined a short while ago. You may ask again 30 days after their answer."))
        same = (found.share, found.notice_days) == (share, notice_days)
        if found.status is RepresentationStatus.ACTIVE and same and found.ends_at is None:
            raise Invalid(_l("You represent this creator for this share and notice already."), field="handle")


def _own(actor: Actor, representation_id: int) -> Representation:
    """One that the actor is the creator of, locked after their own row."""
    creator_id = require_creator_themselves(actor)
    db.session.execute(select(Creator.id).where(Creator.id == creator_id).with_for_update(key_share=True))
    found = _locked(representation_id)
    if found.creator_id != creator_id:
        raise NotFound
    return found


def _locked(representation_id: int) -> Representation:
    query = select(Representation).where(Representation.id == representation_id).options(*_SIDES)
    query = query.with_for_update(of=Representation).execution_options(populate_existing=True)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def _require_a_side(actor: Actor, found: Representation) -> None:
    if actor.is_creator_themselves and actor.creator_id == found.creator_id:
        return
    if actor.agency_id != found.agency_id:
        raise NotFound
    require_owner(actor)


def _require(found: Representation, status: RepresentationStatus) -> None:
    if found.status is not status:
        raise Conflict(_l("This has been answered, taken back or ended meanwhile. Nothing was changed."))


def _make_room(actor: Actor, offer: Representation) -> None:
    """A creator has one agency at a time. The creator's row is locked."""
    active = (Representation.creator_id == offer.creator_id, Representation.status == RepresentationStatus.ACTIVE)
    query = select(Representation).where(*active).options(*_SIDES).with_for_update(of=Representation)
    present = db.session.scalars(query).first()
    if present is None:
        return
    over = present.ends_at is not None and present.ends_at <= clock.now()
    if present.agency_id != offer.agency_id and not over:
        raise Conflict(
            _l(
                "%(agency)s represents you. End that first, then agree to another agency’s offer.",
                agency=present.agency.name,
            )
        )
    if over:
        _end(actor, present)
    else:
        _close(present, RepresentationStatus.ENDED)
    db.session.flush()


def _end(actor: Actor | None, found: Representation) -> None:
    _close(found, RepresentationStatus.ENDED)
    _tell(actor, found, "ended")


def _close(found: Representation, status: RepresentationStatus) -> None:
    found.status, found.closed_at = status, clock.now()
    db.session.flush()


def _tell(actor: Actor | None, found: Representation, what: str) -> None:
    by = actor.user_id if actor is not None else None
    defer("notifications.tell_representation", representation_id=found.id, what=what, by=by)
