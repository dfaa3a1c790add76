"""Events that never came: Stripe is asked which there are, and what isn't in the inbox is put there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.inbox import EventPoll, receive
from marketplace.kit import clock

# Stripe may list an event a little after it made it.
_OVERLAP = timedelta(hours=1)
# A webhook that is still on its way isn't lost.
_UNDER_WAY = timedelta(minutes=2)
_FIRST = timedelta(days=1)
# Stripe keeps events for thirty days.
_KEPT = timedelta(days=29)


def poll_events(types: Sequence[str]) -> int:
    """Keep the events of our own account that no webhook brought, as after an outage or a restored backup; gives how
    many there were. Each page is kept by itself, so that an interruption costs a second reading and no more.

    Raises:
        ProviderUnavailable: the next poll begins where this one did.
    """
    if not gateway.configured():
        return 0
    end_transaction()
    now, last = clock.now(), db.session.get(EventPoll, 1)
    since = max(last.through - _OVERLAP if last is not None else now - _FIRST, now - _KEPT)
    end_transaction()
    until, found = now - _UNDER_WAY, 0
    for page in gateway.list_events(types, since, until):
        with transaction():
            found += receive(page, polled=True)
    with transaction():
        _remember(until, found)
    return found


def _remember(through: datetime, found: int) -> None:
    values = {"through": through, "found": found}
    db.session.execute(
        insert(EventPoll).values(id=1, **values).on_conflict_do_update(index_elements=[EventPoll.id], set_=values)
    )
