"""Jobs of reviews: show what waited long enough, and keep track records true."""

from datetime import timedelta

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic
from marketplace.kit import clock
from marketplace.reviews import service, track_record

BATCH = 200
_FRESH = timedelta(days=7)


@job("reviews.count_track_record")
def count_track_record(creator_id: int) -> None:
    with transaction():
        track_record.count_track_record(creator_id)


@periodic("reviews.show_waiting", "*/10 * * * *")
def show_waiting() -> None:
    shown = BATCH
    while shown == BATCH:
        with transaction():
            shown = service.show_waiting(BATCH)


@periodic("reviews.recount", "23 * * * *")
def recount() -> None:
    """Answers older than three months leave the record, though nobody does anything: each is counted once a week."""
    with transaction():
        due = track_record.oldest_counted(BATCH, clock.now() - _FRESH)
    for creator_id in due:
        with transaction():
            track_record.count_track_record(creator_id)
