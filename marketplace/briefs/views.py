"""Pages of briefs that show no selections, and a brand's public page. Those that do stand with matching."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import can_manage, require_manager
from marketplace.brands.queries import brands_by_ids, get_brand_by_handle
from marketplace.brands.views import bp as brands_bp
from marketplace.briefs.fit import fans_by_platform
from marketplace.briefs.forms import BriefFilterForm, BriefForm
from marketplace.briefs.models import Brief
from marketplace.briefs.queries import get_own_brief, list_open_briefs, open_briefs_of
from marketplace.briefs.service import close_brief, create_brief, edit_brief, open_brief
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import DomainError, Invalid, NotAllowed

bp = Blueprint("briefs", __name__)


@bp.get("/briefs")
@access(Role.PUBLIC)
def index() -> ResponseReturnValue:
    """Briefs that one can apply to today."""
    actor = current_actor()
    form = BriefFilterForm(request.args)
    fans = fans_by_platform(actor.creator_id) if actor.creator_id is not None else None
    found = list_open_briefs(form.wanted(fans), request.args.get("after"))
    brands = brands_by_ids(brief.brand_id for brief in found.briefs)
    return render_template("briefs/index.html", form=form, found=found, brands=brands, fans=fans)


@bp.route("/company/briefs/new", methods=["GET", "POST"])
@access(Role.BRAND)
def new() -> ResponseReturnValue:
    """A draft; without a company profile that comes first."""
    actor = current_actor()
    if actor.brand_id is None:
        flash(_("Tell us about your company first. Then you can write the brief."), "info")
        return redirect(url_for("brands.company"), 303)
    require_manager(actor)
    form = BriefForm()
    if form.validate_on_submit():
        try:
            with transaction():
                brief = create_brief(actor, form.facts())
        except Invalid as error:
            show_error(form, error)
        else:
            return _written(actor, brief.id)
    return _form_page(form, None), 422 if form.is_submitted() else 200


@bp.route("/company/briefs/<int:brief_id>", methods=["GET", "POST"])
@access(Role.BRAND)
def edit(brief_id: int) -> ResponseReturnValue:
    """Change a brief of one's own."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    form = BriefForm(obj=brief)
    if form.validate_on_submit():
        try:
            with transaction():
                edit_brief(actor, brief_id, form.facts(), form.version.data or 0)
        except Invalid as error:
            show_error(form, error)
        else:
            return _written(actor, brief_id)
    return _form_page(form, brief), 422 if form.is_submitted() else 200


def _written(actor: Actor, brief_id: int) -> ResponseReturnValue:
    """After a save: the second button also opens the brief."""
    if "open" in request.form:
        return _change(open_brief, actor, brief_id, _("Your brief is open. Creators can apply from now on."))
    flash(_("Your brief is saved."), "good")
    return redirect(url_for("briefs.show", brief_id=brief_id), 303)


def _form_page(form: BriefForm, brief: Brief | None) -> str:
    return render_template("briefs/edit.html", form=form, brief=brief, currency=form.budget_max.currency)


@bp.post("/company/briefs/<int:brief_id>/open", endpoint="open_brief")
@access(Role.BRAND)
def publish(brief_id: int) -> ResponseReturnValue:
    return _change(open_brief, current_actor(), brief_id, _("Your brief is open. Creators can apply from now on."))


@bp.post("/company/briefs/<int:brief_id>/close")
@access(Role.BRAND)
def close(brief_id: int) -> ResponseReturnValue:
    done = _("Your brief is closed. What was waiting for an answer lapses; your deals go on.")
    return _change(close_brief, current_actor(), brief_id, done)


def _change(verb: Callable[[Actor, int], Brief], actor: Actor, brief_id: int, done: str) -> ResponseReturnValue:
    """Take the step, or say on the brief's page why it can't be taken."""
    get_own_brief(actor, brief_id)
    try:
        with transaction():
            verb(actor, brief_id)
    except (Invalid, NotAllowed) as error:
        flash(_reason(error), "alarm")
    else:
        flash(done, "good")
    return redirect(url_for("briefs.show", brief_id=brief_id), 303)


def _reason(error: DomainError) -> str:
    return str(error) or _("Only owners and managers of the company may do this.")


@brands_bp.get("/b/<handle>")
@access(Role.PUBLIC)
def profile(handle: str) -> ResponseReturnValue:
    """What everybody may know of a company, and what it is looking for."""
    brand = get_brand_by_handle(handle)
    briefs = open_briefs_of(brand.id)
    may_edit = can_manage(current_actor(), brand.id)
    return render_template("brands/profile.html", brand=brand, briefs=briefs, may_edit=may_edit)
