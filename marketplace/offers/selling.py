"""What a creator sells, kept on their own row so that lists of creators need no other table."""

from sqlalchemy import func, select

from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.offers.models import Offer, OfferStatus


def count_selling(creator: Creator) -> None:
    """Write when the newest of their listed offers was listed, and their lowest price. The creator's row is locked."""
    db.session.flush()
    listed = (Offer.creator_id == creator.id, Offer.status == OfferStatus.LISTED)
    lowest = func.min(Offer.lowest_amount).filter(Offer.currency == DEFAULT_CURRENCY)
    newest, price = db.session.execute(select(func.max(Offer.listed_at), lowest).where(*listed)).one()
    creator.newest_offer_at, creator.lowest_amount = newest, price
    db.session.flush()
