"""The hosted checkout page and its 3-D Secure step. A session is locked while it is paid, so it is paid once."""

import re
import time
from collections.abc import Mapping

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from .calls import disputes, payments
from .calls.checkout import current_session, shown
from .cards import CARDS, Card, passes_luhn
from .errors import Refusal
from .pages import closed, leave, missing, page
from .runtime import runtime
from .store import Obj, Tx
from .values import check_email
from .words import words_for

bp = Blueprint("checkout", __name__, url_prefix="/checkout")

_EXPIRY = re.compile(r"^\s*(\d{1,2})\s*[/\- ]?\s*(\d{2}|\d{4})\s*$")
_REFUSED = {"generic_decline": "card_declined", "insufficient_funds": "insufficient_funds"}


@bp.get("/<session_id>")
def show(session_id: str) -> Response:
    with runtime().transaction() as tx:
        session = _load(tx, session_id)
        if session is None:
            return missing()
        return _ended(session) or _form(session, _prefilled(session), problem=request.args.get("problem"))


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
        if session["status"] == "open" and _awaits_confirmation(tx, session) is None:
            return leave(url_for("checkout.show", session_id=session_id))
        words = words_for(session["locale"])
        return _ended(session) or page("confirm", words, session=session, amount=_amount(session))


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
        return closed(words, "paid", 200, _success_url(session), "continue")
    if session["status"] == "expired":
        return closed(words, "expired", 410, session["cancel_url"])
    return None


def _attempt(tx: Tx, session: Obj, form: MultiDict[str, str]) -> Response:
    typed = {name: form.get(name, "").strip() for name in ("email", "card_number", "expiry", "cvc", "name")}
    payer, errors = _read(typed)
    number = re.sub(r"\D", "", typed["card_number"])
    if errors:
        return _form(session, typed, errors=errors, status=422)
    card = CARDS[number]
    intent = _intent(tx, session)
    method = payments.create_method(tx, card, payer)
    if card.code:
        payments.fail(tx, intent, method, code=card.code, decline=card.decline, message=card.message or "")
        return _form(session, typed, problem=_REFUSED[card.decline or ""], status=402)
    if card.challenge:
        address = url_for("checkout.ask", session_id=session["id"])
        payments.ask_for_confirmation(tx, intent, method, runtime().config.public_url + address)
        return leave(address)
    return _complete(tx, session, intent, method, disputed=card.disputed)


def _settle_confirmation(tx: Tx, session: Obj, confirmed: bool) -> Response:
    intent = _awaits_confirmation(tx, session)
    if intent is None:
        return leave(url_for("checkout.show", session_id=session["id"]))
    method = tx.get("payment_method", intent["payment_method"])
    if confirmed:
        return _complete(tx, session, intent, method)
    payments.fail(
        tx,
        intent,
        method,
        code="payment_intent_authentication_failure",
        decline=None,
        message="The provided PaymentMethod has failed authentication.",
    )
    return leave(url_for("checkout.show", session_id=session["id"], problem="authentication"))


def _complete(tx: Tx, session: Obj, intent: Obj, method: Obj, *, disputed: bool = False) -> Response:
    charge = payments.succeed(tx, intent, method)
    payer = method["billing_details"]
    session.update(
        customer_details={
            "address": None,
            "business_name": None,
            "email": payer["email"],
            "individual_name": None,
            "name": payer["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        payment_status="paid",
        status="complete",
    )
    tx.save(session)
    tx.emit("checkout.session.completed", shown(session))
    if disputed:
        disputes.open_dispute(tx, charge["id"])
    return leave(_success_url(session))


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


def _read(typed: Mapping[str, str]) -> tuple[Obj, dict[str, str]]:
    """What was typed as a payer, and the word for what is wrong with each field."""
    errors: dict[str, str] = {}
    try:
        check_email(typed["email"])
    except Refusal:
        errors["email"] = "bad_email"
    number = re.sub(r"[\s-]", "", typed["card_number"])
    if not number.isascii() or not number.isdecimal() or not passes_luhn(number):
        errors["card_number"] = "bad_number"
    elif number not in CARDS:
        errors["card_number"] = "not_test_card"
    month, year = _expiry(typed["expiry"])
    if not month:
        errors["expiry"] = "bad_expiry"
    if not re.fullmatch(r"[0-9]{3,4}", typed["cvc"]):
        errors["cvc"] = "bad_cvc"
    if not typed["name"] or len(typed["name"]) > 200:
        errors["name"] = "bad_name"
    return {"email": typed["email"], "name": typed["name"], "exp_month": month, "exp_year": year}, errors


def _expiry(text: str) -> tuple[int, int]:
    """Month and four-digit year, or zeros when there is no such month or it is over."""
    found = _EXPIRY.match(text)
    if not found:
        return 0, 0
    month, year = int(found[1]), int(found[2]) + (2000 if len(found[2]) == 2 else 0)
    today = time.gmtime()
    over = (year, month) < (today.tm_year, today.tm_mon)
    return (0, 0) if not 1 <= month <= 12 or over or year > today.tm_year + 50 else (month, year)


def _prefilled(session: Obj) -> dict[str, str]:
    card = CARDS.get(request.args.get("card", ""), next(iter(CARDS.values())))
    return {
        "email": session["customer_email"] or "payer@example.com",
        "card_number": _spaced(card),
        "expiry": "12 / 34",
        "cvc": "123",
        "name": "Test Payer",
    }


def _spaced(card: Card) -> str:
    return " ".join(card.number[start : start + 4] for start in range(0, 16, 4))


def _form(
    session: Obj,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    known = problem if problem in ("card_declined", "insufficient_funds", "authentication") else None
    cards = [(card.number, _spaced(card), card.about) for card in CARDS.values()]
    words = words_for(session["locale"])
    return page(
        "checkout",
        words,
        status,
        session=session,
        amount=_amount(session),
        typed=typed,
        errors=errors or {},
        problem=known,
        cards=cards,
    )


def _amount(session: Obj) -> str:
    return words_for(session["locale"]).money(session["amount_total"], session["currency"])


def _success_url(session: Obj) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])
