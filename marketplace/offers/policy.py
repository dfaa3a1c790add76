"""Who may do what with offers, and the bounds of what can be promised."""

from typing import Final

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.accounts.policy import require_confirmed
from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.infra.i18n import count
from marketplace.kit.errors import NotAllowed
from marketplace.offers.models import AddonKind, Offer, OfferStatus

MOST_PACKAGES: Final = 3
MOST_OFFERS: Final = 50
MOST_DAYS: Final = 365
MOST_REVISIONS: Final = 10
MOST_HOURS: Final = 12
MOST_EPISODES: Final = 30
MOST_INCLUDED: Final = 8
MOST_EXAMPLES: Final = 6
# Rights may last up to five years.
MOST_ADDON_DAYS: Final = 1830
LASTING: Final = frozenset({AddonKind.USAGE_RIGHTS, AddonKind.EXCLUSIVITY, AddonKind.RUSH})
CURRENCIES: Final = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "SGD")
# Stripe charges at most 99,999,999 minor units at once; the brand's service fee comes on top of the price.
LARGEST_PRICE: Final = 90_000_000
SMALLEST_PRICE: Final = 100


def owns(actor: Actor, offer: Offer) -> bool:
    return actor.creator_id is not None and offer.creator_id == actor.creator_id


def may_delete(offer: Offer) -> bool:
    """A draft that was never listed: nothing refers to it."""
    return offer.status is OfferStatus.DRAFT


def may_book(actor: Actor) -> bool:
    """Whether to offer the actor a booking: to visitors too, who are asked to sign in on the way."""
    return actor.may_manage_brand or not actor.signed_in


def require_listing(actor: Actor, creator: Creator) -> None:
    """
    Raises:
        NotAllowed: the creator hasn't enough verified fans.
        Invalid: the actor hasn't confirmed their e-mail.
    """
    require_confirmed(actor)
    if not is_eligible(creator):
        raise NotAllowed(
            _l(
                "%(rule)s You have %(fans)s, so you can’t list offers yet.",
                rule=fan_rule().explain(),
                fans=count(creator.verified_fans),
            )
        )
