"""Who belongs to a company: roles, limits, leaving, removing, handing over; what each role sees of it."""

from collections.abc import Callable

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import User
from marketplace.app import load_actor
from marketplace.brands import members
from marketplace.brands.limits import commit
from marketplace.brands.models import MemberEventKind
from marketplace.brands.queries import member_events, member_row, member_rows, members_of
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed, NotFound
from marketplace.kit.money import Money
from tests.support.market import PASSWORD, BrandSide, make_brand, make_member, sign_in
from tests.support.races import at_once
from tests.support.web import Client

OWNER, MANAGER, FINANCE, VIEWER = BrandRole.OWNER, BrandRole.MANAGER, BrandRole.FINANCE, BrandRole.VIEWER


def _company(*roles: str) -> tuple[BrandSide, ...]:
    with transaction():
        brand = make_brand()
        return (brand, *(make_member(brand, role) for role in roles))


def _roles(brand: BrandSide) -> dict[int, BrandRole]:
    with transaction():
        return {member.user_id: member.role for member in members_of(brand.id)}


def _kinds(brand: BrandSide) -> list[MemberEventKind]:
    with transaction():
        return [event.kind for event in member_events(brand.id).events]


def _actor(side: BrandSide) -> Actor:
    return load_actor(db.session.get_one(User, side.user_id))


def test_an_owner_gives_and_takes_roles(context: None) -> None:
    brand, viewer = _company("viewer")
    with transaction():
        members.change_role(brand.actor, viewer.user_id, FINANCE)
    assert _roles(brand)[viewer.user_id] is FINANCE
    with transaction():
        assert _actor(viewer).brand_role is FINANCE
        event = member_events(brand.id).events[0]
        assert (event.kind, event.role_before, event.role) == (MemberEventKind.ROLE, VIEWER, FINANCE)
        assert (event.user_id, event.subject) == (brand.user_id, f"viewer of {brand.handle}")


def test_giving_the_role_somebody_has_changes_nothing(context: None) -> None:
    brand, viewer = _company("viewer")
    with transaction():
        members.change_role(brand.actor, viewer.user_id, VIEWER)
    assert _kinds(brand) == [MemberEventKind.FOUNDED]


@pytest.mark.parametrize("role", ["manager", "finance", "viewer"])
def test_nobody_but_owners_says_who_belongs_to_the_company(context: None, role: str) -> None:
    brand, member = _company(role)
    verbs: list[Callable[[], object]] = [
        lambda: members.change_role(member.actor, member.user_id, OWNER),
        lambda: members.set_limit(member.actor, brand.user_id, Money(1)),
        lambda: members.remove_member(member.actor, brand.user_id),
        lambda: members.transfer_ownership(member.actor, brand.user_id),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowed), transaction():
            verb()
    assert _roles(brand) == {brand.user_id: OWNER, member.user_id: BrandRole(role)}


def test_an_owner_of_a_moment_ago_is_none_now(context: None) -> None:
    """The actor was loaded before somebody else changed their role."""
    brand, second = _company("owner")
    with transaction():
        members.change_role(brand.actor, second.user_id, VIEWER)
    with pytest.raises(NotAllowed), transaction():
        members.remove_member(second.actor, brand.user_id)


def test_another_companys_people_are_not_there(context: None) -> None:
    brand, viewer = _company("viewer")
    rival = _company()[0]
    for verb in (
        lambda: members.change_role(rival.actor, viewer.user_id, OWNER),
        lambda: members.set_limit(rival.actor, viewer.user_id, None),
        lambda: members.remove_member(rival.actor, viewer.user_id),
        lambda: members.transfer_ownership(rival.actor, viewer.user_id),
    ):
        with pytest.raises(NotFound), transaction():
            verb()
    assert _roles(brand)[viewer.user_id] is VIEWER


def test_the_last_owner_stays(context: None) -> None:
    brand, _manager = _company("manager")
    with pytest.raises(Conflict), transaction():
        members.leave(brand.actor)
    with pytest.raises(Conflict), transaction():
        members.change_role(brand.actor, brand.user_id, MANAGER)
    assert _roles(brand)[brand.user_id] is OWNER


def test_an_owner_beside_another_may_go(context: None) -> None:
    brand, second = _company("owner")
    with transaction():
        members.leave(brand.actor)
    assert _roles(brand) == {second.user_id: OWNER}
    with pytest.raises(NotFound), transaction():
        members.leave(brand.actor)
    assert _kinds(brand)[0] is MemberEventKind.LEFT


