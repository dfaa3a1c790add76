"""What an account needs before it may act in the market."""

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.kit.errors import Invalid


def require_confirmed(actor: Actor) -> None:
    """For steps that bind somebody: they must be reachable. The clocks pass.

    Raises:
        Invalid: the actor hasn't confirmed their e-mail yet.
    """
    if needs_confirmation(actor):
        raise Invalid(
            _l("Confirm your e-mail first: open the link in the mail we sent you. Your settings page sends it again.")
        )


def needs_confirmation(actor: Actor) -> bool:
    return actor.signed_in and not actor.email_confirmed
