"""An agency answers for a creator, from the creator's consent until the day that notice ends it."""

from datetime import timedelta

import pytest

from marketplace.agencies.jobs import end_representations
from marketplace.kit import clock
from tests.journeys import steps
from tests.journeys.stage import Stage
from tests.journeys.walker import Walker
from tests.support.market import CreatorSide, invite, make_brand, make_creator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AGENT = "Wei Min · Lantern Agency"


def test_an_agency_acts_for_a_creator_until_notice_ends_it(stage: Stage) -> None:
    with stage.scene():
        tidewell, lin = make_brand("Tidewell"), make_creator("Lin Yue")
        invitation = invite(tidewell, lin)
    agent = stage.visitor("Wei Min")
    found_agency(stage, agent)
    representation = offer(agent, lin)
    creator = stage.enter(lin.user_id)
    consent(stage, creator, representation)
    deal_id = answer_for(stage, agent, lin, invitation)
    said = stage.words("%(who)s, for %(creator)s", who=AGENT, creator="Lin Yue")
    for reader in (creator, stage.enter(tidewell.user_id)):
        reader.go(f"/deals/{deal_id}")
        assert reader.says(said, "Shall we begin on Monday?")
        reader.go(f"/selections/{invitation}")
        assert reader.says(said)
    end(stage, creator, agent, representation, deal_id)


def found_agency(stage: Stage, agent: Walker) -> None:
    agent.go("/sign-up")
    agent.fill(side="agency", name="Wei Min", email="wei.min@lantern.example", password=steps.PASSWORD)
    agent.send()
    assert agent.path == "/agency/new"
    agent.fill(name="Lantern Agency", handle="lantern", legal_name="Lantern Agency Co., Ltd.")
    agent.send()
    assert agent.path == "/agency"
    stage.run_jobs()
    agent.go(steps.newest_link(stage.app, "wei.min@lantern.example", "confirm"))


def offer(agent: Walker, lin: CreatorSide) -> int:
    """From the creator's page; returns the representation's id."""
    agent.go(f"/c/{lin.handle}")
    agent.follow("/agency/offers/new")
    assert agent.page.locator("[name=handle]").input_value() == lin.handle
    agent.fill(share="80", notice_days="30", message="We know your kitchen.")
    agent.send(status=422)
    agent.fill(share="15")
    agent.send()
    return agent.number_in(r"^/representations/(\d+)$")


def consent(stage: Stage, creator: Walker, representation: int) -> None:
    """Only by typing one's own name below the text."""
    creator.go("/me/agency")
    creator.follow(f"/me/agency/{representation}")
    assert creator.says("Lantern Agency", "15 %", "We know your kitchen.")
    creator.send(status=422)
    creator.fill(name="Lin Yue", password=steps.PASSWORD)
    creator.send()
    creator.go("/me/agency")
    assert creator.says("Lantern Agency", stage.words("Who represents you"))


def answer_for(stage: Stage, agent: Walker, lin: CreatorSide, invitation: int) -> int:
    """In the creator's place, which every page says; returns the deal's id."""
    agent.go("/agency")
    agent.press(stage.words("Act for %(name)s", name="Lin Yue"))
    assert agent.path == "/today"
    ribbon = stage.words(
        "You act for %(creator)s, as %(agency)s. What you do is kept with your name.",
        creator="Lin Yue",
        agency="Lantern Agency",
    )
    assert ribbon in agent.page.locator("aside.ribbon--turn").inner_text()
    agent.go("/selections")
    agent.follow(f"/selections/{invitation}")
    agent.send(f"/selections/{invitation}/accept")
    deal_id = agent.number_in(r"^/deals/(\d+)$")
    agent.fill(body="Shall we begin on Monday?")
    agent.send(f"/deals/{deal_id}/messages")
    return deal_id


def end(stage: Stage, creator: Walker, agent: Walker, representation: int, deal_id: int) -> None:
    """It holds for the days of notice, and not an hour longer."""
    creator.go("/me/agency")
    creator.follow(f"/representations/{representation}/notice")
    creator.send()
    assert creator.says(stage.words("Notice given"))
    agent.go(f"/deals/{deal_id}")
    with stage.live.at(clock.now() + timedelta(days=30, minutes=1)):
        agent.go(f"/deals/{deal_id}", status=403)
        with stage.app.app_context():
            end_representations()
        agent.go("/agency")
        assert agent.says("Lin Yue", stage.words("Over"))
        assert agent.page.locator('main form[action="/places"]').count() == 0
        creator.go("/me/agency")
        assert not creator.says(stage.words("Who represents you"))
