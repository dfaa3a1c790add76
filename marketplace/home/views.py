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
from marketplace.escrow.holding import FOREWARNING, holding
from marketplace.fees.policy import RuleKind
from marketplace.fees.queries import announced_policy, fee_day, policy_in_force
from marketplace.fees.quote import FeeQuote, quote
from marketplace.fees.words import sentences
from marketplace.home import agency_views
from marketplace.home.calculator import Calculator, example_price, free_amounts, kinds_without, rules_of
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
    found = quote(policy_in_force(), DealKind.VIDEO, _EXAMPLE_PRICE, Money.zero(), fee_day())
    return render_template(
        "home/front.html",
        creators_href=url_for("discovery.index"),
        briefs_href=url_for("briefs.index"),
        example=_example(found),
        newest=[_tile(creator) for creator in find_creators(Wanted(sort=Sort.NEWEST)).found[:_NEWEST]],
        quote=found,
        clocks=settings(),
    )


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
    """The rules in force and the next ones, and a calculator by the rules that hold for the reader."""
    found = Calculator(current_actor())
    form = _calculator_form(found)
    valid = form.validate() if request.args else True
    asked = _asked(found, form) if valid else None
    page = render_template(
        "home/fees.html",
        form=form,
        quote=asked,
        steps=found.steps(asked, form.days) if asked is not None else [],
        policy=found.policy,
        announced=announced_policy(found.on),
        on=found.on,
        own=current_actor().creator_id is not None,
        free=free_amounts(found.policy, found.on),
        fee_kinds=list(RuleKind),
        rules_of=rules_of,
        sentences=sentences,
        kinds_without=kinds_without,
    )
    return page, HTTPStatus.OK if valid else HTTPStatus.UNPROCESSABLE_ENTITY


def _calculator_form(found: Calculator) -> CalculatorForm:
    form, codes = CalculatorForm(), found.currencies
    typed = request.args.get("currency", codes[0])
    code = typed if typed in codes else codes[0]
    form.offer(codes, code, found.first_days)
    first = {"price": example_price(found.policy, code), "currency": code, "kind": DealKind.VIDEO}
    form.process(request.args or None, data={**first, "earned": found.earned(code), "first_days": found.own_first_days})
    return form


def _asked(found: Calculator, form: CalculatorForm) -> FeeQuote:
    """What is left open is an example; what one has earned is one's own unless something else is written."""
    code = form.currency.data
    earned = Money.zero(code) if "earned" in request.args else found.earned(code)
    return found.quote(
        form.price.data or example_price(found.policy, code),
        form.kind.data or DealKind.VIDEO,
        form.earned.data or earned,
        form.days,
    )


@bp.get("/how-money-is-held")
@access(Role.PUBLIC)
def how() -> ResponseReturnValue:
    """What holds the money, in a minute."""
    return render_template("home/how.html", clocks=settings())


@bp.get("/terms")
@access(Role.PUBLIC)
def terms() -> ResponseReturnValue:
    """What holds the money, until when, and who may move it."""
    return render_template("home/terms.html", clocks=settings(), limit=holding(), forewarning=FOREWARNING)


__all__ = ["agency_views", "bp"]
