"""The words of offers: their status, their add-ons, and what stands against a day."""

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from marketplace.creators.models import Creator
from marketplace.infra.i18n import count, day
from marketplace.infra.labels import register
from marketplace.offers.availability import Busy, Note, availability_note
from marketplace.offers.models import Addon, AddonKind, OfferStatus, Package

register(
    OfferStatus,
    {OfferStatus.DRAFT: _l("Draft"), OfferStatus.LISTED: _l("Listed"), OfferStatus.PAUSED: _l("Paused")},
)
register(
    AddonKind,
    {
        AddonKind.USAGE_RIGHTS: _l("Usage rights"),
        AddonKind.EXCLUSIVITY: _l("Exclusivity"),
        AddonKind.RAW_FILES: _l("Raw files"),
        AddonKind.EXTRA_REVISION: _l("Extra revision"),
        AddonKind.RUSH: _l("Rush"),
    },
)
register(
    Busy,
    {Busy.HOLIDAY: _l("On holiday"), Busy.BLOCKED: _l("Takes no work"), Busy.FULL: _l("Fully booked")},
)
ADDON_HELP: dict[AddonKind, LazyString] = {
    AddonKind.USAGE_RIGHTS: _l("The brand may use the work in its own channels and advertising."),
    AddonKind.EXCLUSIVITY: _l("You make nothing for the brand’s competitors."),
    AddonKind.RAW_FILES: _l("You hand over what you filmed or took, uncut."),
    AddonKind.EXTRA_REVISION: _l("One more round of changes than the package includes."),
    AddonKind.RUSH: _l("The draft comes sooner than the package promises."),
}


def addon_says(addon: Addon) -> str:
    """What the add-on gives, in a line: for how long, or how much sooner."""
    number = addon.days or 0
    days = count(number)
    match addon.kind:
        case AddonKind.USAGE_RIGHTS:
            says = ngettext("For %(days)s day", "For %(days)s days", number, days=days)
        case AddonKind.EXCLUSIVITY:
            says = ngettext(
                "Nothing for competitors for %(days)s day",
                "Nothing for competitors for %(days)s days",
                number,
                days=days,
            )
        case AddonKind.RUSH:
            says = ngettext("The draft %(days)s day sooner", "The draft %(days)s days sooner", number, days=days)
        case AddonKind.RAW_FILES:
            says = gettext("All that was filmed or taken, uncut")
        case AddonKind.EXTRA_REVISION:
            says = gettext("One more round of changes")
    return str(says)


def content_says(package: Package) -> str:
    """How many hours or films of it; empty for all other kinds of work."""
    if package.hours:
        hours = count(package.hours)
        return str(ngettext("%(hours)s hour live", "%(hours)s hours live", package.hours, hours=hours))
    if package.episodes:
        return str(ngettext("%(number)s video", "%(number)s videos", package.episodes, number=count(package.episodes)))
    return ""


def deliverables_in_full(package: Package) -> str:
    """All that the package promises to be made, as a booking copies it, in the words of whoever books."""
    size = content_says(package)
    included = [f"· {line}" for line in package.included]
    return "\n".join([*([size] if size else []), package.deliverables, *included])


def note_says(note: Note) -> str:
    """What brands read of a creator who isn't free today."""
    free = day(note.free) if note.free is not None else ""
    match note.why:
        case Busy.HOLIDAY if note.until is not None and free:
            says = gettext("On holiday until %(until)s, free from %(free)s", until=day(note.until), free=free)
        case Busy.HOLIDAY:
            says = gettext("On holiday")
        case Busy.FULL if free:
            says = gettext("Fully booked, free from %(free)s", free=free)
        case Busy.FULL:
            says = gettext("Fully booked")
        case _ if free:
            says = gettext("Free from %(free)s", free=free)
        case _:
            says = gettext("Takes no work at the moment")
    return str(says)


def means_for_brands(creator: Creator) -> str:
    """The same to the creator: what brands can do now, and why."""
    note, most = availability_note(creator), creator.most_deals
    if note is None and most is None:
        says = gettext("Brands can book you for every day that isn’t blocked.")
    elif note is None and most is not None:
        says = ngettext(
            "Brands can book you for every day that isn’t blocked and has fewer than %(most)s deal.",
            "Brands can book you for every day that isn’t blocked and has fewer than %(most)s deals.",
            most,
            most=count(most),
        )
    elif note is None or note.free is None:
        says = gettext("Brands can’t book you: no day of the next year and a half is free.")
    elif note.why is Busy.HOLIDAY:
        says = gettext("Brands see that you are on holiday. They can book days from %(free)s on.", free=day(note.free))
    elif note.why is Busy.FULL:
        says = gettext("Brands see that you are fully booked. They can book days from %(free)s on.",
                       free=day(note.free))  # fmt: skip
    else:
        says = gettext("You take no work today. Brands can book days from %(free)s on.", free=day(note.free))
    return str(says)
