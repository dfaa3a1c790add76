"""Reads of reviews."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal, DealSide
from marketplace.infra.db import db
from marketplace.reviews.models import Review

A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Rating:
    """The mean of `count` reviews' stars; None of none."""

    mean: float | None
    count: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews of one side with who wrote them, the newest first; `older` is the id to go on from."""

    reviews: Sequence[tuple[Review, Brand | Creator]]
    older: int | None


def of_creator(creator_id: int, before: int | None = None) -> ReviewPage:
    """What brands say of the creator."""
    shown = (Review.creator_id == creator_id, Review.side == DealSide.BRAND, Review.shown_at.is_not(None))
    query = select(Review, Brand).join(Brand, Brand.id == Review.brand_id).where(*shown, *_from(before))
    rows = db.session.execute(query.order_by(Review.id.desc()).limit(A_PAGE + 1)).all()
    return _page([(review, brand) for review, brand in rows])


def of_brand(brand_id: int, before: int | None = None) -> ReviewPage:
    """What creators say of the brand."""
    shown = (Review.brand_id == brand_id, Review.side == DealSide.CREATOR, Review.shown_at.is_not(None))
    query = select(Review, Creator).join(Creator, Creator.id == Review.creator_id).where(*shown, *_from(before))
    rows = db.session.execute(query.order_by(Review.id.desc()).limit(A_PAGE + 1)).all()
    return _page([(review, creator) for review, creator in rows])


def _from(before: int | None) -> list[ColumnElement[bool]]:
    return [Review.id < before] if before is not None and 0 < before < 2**63 else []


def _page(found: Sequence[tuple[Review, Brand | Creator]]) -> ReviewPage:
    return ReviewPage(found[:A_PAGE], found[A_PAGE - 1][0].id if len(found) > A_PAGE else None)


def rating_of_brand(brand_id: int) -> Rating:
    shown = (Review.brand_id == brand_id, Review.side == DealSide.CREATOR, Review.shown_at.is_not(None))
    total, number = db.session.execute(select(func.sum(Review.stars), func.count()).where(*shown)).one()
    return Rating(int(total) / number if number else None, number)


def reviews_of_deal(deal: Deal, reader: DealSide | None) -> Sequence[Review]:
    """The deal's reviews as one side may read them: its own, and the other's once it is shown."""
    found = db.session.scalars(select(Review).where(Review.deal_id == deal.id).order_by(Review.id)).all()
    return [review for review in found if review.side is reader or review.shown_at is not None]
