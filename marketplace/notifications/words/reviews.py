"""Words for reviews after a deal."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "review.written": Words(
            _l("%(who)s has reviewed “%(title)s”"),
            _l("You can read it once you have written yours, or after %(until)s, when the time to write is over."),
            _l("Write your review"),
            "reviews.write",
            "star",
            asks=True,
        ),
        "review.shown": Words(
            _l("What %(who)s says of “%(title)s” can be read now"),
            _l("It stands on your public page too."),
            _l("Read the review"),
            "reviews.write",
            "star",
        ),
    }
)
