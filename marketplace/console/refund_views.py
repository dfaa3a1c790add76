"""Pages of refunds that failed and payments that are held apart: what each needs, and the buttons that do it."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.stuck import failed_refunds, held_checkouts
from marketplace.escrow.declines import refund_failure_words
from marketplace.escrow.models import Refund, RefundState
from marketplace.escrow.stuck import retry_refund, return_checkout, settle_by_hand
from marketplace.infra.db import transaction
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
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


def _place_url(checkout_id: uuid.UUID, held: Money) -> str:
    """The same, to place what is held of a payment; where to is for the administrators to say."""
    owner = f"checkout:{checkout_id}"
    return _form_url(owner, owner, held, None)


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


def _done(verb: Callable[[], Refund], said: str, then: Callable[[Refund], str]) -> ResponseReturnValue:
    try:
        with transaction():
            address = then(verb())
    except Conflict as refused:
        return _page(str(refused), refused.status)
    flash(said, "good")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _to_list(_refund: Refund) -> str:
    return url_for("console.refunds")


@bp.post("/console/refunds/<uuid:refund_id>/retry")
@access(Role.ADMIN)
def try_refund_again(refund_id: uuid.UUID) -> ResponseReturnValue:
    said = _("It is tried again. If it fails once more, it stands here again.")
    return _done(lambda: retry_refund(current_actor(), str(refund_id)), said, _to_list)


@bp.post("/console/refunds/<uuid:refund_id>/by-hand")
@access(Role.ADMIN)
def settle_refund_by_hand(refund_id: uuid.UUID) -> ResponseReturnValue:
    """Leads to the form of the entry, which another administrator approves when the brand has its money."""
    said = _(
        "The money waits on an account of the deal. Propose the entry when you have paid the brand in another way."
    )
    return _done(lambda: settle_by_hand(current_actor(), str(refund_id)), said, _by_hand_url)


@bp.post("/console/payments/<uuid:checkout_id>/return")
@access(Role.ADMIN)
def return_payment(checkout_id: uuid.UUID) -> ResponseReturnValue:
    said = _("All of it is on its way back to whoever paid.")
    return _done(lambda: return_checkout(current_actor(), str(checkout_id)), said, _to_list)
