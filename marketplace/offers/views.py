"""Pages of offers: the creator's own, and the one that brands read."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.eligibility import eligibility
from marketplace.creators.models import Creator
from marketplace.creators.queries import own_creator
from marketplace.creators.works import works_of
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed
from marketplace.offers import calendar_views
from marketplace.offers.availability import availability_note
from marketplace.offers.blueprint import bp
from marketplace.offers.calendar_views import profile_first
from marketplace.offers.forms import OfferForm, add_package, offer_data, read_packages
from marketplace.offers.labels import addon_says, content_says, means_for_brands, note_says
from marketplace.offers.models import Offer
from marketplace.offers.policy import MOST_PACKAGES, may_book, may_delete, owns
from marketplace.offers.prices import brand_prices, covered_currencies
from marketplace.offers.queries import example_works, own_offer, own_offers, track_record_of, visible_offer
from marketplace.offers.service import create_offer, delete_offer, duplicate_offer, edit_offer, move_offer, pause_offer
from marketplace.offers.service import list_offer as show_to_brands

_MOST_COMPARED = 12

bp.add_app_template_global(addon_says)
bp.add_app_template_global(content_says)
bp.add_app_template_global(note_says)


@bp.get("/me/offers")
@access(Role.CREATOR)
def mine() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    return render_template(
        "offers/mine.html",
        offers=own_offers(current_actor()),
        standing=eligibility(creator),
        unconfirmed=needs_confirmation(current_actor()),
        means=means_for_brands(creator),
        may_delete=may_delete,
    )


@bp.route("/me/offers/new", methods=["GET", "POST"])
@access(Role.CREATOR)
def new() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    form = _form(creator, {"category": creator.category, "packages": [{"revisions": 2}]})
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
    form = _form(own_creator(current_actor()), offer_data(offer, example_works(offer_id)), offer.currency)
    if _is_save() and form.validate():
        try:
            with transaction():
                edit_offer(current_actor(), offer_id, form.facts(), form.seen_version())
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The offer is saved."), "good")
            return redirect(url_for("offers.show", offer_id=offer_id), 303)
    return _form_page(form, offer)


def _form(creator: Creator | None, data: Mapping[str, object], currency: str | None = None) -> OfferForm:
    """The form as it comes; the buttons that add or remove a package only change what is shown.

    `currency` is the offer's own, which may stay even where no fee rules cover it any more.
    """
    codes, works = covered_currencies(), works_of(creator.id) if creator is not None else ()
    codes = codes if currency is None or currency in codes else (*codes, currency)
    if request.method != "POST":
        return OfferForm(formdata=None, data=data, currencies=codes, works=works)
    removed = request.form.get("remove", type=int)
    form = OfferForm(formdata=read_packages(request.form, removed), currencies=codes, works=works)
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
        return _refused(refused)
    flash(_("The offer is listed. Brands can find and book it now."), "good")
    return redirect(url_for("offers.mine"), 303)


@bp.post("/me/offers/<int:offer_id>/pause")
@access(Role.CREATOR)
def pause(offer_id: int) -> ResponseReturnValue:
    with transaction():
        pause_offer(current_actor(), offer_id)
    flash(_("The offer is paused. Nobody can book it until you list it again."), "good")
    return redirect(url_for("offers.mine"), 303)


@bp.post("/me/offers/<int:offer_id>/duplicate")
@access(Role.CREATOR)
def duplicate(offer_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            copied = duplicate_offer(current_actor(), offer_id)
    except Invalid as refused:
        return _refused(refused)
    flash(_("This is a draft that says the same. Change what differs, then list it."), "good")
    return redirect(url_for("offers.edit", offer_id=copied.id), 303)


@bp.post("/me/offers/<int:offer_id>/move")
@access(Role.CREATOR)
def move(offer_id: int) -> ResponseReturnValue:
    with transaction():
        move_offer(current_actor(), offer_id, -1 if request.form.get("direction") == "up" else 1)
    return redirect(url_for("offers.mine", _anchor=f"h-offer-{offer_id}"), 303)


@bp.post("/me/offers/<int:offer_id>/delete")
@access(Role.CREATOR)
def delete(offer_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            delete_offer(current_actor(), offer_id)
    except Conflict as refused:
        return _refused(refused)
    flash(_("The draft is gone."), "good")
    return redirect(url_for("offers.mine"), 303)


def _refused(refused: DomainError) -> ResponseReturnValue:
    flash(str(refused), "alarm")
    return redirect(url_for("offers.mine"), 303)


@bp.get("/offers/<int:offer_id>")
@access(Role.PUBLIC)
def show(offer_id: int) -> ResponseReturnValue:
    """The offer as brands see it; to its creator with a banner that says who else does."""
    offer, creator = visible_offer(current_actor(), offer_id)
    own = owns(current_actor(), offer)
    return render_template(
        "offers/show.html",
        offer=offer,
        creator=creator,
        prices=brand_prices(offer, creator, current_actor().brand_id),
        compared=_compared(offer),
        examples=example_works(offer_id),
        track=track_record_of(creator.id),
        note=availability_note(creator),
        own=own,
        may_book=may_book(current_actor()),
        needs_confirmation=own and needs_confirmation(current_actor()),
    )


def _compared(offer: Offer) -> list[str]:
    """What any of the packages includes, so that each says whether it does; nothing where they share too little."""
    lines = list(dict.fromkeys(line for package in offer.packages for line in package.included))
    return lines if len(lines) <= _MOST_COMPARED else []


__all__ = ["bp", "calendar_views"]
