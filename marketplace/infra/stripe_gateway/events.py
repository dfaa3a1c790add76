"""Events as Stripe sends them."""

import stripe

from marketplace.infra.settings import settings
from marketplace.infra.stripe_gateway.client import ProviderRefused


def verify_event(payload: bytes, signature: str) -> stripe.Event:
    """The event that a webhook carries, its signature and age checked.

    Raises:
        ProviderRefused: it isn't from the provider, is too old, or belongs to the other mode (live or test).
    """
    secret = settings().stripe_webhook_secret
    if secret is None:
        raise ProviderRefused("no webhook secret is set", "not_configured")
    try:
        event: stripe.Event = stripe.Webhook.construct_event(payload, signature, secret.get_secret_value())
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise ProviderRefused("the signature doesn't fit", "bad_signature") from error
    if event.livemode != settings().live:
        raise ProviderRefused("the event belongs to the other mode", "wrong_mode")
    return event
