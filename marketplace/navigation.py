"""What every page's frame shows: navigation by role, the bell's count, the languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import VISITOR, Actor
from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import current_actor
from marketplace.console.overview import book_queues, queue_lengths
from marketplace.infra import i18n
from marketplace.infra.db import db
from marketplace.infra.pictures import picture_url
from marketplace.matching.queries import waiting_selections
from marketplace.notifications.queries import unread_notifications


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the main navigation. `counted` names what waits there; `roomy` ones stand only where there is room,
    and in the menu of the account elsewhere. What lies under the paths of `also` belongs to it, too."""

    label: LazyString
    endpoint: str
    icon: str
    counted: str = ""
    roomy: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """An item with its address; `current` where the page shown is this one, or lies below it and below no other."""

    label: LazyString
    href: str
    icon: str
    current: bool
    count: int
    roomy: bool


_FACE_WIDTH = 128
# The pages of the books that don't lie under its path.
_BOOKS = (
    *("/console/reconciliation", "/console/held", "/console/paydays", "/console/payees", "/console/transfers"),
    *("/console/refunds", "/console/payments", "/console/chargebacks", "/console/fee-income", "/console/fees"),
    "/console/documents",
)
VISITOR_NAV = (
    Item(_l("Creators"), "discovery.index", "search"),
    Item(_l("Briefs"), "briefs.index", "card-text"),
    Item(_l("Fees"), "home.fees", "percent"),
)
CREATOR_NAV = (
    Item(_l("Home"), "home.today", "house"),
    Item(_l("Briefs"), "briefs.index", "card-text"),
    Item(_l("Selections"), "matching.inbox", "inbox", counted="selections"),
    Item(_l("Deals"), "deals.index", "chat-square-text"),
    Item(_l("Earnings"), "payouts.earnings", "wallet2", also=("/documents",)),
    Item(_l("Profile"), "creators.edit", "person", roomy=True),
)
BRAND_NAV = (
    Item(_l("Home"), "home.today", "house"),
    Item(_l("Discover"), "discovery.index", "search"),
    Item(_l("Briefs"), "briefs.mine", "card-text"),
    Item(_l("Selections"), "matching.inbox", "inbox", counted="selections"),
    Item(_l("Deals"), "deals.index", "chat-square-text", also=("/pay", "/payments")),
    Item(_l("Spending"), "spending.index", "receipt", roomy=True, also=("/payment-methods", "/documents")),
)
AGENCY_NAV = (
    Item(_l("Home"), "agencies.index", "house"),
    Item(_l("Discover"), "discovery.index", "search"),
    Item(_l("Members"), "agencies.people", "people"),
    Item(_l("Earnings"), "payouts.agency_earnings", "wallet2", also=("/earnings", "/documents")),
    Item(_l("Profile"), "agencies.edit", "person-badge"),
)
ADMIN_NAV = (
    Item(_l("Console"), "console.index", "house"),
    Item(_l("Readings"), "console.readings", "inboxes", counted="readings"),
    Item(_l("Reports"), "console.reports", "flag", counted="reports"),
    Item(_l("Disputes"), "console.disputes", "chat-square-quote", counted="disputes"),
    Item(_l("Deals"), "console.deals", "briefcase"),
    Item(_l("Books"), "console.books", "bank", counted="books", roomy=True, also=_BOOKS),
)


def items_for(actor: Actor) -> tuple[Item, ...]:
    """The navigation of the actor's main role."""
    if actor.is_admin:
        return ADMIN_NAV
    if actor.brand_id is not None or actor.side == "brand":
        return BRAND_NAV
    if actor.side == "agency" and not actor.represents:
        return AGENCY_NAV
    if actor.signed_in:
        return CREATOR_NAV
    return VISITOR_NAV


def links_of(items: tuple[Item, ...], waiting: Mapping[str, int]) -> list[Link]:
    """The items as links of the page being shown; what is counted has its number of `waiting`."""
    hrefs = [url_for(item.endpoint) for item in items]
    places = [(path, href) for item, href in zip(items, hrefs, strict=True) for path in (href, *item.also)]
    above = [(path, href) for path, href in places if f"{request.path}/".startswith(f"{path.rstrip('/')}/")]
    nearest = max(above, key=lambda place: len(place[0]), default=("", ""))[1]
    return [
        Link(item.label, href, item.icon, href == nearest, waiting.get(item.counted, 0), item.roomy)
        for item, href in zip(items, hrefs, strict=True)
    ]


def counts_for(actor: Actor) -> dict[str, int]:
    """How many notifications the person hasn't opened (`unread`), and how much of what waits for them, in one query.
    What waits at the books stands by its page, and `books` is the sum of it."""
    if actor.user_id is None:
        return {"unread": 0}
    queries = {"unread": unread_notifications(actor.user_id)}
    if actor.is_admin:
        queries |= queue_lengths()
    elif actor.creator_id is not None or actor.brand_id is not None:
        queries["selections"] = waiting_selections(actor)
    found = db.session.execute(select(*(query.scalar_subquery() for query in queries.values()))).one()
    counts = dict(zip(queries, found, strict=True))
    if actor.is_admin:
        counts["books"] = sum(counts[page] for page in book_queues())
    return counts


def avatar_url(actor: Actor) -> str:
    """The face of the place that the actor is in."""
    if actor.face_id is not None:
        return picture_url(actor.face_id, _FACE_WIDTH)
    if actor.brand_id is not None:
        return url_for("pages.picture", kind="company", ident=f"brand-{actor.brand_id}")
    if actor.agency_id is not None and actor.creator_id is None:
        return url_for("pages.picture", kind="company", ident=f"agency-{actor.agency_id}")
    ident = f"creator-{actor.creator_id}" if actor.creator_id is not None else f"user-{actor.user_id}"
    return url_for("pages.picture", kind="person", ident=ident)


def init_app(app: Flask) -> None:
    """Give every template the frame's values; a page of an error must not query, so it gets a visitor's."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        actor = _actor_or_visitor()
        counts = counts_for(actor)
        return {
            "current_actor": actor,
            "nav": links_of(items_for(actor), counts),
            "unread_count": counts["unread"],
            "waiting_counts": counts,
            "avatar_url": avatar_url(actor),
            "needs_confirmation": needs_confirmation(actor),
            "languages": list(i18n.LANGUAGES.items()),
            "locale": i18n.language(),
        }


def _actor_or_visitor() -> Actor:
    return VISITOR if g.get("broken") or request.endpoint is None else current_actor()
