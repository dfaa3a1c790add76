"""What the places are called that a person reads news in."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import func, select, union_all

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor
from marketplace.agencies.models import Agency, AgencyMember
from marketplace.brands.models import Brand, Member
from marketplace.brands.queries import brands_by_ids
from marketplace.creators.models import Creator
from marketplace.creators.queries import creators_by_ids
from marketplace.infra.db import db


def has_several_places(actor: Actor) -> bool:
    """Whether the person must be told which of their places something is about."""
    places = union_all(
        select(Creator.id).where(Creator.user_id == actor.user_id),
        select(Member.id).where(Member.user_id == actor.user_id),
        select(AgencyMember.id).where(AgencyMember.user_id == actor.user_id),
    )
    return (db.session.scalar(select(func.count()).select_from(places.subquery())) or 0) > 1


def place_names(actings: Iterable[str | None]) -> dict[str, str]:
    """The name of each place, as the reader reads it: at most three queries, whatever their number."""
    places = {text: place for text in actings if (place := Acting.read(text)) is not None and text is not None}
    brands = brands_by_ids(place.brand_id for place in places.values() if place.brand_id is not None)
    agencies = _agencies(place.agency_id for place in places.values() if place.agency_id is not None)
    creators = creators_by_ids(place.for_creator_id for place in places.values() if place.for_creator_id is not None)
    names = {text: _name(place, brands, agencies, creators) for text, place in places.items()}
    return {text: name for text, name in names.items() if name}


def _agencies(agency_ids: Iterable[int]) -> dict[int, Agency]:
    wanted = set(agency_ids)
    if not wanted:
        return {}
    return {agency.id: agency for agency in db.session.scalars(select(Agency).where(Agency.id.in_(wanted)))}


def _name(
    place: Acting, brands: dict[int, Brand], agencies: dict[int, Agency], creators: dict[int, Creator]
) -> str | None:
    if place.side == "creator":
        return str(_("You as a creator"))
    if place.brand_id in brands:
        return brands[place.brand_id].name
    if place.agency_id not in agencies:
        return None
    agency = agencies[place.agency_id].name
    if place.for_creator_id not in creators:
        return agency
    return str(_("%(creator)s, for %(agency)s", creator=creators[place.for_creator_id].name, agency=agency))
