"""Who hears of what happens in a deal, once, with what it asks of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.deals import service as deals
from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.deals.models import DealEvent
from marketplace.deals.service import post_message
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail
from marketplace.kit import clock
from marketplace.notifications import jobs
from marketplace.notifications.models import Notification
from tests.support import deals as steps
from tests.support.deals import DealSides, make_deal
from tests.support.market import make_admin, make_brand, make_creator, make_member

Jobs = Callable[..., None]


def told(user_id: int) -> list[str]:
    """The kinds a person was told, newest first."""
    db.session.rollback()
    query = select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id.desc())
    return list(db.session.scalars(query))


def mails(user_id: int) -> list[Mail]:
    """A person's mails about the market, newest first."""
    db.session.rollback()
    query = select(Mail).where(Mail.user_id == user_id).order_by(Mail.id.desc())
    return list(db.session.scalars(query))


def forget() -> None:
    with transaction():
        db.session.query(Notification).delete()
        db.session.query(Mail).delete()


def deal_in(state: State, run_jobs: Jobs) -> DealSides:
    """A deal in `state`, and nobody told of anything yet."""
    with transaction():
        sides = make_deal(state=state)
    run_jobs()
    forget()
    return sides


Step = Callable[[DealSides], object]


@pytest.mark.parametrize(
    ("state", "step", "hears"),
    [
        (State.NEGOTIATING, lambda s: steps.counter(s, s.brand.actor), (["deal.propose_terms.creator"], [])),
        (State.NEGOTIATING, steps.agree, (["deal.accept_terms.creator"], [])),
        (State.SIGNING, lambda s: steps.sign_as(s, s.creator.actor), ([], ["deal.sign.brand"])),
        (State.FUNDING, steps.fund, (["deal.fund.creator"], ["deal.fund.brand"])),
        (State.PRODUCTION, steps.hand_in, ([], ["deal.submit_draft.brand"])),
        (State.DRAFT_REVIEW, steps.send_back, (["deal.request_revision.creator"], [])),
        (State.DRAFT_REVIEW, steps.approve, (["deal.approve_draft.creator"], [])),
        (State.PUBLISHING, steps.publish, ([], ["deal.submit_publication.brand"])),
        (State.NEGOTIATING, lambda s: deals.cancel(s.creator.actor, s.id, "No time."), ([], ["deal.cancel.brand"])),
    ],
)
def test_the_other_side_hears_of_each_step_and_the_one_who_took_it_does_not(
    context: None, run_jobs: Jobs, state: State, step: Step, hears: tuple[list[str], list[str]]
) -> None:
    sides = deal_in(state, run_jobs)
    with transaction():
        step(sides)
    run_jobs()
    assert (told(sides.creator.user_id), told(sides.brand.user_id)) == hears


def test_the_second_signature_is_told_once_as_the_contract_signed_by_both(context: None, run_jobs: Jobs) -> None:
    with transaction():
        brand = make_brand()
        finance = make_member(brand, "finance")
        viewer = make_member(brand, "viewer")
        sides = make_deal(brand=brand, state=State.SIGNING)
    run_jobs()
    forget()
    with transaction():
        steps.sign_as(sides, sides.brand.actor)
        steps.sign_as(sides, sides.creator.actor)
    run_jobs()
    assert told(sides.brand.user_id) == ["deal.complete_signing.brand"]
    assert told(finance.user_id) == ["deal.complete_signing.brand"]
    assert told(viewer.user_id) == []


def test_a_colleague_hears_who_did_it_and_is_asked_for_nothing(context: None, run_jobs: Jobs) -> None:
    with transaction():
        brand = make_brand("Tidewell")
        manager = make_member(brand, "manager")
        sides = make_deal(brand=brand, state=State.DRAFT_REVIEW)
    run_jobs()
    forget()
    with transaction():
        steps.approve(sides)
    run_jobs()
    assert told(manager.user_id) == ["deal.approve_draft.brand"]
    assert mails(manager.user_id)[0].subject == "Tidewell owner approved the draft of “A week of suppers”"
    assert mails(sides.creator.user_id)[0].subject == "Tidewell approved the draft of “A week of suppers”"


def test_a_mail_has_one_fact_one_deadline_and_one_button(context: None, run_jobs: Jobs, app: Flask) -> None:
    with transaction():
        sides = make_deal(make_creator("Lin <b>Yue"), state=State.PRODUCTION, title="Suppers & more")
    run_jobs()
    forget()
    with transaction():
        reader = db.session.get_one(User, sides.brand.user_id)
        reader.timezone = "America/New_York"
        steps.hand_in(sides)
    run_jobs()
    (mail,) = mails(sides.brand.user_id)
    row = db.session.scalars(select(Notification).where(Notification.user_id == sides.brand.user_id)).one()
    assert mail.subject == "Lin <b>Yue handed in a draft of “Suppers & more”"
    assert "Lin &lt;b&gt;Yue" in mail.body_html
    assert "<b>Yue" not in mail.body_html
    assert "Suppers & more" in mail.body_text
    assert mail.body_text.count("http") == 3, "the page, the preferences, the foot"
    assert (
        f"{app.config['PREFERRED_URL_SCHEME']}://{app.config['SERVER_NAME']}/notifications/{row.id}" in mail.body_text
    )
    assert mail.body_html.count('class="button"') == 1
    assert "¥12,000.00" in mail.body_text
    deadline = steps.current(sides).deadline_at
    assert deadline is not None
    assert row.details["deadline"]["at"] == deadline.isoformat()


