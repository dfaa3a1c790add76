"""Two people, two tabs, a person and the clock: one effect, and a Conflict for the slower."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from marketplace.accounts.actor import SYSTEM
from marketplace.deals import service
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Verdict
from marketplace.deals.queries import deal_of_selection, deliveries_of, events_of, terms_of
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, DomainError
from marketplace.kit.money import Money
from tests.support.deals import DealSides, current, earned_this_month, make_deal, sign_as, terms_input
from tests.support.market import make_application, make_brand, make_brief, make_creator, make_member

pytestmark = pytest.mark.usefixtures("context")


def _at_once(app: Flask, *verbs: Callable[[], object]) -> list[str]:
    """Run each in a thread and transaction of its own, all starting together; what became of each, sorted."""
    found: list[str] = []
    start = threading.Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    verb()
                found.append("done")
            except DomainError as refused:
                found.append("conflict" if isinstance(refused, Conflict) else type(refused).__name__)

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return sorted(found)


def _count(sides: DealSides, action: Action) -> int:
    return sum(event.action is action for event in events_of(sides.id))


def test_two_members_accept_at_once(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        manager = make_member(sides.brand, "manager").actor
    actors = (sides.brand.actor, manager)
    assert _at_once(app, *(lambda a=a: service.accept_terms(a, sides.id, 1) for a in actors)) == ["conflict", "done"]
    assert _count(sides, Action.ACCEPT_TERMS) == 1


def test_both_sides_propose_at_once(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        first, second = (terms_input(sides, price=Money(amount)) for amount in (10_000_00, 11_000_00))
    assert _at_once(
        app,
        lambda: service.propose_terms(sides.creator.actor, sides.id, first, 1),
        lambda: service.propose_terms(sides.brand.actor, sides.id, second, 1),
    ) == ["conflict", "done"]
    assert [terms.number for terms in terms_of(sides.id)] == [1, 2]


def test_one_side_proposes_while_the_other_accepts(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        other = terms_input(sides, price=Money(13_000_00))
    assert _at_once(
        app,
        lambda: service.propose_terms(sides.creator.actor, sides.id, other, 1),
        lambda: service.accept_terms(sides.brand.actor, sides.id, 1),
    ) == ["conflict", "done"]
    agreed = current(sides).accepted_terms
    assert agreed is None or agreed.price == Money(12_000_00)


def test_both_sign_at_once_and_the_deal_is_signed_once(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING, price=6_000_00)
    actors = (sides.creator.actor, sides.brand.actor)
    assert _at_once(app, *(lambda a=a: sign_as(sides, a) for a in actors)) == ["done", "done"]
    assert (current(sides).state, _count(sides, Action.COMPLETE_SIGNING)) == (State.FUNDING, 1)
    assert earned_this_month(sides.creator.id) == Money(6_000_00)


def test_one_side_signs_twice_at_once(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    assert _at_once(app, *[lambda: sign_as(sides, sides.creator.actor)] * 3) == ["conflict", "conflict", "done"]
    assert _count(sides, Action.SIGN) == 1


def test_two_deals_of_one_creator_signed_at_once_share_the_month(app: Flask) -> None:
    with transaction():
        creator = make_creator()
        both = [make_deal(creator, price=4_000_00, state=State.SIGNING) for _ in range(2)]
        for sides in both:
            sign_as(sides, creator.actor)
    assert _at_once(app, *(lambda s=s: sign_as(s, s.brand.actor) for s in both)) == ["done", "done"]
    fees = []
    for sides in both:
        quote = current(sides).quote
        assert quote is not None
        fees.append(sum(line["amount"] for line in quote["creator_lines"]))
    assert sorted(fees) == [0, 300_00]


def test_the_brand_answers_as_the_clock_does(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.DRAFT_REVIEW)
    assert _at_once(
        app,
        lambda: service.request_revision(sides.brand.actor, sides.id, "Quieter."),
        lambda: service.approve_draft(SYSTEM, sides.id),
    ) == ["conflict", "done"]
    (draft,) = deliveries_of(sides.id)
    assert draft.verdict is (Verdict.APPROVED if current(sides).state is State.PUBLISHING else Verdict.REVISION)


def test_a_draft_sent_twice_is_handed_in_once(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.PRODUCTION)

    def hand_in() -> None:
        service.submit_draft(sides.creator.actor, sides.id, url="https://example.com/draft")

    assert _at_once(app, hand_in, hand_in) == ["conflict", "done"]
    assert len(deliveries_of(sides.id)) == 1


def test_a_message_sent_twice_is_written_once(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    ids: list[int] = []

    def write() -> None:
        ids.append(service.post_message(sides.creator.actor, sides.id, "Hello").id)

    assert _at_once(app, write, write) == ["done", "done"]
    assert len(set(ids)) == 1


def test_one_selection_returned_by_two_members_opens_one_deal(app: Flask) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        manager = make_member(brand, "manager").actor
        selection_id = make_application(creator, make_brief(brand).id).id
    actors = (brand.actor, manager)
    verbs = (lambda a=a: service.accept_selection(a, selection_id) for a in actors)
    assert _at_once(app, *verbs) == ["conflict", "done"]
    assert deal_of_selection(creator.actor, selection_id).state is State.NEGOTIATING
