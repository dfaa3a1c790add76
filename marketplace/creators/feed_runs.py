"""Runs of a feed, the same whether a file came by HTTP, by the command or by the console.

Owns its transactions: how far a run is must be seen while it goes on, and a refusal is kept though nothing was taken.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import BinaryIO, Final

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, insert, select, text, update

from marketplace.accounts.actor import Actor
from marketplace.creators.feed import Progress, Refused, take_feed
from marketplace.creators.feed_file import Problem, ProblemCode
from marketplace.creators.models import FeedPart, FeedRun, FeedState, FeedStep, FeedWay
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound

PIECE: Final = 1 << 20
# One feed at a time: the second finds what the first has written.
_ALONE = text("SELECT pg_advisory_xact_lock(7302117)")
_KEPT = timedelta(days=7)
_CRASHED = timedelta(days=1)
_SHOWN_EVERY = 0.5
logger = structlog.get_logger(__name__)


class AlreadyApplied(Conflict):
    """The same bytes were taken by an earlier run."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        super().__init__(_l("These very readings were applied before, by run %(number)s.", number=run_id))


class TooLarge(Exception):
    """The file has more bytes than the setting allows."""


class _DryRun(Exception):
    """Carries what would have changed out of a transaction that is undone."""

    def __init__(self, summary: dict[str, int]) -> None:
        self.summary = summary
        super().__init__()


@contextmanager
def spooled(pieces: Iterable[bytes], see: Callable[[bytes], None] | None = None) -> Iterator[tuple[BinaryIO, str]]:
    """The bytes in a temporary file that is gone afterwards, and their SHA-256; each piece is shown to `see`.

    Raises:
        TooLarge: there are more than the setting allows.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            size += len(piece)
            if size > settings().feed_max_bytes:
                raise TooLarge
            digest.update(piece)
            if see is not None:
                see(piece)
            file.write(piece)
        file.seek(0)
        yield file, digest.hexdigest()


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def run_file(
    way: FeedWay,
    file: BinaryIO,
    sha256: str,
    *,
    dry_run: bool,
    name: str = "",
    started_by: int | None = None,
    progress: Progress | None = None,
) -> FeedRun:
    """Check and apply the file at once, or only check it; the run says what became of it.

    Raises:
        AlreadyApplied: an earlier run took the same bytes.
    """
    with transaction():
        _require_new(sha256)
        run_id = _begin(way, sha256, dry_run=dry_run, name=name, started_by=started_by).id
    return _work(run_id, file, progress or _shown(run_id))


def store_upload(actor: Actor, pieces: Iterable[bytes], name: str) -> FeedRun:
    """Keep a file that came by the console, and have the worker check it.

    Raises:
        NotAllowed: the actor is no administrator.
        AlreadyApplied: an earlier run took the same bytes.
        Invalid: the file is empty or too large.
    """
    if not actor.is_admin:
        raise NotAllowed
    run = _begin(FeedWay.CONSOLE, "", dry_run=True, name=name, started_by=actor.user_id)
    digest, size = hashlib.sha256(), 0
    for position, piece in enumerate(pieces):
        size += len(piece)
        if size > settings().feed_max_bytes:
            raise Invalid(_l("This file is too large."), field="file")
        digest.update(piece)
        db.session.execute(insert(FeedPart).values(run_id=run.id, position=position, content=piece))
    if not size:
        raise Invalid(_l("This file is empty. Choose another one."), field="file")
    run.sha256 = digest.hexdigest()
    _require_new(run.sha256)
    db.session.flush()
    defer("creators.run_feed", run_id=run.id)
    return run


def apply_checked(actor: Actor, run_id: int) -> FeedRun:
    """Have the worker apply a file that was checked and found right.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such run.
        Conflict: it isn't one that waits to be applied, or its file was thrown away since.
    """
    if not actor.is_admin:
        raise NotAllowed
    run = db.session.get(FeedRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFound
    if run.way is not FeedWay.CONSOLE or run.state is not FeedState.CHECKED:
        raise Conflict(_l("This run can’t be applied; look at how it stands now."))
    if db.session.scalar(select(func.count()).where(FeedPart.run_id == run.id)) == 0:
        raise Conflict(_l("The file was kept for a week and is gone. Upload it again."))
    _require_new(run.sha256)
    run.state, run.dry_run, run.step, run.step_done = FeedState.RUNNING, False, FeedStep.WAITING, 0
    run.started_by, run.started_at, run.finished_at = actor.user_id, clock.now(), None
    defer("creators.run_feed", run_id=run.id)
    return run


def run_stored(run_id: int) -> None:
    """The worker's part for a file that came by the console; a run that is over stays as it is."""
    with transaction():
        run = db.session.get(FeedRun, run_id)
        running = run is not None and run.state is FeedState.RUNNING
    if running:
        with spooled(_parts(run_id)) as (file, _sha256):
            _work(run_id, file, _shown(run_id))


