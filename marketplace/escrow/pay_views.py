"""Pages of paying: several deals at once, and what became of a visit to the provider's page."""

import uuid
from contextlib import suppress
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands import limits
from marketplace.deals.queries import get_deal
from marketplace.escrow.blueprint import bp
from marketplace.escrow.declines import decline_words
from marketplace.escrow.forms import FundForm
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.paying import Outcome, PaidPage, Payable, get_checkout, may_have_news, paid_page, payable_deals
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.i18n import language
from marketplace.kit.errors import Conflict, DomainError, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner

_SETTLED = frozenset({Outcome.ARRIVED, Outcome.GIVEN_BACK, Outcome.LATE, Outcome.SUSPENSE})


@bp.route("/pay", methods=["GET", "POST"])
@access(Role.BRAND)
def pay_several() -> ResponseReturnValue:
    """All deals that wait for the company's payment, one currency at a time; one payment for those that are ticked.

    A button of its own shows their sum where no script does.
    """
    actor, form = current_actor(), FundForm()
    if not actor.may_spend:
        raise NotAllowed
    chosen = set((request.form if form.is_submitted() else request.args).getlist("deals", type=int))
    problem: DomainError | None = None
    if form.validate_on_submit() and "sum" not in request.form:
        try:
            return redirect(fund_deals(actor, sorted(chosen), language()), HTTPStatus.SEE_OTHER)
        except (Conflict, gateway.ProviderUnavailable, gateway.ProviderRefused, limits.OverSpendingLimit) as error:
            problem = error
    return _pay_page(form, chosen, problem)


def _pay_page(form: FundForm, chosen: set[int], problem: DomainError | None) -> ResponseReturnValue:
    waiting = payable_deals(current_actor())
    currencies = sorted({found.amount.currency for found in waiting})
    currency = _currency(waiting, currencies, chosen)
    rows = [found for found in waiting if found.amount.currency == currency]
    ticked = {deal_owner(found.deal.id): found.amount for found in rows if found.deal.id in chosen}
    page = render_template(
        "escrow/pay.html",
        form=form,
        rows=rows,
        chosen=chosen,
        currencies=currencies,
        currency=currency,
        total=sum(ticked.values(), Money.zero(currency)) if currency else None,
        most=Money(gateway.LARGEST_CHARGE, currency) if currency else None,
        spending=limits.forecast_all(current_actor(), ticked) if ticked else None,
        problem=problem,
    )
    return page, HTTPStatus.OK if problem is None else problem.status


def _currency(waiting: list[Payable], currencies: list[str], chosen: set[int]) -> str | None:
    """What the address asks for, else that of what is ticked, else that of the nearest deadline."""
    asked = request.values.get("currency", "")
    ticked = [found.amount.currency for found in waiting if found.deal.id in chosen]
    found = [asked] if asked in currencies else ticked or [row.amount.currency for row in waiting]
    return found[0] if found else None


@bp.get("/payments/<uuid:checkout_id>")
@access(Role.BRAND)
def paid(checkout_id: uuid.UUID) -> ResponseReturnValue:
    """Where the provider's page sends people back, paid or not: says what is true now, and asks the provider where that
    isn't known."""
    actor = current_actor()
    known = not may_have_news(get_checkout(actor, checkout_id)) or _ask(checkout_id)
    page = paid_page(actor, checkout_id)
    if page.outcome is Outcome.ARRIVED and len(page.parts) == 1 and page.parts[0].outcome is Outcome.ARRIVED:
        flash(_("The money is in escrow. Work can begin."), "good")
        return redirect(url_for("deals.show", deal_id=page.parts[0].deal.id), HTTPStatus.SEE_OTHER)
    return _paid_page(page, known)


def _ask(checkout_id: uuid.UUID) -> bool:
    """Whether the provider answered. If it doesn't, the webhook and the sweeper ask again."""
    with suppress(gateway.ProviderUnavailable, gateway.ProviderRefused):
        confirm_checkout(str(checkout_id))
        return True
    return False


def _paid_page(page: PaidPage, known: bool) -> ResponseReturnValue:
    return render_template(
        "escrow/paid.html",
        page=page,
        known=known or page.outcome in _SETTLED,
        form=FundForm(formdata=None),
        decline=decline_words(page.checkout.failure) if page.checkout.failure else None,
    )


@bp.get("/deals/<int:deal_id>/fund/return")
@access(Role.BRAND)
def returned(deal_id: int) -> ResponseReturnValue:
    """How the deal's newest payment stands; to the quote where nobody has tried to pay."""
    deal = get_deal(current_actor(), deal_id)
    payment = newest_payment(deal.id)
    if payment is None:
        return redirect(url_for("escrow.fund", deal_id=deal.id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("escrow.paid", checkout_id=payment.checkout_id), HTTPStatus.SEE_OTHER)
