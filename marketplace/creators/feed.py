"""Taking a feed: its rows come into the database by COPY, are checked there, and become readings by few statements.

Inside one transaction of the caller, who throws everything away where `Refused` is raised, or after a dry run.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from sqlalchemy import text

from marketplace.creators.feed_file import MOST_PROBLEMS, FeedRow, Problem, ProblemCode, Problems, read_rows
from marketplace.creators.models import FeedStep
from marketplace.creators.policy import today
from marketplace.creators.standing import BATCH, refresh_standings
from marketplace.creators.suspicion import GrowthRule
from marketplace.infra.db import db
from marketplace.kit import clock

Progress = Callable[[FeedStep, int, int | None], None]
_TOLD_EVERY = 10_000


class Refused(Exception):
    """Something is wrong with the file, so none of it is taken."""

    def __init__(self, problems: list[Problem], count: int, rows: int) -> None:
        self.problems, self.count, self.rows = problems, count, rows
        super().__init__(f"{count} problems")


_TABLE = text("""
    CREATE TEMP TABLE feed_rows (
        line bigint NOT NULL, platform text NOT NULL, external_id text, handle text, fans bigint NOT NULL,
        taken_on date NOT NULL
    ) ON COMMIT DROP
""")
_COPY = "COPY feed_rows (line, platform, external_id, handle, fans, taken_on) FROM STDIN"
# By the platform's own name where we know it, else by the handle of a channel whose own name we don't.
_MATCH = text("""
    CREATE TEMP TABLE feed_matched ON COMMIT DROP AS
    SELECT row.line, row.platform, row.external_id, row.handle, row.fans, row.taken_on,
        coalesce(by_id.id, by_handle.id) AS channel_id, coalesce(by_id.creator_id, by_handle.creator_id) AS creator_id,
        coalesce(by_id.verified_at, by_handle.verified_at) IS NULL AS unproved,
        by_id.id IS NULL AND row.external_id IS NOT NULL AS named
    FROM feed_rows row
    LEFT JOIN channels by_id ON by_id.platform = row.platform AND by_id.external_id = row.external_id
    LEFT JOIN channels by_handle ON by_id.id IS NULL AND by_handle.platform = row.platform
        AND by_handle.platform <> 'other' AND lower(by_handle.handle) = lower(row.handle)
        AND (row.external_id IS NULL OR by_handle.external_id IS NULL)
""")
_WRONG = """
    WITH channel_twice AS (
        SELECT channel_id, min(line) AS first FROM feed_matched WHERE channel_id IS NOT NULL
        GROUP BY channel_id HAVING count(*) > 1
    ), name_twice AS (
        SELECT platform, external_id, min(line) AS first FROM feed_matched WHERE external_id IS NOT NULL
        GROUP BY platform, external_id HAVING count(*) > 1
    ), wrong AS (
        SELECT line, 'unknown' AS code, coalesce(external_id, handle) AS value
        FROM feed_matched WHERE channel_id IS NULL
        UNION ALL
        SELECT line, 'repeated', least(channel_twice.first, name_twice.first)::text
        FROM feed_matched LEFT JOIN channel_twice USING (channel_id) LEFT JOIN name_twice USING (platform, external_id)
        WHERE channel_id IS NOT NULL AND line > least(channel_twice.first, name_twice.first)
    )
"""
_WRONG_FIRST = text(f"{_WRONG} SELECT line, code, value FROM wrong ORDER BY line LIMIT {MOST_PROBLEMS}")
_WRONG_COUNT = text(f"{_WRONG} SELECT count(*) FROM wrong")
_JUDGE = text("""
    CREATE TEMP TABLE feed_new ON COMMIT DROP AS
    SELECT row.channel_id, row.creator_id, row.fans, row.taken_on, row.external_id, row.unproved, row.named,
        coalesce(newest.taken_on = row.taken_on AND newest.fans = row.fans, false) AS known,
        coalesce(row.taken_on - newest.taken_on BETWEEN 0 AND :days
            AND row.fans * 100 > newest.fans * (100 + CAST(:percent AS bigint)), false) AS flagged
    FROM feed_matched row LEFT JOIN LATERAL (
        SELECT fans, taken_on FROM fan_readings WHERE channel_id = row.channel_id AND status = 'accepted'
        ORDER BY taken_on DESC, id DESC LIMIT 1
    ) newest ON true
""")
_COUNT = text("""
    SELECT count(*) FILTER (WHERE known) AS known, count(*) FILTER (WHERE flagged) AS flagged,
        count(*) FILTER (WHERE NOT known AND NOT flagged) AS accepted,
        count(*) FILTER (WHERE unproved AND NOT flagged) AS verified, count(*) FILTER (WHERE named) AS named
    FROM feed_new
