"""People: finding them, suspending them, and what a suspension ends."""

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import Side, User
from marketplace.accounts.service import authenticate
from marketplace.console.models import StandingChange
from marketplace.console.people import PAGE
from marketplace.console.service import reinstate_user, suspend_user
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.ids import new_uuid
from marketplace.payouts.models import ConnectedAccount
from tests.console.conftest import Admin, admin_at
from tests.ledger.books import at_once
from tests.support.agencies import make_agency
from tests.support.counting import counted_queries
from tests.support.market import PASSWORD, BrandSide, CreatorSide, make_brand, make_creator, make_user, sign_in
from tests.support.web import Client

WHY = "Sent the same message to forty creators."


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator("Lin Yue")


@pytest.fixture
def brand(app: Flask) -> BrandSide:
    with app.app_context(), transaction():
        return make_brand("Tidewell")


def listed(admin: Admin, query: str) -> list[str]:
    """The names on the page, in order."""
    page = admin.client.get(f"/console/users?{query}").text
    rows = page.split('<th scope="row">')[1:]
    return [row[row.index(">") + 1 : row.index("</a>")] for row in rows]


def test_people_are_found_by_name_e_mail_side_and_standing(app: Flask, admin: Admin, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        make_user(Side.BRAND, "100% Pots", confirmed=False)
        email = db.session.get_one(User, creator.user_id).email
    assert listed(admin, "q=lin+yue") == ["Lin Yue"]
    assert listed(admin, f"q={email.upper()}") == ["Lin Yue"]
    assert listed(admin, "q=%25") == ["100% Pots"], "a sign of the search language is a sign"
    assert listed(admin, "side=brand") == ["100% Pots"]
    assert listed(admin, "standing=unconfirmed") == ["100% Pots"]
    assert "Arbiter Wei" in listed(admin, "standing=admin&side=none")
    assert listed(admin, "standing=suspended") == []
    assert "Nobody fits all of this" in admin.client.get("/console/users?q=zzz").text


def test_a_page_of_one_says_whom_they_act_for(admin: Admin, creator: CreatorSide, brand: BrandSide) -> None:
    page = admin.client.get(f"/console/users/{creator.user_id}").text
    assert f"/c/{creator.handle}" in page
    assert "50,000 verified fans" in page
    assert "Payout account of" not in page, "there is none yet"
    page = admin.client.get(f"/console/users/{brand.user_id}").text
    assert f"/b/{brand.handle}" in page
    assert "Owner</span>" in page


def test_a_page_of_one_leads_to_the_payout_accounts_they_act_for(
    app: Flask, admin: Admin, creator: CreatorSide
) -> None:
    with app.app_context(), transaction():
        agency = make_agency()
        accounts = [
            ConnectedAccount(id=new_uuid(), creator_id=creator.id, created_at=clock.now()),
            ConnectedAccount(id=new_uuid(), agency_id=agency.id, created_at=clock.now()),
        ]
        db.session.add_all(accounts)
        theirs, its = [f"/console/payees/{account.id}" for account in accounts]
    assert theirs in admin.client.get(f"/console/users/{creator.user_id}").text
    page = admin.client.get(f"/console/users/{agency.user_id}").text
    assert its in page
    assert "Lantern Agency" in page


def test_a_suspension_ends_every_session_and_lets_nobody_in(
    app: Flask, admin: Admin, client: Client, creator: CreatorSide
) -> None:
    sign_in(client, creator)
    assert client.get("/me/channels").status_code == 200
    answer = admin.client.post(f"/console/users/{creator.user_id}/suspend", data={"reason": WHY})
    assert (answer.status_code, answer.location) == (303, f"/console/users/{creator.user_id}")
    assert "/sign-in" in client.get("/me/channels").location
    with app.app_context(), transaction():
        email = db.session.get_one(User, creator.user_id).email
        with pytest.raises(NotAllowed, match="suspended"):
            authenticate(email, PASSWORD)
    page = admin.client.get(f"/console/users/{creator.user_id}").text
    assert WHY in page
    assert "Arbiter Wei suspended the account" in page
    assert listed(admin, "standing=suspended") == ["Lin Yue"]


def test_a_reinstated_person_signs_in_anew(app: Flask, admin: Admin, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    address = f"/console/users/{creator.user_id}"
    admin.client.post(f"{address}/suspend", data={"reason": WHY})
    assert admin.client.post(f"{address}/reinstate", data={"reason": "They apologised."}).status_code == 303
    assert client.get("/me/channels").status_code == 302, "the old session stays ended"
    with app.app_context(), transaction():
        user = db.session.get_one(User, creator.user_id)
        assert authenticate(user.email, PASSWORD).id == creator.user_id
    page = admin.client.get(address).text
    assert page.index("They apologised.") < page.index(WHY), "the newest first"


@pytest.mark.parametrize("reason", ["", " \n\t ", "x" * 1001, "\x00"])
def test_a_reason_is_needed(app: Flask, admin: Admin, creator: CreatorSide, reason: str) -> None:
    refused = admin.client.post(f"/console/users/{creator.user_id}/suspend", data={"reason": reason})
    assert refused.status_code == 422
    assert 'class="invalid-feedback' in refused.text
    with app.app_context():
        assert db.session.get_one(User, creator.user_id).suspended_at is None
        assert db.session.scalars(select(StandingChange)).all() == []


def test_nobody_suspends_or_reinstates_themselves(app: Flask, admin: Admin) -> None:
    assert "This is you" in admin.client.get(f"/console/users/{admin.user_id}").text
    for act in ("suspend", "reinstate"):
        answer = admin.client.post(f"/console/users/{admin.user_id}/{act}", data={"reason": WHY})
        assert answer.status_code in (403, 409)
    with app.app_context():
        assert db.session.get_one(User, admin.user_id).suspended_at is None


def test_a_second_click_changes_nothing(app: Flask, admin: Admin, creator: CreatorSide) -> None:
    address = f"/console/users/{creator.user_id}"
    assert admin.client.post(f"{address}/reinstate", data={"reason": WHY}).status_code == 409
    assert admin.client.post(f"{address}/suspend", data={"reason": WHY}).status_code == 303
    assert admin.client.post(f"{address}/suspend", data={"reason": WHY}).status_code == 409
    with app.app_context():
        assert len(db.session.scalars(select(StandingChange)).all()) == 1


def test_two_administrators_who_suspend_each_other_leave_one(app: Flask, admin: Admin) -> None:
    other = admin_at(app, "Pan Qing")
    answers = at_once(
        app,
        [
            lambda: suspend_user(admin.actor, other.user_id, WHY).id,
            lambda: suspend_user(other.actor, admin.user_id, WHY).id,
        ],
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NotAllowed", "int"]


def test_the_verbs_refuse_by_themselves(context: None, admin: Admin, creator: CreatorSide) -> None:
    with pytest.raises(NotAllowed):
        suspend_user(creator.actor, admin.user_id, WHY)
    with pytest.raises(NotFound):
        suspend_user(admin.actor, 10**9, WHY)
    with pytest.raises(Invalid):
        suspend_user(admin.actor, creator.user_id, "  ")
    with pytest.raises(Conflict):
        reinstate_user(admin.actor, creator.user_id, WHY)
    db.session.rollback()


def test_strangers_suspend_nobody(app: Flask, client: Client, creator: CreatorSide, brand: BrandSide) -> None:
    address = f"/console/users/{creator.user_id}/suspend"
    assert client.post(address, data={"reason": WHY}).status_code == 302
    sign_in(client, brand)
    assert client.post(address, data={"reason": WHY}).status_code == 403
    with app.app_context():
        assert db.session.get_one(User, creator.user_id).suspended_at is None


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "x" * 5000, "side=admin&standing=none", "before=0", "before=-1", "before=" + "9" * 40, "before=x"],
)
def test_hostile_addresses_are_lists(admin: Admin, query: str) -> None:
    assert admin.client.get(f"/console/users?{query}").status_code == 200


def test_people_who_never_were(admin: Admin) -> None:
    for number in ("0", "999999", str(2**63 - 1), "9" * 30):
        assert admin.client.get(f"/console/users/{number}").status_code == 404
        assert admin.client.post(f"/console/users/{number}/suspend", data={"reason": WHY}).status_code == 404


def test_pages_go_on_and_ask_the_same(app: Flask, admin: Admin, creator: CreatorSide) -> None:
    pages = ("/console/users", f"/console/users/{creator.user_id}")
    with counted_queries(app) as few:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    with app.app_context(), transaction():
        for number in range(PAGE):
            make_user(Side.BRAND, f"Person {number:02}")
        for act in (suspend_user, reinstate_user) * 3:
            act(admin.actor, creator.user_id, WHY)
    with counted_queries(app) as many:
        assert [admin.client.get(page).status_code for page in pages] == [200, 200]
    assert len(many) == len(few) <= 24, many
    first = listed(admin, "")
    assert len(first) == PAGE
    page = admin.client.get("/console/users").text
    older = page[page.index("before=") :].split('"')[0]
    assert "Lin Yue" in listed(admin, older)
    assert not set(first) & set(listed(admin, older))
