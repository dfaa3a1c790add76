"""A role's home: what waits for whom, the most urgent first, and how much there is in all."""

import pytest

from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.deals.lifecycle import State
from marketplace.home.today import SHOWN, look_at_today
from marketplace.infra.db import transaction
from tests.support.deals import make_deal
from tests.support.market import (
    brief_facts,
    invite,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_user,
)

pytestmark = pytest.mark.usefixtures("context")


def test_each_side_sees_what_waits_for_it_and_what_waits_for_the_other() -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        asked = make_deal(creator, brand)
        signing = make_deal(creator, brand, state=State.SIGNING)
        making = make_deal(creator, brand, state=State.PRODUCTION)
        invitation = invite(brand, creator)
        application = make_application(creator, make_brief(brand).id).id
    for actor, yours, theirs, answer, waiting in (
        (creator.actor, {signing.id, making.id}, {asked.id}, invitation, application),
        (brand.actor, {signing.id, asked.id}, {making.id}, application, invitation),
    ):
        today = look_at_today(actor)
        assert {row.deal.id for row in today.deals_yours} == yours
        assert {row.deal.id for row in today.deals_theirs} == theirs
        assert [selection.id for selection in today.answers] == [answer]
        assert [selection.id for selection in today.waiting] == [waiting]
        assert today.waiting_for_you == 3


def test_the_most_urgent_are_shown_and_all_are_counted() -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        made = [make_deal(creator, brand) for _ in range(SHOWN + 2)]
        made[-1] = make_deal(creator, brand, state=State.SIGNING)
        stranger = make_deal()
    today = look_at_today(brand.actor)
    assert today.waiting_for_you == SHOWN + 3
    assert len(today.deals_yours) == SHOWN
    assert today.deals_yours[0].deal.id == made[-1].id, "a week to sign is sooner than two to negotiate"
    assert stranger.id not in {row.deal.id for row in today.deals_yours}
    assert look_at_today(creator.actor).waiting_for_you == 1


def test_a_creator_is_shown_briefs_within_reach_and_a_brand_creators() -> None:
    with transaction():
        creator, brand = make_creator(fans=30_000), make_brand()
        make_brief(brand, brief_facts(title="Too far", minimum_fans=90_000))
        near = make_brief(brand, brief_facts(title="Near", minimum_fans=20_000)).id
        newcomer = load_actor(make_user(Side.CREATOR))
    today = look_at_today(creator.actor)
    assert [(brief.id, company.id) for brief, company in today.briefs] == [(near, brand.id)]
    assert len(look_at_today(newcomer).briefs) == 2
    assert look_at_today(brand.actor).briefs == []
