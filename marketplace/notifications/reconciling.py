"""What administrators are told of the books: what their check found, what has stood unexplained for a day."""

from marketplace.notifications.recipients import administrators
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import count_detail


def tell_of_unreconciled(run_id: int, *, movements: int, entries: int) -> None:
    """Once for each run that found any; `movements` are without entries, `entries` without a movement."""
    details = {"movements": count_detail(movements), "entries": count_detail(entries)}
    news = News(f"reconciliation:{run_id}", "books", {}, details)
    for to in administrators():
        tell(to, "unreconciled.day", news)


def tell_of_books(check_id: int, number: int) -> None:
    """Once for each check that found `number` problems which the one before didn't have."""
    for to in administrators():
        tell(to, "books.wrong", News(f"books:{check_id}", "books", {}, {"number": count_detail(number)}))
