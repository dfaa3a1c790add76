"""The hosted checkout page, the pages on which banks and wallets ask, and receipts.

A session is locked while it is paid, so it is paid once. What was typed is read in `payer.py`.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from . import payer
from .calls import completion, customers, payments
from .calls.checkout import current_session
from .cards import CARDS, DEBITED_ACCOUNTS, card_of
from .methods import DEBITS, WALLETS, offered
from .pages import closed, leave, missing, page
from .runtime import runtime
from .store import Obj, Tx
from .words import words_for

bp = Blueprint("checkout", __name__, url_prefix="/checkout")

# What the page says of a refusal; of a lost or stolen card it says no more than of any other.
_TOLD = ("insufficient_funds", "expired_card", "incorrect_cvc", "processing_error")
_PROBLEMS = (*_TOLD, "card_declined", "authentication", "wallet")


@bp.get("/<session_id>")
def show(session_id: str) -> Response:
    with runtime().transaction() as tx:
        session = _load(tx, session_id)
        if session is None:
            return missing()
        method = request.args.get("method") or _first_choice(tx, session)
        problem = request.args.get("problem")
        return _ended(session) or _form(tx, session, payer.prefilled(tx, session, method), problem=problem)


@bp.post("/<session_id>")
def pay(session_id: str) -> Response:
    with runtime().transaction() as tx:
        session = _load(tx, session_id, lock=True)
        if session is None:
            return missing()
        if session["status"] == "complete":
            return leave(_success_url(session))
        response = _ended(session) or _attempt(tx, session, request.form)
    runtime().wake_sender()
    return response


@bp.get("/<session_id>/confirm")
def ask(session_id: str) -> Response:
    with runtime().transaction() as tx:
        session = _load(tx, session_id)
        if session is None:
            return missing()
        intent = _awaits_confirmation(tx, session)
        if session["status"] == "open" and intent is None:
            return leave(url_for("checkout.show", session_id=session_id))
        words = words_for(session["locale"])
        type_ = tx.get("payment_method", intent["payment_method"])["type"] if intent else "card"
        return _ended(session) or page("confirm", words, session=session, amount=_amount(session), type=type_)


@bp.post("/<session_id>/confirm")
def confirm(session_id: str) -> Response:
    with runtime().transaction() as tx:
        session = _load(tx, session_id, lock=True)
        if session is None:
            return missing()
        if session["status"] == "complete":
            return leave(_success_url(session))
        response = _ended(session) or _settle_confirmation(tx, session, request.form.get("outcome") == "confirm")
    runtime().wake_sender()
    return response


@bp.get("/receipts/<charge_id>")
def show_receipt(charge_id: str) -> Response:
    with runtime().transaction() as tx:
        charge = tx.find("charge", charge_id, account="")
    if charge is None or charge["receipt_url"] is None:
        return missing()
    return page("receipt", words_for(), charge=charge, paid_with=payer.named(charge["payment_method_details"]))


def _load(tx: Tx, session_id: str, *, lock: bool = False) -> Obj | None:
    row = tx.run(
        "select account from stripe_sandbox.objects where id = %s and kind = 'checkout.session'", session_id
    ).fetchone()
    if row is None:
        return None
    tx.account = row["account"]
    return current_session(tx, session_id, lock=lock)


def _ended(session: Obj) -> Response | None:
    words = words_for(session["locale"])
    if session["status"] == "complete":
        name = "paid" if session["payment_status"] == "paid" else "awaited"
        return closed(words, name, 200, _success_url(session), "continue")
    if session["status"] == "expired":
        return closed(words, "expired", 410, session["cancel_url"])
    return None


def _first_choice(tx: Tx, session: Obj) -> str:
    """What a returning payer used last, or else a card."""
    saved = _saved(tx, session)
    return str(saved[0]["id"]) if saved else "card"


def _saved(tx: Tx, session: Obj) -> list[Obj]:
    if session["customer"] is None:
        return []
    filters = session["saved_payment_method_options"]["allow_redisplay_filters"]
    return customers.saved_methods(tx, session["customer"], filters)


def _attempt(tx: Tx, session: Obj, form: MultiDict[str, str]) -> Response:
    typed = payer.typed(form)
    errors = payer.problems(session, typed, _saved(tx, session))
    if errors:
        return _form(tx, session, typed, errors=errors, status=422)
    intent = _intent(tx, session)
    method = payer.method_of(tx, typed)
    session["saving"] = typed["save"] == "yes" and _may_save(session)
    tx.save(session)
    if method["type"] in WALLETS:
        return _ask(tx, session, intent, method)
    if method["type"] in DEBITS:
        completion.pay_later(tx, session, intent, method, save=session["saving"])
        return leave(_success_url(session))
    return _charge_card(tx, session, intent, method, typed)


def _charge_card(tx: Tx, session: Obj, intent: Obj, method: Obj, typed: dict[str, str]) -> Response:
    card = card_of(method["card"]["fingerprint"])
    wanted = session["payment_method_options"].get("card", {}).get("request_three_d_secure", "automatic")
    if card and (card.challenge or wanted != "automatic"):
        return _ask(tx, session, intent, method)
    if problem := _refused(tx, intent, method):
        return _form(tx, session, typed, problem=problem, status=402)
    completion.pay_now(tx, session, intent, method, save=session["saving"])
    return leave(_success_url(session))


def _refused(tx: Tx, intent: Obj, method: Obj) -> str | None:
    """What the page says of it, when the card's bank says no."""
    card = card_of(method.get("card", {}).get("fingerprint"))
    if card is None or card.code is None:
        return None
    payments.decline(tx, intent, method, code=card.code, decline_code=card.decline, message=card.message)
    return card.decline if card.decline in _TOLD else "card_declined"


