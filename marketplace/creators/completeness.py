"""What a profile still lacks, why it matters, and where to fill it in."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select

from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import Creator, Work
from marketplace.infra.db import db

ENOUGH_WORKS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do for a profile. `weight` is its part of the whole, `endpoint` and `anchor` where it is done."""

    name: str
    label: LazyString
    why: LazyString
    endpoint: str
    anchor: str
    weight: int
    done: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """All steps, in the order in which they help most."""

    steps: tuple[Step, ...]

    @property
    def missing(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.done)

    @property
    def percent(self) -> int:
        """The weights of what is done, of all, rounded down: only a whole profile has 100."""
        return sum(step.weight for step in self.steps if step.done) * 100 // sum(step.weight for step in self.steps)


def completeness(creator: Creator) -> Completeness:
    """How far the profile is: one query."""
    works, audience = db.session.execute(
        select(
            select(func.count()).select_from(Work).where(Work.creator_id == creator.id).scalar_subquery(),
            exists().where(AudienceStatement.creator_id == creator.id),
        )
    ).one()
    both_headlines = bool(creator.headline_en and creator.headline_zh)
    done = {
        "fans": creator.verified_fans > 0,
        "avatar": creator.avatar_id is not None,
        "works": works >= ENOUGH_WORKS,
        "biography": bool(creator.biography_en or creator.biography_zh),
        "audience": bool(audience),
        "languages": both_headlines,
        "cover": creator.cover_id is not None,
        "spoken": bool(creator.spoken),
        "region": bool(creator.region),
    }
    return Completeness(tuple(Step(name, *_STEPS[name], done=found) for name, found in done.items()))


_STEPS: dict[str, tuple[LazyString, LazyString, str, str, int]] = {
    "fans": (
        _l("Have your fans verified"),
        _l("Without a verified count you can’t list offers, and brands don’t find you."),
        "creators.channels",
        "",
        25,
    ),
    "avatar": (
        _l("Upload a picture of yourself"),
        _l("Brands look at the face first, in every list and in every deal."),
        "creators.edit",
        "avatar",
        15,
    ),
    "works": (
        _l("Show three works"),
        _l("What you made before says more than any description."),
        "creators.works",
        "",
        15,
    ),
    "biography": (
        _l("Write about yourself"),
        _l("It tells a brand whether your style is theirs, before they ask."),
        "creators.edit",
        "biography_en",
        10,
    ),
    "audience": (
        _l("Say who watches you"),
        _l("Brands choose by audience, and can’t choose what they don’t know."),
        "creators.audience",
        "",
        10,
    ),
    "languages": (
        _l("Write your line in both languages"),
        _l("Some brands read English and some Chinese; each then sees it in their own language."),
        "creators.edit",
        "headline_en",
        10,
    ),
    "cover": (
        _l("Choose a cover"),
        _l("It is the largest picture on your page and on your card."),
        "creators.edit",
        "cover",
        5,
    ),
    "spoken": (
        _l("Say which languages you speak"),
        _l("A brand may need a film in one of them."),
        "creators.edit",
        "spoken",
        5,
    ),
    "region": (
        _l("Say where you work"),
        _l("Events and shops look for somebody near."),
        "creators.edit",
        "region",
        5,
    ),
}
