"""Pages of offers: the creator's own, and the one that brands read."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.eligibility import eligibility
from marketplace.creators.queries import own_creator
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid, NotAllowed
from marketplace.offers import labels  # noqa: F401 - registers their words
from marketplace.offers.forms import OfferForm, add_package, offer_data, read_packages
from marketplace.offers.models import Offer
from marketplace.offers.policy import MOST_PACKAGES, may_book, owns
from marketplace.offers.prices import brand_prices
from marketplace.offers.queries import own_offer, own_offers, visible_offer
from marketplace.offers.service import create_offer, edit_offer, pause_offer
from marketplace.offers.service import list_offer as show_to_brands

bp = Blueprint("offers", __name__)


@bp.get("/me/offers")
@access(Role.CREATOR)
def mine() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return _profile_first()
    return render_template(
        "offers/mine.html",
        offers=own_offers(current_actor()),
        standing=eligibility(creator),
        unconfirmed=needs_confirmation(current_actor()),
    )


def _profile_first() -> ResponseReturnValue:
    flash(_("Save your profile first; channels and offers belong to it."), "info")
    return redirect(url_for("creators.edit"), 303)


@bp.route("/me/offers/new", methods=["GET", "POST"])
@access(Role.CREATOR)
def new() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return _profile_first()
    form = _form({"category": creator.category, "packages": [{"revisions": 2}]})
    if _is_save() and form.validate():
        try:
            with transaction():
                offer = create_offer(current_actor(), form.facts())
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The draft is saved. List it when it is ready."), "good")
            return redirect(url_for("offers.show", offer_id=offer.id), 303)
    return _form_page(form, None)


@bp.route("/me/offers/<int:offer_id>", methods=["GET", "POST"])
@access(Role.CREATOR)
def edit(offer_id: int) -> ResponseReturnValue:
    offer = own_offer(current_actor(), offer_id)
    form = _form(offer_data(offer))
    if _is_save() and form.validate():
        try:
            with transaction():
                edit_offer(current_actor(), offer_id, form.facts(), form.seen_version())
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The offer is saved."), "good")
            return redirect(url_for("offers.show", offer_id=offer_id), 303)
    return _form_page(form, own_offer(current_actor(), offer_id))


def _form(data: Mapping[str, object]) -> OfferForm:
    """The form as it comes; the buttons that add or remove a package only change what is shown."""
    if request.method != "POST":
        return OfferForm(formdata=None, data=data)
    removed = request.form.get("remove", type=int)
    form = OfferForm(formdata=read_packages(request.form, removed))
    if "add" in request.form:
        add_package(form)
    return form


def _is_save() -> bool:
    return request.method == "POST" and "add" not in request.form and "remove" not in request.form


def _form_page(form: OfferForm, offer: Offer | None) -> ResponseReturnValue:
    page = render_template("offers/form.html", form=form, offer=offer, most_packages=MOST_PACKAGES)
    return page, 422 if form.errors else 200


@bp.post("/me/offers/<int:offer_id>/list")
@access(Role.CREATOR)
def list_offer(offer_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            show_to_brands(current_actor(), offer_id)
    except (Invalid, NotAllowed) as refused:
        flash(str(refused), "alarm")
        return redirect(url_for("offers.mine"), 303)
    flash(_("The offer is listed. Brands can find and book it now."), "good")
    return redirect(url_for("offers.mine"), 303)


@bp.post("/me/offers/<int:offer_id>/pause")
@access(Role.CREATOR)
def pause(offer_id: int) -> ResponseReturnValue:
    with transaction():
        pause_offer(current_actor(), offer_id)
    flash(_("The offer is paused. Nobody can book it until you list it again."), "good")
    return redirect(url_for("offers.mine"), 303)


@bp.get("/offers/<int:offer_id>")
@access(Role.PUBLIC)
def show(offer_id: int) -> ResponseReturnValue:
    offer, creator = visible_offer(current_actor(), offer_id)
    return render_template(
        "offers/show.html",
        offer=offer,
        creator=creator,
        prices=brand_prices(offer.packages),
        own=owns(current_actor(), offer),
        may_book=may_book(current_actor()),
    )
