"""Pages of selections: the inbox, one selection, taking it back, saying no. A yes opens a deal, so deals gives it."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, current_actor, local_path
from marketplace.brands.policy import can_manage
from marketplace.briefs.places import places_of
from marketplace.briefs.queries import briefs_by_ids
from marketplace.fees.explain import explain
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid
from marketplace.matching import applicant_views, brief_views, choose_views, invite_views
from marketplace.matching.blueprint import bp
from marketplace.matching.days import promised_days
from marketplace.matching.forms import DeclineForm, InboxForm, NoteForm
from marketplace.matching.inbox import InboxFilter, briefs_in_inbox, count_drawers, list_selections
from marketplace.matching.marks import mark_all_read, mark_read
from marketplace.matching.models import DeclineReason, Selection
from marketplace.matching.policy import acts_for_answerer, available_steps, has_lapsed, is_unread, made_by_brand
from marketplace.matching.queries import Tab, estimate_fees, get_selection
from marketplace.matching.service import decline, withdraw
from marketplace.matching.words import answerer_name, booked_addons, maker_name


@bp.get("/selections")
@access(Role.CREATOR, Role.BRAND)
def inbox() -> ResponseReturnValue:
    """What waits for one's own answer, what for the other side's, and what is closed; narrowed by the address."""
    actor = current_actor()
    wanted_tab = request.args.get("tab")
    tab = Tab(wanted_tab) if wanted_tab in set(Tab) else Tab.ANSWER
    form = InboxForm(request.args)
    form.brief.rows = briefs_in_inbox(actor)
    wanted = _wanted(form)
    found = list_selections(actor, tab, request.args.get("page", 1, type=int), wanted)
    return render_template(
        "matching/inbox.html",
        tab=tab,
        found=found,
        form=form,
        wanted=wanted,
        drawers=count_drawers(actor),
        steps={selection.id: available_steps(selection, actor) for selection in found.selections},
        unread={selection.id for selection in found.selections if is_unread(selection, actor)},
        now=clock.now(),
    )


def _wanted(form: InboxForm) -> InboxFilter:
    form.validate()
    return InboxFilter(
        kind=form.kind.data if not form.kind.errors else None,
        brief_id=form.brief.data if not form.brief.errors else None,
        unread=bool(request.args.get("unread")),
        shortlisted=bool(request.args.get("shortlisted")),
        name=form.q.data if not form.q.errors else "",
    )


@bp.post("/selections/read")
@access(Role.CREATOR, Role.BRAND)
def read_all() -> ResponseReturnValue:
    """Mark as read what had changed when the inbox was shown; what came after it stays unread."""
    with transaction():
        number = mark_all_read(current_actor(), _shown_at(request.form.get("until")))
    if number:
        flash(ngettext("One is marked as read.", "%(num)s are marked as read.", number), "good")
    return redirect(local_path(request.form.get("next")) or url_for("matching.inbox"), 303)


def _shown_at(typed: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(typed or "")
    except ValueError:
        return clock.now()
    return min(moment, clock.now()) if moment.tzinfo is not None else clock.now()


@bp.get("/selections/<int:selection_id>")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def show(selection_id: int) -> ResponseReturnValue:
    actor = current_actor()
    selection = get_selection(actor, selection_id)
    if is_unread(selection, actor):
        with transaction():
            mark_read(actor, selection)
        selection = get_selection(actor, selection_id)
    return selection_page(actor, selection)


def selection_page(actor: Actor, selection: Selection, form: DeclineForm | None = None) -> str:
    """One selection as the actor may see it, or with `form` the page on which to decline it."""
    brief_id = selection.brief_id
    brief = briefs_by_ids([brief_id]).get(brief_id) if brief_id is not None else None
    for_brand = can_manage(actor, selection.brand_id) or actor.brand_id == selection.brand_id
    return render_template(
        "matching/decline.html" if form is not None else "matching/show.html",
        selection=selection,
        brief=brief,
        places=places_of(brief) if brief is not None and for_brand else None,
        note_form=NoteForm(formdata=None, data={"note": selection.brand_note}) if for_brand else None,
        may_note=can_manage(actor, selection.brand_id),
        steps=available_steps(selection, actor),
        by_brand=made_by_brand(selection),
        mine_to_answer=acts_for_answerer(actor, selection),
        lapsed=has_lapsed(selection),
        as_creator=actor.creator_id is not None and actor.creator_id == selection.creator_id,
        quote=estimate_fees(selection.creator_id, selection.brand_id, selection.deal_kind, selection.price),
        days=promised_days(selection),
        addons=booked_addons(selection),
        maker_name=maker_name(selection),
        answerer_name=answerer_name(selection),
        explain=explain,
        form=form,
    )


def take_step(selection_id: int, verb: Callable[[], object]) -> ResponseReturnValue | None:
    """Take a step of one button. Whoever was slower gets the selection as it stands now, and why nothing was done."""
    try:
        with transaction():
            verb()
    except (Conflict, Invalid) as refused:
        flash(str(refused) or _("It changed a moment before you answered. Nothing was done twice."), "alarm")
        actor = current_actor()
        return selection_page(actor, get_selection(actor, selection_id)), refused.status
    return None


@bp.post("/selections/<int:selection_id>/withdraw", endpoint="withdraw")
@access(Role.CREATOR, Role.BRAND)
def take_back(selection_id: int) -> ResponseReturnValue:
    late = take_step(selection_id, lambda: withdraw(current_actor(), selection_id))
    if late is not None:
        return late
    flash(_("Withdrawn. Nobody is bound."), "good")
    return redirect(url_for("matching.show", selection_id=selection_id), 303)


@bp.route("/selections/<int:selection_id>/decline", methods=["GET", "POST"], endpoint="decline")
@access(Role.CREATOR, Role.BRAND)
def say_no(selection_id: int) -> ResponseReturnValue:
    """Decline for a reason, which the other side reads."""
    actor = current_actor()
    selection = get_selection(actor, selection_id)
    form = DeclineForm.for_side(not made_by_brand(selection))
    if not form.validate_on_submit():
        return selection_page(actor, selection, form), 422 if form.is_submitted() else 200
    reason, declined_for = form.reason.data, DeclineReason(form.declined_for.data)
    try:
        with transaction():
            decline(actor, selection_id, reason, declined_for)
    except Invalid as error:
        show_error(form, error)
        return selection_page(actor, get_selection(actor, selection_id), form), 422
    except Conflict as late:
        flash(str(late), "alarm")
        return selection_page(actor, get_selection(actor, selection_id)), late.status
    flash(_("Declined. They have been told why."), "good")
    return redirect(local_path(request.form.get("next")) or url_for("matching.show", selection_id=selection_id), 303)


__all__ = ["applicant_views", "bp", "brief_views", "choose_views", "invite_views", "selection_page", "take_step"]
