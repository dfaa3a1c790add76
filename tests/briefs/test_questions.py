"""Questions about briefs: who may ask how many, whose name is shown to whom, who is told."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from marketplace.briefs.models import Brief, BriefQuestion
from marketplace.briefs.questions import (
    MOST_ANSWER,
    MOST_QUESTION,
    answer_question,
    ask_question,
    questions_about,
    remove_question,
    unanswered,
)
from marketplace.briefs.service import close_brief
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from marketplace.notifications.models import Notification
from tests.support.briefs import watch
from tests.support.market import make_brand, make_brief, make_creator, make_member, sign_in
from tests.support.web import Client


def test_a_question_is_read_by_all_and_its_asker_known_to_the_brand_alone(context: None, client: Client) -> None:
    with transaction():
        brand, asker, other = make_brand(), make_creator("Lin Yue"), make_creator("Gu Wen")
        brief_id = make_brief(brand).id
    sign_in(client, asker)
    answer = client.post(f"/briefs/{brief_id}/ask", data={"question": "May it be part of a series?"})
    assert (answer.status_code, answer.location) == (303, f"/briefs/{brief_id}#h-qa")
    assert "You asked" in client.get(f"/briefs/{brief_id}").text
    company = client.application.test_client()
    sign_in(company, brand)
    page = company.get(f"/briefs/{brief_id}").text
    assert "Lin Yue asked" in page
    assert "and one question" in company.get("/company/briefs").text
    with transaction():
        question_id = db.session.scalars(select(BriefQuestion.id)).one()
    sent = {"answer": "Yes, if the pot isn’t in the others."}
    assert company.post(f"/company/questions/{question_id}", data=sent).status_code == 303
    visitor = client.application.test_client()
    sign_in(visitor, other)
    page = visitor.get(f"/briefs/{brief_id}").text
    assert "A creator asked" in page
    assert "May it be part of a series?" in page
    assert "Yes, if the pot isn’t in the others." in page
    assert "Lin Yue" not in page


def test_at_most_five_of_ones_questions_wait(context: None, client: Client) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand)
        asked = [ask_question(creator.actor, brief.id, f"Question {number}?") for number in range(5)]
        with pytest.raises(TooMany):
            ask_question(creator.actor, brief.id, "One more?")
        ask_question(other.actor, brief.id, "And I?")
        assert unanswered([brief.id]) == {brief.id: 6}
        answer_question(brand.actor, asked[0].id, "Yes.")
        ask_question(creator.actor, brief.id, "One more?")
        remove_question(brand.actor, asked[1].id)
        ask_question(creator.actor, brief.id, "And another?")
        brief_id = brief.id
    sign_in(client, creator)
    assert client.post(f"/briefs/{brief_id}/ask", data={"question": "Too many?"}).status_code == 429


def test_only_creators_ask_and_only_while_it_is_open(context: None) -> None:
    with transaction():
        brand, rival, creator = make_brand(), make_brand("Northmoss"), make_creator()
        unconfirmed = make_creator("Pan Qing", confirmed=False)
        brief = make_brief(brand)
        for actor in (brand.actor, rival.actor):
            with pytest.raises(NotAllowed):
                ask_question(actor, brief.id, "May I?")
        with pytest.raises(Invalid):
            ask_question(unconfirmed.actor, brief.id, "May I?")
        for wrong in ("", " \n ", "x" * (MOST_QUESTION + 1)):
            with pytest.raises(Invalid):
                ask_question(creator.actor, brief.id, wrong)
        with pytest.raises(NotFound):
            ask_question(creator.actor, make_brief(brand, opened=False).id, "May I?")
        close_brief(brand.actor, brief.id)
        with pytest.raises(Conflict):
            ask_question(creator.actor, brief.id, "May I?")


def test_only_the_briefs_own_brand_answers_and_removes(context: None, client: Client) -> None:
    with transaction():
        brand, rival, creator = make_brand(), make_brand("Northmoss"), make_creator()
        viewer = make_member(brand, "viewer")
        brief = make_brief(brand)
        question = ask_question(creator.actor, brief.id, "May I?")
        for actor in (rival.actor, creator.actor):
            with pytest.raises(NotFound):
                answer_question(actor, question.id, "No.")
            with pytest.raises(NotFound):
                remove_question(actor, question.id)
        with pytest.raises(NotAllowed):
            answer_question(viewer.actor, question.id, "No.")
        for wrong in ("", "x" * (MOST_ANSWER + 1)):
            with pytest.raises(Invalid):
                answer_question(brand.actor, question.id, wrong)
        question_id, brief_id = question.id, brief.id
    sign_in(client, brand)
    assert client.post(f"/company/questions/{question_id}", data={"answer": ""}).status_code == 422
    assert client.post(f"/company/questions/{question_id}/remove").status_code == 303
    assert "May I?" not in client.get(f"/briefs/{brief_id}").text
    assert client.get(f"/company/questions/{question_id}").status_code == 404
    assert client.post(f"/company/questions/{question_id}/remove").status_code == 404


def test_watched_words_are_not_put_before_everybody(context: None, client: Client) -> None:
    watch("lottery")
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = make_brief(brand).id
    sign_in(client, creator)
    answer = client.post(f"/briefs/{brief_id}/ask", data={"question": "Is it a LOTTERY?"})
    assert answer.status_code == 422
    assert "without these words: lottery" in answer.text
    with transaction():
        question = ask_question(creator.actor, brief_id, "Is it a game?")
        with pytest.raises(Invalid):
            answer_question(brand.actor, question.id, "It is a lottery.")


def test_the_two_sides_are_told_once_each(context: None, run_jobs: Callable[..., None]) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        kept, gone = (ask_question(creator.actor, brief.id, text) for text in ("May I?", "Are you mad?"))
        kept_id, gone_id = kept.id, gone.id
    run_jobs()
    with transaction():
        answer_question(brand.actor, kept_id, "Yes.")
        answer_question(brand.actor, kept_id, "Yes, of course.")
        remove_question(brand.actor, gone_id)
    run_jobs()
    with transaction():
        told = db.session.execute(select(Notification.user_id, Notification.kind).order_by(Notification.id)).all()
        found = [tuple(row) for row in told if row[1].startswith("brief.")]
        assert found == [
            (brand.user_id, "brief.question.asked"),
            (brand.user_id, "brief.question.asked"),
            (creator.user_id, "brief.question.answered"),
            (creator.user_id, "brief.question.removed"),
        ]
        listed = questions_about(creator.actor, db.session.scalars(select(Brief)).one())
        assert [(asked.question.answer, asked.asker, asked.mine) for asked in listed] == [
            ("Yes, of course.", None, True)
        ]