def test_a_removed_member_loses_the_placeat_once(context: None, client: Client) -> None:
    brand, manager = _company("manager")
    sign_in(client, manager)
    assert "manager of" in client.get("/company/members").text
    with transaction():
        members.remove_member(brand.actor, manager.user_id)
    page = client.get("/company/members")
    assert (page.status_code, page.location) == (303, "/company")
    with transaction():
        assert _actor(manager).brand_id is None


def test_nobody_removes_themselves_or_sets_their_own_limit(context: None) -> None:
    brand, _second = _company("owner")
    with pytest.raises(NotAllowed), transaction():
        members.remove_member(brand.actor, brand.user_id)
    with pytest.raises(NotAllowed), transaction():
        members.set_limit(brand.actor, brand.user_id, None)


def test_handing_over_swaps_the_roles_in_one_step(context: None) -> None:
    brand, viewer = _company("viewer")
    with transaction():
        members.set_limit(brand.actor, viewer.user_id, Money(100_00))
        members.transfer_ownership(brand.actor, viewer.user_id)
    assert _roles(brand) == {brand.user_id: MANAGER, viewer.user_id: OWNER}
    with transaction():
        assert member_row(brand.id, viewer.user_id).limit is None
    with pytest.raises(NotAllowed), transaction():
        members.transfer_ownership(brand.actor, viewer.user_id)


def test_an_owner_has_no_limit_until_another_owner_sets_one(context: None) -> None:
    brand, second = _company("manager")
    with transaction():
        members.set_limit(brand.actor, second.user_id, Money(500_00))
        members.change_role(brand.actor, second.user_id, OWNER)
        assert member_row(brand.id, second.user_id).limit is None
        members.set_limit(brand.actor, second.user_id, Money(900_00))
    with transaction():
        commit(second.actor, "deal:1", Money(300_00))
        limit = member_row(brand.id, second.user_id).limit
        assert limit is not None
        assert (limit.most, limit.used, limit.left) == (Money(900_00), Money(300_00), Money(600_00))
        assert [row.used for row in member_rows(brand.id)] == [Money(0), Money(300_00)]
        events = member_events(brand.id).events
        assert [event.limit for event in events[:3]] == [Money(900_00), None, Money(500_00)]


@pytest.mark.parametrize("_round", range(5))
def test_two_owners_who_leave_at_once_leave_one(app: Flask, _round: int) -> None:
    with app.app_context():
        brand, second = _company("owner")
    outcomes = at_once(app, lambda: members.leave(brand.actor), lambda: members.leave(second.actor))
    assert outcomes == ["Conflict", "done"]
    with app.app_context():
        assert list(_roles(brand).values()) == [OWNER]


def test_two_owners_who_remove_each_other_at_once_leave_one(app: Flask) -> None:
    with app.app_context():
        brand, second = _company("owner")
    outcomes = at_once(
        app,
        lambda: members.remove_member(brand.actor, second.user_id),
        lambda: members.remove_member(second.actor, brand.user_id),
    )
    assert outcomes == ["NotFound", "done"]
    with app.app_context():
        assert list(_roles(brand).values()) == [OWNER]


def test_leaving_while_the_other_owner_steps_down_leaves_one(app: Flask) -> None:
    with app.app_context():
        brand, second = _company("owner")
    outcomes = at_once(
        app,
        lambda: members.leave(brand.actor),
        lambda: members.change_role(second.actor, second.user_id, MANAGER),
    )
    assert outcomes == ["Conflict", "done"]
    with app.app_context():
        assert list(_roles(brand).values()).count(OWNER) == 1


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_everybody_and_what_happened(context: None, client: Client) -> None:
    brand, finance = _company("finance")
    with transaction():
        members.set_limit(brand.actor, finance.user_id, Money(5_000_00))
    sign_in(client, brand)
    page = client.get("/company/members").text
    assert "Tidewell owner (you)" in page
    assert f"finance of {brand.handle}" in page
    assert "5,000" in page
    assert "Tidewell owner made the company’s profile" in page
    assert f"Tidewell owner set the spending limit of finance of {brand.handle} to ¥5,000.00 a month" in page
    assert "Send the invitation" in page


