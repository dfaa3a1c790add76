"""The list of creators, and each creator's public page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.blocks import hides_creator
from marketplace.creators.models import Category, Platform
from marketplace.creators.policy import is_eligible
from marketplace.creators.queries import get_creator_by_handle
from marketplace.creators.views import bp as creators_bp
from marketplace.discovery.channels import channel_fans
from marketplace.discovery.list_queries import saved_ids
from marketplace.discovery.queries import count_categories, count_platforms, find_creators
from marketplace.discovery.wanted import Sort, Wanted, read_wanted
from marketplace.infra.i18n import count, money_text
from marketplace.infra.labels import label
from marketplace.kit.errors import NotFound
from marketplace.offers.availability import availability_note, busy_reasons
from marketplace.offers.policy import may_book
from marketplace.offers.queries import listed_offers_of

bp = Blueprint("discovery", __name__)
_FILTERS = ("q", "platform", "category", "fans", "price", "sort")
Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; following `href` takes it away."""

    label: str
    href: str
    remove: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a filter, with how many creators it would leave."""

    value: str
    label: str
    on: bool
    count: int


@bp.get("/creators")
@access(Role.PUBLIC)
def index() -> ResponseReturnValue:
    actor, (wanted, form) = current_actor(), read_wanted(request.args)
    page = find_creators(wanted, actor.brand_id)
    shown = [found.creator.id for found in page.found]
    return render_template(
        "discovery/index.html",
        form=form,
        wanted=wanted,
        page=page,
        saved=saved_ids(actor, shown),
        busy=busy_reasons(shown),
        platforms=_options(wanted.platforms, count_platforms(wanted, actor.brand_id), Platform),
        categories=_options(wanted.categories, count_categories(wanted, actor.brand_id), Category),
        sorts=[(sort.value, str(label(sort)), sort is wanted.sort) for sort in Sort],
        chips=_chips(wanted),
    )


def _options(chosen: Collection[Member], counts: Mapping[Member, int], members: type[Member]) -> list[Option]:
    """The boxes that leave something, or are on."""
    shown = [member for member in members if member in chosen or counts.get(member)]
    return [Option(member.value, str(label(member)), member in chosen, counts.get(member, 0)) for member in shown]


def _chips(wanted: Wanted) -> list[Chip]:
    chips = [Chip(f"“{' '.join(wanted.words)}”", _without("q"))] if wanted.words else []
    chips += [Chip(str(label(platform)), _without("platform", platform)) for platform in wanted.platforms]
    chips += [Chip(str(label(category)), _without("category", category)) for category in wanted.categories]
    if wanted.least_fans is not None:
        chips.append(Chip(_("At least %(fans)s fans", fans=count(wanted.least_fans)), _without("fans")))
    if wanted.most_price is not None:
        chips.append(Chip(_("At most %(price)s", price=money_text(wanted.most_price)), _without("price")))
    return chips


def _without(name: str, value: str | None = None) -> str:
    """This page's address without one of its filters, from its first page again."""
    query: dict[str, Any] = {}
    for field in _FILTERS:
        kept = [typed for typed in request.args.getlist(field) if typed and (field != name or typed not in (value, ""))]
        if kept and (field != name or value is not None):
            query[field] = kept
    return url_for("discovery.index", **query)


@creators_bp.get("/c/<handle>")
@access(Role.PUBLIC)
def profile(handle: str) -> ResponseReturnValue:
    """A creator's public page. It stands here, above offers, because it shows them; its address is the creators'."""
    actor, creator = current_actor(), get_creator_by_handle(handle)
    if hides_creator(actor, creator.id):
        raise NotFound
    channels = channel_fans(creator.id)
    offers = listed_offers_of(creator)
    return render_template(
        "creators/profile.html",
        creator=creator,
        channels=channels,
        largest=channels[0].reading if channels else None,
        offers=offers,
        lowest=min((offer.lowest for offer in offers), default=None),
        note=availability_note(creator) if offers else None,
        own=actor.creator_id == creator.id,
        may_book=may_book(actor),
        may_invite=actor.may_manage_brand and is_eligible(creator),
    )