def drop_stale_parts() -> None:
    """Throw away files that nobody applied for a week, and say of runs whose process died that they broke off."""
    old = select(FeedRun.id).where(FeedRun.state != FeedState.RUNNING, FeedRun.started_at < clock.now() - _KEPT)
    db.session.execute(delete(FeedPart).where(FeedPart.run_id.in_(old)))
    died = (FeedRun.state == FeedState.RUNNING, FeedRun.started_at < clock.now() - _CRASHED)
    values = {
        "state": FeedState.REFUSED,
        "finished_at": clock.now(),
        "problems": _kept([Problem(0, ProblemCode.INTERRUPTED)]),
        "summary": {"problems": 1},
    }
    db.session.execute(update(FeedRun).where(*died).values(values))


def _parts(run_id: int) -> Iterator[bytes]:
    position = 0
    while True:
        with transaction():
            one = (FeedPart.run_id == run_id, FeedPart.position == position)
            content = db.session.scalar(select(FeedPart.content).where(*one))
        if content is None:
            return
        yield content
        position += 1


def _require_new(sha256: str) -> None:
    earlier = select(FeedRun.id).where(FeedRun.sha256 == sha256, FeedRun.state == FeedState.APPLIED)
    run_id = db.session.scalar(earlier)
    if run_id is not None:
        raise AlreadyApplied(run_id)


def _begin(way: FeedWay, sha256: str, *, dry_run: bool, name: str, started_by: int | None) -> FeedRun:
    run = FeedRun(
        way=way,
        state=FeedState.RUNNING,
        dry_run=dry_run,
        name=name,
        sha256=sha256,
        step=FeedStep.WAITING,
        started_by=started_by,
        started_at=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    return run


def _work(run_id: int, file: BinaryIO, progress: Progress) -> FeedRun:
    """All or nothing: what is refused, or was only tried, is undone before its outcome is written down."""
    try:
        with transaction():
            _take(run_id, file, progress)
    except _DryRun as tried:
        _finish(run_id, FeedState.CHECKED, tried.summary)
    except Refused as refused:
        summary = {"rows": refused.rows, "problems": refused.count}
        _finish(run_id, FeedState.REFUSED, summary, refused.problems)
    except AlreadyApplied as earlier:
        # Two came at once, and this one had to wait for the other.
        problem = Problem(0, ProblemCode.APPLIED, str(earlier.run_id))
        _finish(run_id, FeedState.REFUSED, {"rows": 0, "problems": 1}, [problem])
    run = db.session.get_one(FeedRun, run_id, populate_existing=True)
    logger.info("feed", run=run.id, way=run.way.value, state=run.state.value, **run.summary)
    return run


def _take(run_id: int, file: BinaryIO, progress: Progress) -> None:
    db.session.execute(_ALONE)
    dry_run, sha256 = db.session.execute(select(FeedRun.dry_run, FeedRun.sha256).where(FeedRun.id == run_id)).one()
    _require_new(sha256)
    summary = take_feed(run_id, file, progress)
    if dry_run:
        raise _DryRun(summary)
    _close(run_id, FeedState.APPLIED, summary)


def _finish(run_id: int, state: FeedState, summary: dict[str, int], problems: Iterable[Problem] = ()) -> None:
    with transaction():
        _close(run_id, state, summary, problems)


def _close(run_id: int, state: FeedState, summary: dict[str, int], problems: Iterable[Problem] = ()) -> None:
    values = {
        "state": state,
        "summary": summary,
        "rows_read": summary["rows"],
        "problems": _kept(problems),
        "finished_at": clock.now(),
    }
    db.session.execute(update(FeedRun).where(FeedRun.id == run_id).values(values))
    if state is not FeedState.CHECKED:
        db.session.execute(delete(FeedPart).where(FeedPart.run_id == run_id))


def _kept(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"line": str(one.line), "code": one.code.value, "value": one.value} for one in problems]


def _shown(run_id: int) -> Progress:
    """Write how far the run is by a connection of its own, twice a second at most: the run itself isn't committed."""
    shown: tuple[FeedStep | None, float] = (None, 0.0)

    def show(step: FeedStep, done: int, total: int | None) -> None:
        nonlocal shown
        if step is shown[0] and monotonic() - shown[1] < _SHOWN_EVERY:
            return
        shown = (step, monotonic())
        values = {"step": step, "step_done": done, "step_total": total}
        with db.engine.begin() as connection:
            connection.execute(update(FeedRun).where(FeedRun.id == run_id).values(values))

    return show
