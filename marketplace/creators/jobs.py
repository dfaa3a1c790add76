"""What happens to creators by the clock: graces end, and files of readings are worked through."""

from marketplace.creators.feed_runs import drop_stale_parts, run_stored
from marketplace.creators.pull import pull_all
from marketplace.creators.standing import BATCH, end_graces
from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic


@periodic("creators.end_graces", "*/10 * * * *")
def end_due_graces() -> None:
    """In batches, each of which is over when it is committed."""
    ended = BATCH
    while ended == BATCH:
        with transaction():
            ended = end_graces()


@job("creators.run_feed")
def run_feed(run_id: int) -> None:
    """Check or apply a file that came in by the console; one that was worked through before is left alone."""
    run_stored(run_id)


@periodic("creators.drop_stale_parts", "40 3 * * *")
def drop_old_parts() -> None:
    with transaction():
        drop_stale_parts()


@periodic("creators.pull_youtube", "20 4 * * *")
def pull_youtube() -> None:
    """Every channel that is proved and wasn't asked for today; what is left by the quota comes first tomorrow."""
    pull_all()
