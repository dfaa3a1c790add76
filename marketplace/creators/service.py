"""The verbs of a profile: make it and change it. Channels, readings, works and audience have modules of their own."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.creators.languages import SPOKEN
from marketplace.creators.models import Category, Creator
from marketplace.creators.own import lock_own_creator
from marketplace.creators.policy import may_have_profile
from marketplace.creators.queries import HANDLE, creator_id_of
from marketplace.infra.db import db, refusing
from marketplace.infra.pictures import NO_CHANGE, PictureChange, change_picture
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed

MOST_CATEGORIES = 3


@dataclass(frozen=True, slots=True)
class CreatorFacts:
    """What creators say of themselves. `handle` is their address under /c/; `category` is the main one; `spoken` are
    codes of `languages.SPOKEN`."""

    name: str
    handle: str
    category: Category
    headline_en: str = ""
    headline_zh: str = ""
    biography_en: str = ""
    biography_zh: str = ""
    region: str = ""
    spoken: tuple[str, ...] = ()
    more_categories: tuple[Category, ...] = ()

    @property
    def categories(self) -> list[str]:
        """All of them, the main one first, each once."""
        return list(dict.fromkeys([self.category.value, *(found.value for found in self.more_categories)]))

    @property
    def columns(self) -> dict[str, object]:
        """The facts as the table keeps them."""
        plain = ("name", "handle", "category", "headline_en", "headline_zh", "biography_en", "biography_zh", "region")
        lists = {"spoken": list(dict.fromkeys(self.spoken)), "categories": self.categories}
        return {name: getattr(self, name) for name in plain} | lists


@dataclass(frozen=True, slots=True)
class ProfilePictures:
    """What happens to the pictures along with the facts."""

    avatar: PictureChange = NO_CHANGE
    cover: PictureChange = NO_CHANGE


def save_profile(
    actor: Actor, facts: CreatorFacts, version: int | None = None, pictures: ProfilePictures | None = None
) -> Creator:
    """Make the actor's profile (`version` None), or change the one that they saw at `version`.

    Raises:
        NotAllowed: the actor didn't join as a creator.
        Invalid: the handle isn't one, or another creator has it; there is no headline; too many categories.
        Conflict: the profile was changed, or made, since the form was opened.
    """
    if actor.user_id is None or not may_have_profile(actor):
        raise NotAllowed
    _require_sound(facts)
    creator = _found(actor)
    creator = _make_profile(actor.user_id, facts) if creator is None else _change_profile(creator, facts, version)
    chosen = pictures or ProfilePictures()
    change_picture(creator, "avatar_id", chosen.avatar, actor.user_id)
    change_picture(creator, "cover_id", chosen.cover, actor.user_id)
    return creator


def _require_sound(facts: CreatorFacts) -> None:
    if not HANDLE.fullmatch(facts.handle):
        raise Invalid(_l("Use 2 to 39 small letters a to z, figures and hyphens."), field="handle")
    if not (facts.headline_en or facts.headline_zh):
        raise Invalid(_l("Write it in English or in Chinese; one of them is enough."), field="headline_en")
    if len(facts.categories) > MOST_CATEGORIES:
        raise Invalid(_l("Choose at most %(most)s categories.", most=MOST_CATEGORIES), field="category")
    if not set(facts.spoken) <= set(SPOKEN):
        raise Invalid(_l("Choose languages of the list."), field="spoken")


def _found(actor: Actor) -> Creator | None:
    """The profile to change, locked, or None where the actor's first is to be made."""
    if actor.represents:
        return lock_own_creator(actor)
    # The user's row is the lock: two first saves at once make one profile.
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    creator_id = creator_id_of(actor.user_id) if actor.user_id is not None else None
    if creator_id is None:
        return None
    return db.session.get_one(Creator, creator_id, with_for_update=True, populate_existing=True)


def _make_profile(user_id: int, facts: CreatorFacts) -> Creator:
    creator = Creator(user_id=user_id, created_at=clock.now(), verified_fans=0, version=1, **facts.columns)
    with refusing("uq_creators_handle", _handle_taken()):
        db.session.add(creator)
    return creator


def _change_profile(creator: Creator, facts: CreatorFacts, version: int | None) -> Creator:
    if creator.version != version:
        raise Conflict(_l("Your profile was changed in another window. Open it again to see how it is now."))
    with refusing("uq_creators_handle", _handle_taken()):
        for name, value in facts.columns.items():
            setattr(creator, name, value)
        creator.version += 1
    return creator


def _handle_taken() -> Invalid:
    return Invalid(_l("Another creator has this address. Choose another one."), field="handle")
