"""Pages of paydays: the list, the beginning of one with what it would pay, how far one is, and its report."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import AgainForm
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.query_forms import id_in
from marketplace.console.words import owner_words
from marketplace.infra.csv_files import Cell, csv_answer
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import span
from marketplace.infra.labels import label
from marketplace.kit.errors import Conflict, Invalid
from marketplace.ledger.accounts import deal_owner
from marketplace.payouts import payday_report as report
from marketplace.payouts.models import PaydayState
from marketplace.payouts.payday import start_payday
from marketplace.payouts.payday_due import Verdict
from marketplace.payouts.plans import next_payday

_PAGE = 20
_REFUSED_SHOWN = 50


@bp.get("/console/paydays")
@access(Role.ADMIN)
def paydays() -> ResponseReturnValue:
    """All runs, the newest first, and when the next one begins."""
    found = report.list_paydays(id_in("before"), _PAGE + 1)
    return render_template(
        "console/paydays.html",
        runs=found[:_PAGE],
        older=found[_PAGE - 1].id if len(found) > _PAGE else None,
        running=report.running_payday(),
        next_at=next_payday(),
        report=report,
        verdicts=Verdict,
    )


@bp.route("/console/paydays/new", methods=["GET", "POST"])
@access(Role.ADMIN)
def new_payday() -> ResponseReturnValue:
    """Begin one before its day: what it would pay, and the password again."""
    form = AgainForm()
    if form.validate_on_submit():
        try:
            ask_password_again(current_actor(), form.password.data)
            with transaction():
                run_id = start_payday(current_actor()).id
            flash(_("The payday has begun. It goes on by itself; you need not wait here."), "good")
            return redirect(url_for("console.payday", payday_id=run_id), HTTPStatus.SEE_OTHER)
        except (Invalid, Conflict, OverLimit) as refused:
            show_error(form, refused)
    page = render_template(
        "console/payday_form.html",
        form=form,
        would_pay=report.would_pay(),
        looked_at=report.LOOKED_AT,
        running=report.running_payday(),
        next_at=next_payday(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.get("/console/paydays/<int:payday_id>")
@access(Role.ADMIN)
def payday(payday_id: int) -> ResponseReturnValue:
    """How far it is, and the report; htmx asks for that part alone while it runs."""
    run = report.get_payday(payday_id)
    part = request.headers.get("HX-Request") == "true"
    return render_template(
        "console/_payday.html" if part else "console/payday.html",
        run=run,
        running=run.state is not PaydayState.FINISHED,
        starter=report.starter_of(run),
        refused=report.refused_transfers(payday_id, _REFUSED_SHOWN) if report.failed(run) else [],
        deal_words=_deal_words,
        took=span(report.duration_of(run)),
        report=report,
        verdicts=Verdict,
    )


@bp.get("/console/paydays/<int:payday_id>/transfers.csv")
@access(Role.ADMIN)
def payday_file(payday_id: int) -> ResponseReturnValue:
    """Every transfer of the run, streamed."""
    report.get_payday(payday_id)
    heads = [
        *(_("Transfer"), _("State"), _("Currency"), _("Amount"), _("Payee"), _("Deal")),
        *(_("Stripe’s transfer"), _("Reason"), _("Ended")),
    ]
    return csv_answer(f"payday-{payday_id}", heads, _cells(payday_id))


def _cells(payday_id: int) -> Iterator[list[Cell]]:
    for row in report.every_transfer(payday_id):
        money: list[Cell] = [row.total.currency, row.total, row.payee, _deal_words(row.deal_id)]
        reason = report.reason_words(row.failure) if row.failure else ""
        yield [str(row.id), str(label(row.state)), *money, row.stripe_transfer_id, reason, row.finished_at]


def _deal_words(deal_id: int) -> str:
    return owner_words(deal_owner(deal_id))
