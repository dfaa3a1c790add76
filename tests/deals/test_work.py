"""Drafts, revisions, publication, messages, and the end of a deal before it is paid."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from marketplace.accounts.actor import SYSTEM
from marketplace.deals import service
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import DealSide, DeliveryKind, Verdict
from marketplace.deals.policy import available_actions, can
from marketplace.deals.queries import deliveries_of, events_of, messages_of, newest_delivery
from marketplace.infra.db import transaction
from marketplace.infra.storage import store_file
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.deals import approve, current, hand_in, in_days, make_deal, publish, send_back
from tests.support.market import make_admin, make_creator, make_member

pytestmark = pytest.mark.usefixtures("context")


def test_the_draft_is_due_at_the_end_of_its_day_plus_the_grace() -> None:
    with transaction():
        sides = make_deal(state=State.PRODUCTION)
    end = datetime.combine(in_days(14 + 1 + 3), time(0), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assert current(sides).deadline_at == end


def test_a_draft_goes_back_as_often_as_the_terms_say() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
        send_back(sides)
        hand_in(sides)
        send_back(sides, "And the sound.")
        hand_in(sides)
    deal = current(sides)
    assert (deal.revisions_used, deal.state) == (2, State.DRAFT_REVIEW)
    assert Action.REQUEST_REVISION not in available_actions(deal, sides.brand.actor)
    with pytest.raises(Conflict, match="All revisions"), transaction():
        send_back(sides)
    assert [(d.number, d.verdict) for d in deliveries_of(sides.id)] == [
        (1, Verdict.REVISION),
        (2, Verdict.REVISION),
        (3, Verdict.WAITING),
    ]


def test_after_a_revision_there_is_at_least_the_grace() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
    late = clock.now() + timedelta(days=40)
    with clock.at(late), transaction():
        send_back(sides)
    assert current(sides).deadline_at == late + timedelta(days=3)


def test_a_revision_says_what_should_change() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
    with pytest.raises(Invalid) as refused, transaction():
        send_back(sides, "  ")
    assert refused.value.field == "note"
    assert current(sides).revisions_used == 0


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.com/a",
        "example.com/a",
        "https://",
        "https://localhost/a",
        "https://me:secret@example.com/",
        "https://example.com/a b",
        "https://example.com:99999/",
        "https://[oops/",
        "https://example.com/" + "a" * 2000,
        "https://example.com/\x00",
    ],
)
def test_a_link_is_one_that_a_browser_opens(url: str) -> None:
    with transaction():
        sides = make_deal(state=State.PUBLISHING)
    with pytest.raises(Invalid) as refused, transaction():
        publish(sides, url)
    assert refused.value.field == "url"
    assert newest_delivery(sides.id, DeliveryKind.PUBLICATION) is None


def test_a_draft_is_a_link_or_a_file() -> None:
    with transaction():
        sides = make_deal(state=State.PRODUCTION)
    with pytest.raises(Invalid), transaction():
        service.submit_draft(sides.creator.actor, sides.id)
    with transaction():
        stored = store_file("draft.mp4", "video/mp4", b"film")
        service.submit_draft(sides.creator.actor, sides.id, file=stored)
    assert [(d.url, d.file_id) for d in deliveries_of(sides.id)] == [("", stored.id)]


def test_silence_approves_as_the_clock() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
        service.approve_draft(SYSTEM, sides.id)
    deal = current(sides)
    assert (deal.state, deal.deadline_at) == (State.PUBLISHING, None)
    last = events_of(sides.id)[-1]
    assert (last.side, last.user_id, last.actor_name) == (DealSide.CLOCK, None, "Mutuals")


def test_publication_starts_the_clock_of_acceptance() -> None:
    with transaction():
        sides = make_deal(state=State.ACCEPTANCE)
    deal = current(sides)
    assert deal.deadline_at == deal.state_since + timedelta(days=7)


def test_a_second_click_finds_the_deal_moved_on() -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
        approve(sides)
    before = len(events_of(sides.id))
    with pytest.raises(Conflict), transaction():
        approve(sides)
    assert len(events_of(sides.id)) == before


def test_cancelling_late_is_possible_only_after_the_grace() -> None:
    with transaction():
        sides = make_deal(state=State.PRODUCTION)
    deal = current(sides)
    assert deal.deadline_at is not None
    assert not can(sides.brand.actor, Action.CANCEL_LATE, deal)
    with clock.at(deal.deadline_at):
        assert can(sides.brand.actor, Action.CANCEL_LATE, deal)
        assert not can(sides.creator.actor, Action.CANCEL_LATE, deal)


def test_either_side_ends_an_unpaid_deal_and_says_why() -> None:
    with transaction():
        sides = make_deal(state=State.FUNDING)
    with pytest.raises(Invalid) as refused, transaction():
        service.cancel(sides.creator.actor, sides.id, " ")
    assert refused.value.field == "why"
    with transaction():
        service.cancel(sides.creator.actor, sides.id, "I fell ill.")
    assert (current(sides).state, events_of(sides.id)[-1].why) == (State.CANCELLED, "I fell ill.")
    with transaction():
        paid = make_deal(state=State.PRODUCTION)
    with pytest.raises(Conflict), transaction():
        service.cancel(paid.creator.actor, paid.id, "Too late.")


def test_the_same_words_twice_are_one_message() -> None:
    with transaction():
        sides = make_deal()
        first = service.post_message(sides.creator.actor, sides.id, "Hello")
        assert service.post_message(sides.creator.actor, sides.id, " Hello ").id == first.id
        service.post_message(sides.brand.actor, sides.id, "Hello")
    with clock.at(clock.now() + timedelta(minutes=1)), transaction():
        service.post_message(sides.creator.actor, sides.id, "Hello")
    messages, total = messages_of(sides.id, 10)
    assert ([message.side for message in messages], total) == ([DealSide.CREATOR, DealSide.BRAND, DealSide.CREATOR], 3)


def test_only_the_two_sides_write() -> None:
    with transaction():
        sides = make_deal()
        admin, viewer, stranger = make_admin(), make_member(sides.brand, "viewer").actor, make_creator("Zhou Mo").actor
    for actor, refusal in ((admin, NotAllowed), (viewer, NotAllowed), (stranger, NotFound)):
        with pytest.raises(refusal), transaction():
            service.post_message(actor, sides.id, "Hello")
    for body in ("", "  ", "x" * 4001):
        with pytest.raises(Invalid), transaction():
            service.post_message(sides.creator.actor, sides.id, body)
