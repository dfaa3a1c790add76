"""Inbound provider events: verified, kept once by id with a job in the same transaction, answered at once."""

from http import HTTPStatus

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import transaction
from marketplace.infra.inbox import receive

bp = Blueprint("webhooks", __name__)
logger = structlog.get_logger(__name__)


@bp.post("/webhooks/stripe")
@access(Role.PUBLIC)
def stripe() -> ResponseReturnValue:
    """Anyone can post here; only what Stripe signed, for this mode and lately, is kept."""
    try:
        event = gateway.verify_event(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except gateway.ProviderRefused as refusal:
        logger.warning("webhook refused", code=refusal.code)
        return {"error": refusal.code}, HTTPStatus.BAD_REQUEST
    object_id = str(getattr(event.data.object, "id", ""))
    with transaction():
        receive(event.id, event.type, object_id, str(getattr(event, "account", None) or ""), livemode=event.livemode)
    return {"received": True}
