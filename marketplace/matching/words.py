"""Sentences about selections that pages share: who did it for whom, what was booked with it, how a creator fits."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.agencies.words import done_for, name_behind
from marketplace.briefs.fit import name_platforms
from marketplace.briefs.models import Brief
from marketplace.briefs.policy import is_within_budget
from marketplace.creators.models import Creator, Platform, TrackRecord
from marketplace.infra.i18n import count
from marketplace.infra.labels import label
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.policy import made_by_brand
from marketplace.offers.labels import addon_says
from marketplace.offers.models import Addon, AddonKind

_HOUR = 60
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class BookedAddon:
    """An add-on as it was booked."""

    name: str
    says: str
    details: str
    price: Money


def booked_addons(selection: Selection) -> list[BookedAddon]:
    """What was bought on top of the package, as frozen with the booking."""
    return [_addon(kept, selection.price_currency) for kept in selection.addons]


def _addon(kept: dict[str, object], currency: str) -> BookedAddon:
    kind, amount, days = AddonKind(str(kept["kind"])), kept["amount"], kept["days"]
    assert isinstance(amount, int), "it was frozen so"
    assert days is None or isinstance(days, int), "it was frozen so"
    says = addon_says(Addon(kind=kind, days=days))
    return BookedAddon(str(label(kind)), says, str(kept["details"]), Money(amount, currency))


def maker_name(selection: Selection) -> str:
    """The person who made it, and for whom."""
    if made_by_brand(selection):
        return done_for(selection.created_by_name, selection.brand.name)
    return name_behind(selection.created_by, selection.created_by_name, selection.creator)


def answerer_name(selection: Selection) -> str:
    """The person who ended it, and for whom; empty where the clock did."""
    if selection.answered_by is None:
        return ""
    by_maker = selection.status is SelectionStatus.WITHDRAWN
    if made_by_brand(selection) is by_maker:
        return done_for(selection.answered_by_name, selection.brand.name)
    return name_behind(selection.answered_by, selection.answered_by_name, selection.creator)


def fit_lines(brief: Brief, creator: Creator, fans: dict[Platform, int], price: Money) -> list[tuple[str, str]]:
    """What the creator has of what the brief asks, said to the brand: each with "yes" or "no"."""
    found = []
    if not creator.eligible:
        found.append((str(_("Not enough verified fans any more")), "no"))
    there = {platform: fans[platform] for platform in map(Platform, brief.platforms) if platform in fans}
    if not there:
        found.append((str(_("No channel on %(platforms)s", platforms=name_platforms(brief.platforms))), "no"))
    for platform, number in there.items():
        words = _("%(fans)s fans on %(platform)s", fans=count(number), platform=label(platform))
        within = number >= brief.minimum_fans and (brief.maximum_fans is None or number <= brief.maximum_fans)
        found.append((str(words), "yes" if within else "no"))
    if brief.category in creator.categories:
        found.append((str(_("Makes this kind of content: %(category)s", category=label(brief.category))), "yes"))
    else:
        found.append((str(_("Usually makes something else: %(category)s", category=label(creator.category))), "no"))
    inside = is_within_budget(brief, price)
    found.append(
        (str(_("Price inside your budget") if inside else _("Price outside your budget")), "yes" if inside else "no")
    )
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """A creator's past in figures; empty texts where there is none yet."""

    rating: float | None
    reviews: int
    completed: str
    on_time: str
    answers: str


def record_words(record: TrackRecord | None) -> Record:
    """What a track record says, for a page."""
    if record is None:
        return Record(None, 0, "", "", "")
    rating = record.rating_sum / record.rating_count if record.rating_count else None
    completed = _of(record.completed, record.ended)
    return Record(rating, record.rating_count, completed, _of(record.on_time, record.published), _answers(record))


def _of(part: int, whole: int) -> str:
    return str(_("%(part)s of %(whole)s", part=count(part), whole=count(whole))) if whole else ""


def _answers(record: TrackRecord) -> str:
    minutes = record.response_minutes
    if minutes is None:
        return ""
    if minutes < _HOUR:
        return str(_("within an hour"))
    if minutes < _DAY:
        return str(ngettext("in about %(num)s hour", "in about %(num)s hours", round(minutes / _HOUR)))
    return str(ngettext("in about %(num)s day", "in about %(num)s days", round(minutes / _DAY)))
