"""What is told of reviews: that the other side has written, and that both can be read."""

from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal, DealSide
from marketplace.infra.db import db
from marketplace.notifications.recipients import brand_people, creator_people
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, moment_detail
from marketplace.reviews.models import Review
from marketplace.reviews.policy import write_until


def tell_of_review(review_id: int) -> None:
    """The side that it is about, never what it says before that side has written too."""
    review = db.session.get(Review, review_id)
    if review is None:
        return
    deal = db.session.get_one(Deal, review.deal_id)
    by_creator = review.side is DealSide.CREATOR
    writer = (
        db.session.get_one(Creator, review.creator_id) if by_creator else db.session.get_one(Brand, review.brand_id)
    )
    details: dict[str, Detail] = {
        "who": writer.name,
        "title": deal.title,
        "until": moment_detail(write_until(deal)),
    }
    what = "shown" if review.shown_at is not None else "written"
    news = News(f"review:{review.id}:{what}", "review", {"deal_id": deal.id}, details)
    for to in brand_people(review.brand_id) if by_creator else creator_people(review.creator_id):
        tell(to, f"review.{what}", news)
