"""Answering: yes, no, taking it back; each once, by the right side, and not after its time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from marketplace.briefs.service import close_brief
from marketplace.creators.models import Creator
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.applicants import ApplicantOrder, list_applicants
from marketplace.matching.inbox import count_drawers, list_selections
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.policy import Step, available_steps
from marketplace.matching.queries import Tab, get_selection
from marketplace.matching.service import book_package, close_as_accepted, decline, invite_creator, withdraw
from marketplace.offers.service import pause_offer
from tests.support.market import (
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    make_offer,
    told_of_selections,
)


def test_the_brand_accepts_an_application_and_a_place_is_filled(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand, brief_facts(slots=2))
        selection = make_application(creator, brief.id)
        with pytest.raises(NotAllowed):
            close_as_accepted(creator.actor, selection.id)
        with pytest.raises(NotAllowed):
            close_as_accepted(make_member(brand, "viewer").actor, selection.id)
        close_as_accepted(brand.actor, selection.id)
        assert (selection.status, selection.answered_by) == (SelectionStatus.ACCEPTED, brand.user_id)
        assert (brief.slots_filled, selection.remind_at) == (1, None)
        for again in (close_as_accepted, withdraw):
            with pytest.raises(Conflict if again is close_as_accepted else NotAllowed):
                again(brand.actor, selection.id)
        with pytest.raises(Conflict):
            withdraw(creator.actor, selection.id)
        with pytest.raises(Conflict, match="already work together"):
            make_application(creator, brief.id)


def test_the_creator_answers_invitations_and_bookings(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        invitation = invite_creator(brand.actor, creator.id, brief.id, Money(9_000_00), "Come.")
        booking = book_package(brand.actor, make_offer(creator).packages[0].id)
        for selection in (invitation, booking):
            assert available_steps(selection, creator.actor) == [Step.ACCEPT, Step.DECLINE]
            assert available_steps(selection, brand.actor) == [Step.WITHDRAW]
            with pytest.raises(NotAllowed):
                close_as_accepted(brand.actor, selection.id)
            close_as_accepted(creator.actor, selection.id)
            assert available_steps(selection, creator.actor) == []
        assert brief.slots_filled == 1


def test_a_booking_for_a_brief_takes_a_place_there(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        booking = book_package(brand.actor, make_offer(creator).packages[0].id, "", brief.id)
        close_as_accepted(creator.actor, booking.id)
        assert brief.slots_filled == 1


def test_what_changed_meanwhile_stops_the_acceptance(context: None) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand, brief_facts(slots=1))
        first, second = make_application(creator, brief.id), make_application(other, brief.id)
        close_as_accepted(brand.actor, first.id)
        with pytest.raises(Conflict, match="last place"):
            close_as_accepted(brand.actor, second.id)
        closed = make_brief(brand)
        third = make_application(creator, closed.id)
        close_brief(brand.actor, closed.id)
        with pytest.raises(Conflict, match="closed"):
            close_as_accepted(brand.actor, third.id)
        offer = make_offer(creator)
        booking = book_package(brand.actor, offer.packages[0].id)
        pause_offer(creator.actor, offer.id)
        with pytest.raises(Conflict, match="no longer listed"):
            close_as_accepted(creator.actor, booking.id)
        fourth = make_application(other, make_brief(brand).id)
        db.session.execute(update(Creator).where(Creator.id == other.id).values(verified_fans=10_000, eligible=False))
        with pytest.raises(Conflict, match="verified fans"):
            close_as_accepted(brand.actor, fourth.id)
        assert {one.status for one in (second, third, fourth, booking)} == {SelectionStatus.OPEN}


def test_time_that_has_passed_ends_everything_before_the_job_does(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        selection = make_application(creator, make_brief(brand).id)
        with clock.at(selection.expires_at - timedelta(seconds=1)):
            assert available_steps(selection, brand.actor) == [Step.ACCEPT, Step.DECLINE]
        with clock.at(selection.expires_at):
            assert available_steps(selection, brand.actor) == []
            steps: list[Callable[[], object]] = [
                lambda: close_as_accepted(brand.actor, selection.id),
                lambda: decline(brand.actor, selection.id, "Too late."),
                lambda: withdraw(creator.actor, selection.id),
            ]
            for refused in steps:
                with pytest.raises(Conflict, match="time to answer has passed"):
                    refused()


def test_declining_needs_a_reason_and_happens_once(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        selection = make_application(creator, make_brief(brand).id)
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(Invalid) as refused:
                decline(brand.actor, selection.id, reason)
            assert refused.value.field == "reason"
        with pytest.raises(NotAllowed):
            decline(creator.actor, selection.id, "No.")
        decline(brand.actor, selection.id, " We look for drier humour. ")
        assert (selection.status, selection.decline_reason) == (SelectionStatus.DECLINED, "We look for drier humour.")
        with pytest.raises(Conflict):
            decline(brand.actor, selection.id, "Again.")
        assert told_of_selections() == ["made", "declined"]


def test_anothers_selection_is_not_found(context: None) -> None:
    with transaction():
        brand, creator, other, rival = make_brand(), make_creator(), make_creator("Gu Wen"), make_brand("Northmoss")
        brief = make_brief(brand)
        selection = make_application(creator, brief.id)
        make_application(other, brief.id)
        for stranger in (other.actor, rival.actor):
            for reach in (get_selection, withdraw, close_as_accepted):
                with pytest.raises(NotFound):
                    reach(stranger, selection.id)
            with pytest.raises(NotFound):
                decline(stranger, selection.id, "No.")


def test_drawers_hold_what_waits_for_whom(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        application = make_application(creator, make_brief(brand).id)
        invitation = invite_creator(brand.actor, creator.id, make_brief(brand).id, Money(9_000_00), "Come.")
        gone = make_application(creator, make_brief(brand).id)
        withdraw(creator.actor, gone.id)

        def ids(actor: object, tab: Tab) -> list[int]:
            return [selection.id for selection in list_selections(actor, tab).selections]  # type: ignore[arg-type]

        assert ids(brand.actor, Tab.ANSWER) == ids(creator.actor, Tab.WAITING) == [application.id]
        assert ids(creator.actor, Tab.ANSWER) == ids(brand.actor, Tab.WAITING) == [invitation.id]
        assert ids(creator.actor, Tab.CLOSED) == ids(brand.actor, Tab.CLOSED) == [gone.id]
        assert count_drawers(brand.actor).waiting == {Tab.ANSWER: 1, Tab.WAITING: 1}
        stranger = make_creator("Gu Wen").actor
        assert [ids(stranger, tab) for tab in Tab] == [[], [], []]


def test_what_was_answered_never_opens_again(context: None) -> None:
    with transaction():
        selection = make_application(make_creator(), make_brief(make_brand()).id)
        assert list_applicants(selection.brief_id or 0, ApplicantOrder.NEWEST).total == 1
    with pytest.raises(IntegrityError, match="answered_once_closed"), transaction():
        db.session.execute(update(Selection).values(status=SelectionStatus.DECLINED))
