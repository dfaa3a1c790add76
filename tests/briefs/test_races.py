"""Two at once, on real connections: one effect, and a clear refusal for whoever was later."""

from functools import partial

from flask import Flask
from sqlalchemy import func, select

from marketplace.briefs.facts import Step
from marketplace.briefs.models import Brief, BriefQuestion, BriefStatus
from marketplace.briefs.questions import MOST_OPEN, ask_question
from marketplace.briefs.review import pass_brief, send_back
from marketplace.briefs.service import close_brief, extend_brief, open_brief, save_step
from marketplace.infra.db import db, transaction
from tests.support.briefs import watch
from tests.support.market import brief_facts, make_admin, make_brand, make_brief, make_creator, make_member
from tests.support.racing import race


def test_of_two_members_who_write_at_once_one_is_told(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        other = make_member(brand, "manager")
        brief = make_brief(brand, opened=False)
        brief_id, version = brief.id, brief.version
    says = [{"title": title, "product": "", "goal": "Show it."} for title in ("Mine", "Theirs")]
    verbs = [
        partial(save_step, side.actor, brief_id, Step.GOAL, said, version)
        for side, said in zip((brand, other), says, strict=True)
    ]
    assert sorted(race(app, *verbs)) == ["Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.get_one(Brief, brief_id).version == version + 1


def test_no_more_than_five_questions_wait_however_fast_they_are_asked(app: Flask) -> None:
    with app.app_context(), transaction():
        creator = make_creator()
        brief_id = make_brief(make_brand()).id
    asked = [partial(ask_question, creator.actor, brief_id, f"Question {number}?") for number in range(8)]
    assert sorted(race(app, *asked)) == ["TooMany"] * 3 + ["done"] * 5
    with app.app_context(), transaction():
        assert db.session.scalar(select(func.count()).select_from(BriefQuestion)) == MOST_OPEN


def test_a_held_brief_is_decided_once(app: Flask) -> None:
    with app.app_context():
        watch("lottery")
        with transaction():
            admins = [make_admin(), make_admin("Arbiter Two")]
            brief_id = make_brief(make_brand(), brief_facts(title="A lottery")).id
    verdicts = [partial(pass_brief, admins[0], brief_id), partial(send_back, admins[1], brief_id, "No.")]
    assert sorted(race(app, *verdicts)) == ["Conflict", "done"]


def test_closing_and_extending_at_once_end_in_one_of_the_two(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        brief = make_brief(brand)
        brief_id, publish = brief.id, brief.publish_by
    outcomes = race(
        app,
        lambda: close_brief(brand.actor, brief_id),
        lambda: extend_brief(brand.actor, brief_id, publish, publish),
        lambda: open_brief(brand.actor, brief_id),
    )
    with app.app_context(), transaction():
        brief = db.session.get_one(Brief, brief_id)
        assert brief.status in (BriefStatus.OPEN, BriefStatus.CLOSED)
        assert (brief.closed_at is None) is (brief.status is BriefStatus.OPEN)
        assert brief.apply_by == publish
        assert outcomes.count("done") >= 2
