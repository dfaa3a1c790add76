"""The verbs of reviews: write one, and show those that wait for nothing any more."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.policy import side_of
from marketplace.deals.queries import get_deal
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.reviews.models import Review
from marketplace.reviews.policy import may_review, write_until

MOST_TEXT = 2000


def write_review(actor: Actor, deal_id: int, stars: int, text: str) -> Review:
    """Say what the actor's side thinks of the other. Both reviews show once both are written, or the time is over.

    Raises:
        NotFound: the deal isn't the actor's.
        NotAllowed: the actor only looks on.
        Conflict: the deal isn't completed, the time is over, or the side has written its review.
        Invalid: the stars aren't from one to five, or the words are too many.
    """
    # The deal's row orders the two sides, so that the second to write always sees the first.
    deal = get_deal(actor, deal_id, lock=True)
    side = side_of(actor, deal)
    if side not in (DealSide.CREATOR, DealSide.BRAND):
        raise NotAllowed
    if deal.state is not State.COMPLETED:
        raise Conflict(_l("A deal can be reviewed once it is completed."))
    if clock.now() >= write_until(deal):
        raise Conflict(_l("The time to review this deal is over."))
    if not may_review(actor, deal):
        raise NotAllowed(_l("Only owners and managers of the company may do this."))
    if not 1 <= stars <= 5:
        raise Invalid(_l("Choose from one to five stars."), field="stars")
    if len(text) > MOST_TEXT:
        raise Invalid(_l("Write at most %(most)s characters.", most=MOST_TEXT), field="text")
    return _write(actor, deal, side, stars, text.strip())


def _write(actor: Actor, deal: Deal, side: DealSide, stars: int, text: str) -> Review:
    written = db.session.scalars(select(Review).where(Review.deal_id == deal.id).with_for_update()).all()
    if any(review.side is side for review in written):
        raise Conflict(_l("Your side has reviewed this deal already."))
    review = Review(
        deal_id=deal.id,
        side=side,
        creator_id=deal.creator_id,
        brand_id=deal.brand_id,
        stars=stars,
        text=text,
        written_by=actor.user_id,
        written_at=clock.now(),
    )
    db.session.add(review)
    db.session.flush()
    if written:
        for shown in (*written, review):
            _show(shown)
    else:
        defer("notifications.tell_review", review_id=review.id)
    return review


def _show(review: Review) -> None:
    """Let everybody read it. Its row, or its deal's, must be locked."""
    review.shown_at = clock.now()
    db.session.flush()
    defer("notifications.tell_review", review_id=review.id)
    defer("reviews.count_track_record", creator_id=review.creator_id)


def show_waiting(limit: int) -> int:
    """Show reviews whose other side has let its time pass; how many. Two workers at once show each once."""
    over = clock.now() - timedelta(days=settings().review_days)
    query = select(Review).join(Deal, Deal.id == Review.deal_id)
    query = query.where(Review.shown_at.is_(None), Deal.state_since <= over).order_by(Review.written_at).limit(limit)
    waiting = db.session.scalars(query.with_for_update(of=Review, skip_locked=True)).all()
    for review in waiting:
        _show(review)
    return len(waiting)
