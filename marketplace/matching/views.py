"""Pages of selections: the inbox, one selection, making one, answering no. A yes opens a deal, so deals gives it."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import require_manager
from marketplace.briefs.models import Brief
from marketplace.briefs.policy import is_within_budget
from marketplace.briefs.queries import briefs_by_ids, fillable_briefs_of, get_brief, get_brief_and_brand
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.creators.queries import get_creator, get_creator_by_handle
from marketplace.fees.explain import explain
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid
from marketplace.matching.brief_views import apply_context, brief_context
from marketplace.matching.forms import ApplyForm, BookForm, DeclineForm, EstimateForm, InviteForm
from marketplace.matching.inbox import count_drawers, list_selections
from marketplace.matching.models import Selection
from marketplace.matching.policy import acts_for_answerer, available_steps, has_lapsed, made_by_brand
from marketplace.matching.queries import Tab, estimate_fees, get_selection
from marketplace.matching.service import apply_to_brief, book_package, decline, invite_creator, withdraw
from marketplace.offers.models import Package
from marketplace.offers.queries import bookable_package

bp = Blueprint("matching", __name__)


@bp.get("/selections")
@access(Role.CREATOR, Role.BRAND)
def inbox() -> ResponseReturnValue:
    """What waits for one's own answer, what for the other side's, and what is closed."""
    actor = current_actor()
    wanted = request.args.get("tab")
    tab = Tab(wanted) if wanted in set(Tab) else Tab.ANSWER
    found = list_selections(actor, tab, request.args.get("page", 1, type=int))
    counts = count_drawers(actor)
    return render_template(
        "matching/inbox.html", tab=tab, found=found, counts=counts, actor=actor, made_by_brand=made_by_brand,
        steps={selection.id: available_steps(selection, actor) for selection in found.selections},
    )  # fmt: skip


@bp.get("/selections/<int:selection_id>")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def show(selection_id: int) -> ResponseReturnValue:
    actor = current_actor()
    selection = get_selection(actor, selection_id)
    return _selection_page("matching/show.html", actor, selection), 200


def _selection_page(template: str, actor: Actor, selection: Selection, form: DeclineForm | None = None) -> str:
    brief_id = selection.brief_id
    return render_template(
        template,
        selection=selection,
        brief=briefs_by_ids([brief_id]).get(brief_id) if brief_id is not None else None,
        steps=available_steps(selection, actor),
        by_brand=made_by_brand(selection),
        mine_to_answer=acts_for_answerer(actor, selection),
        lapsed=has_lapsed(selection),
        as_creator=actor.creator_id is not None and actor.creator_id == selection.creator_id,
        quote=estimate_fees(selection.creator_id, selection.deal_kind, selection.price),
        explain=explain,
        form=form,
    )


@bp.route("/briefs/<int:brief_id>/apply", methods=["GET", "POST"])
@access(Role.CREATOR)
def apply(brief_id: int) -> ResponseReturnValue:
    """The form that the brief's page has too, as a page of its own."""
    actor = current_actor()
    brief, brand = get_brief_and_brand(actor, brief_id)
    if actor.creator_id is None:
        flash(_("Fill in your profile first. Then you can apply."), "info")
        return redirect(url_for("creators.edit"), 303)
    form = ApplyForm() if request.method == "POST" else None
    if form is not None and form.validate():
        try:
            with transaction():
                selection = apply_to_brief(actor, brief_id, form.amount, form.message.data)
        except Invalid as error:
            show_error(form, error)
        else:
            flash(_("You have applied. You can withdraw until they answer."), "good")
            return redirect(url_for("matching.show", selection_id=selection.id), 303)
    context = brief_context(actor, brief, brand) | apply_context(actor, brief, form)
    return render_template("matching/apply.html", **context), 422 if form is not None else 200


@bp.get("/briefs/<int:brief_id>/estimate")
@access(Role.CREATOR)
def estimate(brief_id: int) -> ResponseReturnValue:
    """The fee lines for another price, for the form that asks without leaving."""
    actor = current_actor()
    brief = get_brief(actor, brief_id)
    form = EstimateForm(request.args)
    quote, fits_budget = None, False
    if actor.creator_id is not None and form.validate():
        quote = estimate_fees(actor.creator_id, brief.kind, form.amount)
        fits_budget = is_within_budget(brief, form.amount)
    return render_template("matching/_estimate.html", quote=quote, explain=explain, fits_budget=fits_budget)


