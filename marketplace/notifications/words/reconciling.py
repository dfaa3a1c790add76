"""Words for the books: their check, and reconciliation."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "books.wrong": Words(
            _l("The check of the books found something wrong"),
            _l(
                "Problems that the check before didn’t have: %(number)s. Find out what they are before more money "
                "moves; you are told of each once."
            ),
            _l("See what it found"),
            "console.books",
            "exclamation-triangle",
            asks=True,
        ),
        "unreconciled.day": Words(
            _l("Stripe and the books have differed for a day"),
            _l(
                "Movements at Stripe without entries: %(movements)s. Entries without a movement: %(entries)s. Say what"
                " each is; you are told of each once."
            ),
            _l("Look at what is unmatched"),
            "console.reconciliation",
            "arrow-left-right",
            asks=True,
        ),
    }
)
