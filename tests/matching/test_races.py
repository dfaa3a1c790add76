"""Two at once, on real connections: one effect, and a clear refusal for whoever was later."""

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from marketplace.briefs.models import Brief
from marketplace.briefs.service import close_brief
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, DomainError
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.service import (
    apply_to_brief,
    book_package,
    close_as_accepted,
    decline,
    invite_creator,
    withdraw,
)
from tests.support.market import brief_facts, make_application, make_brand, make_brief, make_creator, make_offer


def _race(app: Flask, *steps: Callable[[], object]) -> list[str]:
    """Run the steps at the same moment, each in its own thread and transaction; what became of each, in order."""
    ready, outcomes = threading.Barrier(len(steps)), ["" for _ in steps]

    def run(number: int, step: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    step()
                outcomes[number] = "done"
            except DomainError as refusal:
                outcomes[number] = type(refusal).__name__
            except Exception as fault:
                outcomes[number] = repr(fault)

    threads = [threading.Thread(target=run, args=(number, step)) for number, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _statuses() -> list[SelectionStatus]:
    return sorted(db.session.scalars(select(Selection.status)))


def test_the_last_place_goes_to_one(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(slots=1))
        ids = [make_application(make_creator(f"Creator {number}"), brief.id).id for number in range(4)]
        brief_id = brief.id
    outcomes = _race(app, *(lambda one=one: close_as_accepted(brand.actor, one) for one in ids))
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.get_one(Brief, brief_id).slots_filled == 1
        assert _statuses() == [SelectionStatus.ACCEPTED, *[SelectionStatus.OPEN] * 3]


def test_one_application_is_accepted_once(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(slots=5))
        selection_id, brief_id = make_application(make_creator(), brief.id).id, brief.id
    outcomes = _race(app, *[lambda: close_as_accepted(brand.actor, selection_id)] * 3)
    assert sorted(outcomes) == ["Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.get_one(Brief, brief_id).slots_filled == 1


def test_a_creator_applies_once_however_often_they_press(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        brief_id = make_brief(brand).id
    outcomes = _race(
        app,
        *[lambda: apply_to_brief(creator.actor, brief_id, Money(9_000_00), "Me.")] * 3,
        lambda: invite_creator(brand.actor, creator.id, brief_id, Money(9_000_00), "Come."),
    )
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        assert _statuses() == [SelectionStatus.OPEN]


def test_a_package_is_booked_once_by_a_brand(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        package_id = make_offer(creator).packages[0].id
    assert sorted(_race(app, *[lambda: book_package(brand.actor, package_id)] * 3)) == ["Conflict", "Conflict", "done"]


def test_yes_no_and_taking_back_at_once_have_one_effect(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        selection_id = make_application(creator, make_brief(brand).id).id
    outcomes = _race(
        app,
        lambda: close_as_accepted(brand.actor, selection_id),
        lambda: decline(brand.actor, selection_id, "No."),
        lambda: withdraw(creator.actor, selection_id),
    )
    assert sorted(outcomes) == ["Conflict", "Conflict", "done"]


def test_accepting_and_applying_again_and_closing_never_wait_for_each_other(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        brief_id = make_brief(brand).id
        selection_id = make_application(creator, brief_id).id
    outcomes = _race(
        app,
        lambda: close_as_accepted(brand.actor, selection_id),
        lambda: apply_to_brief(creator.actor, brief_id, Money(9_000_00), "Me."),
        lambda: close_brief(brand.actor, brief_id),
    )
    assert set(outcomes) <= {"done", Conflict.__name__}
    assert outcomes[2] == "done"
