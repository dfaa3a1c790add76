"""Customers and the payment methods that they keep."""

from typing import Any

from stripe.params import (
    CustomerCreateParams,
    CustomerListParams,
    CustomerPaymentMethodListParams,
    CustomerRetrieveParams,
    CustomerUpdateParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
)

from ..errors import Refusal
from ..ids import letters, new_id
from ..registry import call
from ..store import Obj, Tx
from ..values import check_email, listing, metadata, nulls, short

Params = dict[str, Any]
_SETTABLE = "description email metadata name phone preferred_locales"
_LISTED = "allow_redisplay ending_before limit starting_after type"


@call("POST", "/v1/customers", CustomerCreateParams, _SETTABLE)
def create_customer(tx: Tx, params: Params) -> Obj:
    customer: Obj = {
        "id": new_id("customer"),
        "object": "customer",
        "balance": 0,
        "created": tx.now,
        **nulls("address currency default_source description discount email name phone shipping test_clock"),
        "delinquent": False,
        "invoice_prefix": letters(8).upper(),
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"),
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    _apply(customer, params)
    tx.add(customer)
    tx.emit("customer.created", customer)
    return customer


@call("GET", "/v1/customers/<customer>", CustomerRetrieveParams)
def retrieve_customer(tx: Tx, _params: Params, customer: str) -> Obj:
    return tx.get("customer", customer)


@call("POST", "/v1/customers/<customer>", CustomerUpdateParams, _SETTABLE)
def update_customer(tx: Tx, params: Params, customer: str) -> Obj:
    found = tx.get("customer", customer, lock=True)
    _apply(found, params)
    tx.save(found)
    tx.emit("customer.updated", found)
    return found


@call("GET", "/v1/customers", CustomerListParams, "created email ending_before limit starting_after")
def list_customers(tx: Tx, params: Params) -> Obj:
    return listing(tx, "customer", "/v1/customers", params, {"email": params.get("email")})


@call("GET", "/v1/customers/<customer>/payment_methods", CustomerPaymentMethodListParams, _LISTED)
def list_methods_of(tx: Tx, params: Params, customer: str) -> Obj:
    tx.get("customer", customer, param="customer")
    return _methods(tx, f"/v1/customers/{customer}/payment_methods", params, customer)


@call("GET", "/v1/payment_methods", PaymentMethodListParams, f"{_LISTED} customer")
def list_methods(tx: Tx, params: Params) -> Obj:
    """Without a customer there is nothing that Stripe lists."""
    if customer := params.get("customer"):
        tx.get("customer", customer, param="customer", in_path=False)
    return _methods(tx, "/v1/payment_methods", params, params.get("customer", "nobody"))


@call("GET", "/v1/payment_methods/<method>", PaymentMethodRetrieveParams)
def retrieve_method(tx: Tx, _params: Params, method: str) -> Obj:
    return tx.get("payment_method", method)


@call("POST", "/v1/payment_methods/<method>/detach", PaymentMethodDetachParams)
def detach_method(tx: Tx, _params: Params, method: str) -> Obj:
    found = tx.get("payment_method", method, lock=True)
    if found["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    before = found["customer"]
    found["customer"] = None
    tx.save(found)
    tx.emit("payment_method.detached", found, previous={"customer": before})
    return found


def attach(tx: Tx, method: Obj, customer: str, redisplay: str) -> None:
    """Keeps the method for the customer; `redisplay` says whether pages may show it again, as Stripe's field does."""
    method.update(customer=customer, allow_redisplay=redisplay)
    tx.save(method)
    tx.emit("payment_method.attached", method)


def customer_for(tx: Tx, payer: Obj) -> Obj:
    """A customer made of what was typed at a checkout that makes one."""
    return create_customer(tx, {"email": payer["email"], "name": payer["name"]})


def saved_methods(tx: Tx, customer: str, filters: list[str]) -> list[Obj]:
    """What a checkout page shows a returning payer, newest first."""
    return [kept for kept in tx.matching("payment_method", "customer", customer) if kept["allow_redisplay"] in filters]


def _methods(tx: Tx, url: str, params: Params, customer: str) -> Obj:
    filters = {"customer": customer, "type": params.get("type"), "allow_redisplay": params.get("allow_redisplay")}
    return listing(tx, "payment_method", url, params, filters)


def _apply(customer: Obj, params: Params) -> None:
    if params.get("email"):
        customer["email"] = check_email(params["email"])
    for name, limit in (("description", 5000), ("name", 256), ("phone", 20)):
        if name in params:
            customer[name] = short(params[name], name, limit)
    if "preferred_locales" in params:
        customer["preferred_locales"] = params["preferred_locales"]
    customer["metadata"] = metadata(params.get("metadata"), customer["metadata"])
