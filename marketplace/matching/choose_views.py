"""Pages on which one side chooses the other: a creator applies to a brief, a brand books a package."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import CHOOSE, guard
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.blocks import hides_creator
from marketplace.brands.models import Brand
from marketplace.brands.policy import require_manager
from marketplace.briefs.models import Brief
from marketplace.briefs.policy import is_within_budget
from marketplace.briefs.queries import fillable_briefs_of, get_brief, get_brief_and_brand
from marketplace.creators.queries import get_creator
from marketplace.fees.explain import explain
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotFound, TooMany
from marketplace.kit.money import Money
from marketplace.matching.apply import price_asked
from marketplace.matching.blueprint import bp
from marketplace.matching.book import Booked, addons_of
from marketplace.matching.brief_views import apply_context, brief_context
from marketplace.matching.forms import ApplyForm, BookForm, EstimateForm
from marketplace.matching.queries import estimate_fees, estimate_for_brief, offers_for_brief
from marketplace.matching.service import apply_to_brief, book_package
from marketplace.offers.availability import first_free_day
from marketplace.offers.labels import deliverables_in_full
from marketplace.offers.models import Package
from marketplace.offers.queries import bookable_package


@bp.route("/briefs/<int:brief_id>/apply", methods=["GET", "POST"])
@access(Role.CREATOR)
def apply(brief_id: int) -> ResponseReturnValue:
    """The form that the brief's page has too, as a page of its own."""
    actor = current_actor()
    brief, brand = get_brief_and_brand(actor, brief_id)
    if actor.creator_id is None:
        flash(_("Fill in your profile first. Then you can apply."), "info")
        return redirect(url_for("creators.edit"), 303)
    if request.method == "GET":
        return _apply_page(actor, brief, brand)
    form = ApplyForm.for_brief(brief)
    form.show_offers(offers_for_brief(actor.creator_id, brief.kind, brief.currency)[0])
    if not form.validate():
        return _apply_page(actor, brief, brand, form), 422
    try:
        # What is taken back at once costs no application, but was mailed all the same.
        guard((CHOOSE, f"creator:{actor.creator_id}"))
        with transaction():
            selection = apply_to_brief(
                actor, brief_id, form.money, form.message.data, views=form.views, offer_id=form.offer_id.data
            )
    except (Invalid, Conflict, TooMany) as refused:
        if isinstance(refused, Invalid):
            show_error(form, refused)
        else:
            flash(str(refused), "alarm")
        # As the brief stands now: whoever was slower sees why they can't apply any more.
        return _apply_page(actor, *get_brief_and_brand(actor, brief_id), form), refused.status
    flash(_("You have applied. You can withdraw until they answer."), "good")
    return redirect(url_for("matching.show", selection_id=selection.id), 303)


def _apply_page(actor: Actor, brief: Brief, brand: Brand, form: ApplyForm | None = None) -> str:
    context = brief_context(actor, brief, brand) | apply_context(actor, brief, form)
    return render_template("matching/apply.html", **context)


@bp.get("/briefs/<int:brief_id>/estimate")
@access(Role.CREATOR)
def estimate(brief_id: int) -> ResponseReturnValue:
    """The fee lines for another price, for the form that asks without leaving."""
    actor = current_actor()
    brief = get_brief(actor, brief_id)
    price = _asked(brief) if actor.creator_id is not None else None
    return render_template(
        "matching/_estimate.html",
        brief=brief,
        price=price,
        quote=estimate_for_brief(actor.creator_id, brief, price),
        explain=explain,
        fits_budget=price is not None and is_within_budget(brief, price),
    )


def _asked(brief: Brief) -> Money | None:
    form = EstimateForm(request.args)
    if not form.validate():
        return None
    try:
        return price_asked(brief, form.price.data, form.views_promised.data)
    except Invalid:
        return None


@bp.route("/packages/<int:package_id>/book", methods=["GET", "POST"])
@access(Role.BRAND)
def book(package_id: int) -> ResponseReturnValue:
    """Book a package with what is ticked beside it. The button `update` only shows what it comes to."""
    actor = current_actor()
    brand_id = require_manager(actor)
    package = _met(bookable_package(package_id))
    form = BookForm()
    form.addons.addons = addons_of(package.offer_id)
    form.brief_id.offer(fillable_briefs_of(brand_id))
    if not form.is_submitted() or "update" in request.form:
        return _book_page(form, package)
    if not form.validate():
        return _book_page(form, package), 422
    guard((CHOOSE, f"brand:{brand_id}"))
    try:
        with transaction():
            selection = book_package(
                actor,
                package_id,
                form.message.data,
                form.brief_id.data,
                addon_ids=[addon.id for addon in form.addons.chosen],
                wanted_on=form.wanted_on.data,
            )
    except (Invalid, Conflict) as error:
        show_error(form, error)
        package = bookable_package(package_id)
        form.addons.addons = addons_of(package.offer_id)
        return _book_page(form, package), error.status
    flash(_("Your booking is on its way. You pay only after both have signed."), "good")
    return redirect(url_for("matching.show", selection_id=selection.id), 303)


@bp.get("/packages/<int:package_id>/book/price")
@access(Role.BRAND)
def book_price(package_id: int) -> ResponseReturnValue:
    """What the ticked add-ons come to, for the form that asks without leaving."""
    require_manager(current_actor())
    package = _met(bookable_package(package_id))
    form = BookForm(request.args, meta={"csrf": False})
    form.addons.addons = addons_of(package.offer_id)
    return render_template("matching/_total.html", **_total(form, package))


def _met(package: Package) -> Package:
    """
    Raises:
        NotFound: a block keeps the company and the creator apart.
    """
    if hides_creator(current_actor(), package.offer.creator_id):
        raise NotFound
    return package


def _total(form: BookForm, package: Package) -> dict[str, object]:
    booked = Booked(package, form.addons.chosen)
    creator_id = package.offer.creator_id
    return {
        "package": package,
        "booked": booked,
        "quote": estimate_fees(creator_id, current_actor().brand_id, package.kind, booked.price),
        "explain": explain,
    }


def _book_page(form: BookForm, package: Package) -> str:
    creator = get_creator(package.offer.creator_id)
    total = _total(form, package)
    booked = total["booked"]
    assert isinstance(booked, Booked)
    return render_template(
        "matching/book.html",
        form=form,
        offer=package.offer,
        creator=creator,
        deliverables=deliverables_in_full(package),
        free_on=first_free_day(creator, booked.first_day),
        **total,
    )
