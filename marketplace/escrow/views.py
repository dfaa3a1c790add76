"""Pages of escrow: the quote and the way to the checkout, acceptance, cancelling. Others have modules of their own."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands import limits
from marketplace.brands.queries import get_brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import Action, State, find
from marketplace.deals.models import Deal
from marketplace.deals.policy import can
from marketplace.deals.queries import get_deal
from marketplace.escrow import method_views, pay_views
from marketplace.escrow.blueprint import bp
from marketplace.escrow.declines import decline_words
from marketplace.escrow.forms import AcceptForm, CancelLateForm, FundForm
from marketplace.escrow.fund import frozen_quote, start_funding
from marketplace.escrow.models import CheckoutState
from marketplace.escrow.paying import DealPayment, payment_of
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.settle import accept_work, cancel_late
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import language
from marketplace.kit.errors import Conflict, DomainError, NotAllowed
from marketplace.ledger.accounts import deal_owner

__all__ = ["bp", "method_views", "pay_views"]


@bp.app_template_global()
def payment_of_deal(deal: Deal) -> DealPayment | None:
    """For the deal's page, which is of a feature below this one: how its payment and its refunds stand."""
    return payment_of(deal.id)


# Why the last try failed is worth reading before the next one.
_TOLD = (CheckoutState.OPEN, CheckoutState.FAILED)


@bp.route("/deals/<int:deal_id>/fund", methods=["GET", "POST"])
@access(Role.BRAND)
def fund(deal_id: int) -> ResponseReturnValue:
    """The quote line by line; the button leads to the provider's checkout."""
    actor = current_actor()
    deal = get_deal(actor, deal_id)
    if deal.state is not State.FUNDING:
        return _not_waiting(deal)
    if deal.awaiting_bank:
        return redirect(url_for("escrow.returned", deal_id=deal.id), HTTPStatus.SEE_OTHER)
    form = FundForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            return redirect(start_funding(actor, deal_id, language()), HTTPStatus.SEE_OTHER)
        except (Conflict, gateway.ProviderUnavailable, gateway.ProviderRefused, limits.OverSpendingLimit) as error:
            problem = error
        deal = get_deal(actor, deal_id)
        if deal.state is not State.FUNDING:
            return _not_waiting(deal)
        if deal.awaiting_bank:
            return redirect(url_for("escrow.returned", deal_id=deal.id), HTTPStatus.SEE_OTHER)
    return _fund_page(deal, form, problem)


def _fund_page(deal: Deal, form: FundForm, problem: DomainError | None) -> ResponseReturnValue:
    quote = frozen_quote(deal)
    may_pay = can(current_actor(), Action.FUND, deal)
    payment = newest_payment(deal.id)
    failure = payment.checkout.failure if payment is not None and payment.checkout.state in _TOLD else ""
    page = render_template(
        "escrow/fund.html",
        deal=deal,
        form=form,
        quote=quote,
        creator=db.session.get_one(Creator, deal.creator_id),
        brand=get_brand(deal.brand_id),
        may_pay=may_pay,
        spending=limits.forecast(current_actor(), deal_owner(deal.id), quote.brand_total) if may_pay else None,
        decline=decline_words(failure) if failure else None,
        problem=problem,
    )
    return page, HTTPStatus.OK if problem is None else problem.status


def _not_waiting(deal: Deal) -> ResponseReturnValue:
    if deal.state in (State.NEGOTIATING, State.SIGNING):
        raise Conflict(_("Both sides sign the contract first. Then you pay."))
    flash(_("This deal isn’t waiting for a payment."), "info")
    return redirect(url_for("deals.show", deal_id=deal.id), HTTPStatus.SEE_OTHER)


@bp.route("/deals/<int:deal_id>/accept", methods=["GET", "POST"], endpoint="accept_work")
@access(Role.BRAND)
def accept(deal_id: int) -> ResponseReturnValue:
    """Accepting the work, with what it does to the money in view."""
    actor = current_actor()
    deal = get_deal(actor, deal_id)
    _require_possible(deal, Action.ACCEPT_WORK)
    form = AcceptForm()
    if form.validate_on_submit():
        with transaction():
            accept_work(actor, deal_id)
        flash(_("Accepted. The escrow is settled and the deal is complete."), "good")
        return redirect(url_for("deals.show", deal_id=deal_id), HTTPStatus.SEE_OTHER)
    quote = frozen_quote(deal)
    page = render_template(
        "escrow/accept.html",
        deal=deal,
        form=form,
        quote=quote,
        creator=db.session.get_one(Creator, deal.creator_id),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.route("/deals/<int:deal_id>/cancel-late", methods=["GET", "POST"], endpoint="cancel_late")
@access(Role.BRAND)
def cancel(deal_id: int) -> ResponseReturnValue:
    """Cancelling a deal whose draft is late beyond its grace; everything paid goes back."""
    actor = current_actor()
    deal = get_deal(actor, deal_id)
    _require_possible(deal, Action.CANCEL_LATE)
    form = CancelLateForm()
    if form.validate_on_submit():
        with transaction():
            cancel_late(actor, deal_id, (form.why.data or "").strip())
        flash(_("Cancelled. All that you paid is on its way back to you."), "good")
        return redirect(url_for("deals.show", deal_id=deal_id), HTTPStatus.SEE_OTHER)
    page = render_template("escrow/cancel_late.html", deal=deal, form=form, quote=frozen_quote(deal))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


def _require_possible(deal: Deal, action: Action) -> None:
    actor = current_actor()
    if can(actor, action, deal):
        return
    if find(deal.state, action) is not None and not actor.may_manage_brand:
        raise NotAllowed
    raise Conflict(_("This step isn’t possible now. Nothing was changed."))
