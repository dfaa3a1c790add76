"""Events as Stripe sends them, and as it lists them to one who asks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from marketplace.infra.settings import settings
from marketplace.infra.stripe_gateway.client import PAGE, ProviderRefused, call

# Stripe takes so many types in one question.
_MOST_TYPES = 20


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says of itself. The object is read again by its id, so that neither the version of the API that the
    event was written in nor its age matters. `account_id` is the connected account it is of, empty for our own."""

    id: str
    type: str
    object_id: str
    account_id: str
    livemode: bool
    created_at: datetime


class EventRefused(ProviderRefused):
    """A webhook that isn't taken; `event` is there where the signature was right."""

    def __init__(self, message: str, code: str, event: Event | None = None) -> None:
        super().__init__(message, code)
        self.event = event


def verify_event(payload: bytes, signature: str) -> Event:
    """The event that a webhook carries, its signature and age checked.

    Raises:
        EventRefused: it isn't from the provider, is too old, is no event, or belongs to the other mode (live or test).
    """
    secrets = settings().webhook_secrets
    if not secrets:
        raise EventRefused("no webhook secret is set", "not_configured")
    # The SDK compares text: a sign that no signature has would be its error.
    if not signature.isascii() or not any(_is_signed(payload, signature, secret) for secret in secrets):
        raise EventRefused("the signature doesn't fit", "bad_signature")
    event = _read(payload)
    if event is None:
        raise EventRefused("the body is no event", "no_event")
    if event.livemode != settings().live:
        raise EventRefused("the event belongs to the other mode", "wrong_mode", event)
    return event


def _is_signed(payload: bytes, signature: str, secret: str) -> bool:
    """There are several secrets: each endpoint's, and while one is rolled, the one before it."""
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _read(payload: bytes) -> Event | None:
    try:
        found = json.loads(payload)
    except ValueError:
        return None
    return _event(found) if isinstance(found, dict) else None


def list_events(types: Sequence[str], since: datetime, until: datetime) -> Iterator[list[Event]]:
    """The events of these types between two moments, in pages, of each twenty types the newest first. Stripe keeps
    them for thirty days. Connected accounts' events aren't among them."""
    for start in range(0, len(types), _MOST_TYPES):
        params: stripe.params.EventListParams = {
            "types": list(types[start : start + _MOST_TYPES]),
            "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
            "limit": PAGE,
        }
        yield from _pages(params)


def _pages(params: stripe.params.EventListParams) -> Iterator[list[Event]]:
    while True:
        page = _page(params)
        yield [event for found in page.data if (event := _event(found.to_dict())) is not None]
        if not page.has_more:
            return
        params["starting_after"] = page.data[-1].id


def _page(params: stripe.params.EventListParams) -> stripe.ListObject[stripe.Event]:
    return call(lambda c: c.v1.events.list(params))


def _event(found: Mapping[str, Any]) -> Event | None:
    """None where it lacks what every event of the version that we read has."""
    id_, kind, mode = found.get("id"), found.get("type"), found.get("livemode")
    data, created = found.get("data"), found.get("created")
    if not isinstance(id_, str) or not isinstance(kind, str) or not isinstance(mode, bool):
        return None
    if not isinstance(data, dict) or not isinstance(created, int):
        return None
    changed = data.get("object")
    return Event(
        id=id_,
        type=kind,
        object_id=str((changed.get("id") if isinstance(changed, dict) else None) or ""),
        account_id=str(found.get("account") or ""),
        livemode=mode,
        created_at=datetime.fromtimestamp(created, UTC),
    )
