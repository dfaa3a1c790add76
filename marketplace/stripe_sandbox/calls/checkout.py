"""Checkout sessions in mode=payment: created, read, expired by call or by time."""

from typing import Any

from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionLineItemListParams,
    SessionListParams,
    SessionRetrieveParams,
)

from .. import currencies
from ..errors import Refusal, missing_parameter, not_in_sandbox
from ..expand import on_demand
from ..ids import new_id
from ..methods import offered
from ..registry import call
from ..store import Obj, Tx
from ..values import check_email, check_url, listing, metadata, nulls, short
from . import payments

Params = dict[str, Any]
DAY = 24 * 3600
_HALF_HOUR = 30 * 60

_SUPPORTED = """mode ui_mode success_url cancel_url client_reference_id metadata customer_email locale expires_at
submit_type line_items.quantity line_items.price_data.currency line_items.price_data.unit_amount
line_items.price_data.product_data.name line_items.price_data.product_data.description
line_items.price_data.product_data.metadata payment_intent_data.transfer_group payment_intent_data.metadata
payment_intent_data.description payment_intent_data.receipt_email payment_intent_data.statement_descriptor
payment_intent_data.statement_descriptor_suffix payment_intent_data.capture_method
payment_intent_data.setup_future_usage customer customer_creation payment_method_data.allow_redisplay
saved_payment_method_options.allow_redisplay_filters saved_payment_method_options.payment_method_save
payment_method_options.card.request_three_d_secure
payment_method_options.wechat_pay.client"""

# Kept with a session, and no part of what the API shows.
_INWARD = ("line_items", "payment_intent_data", "payment_method_data", "saving")


@call("POST", "/v1/checkout/sessions", SessionCreateParams, _SUPPORTED)
def create_session(tx: Tx, params: Params) -> Obj:
    _check(params)
    expires_at = _expiry(tx, params)
    items = [_line_item(item, index) for index, item in enumerate(params.get("line_items") or [])]
    currency, total = _sum_up(items)
    session = _blank(new_id("checkout.session"), tx.now)
    session.update(
        amount_subtotal=total,
        amount_total=total,
        cancel_url=check_url(params["cancel_url"], "cancel_url") if "cancel_url" in params else None,
        client_reference_id=short(params.get("client_reference_id"), "client_reference_id", 200),
        currency=currency,
        customer=_customer(tx, params),
        customer_creation=None if "customer" in params else params.get("customer_creation", "if_required"),
        customer_email=check_email(params["customer_email"], "customer_email") if "customer_email" in params else None,
        expires_at=expires_at,
        line_items=items,
        locale=params.get("locale"),
        metadata=metadata(params.get("metadata")),
        payment_intent_data=_intent_data(params.get("payment_intent_data", {})),
        payment_method_data=params.get("payment_method_data", {}),
        payment_method_options=params.get("payment_method_options", {}),
        payment_method_types=offered(currency),
        saved_payment_method_options=_saved_options(params),
        submit_type=params.get("submit_type"),
        success_url=check_url(params["success_url"], "success_url"),
        url=f"{tx.config.public_url}/checkout/{session['id']}",
    )
    tx.add(session)
    return shown(session)


@call("GET", "/v1/checkout/sessions/<session>", SessionRetrieveParams)
def retrieve_session(tx: Tx, _params: Params, session: str) -> Obj:
    return shown(current_session(tx, session))


_LISTED = "created customer ending_before limit payment_intent starting_after status"


@call("GET", "/v1/checkout/sessions", SessionListParams, _LISTED)
def list_sessions(tx: Tx, params: Params) -> Obj:
    filters = {name: params.get(name) for name in ("customer", "payment_intent", "status")}
    page = listing(tx, "checkout.session", "/v1/checkout/sessions", params, filters)
    page["data"] = [shown(session) for session in page["data"]]
    return page


@call("GET", "/v1/checkout/sessions/<session>/line_items", SessionLineItemListParams)
def list_line_items(tx: Tx, _params: Params, session: str) -> Obj:
    return line_items(tx, current_session(tx, session))


@call("POST", "/v1/checkout/sessions/<session>/expire", SessionExpireParams)
def expire_session(tx: Tx, _params: Params, session: str) -> Obj:
    found = current_session(tx, session, lock=True)
    if found["status"] != "open":
        raise Refusal(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of'
            f" `{found['status']}`.",
        )
    return shown(_expire(tx, found))


@on_demand("checkout.session", "line_items")
def line_items(tx: Tx, session: Obj) -> Obj:
    stored = tx.get("checkout.session", session["id"])["line_items"]
    items = [{name: value for name, value in item.items() if name != "product_description"} for item in stored]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": items, "has_more": False, "url": url}


def shown(session: Obj) -> Obj:
    """As the API gives it: line items only on demand, the payment's data not at all, the address while it is open."""
    public = {key: value for key, value in session.items() if key not in _INWARD}
    if session["status"] != "open":
        public["url"] = None
    return public


def current_session(tx: Tx, id_: str, *, lock: bool = False) -> Obj:
    """The session, expired first when its time is over."""
    session = tx.get("checkout.session", id_, lock=lock, param="session")
    if session["status"] != "open" or session["expires_at"] > tx.now:
        return session
    if not lock:
        return current_session(tx, id_, lock=True)
    return _expire(tx, session)


