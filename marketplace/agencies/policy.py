"""Who may do what for an agency, and what stays a creator's own."""

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.kit.errors import NotAllowed


def require_owner(actor: Actor) -> int:
    """The id of the agency that the actor owns.

    Raises:
        NotAllowed: the actor has no agency, or only looks after its creators.
    """
    if actor.agency_id is None:
        raise NotAllowed(_l("Fill in your agency’s profile first."))
    if not actor.owns_agency:
        raise NotAllowed(_l("Only owners of the agency may do this."))
    return actor.agency_id


def require_creator_themselves(actor: Actor) -> int:
    """The id of the actor's own creator profile: nobody consents or gives notice in a creator's name.

    Raises:
        NotAllowed: the actor is no creator, or answers for one.
    """
    if not actor.is_creator_themselves or actor.creator_id is None:
        raise NotAllowed(_l("Only the creator themselves may do this."))
    return actor.creator_id
