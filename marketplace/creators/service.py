"""The verbs of a profile: make it and change it. Channels and readings have modules of their own."""

from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.creators.models import Category, Creator
from marketplace.creators.policy import may_have_profile
from marketplace.creators.queries import HANDLE, creator_id_of
from marketplace.infra.db import db, refusing
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed


@dataclass(frozen=True, slots=True)
class CreatorFacts:
    """What creators say of themselves. `handle` is their address under /c/."""

    name: str
    handle: str
    category: Category
    headline_en: str = ""
    headline_zh: str = ""
    biography_en: str = ""
    biography_zh: str = ""
    region: str = ""


def save_profile(actor: Actor, facts: CreatorFacts, version: int | None = None) -> Creator:
    """Make the actor's profile (`version` None), or change the one that they saw at `version`.

    Raises:
        NotAllowed: the actor didn't join as a creator.
        Invalid: the handle isn't one, or another creator has it.
        Conflict: the profile was changed, or made, since the form was opened.
    """
    if actor.user_id is None or not may_have_profile(actor):
        raise NotAllowed
    if not HANDLE.fullmatch(facts.handle):
        raise Invalid(_l("Use 2 to 39 small letters a to z, figures and hyphens."), field="handle")
    # The user's row is the lock: two first saves at once make one profile.
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    creator_id = creator_id_of(actor.user_id)
    if creator_id is None:
        return _make_profile(actor.user_id, facts)
    return _change_profile(creator_id, facts, version)


def _make_profile(user_id: int, facts: CreatorFacts) -> Creator:
    creator = Creator(
        user_id=user_id,
        created_at=clock.now(),
        verified_fans=0,
        version=1,
        categories=[facts.category],
        **asdict(facts),
    )
    with refusing("uq_creators_handle", _handle_taken()):
        db.session.add(creator)
    return creator


def _change_profile(creator_id: int, facts: CreatorFacts, version: int | None) -> Creator:
    creator = db.session.get(Creator, creator_id, with_for_update=True, populate_existing=True)
    assert creator is not None, "nothing removes a creator"
    if creator.version != version:
        raise Conflict(_l("Your profile was changed in another window. Open it again to see how it is now."))
    with refusing("uq_creators_handle", _handle_taken()):
        for name, value in asdict(facts).items():
            setattr(creator, name, value)
        creator.categories = [facts.category, *(name for name in creator.categories if name != facts.category)][:3]
        creator.version += 1
    return creator


def _handle_taken() -> Invalid:
    return Invalid(_l("Another creator has this address. Choose another one."), field="handle")
