"""The one way to Stripe: its client, what its refusals mean to us, and that nobody calls it with a transaction open."""

import random
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

import stripe
import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l

from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit.errors import DomainError

T = TypeVar("T")
Item = TypeVar("Item", bound=stripe.StripeObject)
logger = structlog.get_logger(__name__)
API_VERSION = "2026-10-28.endive"
"""The version that our code is written for; webhook endpoints are made with the same one."""
_TIMEOUT = 20
_RATE_TRIES = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0
PAGE = 100
# The provider forgets a key after a day: an older try is looked for, as the same key could do the work again.
KEYS_LAST = timedelta(hours=20)
# With all its tries and pauses no call is under way for so long: by then it has done its work, or never will.
CALLS_LAST = timedelta(minutes=30)


class ProviderUnavailable(DomainError):
    """No answer, or none that says what happened: the same call with the same key may be made again. `code` is the
    provider's, where it gave one."""

    status = 503

    def __init__(self, message: object, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ProviderFault(ProviderUnavailable):
    """The provider broke while it worked, and keeps giving this answer under the same key: whether it did the work is
    found by looking, and the next try needs another key."""


class ProviderRefused(DomainError):
    """A definite no: nothing happened, and asking again the same way won't help. `code` is the provider's."""

    def __init__(self, message: object, code: str) -> None:
        super().__init__(message)
        self.code = code


def configured() -> bool:
    """Whether there are keys to talk to the provider with."""
    return settings().stripe_secret_key is not None


def _client() -> stripe.StripeClient:
    client = current_app.extensions.get("mutuals_stripe")
    if client is None:
        key = settings().stripe_secret_key
        if key is None:
            raise ProviderUnavailable(_l("Payments are not set up on this system."))
        base = settings().stripe_api_base
        client = stripe.StripeClient(
            key.get_secret_value(),
            base_addresses={"api": base.rstrip("/"), "files": base.rstrip("/")} if base else None,
            stripe_version=API_VERSION,
            # After a lost connection, a conflict or a fault the SDK backs off, longer each time, keeps the key and
            # heeds Stripe-Should-Retry. It leaves it to us what to do when Stripe says that we ask too often.
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT),
        )
        current_app.extensions["mutuals_stripe"] = client
    assert isinstance(client, stripe.StripeClient)
    return client


def call(ask: Callable[[stripe.StripeClient], T]) -> T:
    """The answer to one request; where Stripe says that we ask too often, it is made again a little later, a few times.
    `ask` carries its idempotency key, so that each try is the same.

    Raises:
        ProviderUnavailable, ProviderFault: it may have done the work or not; ask again.
        ProviderRefused: it did nothing.
    """
    if db.session().in_transaction():
        raise RuntimeError("the payment provider is called while a transaction is open")
    try:
        return _ask_patiently(ask)
    except stripe.StripeError as error:
        # Its words may hold an address or what a bank said: they aren't to stand in the log below ours.
        raise refusal(error) from None


def every(first: stripe.ListObject[Item]) -> Iterator[Item]:
    """All that a list holds, from its first page on; each further page is asked for when somebody gets that far.

    Raises:
        As `call`.
    """
    page = first
    while True:
        yield from page.data
        if not page.has_more:
            return
        page = _after(page)


def _after(page: stripe.ListObject[Item]) -> stripe.ListObject[Item]:
    return call(lambda _client: page.next_page())


def _ask_patiently(ask: Callable[[stripe.StripeClient], T]) -> T:
    for tried in range(_RATE_TRIES):
        try:
            return ask(_client())
        except stripe.RateLimitError as error:
            if tried == _RATE_TRIES - 1 or _header(error, "stripe-should-retry") == "false":
                raise
            time.sleep(_pause(error, tried))
    raise AssertionError("the last try has answered or raised")


def _pause(error: stripe.RateLimitError, tried: int) -> float:
    """Seconds: what Stripe asks for, or else twice as long each time; spread, so that many don't come back at once."""
    asked = _header(error, "retry-after")
    wait = float(asked) if asked.isascii() and asked.isdecimal() else _FIRST_PAUSE * 2**tried
    return min(wait, _LONGEST_PAUSE) * random.uniform(1, 1.5)  # noqa: S311


def _header(error: stripe.StripeError, name: str) -> str:
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    return str(headers.get(name, ""))


REFUSED = _l("Our payment provider refused this. Nothing was taken.")
_NO_ANSWER = _l("Our payment provider doesn’t answer at the moment. Nothing was taken. Try again in a minute.")
# What a restricted key lacks, as the refusal of a call names it.
_PERMISSION = re.compile(r"\brak_\w+")
# Faults of the network, of Stripe or of our keys: they say nothing about the call itself, which may be made again.
_PASSING = (
    stripe.APIConnectionError,
    stripe.RateLimitError,
    stripe.APIError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)


def refusal(error: stripe.StripeError) -> DomainError:
    """What an error of the SDK means to us. The log gets its kind and code, never its words."""
    code = _code(error)
    logger.warning(
        "stripe refused",
        kind=type(error).__name__,
        code=code,
        param=getattr(error, "param", None),
        status=error.http_status,
        needs=_PERMISSION.findall(str(error)),
        stripe_request=error.request_id,
    )
    if isinstance(error, stripe.IdempotencyError):
        # The key was used for other values, perhaps by an older version of us: what that did has to be looked for.
        return ProviderFault(_NO_ANSWER, code)
    if isinstance(error, _PASSING) or error.http_status == HTTPStatus.CONFLICT:
        broke = (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind = ProviderFault if broke else ProviderUnavailable
        return kind(_NO_ANSWER, code)
    return ProviderRefused(REFUSED, code or "unknown")


def _code(error: stripe.StripeError) -> str:
    """The SDK takes it over for some kinds of errors only."""
    return str(error.code or getattr(error.error, "code", None) or "")


def id_of(found: object) -> str:
    """The id of an object that may have been expanded."""
    return found if isinstance(found, str) else str(getattr(found, "id"))  # noqa: B009