""")
_WRITE = text("""
    INSERT INTO fan_readings
        (channel_id, fans, taken_on, source, feed_run_id, status, flag, submitted_at, reviewed_at, reason)
    SELECT channel_id, fans, taken_on, 'feed', :run, CASE WHEN flagged THEN 'pending' ELSE 'accepted' END,
        CASE WHEN flagged THEN :flag ELSE '' END, :now, CASE WHEN NOT flagged THEN CAST(:now AS timestamptz) END, ''
    FROM feed_new WHERE NOT known ORDER BY channel_id
    ON CONFLICT (channel_id) WHERE status = 'pending' DO NOTHING
""")
_VERIFY = text("""
    UPDATE channels SET external_id = coalesce(channels.external_id, row.external_id),
        verified_at = CASE WHEN row.flagged THEN channels.verified_at ELSE coalesce(channels.verified_at, :now) END,
        verified_by = CASE WHEN row.flagged THEN channels.verified_by ELSE coalesce(channels.verified_by, 'feed') END
    FROM feed_new row WHERE channels.id = row.channel_id AND (row.named OR (row.unproved AND NOT row.flagged))
""")
_CREATORS = text("""
    CREATE TEMP TABLE feed_creators ON COMMIT DROP AS
    SELECT DISTINCT creator_id FROM feed_new WHERE NOT known AND NOT flagged
""")
_NEXT_CREATORS = text("""
    SELECT creator_id FROM feed_creators WHERE creator_id > :after ORDER BY creator_id LIMIT :most
""")


def take_feed(run_id: int, file: BinaryIO, progress: Progress) -> dict[str, int]:
    """Take the file's rows as readings of the run, and say what changed by it, by name.

    Raises:
        Refused: a row is wrong.
    """
    problems = Problems()
    rows = _load(file, problems, progress)
    progress(FeedStep.CHECKING, rows, None)
    _run(_MATCH, "feed_matched")
    _require_right(problems, rows)
    progress(FeedStep.WRITING, rows, None)
    return {"rows": rows} | _write(run_id) | _refresh(progress)


def _load(file: BinaryIO, problems: Problems, progress: Progress) -> int:
    # Joins of a million rows by hash rather than through the disk.
    db.session.execute(text("SET LOCAL work_mem = '64MB'"))
    db.session.execute(_TABLE)
    cursor = db.session.connection().connection.cursor()
    with cursor.copy(_COPY) as copy:
        for row in _counted(read_rows(file, today(), problems), progress):
            copy.write_row(row)
    db.session.execute(text("ANALYZE feed_rows"))
    return problems.rows


def _counted(rows: Iterator[FeedRow], progress: Progress) -> Iterator[FeedRow]:
    for number, row in enumerate(rows, 1):
        yield row
        if not number % _TOLD_EVERY:
            progress(FeedStep.READING, number, None)


def _require_right(problems: Problems, rows: int) -> None:
    """All that is wrong is said at once: what the file itself shows, and what only the database knows."""
    count = int(db.session.scalar(_WRONG_COUNT) or 0)
    if not count and not problems.count:
        return
    for line, code, value in db.session.execute(_WRONG_FIRST):
        problems.found.append(Problem(line, ProblemCode(code), value or ""))
    raise Refused(problems.first(), problems.count + count, rows)


def _write(run_id: int) -> dict[str, int]:
    rule, now = GrowthRule.now(), clock.now()
    _run(_JUDGE, "feed_new", days=rule.days, percent=rule.percent)
    found = db.session.execute(_COUNT).one()
    written = _changed(_WRITE, run=run_id, flag=rule.flag, now=now)
    _changed(_VERIFY, now=now)
    # Of two readings of a channel that have to wait, the first one does.
    flagged = written - found.accepted
    return {**found._asdict(), "flagged": flagged, "left_out": found.flagged - flagged}


def _refresh(progress: Progress) -> dict[str, int]:
    _run(_CREATORS, "feed_creators")
    whole = int(db.session.scalar(text("SELECT count(*) FROM feed_creators")) or 0)
    changes: Counter[str] = Counter()
    done = after = 0
    progress(FeedStep.COUNTING, 0, whole)
    while ids := db.session.scalars(_NEXT_CREATORS, {"after": after, "most": BATCH}).all():
        changes += refresh_standings(ids, tell_reached=True)
        done, after = done + len(ids), ids[-1]
        progress(FeedStep.COUNTING, done, whole)
    return {"creators": whole, **changes}


def _run(statement: Any, table: str, **values: Any) -> None:
    """Fill a temporary table, and let the planner know what is in it."""
    db.session.execute(statement, values)
    db.session.execute(text(f"ANALYZE {table}"))


def _changed(statement: Any, **values: Any) -> int:
    return int(db.session.execute(statement, values).rowcount)  # type: ignore[attr-defined]
