"""Jobs of agencies."""

from marketplace.agencies.representing import end_due
from marketplace.infra.db import transaction
from marketplace.infra.jobs import periodic

_BATCH = 200


@periodic("agencies.end_representations", "* * * * *")
def end_representations() -> None:
    """Close the representations whose notice is over; until this runs, nobody acts by them any more all the same."""
    while True:
        with transaction():
            ended = end_due(_BATCH)
        if ended < _BATCH:
            return
