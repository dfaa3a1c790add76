"""Pages of the console where stated audiences are held against their evidence."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.forms import VerdictForm
from marketplace.console.query_forms import page_in
from marketplace.console.readings import is_late
from marketplace.creators.audience import (
    STATEMENTS_A_PAGE,
    count_waiting_statements,
    get_statement,
    newest_id,
    review_audience,
    waiting_statements,
)
from marketplace.creators.models import ReadingStatus
from marketplace.infra.db import db, transaction
from marketplace.infra.fields import show_error
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import Invalid


@bp.get("/console/audiences")
@access(Role.ADMIN)
def audiences() -> ResponseReturnValue:
    waiting = count_waiting_statements()
    pages = max(1, -(-waiting // STATEMENTS_A_PAGE))
    page = min(page_in(), pages)
    rows = waiting_statements(page)
    return render_template(
        "console/audiences.html", rows=rows, waiting=waiting, page=page, pages=pages, is_late=is_late
    )


@bp.route("/console/audiences/<int:statement_id>", methods=["GET", "POST"])
@access(Role.ADMIN)
def audience(statement_id: int) -> ResponseReturnValue:
    """The figures beside their evidence, and the two buttons while nobody has decided."""
    get_statement(statement_id)
    form = VerdictForm()
    if form.validate_on_submit():
        try:
            return _judge(form, statement_id)
        except Invalid as refused:
            show_error(form, refused)
    return _audience_page(statement_id, form)


def _judge(form: VerdictForm, statement_id: int) -> ResponseReturnValue:
    verdict = request.form.get("verdict")
    if verdict not in ("accept", "reject"):
        raise Invalid(_("Choose whether to accept or to reject it."))
    with transaction():
        review_audience(current_actor(), statement_id, verdict == "accept", form.reason.data)
    name = get_statement(statement_id)[1].name
    if verdict == "accept":
        flash(_("Accepted. %(name)s is told, and the audience is verified on their page.", name=name), "good")
    else:
        flash(_("Rejected. %(name)s is told why.", name=name), "good")
    return redirect(url_for("console.audiences"), HTTPStatus.SEE_OTHER)


def _audience_page(statement_id: int, form: VerdictForm) -> ResponseReturnValue:
    statement, creator = get_statement(statement_id)
    waits = statement.status is ReadingStatus.PENDING
    page = render_template(
        "console/audience.html",
        statement=statement,
        creator=creator,
        evidence=db.session.get_one(StoredFile, statement.evidence_id),
        form=form,
        waits=waits,
        replaced=waits and newest_id(creator.id) != statement.id,
        late=is_late(statement.stated_at),
        own=creator.user_id == current_actor().user_id,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
