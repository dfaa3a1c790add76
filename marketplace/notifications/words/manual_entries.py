"""Words for entries by hand: that one waits for a second administrator, and what became of it."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_LOOK = _l("Look at the entry")

KINDS.update(
    {
        "manual_entry.proposed": Words(
            _l("%(name)s proposes an entry by hand"),
            _l("“%(reason)s” It is posted when a second administrator approves it, and it may be you."),
            _LOOK,
            "console.manual_entry",
            "pencil-square",
            asks=True,
        ),
        "manual_entry.posted": Words(
            _l("%(name)s approved your entry by hand"),
            _l("“%(reason)s” It is in the books now."),
            _LOOK,
            "console.manual_entry",
            "check2",
        ),
        "manual_entry.refused": Words(
            _l("%(name)s refused your entry by hand"),
            _l("“%(reason)s” Nothing was posted. The page says why."),
            _LOOK,
            "console.manual_entry",
            "x-lg",
        ),
    }
)
