"""Opening a deal and agreeing on its terms."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.briefs.policy import platform_today
from marketplace.deals import service
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import DealSide, Terms
from marketplace.deals.queries import events_of, newest_terms, terms_of
from marketplace.deals.terms import LARGEST_PRICE, StaleTerms
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from tests.support.deals import agree, counter, current, in_days, make_deal, terms_input
from tests.support.market import brief_facts, make_application, make_brand, make_brief, make_creator, make_member

pytestmark = pytest.mark.usefixtures("context")


def test_a_returned_application_opens_a_deal_with_the_creators_offer_as_terms_1() -> None:
    with transaction():
        sides = make_deal(price=9_000_00)
    deal, terms = current(sides), newest_terms(sides.id)
    assert (deal.state, deal.proposed_by, deal.deadline_at) == (
        State.NEGOTIATING,
        DealSide.CREATOR,
        deal.created_at + timedelta(days=14),
    )
    assert (terms.number, terms.price, terms.revisions) == (1, Money(9_000_00), 2)
    assert (terms.draft_due_on, terms.publish_on) == (in_days(14), in_days(21))
    (event,) = events_of(sides.id)
    assert (event.action, event.side, event.from_state) == (Action.OPEN, DealSide.BRAND, None)


def test_a_briefs_last_day_draws_the_days_nearer() -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        last = platform_today() + timedelta(days=10)
        brief = make_brief(brand, brief_facts(apply_by=platform_today() + timedelta(days=2), publish_by=last))
        selection = make_application(creator, brief.id)
        deal = service.accept_selection(brand.actor, selection.id)
    terms = newest_terms(deal.id)
    assert (terms.draft_due_on, terms.publish_on) == (in_days(3), last)


def test_a_selection_opens_one_deal_however_often_it_is_returned() -> None:
    with transaction():
        sides = make_deal()
    with pytest.raises(Conflict), transaction():
        service.accept_selection(sides.brand.actor, current(sides).selection_id)


def test_both_sides_propose_in_turn_and_the_clock_starts_anew() -> None:
    with transaction():
        sides = make_deal()
    later = clock.now() + timedelta(days=5)
    with clock.at(later), transaction():
        assert counter(sides, sides.brand.actor, price=Money(10_000_00)) == 2
        assert counter(sides, sides.creator.actor, price=Money(11_000_00)) == 3
    deal = current(sides)
    assert deal.proposed_by is DealSide.CREATOR
    assert deal.deadline_at == later + timedelta(days=14)
    assert [terms.price.amount for terms in terms_of(sides.id)] == [12_000_00, 10_000_00, 11_000_00]


def test_a_side_may_replace_its_own_unanswered_terms() -> None:
    with transaction():
        sides = make_deal()
        assert counter(sides, sides.creator.actor, price=Money(13_000_00)) == 2
    with pytest.raises(NotAllowed), transaction():
        service.accept_terms(sides.creator.actor, sides.id, 2)


def test_a_stale_proposal_changes_nothing() -> None:
    with transaction():
        sides = make_deal()
        counter(sides, sides.brand.actor, price=Money(10_000_00))
    with pytest.raises(StaleTerms), transaction():
        service.propose_terms(sides.creator.actor, sides.id, terms_input(sides, price=Money(1_00)), based_on=1)
    with pytest.raises(StaleTerms), transaction():
        service.accept_terms(sides.creator.actor, sides.id, 1)
    assert newest_terms(sides.id).number == 2
    assert current(sides).state is State.NEGOTIATING


def test_the_same_terms_again_are_no_proposal() -> None:
    with transaction():
        sides = make_deal()
    same = newest_terms(sides.id)
    with pytest.raises(Invalid, match="Nothing differs"), transaction():
        service.propose_terms(sides.brand.actor, sides.id, terms_input(sides, note="Again", price=same.price), 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("deliverables", "  \n"),
        ("price", Money(0)),
        ("price", Money(-1)),
        ("price", Money(LARGEST_PRICE + 1)),
        ("price", Money(5_000_00, "USD")),
        ("revisions", -1),
        ("revisions", 21),
        ("draft_due_on", None),
    ],
)
def test_terms_that_cannot_be_agreed_are_refused_beside_the_field(field: str, value: object) -> None:
    with transaction():
        sides = make_deal()
    changed = {field: value if value is not None else in_days(-1)}
    with pytest.raises(Invalid) as refused, transaction():
        counter(sides, sides.brand.actor, **changed)
    assert refused.value.field == field
    assert newest_terms(sides.id).number == 1


def test_publishing_comes_after_the_draft_and_within_two_years() -> None:
    with transaction():
        sides = make_deal()
    for day in (in_days(13), in_days(800)):
        with pytest.raises(Invalid) as refused, transaction():
            counter(sides, sides.brand.actor, publish_on=day)
        assert refused.value.field == "publish_on"


def test_accepting_makes_the_contract_and_asks_for_signatures() -> None:
    with transaction():
        sides = make_deal()
        agree(sides)
    deal = current(sides)
    assert deal.state is State.SIGNING
    assert deal.accepted_terms is not None
    assert deal.contract_id is not None
    assert deal.deadline_at == deal.state_since + timedelta(days=7)


def test_terms_whose_day_has_passed_are_not_accepted() -> None:
    with transaction():
        sides = make_deal()
        counter(sides, sides.creator.actor, draft_due_on=in_days(1))
    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(Invalid, match="new dates"), transaction():
        service.accept_terms(sides.brand.actor, sides.id, 2)
    assert current(sides).contract_id is None


def test_members_without_the_right_and_strangers_are_refused() -> None:
    with transaction():
        sides, other = make_deal(), make_brand("Lumen Bikes")
        viewer, finance = make_member(sides.brand, "viewer"), make_member(sides.brand, "finance")
    for member in (viewer, finance):
        with pytest.raises(NotAllowed), transaction():
            service.accept_terms(member.actor, sides.id, 1)
    with pytest.raises(NotFound), transaction():
        service.accept_terms(other.actor, sides.id, 1)


def test_terms_never_change_once_proposed() -> None:
    with transaction():
        sides = make_deal()
        before = db.session.execute(select(Terms.__table__).where(Terms.id == newest_terms(sides.id).id)).one()
        counter(sides, sides.brand.actor)
        agree(sides)
    assert db.session.execute(select(Terms.__table__).where(Terms.id == before.id)).one() == before
