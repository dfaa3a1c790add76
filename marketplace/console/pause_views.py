"""The page on which an administrator pauses what is sent to a payee, and resumes it."""

from collections.abc import Callable
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.again import ask_password_again
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.payee_forms import PauseForm
from marketplace.console.payees import name_of
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid
from marketplace.payouts.due import waiting
from marketplace.payouts.pause_models import PayoutPause
from marketplace.payouts.pausing import pause_payouts, pauses_of, resume_payouts
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import account_for

_PAYEE = "/console/payees/<any(creator, agency):side>/<int:number>"


@bp.get(f"{_PAYEE}/payouts")
@access(Role.ADMIN)
def pause(side: str, number: int) -> ResponseReturnValue:
    """Whether the payee's payouts are paused, by whom and why, and the form to pause or resume them."""
    return _page(_payee(side, number), PauseForm(formdata=None))


@bp.post(f"{_PAYEE}/pause")
@access(Role.ADMIN)
def pause_payee(side: str, number: int) -> ResponseReturnValue:
    """Send them nothing from now on."""
    said = _("Nothing is sent to them from now on.")
    return _decide(_payee(side, number), pause_payouts, said)


@bp.post(f"{_PAYEE}/resume")
@access(Role.ADMIN)
def resume_payee(side: str, number: int) -> ResponseReturnValue:
    """Send them what waits."""
    said = _("What waits goes by their plan again.")
    return _decide(_payee(side, number), resume_payouts, said)


def _decide(payee: Payee, verb: Callable[[Actor, Payee, str], PayoutPause], said: str) -> ResponseReturnValue:
    name_of(payee)
    form = PauseForm()
    if not form.validate():
        return _page(payee, form)
    try:
        ask_password_again(current_actor(), form.password.data)
        with transaction():
            verb(current_actor(), payee, form.reason.data)
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _page(payee, form)
    except Conflict as refused:
        flash(str(refused), "turn")
    else:
        flash(said, "good")
    side = "agency" if payee.is_agency else "creator"
    number = payee.agency_id if payee.is_agency else payee.creator_id
    return redirect(url_for("console.pause", side=side, number=number), HTTPStatus.SEE_OTHER)


def _payee(side: str, number: int) -> Payee:
    return Payee(agency_id=number) if side == "agency" else Payee(creator_id=number)


def _page(payee: Payee, form: PauseForm) -> ResponseReturnValue:
    name, pauses = name_of(payee), pauses_of(payee)
    page = render_template(
        "console/pause.html",
        payee=payee,
        side="agency" if payee.is_agency else "creator",
        number=payee.agency_id if payee.is_agency else payee.creator_id,
        name=name,
        account=account_for(payee),
        running=pauses[0] if pauses and pauses[0].resumed_at is None else None,
        pauses=pauses,
        waiting=waiting(payee),
        form=form,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or form.form_errors else HTTPStatus.OK
