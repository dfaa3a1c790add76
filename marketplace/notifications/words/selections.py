"""Words for selections: made, answered, running out."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.deals import OPEN_DEAL
from marketplace.notifications.words.kinds import KINDS, Words

_ANSWER_SELECTION = _l("They offer %(price)s. Answer by %(deadline)s; after that it expires.")
_SEE = _l("Read it and answer")
KINDS.update(
    {
        "selection.application.made": Words(
            _l("%(who)s applied to “%(title)s”"),
            _l("They ask for %(price)s. Answer by %(deadline)s; after that it expires."),
            _SEE,
            "matching.show",
            "inbox",
            asks=True,
        ),
        "selection.invitation.made": Words(
            _l("%(who)s invites you to “%(title)s”"), _ANSWER_SELECTION, _SEE, "matching.show", "inbox", asks=True
        ),
        "selection.booking.made": Words(
            _l("%(who)s wants to book “%(title)s”"), _ANSWER_SELECTION, _SEE, "matching.show", "inbox", asks=True
        ),
        "selection.accepted": Words(
            _l("%(who)s said yes: “%(title)s” is a deal"),
            _l("Agree on the terms next: accept those on the table, or propose others."),
            OPEN_DEAL,
            "deals.show",
            "check2-all",
        ),
        "selection.declined": Words(
            _l("%(who)s declined “%(title)s”"), None, _l("Read the answer"), "matching.show", "x-circle"
        ),
        "selection.withdrawn": Words(
            _l("%(who)s took back “%(title)s”"),
            _l("There is nothing left for you to answer."),
            _l("Look at it"),
            "matching.show",
            "x-circle",
        ),
        "selection.expired": Words(
            _l("“%(title)s” has expired: nobody answered in time"),
            None,
            _l("Look at it"),
            "matching.show",
            "hourglass-bottom",
        ),
        "selection.reminder": Words(
            _l("%(who)s waits for your answer on “%(title)s”"),
            _l("Answer by %(deadline)s; after that it expires."),
            _SEE,
            "matching.show",
            "clock",
            asks=True,
        ),
    }
)
