"""What administrators are told of reconciliation: that something has stood unexplained for a day."""

from marketplace.notifications.recipients import administrators
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import count_detail


def tell_of_unreconciled(run_id: int, *, movements: int, entries: int) -> None:
    """Once for each run that found any; `movements` are without entries, `entries` without a movement."""
    details = {"movements": count_detail(movements), "entries": count_detail(entries)}
    news = News(f"reconciliation:{run_id}", "books", {}, details)
    for to in administrators():
        tell(to, "unreconciled.day", news)