@bp.route("/creators/<handle>/invite", methods=["GET", "POST"])
@access(Role.BRAND)
def invite(handle: str) -> ResponseReturnValue:
    """Ask a creator to do one of the company's open briefs."""
    actor = current_actor()
    brand_id = require_manager(actor)
    creator = get_creator_by_handle(handle)
    briefs = fillable_briefs_of(brand_id)
    form = InviteForm(data=_first_invitation(briefs))
    form.brief_id.briefs = briefs
    if form.validate_on_submit():
        try:
            with transaction():
                selection = invite_creator(
                    actor, creator.id, form.brief_id.data, form.amount, form.message.data
                )  # fmt: skip
        except Invalid as error:
            show_error(form, error)
        else:
            flash(_("Your invitation is on its way."), "good")
            return redirect(url_for("matching.show", selection_id=selection.id), 303)
    return _invite_page(form, creator, briefs), 422 if form.is_submitted() else 200


def _first_invitation(briefs: Sequence[Brief]) -> dict[str, object]:
    """The brief that the address names, if it is one of them, else the newest; its lower budget as the price."""
    wanted = request.args.get("brief", type=int)
    chosen = next((brief for brief in briefs if brief.id == wanted), briefs[0] if briefs else None)
    return {"brief_id": chosen.id, "price": chosen.budget_min} if chosen is not None else {}


def _invite_page(form: InviteForm, creator: Creator, briefs: Sequence[Brief]) -> str:
    return render_template(
        "matching/invite.html", form=form, creator=creator, briefs=briefs, eligible=is_eligible(creator)
    )


@bp.route("/packages/<int:package_id>/book", methods=["GET", "POST"])
@access(Role.BRAND)
def book(package_id: int) -> ResponseReturnValue:
    """Book a package at its price."""
    actor = current_actor()
    brand_id = require_manager(actor)
    package = bookable_package(package_id)
    form = BookForm()
    form.brief_id.briefs = fillable_briefs_of(brand_id)
    if form.validate_on_submit():
        try:
            with transaction():
                selection = book_package(actor, package_id, form.message.data, form.brief_id.data)
        except Invalid as error:
            show_error(form, error)
        else:
            flash(_("Your booking is on its way. You pay only after both have signed."), "good")
            return redirect(url_for("matching.show", selection_id=selection.id), 303)
    return _book_page(form, package), 422 if form.is_submitted() else 200


def _book_page(form: BookForm, package: Package) -> str:
    creator = get_creator(package.offer.creator_id)
    return render_template(
        "matching/book.html",
        form=form,
        package=package,
        offer=package.offer,
        creator=creator,
        quote=estimate_fees(creator.id, package.kind, package.price),
        explain=explain,
    )


@bp.post("/selections/<int:selection_id>/withdraw", endpoint="withdraw")
@access(Role.CREATOR, Role.BRAND)
def take_back(selection_id: int) -> ResponseReturnValue:
    with transaction():
        withdraw(current_actor(), selection_id)
    flash(_("Withdrawn. Nobody is bound."), "good")
    return redirect(url_for("matching.show", selection_id=selection_id), 303)


@bp.route("/selections/<int:selection_id>/decline", methods=["GET", "POST"], endpoint="decline")
@access(Role.CREATOR, Role.BRAND)
def say_no(selection_id: int) -> ResponseReturnValue:
    """Decline with a reason, which the other side reads."""
    actor = current_actor()
    selection = get_selection(actor, selection_id)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            with transaction():
                decline(actor, selection_id, form.reason.data)
        except Invalid as error:
            show_error(form, error)
        else:
            flash(_("Declined. They have been told why."), "good")
            return redirect(url_for("matching.show", selection_id=selection_id), 303)
    return _selection_page("matching/decline.html", actor, selection, form), 422 if form.is_submitted() else 200
