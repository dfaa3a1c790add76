"""Who sees which brief: public, by invitation, private; and the blocked, who see nothing of each other."""

import pytest
from werkzeug.test import TestResponse

from marketplace.accounts.actor import VISITOR
from marketplace.brands.models import Block, BlockedBy
from marketplace.briefs.models import Visibility
from marketplace.briefs.queries import BriefFilter, get_brief, list_open_briefs, newest_open_briefs
from marketplace.briefs.references import add_reference
from marketplace.infra.db import db, transaction
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.matching.service import invite_creator
from tests.support import files
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_admin,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    sign_in,
)
from tests.support.web import Client

_PICTURE = Upload("mood.png", "image/png", files.picture())


def _invite(brand: BrandSide, creator: CreatorSide, brief_id: int) -> None:
    invite_creator(brand.actor, creator.id, brief_id, Money(9_000_00), "Your suppers are just right.")


def test_a_private_brief_is_there_for_its_brand_the_invited_and_administrators_alone(context: None) -> None:
    with transaction():
        brand, rival, invited, stranger = make_brand(), make_brand("Northmoss"), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand, brief_facts(visibility=Visibility.PRIVATE))
        for actor in (VISITOR, stranger.actor, rival.actor, invited.actor):
            with pytest.raises(NotFound):
                get_brief(actor, brief.id)
        _invite(brand, invited, brief.id)
        for actor in (brand.actor, make_member(brand, "viewer").actor, invited.actor, make_admin()):
            assert get_brief(actor, brief.id) is brief
        for actor in (VISITOR, stranger.actor, rival.actor):
            with pytest.raises(NotFound):
                get_brief(actor, brief.id)
        assert list_open_briefs(BriefFilter(), actor=invited.actor).total == 0
        assert newest_open_briefs(BriefFilter(), 5, invited.actor) == []


def test_every_address_of_a_private_brief_is_404_to_the_rest(context: None, client: Client) -> None:
    with transaction():
        brand, invited, stranger = make_brand(), make_creator(), make_creator("Gu Wen")
        brief = make_brief(brand, brief_facts(title="Between us", visibility=Visibility.PRIVATE))
        reference = add_reference(brand.actor, brief.id, "The light", file=_PICTURE)
        _invite(brand, invited, brief.id)
        brief_id, reference_id = brief.id, reference.id
    ways = [
        ("get", f"/briefs/{brief_id}"),
        ("get", f"/briefs/{brief_id}/files/{reference_id}"),
        ("get", f"/briefs/{brief_id}/ask"),
        ("post", f"/briefs/{brief_id}/ask"),
        ("get", f"/briefs/{brief_id}/apply"),
        ("post", f"/briefs/{brief_id}/apply"),
        ("get", f"/briefs/{brief_id}/estimate?price=9000"),
    ]

    def go(by: Client, way: tuple[str, str]) -> TestResponse:
        return by.open(way[1], method=way[0].upper(), data={"question": "?"} if way[0] == "post" else None)

    sign_in(client, stranger)
    assert [go(client, way).status_code for way in ways] == [404] * len(ways)
    assert "Between us" not in client.get("/briefs").text
    assert "Between us" not in client.get(f"/b/{brand.handle}").text
    guest = client.application.test_client()
    assert isinstance(guest, Client)
    for way in ways[:2]:
        assert go(guest, way).status_code == 404
    sign_in(guest, invited)
    assert [go(guest, way).status_code for way in ways[:3]] == [200, 200, 200]
    page = guest.get(f"/briefs/{brief_id}").text
    assert "noindex" in page
    assert "og:title" not in page


def test_by_invitation_everybody_reads_and_only_the_invited_answer(context: None, client: Client) -> None:
    with transaction():
        brand, invited, stranger = make_brand(), make_creator(), make_creator("Gu Wen")
        brief_id = make_brief(brand, brief_facts(title="A chosen few", visibility=Visibility.INVITATION)).id
        with pytest.raises(NotAllowed, match="invite"):
            make_application(stranger, brief_id)
        _invite(brand, invited, brief_id)
    listed = client.get("/briefs").text
    assert "A chosen few" in listed
    assert "By invitation" in listed
    assert "A chosen few" not in client.get("/briefs?for_all=y").text
    sign_in(client, stranger)
    page = client.get(f"/briefs/{brief_id}").text
    assert "chooses whom to ask" in page
    assert 'name="price"' not in page
    guest = client.application.test_client()
    sign_in(guest, invited)
    assert "has chosen you for" in guest.get(f"/briefs/{brief_id}").text


def test_an_applicant_keeps_sight_of_a_brief_that_turns_private(context: None) -> None:
    with transaction():
        brand, applicant = make_brand(), make_creator()
        brief = make_brief(brand)
        make_application(applicant, brief.id)
        brief.visibility = Visibility.PRIVATE
        assert get_brief(applicant.actor, brief.id) is brief


@pytest.mark.parametrize("by", list(BlockedBy))
def test_the_blocked_see_nothing_of_each_others_briefs(context: None, client: Client, by: BlockedBy) -> None:
    with transaction():
        brand, creator, other = make_brand(), make_creator(), make_creator("Gu Wen")
        brief_id = make_brief(brand).id
        db.session.add(
            Block(brand_id=brand.id, creator_id=creator.id, by_side=by, user_id=brand.user_id, at=clock.now())
        )
    sign_in(client, creator)
    assert client.get(f"/briefs/{brief_id}").status_code == 404
    assert client.get(f"/b/{brand.handle}").status_code == 404
    assert client.post(f"/briefs/{brief_id}/ask", data={"question": "May I?"}).status_code == 404
    assert "A week of suppers" not in client.get("/briefs").text
    assert "A week of suppers" not in client.get("/today").text
    elsewhere = client.application.test_client()
    sign_in(elsewhere, other)
    assert "A week of suppers" in elsewhere.get("/briefs").text
