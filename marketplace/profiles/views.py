"""The public pages: a creator's with the card that shared links show, and a company's."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import VISITOR
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import can_manage
from marketplace.brands.views import bp as brands_bp
from marketplace.briefs.queries import open_briefs_of
from marketplace.creators.art_idents import cover_ident, creator_ident
from marketplace.creators.audience import shares_of
from marketplace.creators.models import Category, Creator, TrackRecord
from marketplace.creators.policy import is_eligible
from marketplace.creators.views import bp as creators_bp
from marketplace.creators.works import works_of
from marketplace.discovery.channels import channel_fans
from marketplace.infra import art
from marketplace.infra.i18n import count, language
from marketplace.infra.labels import label
from marketplace.infra.pictures import picture_file
from marketplace.matching.words import record_words
from marketplace.offers.availability import availability_note
from marketplace.offers.policy import may_book
from marketplace.offers.queries import listed_offers_of
from marketplace.profiles.card import Card, png
from marketplace.profiles.queries import fan_history, find_brand, find_creator
from marketplace.reviews import queries as reviews

_FIRST_WORKS = 6
_LONGEST_HEADLINE = 110


@creators_bp.get("/c/<handle>")
@access(Role.PUBLIC)
def profile(handle: str) -> ResponseReturnValue:
    """A creator's public page; its address is the creators'."""
    actor = current_actor()
    found = find_creator(actor, handle)
    creator = found.creator
    channels, offers = channel_fans(creator.id), listed_offers_of(creator)
    whole = request.args.get("works") == "all"
    works = works_of(creator.id, None if whole else _FIRST_WORKS + 1)
    return render_template(
        "profiles/creator.html",
        creator=creator,
        categories=[Category(name) for name in creator.categories],
        record=record_words(found.record),
        channels=channels,
        history=fan_history(channels),
        audience=found.audience,
        shares=shares_of(found.audience) if found.audience is not None else [],
        offers=offers,
        note=availability_note(creator) if offers else None,
        works=works if whole else works[:_FIRST_WORKS],
        more_works=not whole and len(works) > _FIRST_WORKS,
        reviews=reviews.of_creator(creator.id, request.args.get("before", type=int)),
        own=actor.creator_id == creator.id,
        may_book=may_book(actor),
        may_invite=actor.may_manage_brand and is_eligible(creator),
        address=url_for("creators.profile", handle=creator.handle, _external=True),
    )


@creators_bp.get("/c/<handle>/card.png")
@access(Role.PUBLIC)
def card(handle: str) -> ResponseReturnValue:
    """The picture of a link to the creator, as anybody sees it: whom one has blocked makes no difference to it."""
    found = find_creator(VISITOR, handle)
    creator = found.creator
    drawn = png(
        Card(language(), creator.name, _shortened(creator.headline), _facts(creator, found.record)),
        _drawing(creator.avatar_id, 256, art.person(creator_ident(creator.id))),
        _drawing(creator.cover_id, 1600, _cover(creator)),
    )
    response = Response(drawn, mimetype="image/png")
    # It is drawn in the reader's language: no cache between us may give it to another.
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_HEADLINE else f"{text[: _LONGEST_HEADLINE - 1].rstrip()}…"


def _facts(creator: Creator, record: TrackRecord | None) -> tuple[str, ...]:
    facts = [str(label(creator.category))]
    if creator.verified_fans:
        facts.append(_("%(fans)s verified fans", fans=count(creator.verified_fans)))
    rating = record_words(record).rating
    if rating is not None:
        facts.append(_("%(rating)s of 5 stars", rating=f"{rating:.1f}"))
    return tuple(facts)


def _cover(creator: Creator) -> str:
    ident = cover_ident(creator.category, "creator", creator.id)
    return art.cover(ident, ident.partition("-")[0])


def _drawing(picture_id: int | None, width: int, drawn: str) -> bytes:
    return picture_file(picture_id, width).content if picture_id is not None else drawn.encode()


@brands_bp.get("/b/<handle>", endpoint="profile")
@access(Role.PUBLIC)
def brand_profile(handle: str) -> ResponseReturnValue:
    """What everybody may know of a company, and what it is looking for."""
    actor = current_actor()
    brand = find_brand(actor, handle)
    return render_template(
        "profiles/brand.html",
        brand=brand,
        briefs=open_briefs_of(brand.id, actor),
        rating=reviews.rating_of_brand(brand.id),
        reviews=reviews.of_brand(brand.id, request.args.get("before", type=int)),
        may_edit=can_manage(actor, brand.id),
    )
