"""A brief's life: written in steps, held for a word, asked about, closed, reopened, extended; and a private one."""

import pytest

from marketplace.briefs.models import Visibility
from tests.journeys import steps
from tests.journeys.stage import Stage, from_today
from tests.journeys.steps import in_days
from tests.journeys.walker import Walker
from tests.support.market import brief_facts, make_admin, make_brand, make_brief, make_creator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TITLE = "Win a pot in our lottery"


def test_a_brief_is_written_held_asked_about_and_goes_on(stage: Stage) -> None:
    with stage.scene():
        brand, creator_side, admin_id = make_brand("Tidewell"), make_creator("Lin Yue"), make_admin().user_id
        private = make_brief(brand, brief_facts(title="Between us", visibility=Visibility.PRIVATE)).id
    owner, creator, admin = stage.enter(brand.user_id), stage.enter(creator_side.user_id), stage.enter(admin_id)
    watch(admin)
    brief_id = write(stage, owner)
    owner.send(f"/company/briefs/{brief_id}/open")
    held = stage.words("These words need a look: %(words)s", words="lottery")
    assert owner.says(held)
    creator.go(f"/briefs/{brief_id}", status=404)
    let_through(stage, admin, brief_id)
    owner.go(f"/briefs/{brief_id}")
    assert not owner.says(held)

    ask_and_answer(stage, creator, owner, brief_id)
    for stranger in (creator, stage.visitor()):
        stranger.go(f"/briefs/{private}", status=404)
        stranger.go("/briefs")
        assert stranger.says(TITLE)
        assert not stranger.says("Between us")
    close_and_reopen(stage, owner, creator, brief_id)


def watch(admin: Walker) -> None:
    admin.go("/console/words")
    admin.fill(locale="en", lines="lottery\ncasino")
    admin.send("/console/words")
    assert admin.says("lottery", "casino")


def write(stage: Stage, owner: Walker) -> int:
    """Step by step; what is typed is kept before any button is pressed."""
    owner.go("/company/briefs")
    owner.follow("/company/briefs/new")
    owner.fill(title=TITLE, product="A clay pot.", goal="Show that one pot is enough.")
    brief_id = steps.write_on(owner)
    owner.fill(deliverables__0__content="video_long", deliverables__0__count="2", musts="The lid\nThe washing-up")
    owner.page.locator("[name=must_nots]").focus()
    owner.waits_for("#saved", stage.words("Saved at %(time)s", time=""))
    owner.go(f"/company/briefs/{brief_id}/work")
    assert owner.page.locator("[name=musts]").input_value().split() == ["The", "lid", "The", "washing-up"]
    steps.write_on(owner)
    owner.follow(f"/company/briefs/{brief_id}/who")
    owner.fill(category="food", platforms=["douyin", "bilibili"], minimum_fans="20,000", visibility="public")
    steps.write_on(owner)
    owner.fill(budget_kind="fixed", price="9,000", slots="2", apply_by=in_days(10), publish_by=in_days(40))
    steps.write_on(owner)
    owner.fill(disclosure="“Ad” in the first line.")
    steps.write_on(owner)
    assert owner.path == f"/company/briefs/{brief_id}/review"
    assert owner.says(stage.words("Ready to open"), "The washing-up", "¥9,000")
    return brief_id


def let_through(stage: Stage, admin: Walker, brief_id: int) -> None:
    stage.run_jobs()
    admin.go("/console/briefs")
    admin.follow(f"/console/briefs/{brief_id}")
    assert admin.says(TITLE, "lottery")
    admin.send(button="verdict=open")


def ask_and_answer(stage: Stage, creator: Walker, owner: Walker, brief_id: int) -> None:
    """Everybody reads both; nobody but who asked knows who it was."""
    question, answer = "May it be part of a series?", "Yes, as its first part."
    creator.go("/briefs")
    creator.follow(f"/briefs/{brief_id}")
    creator.fill(question=question)
    creator.send(f"/briefs/{brief_id}/ask")
    assert creator.says(question, stage.words("You asked"), stage.words("No answer yet."))
    owner.go("/company/briefs")
    owner.follow(f"/briefs/{brief_id}")
    owner.click(owner.main.locator('a[href^="/company/questions/"]').first)
    owner.fill(answer=answer)
    owner.send()
    visitor = stage.visitor()
    visitor.go(f"/briefs/{brief_id}")
    assert visitor.says(question, answer, stage.words("A creator asked"))
    assert not visitor.says("Lin Yue")


def close_and_reopen(stage: Stage, owner: Walker, creator: Walker, brief_id: int) -> None:
    over = stage.words("This brief no longer takes applications.")
    owner.go(f"/briefs/{brief_id}")
    owner.unfold(stage.words("More"))
    owner.send(f"/company/briefs/{brief_id}/close")
    creator.go(f"/briefs/{brief_id}")
    assert creator.says(over)
    owner.send(f"/company/briefs/{brief_id}/open")
    owner.follow(f"/company/briefs/{brief_id}/extend")
    owner.fill(apply_by=in_days(20), publish_by=in_days(60))
    owner.send()
    assert owner.path == f"/briefs/{brief_id}"
    creator.go(f"/briefs/{brief_id}")
    assert not creator.says(over)
    assert creator.says(stage.day(from_today(60)))
