"""What happens to a brief of one's own once it is written: opened, extended, closed, copied, removed."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import require_manager
from marketplace.briefs.blueprint import bp
from marketplace.briefs.copies import duplicate_brief, remove_brief, save_as_template
from marketplace.briefs.forms import ExtendForm
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.policy import may_extend
from marketplace.briefs.queries import get_own_brief
from marketplace.briefs.service import close_brief, extend_brief, open_brief
from marketplace.briefs.step_views import reason
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotAllowed


@bp.post("/company/briefs/<int:brief_id>/open", endpoint="open_brief")
@access(Role.BRAND)
def publish(brief_id: int) -> ResponseReturnValue:
    return _change(open_brief, current_actor(), brief_id, _opened)


def _opened(brief: Brief) -> tuple[str, str]:
    if brief.status is BriefStatus.HELD:
        return _("Before others see the brief, an administrator looks at some of its words. You’ll be told."), "turn"
    return _("Your brief is open. Creators can apply from now on."), "good"


@bp.post("/company/briefs/<int:brief_id>/close")
@access(Role.BRAND)
def close(brief_id: int) -> ResponseReturnValue:
    return _change(close_brief, current_actor(), brief_id, _closed)


def _closed(brief: Brief) -> tuple[str, str]:
    if brief.status is BriefStatus.DRAFT:
        return _("Your brief is a draft again."), "good"
    return _("Your brief is closed. What was waiting for an answer lapses; your deals go on."), "good"


def _change(
    verb: Callable[[Actor, int], Brief], actor: Actor, brief_id: int, done: Callable[[Brief], tuple[str, str]]
) -> ResponseReturnValue:
    """Take the step, or say on the brief's page why it can't be taken."""
    get_own_brief(actor, brief_id)
    try:
        with transaction():
            said = done(verb(actor, brief_id))
    except (Invalid, NotAllowed) as error:
        said = (reason(error), "alarm")
    flash(*said)
    return redirect(url_for("briefs.show", brief_id=brief_id), 303)


@bp.route("/company/briefs/<int:brief_id>/extend", methods=["GET", "POST"])
@access(Role.BRAND)
def extend(brief_id: int) -> ResponseReturnValue:
    """A later last day; for a closed brief that is the way to open it again."""
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    if not may_extend(actor, brief):
        raise Conflict(_("Only a brief that is open or closed can be extended."))
    form = ExtendForm(data={"publish_by": brief.publish_by})
    if form.validate_on_submit() and form.apply_by.data is not None and form.publish_by.data is not None:
        try:
            with transaction():
                said = _opened(extend_brief(actor, brief_id, form.apply_by.data, form.publish_by.data))
            flash(*said)
            return redirect(url_for("briefs.show", brief_id=brief_id), 303)
        except (Invalid, NotAllowed) as refused:
            show_error(form, refused)
            brief = get_own_brief(actor, brief_id)
    return render_template("briefs/extend.html", brief=brief, form=form), 422 if form.is_submitted() else 200


@bp.post("/company/briefs/<int:brief_id>/duplicate")
@access(Role.BRAND)
def duplicate(brief_id: int) -> ResponseReturnValue:
    """A new draft from a brief or a template."""
    with transaction():
        made = duplicate_brief(current_actor(), brief_id).id
    flash(_("A new draft says the same. Choose its days, and change what you like."), "good")
    return redirect(url_for("briefs.review", brief_id=made), 303)


@bp.post("/company/briefs/<int:brief_id>/template")
@access(Role.BRAND)
def template(brief_id: int) -> ResponseReturnValue:
    """Keep what the brief says for the next one."""
    with transaction():
        save_as_template(current_actor(), brief_id)
    flash(_("Kept as a template. You find it among your briefs, and when you write a new one."), "good")
    return redirect(url_for("briefs.mine", tab=BriefStatus.TEMPLATE.value), 303)


@bp.post("/company/briefs/<int:brief_id>/remove")
@access(Role.BRAND)
def remove(brief_id: int) -> ResponseReturnValue:
    with transaction():
        remove_brief(current_actor(), brief_id)
    flash(_("Removed."), "good")
    return redirect(url_for("briefs.mine"), 303)