def test_others_look_but_change_nothing(context: None, client: Client) -> None:
    brand, viewer = _company("viewer")
    sign_in(client, viewer)
    page = client.get("/company/members")
    assert page.status_code == 200
    assert "Sees everything and changes nothing." in page.text
    assert "Send the invitation" not in page.text
    assert f"/company/members/{brand.user_id}" not in page.text
    assert client.get(f"/company/members/{brand.user_id}").status_code == 403


def test_an_owner_changes_a_member_on_their_page(context: None, client: Client) -> None:
    brand, viewer = _company("viewer")
    sign_in(client, brand)
    address = f"/company/members/{viewer.user_id}"
    assert client.get(address).status_code == 200
    assert client.post(f"{address}/role", data={"role": "finance"}).location == "/company/members"
    assert client.post(f"{address}/limit", data={"limit": "2,500"}).location == "/company/members"
    with transaction():
        row = member_row(brand.id, viewer.user_id)
        assert (row.member.role, row.member.limit) == (FINANCE, Money(2_500_00))
    assert 'value="2,500.00"' in client.get(address).text
    client.post(f"{address}/limit", data={"limit": ""})
    with transaction():
        assert member_row(brand.id, viewer.user_id).member.limit is None
    assert client.post(f"{address}/remove").location == "/company/members"
    assert _roles(brand) == {brand.user_id: OWNER}
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("form", "typed"),
    [("role", ""), ("role", "emperor"), ("limit", "-5"), ("limit", "lots"), ("limit", "1" * 30)],
)
def test_a_wrong_form_comes_back(context: None, client: Client, form: str, typed: str) -> None:
    brand, viewer = _company("viewer")
    sign_in(client, brand)
    answer = client.post(f"/company/members/{viewer.user_id}/{form}", data={form: typed})
    assert answer.status_code == 422
    assert "One thing to correct" in answer.text
    assert _kinds(brand) == [MemberEventKind.FOUNDED]


def test_the_last_owner_reads_why_the_role_stays(context: None, client: Client) -> None:
    brand = _company()[0]
    sign_in(client, brand)
    answer = client.post(f"/company/members/{brand.user_id}/role", data={"role": "viewer"})
    assert answer.status_code == 409
    assert "A company always has an owner" in answer.text
    assert client.post("/company/leave").status_code == 409


def test_handing_over_asks_for_the_password(context: None, client: Client) -> None:
    brand, manager = _company("manager")
    sign_in(client, brand)
    address = f"/company/members/{manager.user_id}/transfer"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"password": "not mine at all"}).status_code == 422
    assert _roles(brand)[brand.user_id] is OWNER
    assert client.post(address, data={"password": PASSWORD}).location == "/company/members"
    assert _roles(brand) == {brand.user_id: MANAGER, manager.user_id: OWNER}
    assert "Send the invitation" not in client.get("/company/members").text
    assert client.post(address, data={"password": PASSWORD}).status_code == 403


def test_a_password_is_not_guessed_by_handing_over(context: None, client: Client) -> None:
    brand, manager = _company("manager")
    sign_in(client, brand)
    address = f"/company/members/{manager.user_id}/transfer"
    answers = [client.post(address, data={"password": f"guess {n}"}).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_leaving_ends_at_ones_other_places(context: None, client: Client) -> None:
    brand, manager = _company("manager")
    sign_in(client, manager)
    assert client.get("/company/leave").status_code == 200
    assert client.post("/company/leave").location == "/places"
    assert _roles(brand) == {brand.user_id: OWNER}
    assert "You left Tidewell" in client.get("/places").text


def test_a_long_history_has_older_pages(context: None, client: Client) -> None:
    brand, viewer = _company("viewer")
    with transaction():
        for amount in range(1, 31):
            members.set_limit(brand.actor, viewer.user_id, Money(amount * 100))
    sign_in(client, brand)
    page = client.get("/company/members").text
    assert "¥30.00 a month" in page
    assert "¥5.00 a month" not in page
    with transaction():
        older = member_events(brand.id).older
    assert "¥5.00 a month" in client.get(f"/company/members?before={older}").text
    assert client.get(f"/company/members?before={2**70}").status_code == 200


def test_a_suspended_owner_is_none_that_a_company_could_be_left_with(context: None) -> None:
    owner, other = _company("owner")
    with transaction():
        db.session.get_one(User, other.user_id).suspended_at = clock.now()
    with pytest.raises(Conflict, match="always has an owner"), transaction():
        members.leave(owner.actor)
    assert _roles(owner)[owner.user_id] is BrandRole.OWNER
