"""The front page, each role's home, and the pages that say how fees and money work."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.acting import Acting, place_of
from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, act_as, current_actor, has_place, local_path
from marketplace.creators.profile_views import creator_cover_url, creator_face_url
from marketplace.discovery.queries import Found, find_creators
from marketplace.discovery.wanted import Sort, Wanted
from marketplace.fees.queries import fee_day, policy_in_force
from marketplace.fees.quote import FeeQuote, quote
from marketplace.home import agency_views
from marketplace.home.forms import CalculatorForm
from marketplace.home.places import places_of
from marketplace.home.today import look_at_today
from marketplace.infra.i18n import count
from marketplace.infra.settings import settings
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money

bp = Blueprint("home", __name__)
_NEWEST = 4
_EXAMPLE_PRICE = Money(12_000_00)


@dataclass(frozen=True, slots=True)
class Example:
    """The match drawn on the front page: invented, and said to be an example."""

    creator_name: str
    creator_face: str
    creator_headline: str
    fans: int
    cover: str
    offer_title: str
    price: Money
    brand_name: str
    brand_face: str
    brand_note: str
    brief_title: str
    budget_low: Money
    budget_high: Money
    held: Money


@bp.get("/")
@access(Role.PUBLIC)
def front() -> ResponseReturnValue:
    """What Mutuals is; people who are signed in go to their own home."""
    actor = current_actor()
    if actor.signed_in:
        return redirect(url_for("home.today"))
    found = _quote(_EXAMPLE_PRICE, DealKind.VIDEO, Money.zero())
    return render_template(
        "home/front.html",
        creators_href=url_for("discovery.index"),
        briefs_href=url_for("briefs.index"),
        example=_example(found),
        newest=[_tile(creator) for creator in find_creators(Wanted(sort=Sort.NEWEST)).found[:_NEWEST]],
        quote=found,
        clocks=settings(),
    )


def _quote(price: Money, kind: DealKind, earned: Money) -> FeeQuote:
    return quote(policy_in_force(), kind, price, earned, fee_day())


def _example(found: FeeQuote) -> Example:
    return Example(
        creator_name=_("Lin Yue"),
        creator_face=url_for("pages.picture", kind="person", ident="lin-yue"),
        creator_headline=_("Slow suppers in a small kitchen"),
        fans=128_400,
        cover=url_for("pages.picture", kind="cover", ident="bowls-clay-suppers"),
        offer_title=_("a film over 60 s"),
        price=found.price,
        brand_name=_("Hearth & Grain"),
        brand_face=url_for("pages.picture", kind="company", ident="hearth-grain"),
        brand_note=_("Cookware, Jingdezhen"),
        brief_title=_("One clay pot, one honest supper"),
        budget_low=Money(10_000_00),
        budget_high=Money(14_000_00),
        held=found.brand_total,
    )


def _tile(found: Found) -> dict[str, object]:
    creator = found.creator
    return {
        "name": creator.name,
        "href": url_for("creators.profile", handle=creator.handle),
        "cover": creator_cover_url(creator),
        "face": creator_face_url(creator),
        "headline": creator.headline,
        "fans": _("%(number)s fans", number=count(creator.verified_fans)),
        "price": found.lowest,
    }


@bp.get("/today")
@access(Role.SIGNED_IN)
def today() -> ResponseReturnValue:
    """What waits for the reader. Administrators have the console instead."""
    actor = current_actor()
    if actor.is_admin:
        return redirect(url_for("console.index"))
    if actor.side == "agency" and not actor.represents:
        return redirect(url_for("agencies.index"))
    return render_template("home/today.html", today=look_at_today(actor))


# --- The switch between places ----------------------------------------------------------------------------------------


@bp.get("/places")
@access(Role.SIGNED_IN)
def places() -> ResponseReturnValue:
    """All that one may act as. The menu in the header asks for the list alone, when it is opened."""
    actor = current_actor()
    if actor.is_admin or actor.user_id is None:
        return redirect(url_for("console.index"))
    template = "home/_places_menu.html" if request.headers.get("HX-Request") else "home/places.html"
    return render_template(template, places=places_of(actor.user_id), present=place_of(actor))


@bp.post("/places", endpoint="act_as")
@access(Role.SIGNED_IN)
def choose_place() -> ResponseReturnValue:
    """Act in another place from now on. A side without a profile leads to making one."""
    acting = Acting.read(request.form.get("place"))
    if acting is None or current_actor().is_admin or not has_place(acting):
        raise NotFound(_("You have no such place, or not any more. Your places show where you may act."))
    actor = act_as(acting)
    return redirect(local_path(request.form.get("next")) or url_for(_first_page(actor)), HTTPStatus.SEE_OTHER)


def _first_page(actor: Actor) -> str:
    if actor.side == "creator" and actor.creator_id is None:
        return "creators.edit"
    if actor.side == "brand" and actor.brand_id is None:
        return "brands.company"
    return "home.today"


@bp.get("/fees")
@access(Role.PUBLIC)
def fees() -> ResponseReturnValue:
    """The rules in force, and a calculator."""
    form = CalculatorForm(request.args)
    asked = bool(request.args.get("price"))
    valid = form.validate() if request.args else True
    price = form.price.data if asked and valid and form.price.data else _EXAMPLE_PRICE
    kind = form.kind.data if asked and valid and form.kind.data else DealKind.VIDEO
    earned = form.earned.data if asked and valid and form.earned.data else Money.zero()
    page = render_template(
        "home/fees.html",
        form=form,
        quote=_quote(price, kind, earned),
        policy=policy_in_force(),
        asked=asked and valid,
    )
    return page, HTTPStatus.OK if valid else HTTPStatus.UNPROCESSABLE_ENTITY


@bp.get("/how-money-is-held")
@access(Role.PUBLIC)
def how() -> ResponseReturnValue:
    """What holds the money, until when, and who may move it."""
    return render_template("home/how.html", clocks=settings())


__all__ = ["agency_views", "bp"]
