"""Reading payees' accounts again by the clock, as events may never come: a slice of the payees a turn, the accounts on
which something moves first, at half the pace that the provider allows us.

`read_some` talks to the provider, so it owns its transactions.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, Select, exists, or_, select

from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import Deferred
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.ledger.accounts import AccountKind
from marketplace.payouts.arrivals import read_account
from marketplace.payouts.held import TURN, Slice, has_money, round_lasts, slice_of_now
from marketplace.payouts.models import ConnectedAccount, Payout, PayoutState

logger = structlog.get_logger(__name__)
_READ_EVERY = timedelta(days=1)
# The account, what lies there, and its payouts.
_CALLS = 3
# A payday, and people at their pages, need the rest.
_SHARE = 2
_THREADS = 4
# As much as a job reads: some ten seconds, so that others get their turn.
_JOB_LASTS = timedelta(seconds=10)


def pause_between() -> timedelta:
    """From the beginning of one account's reading to that of the next."""
    return timedelta(seconds=_CALLS * _SHARE / settings().stripe_calls_a_second)


def turn() -> list[Deferred]:
    """The jobs of these ten minutes' slice, each with the time from which it runs. What the pace leaves out has its
    turn in the next round, after those on which something moves."""
    accounts = due_accounts(slice_of_now(), TURN // pause_between())
    size = max(1, _JOB_LASTS // pause_between())
    jobs = []
    for place in range(0, len(accounts), size):
        at = clock.now() + place * pause_between() if place else None
        args = {"accounts": accounts[place : place + size]}
        jobs.append(Deferred("payouts.read_some", args, at=at, lock="payouts:reading"))
    return jobs


def due_accounts(among: Slice, most: int) -> list[str]:
    """The accounts of these payees, as the provider names them, that would be read more than a day after the last time
    if they waited for the next round: first those on which something moves, and then those read longest ago."""
    theirs = or_(among.holds(ConnectedAccount.creator_id), among.holds(ConnectedAccount.agency_id))
    query = _due(clock.now() - _READ_EVERY + round_lasts()).where(theirs)
    found = db.session.scalars(query.order_by(_moves().desc(), ConnectedAccount.read_at).limit(most))
    return [one for one in found if one is not None]


def _due(before: datetime) -> Select[str | None]:
    return select(ConnectedAccount.stripe_account_id).where(
        ConnectedAccount.replaced_at.is_(None),
        ConnectedAccount.stripe_account_id.is_not(None),
        ConnectedAccount.read_at < before,
    )


def _moves() -> ColumnElement[bool]:
    """Whether its owner has money that could be sent there, or a payout is on its way from there to the bank."""
    under_way = exists().where(
        Payout.account_id == ConnectedAccount.id, Payout.state.in_((PayoutState.PENDING, PayoutState.IN_TRANSIT))
    )
    return or_(
        has_money("creator", ConnectedAccount.creator_id, [AccountKind.CREATOR_AVAILABLE]),
        has_money("agency", ConnectedAccount.agency_id, [AccountKind.AGENCY_AVAILABLE]),
        under_way,
    )


def read_some(accounts: Sequence[str]) -> None:
    """Read those of these accounts that nobody has read since, by several threads at our pace.

    Raises:
        ProviderUnavailable: the provider doesn't answer; the same job goes on later with those that are left.
    """
    end_transaction()
    with transaction():
        unread = _due(clock.now() - _READ_EVERY + round_lasts())
        named = ConnectedAccount.stripe_account_id.in_(accounts)
        left = [one for one in db.session.scalars(unread.where(named).order_by(ConnectedAccount.read_at)) if one]
    _Reader().read(left)


class _Reader:
    """Hands accounts to the threads at their time, until the provider doesn't answer one."""

    def __init__(self) -> None:
        self._silent: gateway.ProviderUnavailable | None = None
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]

    def read(self, accounts: Sequence[str]) -> None:
        begun, between = time.monotonic(), pause_between().total_seconds()
        with ThreadPoolExecutor(_THREADS) as pool:
            for place, stripe_id in enumerate(accounts):
                time.sleep(max(0.0, begun + place * between - time.monotonic()))
                pool.submit(copy_context().run, self._read_one, stripe_id)
        if self._silent is not None:
            raise self._silent

    def _read_one(self, stripe_id: str) -> None:
        """In a thread, with a session of its own."""
        if self._silent is not None:
            return
        try:
            with self._app.app_context():
                read_account(stripe_id)
        except gateway.ProviderUnavailable as silent:
            self._silent = silent
        except Exception:
            # One that fails keeps no other from being read.
            logger.exception("account not read", account=stripe_id)
