"""Pages of the console: its home, people, fan readings, deals and disputes. The books have a module of their own."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.models import Side
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console import audience_views, books_views, brief_views, moderation_views, words
from marketplace.console.blueprint import bp
from marketplace.console.cases import list_all_deals, list_cases
from marketplace.console.forms import StandingForm, VerdictForm
from marketplace.console.overview import look_over
from marketplace.console.people import Standing, UserFilter, dossier, list_users
from marketplace.console.query_forms import id_in, member_in, page_in, words_in
from marketplace.console.readings import change_of, evidence_of, is_late, waiting_readings
from marketplace.console.service import reinstate_user, suspend_user
from marketplace.creators.models import FanReading, ReadingStatus
from marketplace.creators.queries import (
    READINGS_A_PAGE,
    count_pending_readings,
    get_reading,
    reading_history,
)
from marketplace.creators.readings import review_reading
from marketplace.deals.lifecycle import State
from marketplace.deals.perspective import tone_of
from marketplace.disputes.models import DisputeStatus
from marketplace.escrow.fund import frozen_quote
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid

__all__ = ["audience_views", "books_views", "bp", "brief_views", "moderation_views", "words"]


@bp.get("/console")
@access(Role.ADMIN)
def index() -> ResponseReturnValue:
    """What waits for a decision, and whether the books are right."""
    return render_template("console/index.html", overview=look_over(current_actor()), tone_of=tone_of)


# --- People -----------------------------------------------------------------------------------------------------------
@bp.get("/console/users")
@access(Role.ADMIN)
def users() -> ResponseReturnValue:
    wanted = UserFilter(words_in("q"), member_in("side", Side), member_in("standing", Standing))
    found = list_users(wanted, id_in("before"))
    return render_template("console/users.html", wanted=wanted, found=found, sides=list(Side), standings=list(Standing))


@bp.get("/console/users/<int:user_id>")
@access(Role.ADMIN)
def user(user_id: int) -> ResponseReturnValue:
    return _user_page(user_id, StandingForm())


@bp.post("/console/users/<int:user_id>/suspend")
@access(Role.ADMIN)
def suspend(user_id: int) -> ResponseReturnValue:
    form = StandingForm()
    if form.validate():
        try:
            with transaction():
                name = suspend_user(current_actor(), user_id, form.reason.data).name
            flash(_("%(name)s is suspended and signed out everywhere.", name=name), "good")
            return redirect(url_for("console.user", user_id=user_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _user_page(user_id, form)


@bp.post("/console/users/<int:user_id>/reinstate")
@access(Role.ADMIN)
def reinstate(user_id: int) -> ResponseReturnValue:
    form = StandingForm()
    if form.validate():
        try:
            with transaction():
                name = reinstate_user(current_actor(), user_id, form.reason.data).name
            flash(_("%(name)s can sign in again.", name=name), "good")
            return redirect(url_for("console.user", user_id=user_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _user_page(user_id, form)


def _user_page(user_id: int, form: StandingForm) -> ResponseReturnValue:
    page = render_template("console/user.html", found=dossier(user_id), form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


# --- Fan readings -----------------------------------------------------------------------------------------------------
@bp.get("/console/readings")
@access(Role.ADMIN)
def readings() -> ResponseReturnValue:
    waiting = count_pending_readings()
    pages = max(1, -(-waiting // READINGS_A_PAGE))
    page = min(page_in(), pages)
    rows = waiting_readings(page)
    return render_template("console/readings.html", rows=rows, waiting=waiting, page=page, pages=pages)


@bp.route("/console/readings/<int:reading_id>", methods=["GET", "POST"])
@access(Role.ADMIN)
def reading(reading_id: int) -> ResponseReturnValue:
    """The evidence and the channel's history, and the two buttons while nobody has decided."""
    found = get_reading(reading_id)
    form = VerdictForm()
    if form.validate_on_submit():
        try:
            return _judge(form, reading_id)
        except Invalid as refused:
            show_error(form, refused)
            found = get_reading(reading_id)
    return _reading_page(found, form)


def _judge(form: VerdictForm, reading_id: int) -> ResponseReturnValue:
    verdict = request.form.get("verdict")
    if verdict not in ("accept", "reject"):
        raise Invalid(_("Choose whether to accept or to reject it."))
    with transaction():
        judged = review_reading(current_actor(), reading_id, verdict == "accept", form.reason.data)
        name = judged.channel.creator.name
    if verdict == "accept":
        flash(_("Accepted. %(name)s is told, and the new count is on their page.", name=name), "good")
    else:
        flash(_("Rejected. %(name)s is told why.", name=name), "good")
    return redirect(url_for("console.readings"), HTTPStatus.SEE_OTHER)


def _reading_page(found: FanReading, form: VerdictForm) -> ResponseReturnValue:
    history = reading_history(found.channel_id)
    creator = found.channel.creator
    page = render_template(
        "console/reading.html",
        reading=found,
        creator=creator,
        history=history,
        change=change_of(found, history),
        evidence=evidence_of(found),
        form=form,
        late=is_late(found.submitted_at),
        waits=found.status is ReadingStatus.PENDING,
        own=creator.user_id == current_actor().user_id,
        needed=settings().fan_threshold + 1,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


# --- Deals and disputes -----------------------------------------------------------------------------------------------
@bp.get("/console/deals")
@access(Role.ADMIN)
def deals() -> ResponseReturnValue:
    state, text = member_in("state", State), words_in("q")
    found = list_all_deals(current_actor(), state, text, id_in("before"))
    return render_template(
        "console/deals.html", found=found, state=state, text=text, states=list(State), tone_of=tone_of
    )


@bp.get("/console/disputes")
@access(Role.ADMIN)
def disputes() -> ResponseReturnValue:
    status = member_in("tab", DisputeStatus) or DisputeStatus.OPEN
    found = list_cases(status, page_in())
    frozen = {case.deal.id: frozen_quote(case.deal) for case in found.cases}
    return render_template(
        "console/disputes.html", found=found, status=status, statuses=list(DisputeStatus), frozen=frozen
    )
