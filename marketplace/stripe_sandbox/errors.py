"""Refusals in the shape that Stripe gives them (https://docs.stripe.com/api/errors)."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """An answer other than 200: HTTP status, headers of its own, and the fields of Stripe's error object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind, self.code, self.param = message, status, kind, code, param
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://docs.stripe.com/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def resource_missing(kind: str, id_: str, *, param: str = "id", in_path: bool = True) -> Refusal:
    """Stripe answers 404 when the path names nothing, 400 when a parameter does."""
    return Refusal(f"No such {kind}: '{id_}'", status=404 if in_path else 400, code="resource_missing", param=param)


def missing_parameter(param: str) -> Refusal:
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def not_in_sandbox(what: str, param: str | None = None) -> Refusal:
    """For what Stripe would accept and the sandbox doesn't do: refused aloud, never ignored in silence."""
    return Refusal(f"The Stripe sandbox does not implement {what}.", param=param)


def too_many_requests() -> Refusal:
    """https://docs.stripe.com/rate-limits"""
    return Refusal(
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": "global-rate"},
    )


def server_error() -> Refusal:
    return Refusal("An unknown error occurred", status=500, kind="api_error")
