"""How often something guessable may be tried. The counts live in the database: any number of processes share them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from flask_babel import format_timedelta
from flask_babel import gettext as _
from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.models import Attempt
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` in each window of `minutes`, counted for each `who` apart."""

    name: str
    tries: int
    minutes: int

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


# One address guessing at one account; many addresses guessing at one account; one address guessing at many accounts.
SIGN_IN_FROM = Limit("sign_in_from", tries=10, minutes=15)
SIGN_IN_TO = Limit("sign_in_to", tries=60, minutes=60)
SIGN_IN_AT_ALL = Limit("sign_in_at_all", tries=100, minutes=15)
# A page that sends mail: neither may a stranger fill somebody's mailbox, nor one address send many.
SIGN_UP = Limit("sign_up", tries=30, minutes=60)
FORGOT_FROM = Limit("forgot_from", tries=20, minutes=60)
FORGOT_TO = Limit("forgot_to", tries=4, minutes=60)
RESEND = Limit("resend", tries=4, minutes=60)
# The same for invitations, which a stranger to their reader sends.
INVITE_FROM = Limit("invite_from", tries=30, minutes=60)
INVITE_TO = Limit("invite_to", tries=4, minutes=24 * 60)
# Each is mailed to the other side: applications, bookings and invitations, counted by the side that makes them.
CHOOSE = Limit("choose", tries=60, minutes=60)
ASK = Limit("ask", tries=20, minutes=60)
# What the other side of a deal reads, and is mailed of; counted by the person who writes, in all of their deals.
MESSAGE = Limit("message", tries=60, minutes=60)
# Each opens an account at the payment provider and leaves the one before; counted by the payee.
NEW_ACCOUNT = Limit("new_account", tries=3, minutes=24 * 60)
# A session left open must not be a place to guess the password at.
OWN_PASSWORD = Limit("own_password", tries=10, minutes=15)

_KEPT = timedelta(days=1)


class OverLimit(TooMany):
    """The limit is reached; `seconds` says how long to wait."""

    def __init__(self, until: datetime) -> None:
        wait = until - clock.now()
        self.seconds = max(1, round(wait.total_seconds()))
        shown = format_timedelta(wait, granularity="second", threshold=1.2)
        super().__init__(_("Too many tries. Wait %(time)s, then try again. Nothing was changed.", time=shown))


def count_try(limit: Limit, who: str) -> OverLimit | None:
    """Count one try and return the refusal if it is one too many. To be committed before the try is answered."""
    start = _window_start(limit)
    row = insert(Attempt).values(key=f"{limit.name}:{who}", window_start=start, count=1)
    upsert = row.on_conflict_do_update(
        index_elements=[Attempt.key, Attempt.window_start], set_={"count": Attempt.count + 1}
    ).returning(Attempt.count)
    tries = db.session.scalar(upsert) or 0
    return OverLimit(start + limit.window) if tries > limit.tries else None


def guard(*tries: tuple[Limit, str]) -> None:
    """Count the tries, and keep the counts whatever becomes of the request: owns its transaction.

    Raises:
        OverLimit: one of them is one too many.
    """
    with transaction():
        refusals = [count_try(limit, who) for limit, who in tries]
    for refusal in refusals:
        if refusal is not None:
            raise refusal


def count_done(limit: Limit, who: str) -> None:
    """Count what the caller's transaction does: what comes of nothing isn't counted.

    Raises:
        OverLimit: it is one too many.
    """
    refusal = count_try(limit, who)
    if refusal is not None:
        raise refusal


def take_back(limit: Limit, who: str) -> None:
    """A right answer was no guess: it doesn't count."""
    mine = (Attempt.key == f"{limit.name}:{who}", Attempt.window_start == _window_start(limit))
    db.session.execute(update(Attempt).where(*mine).values(count=func.greatest(Attempt.count - 1, 0)))


def forget_old_tries() -> None:
    db.session.execute(delete(Attempt).where(Attempt.window_start < clock.now() - _KEPT))


def network_of(address: str | None) -> str:
    """Who an address belongs to: an IPv6 customer has a whole /64 to try from."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped.compressed if found.ipv4_mapped else f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return found.compressed


def _window_start(limit: Limit) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // seconds * seconds, UTC)
