"""Pages of payouts: what a creator or an agency has earned, and the way to the payout account."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.infra import stripe_gateway as gateway
from marketplace.payouts.payee import Payee, payee_of
from marketplace.payouts.queries import account_for, earnings, earnings_by_month, earnings_summary
from marketplace.payouts.service import refresh_account, start_onboarding

bp = Blueprint("payouts", __name__)
_PAGE = 30


@bp.get("/earnings", endpoint="earnings")
@access(Role.CREATOR)
def earnings_page() -> ResponseReturnValue:
    """What the creator has earned, where it is, and what each line is made of."""
    actor = current_actor()
    if actor.creator_id is None:
        flash(_("Fill in your profile first."), "info")
        return redirect(url_for("creators.edit"), HTTPStatus.SEE_OTHER)
    if actor.represents:
        # Their earnings are theirs; the agency reads its own part of them.
        return redirect(url_for("payouts.agency_earnings", creator=actor.creator_id), HTTPStatus.SEE_OTHER)
    return _page("payouts/earnings.html", Payee(creator_id=actor.creator_id))


@bp.get("/agency/earnings")
@access(Role.AGENCY)
def agency_earnings() -> ResponseReturnValue:
    """The agency's shares of what its creators have earned; `creator` narrows them to one."""
    actor = current_actor()
    if actor.agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    creator_id = request.args.get("creator", type=int)
    return _page("payouts/agency.html", Payee(agency_id=actor.agency_id), creator_id)


def _page(template: str, payee: Payee, creator_id: int | None = None) -> str:
    rows = earnings(payee, _PAGE + 1, request.args.get("before", type=int), creator_id=creator_id)
    return render_template(
        template,
        rows=rows[:_PAGE],
        older=rows[_PAGE - 1].settlement_id if len(rows) > _PAGE else None,
        creator_id=creator_id,
        summaries=earnings_summary(payee),
        months=earnings_by_month(payee),
        account=account_for(payee),
    )


@bp.post("/earnings/connect")
@access(Role.CREATOR)
def connect() -> ResponseReturnValue:
    """Send the creator to the provider's page."""
    return _connect("payouts.earnings")


@bp.post("/agency/earnings/connect")
@access(Role.AGENCY)
def agency_connect() -> ResponseReturnValue:
    """Send the agency's owner to the provider's page."""
    return _connect("payouts.agency_earnings")


def _connect(back: str) -> ResponseReturnValue:
    try:
        return redirect(start_onboarding(current_actor()), HTTPStatus.SEE_OTHER)
    except (gateway.ProviderUnavailable, gateway.ProviderRefused):
        flash(_("Our payment provider doesn’t answer at the moment. Nothing was lost. Try again in a minute."), "alarm")
        return redirect(url_for(back), HTTPStatus.SEE_OTHER)


@bp.get("/earnings/connected")
@access(Role.CREATOR)
def connected() -> ResponseReturnValue:
    """Where the provider sends the creator back: reads the account and says what is true now."""
    return _connected("payouts.earnings")


@bp.get("/agency/earnings/connected")
@access(Role.AGENCY)
def agency_connected() -> ResponseReturnValue:
    """The same for an agency."""
    return _connected("payouts.agency_earnings")


def _connected(back: str) -> ResponseReturnValue:
    payee = payee_of(current_actor())
    account = account_for(payee)
    stripe_id = account.stripe_account_id if account is not None else None
    if stripe_id is not None:
        try:
            refresh_account(stripe_id)
        except (gateway.ProviderUnavailable, gateway.ProviderRefused):
            flash(_("We couldn’t read your payout account just now. We try again by ourselves."), "info")
    account = account_for(payee)
    if account is not None and account.transfers_enabled:
        flash(_("Your payout account is ready. What is available is sent to it."), "good")
    else:
        flash(_("Your payout account isn’t complete yet. You can go on where you stopped."), "turn")
    return redirect(url_for(back), HTTPStatus.SEE_OTHER)
