"""Pages on which a brief is written, a step each. They save by their button, and by themselves where scripts run."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import missing_facts, require_manager
from marketplace.brands.queries import get_brand
from marketplace.briefs.blueprint import bp
from marketplace.briefs.checks import Gap, contradictions, gaps, wrong_days
from marketplace.briefs.facts import FIELDS, BriefFacts, Step, facts_of
from marketplace.briefs.fit import name_platforms
from marketplace.briefs.forms import ReferenceForm
from marketplace.briefs.models import Brief, BriefReference, BriefStatus
from marketplace.briefs.policy import is_unfinished, may_open, may_remove
from marketplace.briefs.queries import deliverables_of, get_own_brief, references_of, templates_of
from marketplace.briefs.service import create_brief, save_step
from marketplace.briefs.step_forms import FORMS, GoalForm, StepForm, field_of, form_data
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import reader_timezone
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, DomainError, Invalid

_ORDER = tuple(Step)


@dataclass(frozen=True, slots=True)
class Stop:
    """One step on the rail above the pages: `place` is done, now or open."""

    step: Step
    place: str
    href: str | None


@bp.route("/company/briefs/new", methods=["GET", "POST"])
@access(Role.BRAND)
def new() -> ResponseReturnValue:
    """The first step of a draft, or a template to start from; without a company profile that comes first."""
    actor = current_actor()
    if actor.brand_id is None:
        flash(_("Tell us about your company first. Then you can write the brief."), "info")
        return redirect(url_for("brands.company"), 303)
    brand_id = require_manager(actor)
    form = GoalForm()
    if form.validate_on_submit():
        with transaction():
            brief_id = create_brief(actor, BriefFacts(**form.changes()), step=Step.GOAL).id
        return redirect(url_for("briefs.step", brief_id=brief_id, step=Step.WORK), 303)
    rail = [Stop(step, "now" if step is Step.GOAL else "open", None) for step in Step]
    page = render_template(
        "briefs/step.html", form=form, brief=None, step=Step.GOAL, rail=rail, templates=templates_of(brand_id)
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/company/briefs/<int:brief_id>")
@access(Role.BRAND)
def edit(brief_id: int) -> ResponseReturnValue:
    """Where the writing goes on: at the first step that isn't written, or at the look over all of them."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    step = next((step for step in FIELDS if step.value not in brief.steps), Step.REVIEW)
    return redirect(_address(brief_id, step))


def _address(brief_id: int, step: Step) -> str:
    if step is Step.REVIEW:
        return url_for("briefs.review", brief_id=brief_id)
    if step is Step.REFERENCES:
        return url_for("briefs.references", brief_id=brief_id)
    return url_for("briefs.step", brief_id=brief_id, step=step.value)


@bp.route("/company/briefs/<int:brief_id>/<any(goal,work,who,budget,rules):step>", methods=["GET", "POST"])
@access(Role.BRAND)
def step(brief_id: int, step: str) -> ResponseReturnValue:
    """One step of a brief of one's own."""
    actor, found = current_actor(), Step(step)
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    facts = facts_of(brief, deliverables_of(brief_id))
    form = FORMS[found](data=form_data(facts, found, brief.version))
    by_itself = "HX-Request" in request.headers
    status = 200
    if form.is_submitted():
        status = _save(actor, brief, found, form)
        if by_itself:
            return _saved_note(form, status)
        if status == 200:
            return _onward(get_own_brief(actor, brief_id), found)
        brief = get_own_brief(actor, brief_id)
    return _step_page(brief, found, form, status), status


def _save(actor: Actor, brief: Brief, found: Step, form: StepForm) -> int:
    """Save a valid form: 200, or what is in the way, which stands in the form then."""
    brief_id = brief.id
    if not form.validate():
        return 422
    version = form.version.data or 0
    try:
        with transaction():
            form.now_at(save_step(actor, brief_id, found, form.changes(), version).version)
    except Invalid as refused:
        show_error(form, Invalid(refused.message, field=form.field_of(refused.field) if refused.field else None))
        return 422
    except Conflict as refused:
        form.form_errors.append(str(refused))
        return 409
    return 200


