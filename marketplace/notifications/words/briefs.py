"""Words for questions about briefs, and for the review of those whose words are watched."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_SEE = _l("See the brief")

KINDS.update(
    {
        "brief.question.asked": Words(
            _l("%(who)s has a question about “%(title)s”"),
            _l("“%(excerpt)s”"),
            _l("Read and answer"),
            "briefs.answer",
            "question-circle",
            asks=True,
        ),
        "brief.question.answered": Words(
            _l("%(who)s answered your question about “%(title)s”"),
            _l("“%(excerpt)s”"),
            _SEE,
            "briefs.show",
            "chat-left-text",
        ),
        "brief.question.removed": Words(
            _l("%(who)s took your question off “%(title)s”"),
            _l("Nobody sees it any more. You can ask in other words."),
            _l("See the briefs"),
            "briefs.index",
            "x-circle",
        ),
        "brief.held": Words(
            _l("“%(title)s” by %(who)s waits for a review"),
            _l("It has watched words: %(words)s. Nobody else sees it until you decide."),
            _l("Review the brief"),
            "console.brief",
            "inboxes",
            asks=True,
        ),
        "brief.held_again": Words(
            _l("“%(title)s” by %(who)s waits for another review"),
            _l("It was closed for this: %(reason)s. Nobody else sees it until you decide."),
            _l("Review the brief"),
            "console.brief",
            "inboxes",
            asks=True,
        ),
        "brief.passed": Words(
            _l("“%(title)s” is open"),
            _l("An administrator has looked at its words. Those whom it is for see it from now on."),
            _SEE,
            "briefs.show",
            "check-circle-fill",
        ),
        "brief.sent_back": Words(
            _l("“%(title)s” was sent back"),
            _l("The reason given: %(reason)s"),
            _l("Change the brief"),
            "briefs.review",
            "pencil",
            asks=True,
        ),
    }
)
