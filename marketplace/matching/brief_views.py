"""Pages of briefs that show selections: the brief with its apply panel, a company's own list, its applicants."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import VISITOR, Actor
from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.models import Brand
from marketplace.brands.policy import can_manage, missing_facts
from marketplace.briefs.blueprint import bp as briefs_bp
from marketplace.briefs.fit import fans_by_platform, lacks, name_platforms, say
from marketplace.briefs.forms import OwnFilterForm, QuestionForm
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.places import places_of
from marketplace.briefs.policy import (
    is_open,
    is_within_budget,
    may_close,
    may_edit,
    may_extend,
    may_open,
    may_remove,
    takes_answers,
    views_at_cap,
)
from marketplace.briefs.queries import (
    deliverables_of,
    get_brief_and_brand,
    get_own_brief,
    list_own_briefs,
    references_of,
)
from marketplace.briefs.questions import may_answer, may_ask, questions_about, unanswered
from marketplace.creators.queries import get_creator
from marketplace.fees.explain import explain
from marketplace.infra.settings import settings
from marketplace.kit.errors import NotFound
from marketplace.matching.applicants import (
    ApplicantOrder,
    answered_for_brief,
    count_applications,
    list_applicants,
    open_applications,
)
from marketplace.matching.forms import ApplyForm
from marketplace.matching.queries import cheapest_package, count_unanswered, estimate_fees, newest_for_brief


@briefs_bp.get("/briefs/<int:brief_id>")
@access(Role.PUBLIC)
def show(brief_id: int) -> ResponseReturnValue:
    """A brief with what the reader can do about it: apply, or for its own company change it."""
    actor = current_actor()
    brief, brand = get_brief_and_brand(actor, brief_id)
    own = actor.brand_id == brief.brand_id
    apply = apply_context(actor, brief) if actor.creator_id is not None else {}
    context = brief_context(actor, brief, brand) | _whole_brief(actor, brief) | apply
    return render_template(
        "briefs/show.html",
        **context,
        own=own,
        places=places_of(brief) if own else None,
        waiting_in_all=count_unanswered(brief.id) if own else 0,
    )


def brief_context(actor: Actor, brief: Brief, brand: Brand) -> dict[str, Any]:
    """What every page about one brief shows of it."""
    own = actor.brand_id == brief.brand_id
    return {
        "brief": brief,
        "brand": brand,
        "platforms": name_platforms(brief.platforms),
        "applied": count_applications(brief.id),
        "waiting": open_applications([brief.id]).get(brief.id, 0) if own else 0,
        "is_open": is_open(brief),
        "takes_answers": takes_answers(brief),
        "missing": missing_facts(brand) if own else [],
        "steps": {
            "edit": may_edit(actor, brief),
            "open": may_open(actor, brief),
            "close": may_close(actor, brief),
            "extend": may_extend(actor, brief),
            "remove": may_remove(actor, brief),
        },
    }


def _whole_brief(actor: Actor, brief: Brief) -> dict[str, Any]:
    """What only the page of the brief itself shows."""
    return {
        "deliverables": deliverables_of(brief.id),
        "references": references_of(brief.id),
        "views_at_cap": views_at_cap(brief),
        "questions": questions_about(actor, brief),
        "ask_form": QuestionForm() if may_ask(actor, brief) else None,
        "may_answer": may_answer(actor, brief),
    }


@briefs_bp.get("/company/briefs/<int:brief_id>/preview")
@access(Role.BRAND)
def preview(brief_id: int) -> ResponseReturnValue:
    """A brief of one's own as a creator sees it, whatever its state."""
    actor = current_actor()
    get_own_brief(actor, brief_id)
    brief, brand = get_brief_and_brand(actor, brief_id)
    context = brief_context(VISITOR, brief, brand) | _whole_brief(VISITOR, brief)
    return render_template("briefs/show.html", **context, own=False, preview=True)


def apply_context(actor: Actor, brief: Brief, form: ApplyForm | None = None) -> dict[str, Any]:
    """What a creator sees beside a brief: what is missing, or the form with its estimate.

    Raises:
        NotFound: the actor has no profile.
    """
    if actor.creator_id is None:
        raise NotFound
    creator = get_creator(actor.creator_id)
    missing = [say(lack) for lack in lacks(brief, creator, fans_by_platform(creator.id))]
    if actor.brand_id == brief.brand_id:
        missing = [_("This is your own company’s brief.")]
    elif needs_confirmation(actor):
        missing.append(_("Confirm your e-mail: open the link in the mail we sent you."))
    package = cheapest_package(creator.id, brief.kind, brief.currency) if not missing else None
    form = form or ApplyForm(data={"price": package.price if package is not None else brief.budget_min})
    price = form.price.data
    return {
        "chosen": newest_for_brief(creator.id, brief.id),
        "lacking": missing,
        "form": form,
        "package": package,
        "quote": estimate_fees(creator.id, brief.kind, price) if price is not None and not missing else None,
        "explain": explain,
        "fits_budget": price is not None and is_within_budget(brief, price),
        "answer_hours": settings().selection_hours,
    }


@briefs_bp.get("/company/briefs")
@access(Role.BRAND)
def mine() -> ResponseReturnValue:
    """The company's briefs in any state."""
    actor = current_actor()
    form = OwnFilterForm(request.args)
    form.validate()
    status = form.tab.data if not form.tab.errors else None
    number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    found = list_own_briefs(actor.brand_id or 0, number, status, form.q.data)
    ids = [brief.id for brief in found.briefs]
    return render_template(
        "briefs/mine.html",
        found=found,
        status=status,
        statuses=list(BriefStatus),
        words=form.q.data,
        waiting=open_applications(ids),
        questions=unanswered(ids),
        open_now={brief.id for brief in found.briefs if is_open(brief)},
        may_write=actor.brand_id is None or actor.may_manage_brand,
    )


@briefs_bp.get("/company/briefs/<int:brief_id>/applicants")
@access(Role.BRAND)
def applicants(brief_id: int) -> ResponseReturnValue:
    """Who applied to a brief of one's own; applicants never see each other."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    order = _order(request.args.get("sort"))
    return render_template(
        "briefs/applicants.html",
        brief=brief,
        found=list_applicants(brief.id, order, request.args.get("page", 1, type=int)),
        answered=answered_for_brief(brief.id),
        order=order,
        takes_answers=takes_answers(brief),
        may_answer=can_manage(actor, brief.brand_id),
    )


def _order(wanted: str | None) -> ApplicantOrder:
    return ApplicantOrder(wanted) if wanted in set(ApplicantOrder) else ApplicantOrder.NEWEST


__all__ = ["apply_context", "brief_context"]
