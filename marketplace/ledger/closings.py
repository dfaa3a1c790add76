"""Closing the books: before a moment nothing is posted any more, and what was held then is written down for good.

Two steps in two transactions. The first is short and shuts the period: postings in flight end before it, later ones
see it. The second may take minutes, stands in nobody's way, and is made anew where it was interrupted.
"""

from datetime import datetime, timedelta

import structlog
from flask_babel import lazy_gettext as _l
from psycopg.errors import LockNotAvailable
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.ledger.models import LedgerClosing
from marketplace.ledger.moments import totals

logger = structlog.get_logger(__name__)

KEPT_EVERY = 500
"""A read of an account at a moment sums at most so many lines, and those since the last closing before it."""

LAG = timedelta(hours=1)
"""How long after a midnight (UTC) the day stays open: for slow transactions, and for machines whose clocks differ."""

_PATIENCE = "2s"


class BooksBusy(Conflict):
    """Postings are under way that last too long to wait for: others would wait behind the closing."""


def newest_midnight(moment: datetime) -> datetime:
    """The last midnight (UTC) that a day is closed through at `moment`."""
    return (moment - LAG).replace(hour=0, minute=0, second=0, microsecond=0)


def close_period(through: datetime) -> bool:
    """Shut the books before `through` (aware, not in the future); false where they are, or nothing was posted since.

    From the commit on the database refuses entries whose moment lies before. Commit at once: postings wait for it.

    Raises:
        BooksBusy: postings under way take more than two seconds; the transaction is unusable then.
    """
    if not _something_to_close(through):
        return False
    _shut_out_postings()
    if not _something_to_close(through):
        return False
    db.session.add(LedgerClosing(through=through, closed_at=clock.now(), finished_at=None))
    db.session.flush()
    return True


def _something_to_close(through: datetime) -> bool:
    """Empty books stay open, so that an installation can still be filled with its past."""
    query = text("""
        SELECT EXISTS (
            SELECT FROM ledger_entries entry WHERE entry.posted_at < :through AND entry.posted_at >=
                coalesce((SELECT max(closing.through) FROM ledger_closings closing), '-infinity')
        )
    """)
    return bool(db.session.scalar(query, {"through": through}))


def _shut_out_postings() -> None:
    """The lock that the trigger on closings takes as well, with a limit: whoever posts meanwhile waits behind us."""
    db.session.execute(text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": _PATIENCE})
    try:
        db.session.execute(text("SELECT pg_advisory_xact_lock(5107302117)"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise BooksBusy(_l("Others are posting: the books are closed a little later.")) from error
        raise


def finish_closing() -> bool:
    """Write what was held at the oldest closing that isn't finished; false where there is none, or another is at it.

    All of it in the caller's transaction, so a crash leaves the closing as it was, to be finished later.
    """
    closing = db.session.scalars(
        select(LedgerClosing)
        .where(LedgerClosing.finished_at.is_(None))
        .order_by(LedgerClosing.through)
        .limit(1)
        .with_for_update()
    ).first()
    if closing is None:
        return False
    _write_totals(closing)
    _write_balances(closing)
    closing.finished_at = clock.now()
    db.session.flush()
    logger.info("books closed", through=closing.through.isoformat())
    return True


def _write_totals(closing: LedgerClosing) -> None:
    found = totals(closing.through)
    values = {
        "closing": closing.id,
        "kinds": [kind.value for kind, _commodity, _balance in found],
        "commodities": [commodity for _kind, commodity, _balance in found],
        "balances": [balance for _kind, _commodity, balance in found],
    }
    db.session.execute(
        text("""
            INSERT INTO ledger_closing_totals (closing_id, kind, commodity, balance)
            SELECT :closing, * FROM unnest(CAST(:kinds AS text[]), CAST(:commodities AS text[]),
                                           CAST(:balances AS bigint[]))
        """),
        values,
    )


# The accounts that moved in the period, each with its last kept balance and the lines since: fewer than KEPT_EVERY
# from before the period, or it would have been kept then.
_BALANCES = """
    INSERT INTO ledger_closing_balances (account_id, through, balance)
    SELECT moved.account_id, :through, coalesce(kept.balance, 0) + since.amount
    FROM (SELECT DISTINCT account_id FROM ledger_lines WHERE {period}) moved
    LEFT JOIN LATERAL (
        SELECT through, balance FROM ledger_closing_balances
        WHERE account_id = moved.account_id ORDER BY through DESC LIMIT 1
    ) kept ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, sum(line.amount) AS amount FROM ledger_lines line
        WHERE line.account_id = moved.account_id
            AND line.posted_at >= coalesce(kept.through, '-infinity') AND line.posted_at < :through
    ) since
    WHERE since.lines >= :enough
"""


def _write_balances(closing: LedgerClosing) -> None:
    values = {"through": closing.through, "enough": KEPT_EVERY}
    period, before = "posted_at < :through", closed_through()
    if before is not None:
        period, values = f"{period} AND posted_at >= :since", {**values, "since": before}
    db.session.execute(text(_BALANCES.format(period=period)), values)


def closed_through() -> datetime | None:
    """The newest moment whose closing is finished: reads and the check begin there."""
    query = select(func.max(LedgerClosing.through)).where(LedgerClosing.finished_at.is_not(None))
    return db.session.scalar(query)
