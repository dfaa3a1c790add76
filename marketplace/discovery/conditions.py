"""What a reader looks for, as conditions on creators' rows."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Text, exists, literal, literal_column, select, true, union_all

from marketplace.brands.blocks import creator_not_blocked_for
from marketplace.creators.models import Channel, Creator
from marketplace.discovery.wanted import Wanted
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.offers.models import Offer, OfferStatus

# Letter for letter the expression of the index on it.
_HEADLINES: ColumnElement[str] = literal_column("((creators.headline_en || ' '::text) || creators.headline_zh)", Text)


def conditions(wanted: Wanted, for_brand: int | None) -> Iterator[ColumnElement[bool]]:
    """A creator is found who is eligible and sells something, unless a block keeps the two apart."""
    # As the indexes say it: "IS true" would find none of them.
    yield Creator.eligible == true()
    yield Creator.newest_offer_at.is_not(None)
    yield creator_not_blocked_for(for_brand, Creator.id)
    if wanted.least_fans is not None:
        yield Creator.verified_fans >= wanted.least_fans
    if wanted.categories:
        yield Creator.category.in_(wanted.categories)
    if wanted.platforms:
        yield exists().where(
            Channel.creator_id == Creator.id, Channel.platform.in_(wanted.platforms), Channel.verified_at.is_not(None)
        )
    if wanted.most_price is not None:
        # Prices are compared in one currency, the one that they are kept in.
        yield literal(wanted.most_price.currency == DEFAULT_CURRENCY)
        yield Creator.lowest_amount <= wanted.most_price.amount
    yield from (_says(word) for word in wanted.words)


def _says(word: str) -> ColumnElement[bool]:
    """The word is in the creator's name or headline, or in the title of a listed offer: each by its own index."""
    names = select(Creator.id).where(Creator.name.icontains(word, autoescape=True))
    headlines = select(Creator.id).where(_HEADLINES.icontains(word, autoescape=True))
    titles = select(Offer.creator_id).where(
        Offer.status == OfferStatus.LISTED, Offer.title.icontains(word, autoescape=True)
    )
    found = union_all(names.correlate(None), headlines.correlate(None), titles).subquery()
    return Creator.id.in_(select(found.c.id))
