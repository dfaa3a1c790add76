"""Pages for platforms' feeds: a file is uploaded, checked by the worker, and applied when an administrator says so."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.feeds import get_run, list_runs, may_apply
from marketplace.console.forms import FeedForm
from marketplace.console.query_forms import id_in
from marketplace.creators.feed_runs import AlreadyApplied, apply_checked, pieces_of, store_upload
from marketplace.creators.feed_words import COUNTED, problem_words
from marketplace.creators.models import FeedState
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid

# Beside the file there are the token and the form's own lines.
_FORM = 100_000


@bp.route("/console/feeds", methods=["GET", "POST"])
@access(Role.ADMIN)
def feeds() -> ResponseReturnValue:
    # Not the limit of other uploads; the form asks for its token by itself, after this.
    request.max_content_length = settings().feed_max_bytes + _FORM
    form = FeedForm()
    if form.validate_on_submit():
        try:
            with transaction():
                file = form.file.data
                run_id = store_upload(current_actor(), pieces_of(file.stream), file.filename or "").id
            flash(_("The file is here and is being checked. Nothing changes until you apply it."), "good")
            return redirect(url_for("console.feed", run_id=run_id), HTTPStatus.SEE_OTHER)
        except AlreadyApplied as applied:
            flash(str(applied), "info")
            return redirect(url_for("console.feed", run_id=applied.run_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    found = list_runs(id_in("before"))
    page = render_template(
        "console/feeds.html",
        form=form,
        found=found,
        most_bytes=settings().feed_max_bytes,
        signed=bool(settings().feed_keys),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.get("/console/feeds/<int:run_id>")
@access(Role.ADMIN)
def feed(run_id: int) -> ResponseReturnValue:
    """One run: how far it is while it runs, and what it changed or would change. htmx asks for the inner part alone."""
    run = get_run(run_id)
    inner = request.headers.get("HX-Request") == "true"
    return render_template(
        "console/_feed.html" if inner else "console/feed.html",
        run=run,
        running=run.state is FeedState.RUNNING,
        may_apply=may_apply(run),
        counted=[(words, run.summary[name]) for name, words in COUNTED.items() if run.summary.get(name)],
        problems=[(int(one["line"]), problem_words(one["code"], one["value"])) for one in run.problems],
    )


@bp.post("/console/feeds/<int:run_id>/apply")
@access(Role.ADMIN)
def apply_feed(run_id: int) -> ResponseReturnValue:
    with transaction():
        apply_checked(current_actor(), run_id)
    flash(_("The readings are being applied: all of them, or none."), "good")
    return redirect(url_for("console.feed", run_id=run_id), HTTPStatus.SEE_OTHER)
