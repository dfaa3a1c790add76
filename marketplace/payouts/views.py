"""Pages of payouts: a creator's earnings and the way to the payout account."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.infra import stripe_gateway as gateway
from marketplace.payouts.queries import account_of, earnings, earnings_by_month, earnings_summary
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
    before = request.args.get("before", type=int)
    rows = earnings(actor.creator_id, _PAGE + 1, before)
    return render_template(
        "payouts/earnings.html",
        rows=rows[:_PAGE],
        older=rows[_PAGE - 1].settlement_id if len(rows) > _PAGE else None,
        summaries=earnings_summary(actor.creator_id),
        months=earnings_by_month(actor.creator_id),
        account=account_of(actor.creator_id),
    )


@bp.post("/earnings/connect")
@access(Role.CREATOR)
def connect() -> ResponseReturnValue:
    """Send the creator to the provider's page."""
    try:
        return redirect(start_onboarding(current_actor()), HTTPStatus.SEE_OTHER)
    except (gateway.ProviderUnavailable, gateway.ProviderRefused):
        flash(_("Our payment provider doesn’t answer at the moment. Nothing was lost. Try again in a minute."), "alarm")
        return redirect(url_for("payouts.earnings"), HTTPStatus.SEE_OTHER)


@bp.get("/earnings/connected")
@access(Role.CREATOR)
def connected() -> ResponseReturnValue:
    """Where the provider sends the creator back: reads the account and says what is true now."""
    actor = current_actor()
    account = account_of(actor.creator_id) if actor.creator_id is not None else None
    stripe_id = account.stripe_account_id if account is not None else None
    if stripe_id is not None:
        try:
            refresh_account(stripe_id)
        except (gateway.ProviderUnavailable, gateway.ProviderRefused):
            flash(_("We couldn’t read your payout account just now. We try again by ourselves."), "info")
    account = account_of(actor.creator_id) if actor.creator_id is not None else None
    if account is not None and account.transfers_enabled:
        flash(_("Your payout account is ready. What is available is sent to it."), "good")
    else:
        flash(_("Your payout account isn’t complete yet. You can go on where you stopped."), "turn")
    return redirect(url_for("payouts.earnings"), HTTPStatus.SEE_OTHER)
