"""Pages of payees' accounts: what Stripe says of each, what failed, what is owed, and what was taken back."""

import uuid
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import DecideForm
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.payee_forms import TakeBackForm, seen_amount, take_back_form
from marketplace.console.payees import (
    Heap,
    get_account,
    lengths,
    list_payees,
    other_accounts,
    our_balances,
    transfer_page,
)
from marketplace.console.query_forms import member_in, page_in
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import end_transaction, transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid
from marketplace.payouts.account_page import bank_schedule_words, build
from marketplace.payouts.arrivals import read_account
from marketplace.payouts.payday_report import reason_words
from marketplace.payouts.payee import payee_of_row
from marketplace.payouts.requirements import failure_words
from marketplace.payouts.reversal import reverse_transfer, send_again
from marketplace.payouts.standing import standing

_SENDING = "send"


@bp.get("/console/payees")
@access(Role.ADMIN)
def payees() -> ResponseReturnValue:
    """One heap of payees' accounts, and what we have at Stripe ourselves."""
    heap, number = member_in("heap", Heap) or Heap.ASKED, page_in()
    rows, more = list_payees(heap, number)
    return render_template(
        "console/payees.html",
        heap=heap,
        heaps=list(Heap),
        lengths=lengths(),
        rows=rows,
        number=number,
        more=more,
        ours=our_balances(),
    )


@bp.get("/console/payees/<uuid:account_id>")
@access(Role.ADMIN)
def payee(account_id: uuid.UUID) -> ResponseReturnValue:
    """All that Stripe said of one account, and what its owner was sent."""
    account, name = get_account(account_id)
    page = build(payee_of_row(account), page_in("transfers"), page_in("payouts"))
    return render_template(
        "console/payee.html",
        account=account,
        name=name,
        standing=standing(account),
        page=page,
        others=other_accounts(account),
        country=get_locale().territories.get(account.country, account.country),
        bank_schedule=bank_schedule_words(account),
        failure_words=failure_words,
    )


@bp.post("/console/payees/<uuid:account_id>/read")
@access(Role.ADMIN)
def read_payee(account_id: uuid.UUID) -> ResponseReturnValue:
    """Ask Stripe how the account is now."""
    stripe_id = get_account(account_id)[0].stripe_account_id
    end_transaction()
    try:
        if stripe_id is not None:
            read_account(stripe_id)
        flash(_("Read from Stripe just now."), "good")
    except (gateway.ProviderUnavailable, gateway.ProviderRefused) as refused:
        flash(str(refused), "alarm")
    return redirect(url_for("console.payee", account_id=account_id), HTTPStatus.SEE_OTHER)


@bp.get("/console/transfers/<uuid:transfer_id>")
@access(Role.ADMIN)
def transfer(transfer_id: uuid.UUID) -> ResponseReturnValue:
    """One transfer, what came back of it, and the forms to take it back or send it again."""
    return _transfer_page(transfer_id)


@bp.post("/console/transfers/<uuid:transfer_id>/take-back")
@access(Role.ADMIN)
def take_back(transfer_id: uuid.UUID) -> ResponseReturnValue:
    """Take it back out of the payee's account, whole or in part."""
    currency = transfer_page(transfer_id).transfer.currency
    form = take_back_form(currency, typed=True)
    if not form.validate():
        return _transfer_page(transfer_id, form=form)
    try:
        ask_password_again(current_actor(), form.password.data)
        amount = seen_amount(form.seen, currency) if form.amount.data is None else form.amount.data
        reverse_transfer(current_actor(), transfer_id, amount, form.why.data)
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _transfer_page(transfer_id, form=form)
    except Conflict as refused:
        return _transfer_page(transfer_id, said=str(refused), status=refused.status)
    except gateway.ProviderUnavailable:
        flash(_("Stripe doesn’t answer at the moment. It is tried again by itself until there is an answer."), "turn")
        return _to_transfer(transfer_id)
    flash(_("It was taken back and is held for its owner."), "good")
    return _to_transfer(transfer_id)


@bp.post("/console/transfers/<uuid:transfer_id>/send-again")
@access(Role.ADMIN)
def send_transfer_again(transfer_id: uuid.UUID) -> ResponseReturnValue:
    """Send on what is held of it."""
    form, currency = DecideForm(_SENDING), transfer_page(transfer_id).transfer.currency
    if not form.validate():
        return _transfer_page(transfer_id, sending=form)
    try:
        ask_password_again(current_actor(), form.password.data)
        with transaction():
            send_again(current_actor(), transfer_id, seen_amount(form.seen, currency))
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _transfer_page(transfer_id, sending=form)
    except Conflict as refused:
        return _transfer_page(transfer_id, said=str(refused), status=refused.status)
    flash(_("It is sent again."), "good")
    return _to_transfer(transfer_id)


def _to_transfer(transfer_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("console.transfer", transfer_id=transfer_id), HTTPStatus.SEE_OTHER)


def _transfer_page(
    transfer_id: uuid.UUID,
    *,
    form: TakeBackForm | None = None,
    sending: DecideForm | None = None,
    said: str = "",
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    """`said` is why nothing was done; it stands above how the transfer is now."""
    found = transfer_page(transfer_id)
    taking = form or take_back_form(found.transfer.currency, typed=False)
    taking.seen.data = str(found.transfer.left.amount)
    page = render_template(
        "console/transfer.html",
        found=found,
        transfer=found.transfer,
        reason_words=reason_words,
        form=taking,
        sending=sending or DecideForm(_SENDING, formdata=None, data={"seen": str(found.transfer.held_back.amount)}),
        said=said,
    )
    wrong = any(one is not None and (one.errors or one.form_errors) for one in (form, sending))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status
