"""The next version of the rules: drafted, proposed, returned, published by somebody else; races for each step."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from psycopg.errors import CheckViolation, UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from marketplace.fees import drafts
from marketplace.fees.events import Author, events_of
from marketplace.fees.models import FeePolicy, RuleAction
from marketplace.fees.policy import Bracket, PolicyError, Rule, RuleKind
from marketplace.fees.queries import as_policy, fee_day, policy_in_force
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.support.races import at_once

pytestmark = pytest.mark.usefixtures("context")
WEI, PAN = Author("user:1", "Wei Lan"), Author("user:2", "Pan Qing")
FLAT = Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(800),))


def seen() -> str:
    row = drafts.find_draft()
    assert row is not None
    return drafts.draft_digest(row)


def drafted(author: Author = WEI, *, proposed: bool = False) -> str:
    """A draft with a flat commission of 8 %; what one sees of it."""
    with transaction():
        drafts.start_draft(author)
        drafts.save_rule(author, seen(), FLAT, "C1")
        drafts.save_facts(author, seen(), effective_from=drafts.first_day(), creator_floor=7_000, why="Simpler.")
        if proposed:
            drafts.propose_draft(author, seen())
        return seen()


def actions(version: int = 2) -> list[RuleAction]:
    return [event.action for event in events_of(f"policy:{version}")][::-1]


def test_a_draft_begins_with_the_rules_that_hold_and_changes_nothing_until_it_is_published() -> None:
    with transaction():
        row = drafts.start_draft(WEI)
        assert (row.version, row.effective_from, row.editors) == (2, drafts.first_day(), [WEI.key])
        assert as_policy(row).rules == policy_in_force().rules
    drafted_in_force = policy_in_force(fee_day() + timedelta(days=400))
    assert drafted_in_force.version == 1


def test_there_is_one_draft_at_a_time() -> None:
    with transaction():
        drafts.start_draft(WEI)
    with transaction(), pytest.raises(Conflict, match="started a draft already"):
        drafts.start_draft(PAN)
    with pytest.raises(IntegrityError) as refused, transaction():
        db.session.execute(
            text("INSERT INTO fee_policies (version, effective_from, rules) VALUES (7, '2030-01-01', '{}')")
        )
    assert isinstance(refused.value.orig, UniqueViolation)


def test_it_is_published_by_somebody_who_wrote_nothing_of_it() -> None:
    shown = drafted(proposed=True)
    with transaction(), pytest.raises(NotAllowed, match="Another administrator"):
        drafts.publish_draft(WEI, shown)
    with transaction():
        drafts.publish_draft(PAN, shown)
    assert policy_in_force().version == 1
    assert policy_in_force(drafts.first_day()).version == 2
    assert actions()[-2:] == [RuleAction.PROPOSED, RuleAction.PUBLISHED]


def test_the_table_itself_refuses_that_an_editor_publishes() -> None:
    drafted(proposed=True)
    with pytest.raises(IntegrityError) as refused, transaction():
        db.session.execute(
            text("UPDATE fee_policies SET published_at = now(), published_by = 'user:1' WHERE version = 2")
        )
    assert isinstance(refused.value.orig, CheckViolation)


def test_who_proposes_what_another_wrote_has_a_hand_in_it_too() -> None:
    shown = drafted(WEI)
    with transaction():
        shown = drafts.draft_digest(drafts.propose_draft(PAN, shown))
    with transaction(), pytest.raises(NotAllowed):
        drafts.publish_draft(PAN, shown)


def test_a_proposed_draft_is_not_edited_before_it_comes_back() -> None:
    shown = drafted(proposed=True)
    with transaction(), pytest.raises(Conflict, match="waits to be published"):
        drafts.save_rule(PAN, shown, FLAT, "C1")
    with transaction(), pytest.raises(Invalid, match="what has to change"):
        drafts.return_draft(PAN, shown, "")
    with transaction():
        drafts.return_draft(PAN, shown, "Ten days earlier.")
    with transaction():
        drafts.remove_rule(PAN, seen(), "B1")
    with transaction():
        drafts.propose_draft(WEI, seen())
    with transaction(), pytest.raises(NotAllowed):
        drafts.publish_draft(PAN, seen())


def test_what_is_proposed_has_a_reason_a_day_to_come_and_a_change() -> None:
    with transaction():
        drafts.start_draft(WEI)
        drafts.save_rule(WEI, seen(), FLAT, "C1")
    with transaction(), pytest.raises(Invalid, match="why the rules change"):
        drafts.propose_draft(WEI, seen())
    with transaction(), pytest.raises(Invalid, match="rules never change on a day that has begun"):
        drafts.save_facts(WEI, seen(), effective_from=fee_day(), creator_floor=7_000, why="Now.")
    with transaction():
        drafts.save_facts(WEI, seen(), effective_from=drafts.first_day(), creator_floor=7_000, why="Simpler.")
        drafts.save_rule(WEI, seen(), policy_in_force().of(RuleKind.CREATOR_COMMISSION)[0], "C1")
    with transaction(), pytest.raises(Conflict, match="same rules as version 1"):
        drafts.propose_draft(WEI, seen())


def test_a_day_that_has_begun_is_not_published() -> None:
    shown = drafted(proposed=True)
    with clock.at(clock.now() + timedelta(days=2)), transaction(), pytest.raises(Conflict, match="has begun"):
        drafts.publish_draft(PAN, shown)
    assert drafts.find_draft() is not None


def test_nobody_writes_over_what_they_have_not_seen() -> None:
    shown = drafted()
    with transaction():
        drafts.remove_rule(PAN, shown, "B1")
    before = seen()
    for late in (
        lambda: drafts.save_rule(WEI, shown, FLAT, "C1"),
        lambda: drafts.remove_rule(WEI, shown, "C1"),
        lambda: drafts.propose_draft(WEI, shown),
        lambda: drafts.discard_draft(WEI, shown),
        lambda: drafts.save_facts(WEI, shown, effective_from=drafts.first_day(), creator_floor=1, why=""),
    ):
        with transaction(), pytest.raises(drafts.DraftChanged):
            late()
    assert seen() == before


def test_a_draft_that_changed_after_the_second_pair_of_eyes_saw_it_is_not_published() -> None:
    shown = drafted(proposed=True)
    with transaction():
        drafts.return_draft(WEI, shown, "A slip.")
        drafts.save_rule(WEI, seen(), Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(3_000),)), "C1")
        drafts.propose_draft(WEI, seen())
    with transaction(), pytest.raises(drafts.DraftChanged):
        drafts.publish_draft(PAN, shown)


def test_rules_that_contradict_each_other_change_nothing() -> None:
    drafted()
    before = seen()
    half = Rule("C2", RuleKind.CREATOR_COMMISSION, (Bracket(9_300),))
    steps: list[tuple[Callable[[], object], type[DomainError]]] = [
        (lambda: drafts.save_rule(WEI, before, half), PolicyError),
        (lambda: drafts.save_rule(WEI, before, FLAT), PolicyError),
        (lambda: drafts.save_rule(WEI, before, half, "C7"), NotFound),
        (lambda: drafts.remove_rule(WEI, before, "C7"), NotFound),
    ]
    for wrong, refusal in steps:
        with pytest.raises(refusal), transaction():
            wrong()
    assert seen() == before


def test_a_policy_has_a_most_of_rules() -> None:
    drafted()
    with transaction():
        for number in range(drafts.MOST_RULES - 2):
            drafts.save_rule(WEI, seen(), Rule(f"C{number + 10}", RuleKind.CREATOR_COMMISSION, (Bracket(1),)))
    with pytest.raises(Invalid, match="at most 20 rules"), transaction():
        drafts.save_rule(WEI, seen(), Rule("one-more", RuleKind.CREATOR_COMMISSION, (Bracket(1),)))


def test_a_discarded_draft_leaves_its_history_and_room_for_another() -> None:
    shown = drafted()
    with transaction():
        drafts.discard_draft(PAN, shown)
    assert drafts.find_draft() is None
    with transaction():
        assert drafts.start_draft(PAN).version == 2
    assert RuleAction.DISCARDED in actions()


def test_saving_what_is_there_makes_nobody_an_editor() -> None:
    shown = drafted()
    with transaction():
        row = drafts.save_facts(PAN, shown, effective_from=drafts.first_day(), creator_floor=7_000, why="Simpler.")
        assert row.editors == [WEI.key]


def test_a_second_draft_builds_on_a_version_that_is_published_and_to_come() -> None:
    shown = drafted(proposed=True)
    with transaction():
        drafts.publish_draft(PAN, shown)
    with transaction():
        row = drafts.start_draft(WEI)
        assert row.version == 3
        assert FLAT in as_policy(row).rules


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_start_one_at_once_one_is_told(app: Flask, attempt: int) -> None:
    outcomes = at_once(app, lambda: drafts.start_draft(WEI), lambda: drafts.start_draft(PAN))
    assert outcomes == ["Conflict", "done"]
    assert actions() == [RuleAction.DRAFTED]


def test_of_two_who_publish_at_once_one_is_told(app: Flask) -> None:
    shown = drafted(proposed=True)
    other = Author("user:3", "Gu Wen")
    outcomes = at_once(app, lambda: drafts.publish_draft(PAN, shown), lambda: drafts.publish_draft(other, shown))
    assert outcomes == ["Conflict", "done"]
    assert actions().count(RuleAction.PUBLISHED) == 1


@pytest.mark.parametrize("other", ["return", "discard"])
def test_publishing_and_returning_or_discarding_at_once_do_one_of_them(app: Flask, other: str) -> None:
    shown = drafted(proposed=True)
    steps: dict[str, Callable[[], object]] = {
        "return": lambda: drafts.return_draft(WEI, shown, "A slip."),
        "discard": lambda: drafts.discard_draft(WEI, shown),
    }
    outcomes = at_once(app, lambda: drafts.publish_draft(PAN, shown), steps[other])
    assert outcomes in (["Conflict", "done"], ["DraftChanged", "done"])
    done = actions()
    assert (RuleAction.PUBLISHED in done) != bool({RuleAction.RETURNED, RuleAction.DISCARDED} & set(done))


def test_editing_and_proposing_at_once_do_one_of_them(app: Flask) -> None:
    shown = drafted()
    outcomes = at_once(app, lambda: drafts.remove_rule(PAN, shown, "B1"), lambda: drafts.propose_draft(WEI, shown))
    assert outcomes in (["DraftChanged", "done"], ["Conflict", "done"])


def test_a_published_version_is_never_changed() -> None:
    shown = drafted(proposed=True)
    with transaction():
        drafts.publish_draft(PAN, shown)
    for change in ("UPDATE fee_policies SET why = 'x' WHERE version = 2", "DELETE FROM fee_policies WHERE version = 2"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(change))
    assert db.session.get_one(FeePolicy, 2).why == "Simpler."
