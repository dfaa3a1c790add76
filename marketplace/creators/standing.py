"""Who has enough fans: worked out anew after whatever changes it, for one creator or for many at once.

Nothing else writes `verified_fans`, `enough_fans`, `grace_until` and `eligible`. Running deals don't ask for any of it.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import select, text

from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock

# So many creators are worked out by one statement, and told by one job.
BATCH = 5_000
_TOLD_AT_ONCE = 500
WARNING = timedelta(days=7)


class Change(StrEnum):
    """What became of a creator, as far as somebody has to be told."""

    BEGAN = "began"
    WEEK = "week"
    ENDED = "ended"
    REGAINED = "regained"
    REACHED = "reached"


_KEPT = ("verified_fans", "enough_fans", "grace_until", "eligible")
# First the locks, in one order: the statement after them sees what those who held them before have written.
_LOCK = text("SELECT id FROM creators WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")
# Each channel's newest reading by one look into the index, whatever the planner thinks of a table that just grew.
_REFRESH = text("""
    WITH wanted AS MATERIALIZED (
        SELECT unnest(CAST(:ids AS bigint[])) AS id
    ), newest AS (
        SELECT channel.creator_id, channel.platform, reading.fans
        FROM wanted JOIN channels channel ON channel.creator_id = wanted.id
        CROSS JOIN LATERAL (
            SELECT fans FROM fan_readings WHERE channel_id = channel.id AND status = 'accepted'
            ORDER BY taken_on DESC, id DESC LIMIT 1
        ) reading
    ), counted AS (
        SELECT creator_id,
            CASE WHEN :sums THEN sum(fans) ELSE max(fans) END AS fans,
            CASE WHEN :sums THEN sum(fans) > :limit
                ELSE bool_or(fans > coalesce((CAST(:limits AS jsonb) ->> platform)::bigint, :limit)) END AS enough
        FROM newest GROUP BY creator_id
    ), before AS (
        SELECT creator.id, creator.verified_fans, creator.eligible, creator.grace_until,
            creator.eligible OR creator.enough_fans AS had, users.suspended_at IS NOT NULL AS suspended,
            coalesce(counted.fans, 0) AS fans, coalesce(counted.enough, false) AS enough
        FROM wanted JOIN creators creator ON creator.id = wanted.id JOIN users ON users.id = creator.user_id
        LEFT JOIN counted ON counted.creator_id = creator.id
    ), graced AS (
        SELECT *, CASE WHEN enough THEN NULL WHEN grace_until IS NULL AND had THEN CAST(:grace_end AS timestamptz)
            ELSE grace_until END AS grace
        FROM before
    ), after AS (
        SELECT *, NOT suspended AND (enough OR coalesce(grace > :now, false)) AS may FROM graced
    ), written AS (
        UPDATE creators SET verified_fans = after.fans, enough_fans = after.enough, grace_until = after.grace,
            eligible = after.may
        FROM after WHERE creators.id = after.id AND (creators.verified_fans, creators.enough_fans,
            creators.grace_until, creators.eligible) IS DISTINCT FROM (after.fans, after.enough, after.grace, after.may)
    )
    SELECT id, sign(fans - verified_fans), grace, CASE
        WHEN enough AND grace_until IS NOT NULL THEN 'regained'
        WHEN enough AND NOT had THEN 'reached'
        WHEN NOT enough AND grace_until IS NULL AND grace > :now THEN 'began'
        WHEN grace <= :now AND had AND (eligible OR grace_until IS NULL) THEN 'ended'
        END
    FROM after WHERE (fans, may, enough, grace) IS DISTINCT FROM (verified_fans, eligible, had, grace_until) ORDER BY id
""")


class _Row(NamedTuple):
    """What changed of a creator: `more` is the sign of the difference in fans."""

    id: int
    more: int
    grace: datetime | None
    change: str | None


def refresh_standing(creator_id: int, *, tell_reached: bool = False) -> None:
    """Work out one creator's standing; they are told when a grace begins or ends, or when they have enough again.

    `tell_reached` tells them of their first time too, where no accepted reading does.
    """
    refresh_standings([creator_id], tell_reached=tell_reached)


def refresh_standings(creator_ids: Collection[int], *, tell_reached: bool = False) -> Counter[str]:
    """The same for at most `BATCH` creators at once. Counts who has more fans, who fewer, and each `Change`."""
    if not creator_ids:
        return Counter()
    rule, now, ids = fan_rule(), clock.now(), sorted(creator_ids)
    db.session.flush()
    db.session.execute(_LOCK, {"ids": ids})
    values = {
        "ids": ids,
        "sums": rule.sums,
        "limit": rule.limit,
        "limits": json.dumps(rule.limits),
        "now": now,
        "grace_end": now + timedelta(days=settings().fan_grace_days),
    }
    rows = [_Row(*row) for row in db.session.execute(_REFRESH, values)]
    _forget(ids)
    _tell((row for row in rows if tell_reached or row.change != Change.REACHED), now)
    directions = Counter("raised" if row.more > 0 else "lowered" for row in rows if row.more)
    return directions + Counter(row.change for row in rows if row.change is not None)


def _forget(creator_ids: Collection[int]) -> None:
    """What the session holds of them is older than what was just written."""
    wanted = set(creator_ids)
    for held in list(db.session.identity_map.values()):
        if isinstance(held, Creator) and held.id in wanted:
            db.session.expire(held, _KEPT)


def _tell(rows: Iterable[_Row], now: datetime) -> None:
    """By jobs of some hundreds each. Of a grace's last week they hear by a job that finds out whether it still runs."""
    told = sorted((row.change, row.grace or now, row.id) for row in rows if row.change is not None)
    for (change, until), group in groupby(told, key=itemgetter(0, 1)):
        ids = [creator_id for _change, _until, creator_id in group]
        for some in (ids[start : start + _TOLD_AT_ONCE] for start in range(0, len(ids), _TOLD_AT_ONCE)):
            news = {"creator_ids": some, "until": until.isoformat()}
            defer("notifications.tell_standing", what=change, **news)
            if change == Change.BEGAN and until - WARNING > now:
                defer("notifications.tell_standing", at=until - WARNING, what=Change.WEEK.value, **news)


def end_graces() -> int:
    """Take offers down where the grace is over, `BATCH` creators at most; how many there were."""
    ending = (
        select(Creator.id)
        .where(Creator.eligible, Creator.grace_until <= clock.now())
        .order_by(Creator.id)
        .limit(BATCH)
        .with_for_update(key_share=True, skip_locked=True)
    )
    ids = db.session.scalars(ending).all()
    refresh_standings(ids)
    return len(ids)


def refresh_next(after: int) -> tuple[int | None, Counter[str]]:
    """Work out the next `BATCH` creators with ids above `after`: the last of them, None when there are no more."""
    ids = db.session.scalars(select(Creator.id).where(Creator.id > after).order_by(Creator.id).limit(BATCH)).all()
    return (ids[-1], refresh_standings(ids)) if ids else (None, Counter())
