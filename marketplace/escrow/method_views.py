"""The page of the ways to pay that a company has saved at the payment provider."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.escrow.blueprint import bp
from marketplace.escrow.customers import remove_method, saved_methods
from marketplace.infra import stripe_gateway as gateway
from marketplace.kit.errors import NotFound


@bp.get("/payment-methods")
@access(Role.BRAND)
def methods() -> ResponseReturnValue:
    """Read from the provider each time: we keep no card."""
    try:
        found, problem = saved_methods(current_actor()), None
    except (gateway.ProviderUnavailable, gateway.ProviderRefused) as error:
        found, problem = [], error
    page = render_template("escrow/methods.html", methods=found, problem=problem)
    return page, HTTPStatus.OK if problem is None else problem.status


@bp.post("/payment-methods/<method_id>/remove")
@access(Role.BRAND)
def remove_saved_method(method_id: str) -> ResponseReturnValue:
    """A second click, or a colleague who was faster, finds it gone, which is what was wanted."""
    try:
        remove_method(current_actor(), method_id)
    except NotFound:
        flash(_("It isn’t saved any more."), "info")
    except gateway.ProviderUnavailable as error:
        flash(str(error), "alarm")
    except gateway.ProviderRefused:
        flash(_("It isn’t saved any more."), "info")
    else:
        flash(_("Removed. It can’t be used for another payment."), "good")
    return redirect(url_for("escrow.methods"), HTTPStatus.SEE_OTHER)
