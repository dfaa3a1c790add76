"""The verbs of briefs: what may be written, who opens, extends and closes, and that days are the platform's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from marketplace.briefs.facts import BriefFacts, Deliverable, Step, facts_of
from marketplace.briefs.fit import LackKind, fans_by_platform, lacks, say
from marketplace.briefs.models import Brief, BriefStatus, BudgetKind, Visibility
from marketplace.briefs.places import fill_place
from marketplace.briefs.policy import (
    is_open,
    is_within_budget,
    platform_today,
    price_for_views,
    takes_answers,
    views_at_cap,
)
from marketplace.briefs.queries import BriefFilter, deliverables_of, get_brief, list_open_briefs
from marketplace.briefs.service import close_brief, create_brief, extend_brief, open_brief, save_step
from marketplace.creators.models import Category, Platform
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import ContentKind, DealKind
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

_BUDGET = {
    "budget_kind": BudgetKind.RANGE,
    "budget_min": Money(1_00),
    "budget_max": Money(2_00),
    "rate": None,
    "total": None,
    "slots": 3,
}


def _days(apply_in: int = 10, publish_in: int = 40) -> dict[str, object]:
    today = platform_today()
    return {"apply_by": today + timedelta(apply_in), "publish_by": today + timedelta(publish_in)}


def _goal(title: str) -> dict[str, object]:
    return {"title": title, "product": "", "goal": "Show it."}


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


def test_a_draft_may_lack_anything_and_is_not_opened_without_it(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = create_brief(brand.actor)
        assert facts_of(brief, deliverables_of(brief.id)) == BriefFacts()
        missing = []
        facts = {name: getattr(brief_facts(), name) for name in BriefFacts.__slots__}
        order = (Step.GOAL, Step.WORK, Step.WHO, Step.BUDGET)
        for step in order:
            with pytest.raises(Invalid) as refused:
                open_brief(brand.actor, brief.id)
            missing.append(refused.value.field)
            save_step(brand.actor, brief.id, step, facts, brief.version)
        assert missing == ["title", "deliverables", "category", "budget_min"]
        assert brief.steps == [step.value for step in order]
        assert open_brief(brand.actor, brief.id).status is BriefStatus.OPEN


@pytest.mark.parametrize(
    ("changes", "field"),
    [
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


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (BriefFacts(minimum_fans=5, maximum_fans=4), "maximum_fans"),
        (BriefFacts(deliverables=(Deliverable(ContentKind.SERIES, 0),)), "deliverables"),
        (BriefFacts(deliverables=(Deliverable(ContentKind.SERIES), Deliverable(ContentKind.SERIES))), "deliverables"),
        (BriefFacts(budget_max=Money(2_00), total=Money(1_00)), "total"),
        (BriefFacts(budget_min=Money(1_00, "USD"), budget_max=Money(2_00)), "budget_max"),
        (BriefFacts(budget_kind=BudgetKind.VIEWS, rate=Money(5_00), budget_max=Money(4_00)), "budget_max"),
        (BriefFacts(budget_kind=BudgetKind.VIEWS, rate=Money(0)), "rate"),
    ],
)
def test_a_draft_keeps_no_contradiction(context: None, facts: BriefFacts, field: str) -> None:
    with transaction():
        with pytest.raises(Invalid) as refused:
            create_brief(make_brand().actor, facts)
        assert refused.value.field == field


def test_what_is_made_is_said_in_the_language_of_the_brief(context: None) -> None:
    with transaction():
        brand = make_brand()
        made = (Deliverable(ContentKind.IMAGE_POST, 2), Deliverable(ContentKind.VIDEO_LONG))
        english = create_brief(brand.actor, BriefFacts(title="Suppers", deliverables=made, details="With covers."))
        assert english.deliverables == "2 × Picture post\n1 × Video, over 60 s\nWith covers."
        assert english.kind is DealKind.IMAGE
        rows = [(row.content, row.count) for row in deliverables_of(english.id)]
        assert rows == [(found.content, found.count) for found in made]
        chinese = create_brief(brand.actor, BriefFacts(title="一周的晚饭", deliverables=made))
        assert "Picture post" not in chinese.deliverables


def test_days_must_be_in_order_and_not_past(context: None) -> None:
    with transaction():
        brand, today = make_brand(), platform_today()
        for apply_in, publish_in, field in ((-1, 5, "apply_by"), (5, 4, "publish_by"), (5, 800, "publish_by")):
            facts = brief_facts(apply_by=today + timedelta(apply_in), publish_by=today + timedelta(publish_in))
            with pytest.raises(Invalid) as refused:
                create_brief(brand.actor, facts)
            assert refused.value.field == field
        create_brief(brand.actor, brief_facts(apply_by=today, publish_by=today))


def test_an_old_draft_is_written_on_though_its_days_have_passed(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand, opened=False)
    with clock.at(clock.now() + timedelta(days=90)), transaction():
        save_step(brand.actor, brief.id, Step.GOAL, _goal("Later"), brief.version)
        with pytest.raises(Invalid) as refused:
            open_brief(brand.actor, brief.id)
        assert refused.value.field == "apply_by"


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


def test_a_later_last_day_for_an_open_brief_and_for_a_closed_one(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        later, publish = brief.apply_by + timedelta(days=9), brief.publish_by + timedelta(days=9)
        with pytest.raises(Invalid) as refused:
            extend_brief(brand.actor, brief.id, brief.apply_by, publish)
        assert refused.value.field == "apply_by"
        extend_brief(brand.actor, brief.id, later, publish)
        assert (brief.apply_by, brief.publish_by, brief.status) == (later, publish, BriefStatus.OPEN)
        close_brief(brand.actor, brief.id)
        sooner = platform_today() + timedelta(days=1)
        extend_brief(brand.actor, brief.id, sooner, publish)
        assert (brief.apply_by, brief.status, brief.closed_at) == (sooner, BriefStatus.OPEN, None)
        draft = make_brief(brand, opened=False)
        with pytest.raises(Conflict):
            extend_brief(brand.actor, draft.id, later, publish)


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
                save_step(actor, brief.id, Step.GOAL, _goal("Mine"), 1)


def test_a_stale_edit_is_refused_and_the_same_words_twice_are_not(context: None) -> None:
    with transaction():
        brand = make_brand()
        other = make_member(brand, "manager")
        brief = make_brief(brand, opened=False)
        version = brief.version
        save_step(other.actor, brief.id, Step.GOAL, _goal("Changed"), version)
        newer = brief.version
        with pytest.raises(Conflict, match="manager of"):
            save_step(brand.actor, brief.id, Step.GOAL, _goal("Changed again"), version)
        save_step(brand.actor, brief.id, Step.GOAL, _goal("Changed"), version)
        assert (brief.title, brief.version, newer) == ("Changed", newer, version + 1)


def test_an_edit_changes_no_selection_and_keeps_what_is_bound(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        selection = make_application(creator, brief.id)
        publish_by = selection.publish_by
        fill_place(brief, Money(9_000_00), was_held=False)
        fill_place(brief, Money(8_000_00), was_held=False)
        for change, field in (({"slots": 1}, "slots"), ({"total": Money(16_999_99)}, "total")):
            with pytest.raises(Invalid) as refused:
                save_step(brand.actor, brief.id, Step.BUDGET, _BUDGET | _days() | change, brief.version)
            assert refused.value.field == field
        later = _BUDGET | _days(publish_in=90) | {"total": Money(17_000_00)}
        save_step(brand.actor, brief.id, Step.BUDGET, later, brief.version)
        db.session.refresh(selection)
        assert (selection.price, selection.publish_by) == (Money(12_000_00), publish_by)
        assert (brief.slots, brief.budget_max, brief.total) == (3, Money(2_00), Money(17_000_00))


def test_an_open_brief_may_lack_nothing(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        with pytest.raises(Invalid) as refused:
            save_step(brand.actor, brief.id, Step.GOAL, _goal(""), brief.version)
        assert refused.value.field == "title"


def test_places_never_overflow_even_in_the_database(context: None) -> None:
    with transaction():
        brief = make_brief(make_brand(), brief_facts(slots=1))
        fill_place(brief, Money(9_000_00), was_held=False)
        with pytest.raises(Conflict):
            fill_place(brief, Money(9_000_00), was_held=False)
    with pytest.raises(IntegrityError, match="slots_fit"), transaction():
        db.session.execute(update(Brief).values(slots_filled=2))


def test_closing_enqueues_the_end_of_what_waits(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        close_brief(brand.actor, brief.id)
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'matching.lapse_selections'"
        assert db.session.scalar(text(waiting)) == 1


def test_promised_views_come_to_one_fixed_price(context: None) -> None:
    with transaction():
        brand = make_brand()
        paid = {"budget_kind": BudgetKind.VIEWS, "rate": Money(120_50), "budget_max": Money(15_000_00)}
        facts = {name: getattr(brief_facts(), name) for name in BriefFacts.__slots__} | paid | {"budget_min": None}
        brief = open_brief(brand.actor, create_brief(brand.actor, BriefFacts(**facts)).id)
        assert brief.budget_min == Money(120_50)
        assert price_for_views(brief, 1_000) == Money(120_50)
        assert price_for_views(brief, 33_333) == Money(33_333 * 120_50 // 1000)
        assert price_for_views(brief, 124_481) == Money(14_999_96)
        assert price_for_views(brief, 124_482) == price_for_views(brief, 10**12) == Money(15_000_00)
        assert views_at_cap(brief) == 124_482
        assert is_within_budget(brief, Money(1))
        assert not is_within_budget(brief, Money(15_000_01))
        for few in (0, -5):
            with pytest.raises(Invalid) as refused:
                price_for_views(brief, few)
            assert refused.value.field == "views_promised"
        ranged = make_brief(brand)
        assert views_at_cap(ranged) is None
        with pytest.raises(Invalid):
            price_for_views(ranged, 1_000)


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
        brief.maximum_fans = 39_999
        brief.minimum_fans = 0
        above = lacks(brief, creator_of(enough), fans_by_platform(enough.id))
    assert [lack.kind for lack in found[small.id]] == [LackKind.ELIGIBILITY, LackKind.CHANNEL]
    assert [lack.kind for lack in found[elsewhere.id]] == [LackKind.CHANNEL]
    assert [say(lack) for lack in found[below.id]] == [
        "You need at least 40,000 verified fans on Bilibili or YouTube; you have 39,999 there."
    ]
    assert found[enough.id] == []
    assert [say(lack) for lack in above] == [
        "This brief is for creators with at most 39,999 fans on Bilibili or YouTube; you have 40,000 there."
    ]


def test_the_list_filters_and_continues_by_key(context: None) -> None:
    start = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
    brand_ids: list[int] = []
    for number in range(23):
        with clock.at(start + timedelta(minutes=number)), transaction():
            if not brand_ids:
                brand = make_brand()
                brand_ids.append(brand.id)
            kind = DealKind.IMAGE if number == 3 else DealKind.VIDEO
            seen = {4: Visibility.INVITATION, 5: Visibility.INVITATION}.get(number, Visibility.PUBLIC)
            facts = brief_facts(title=f"Brief {number}", kind=kind, minimum_fans=1000 * number, visibility=seen)
            make_brief(brand, facts)
    with clock.at(start + timedelta(hours=1)), transaction():
        make_brief(brand, brief_facts(title="Between us", visibility=Visibility.PRIVATE))
        first = list_open_briefs(BriefFilter())
        assert [brief.title for brief in first.briefs] == [f"Brief {number}" for number in range(22, 2, -1)]
        assert first.total == 23
        second = list_open_briefs(BriefFilter(), first.next_after)
        assert [brief.title for brief in second.briefs] == ["Brief 2", "Brief 1", "Brief 0"]
        assert second.next_after is None
        for wanted, number in (
            (BriefFilter(content=ContentKind.IMAGE_POST), 1),
            (BriefFilter(content=ContentKind.VIDEO_LONG), 22),
            (BriefFilter(content=ContentKind.SERIES), 0),
            (BriefFilter(platform=Platform.YOUTUBE), 0),
            (BriefFilter(platform=Platform.BILIBILI), 23),
            (BriefFilter(category=Category.SPORT), 0),
            (BriefFilter(budget=Money(15_000_00)), 23),
            (BriefFilter(budget=Money(15_000_01)), 0),
            (BriefFilter(budget=Money(1_00, "USD")), 0),
            (BriefFilter(fans_by_platform={Platform.DOUYIN: 4_500}), 5),
            (BriefFilter(fans_by_platform={Platform.YOUTUBE: 90_000}), 0),
            (BriefFilter(fans_by_platform={}), 0),
            (BriefFilter(for_all=True), 21),
        ):
            assert list_open_briefs(wanted).total == number, wanted
        for nonsense in ("", "x", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 40, "١-١", "1-1-1"):
            assert list_open_briefs(BriefFilter(), nonsense).total == 23


@pytest.mark.parametrize(
    "wrong",
    [
        "budget_min_amount = 0",
        "slots = 0",
        "publish_by = apply_by - 1",
        "platforms = '{}'",
        "kind = 'x'",
        "kind = NULL",
        "apply_by = NULL",
        "maximum_fans = 1",
        "rate_amount = 5",
        "total_amount = 1, held_amount = 2",
        "slots_held = slots + 1",
    ],
)
def test_every_column_of_a_brief_is_checked_by_the_database(context: None, wrong: str) -> None:
    with transaction():
        make_brief(make_brand())
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text(f"UPDATE briefs SET {wrong}"))
    with transaction():
        assert db.session.scalars(select(Brief.status)).all() == [BriefStatus.OPEN]
