"""Pages of the console for briefs that are held for their words."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.briefs.facts import facts_of
from marketplace.briefs.models import BriefStatus
from marketplace.briefs.queries import deliverables_of, get_brief_and_brand, references_of
from marketplace.briefs.review import PAGE_SIZE, held_briefs, pass_brief, send_back
from marketplace.console.blueprint import bp
from marketplace.console.forms import BriefVerdictForm
from marketplace.console.query_forms import page_in
from marketplace.console.readings import is_late
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid
from marketplace.moderation.words import watched_words


@bp.get("/console/briefs")
@access(Role.ADMIN)
def briefs() -> ResponseReturnValue:
    """The queue, the longest waiting first."""
    number = page_in()
    rows, total = held_briefs(number)
    pages = max(1, -(-total // PAGE_SIZE))
    late = {brief.id for brief, _brand in rows if is_late(brief.changed_at)}
    return render_template(
        "console/briefs.html", rows=rows, total=total, page=min(number, pages), pages=pages, late=late
    )


@bp.route("/console/briefs/<int:brief_id>", methods=["GET", "POST"])
@access(Role.ADMIN)
def brief(brief_id: int) -> ResponseReturnValue:
    """The brief's words with those that are watched marked, and the two buttons while it is held."""
    found, brand = get_brief_and_brand(current_actor(), brief_id)
    form = BriefVerdictForm()
    if form.validate_on_submit():
        try:
            return _judge(form, brief_id)
        except Invalid as refused:
            show_error(form, refused)
            found, brand = get_brief_and_brand(current_actor(), brief_id)
    watched = watched_words()
    texts = [*facts_of(found, deliverables_of(brief_id)).texts(), *(one.title for one in references_of(brief_id))]
    page = render_template(
        "console/brief.html",
        brief=found,
        brand=brand,
        texts=[(text, sorted(watched.find(text))) for text in texts],
        form=form,
        held=found.status is BriefStatus.HELD,
        late=is_late(found.changed_at),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


def _judge(form: BriefVerdictForm, brief_id: int) -> ResponseReturnValue:
    verdict = request.form.get("verdict")
    if verdict not in ("open", "send_back"):
        raise Invalid(_("Choose whether to open it or to send it back."))
    with transaction():
        if verdict == "open":
            pass_brief(current_actor(), brief_id)
        else:
            send_back(current_actor(), brief_id, form.note.data)
    opened, back = _("The brief is open, and the company is told."), _("Sent back. The company reads why.")
    flash(opened if verdict == "open" else back, "good")
    return redirect(url_for("console.briefs"), HTTPStatus.SEE_OTHER)
