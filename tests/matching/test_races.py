"""Two at once, on real connections: one effect, and a clear refusal for whoever was later."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from marketplace.briefs.models import Brief
from marketplace.briefs.policy import platform_today
from marketplace.briefs.service import close_brief
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.deals.service import accept_selection
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict
from marketplace.kit.money import Money
from marketplace.matching.jobs import expire_selections, lapse_selections
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.matching.service import (
    apply_to_brief,
    book_package,
    close_as_accepted,
    decline,
    invite_creator,
    invite_many,
    withdraw,
)
from marketplace.offers.models import Engagement
from tests.support.market import (
    BrandSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    make_offer,
)
from tests.support.racing import race


def _statuses() -> list[SelectionStatus]:
    return sorted(db.session.scalars(select(Selection.status)))


def test_the_last_place_goes_to_one(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(slots=1))
        ids = [make_application(make_creator(f"Creator {number}"), brief.id).id for number in range(4)]
        brief_id = brief.id
    outcomes = race(app, *(lambda one=one: close_as_accepted(brand.actor, one) for one in ids))
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.get_one(Brief, brief_id).slots_filled == 1
        assert _statuses() == [SelectionStatus.ACCEPTED, *[SelectionStatus.OPEN] * 3]


def test_one_application_is_accepted_once(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(slots=5))
        selection_id, brief_id = make_application(make_creator(), brief.id).id, brief.id
    outcomes = race(app, *[lambda: close_as_accepted(brand.actor, selection_id)] * 3)
    assert sorted(outcomes) == ["Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.get_one(Brief, brief_id).slots_filled == 1


def test_a_creator_applies_once_however_often_they_press(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        brief_id = make_brief(brand).id
    outcomes = race(
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
    assert sorted(race(app, *[lambda: book_package(brand.actor, package_id)] * 3)) == ["Conflict", "Conflict", "done"]


def test_yes_no_and_taking_back_at_once_have_one_effect(app: Flask) -> None:
    with app.app_context(), transaction():
        creator, brand = make_creator(), make_brand()
        selection_id = make_application(creator, make_brief(brand).id).id
    outcomes = race(
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
    outcomes = race(
        app,
        lambda: close_as_accepted(brand.actor, selection_id),
        lambda: apply_to_brief(creator.actor, brief_id, Money(9_000_00), "Me."),
        lambda: close_brief(brand.actor, brief_id),
    )
    assert set(outcomes) <= {"done", Conflict.__name__}
    assert outcomes[2] == "done"


def _brief_of(brand: BrandSide, slots: int, total: int | None = None) -> int:
    facts = brief_facts(slots=slots)
    return make_brief(brand, replace(facts, total=Money(total)) if total is not None else facts).id


def _counted(brief_id: int) -> tuple[int, int, int, int]:
    brief = db.session.get_one(Brief, brief_id)
    return brief.slots_held, brief.slots_filled, brief.held_amount, brief.committed_amount


def test_an_invitation_and_a_yes_never_take_the_same_place(app: Flask) -> None:
    with app.app_context(), transaction():
        brand, asked = make_brand(), make_creator("Gu Wen")
        brief_id = _brief_of(brand, 1)
        application_id = make_application(make_creator(), brief_id).id
    outcomes = race(
        app,
        lambda: accept_selection(brand.actor, application_id),
        lambda: invite_creator(brand.actor, asked.id, brief_id, Money(9_000_00), "Come."),
    )
    assert sorted(outcomes) == ["Conflict", "done"]
    with app.app_context(), transaction():
        held, filled, *_amounts = _counted(brief_id)
        assert held + filled == 1


def test_invitations_at_once_stay_within_the_budget(app: Flask) -> None:
    with app.app_context(), transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(4)]
        brief_id = _brief_of(brand, 10, 20_000_00)
    outcomes = race(
        app,
        *(lambda one=one: invite_creator(brand.actor, one.id, brief_id, Money(9_000_00), "Come.") for one in creators),
    )
    assert sorted(outcomes) == ["Conflict", "Conflict", "done", "done"]
    with app.app_context(), transaction():
        assert _counted(brief_id) == (2, 0, 18_000_00, 0)


def test_two_crowds_are_invited_at_once_in_any_order(app: Flask) -> None:
    with app.app_context(), transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(3)]
        brief_id = _brief_of(brand, 4)
        ids = [creator.id for creator in creators]
    wanted = [(creator_id, Money(9_000_00)) for creator_id in ids]
    outcomes = race(
        app,
        lambda: invite_many(brand.actor, brief_id, wanted, "Come."),
        lambda: invite_many(brand.actor, brief_id, wanted[::-1], "Come."),
    )
    assert outcomes == ["done", "done"]
    with app.app_context(), transaction():
        assert _counted(brief_id) == (3, 0, 27_000_00, 0)


def test_two_members_answer_at_once(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        member, brief_id = make_member(brand, "manager"), _brief_of(brand, 2)
        selection_id = make_application(make_creator(), brief_id).id
    outcomes = race(
        app,
        lambda: accept_selection(brand.actor, selection_id),
        lambda: accept_selection(member.actor, selection_id),
        lambda: decline(member.actor, selection_id, "No."),
    )
    assert sorted(outcomes) == ["Conflict", "Conflict", "done"]
    with app.app_context(), transaction():
        deals = db.session.scalars(select(Deal)).all()
        assert len(deals) == _counted(brief_id)[1]
        assert len(deals) == (0 if outcomes[2] == "done" else 1)


def test_a_brief_that_closes_meanwhile_keeps_no_hold(app: Flask) -> None:
    with app.app_context(), transaction():
        brand, creator = make_brand(), make_creator()
        brief_id = _brief_of(brand, 2)
        invitation = invite_creator(brand.actor, creator.id, brief_id, Money(9_000_00), "Come.")
        invitation_id = invitation.id

    def close() -> None:
        close_brief(brand.actor, brief_id)

    outcomes = race(app, close, lambda: accept_selection(creator.actor, invitation_id))
    assert outcomes[0] == "done"
    with app.app_context():
        lapse_selections(brief_id)
        with transaction():
            held, filled, *_amounts = _counted(brief_id)
            assert (held, filled) == (0, 1 if outcomes[1] == "done" else 0)


def test_a_creator_who_loses_eligibility_meanwhile_gets_no_deal_after_it(app: Flask) -> None:
    with app.app_context(), transaction():
        brand, creator = make_brand(), make_creator()
        selection_id = make_application(creator, _brief_of(brand, 2)).id

    def lose() -> None:
        db.session.execute(update(Creator).where(Creator.id == creator.id).values(eligible=False))

    outcomes = race(app, lose, lambda: accept_selection(brand.actor, selection_id))
    assert outcomes[0] == "done"
    with app.app_context(), transaction():
        assert db.session.scalar(select(func.count()).select_from(Deal)) == (1 if outcomes[1] == "done" else 0)
        assert outcomes[1] in ("done", "Conflict")


def test_two_bookings_for_the_last_free_day_open_one_deal(app: Flask) -> None:
    with app.app_context(), transaction():
        brands, creator = [make_brand(), make_brand("Northmoss")], make_creator()
        package_id = make_offer(creator).packages[0].id
        wanted = platform_today() + timedelta(days=20)
        ids = [book_package(brand.actor, package_id, wanted_on=wanted).id for brand in brands]
        db.session.execute(update(Creator).values(most_deals=1))
    outcomes = race(app, *(lambda one=one: accept_selection(creator.actor, one) for one in ids))
    assert sorted(outcomes) == ["Conflict", "done"]
    with app.app_context(), transaction():
        assert db.session.scalar(select(func.count()).select_from(Engagement)) == 1


def test_the_clock_and_the_answers_never_wait_for_each_other(app: Flask) -> None:
    with app.app_context(), transaction():
        brand = make_brand()
        creators = [make_creator(f"Creator {number}") for number in range(4)]
        briefs = [_brief_of(brand, 4) for _ in range(2)]
        ids = [
            invite_creator(brand.actor, creator.id, brief_id, Money(9_000_00), "Come.").id
            for creator in creators
            for brief_id in briefs
        ]
        late = db.session.get_one(Selection, ids[-1]).expires_at

    def expire() -> None:
        with clock.at(late):
            expire_selections()

    steps = [lambda one=one: withdraw(brand.actor, one) for one in ids[:4]]
    outcomes = race(app, expire, expire, *steps)
    assert outcomes[:2] == ["done", "done"]
    assert set(outcomes[2:]) <= {"done", "Conflict"}
    with app.app_context():
        expire()  # What somebody held at that moment was left for the next minute.
    with app.app_context(), transaction():
        assert [_counted(brief_id) for brief_id in briefs] == [(0, 0, 0, 0)] * 2
        assert SelectionStatus.OPEN not in _statuses()
