"""Reads of feeds' runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer

from marketplace.creators.models import FeedPart, FeedRun, FeedState, FeedWay
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound

_PAGE = 20


@dataclass(frozen=True, slots=True)
class RunPage:
    """Newest first; `older` is the id to go on from, None on the last page."""

    runs: Sequence[FeedRun]
    older: int | None


def list_runs(before: int | None = None) -> RunPage:
    """One page of runs, without their problems."""
    query = select(FeedRun).options(defer(FeedRun.problems)).order_by(FeedRun.id.desc()).limit(_PAGE + 1)
    if before is not None:
        query = query.where(FeedRun.id < before)
    runs = db.session.scalars(query).all()
    return RunPage(runs[:_PAGE], runs[_PAGE - 1].id if len(runs) > _PAGE else None)


def get_run(run_id: int) -> FeedRun:
    """
    Raises:
        NotFound: there is no such run.
    """
    run = db.session.get(FeedRun, run_id)
    if run is None:
        raise NotFound
    return run


def may_apply(run: FeedRun) -> bool:
    """Whether the run was only checked, found right, and its file is still kept."""
    if run.way is not FeedWay.CONSOLE or run.state is not FeedState.CHECKED:
        return False
    return db.session.scalar(select(FeedPart.position).where(FeedPart.run_id == run.id).limit(1)) is not None