def expire_due(tx: Tx) -> None:
    """Expires what nobody looked at since its time was over."""
    rows = tx.run(
        "select id, account from stripe_sandbox.objects where kind = 'checkout.session' and data->>'status' = 'open'"
        " and (data->>'expires_at')::bigint <= %s limit 100",
        tx.now,
    ).fetchall()
    for row in rows:
        tx.account = row["account"]
        current_session(tx, row["id"], lock=True)
    tx.account = ""


def _expire(tx: Tx, session: Obj) -> Obj:
    session["status"] = "expired"
    tx.save(session)
    if session["payment_intent"]:
        payments.cancel_intent(tx, session["payment_intent"])
    tx.emit("checkout.session.expired", shown(session))
    return session


def _check(params: Params) -> None:
    if params.get("mode") is None:
        raise missing_parameter("mode")
    if params["mode"] != "payment":
        raise not_in_sandbox(f"mode={params['mode']}", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_in_sandbox(f"ui_mode={params['ui_mode']}", "ui_mode")
    if "success_url" not in params:
        raise missing_parameter("success_url")
    if not params.get("line_items"):
        raise missing_parameter("line_items")


def _expiry(tx: Tx, params: Params) -> int:
    expires_at: int = params.get("expires_at", tx.now + DAY)
    if not tx.now + _HALF_HOUR - 60 <= expires_at <= tx.now + DAY + 60:
        raise Refusal(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session"
            " creation.",
            param="expires_at",
        )
    return expires_at


def _line_item(item: Params, index: int) -> Obj:
    at = f"line_items[{index}]"
    price = item.get("price_data") or {}
    if "unit_amount" not in price:
        raise missing_parameter(f"{at}[price_data][unit_amount]" if price else f"{at}[price_data]")
    if "name" not in price.get("product_data", {}):
        raise missing_parameter(f"{at}[price_data][product_data]")
    if "quantity" not in item:
        raise missing_parameter(f"{at}[quantity]")
    currency = currencies.check_currency(price["currency"], f"{at}[price_data][currency]")
    unit = price["unit_amount"]
    if unit < 0:
        at_price = f"{at}[price_data][unit_amount]"
        raise Refusal("Invalid non-negative integer", code="parameter_invalid_integer", param=at_price)
    quantity = currencies.check_amount(item["quantity"], f"{at}[quantity]")
    return _item(price["product_data"], currency, unit, quantity)


def _item(product: Params, currency: str, unit: int, quantity: int) -> Obj:
    return {
        "id": new_id("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": product["name"],
        "product_description": product.get("description"),
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "currency": currency,
            "livemode": False,
            "metadata": {},
            "product": new_id("product"),
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
        },
        "quantity": quantity,
    }


def _sum_up(items: list[Obj]) -> tuple[str, int]:
    found = {item["currency"] for item in items}
    if len(found) > 1:
        raise Refusal("All line items must have the same currency.", param="line_items")
    total = sum(item["amount_total"] for item in items)
    if total < 1:
        raise Refusal("The Checkout Session's total amount due must be above zero.", code="amount_too_small")
    if total > currencies.LARGEST_CHARGE:
        raise Refusal(
            "The Checkout Session's total amount due must be no more than 99999999 minor units.",
            code="amount_too_large",
        )
    return found.pop(), total


def _customer(tx: Tx, params: Params) -> str | None:
    if "customer" not in params:
        if params.get("saved_payment_method_options", {}).get("payment_method_save") == "enabled":
            raise Refusal(
                "`saved_payment_method_options.payment_method_save` can only be used with a `customer`.",
                param="saved_payment_method_options[payment_method_save]",
            )
        return None
    for name in ("customer_email", "customer_creation"):
        if name in params:
            raise Refusal(
                f"You may only specify one of these parameters: customer, {name}.", code="parameters_exclusive"
            )
    id_: str = tx.get("customer", params["customer"], param="customer", in_path=False)["id"]
    return id_


def _saved_options(params: Params) -> Obj | None:
    if "customer" not in params:
        return None
    given = params.get("saved_payment_method_options", {})
    return {
        "allow_redisplay_filters": given.get("allow_redisplay_filters", ["always"]),
        "payment_method_remove": "disabled",
        "payment_method_save": given.get("payment_method_save", "disabled"),
    }


def _intent_data(given: Params) -> Obj:
    if given.get("capture_method", "automatic_async") == "manual":
        raise not_in_sandbox("capture_method=manual", "payment_intent_data[capture_method]")
    same = ("description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix")
    kept = {name: given.get(name) for name in same}
    for name, limit in (("statement_descriptor", 22), ("transfer_group", 5000)):
        kept[name] = short(given.get(name), f"payment_intent_data[{name}]", limit)
    return {**kept, "metadata": metadata(given.get("metadata"), param="payment_intent_data[metadata]")}


def _blank(id_: str, now: int) -> Obj:
    session: Obj = nulls(
        """adaptive_pricing after_expiration allow_promotion_codes billing_address_collection cancel_url
        client_reference_id client_secret collected_information consent consent_collection currency_conversion customer
        customer_account customer_creation customer_details invoice invoice_creation origin_context payment_intent
        payment_link payment_method_configuration_details permissions recovered_from saved_payment_method_options
        setup_intent shipping_address_collection shipping_cost subscription wallet_options"""
    )
    session.update(
        id=id_,
        object="checkout.session",
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        created=now,
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        discounts=[],
        livemode=False,
        mode="payment",
        payment_method_collection="if_required",
        payment_status="unpaid",
        saving=False,
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
    )
    return session
