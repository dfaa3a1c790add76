"""The list of creators, and each creator's public page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.models import Category, Platform
from marketplace.discovery.facets import count_categories, count_platforms
from marketplace.discovery.list_queries import saved_ids
from marketplace.discovery.queries import find_creators
from marketplace.discovery.wanted import Sort, Wanted, read_wanted
from marketplace.infra.i18n import count, money_text
from marketplace.infra.labels import label
from marketplace.offers.availability import busy_reasons

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
