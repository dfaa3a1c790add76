"""Pages of briefs that show selections: the brief with its apply panel, and a company's own list."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import VISITOR, Actor
from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.models import Brand
from marketplace.brands.policy import missing_facts
from marketplace.briefs.blueprint import bp as briefs_bp
from marketplace.briefs.fit import lacks, name_platforms, say
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
from marketplace.fees.explain import explain
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid, NotFound
from marketplace.kit.money import Money
from marketplace.matching.applicants import count_applications, open_applications
from marketplace.matching.apply import by_views, price_asked
from marketplace.matching.forms import ApplyForm
from marketplace.matching.queries import count_unanswered, estimate_for_brief, offers_for_brief
from marketplace.matching.standing import standing_to
from marketplace.offers.models import Package


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
    """What every page about one brief shows of it; for a creator `apply_context` counts who has applied."""
    own = actor.brand_id == brief.brand_id
    return {
        "brief": brief,
        "brand": brand,
        "platforms": name_platforms(brief.platforms),
        "applied": count_applications(brief.id) if actor.creator_id is None else 0,
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
    """What a creator sees beside a brief: what is missing, or the form with its estimate and what is left of the week.

    Raises:
        NotFound: the actor has no profile.
    """
    if actor.creator_id is None:
        raise NotFound
    standing = standing_to(actor.creator_id, brief)
    missing = [say(lack) for lack in lacks(brief, standing.creator, standing.fans)]
    if needs_confirmation(actor):
        missing.append(_("Confirm your e-mail: open the link in the mail we sent you."))
    may_apply = not missing and standing.chosen is None
    offers, package = offers_for_brief(actor.creator_id, brief.kind, brief.currency) if may_apply else ([], None)
    form = form or ApplyForm.for_brief(brief, data=_first(brief, package))
    form.show_offers(offers)
    price = _price_in(form, brief)
    return {
        "chosen": standing.chosen,
        "applied": standing.applied,
        "lacking": missing,
        "form": form,
        "package": package,
        "price": price,
        "quote": estimate_for_brief(actor.creator_id, brief, price) if may_apply else None,
        "explain": explain,
        "fits_budget": price is not None and is_within_budget(brief, price),
        "answer_hours": settings().selection_hours,
        "allowance": standing.allowance,
    }


def _first(brief: Brief, package: Package | None) -> dict[str, object]:
    if by_views(brief):
        return {}
    return {"price": package.price if package is not None else brief.budget_min}


def _price_in(form: ApplyForm, brief: Brief) -> Money | None:
    try:
        return price_asked(brief, form.money, form.views)
    except Invalid:
        return None


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


__all__ = ["apply_context", "brief_context"]
