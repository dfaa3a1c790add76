"""Many invited at once: each wholly or not at all, with a report; never more than places and budget."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace.brands.blocks import block_creator
from marketplace.briefs.models import Brief
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.models import Selection, SelectionKind
from marketplace.matching.service import MOST_AT_ONCE, invite_creator, invite_many
from tests.support.market import (
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    sign_in,
    told_of_selections,
)
from tests.support.web import Client

PRICE = Money(9_000_00)


def test_each_is_invited_or_named_with_the_reason(context: None) -> None:
    with transaction():
        brand, good, other = make_brand(), make_creator("Lin Yue"), make_creator("Gu Wen")
        small, applied, blocked = (
            make_creator("Zhou Mo", eligible=False),
            make_creator("He Lin"),
            make_creator("Su Bai"),
        )
        brief = make_brief(brand, replace(brief_facts(slots=5), total=Money(20_000_00)))
        make_application(applied, brief.id)
        block_creator(brand.actor, blocked.id)
        wanted = [(one.id, PRICE) for one in (good, small, applied, blocked, other)]
        dear = make_creator("Pan Qing")
        invited = invite_many(brand.actor, brief.id, [*wanted, (dear.id, Money(2_000_01))], "Come.")
        assert [one.creator_id for one in invited.selections] == [good.id, other.id]
        assert [refusal.creator.name for refusal in invited.refused] == ["Zhou Mo", "He Lin", "Su Bai", "Pan Qing"]
        reasons = [refusal.why for refusal in invited.refused]
        assert "verified fans" in reasons[0]
        assert "application to this brief is already waiting" in reasons[1]
        assert "can’t choose each other" in reasons[2]
        assert "budget" in reasons[3]
        db.session.refresh(brief)
        assert (brief.slots_held, brief.held_amount) == (2, 18_000_00)
        assert told_of_selections() == ["made", "made", "made"]


def test_places_go_in_the_order_given(context: None) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(3)]
        brief = make_brief(brand, brief_facts(slots=2))
        wanted = [(one.id, PRICE) for one in reversed(creators)]
        invited = invite_many(brand.actor, brief.id, wanted, "Come.")
        assert [one.creator_id for one in invited.selections] == [creators[2].id, creators[1].id]
        assert [refusal.creator.id for refusal in invited.refused] == [creators[0].id]


def test_what_is_wrong_for_all_stops_all(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief, draft = make_brief(brand), make_brief(brand, opened=False)
        foreign = make_brief(make_brand("Northmoss"))
        one = [(creator.id, PRICE)]
        for brief_id, wanted, message, refusal in (
            (brief.id, [], "Come.", Invalid),
            (brief.id, [(number, PRICE) for number in range(1, MOST_AT_ONCE + 2)], "Come.", Invalid),
            (brief.id, one, " ", Invalid),
            (brief.id, [(creator.id, Money(9_000_00, "USD"))], "Come.", Invalid),
            (brief.id, [*one, (99_999, PRICE)], "Come.", NotFound),
            (draft.id, one, "Come.", Conflict),
            (foreign.id, one, "Come.", NotFound),
        ):
            with pytest.raises(refusal):
                invite_many(brand.actor, brief_id, wanted, message)
        with pytest.raises(NotAllowed):
            invite_many(make_member(brand, "viewer").actor, brief.id, one, "Come.")
        assert db.session.scalars(select(Selection)).all() == []


def test_a_block_keeps_them_apart_whoever_chooses(context: None) -> None:
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = make_brief(brand)
        block_creator(brand.actor, creator.id)
        with pytest.raises(NotAllowed):
            invite_creator(brand.actor, creator.id, brief.id, PRICE, "Come.")
        with pytest.raises((NotAllowed, NotFound)):
            make_application(creator, brief.id)


def test_the_page_takes_one_price_and_exceptions(context: None, client: Client) -> None:
    with transaction():
        brand, creators = make_brand(), [make_creator(f"Creator {number}") for number in range(3)]
        brief_id = make_brief(brand, brief_facts(slots=3)).id
        ids = [str(creator.id) for creator in creators]
    sign_in(client, brand)
    page = client.get(
        f"/invitations/new?ids={ids[0]}&ids={ids[1]}&ids=x&ids={'9' * 30}&ids={ids[1]}&brief={brief_id}"
    ).text
    assert page.count('name="ids"') == 2
    assert "3 places free" in page
    form = {
        "ids": ids[:2],
        "brief_id": str(brief_id),
        "price": "9,000",
        f"price_{ids[1]}": "11,000",
        "message": "Come.",
    }
    answer = client.post("/invitations/new", data=form)
    assert (answer.status_code, answer.location) == (303, f"/selections?tab=waiting&brief={brief_id}")
    with transaction():
        prices = dict(db.session.execute(select(Selection.creator_id, Selection.price_amount)).all())
        assert prices == {creators[0].id: 9_000_00, creators[1].id: 11_000_00}
    answer = client.post("/invitations/new", data=form | {"ids": ids})
    assert answer.status_code == 200
    assert "One invitation is on its way" in answer.text
    assert "2 creators couldn’t be invited" in answer.text
    full = client.post("/invitations/new", data=form | {"ids": ids})
    assert full.status_code == 422
    assert "You have no open brief with a free place" in full.text
    for wrong, status in (
        ({"ids": []}, 422),
        ({"price": "cheap"}, 422),
        ({f"price_{ids[1]}": "0"}, 422),
        ({"message": ""}, 422),
    ):
        answer = client.post("/invitations/new", data=form | wrong)
        assert answer.status_code == status
    with transaction():
        assert db.session.get_one(Brief, brief_id).slots_held == 3
        assert {one.kind for one in db.session.scalars(select(Selection))} == {SelectionKind.INVITATION}
