"""Issuing everybody's statements of a month, or summaries of a year: one run a period that goes on where it stopped."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.documents.issue import Draft, issue_many
from marketplace.documents.models import DocumentKind, RunState, StatementRun
from marketplace.documents.movements import count_owners, next_owners
from marketplace.documents.statements import draft_statements, draft_summaries, is_over
from marketplace.infra.db import db, refusing
from marketplace.infra.jobs import defer
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.periods import Period, month_period, today_in, year_period

OWNERS_AT_ONCE = 200
_FIRST_DAY = 2


class _Sort(NamedTuple):
    """What a run issues, and how its period is made of its first day."""

    draft: Callable[[Sequence[str], Period], list[Draft]]
    period: Callable[[date, str], Period]


_SORTS = {
    DocumentKind.STATEMENT: _Sort(draft_statements, month_period),
    DocumentKind.ANNUAL_SUMMARY: _Sort(draft_summaries, lambda day, zone: year_period(day.year, zone)),
}


def start_run(actor: Actor, kind: DocumentKind, day: date) -> StatementRun:
    """Begin the run of the month or year that `day` lies in, by the platform's clock; its job is enqueued.

    Raises:
        NotAllowed: the actor is neither an administrator nor the clock.
        Invalid: that period isn't over.
        Conflict: it has been begun before.
    """
    if actor.signed_in and not actor.is_admin:
        raise NotAllowed
    period = _SORTS[kind].period(day, settings().default_timezone)
    if not is_over(period):
        raise Invalid(_l("That period isn’t over yet. Its documents can be issued when it is."), field="period")
    run = StatementRun(
        kind=kind,
        period_start=period.start,
        period_end=period.last,
        state=RunState.RUNNING,
        started_by=actor.user_id,
        started_at=clock.now(),
        owners=count_owners(period.since),
    )
    begun = Conflict(_l("That period’s documents have been issued, or are being issued. The run is in the list below."))
    with refusing("uq_statement_runs_kind_period_start", begun):
        db.session.add(run)
        db.session.flush()
    enqueue(run)
    return run


def enqueue(run: StatementRun) -> None:
    """One job at a time goes on with a run; a second one waits for it, and finds it done."""
    defer("documents.go_on", run_id=run.id, lock=f"statement_run:{run.id}")


def issue_next(run_id: int) -> bool:
    """Issue the documents of the next owners; false when there are none left, and the run is finished.

    What is issued and how far the run has come commit together: killed at any moment, it goes on without a gap.
    """
    run = db.session.get_one(StatementRun, run_id, with_for_update=True)
    if run.state is RunState.FINISHED:
        return False
    sort = _SORTS[run.kind]
    period = sort.period(run.period_start, settings().default_timezone)
    owners = next_owners(run.after, period.since, OWNERS_AT_ONCE)
    if not owners:
        run.state, run.finished_at = RunState.FINISHED, clock.now()
        return False
    run.issued += len(issue_many(sort.draft(owners, period)))
    run.done += len(owners)
    run.after = owners[-1]
    return True


def start_due_runs() -> list[StatementRun]:
    """Begin the run of the month that ended last, and in January that of the year, unless they were begun.

    From the second day on: by then the month is over wherever people live.
    """
    today = today_in(settings().default_timezone)
    if today.day < _FIRST_DAY:
        return []
    ended = today.replace(day=1) - timedelta(days=1)
    wanted = [(DocumentKind.STATEMENT, ended.replace(day=1))]
    if today.month == 1:
        wanted.append((DocumentKind.ANNUAL_SUMMARY, ended.replace(month=1, day=1)))
    begun = set(db.session.execute(select(StatementRun.kind, StatementRun.period_start)))
    return [start_run(SYSTEM, kind, first) for kind, first in wanted if (kind, first) not in begun]
