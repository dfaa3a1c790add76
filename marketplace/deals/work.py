"""The verbs of the work itself: hand in a draft, ask for a revision, approve, hand in what was published."""

from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import Action, find
from marketplace.deals.models import Deal, Delivery, DeliveryKind, Verdict
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require, revisions_left
from marketplace.deals.queries import get_deal, newest_delivery
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid

LONGEST_LINK = 2000


def submit_draft(
    actor: Actor, deal_id: int, *, url: str = "", file: StoredFile | None = None, note: str = ""
) -> Delivery:
    """Hand in a draft, as a link, a file, or both.

    Raises:
        NotFound, NotAllowed, Conflict: as always.
        Invalid: there is neither, or the link is none.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.SUBMIT_DRAFT, deal)
    if not url and file is None:
        raise Invalid(_l("Give a link or a file."), field="url")
    delivery = _hand_in(actor, deal, DeliveryKind.DRAFT, url=require_link(url) if url else "", file=file, note=note)
    move_deal(deal, Action.SUBMIT_DRAFT, actor, side, details=_details(delivery))
    return delivery


def request_revision(actor: Actor, deal_id: int, note: str) -> Deal:
    """Send the draft back once more, with what should change.

    Raises:
        NotFound, NotAllowed, Conflict: as always; Conflict also when no revision is left.
        Invalid: it doesn't say what should change.
    """
    deal = get_deal(actor, deal_id, lock=True)
    if find(deal.state, Action.REQUEST_REVISION) is not None and not revisions_left(deal):
        raise Conflict(_l("All revisions in the terms are used. Approve the draft, or open a dispute."))
    side = require(actor, Action.REQUEST_REVISION, deal)
    if not note.strip():
        raise Invalid(_l("Say what should change."), field="note")
    draft = _judge(deal, Verdict.REVISION, note)
    deal.revisions_used += 1
    move_deal(deal, Action.REQUEST_REVISION, actor, side, why=note, details=_details(draft))
    return deal


def approve_draft(actor: Actor, deal_id: int) -> Deal:
    """Let the creator publish what was handed in. The clock does it where the brand says nothing.

    Raises:
        NotFound, NotAllowed, Conflict: as always.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.APPROVE_DRAFT, deal)
    draft = _judge(deal, Verdict.APPROVED)
    move_deal(deal, Action.APPROVE_DRAFT, actor, side, details=_details(draft))
    return deal


def submit_publication(actor: Actor, deal_id: int, url: str, note: str = "") -> Delivery:
    """Hand in the link to what was published.

    Raises:
        NotFound, NotAllowed, Conflict: as always.
        Invalid: the link is none.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.SUBMIT_PUBLICATION, deal)
    delivery = _hand_in(actor, deal, DeliveryKind.PUBLICATION, url=require_link(url), file=None, note=note)
    move_deal(deal, Action.SUBMIT_PUBLICATION, actor, side, details=_details(delivery))
    return delivery


def require_link(url: str) -> str:
    """The address, if it is one that a browser opens and shows no password.

    Raises:
        Invalid: it isn't. The field is `url`.
    """
    url = url.strip()
    refused = Invalid(_l("Give the whole link, starting with https:// or http://."), field="url")
    if len(url) > LONGEST_LINK or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise refused
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in ("http", "https") or "." not in host.strip(".") or parts.username is not None:
        raise refused
    return url


def _hand_in(actor: Actor, deal: Deal, kind: DeliveryKind, *, url: str, file: StoredFile | None, note: str) -> Delivery:
    assert actor.user_id is not None
    earlier = select(func.count()).where(Delivery.deal_id == deal.id, Delivery.kind == kind)
    delivery = Delivery(
        deal_id=deal.id,
        kind=kind,
        number=(db.session.scalar(earlier) or 0) + 1,
        url=url,
        file_id=file.id if file is not None else None,
        note=note,
        submitted_by=actor.user_id,
        submitted_at=clock.now(),
        verdict=Verdict.WAITING,
    )
    db.session.add(delivery)
    db.session.flush()
    return delivery


def note_acceptance(deal: Deal) -> None:
    """Mark what was published as accepted; for the verb that settles, which has locked the deal."""
    published = select(Delivery.id).where(Delivery.deal_id == deal.id, Delivery.kind == DeliveryKind.PUBLICATION)
    newest = published.order_by(Delivery.number.desc()).limit(1).scalar_subquery()
    accepted = update(Delivery).where(Delivery.id == newest).execution_options(synchronize_session=False)
    db.session.execute(accepted.values(verdict=Verdict.APPROVED, verdict_note="", verdict_at=clock.now()))


def _judge(deal: Deal, verdict: Verdict, note: str = "") -> Delivery:
    newest = newest_delivery(deal.id, DeliveryKind.DRAFT)
    assert newest is not None
    newest.verdict, newest.verdict_note, newest.verdict_at = verdict, note, clock.now()
    return newest


def _details(delivery: Delivery) -> dict[str, int]:
    return {"delivery_id": delivery.id, "number": delivery.number}
