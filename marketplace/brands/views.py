"""The company's own profile. Its public page shows briefs too, so it stands with them."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, act_as, current_actor, forget_actor
from marketplace.brands import join_views, member_views
from marketplace.brands.blueprint import bp
from marketplace.brands.forms import CompanyForm
from marketplace.brands.models import Brand
from marketplace.brands.policy import can_manage, missing_facts
from marketplace.brands.queries import get_brand
from marketplace.brands.service import create_brand, edit_brand
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.pictures import picture_url
from marketplace.kit.errors import Invalid, NotAllowed


@bp.app_template_global()
def brand_face_url(brand: Brand | int, width: int = 128) -> str:
    """The address of a company's mark, uploaded or drawn. An id alone gives the drawn one: pass the brand."""
    if isinstance(brand, int):
        return url_for("pages.picture", kind="company", ident=f"brand-{brand}")
    return picture_url(brand.logo_id, width) if brand.logo_id is not None else brand_face_url(brand.id)


@bp.route("/company", methods=["GET", "POST"])
@access(Role.BRAND)
def company() -> ResponseReturnValue:
    """The profile form; the first save makes the company."""
    actor = current_actor()
    brand = get_brand(actor.brand_id) if actor.brand_id is not None else None
    form = CompanyForm(obj=brand)
    if form.validate_on_submit():
        try:
            return _saved(actor, brand, form)
        except Invalid as error:
            show_error(form, error)
    return _form_page(actor, brand, form), 422 if form.is_submitted() else 200


@bp.route("/companies/new", methods=["GET", "POST"], endpoint="new")
@access(Role.SIGNED_IN)
def new_company() -> ResponseReturnValue:
    """A company beside what one has already: its maker owns it and goes on in it."""
    actor = current_actor()
    if actor.is_admin:
        raise NotAllowed(_("Administrators take no side, so they have no company."))
    form = CompanyForm()
    if form.validate_on_submit():
        try:
            return _made(actor, form)
        except Invalid as error:
            show_error(form, error)
    return _form_page(actor, None, form, another=True), 422 if form.is_submitted() else 200


def _made(actor: Actor, form: CompanyForm) -> ResponseReturnValue:
    with transaction():
        brand_id = create_brand(actor, form.facts(), another=True, logo=form.logo.change).id
    act_as(Acting("brand", brand_id=brand_id))
    flash(_("Your company is here. You act for it from now on; your other places are in the menu above."), "good")
    return redirect(url_for("brands.company"), 303)


def _saved(actor: Actor, brand: Brand | None, form: CompanyForm) -> ResponseReturnValue:
    with transaction():
        if brand is None:
            saved = create_brand(actor, form.facts(), logo=form.logo.change)
        else:
            saved = edit_brand(actor, brand.id, form.facts(), form.version.data or 0, logo=form.logo.change)
        missing = missing_facts(saved)
    forget_actor()
    if missing:
        flash(_("Saved. Before you can open a brief, the profile needs a few more facts."), "info")
    else:
        flash(_("Your company profile is saved."), "good")
    return redirect(url_for("brands.company"), 303)


def _form_page(actor: Actor, brand: Brand | None, form: CompanyForm, *, another: bool = False) -> str:
    if form.is_submitted():
        form.logo.ask_again()
    return render_template(
        "brands/company.html",
        form=form,
        brand=brand,
        another=another,
        may_edit=brand is None or can_manage(actor, brand.id),
        missing=missing_facts(brand) if brand is not None else [],
    )


__all__ = ["bp", "join_views", "member_views"]
