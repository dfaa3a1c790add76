"""The creator that an actor answers for, themselves or in their agency's place."""

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.kit.errors import NotAllowed


def lock_own_creator(actor: Actor) -> Creator:
    """The actor's creator, locked: two changes of one profile happen one after the other.

    Raises:
        NotAllowed: the actor has no profile, or it isn't theirs.
    """
    if actor.creator_id is None:
        raise NotAllowed(_l("Save your profile first."))
    creator = db.session.get(Creator, actor.creator_id, with_for_update=True, populate_existing=True)
    if creator is None or not (actor.represents or creator.user_id == actor.user_id):
        raise NotAllowed
    return creator
