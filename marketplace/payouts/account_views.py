"""The page of a payout account: how it stands, the plan, what is sent next, and what was."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import AgainForm
from marketplace.accounts.limits import NEW_ACCOUNT, OverLimit, guard
from marketplace.accounts.session import Role, access, current_actor
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import money_text
from marketplace.infra.settings import settings
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.payouts.account_forms import AnewForm, PlanForm, plan_form
from marketplace.payouts.account_page import bank_schedule_words, build
from marketplace.payouts.onboarding import countries, open_providers_page, require_account, start_anew
from marketplace.payouts.payee import Payee, payee_of, payee_read_by
from marketplace.payouts.plans import set_plan
from marketplace.payouts.requirements import failure_words
from marketplace.payouts.transfer import pay_now

bp = Blueprint("payout_account", __name__)
_PROVIDER = (gateway.ProviderUnavailable, gateway.ProviderRefused)


@bp.get("/earnings/payouts")
@access(Role.CREATOR, Role.AGENCY)
def show() -> ResponseReturnValue:
    """Where the reader's money goes; an agency's people see the agency's, and its owners see to it."""
    payee = payee_read_by(current_actor())
    return _without_profile(current_actor()) if payee is None else _page(payee)


@bp.post("/earnings/payouts/plan")
@access(Role.CREATOR, Role.AGENCY)
def plan() -> ResponseReturnValue:
    """Keep when the payee is paid and from which amount on."""
    payee = payee_of(current_actor())
    found = build(payee)
    form = plan_form(found.plan, found.currencies, typed=True)
    if not form.validate():
        return _page(payee, plan=form)
    try:
        with transaction():
            set_plan(current_actor(), form.schedule.data, form.minimums)
    except Invalid as refused:
        show_error(form, refused)
        return _page(payee, plan=form)
    flash(_("Kept. It holds from now on."), "good")
    return _back()


@bp.post("/earnings/payouts/now")
@access(Role.CREATOR, Role.AGENCY)
def now() -> ResponseReturnValue:
    """Send what is available, because the payee asks for it."""
    try:
        with transaction():
            sent = pay_now(current_actor(), request.form.get("currency", ""))
    except Conflict as refused:
        flash(str(refused), "turn")
        return _back()
    if sent:
        flash(_("%(amount)s is on its way to your payout account.", amount=money_text(sent)), "good")
    else:
        flash(_("What was available has paid what you owed for a chargeback."), "info")
    return _back()


@bp.route("/earnings/payouts/open", methods=["GET", "POST"])
@access(Role.CREATOR, Role.AGENCY)
def open_page() -> ResponseReturnValue:
    """On to the payee's own page at the provider, where it can be changed which bank account the money goes to: the
    password comes first, so that nobody does that on a screen left open."""
    actor, form = current_actor(), AgainForm()
    require_account(actor)
    if form.validate_on_submit():
        try:
            ask_password_again(actor, form.password.data)
            return redirect(open_providers_page(actor), HTTPStatus.SEE_OTHER)
        except (Invalid, OverLimit) as refused:
            show_error(form, refused)
        except _PROVIDER:
            flash(_no_answer(), "alarm")
            return _back()
    page = render_template("payouts/open.html", form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.post("/earnings/payouts/anew")
@access(Role.CREATOR, Role.AGENCY)
def anew() -> ResponseReturnValue:
    """Begin with a new payout account, which takes the place of the one that is there."""
    actor = current_actor()
    payee, form = payee_of(actor), AnewForm()
    if not form.validate():
        return _page(payee, anew=form)
    try:
        ask_password_again(actor, form.password.data)
        guard((NEW_ACCOUNT, payee.owner))
        return redirect(start_anew(actor, form.country.data), HTTPStatus.SEE_OTHER)
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _page(payee, anew=form)
    except Conflict as refused:
        flash(str(refused), "turn")
    except _PROVIDER:
        flash(_no_answer(), "alarm")
    return _back()


def _no_answer() -> str:
    return str(_("Our payment provider doesn’t answer at the moment. Nothing was lost. Try again in a minute."))


def _back() -> ResponseReturnValue:
    return redirect(url_for("payout_account.show"), HTTPStatus.SEE_OTHER)


def _without_profile(actor: Actor) -> ResponseReturnValue:
    if actor.side == "agency":
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    flash(_("Fill in your profile first."), "info")
    return redirect(url_for("creators.edit"), HTTPStatus.SEE_OTHER)


def _page(payee: Payee, *, plan: PlanForm | None = None, anew: AnewForm | None = None) -> ResponseReturnValue:
    found = build(payee, _number("transfers"), _number("payouts"))
    page = render_template(
        "payouts/account.html",
        page=found,
        standing=found.standing,
        account=found.account,
        plan=plan or plan_form(found.plan, found.currencies, typed=False),
        anew=anew or AnewForm(formdata=None),
        countries=countries(),
        country=_country_name(found.account.country) if found.account is not None else "",
        mine=_sees_to(payee),
        is_agency=payee.is_agency,
        bank_schedule=bank_schedule_words(found.account) if found.account is not None else "",
        failure_words=failure_words,
        help_email=settings().help_email,
    )
    wrong = any(form is not None and (form.errors or form.form_errors) for form in (plan, anew))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK


def _country_name(code: str) -> str:
    return str(get_locale().territories.get(code, code))


def _number(name: str) -> int:
    return request.args.get(name, 1, type=int)


def _sees_to(payee: Payee) -> bool:
    """Whether the reader may change anything here, rather than only look on."""
    try:
        return payee_of(current_actor()) == payee
    except NotAllowed:
        return False
