"""Words for reports: to administrators that something was reported, to who reported it what became of it."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_MINE = _l("See your reports")

KINDS.update(
    {
        "report.made": Words(
            _l("“%(title)s” was reported"),
            _l("Read what is said against it, look at it, then decide. Who reported it is told what became of it."),
            _l("Look at the reports"),
            "console.reports",
            "flag",
            asks=True,
        ),
        "report.upheld": Words(
            _l("Your report of “%(title)s” was right"),
            _l("An administrator agreed with it and has acted. Thank you for telling us."),
            _MINE,
            "moderation.mine",
            "flag-fill",
        ),
        "report.dismissed": Words(
            _l("Your report of “%(title)s” is decided"),
            _l("An administrator looked and found nothing against the rules. You can block whom you won’t meet."),
            _MINE,
            "moderation.mine",
            "flag",
        ),
    }
)
