"""The links and files of a brief: added and removed by its brand, read by everybody who sees the brief."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import require_manager
from marketplace.briefs.blueprint import bp
from marketplace.briefs.forms import ReferenceForm
from marketplace.briefs.queries import get_own_brief, references_of
from marketplace.briefs.references import add_reference, get_reference_file, remove_reference
from marketplace.briefs.step_views import references_page
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.uploads import send_stored
from marketplace.kit.errors import Conflict, Invalid


@bp.route("/company/briefs/<int:brief_id>/references", methods=["GET", "POST"])
@access(Role.BRAND)
def references(brief_id: int) -> ResponseReturnValue:
    actor = current_actor()
    brief = get_own_brief(actor, brief_id)
    require_manager(actor)
    form, status = ReferenceForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    add_reference(actor, brief_id, form.title.data, form.url.data, form.file.upload)
                flash(_("Added."), "good")
                return redirect(url_for("briefs.references", brief_id=brief_id), 303)
            except (Invalid, Conflict) as refused:
                show_error(form, refused)
                status = refused.status
                brief = get_own_brief(actor, brief_id)
    return references_page(brief, references_of(brief_id), form, status), status


@bp.post("/company/briefs/<int:brief_id>/references/<int:reference_id>/remove", endpoint="remove_reference")
@access(Role.BRAND)
def forget_reference(brief_id: int, reference_id: int) -> ResponseReturnValue:
    with transaction():
        remove_reference(current_actor(), brief_id, reference_id)
    flash(_("Removed."), "good")
    return redirect(url_for("briefs.references", brief_id=brief_id), 303)


@bp.get("/briefs/<int:brief_id>/files/<int:reference_id>")
@access(Role.PUBLIC)
def file(brief_id: int, reference_id: int) -> ResponseReturnValue:
    """A file of a brief, for whoever sees the brief."""
    return send_stored(get_reference_file(current_actor(), brief_id, reference_id))
