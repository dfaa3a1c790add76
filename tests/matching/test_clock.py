"""The clock of selections: a reminder half-way, the end when the time is over, and the end when a brief closes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from marketplace.briefs.service import close_brief, open_brief
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.matching import jobs
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.service import close_as_accepted
from tests.support.market import (
    BrandSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    told_of_selections,
)

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def _told() -> list[str]:
    with transaction():
        return told_of_selections()


def _statuses() -> list[SelectionStatus]:
    with transaction():
        return list(db.session.scalars(select(Selection.status).order_by(Selection.id)))


def _applications(number: int) -> BrandSide:
    brand = make_brand()
    brief = make_brief(brand, brief_facts(slots=number))
    for _ in range(number):
        make_application(make_creator(), brief.id)
    return brand


def test_one_reminder_half_way_and_then_the_end(context: None) -> None:
    with clock.at(START), transaction():
        _applications(1)
    for hours, told in (
        (35, ["made"]),
        (36, ["made", "reminder"]),
        (40, ["made", "reminder"]),
        (71, ["made", "reminder"]),
        (72, ["made", "reminder", "expired"]),
        (99, ["made", "reminder", "expired"]),
    ):
        with clock.at(START + timedelta(hours=hours)):
            jobs.expire_selections()
            assert _told() == told
    assert _statuses() == [SelectionStatus.EXPIRED]
    with transaction():
        selection = db.session.scalars(select(Selection)).one()
        assert (selection.answered_at, selection.answered_by) == (START + timedelta(hours=72), None)


def test_more_than_a_batch_ends_in_one_run(context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    with clock.at(START), transaction():
        _applications(5)
    with clock.at(START + timedelta(hours=80)):
        jobs.expire_selections()
    assert _statuses() == [SelectionStatus.EXPIRED] * 5
    # Late as it was, nobody is reminded of what has ended.
    assert _told() == ["made"] * 5 + ["expired"] * 5


def test_a_row_that_somebody_holds_is_left_for_the_next_run(context: None) -> None:
    with clock.at(START), transaction():
        _applications(2)
    with clock.at(START + timedelta(hours=80)):
        with db.engine.connect() as other, other.begin():
            other.execute(text("SELECT id FROM selections ORDER BY id LIMIT 1 FOR UPDATE"))
            jobs.expire_selections()
            assert _statuses() == [SelectionStatus.OPEN, SelectionStatus.EXPIRED]
        jobs.expire_selections()
        assert _statuses() == [SelectionStatus.EXPIRED, SelectionStatus.EXPIRED]


def test_closing_a_brief_ends_what_waits_and_keeps_what_is_agreed(context: None) -> None:
    with clock.at(START):
        with transaction():
            brand = _applications(2)
            first = db.session.scalars(select(Selection).order_by(Selection.id)).first()
            assert first is not None
            brief_id = first.brief_id
            assert brief_id is not None
            close_as_accepted(brand.actor, first.id)
            close_brief(brand.actor, brief_id)
        jobs.lapse_selections(brief_id)
        assert _statuses() == [SelectionStatus.ACCEPTED, SelectionStatus.EXPIRED]


def test_a_brief_that_was_opened_again_keeps_what_waits(context: None) -> None:
    with clock.at(START):
        with transaction():
            brand = _applications(1)
            brief_id = db.session.scalars(select(Selection.brief_id)).one()
            assert brief_id is not None
            close_brief(brand.actor, brief_id)
            open_brief(brand.actor, brief_id)
        jobs.lapse_selections(brief_id)
        assert _statuses() == [SelectionStatus.OPEN]


def test_the_worker_knows_both_jobs(context: None, run_jobs: Callable[..., None]) -> None:
    with transaction():
        brand = _applications(1)
        brief_id = db.session.scalars(select(Selection.brief_id)).one()
        assert brief_id is not None
        close_brief(brand.actor, brief_id)
    run_jobs(allow_failures=True)
    assert _statuses() == [SelectionStatus.EXPIRED]
