"""The verbs of selections, one file for each way to choose and one for the answers. None commits."""

from marketplace.matching.answer import MOST_REASON, close_as_accepted, decline, expire, remind, withdraw
from marketplace.matching.apply import apply_to_brief
from marketplace.matching.book import book_package
from marketplace.matching.choosing import MOST_MESSAGE
from marketplace.matching.invite import MOST_AT_ONCE, invite_creator, invite_many

__all__ = [
    "MOST_AT_ONCE", "MOST_MESSAGE", "MOST_REASON", "apply_to_brief", "book_package", "close_as_accepted", "decline",
    "expire", "invite_creator", "invite_many", "remind", "withdraw",
]  # fmt: skip
