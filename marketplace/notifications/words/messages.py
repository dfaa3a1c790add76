"""Words for what people write to each other."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "message": Words(
            _l("%(who)s wrote to you about “%(title)s”"),
            _l("“%(excerpt)s”"),
            _l("Read and answer"),
            "deals.messages",
            "chat-left-text",
        ),
    }
)
