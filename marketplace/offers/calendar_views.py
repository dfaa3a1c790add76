"""The page where a creator says when they take work."""

from collections.abc import Iterable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.models import Creator
from marketplace.creators.queries import own_creator
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid
from marketplace.offers.blueprint import bp
from marketplace.offers.days import block_days, set_limits
from marketplace.offers.forms import LimitsForm, limits_data
from marketplace.offers.labels import means_for_brands
from marketplace.offers.month import month_of

_MOST_SENT = 100


def profile_first() -> ResponseReturnValue:
    flash(_("Save your profile first; channels and offers belong to it."), "info")
    return redirect(url_for("creators.edit"), 303)


@bp.route("/me/availability", methods=["GET", "POST"])
@access(Role.CREATOR)
def availability() -> ResponseReturnValue:
    """The calendar of a month, the holiday, and the most deals at once; the form here is that of the last two."""
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    if request.method != "POST":
        return _page(creator, LimitsForm(formdata=None, data=limits_data(creator)))
    form = LimitsForm(formdata=request.form)
    if form.validate():
        try:
            with transaction():
                set_limits(current_actor(), form.holiday, form.most_deals.data)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("Saved. Brands see it at once."), "good")
            return redirect(url_for("offers.availability", month=request.args.get("month")), 303)
    return _page(creator, form), 422


def _page(creator: Creator, form: LimitsForm) -> str:
    return render_template(
        "offers/availability.html",
        form=form,
        month=month_of(creator, request.args.get("month")),
        means=means_for_brands(creator),
        zone=settings().default_timezone,
    )


@bp.post("/me/availability/days")
@access(Role.CREATOR)
def save_days() -> ResponseReturnValue:
    """Block the ticked days of a month. With htmx the calendar alone comes back, else the page does."""
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    wanted = request.form.get("month", "")
    with transaction():
        block_days(current_actor(), _days("day"), _days("seen"))
    if request.headers.get("HX-Request"):
        month = month_of(creator, wanted)
        return render_template("offers/_calendar.html", month=month, means=means_for_brands(creator), saved=True)
    flash(_("The days are saved. Brands see it at once."), "good")
    return redirect(url_for("offers.availability", month=wanted or None), 303)


def _days(name: str) -> set[date]:
    """The days that the form sent under this name; what is no day is left out."""
    return set(_read(request.form.getlist(name)[:_MOST_SENT]))


def _read(typed: Iterable[str]) -> Iterable[date]:
    for text in typed:
        try:
            yield date.fromisoformat(text)
        except ValueError:
            continue
