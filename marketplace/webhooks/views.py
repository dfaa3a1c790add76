"""Inbound provider events: verified, kept once by id with a job in the same transaction, answered at once."""

from http import HTTPStatus

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import transaction
from marketplace.infra.inbox import note_refused, receive

bp = Blueprint("webhooks", __name__)
logger = structlog.get_logger(__name__)
# Bytes; Stripe's events are some thousand.
_LARGEST_EVENT = 1_000_000


@bp.post("/webhooks/stripe")
@access(Role.PUBLIC)
def stripe() -> ResponseReturnValue:
    """Anyone can post here; only what Stripe signed, for this mode and lately, is kept. Both of Stripe's endpoints, our
    own account's and the connected accounts', lead here, each with a secret of its own."""
    request.max_content_length = _LARGEST_EVENT
    try:
        event = gateway.verify_event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except gateway.EventRefused as refusal:
        _note(refusal)
        if refusal.event is not None:
            # Stripe signed it: a live Connect endpoint hears of test accounts too, and refusing those over and over
            # would have it switched off. It is noted, and nothing comes of it.
            return {"received": False, "error": refusal.code}
        return {"error": refusal.code}, HTTPStatus.BAD_REQUEST
    with transaction():
        receive([event])
    return {"received": True}


def _note(refusal: gateway.EventRefused) -> None:
    event = refusal.event
    logger.warning("webhook refused", code=refusal.code, event_id=event.id if event else "")
    with transaction():
        if event is None:
            note_refused(refusal.code)
        else:
            note_refused(refusal.code, event_id=event.id, kind=event.type, livemode=event.livemode)
