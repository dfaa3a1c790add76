"""A creator's stated audience: that its evidence waits, and what became of it."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_SEE = _l("See your audience")
KINDS.update(
    {
        "audience.pending": Words(
            _l("%(who)s stated an audience"),
            _l("Compare it with its evidence, then accept it or say why not."),
            _l("Review the audience"),
            "console.audience",
            "inboxes",
            asks=True,
        ),
        "audience.accepted": Words(
            _l("Your audience is verified"),
            _l("Brands see it as verified from now on."),
            _SEE,
            "creators.audience",
            "patch-check-fill",
        ),
        "audience.rejected": Words(
            _l("The evidence of your audience was not accepted"),
            _l("The reason given: %(reason)s"),
            _SEE,
            "creators.audience",
            "patch-exclamation",
            asks=True,
        ),
    }
)
