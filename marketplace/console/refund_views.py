"""Pages of refunds that failed, payments that are held apart, what isn't placed, and what Stripe gives no answer about:
what each needs, and the pages that do it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import AgainForm
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.books import amount
from marketplace.console.stuck import HeldCheckout, StuckRefund, failed_refunds, get_held, get_refund, held_checkouts
from marketplace.console.unanswered import unanswered_money
from marketplace.console.words import owner_words
from marketplace.deals.models import Deal
from marketplace.escrow.declines import refund_failure_words
from marketplace.escrow.models import CheckoutState, Refund, RefundState
from marketplace.escrow.stuck import NOT_WAITING, NOT_WHOLE, retry_refund, return_checkout, settle_by_hand
from marketplace.escrow.unplaced import unplaced_money
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import Money, is_currency
from marketplace.ledger.accounts import AccountKind, deal_owner


@bp.get("/console/refunds")
@access(Role.ADMIN)
def refunds() -> ResponseReturnValue:
    return _page()


def _page(said: str = "", status: int = HTTPStatus.OK) -> ResponseReturnValue:
    """`said` is why nothing was done; it stands above how things are now."""
    page = render_template(
        "console/refunds.html",
        failed=failed_refunds(),
        by_hand=failed_refunds(RefundState.BY_HAND),
        held=held_checkouts(),
        unanswered=unanswered_money(),
        unplaced=unplaced_money(),
        amount=amount,
        owner_words=owner_words,
        why=refund_failure_words,
        by_hand_url=_by_hand_url,
        place_url=_place_url,
        said=said,
    )
    return page, status


def _by_hand_url(refund: Refund) -> str:
    """The form of an entry by hand, filled in for a refund that was paid out of our own bank."""
    owner = deal_owner(refund.deal_id)
    return _form_url(owner, owner, refund.total, AccountKind.PLATFORM_BANK)


def _place_url(owner: str, held: int, currency: str) -> str | None:
    """The same, to place what is held in suspense; where to is for the administrators to say. None for what is no
    money, as forms take none."""
    return _form_url(owner, owner, Money(held, currency), None) if is_currency(currency) else None


def _form_url(reference: str, owner: str, amount: Money, to: AccountKind | None) -> str:
    figure = str(amount.major)
    filled: dict[str, Any] = {
        "reference": reference,
        "lines-0-kind": AccountKind.SUSPENSE.value,
        "lines-0-owner": owner,
        "lines-0-currency": amount.currency,
        "lines-0-debit": figure,
        "lines-1-kind": to.value if to is not None else "",
        "lines-1-currency": amount.currency,
        "lines-1-credit": figure,
    }
    return url_for("console.new_manual_entry", **{name: text for name, text in filled.items() if text})


# --- Deciding ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Step:
    """What is about to be done, as the page says it that asks for the password: each of them moves money, or ends the
    way by which it moves by itself."""

    title: str
    says: str
    icon: str
    amount: Money
    brand_name: str
    deals: Sequence[Deal]
    stripe_id: str | None
    why: LazyString | None
    against: LazyString | None
    done: str


@bp.route("/console/refunds/<uuid:refund_id>/retry", methods=["GET", "POST"])
@access(Role.ADMIN)
def try_refund_again(refund_id: uuid.UUID) -> ResponseReturnValue:
    step = _refund_step(
        get_refund(refund_id),
        _("Try the refund again"),
        _("It goes to the card or account that paid, and can’t be called back. Its amount was decided before."),
        "arrow-counterclockwise",
        _("It is tried again. If it fails once more, it stands here again."),
    )
    return _take(step, lambda: retry_refund(current_actor(), str(refund_id)), _to_list)


@bp.route("/console/refunds/<uuid:refund_id>/by-hand", methods=["GET", "POST"])
@access(Role.ADMIN)
def settle_refund_by_hand(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Leads to the form of the entry, which another administrator approves when the brand has its money."""
    step = _refund_step(
        get_refund(refund_id),
        _("Settle the refund by hand"),
        _("It isn’t tried again. Pay the brand in another way; an entry that a second administrator approves ends it."),
        "pencil",
        _("The money waits on an account of the deal. Propose the entry when you have paid the brand in another way."),
    )
    return _take(step, lambda: settle_by_hand(current_actor(), str(refund_id)), _by_hand_url)


def _refund_step(found: StuckRefund, title: str, says: str, icon: str, done: str) -> _Step:
    refund = found.refund
    return _Step(
        title=title,
        says=says,
        icon=icon,
        amount=refund.total,
        brand_name=found.brand_name,
        deals=[found.deal],
        stripe_id=refund.stripe_refund_id or found.checkout.charge_id,
        why=refund_failure_words(refund.failure),
        against=None if refund.state is RefundState.FAILED else NOT_WAITING,
        done=done,
    )


@bp.route("/console/payments/<uuid:checkout_id>/return", methods=["GET", "POST"])
@access(Role.ADMIN)
def return_payment(checkout_id: uuid.UUID) -> ResponseReturnValue:
    found = get_held(checkout_id)
    step = _Step(
        title=_("Send the payment back"),
        says=_("All of it goes to whoever paid, and can’t be called back. The deals can be paid anew."),
        icon="arrow-counterclockwise",
        amount=found.held,
        brand_name=found.brand_name,
        deals=found.deals,
        stripe_id=found.checkout.charge_id,
        why=None,
        against=_against_return(found),
        done=_("All of it is on its way back to whoever paid."),
    )
    return _take(step, lambda: return_checkout(current_actor(), str(checkout_id)), _to_list)


def _against_return(found: HeldCheckout) -> LazyString | None:
    if found.checkout.state is not CheckoutState.SUSPENSE:
        return NOT_WAITING
    return None if found.returnable else NOT_WHOLE


def _to_list(_refund: Refund) -> str:
    return url_for("console.refunds")


def _take(step: _Step, verb: Callable[[], Refund], then: Callable[[Refund], str]) -> ResponseReturnValue:
    """The page of a step; once its password is right, the step. What stands against it is said on the list."""
    form = AgainForm()
    if step.against is not None:
        return _page(str(step.against), HTTPStatus.CONFLICT)
    if form.validate_on_submit():
        try:
            ask_password_again(current_actor(), form.password.data)
            with transaction():
                address = then(verb())
            flash(step.done, "good")
            return redirect(address, HTTPStatus.SEE_OTHER)
        except (Invalid, OverLimit) as refused:
            show_error(form, refused)
        except Conflict as refused:
            return _page(str(refused), refused.status)
    page = render_template("console/refund_step.html", step=step, form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
