"""Words for fan readings."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "reading.pending": Words(
            _l("%(who)s handed in a reading of %(fans)s fans"),
            _l("It is for %(channel)s. Compare it with its evidence, then accept it or say why not."),
            _l("Review the reading"),
            "console.reading",
            "inboxes",
            asks=True,
        ),
        "reading.accepted.enough": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("You have enough fans to list offers and to apply to briefs."),
            _l("See your channels"),
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.accepted.few": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("To list offers you need more than %(threshold)s verified fans on one channel."),
            _l("See your channels"),
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.rejected": Words(
            _l("Your reading for %(channel)s was not accepted"),
            _l("The reason given: %(reason)s"),
            _l("See your channels"),
            "creators.channels",
            "patch-exclamation",
            asks=True,
        ),
    }
)
