"""Pages for documents: everybody's statements are issued from here, and a document is found by its number."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.document_forms import RunForm
from marketplace.console.query_forms import words_in
from marketplace.documents.models import DocumentKind, RunState
from marketplace.documents.queries import count_without_files, counts_by_kind, find_by_number, newest_runs
from marketplace.documents.runs import start_run
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid

_RUNS = 40


@bp.route("/console/documents", methods=["GET", "POST"])
@access(Role.ADMIN)
def documents() -> ResponseReturnValue:
    """What was issued, the runs and how far they are; htmx asks for the runs alone."""
    runs = newest_runs(_RUNS)
    running = any(run.state is RunState.RUNNING for run in runs)
    if request.headers.get("HX-Request") == "true":
        return render_template("console/_document_runs.html", runs=runs, running=running)
    form = RunForm(runs)
    if form.validate_on_submit():
        try:
            with transaction():
                start_run(current_actor(), *form.chosen)
            flash(_("Begun: the documents are being issued. You need not wait here."), "good")
            return redirect(url_for("console.documents"), HTTPStatus.SEE_OTHER)
        except (Invalid, Conflict) as refused:
            show_error(form, refused)
    number, counts = words_in("number"), counts_by_kind()
    page = render_template(
        "console/documents.html",
        form=form,
        runs=runs,
        running=running,
        counts=[(kind, counts.get(kind, 0)) for kind in DocumentKind],
        without_files=count_without_files(),
        number=number,
        found=find_by_number(number) if number else None,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