def test_a_job_that_runs_twice_tells_once(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.PRODUCTION, run_jobs)
    with transaction():
        steps.hand_in(sides)
    run_jobs()
    event_id = db.session.scalar(select(func.max(DealEvent.id)))
    assert event_id is not None
    for _ in range(2):
        jobs.tell_deal_event(event_id)
    assert told(sides.brand.user_id) == ["deal.submit_draft.brand"]
    assert len(mails(sides.brand.user_id)) == 1


def test_news_that_came_too_late_asks_for_nothing(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.PRODUCTION, run_jobs)
    with transaction():
        steps.hand_in(sides)
        steps.approve(sides)
    run_jobs()
    assert told(sides.brand.user_id) == ["deal.submit_draft.plain"]


def test_the_clock_is_named_when_nobody_answered(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.DRAFT_REVIEW, run_jobs)
    with clock.at(clock.now() + timedelta(days=6)):
        with transaction():
            assert enforce_deadline(sides.id) is not None
        run_jobs()
    assert told(sides.creator.user_id) == ["deal.approve_draft_by_clock.creator"]
    assert told(sides.brand.user_id) == ["deal.approve_draft_by_clock.brand"]
    assert "nobody answered in time" in mails(sides.creator.user_id)[0].subject


def test_a_dispute_reaches_the_other_side_and_the_administrators_with_the_case(context: None, run_jobs: Jobs) -> None:
    with transaction():
        admin = make_admin("Arbiter Gu")
        sides = make_deal(state=State.PRODUCTION)
    run_jobs()
    forget()
    with transaction():
        dispute_id = open_a_dispute(sides.brand.actor, sides.id)
    run_jobs()
    assert told(sides.creator.user_id) == ["dispute.opened.side"]
    assert told(sides.brand.user_id) == []
    assert admin.user_id is not None
    assert told(admin.user_id) == ["dispute.opened.admin"]
    rows = db.session.scalars(select(Notification)).all()
    assert {row.values["dispute_id"] for row in rows} == {dispute_id}


def open_a_dispute(actor: Actor, deal_id: int) -> int:
    return open_dispute(actor, deal_id, DisputeReason.LATE, Claim("Nothing came.")).id


def test_who_has_not_confirmed_has_a_bell_but_gets_no_mail(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.PRODUCTION, run_jobs)
    with transaction():
        db.session.get_one(User, sides.brand.user_id).email_confirmed_at = None
        steps.hand_in(sides)
    run_jobs()
    assert told(sides.brand.user_id) == ["deal.submit_draft.brand"]
    assert mails(sides.brand.user_id) == []


def test_a_suspended_person_is_told_nothing(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.PRODUCTION, run_jobs)
    with transaction():
        db.session.get_one(User, sides.brand.user_id).suspended_at = clock.now()
        steps.hand_in(sides)
    run_jobs()
    assert told(sides.brand.user_id) == []


@pytest.mark.parametrize(
    ("state", "creator", "brand"),
    [
        (State.SIGNING, "deadline.half.signing.creator", "deadline.half.signing.brand"),
        (State.FUNDING, None, "deadline.half.funding.brand"),
        (State.PRODUCTION, "deadline.half.production.creator", None),
        (State.DRAFT_REVIEW, None, "deadline.half.draft_review.brand"),
        (State.PUBLISHING, None, None),
        (State.ACCEPTANCE, None, "deadline.half.acceptance.brand"),
    ],
)
def test_a_deadline_reminds_whoever_the_deal_waits_for_once(
    context: None, run_jobs: Jobs, state: State, creator: str | None, brand: str | None
) -> None:
    sides = deal_in(state, run_jobs)
    for _ in range(2):
        jobs.tell_deadline(sides.id, "half")
    assert told(sides.creator.user_id) == ([creator] if creator else [])
    assert told(sides.brand.user_id) == ([brand] if brand else [])


def test_who_has_signed_is_not_reminded_to_sign(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.SIGNING, run_jobs)
    with transaction():
        steps.sign_as(sides, sides.creator.actor)
    jobs.tell_deadline(sides.id, "day")
    assert told(sides.creator.user_id) == []
    assert told(sides.brand.user_id) == ["deadline.day.signing.brand"]


def test_a_deadline_that_is_over_reminds_nobody(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.DRAFT_REVIEW, run_jobs)
    with clock.at(clock.now() + timedelta(days=30)):
        jobs.tell_deadline(sides.id, "day")
    assert told(sides.brand.user_id) == []


def test_a_conversation_rings_once_an_hour_until_it_is_read(context: None, run_jobs: Jobs) -> None:
    sides = deal_in(State.PRODUCTION, run_jobs)
    with transaction():
        for words in ("First\n\nline", "Second"):
            post_message(sides.creator.actor, sides.id, words)
    run_jobs()
    assert told(sides.brand.user_id) == ["message"]
    assert told(sides.creator.user_id) == []
    assert "“First line”" in mails(sides.brand.user_id)[0].body_text
    with clock.at(clock.now() + timedelta(minutes=61)):
        with transaction():
            post_message(sides.creator.actor, sides.id, "x" * 3000)
        run_jobs()
    assert told(sides.brand.user_id) == ["message"] * 2
    assert len(mails(sides.brand.user_id)[0].body_text) < 800


def test_an_event_that_never_was_breaks_nothing(context: None) -> None:
    jobs.tell_deal_event(999)
    jobs.tell_deadline(999, "half")
    jobs.tell_message(999)
    jobs.tell_selection(999, "made")
    jobs.tell_reading(999)
    jobs.tell_money("refunded", 999, None, 1, "CNY")
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 0