def _ask(tx: Tx, session: Obj, intent: Obj, method: Obj) -> Response:
    """Sends the payer to the bank's or the wallet's own page."""
    address = url_for("checkout.ask", session_id=session["id"])
    payments.ask(tx, intent, method, payer.next_action(method["type"], runtime().config.public_url + address))
    return leave(address)


def _settle_confirmation(tx: Tx, session: Obj, confirmed: bool) -> Response:
    intent = _awaits_confirmation(tx, session)
    if intent is None:
        return leave(url_for("checkout.show", session_id=session["id"]))
    method = tx.get("payment_method", intent["payment_method"])
    if not confirmed:
        problem = "authentication" if method["type"] == "card" else "wallet"
        message = "The provided PaymentMethod has failed authentication."
        payments.fail(tx, intent, method, code=payments.AUTHENTICATION, message=message)
    elif refused := _refused(tx, intent, method):
        problem = refused
    else:
        completion.pay_now(tx, session, intent, method, save=session["saving"])
        return leave(_success_url(session))
    return leave(url_for("checkout.show", session_id=session["id"], method=method["type"], problem=problem))


def _intent(tx: Tx, session: Obj) -> Obj:
    """The session's one intent: every attempt after the first uses it again."""
    if session["payment_intent"]:
        return tx.get("payment_intent", session["payment_intent"], lock=True)
    intent = payments.create_intent(tx, session)
    session["payment_intent"] = intent["id"]
    tx.save(session)
    return intent


def _awaits_confirmation(tx: Tx, session: Obj) -> Obj | None:
    intent = tx.find("payment_intent", session["payment_intent"] or "", lock=True)
    return intent if intent and intent["status"] == "requires_action" else None


def _may_save(session: Obj) -> bool:
    options = session["saved_payment_method_options"]
    return options is not None and options["payment_method_save"] == "enabled"


def _form(
    tx: Tx,
    session: Obj,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    saved = [(kept["id"], payer.named(kept)) for kept in _saved(tx, session)]
    types = offered(session["currency"])
    chosen = typed["method"] if typed["method"] in (*types, *(id_ for id_, _ in saved)) else "card"
    return page(
        "checkout",
        words_for(session["locale"]),
        status,
        session=session,
        amount=_amount(session),
        typed=typed,
        errors=errors or {},
        problem=problem if problem in _PROBLEMS else None,
        types=types,
        saved=saved,
        chosen=chosen,
        may_save=_may_save(session),
        cards=[(card, payer.spaced(card.number)) for card in CARDS.values()],
        accounts=DEBITED_ACCOUNTS.get(chosen, {}),
    )


def _amount(session: Obj) -> str:
    return words_for(session["locale"]).money(session["amount_total"], session["currency"])


def _success_url(session: Obj) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])