def _saved_note(form: StepForm, status: int) -> str:
    """What stands beside the button: an answer that isn't 200 would not be shown."""
    time = clock.now().astimezone(reader_timezone())
    return render_template("briefs/_saved.html", form=form, status=status, time=f"{time:%H:%M}")


def _onward(brief: Brief, found: Step) -> ResponseReturnValue:
    """After a draft's step comes the next; a brief past that is shown."""
    if "leave" in request.form:
        flash(_("Your draft is saved."), "good")
        return redirect(url_for("briefs.mine"), 303)
    if is_unfinished(brief):
        return redirect(_address(brief.id, _ORDER[_ORDER.index(found) + 1]), 303)
    if brief.status is BriefStatus.HELD:
        flash(_("Saved. An administrator looks at some of its words before others see it."), "turn")
    else:
        flash(_("Your brief is saved."), "good")
    return redirect(url_for("briefs.show", brief_id=brief.id), 303)


def _step_page(brief: Brief, found: Step, form: StepForm, status: int) -> str:
    if status == 409:
        # To save once more is then a decision: what others wrote can be read beside it.
        form.now_at(brief.version)
    return render_template(
        "briefs/step.html",
        form=form,
        brief=brief,
        step=found,
        rail=rail_of(brief, found, all_gaps(brief)),
        templates=[],
        conflict=status == 409,
        by_itself=is_unfinished(brief),
    )


def all_gaps(brief: Brief, facts: BriefFacts | None = None) -> list[Gap]:
    """What is missing or wrong before the brief can be open."""
    facts = facts or facts_of(brief, deliverables_of(brief.id))
    days = [] if brief.status is BriefStatus.TEMPLATE else list(wrong_days(facts.apply_by, facts.publish_by))
    return [*gaps(facts), *contradictions(facts), *days]


def rail_of(brief: Brief, now: Step, found: Sequence[Gap]) -> list[Stop]:
    """The steps with what is done. Rules and references may be left out; they are done once looked at."""
    lacking = {gap.step for gap in found}

    def place(step: Step) -> str:
        if step is now:
            return "now"
        seen = step.value in brief.steps or (step is Step.REFERENCES and Step.WHO.value in brief.steps)
        return "done" if seen and step not in lacking else "open"

    return [Stop(step, place(step), _address(brief.id, step)) for step in Step]


@bp.get("/company/briefs/<int:brief_id>/review")
@access(Role.BRAND)
def review(brief_id: int) -> ResponseReturnValue:
    """All of it at a glance, what is missing, and the button that opens it."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    rows, brand = deliverables_of(brief_id), get_brand(brief.brand_id)
    facts = facts_of(brief, rows)
    found = all_gaps(brief, facts)
    return render_template(
        "briefs/review.html",
        brief=brief,
        facts=facts,
        platforms=name_platforms(brief.platforms),
        references=references_of(brief_id),
        rail=rail_of(brief, Step.REVIEW, found),
        gaps=found,
        address=_address,
        anchor=lambda gap: field_of(gap.field, brief.budget_kind),
        missing=missing_facts(brand),
        unconfirmed=needs_confirmation(actor),
        may_open=may_open(actor, brief),
        may_remove=may_remove(actor, brief),
        Step=Step,
    )


def references_page(brief: Brief, references: Sequence[BriefReference], form: ReferenceForm, status: int) -> str:
    """The step that keeps links and files as they come."""
    rail = rail_of(brief, Step.REFERENCES, all_gaps(brief))
    return render_template(
        "briefs/references.html",
        brief=brief,
        form=form,
        references=references,
        rail=rail,
        step=Step.REFERENCES,
        next_step=url_for("briefs.step", brief_id=brief.id, step=Step.WHO.value),
        status=status,
    )


def reason(error: DomainError) -> str:
    """What a refused step says on the page that it leads back to."""
    return str(error) or _("Only owners and managers of the company may do this.")
