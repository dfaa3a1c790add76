"""What is told of entries by hand: to other administrators that one waits, to who proposed it what became of it."""

from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.notifications.recipients import Recipient, administrators, without
from marketplace.notifications.service import News, tell


def tell_of_manual_entry(manual_id: int, what: str, *, proposed_by: int, by: int, who: str, reason: str) -> None:
    """`by` and `who` say who did it; whoever withdraws their own tells nobody."""
    news = News(f"manual_entry:{manual_id}:{what}", "books", {"manual_id": manual_id}, {"name": who, "reason": reason})
    if what == "proposed":
        for to in without(administrators(), (by,)):
            tell(to, "manual_entry.proposed", news)
    elif what in ("posted", "refused"):
        user = db.session.get_one(User, proposed_by)
        if user.suspended_at is None:
            tell(Recipient(user), f"manual_entry.{what}", news)
