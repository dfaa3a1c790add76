"""Pages of the console: its home, people, deals and disputes. Books, reviews and feeds have modules of their own."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.models import Side
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console import (
    audience_views,
    books_views,
    brief_views,
    chargeback_views,
    document_views,
    event_views,
    fee_agreement_views,
    fee_effect_views,
    fee_income_views,
    fee_rule_views,
    fee_views,
    feed_views,
    held_views,
    moderation_views,
    pause_views,
    payday_views,
    payout_views,
    reading_views,
    reconciliation_views,
    refund_views,
    words,
)
from marketplace.console.blueprint import bp
from marketplace.console.cases import list_all_deals, list_cases
from marketplace.console.forms import StandingForm
from marketplace.console.overview import look_over
from marketplace.console.people import Standing, UserFilter, dossier, list_users
from marketplace.console.query_forms import id_in, member_in, page_in, words_in
from marketplace.console.service import reinstate_user, suspend_user
from marketplace.deals.lifecycle import State
from marketplace.deals.perspective import tone_of
from marketplace.disputes.models import DisputeStatus
from marketplace.escrow.fund import frozen_quote
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid

__all__ = [
    "audience_views", "books_views", "bp", "brief_views", "chargeback_views", "document_views", "event_views",
    "fee_agreement_views", "fee_effect_views", "fee_income_views", "fee_rule_views", "fee_views", "feed_views",
    "held_views", "moderation_views", "pause_views", "payday_views", "payout_views", "reading_views",
    "reconciliation_views", "refund_views", "words",
]  # fmt: skip


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
            # Here, and not on the page alone: who reinstates expects that all goes on.
            if dossier(user_id).paused:
                flash(_("What is sent to %(name)s stays paused until it is resumed.", name=name), "turn")
            return redirect(url_for("console.user", user_id=user_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _user_page(user_id, form)


def _user_page(user_id: int, form: StandingForm) -> ResponseReturnValue:
    page = render_template("console/user.html", found=dossier(user_id), form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


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
