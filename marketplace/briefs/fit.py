"""Whether a creator meets what a brief asks for, and in words what is missing: said before, and checked after."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.briefs.models import Brief, Visibility
from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.models import Channel, Creator, FanReading, Platform, ReadingStatus
from marketplace.creators.policy import is_eligible
from marketplace.infra.db import db
from marketplace.infra.i18n import count
from marketplace.infra.labels import label


class LackKind(StrEnum):
    ELIGIBILITY = "eligibility"
    CHANNEL = "channel"
    FANS = "fans"
    TOO_MANY = "too_many"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing a creator lacks: how many fans are needed (or taken at most) and how many there are."""

    kind: LackKind
    needed: int
    have: int
    platforms: tuple[Platform, ...]


def fans_by_platform(creator_id: int) -> dict[Platform, int]:
    """The fans of the creator's largest channel on each platform, by its newest accepted reading; 0 without any."""
    newest = (
        select(FanReading.channel_id, FanReading.fans)
        .ext(distinct_on(FanReading.channel_id))
        .where(FanReading.status == ReadingStatus.ACCEPTED)
        .order_by(FanReading.channel_id, FanReading.taken_on.desc(), FanReading.id.desc())
        .join(Channel)
        .where(Channel.creator_id == creator_id)
        .subquery()
    )
    query = select(Channel.platform, newest.c.fans).outerjoin(newest, newest.c.channel_id == Channel.id)
    fans: dict[Platform, int] = {}
    for platform, number in db.session.execute(query.where(Channel.creator_id == creator_id)):
        fans[platform] = max(fans.get(platform, 0), number or 0)
    return fans


def lacks(brief: Brief, creator: Creator, fans: dict[Platform, int]) -> list[Lack]:
    """What the creator lacks to apply to the brief; empty when they may."""
    platforms = tuple(Platform(name) for name in brief.platforms)
    found = []
    if brief.visibility is not Visibility.PUBLIC:
        found.append(Lack(LackKind.INVITATION, 0, 0, ()))
    if not is_eligible(creator):
        found.append(Lack(LackKind.ELIGIBILITY, fan_rule().needed(), creator.verified_fans, ()))
    there = [fans[platform] for platform in platforms if platform in fans]
    if not there:
        found.append(Lack(LackKind.CHANNEL, brief.minimum_fans, 0, platforms))
    elif max(there) < brief.minimum_fans:
        found.append(Lack(LackKind.FANS, brief.minimum_fans, max(there), platforms))
    elif brief.maximum_fans is not None and not any(_is_within(brief, number) for number in there):
        found.append(Lack(LackKind.TOO_MANY, brief.maximum_fans, min(there), platforms))
    return found


def _is_within(brief: Brief, fans: int) -> bool:
    return brief.minimum_fans <= fans and (brief.maximum_fans is None or fans <= brief.maximum_fans)


def say(lack: Lack) -> str:
    """What is missing, said to the creator."""
    match lack.kind:
        case LackKind.ELIGIBILITY:
            text = _("%(rule)s You have %(have)s.", rule=fan_rule().explain(), have=count(lack.have))
        case LackKind.CHANNEL:
            text = _("You need a channel on %(platforms)s.", platforms=name_platforms(lack.platforms))
        case LackKind.FANS:
            text = _(
                "You need at least %(needed)s verified fans on %(platforms)s; you have %(have)s there.",
                platforms=name_platforms(lack.platforms),
                **_figures(lack),
            )
        case LackKind.TOO_MANY:
            text = _(
                "This brief is for creators with at most %(needed)s fans on %(platforms)s; you have %(have)s there.",
                platforms=name_platforms(lack.platforms),
                **_figures(lack),
            )
        case LackKind.INVITATION:
            text = _("Only creators whom the company invited can answer this brief.")
    return str(text)


def _figures(lack: Lack) -> dict[str, str]:
    return {"needed": count(lack.needed), "have": count(lack.have)}


def name_platforms(platforms: Iterable[str]) -> str:
    """The platforms' names in the reader's language: Bilibili, Douyin, or YouTube."""
    names = [str(label(Platform(name))) for name in platforms]
    return format_list(names, style="or", locale=get_locale() or "en")
