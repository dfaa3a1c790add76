"""Who may act for a brand, and what its profile lacks before it can buy."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.kit.errors import NotAllowed

# What the other side of a contract must know of a company.
_NEEDED = {
    "legal_name": _l("Legal name"),
    "registration_number": _l("Registration number"),
    "industry": _l("Industry"),
    "region": _l("City or region"),
}


def can_manage(actor: Actor, brand_id: int) -> bool:
    """Whether the actor may change the brand, post its briefs and select for it."""
    return actor.brand_id == brand_id and actor.may_manage_brand


def require_manager(actor: Actor) -> int:
    """The id of the brand that the actor manages.

    Raises:
        NotAllowed: the actor has no brand, or only looks on or pays.
    """
    if actor.brand_id is None:
        raise NotAllowed(_l("Fill in your company’s profile first."))
    if not actor.may_manage_brand:
        raise NotAllowed(_l("Only owners and managers of the company may do this."))
    return actor.brand_id


def missing_facts(brand: Brand) -> list[LazyString]:
    """The names of the fields to fill in before the brand can open a brief; empty when the profile is complete."""
    return [label for name, label in _NEEDED.items() if not getattr(brand, name)]
