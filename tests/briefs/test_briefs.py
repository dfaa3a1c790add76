"""The verbs of briefs: what may be written, who opens and closes, and that days are the platform's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from marketplace.briefs.fit import LackKind, fans_by_platform, lacks, say
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.policy import is_open, platform_today, takes_answers
from marketplace.briefs.queries import BriefFilter, get_brief, list_open_briefs
from marketplace.briefs.service import BriefFacts, close_brief, create_brief, edit_brief, fill_slot, open_brief
from marketplace.creators.models import Category, Platform
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from tests.support.market import (
    brief_facts,
    creator_of,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
)


def test_a_brief_starts_as_a_draft_that_only_its_brand_sees(context: None) -> None:
    with transaction():
        brand, other, creator = make_brand(), make_brand("Northmoss"), make_creator()
        brief = create_brief(brand.actor, brief_facts())
        assert brief.status is BriefStatus.DRAFT
        assert get_brief(brand.actor, brief.id) is brief
        for stranger in (other.actor, creator.actor):
            with pytest.raises(NotFound):
                get_brief(stranger, brief.id)
        open_brief(brand.actor, brief.id)
        assert get_brief(creator.actor, brief.id).opened_at is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"platforms": ()}, "platforms"),
        ({"budget": (0, 1)}, "budget_min"),
        ({"budget": (2_000_00, 1_000_00)}, "budget_max"),
        ({"budget": (1_00, 900_000_01)}, "budget_max"),
        ({"slots": 0}, "slots"),
        ({"slots": 101}, "slots"),
        ({"minimum_fans": -1}, "minimum_fans"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(context: None, changes: dict[str, object], field: str) -> None:
    with transaction():
        brand = make_brand()
        facts: BriefFacts = brief_facts(**changes)  # type: ignore[arg-type]
        with pytest.raises(Invalid) as refused:
            create_brief(brand.actor, facts)
    assert refused.value.field == field


def test_days_must_be_in_order_and_not_past(context: None) -> None:
    with transaction():
        brand, today = make_brand(), platform_today()
        for apply_in, publish_in, field in ((-1, 5, "apply_by"), (5, 4, "publish_by"), (5, 800, "publish_by")):
            facts = brief_facts(apply_by=today + timedelta(apply_in), publish_by=today + timedelta(publish_in))
            with pytest.raises(Invalid) as refused:
                create_brief(brand.actor, facts)
            assert refused.value.field == field
        create_brief(brand.actor, brief_facts(apply_by=today, publish_by=today))


def test_the_last_day_ends_at_midnight_of_the_platform(context: None) -> None:
    morning = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    with clock.at(morning), transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(apply_by=platform_today()))
        assert brief.apply_by.isoformat() == "2026-03-01"
    with transaction():
        brief = db.session.get_one(Brief, brief.id)
        # Midnight in Shanghai is 16:00 UTC.
        with clock.at(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)):
            assert is_open(brief)
            assert list_open_briefs(BriefFilter()).total == 1
        with clock.at(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)):
            assert not is_open(brief)
            assert takes_answers(brief)
            assert list_open_briefs(BriefFilter()).total == 0


def test_opening_needs_a_complete_profile_and_a_confirmed_address(context: None) -> None:
    with transaction():
        bare, unconfirmed = make_brand(complete=False), make_brand("Northmoss", confirmed=False)
        for brand, refusal in ((bare, NotAllowed), (unconfirmed, Invalid)):
            brief = make_brief(brand, opened=False)
            with pytest.raises(refusal):
                open_brief(brand.actor, brief.id)
            assert brief.status is BriefStatus.DRAFT


def test_opening_closing_and_opening_again(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        with pytest.raises(Conflict):
            open_brief(brand.actor, brief.id)
        close_brief(brand.actor, brief.id)
        assert (brief.status, brief.closed_at is None) == (BriefStatus.CLOSED, False)
        with pytest.raises(Conflict):
            close_brief(brand.actor, brief.id)
        open_brief(brand.actor, brief.id)
        assert (brief.status, brief.closed_at) == (BriefStatus.OPEN, None)
        brief.apply_by = platform_today() - timedelta(days=1)
        close_brief(brand.actor, brief.id)
        with pytest.raises(Invalid):
            open_brief(brand.actor, brief.id)


def test_only_managers_of_the_brand_write_and_open(context: None) -> None:
    with transaction():
        brand, other = make_brand(), make_brand("Northmoss")
        viewer, creator = make_member(brand, "viewer"), make_creator()
        brief = make_brief(brand, opened=False)
        for actor in (viewer.actor, creator.actor):
            with pytest.raises(NotAllowed):
                create_brief(actor, brief_facts())
        with pytest.raises(NotAllowed):
            open_brief(viewer.actor, brief.id)
        for actor in (other.actor, creator.actor):
            with pytest.raises(NotFound):
                open_brief(actor, brief.id)
            with pytest.raises(NotFound):
                edit_brief(actor, brief.id, brief_facts(), 1)


def test_a_stale_edit_is_refused(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand, opened=False)
        version = brief.version
        edit_brief(brand.actor, brief.id, brief_facts(title="Changed"), version)
        with pytest.raises(Conflict):
            edit_brief(brand.actor, brief.id, brief_facts(title="Changed again"), version)
        assert brief.title == "Changed"


def test_an_edit_changes_no_selection_and_keeps_filled_places(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        selection = make_application(creator, brief.id)
        publish_by = selection.publish_by
        fill_slot(brief)
        fill_slot(brief)
        with pytest.raises(Invalid) as refused:
            edit_brief(brand.actor, brief.id, brief_facts(slots=1), brief.version)
        assert refused.value.field == "slots"
        later = brief_facts(slots=3, budget=(1_00, 2_00), publish_by=platform_today() + timedelta(days=90))
        edit_brief(brand.actor, brief.id, later, brief.version)
        db.session.refresh(selection)
        assert (selection.price, selection.publish_by) == (Money(12_000_00), publish_by)


def test_places_never_overflow_even_in_the_database(context: None) -> None:
    with transaction():
        brief = make_brief(make_brand(), brief_facts(slots=1))
        fill_slot(brief)
        with pytest.raises(Conflict):
            fill_slot(brief)
    with pytest.raises(IntegrityError, match="slots_fit"), transaction():
        db.session.execute(update(Brief).values(slots_filled=2))


def test_closing_enqueues_the_end_of_what_waits(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        close_brief(brand.actor, brief.id)
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'matching.lapse_selections'"
        assert db.session.scalar(text(waiting)) == 1


def test_what_a_creator_lacks_is_said_with_figures(app: object, context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand, brief_facts(minimum_fans=40_000, platforms=(Platform.BILIBILI.value, "youtube")))
        small = make_creator("Zhou Mo", eligible=False)
        elsewhere = make_creator("Gu Wen", fans=90_000, platform=Platform.DOUYIN)
        below = make_creator("Pan Qing", fans=39_999, platform=Platform.BILIBILI)
        enough = make_creator("He Mian", fans=40_000, platform=Platform.BILIBILI)
        found = {
            side.id: lacks(brief, creator_of(side), fans_by_platform(side.id))
            for side in (small, elsewhere, below, enough)
        }
    assert [lack.kind for lack in found[small.id]] == [LackKind.ELIGIBILITY, LackKind.CHANNEL]
    assert [lack.kind for lack in found[elsewhere.id]] == [LackKind.CHANNEL]
    assert [say(lack) for lack in found[below.id]] == [
        "You need at least 40,000 verified fans on Bilibili or YouTube; you have 39,999 there."
    ]
    assert found[enough.id] == []


def test_the_list_filters_and_continues_by_key(context: None) -> None:
    start = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
    brand_ids: list[int] = []
    for number in range(23):
        with clock.at(start + timedelta(minutes=number)), transaction():
            if not brand_ids:
                brand = make_brand()
                brand_ids.append(brand.id)
            kind = DealKind.IMAGE if number == 3 else DealKind.VIDEO
            make_brief(brand, brief_facts(title=f"Brief {number}", kind=kind, minimum_fans=1000 * number))
    with clock.at(start + timedelta(hours=1)), transaction():
        first = list_open_briefs(BriefFilter())
        assert [brief.title for brief in first.briefs] == [f"Brief {number}" for number in range(22, 2, -1)]
        assert first.total == 23
        second = list_open_briefs(BriefFilter(), first.next_after)
        assert [brief.title for brief in second.briefs] == ["Brief 2", "Brief 1", "Brief 0"]
        assert second.next_after is None
        for wanted, number in (
            (BriefFilter(kind=DealKind.IMAGE), 1),
            (BriefFilter(platform=Platform.YOUTUBE), 0),
            (BriefFilter(platform=Platform.BILIBILI), 23),
            (BriefFilter(category=Category.SPORT), 0),
            (BriefFilter(budget=Money(15_000_00)), 23),
            (BriefFilter(budget=Money(15_000_01)), 0),
            (BriefFilter(budget=Money(1_00, "USD")), 0),
            (BriefFilter(fans_by_platform={Platform.DOUYIN: 4_500}), 5),
            (BriefFilter(fans_by_platform={Platform.YOUTUBE: 90_000}), 0),
            (BriefFilter(fans_by_platform={}), 0),
        ):
            assert list_open_briefs(wanted).total == number, wanted
        for nonsense in ("", "x", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 40, "١-١", "1-1-1"):
            assert list_open_briefs(BriefFilter(), nonsense).total == 23


def test_every_column_of_a_brief_is_checked_by_the_database(context: None) -> None:
    with transaction():
        make_brief(make_brand())
    for wrong in ("budget_min_amount = 0", "slots = 0", "publish_by = apply_by - 1", "platforms = '{}'", "kind = 'x'"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE briefs SET {wrong}"))
    with transaction():
        assert db.session.scalars(select(Brief.status)).all() == [BriefStatus.OPEN]
