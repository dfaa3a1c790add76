"""A brief's applicants, for its own company: the list, the shortlist with its notes, and some of them side by side."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor, local_path
from marketplace.brands.policy import can_manage
from marketplace.briefs.blueprint import bp as briefs_bp
from marketplace.briefs.places import places_of
from marketplace.briefs.policy import takes_answers
from marketplace.briefs.queries import get_own_brief
from marketplace.infra.db import transaction
from marketplace.kit.errors import Invalid
from marketplace.matching.applicants import (
    ApplicantOrder,
    answered_for_brief,
    asked_for_brief,
    count_shortlisted,
    list_applicants,
)
from marketplace.matching.blueprint import bp
from marketplace.matching.compare import MOST, compare
from marketplace.matching.forms import NoteForm
from marketplace.matching.invite_views import named_ids
from marketplace.matching.marks import MOST_NOTE, shortlist, write_note
from marketplace.matching.policy import is_waiting


@briefs_bp.get("/company/briefs/<int:brief_id>/applicants")
@access(Role.BRAND)
def applicants(brief_id: int) -> ResponseReturnValue:
    """Who applied to a brief of one's own; applicants never see each other."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    order, starred = _order(request.args.get("sort")), bool(request.args.get("shortlisted"))
    return render_template(
        "briefs/applicants.html",
        brief=brief,
        places=places_of(brief),
        found=list_applicants(brief.id, order, request.args.get("page", 1, type=int), shortlisted=starred),
        shortlisted=count_shortlisted(brief.id),
        asked=asked_for_brief(brief.id),
        answered=answered_for_brief(brief.id),
        order=order,
        starred=starred,
        takes_answers=takes_answers(brief),
        may_answer=can_manage(actor, brief.brand_id),
        most_compared=MOST,
        most_note=MOST_NOTE,
        is_waiting=is_waiting,
    )


def _order(wanted: str | None) -> ApplicantOrder:
    return ApplicantOrder(wanted) if wanted in set(ApplicantOrder) else ApplicantOrder.NEWEST


@bp.get("/company/briefs/<int:brief_id>/compare", endpoint="compare")
@access(Role.BRAND)
def side_by_side(brief_id: int) -> ResponseReturnValue:
    """Up to five applicants, by the creators' ids in the address."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    ids = named_ids(request.args.getlist("ids"))
    return render_template(
        "matching/compare.html",
        brief=brief,
        places=places_of(brief),
        columns=compare(brief, ids),
        too_many=len(ids) > MOST,
        most=MOST,
        takes_answers=takes_answers(brief),
        may_answer=can_manage(actor, brief.brand_id),
        is_waiting=is_waiting,
    )


@bp.post("/selections/<int:selection_id>/star")
@access(Role.BRAND)
def star(selection_id: int) -> ResponseReturnValue:
    """Put an applicant on the shortlist, or take them off; without scripts back to where the button stood."""
    with transaction():
        selection = shortlist(current_actor(), selection_id, on=request.form.get("on") == "1")
        starred, brief_id = selection.shortlisted_at is not None, selection.brief_id
    if "HX-Request" in request.headers:
        whose = request.form.get("whose", "")[:200]
        return render_template("matching/_star.html", selection_id=selection_id, starred=starred, whose=whose)
    flash(_("On your shortlist.") if starred else _("Taken off your shortlist."), "good")
    return redirect(_back(brief_id, selection_id), 303)


@bp.post("/selections/<int:selection_id>/note")
@access(Role.BRAND)
def note(selection_id: int) -> ResponseReturnValue:
    """Keep what the company's people tell each other about an applicant. The creator never sees it."""
    form = NoteForm()
    if not form.validate():
        raise Invalid(str(next(iter(form.note.errors), "")))
    with transaction():
        brief_id = write_note(current_actor(), selection_id, form.note.data).brief_id
    flash(_("Your note is saved. Only your company reads it."), "good")
    return redirect(_back(brief_id, selection_id), 303)


def _back(brief_id: int | None, selection_id: int) -> str:
    back = local_path(request.form.get("next"))
    return back or url_for("briefs.applicants", brief_id=brief_id, _anchor=f"applicant-{selection_id}")
