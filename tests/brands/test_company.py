"""A company's profile: made by its first owner, changed by its managers, refused when it can't be right."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.brands.models import Brand, Member
from marketplace.brands.policy import missing_facts
from marketplace.brands.queries import brands_by_ids, get_brand_by_handle, members_of
from marketplace.brands.service import BrandFacts, create_brand, edit_brand
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.market import (
    brand_of,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    make_user,
    sign_in,
)
from tests.support.web import Client

FORM = {
    "name": "Tidewell",
    "handle": "tidewell",
    "legal_name": "Tidewell Co., Ltd.",
    "registration_number": "91310000MA1K00000X",
    "industry": "Kitchenware",
    "region": "Shanghai",
    "website": "https://tidewell.example",
    "about": "Pots that last.",
    "version": "0",
}


def _newcomer(client: Client) -> int:
    with transaction():
        user = make_user(Side.BRAND, "Su Bai")
        user_id, session_id = user.id, user.get_id()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_id, True
    return user_id


def _send(client: Client, **changes: str) -> TestResponse:
    return client.post("/company", data=FORM | changes)


def _brands() -> int:
    with transaction():
        return db.session.scalar(select(func.count()).select_from(Brand)) or 0


def test_the_first_save_makes_the_company_and_its_owner(context: None, client: Client) -> None:
    user_id = _newcomer(client)
    assert client.get("/company").status_code == 200
    answer = _send(client)
    assert (answer.status_code, answer.location) == (303, "/company")
    with transaction():
        brand = get_brand_by_handle("tidewell")
        assert [(member.user_id, member.role) for member in members_of(brand.id)] == [(user_id, BrandRole.OWNER)]
        assert missing_facts(brand) == []
        assert list(brands_by_ids([brand.id, 999])) == [brand.id]
    assert "Your company profile is saved." in client.get("/company").text


def test_what_is_missing_before_a_brief_is_named(context: None, client: Client) -> None:
    _newcomer(client)
    _send(client, registration_number="", region="")
    page = client.get("/company").text
    assert "Drafts can be written meanwhile" in page
    with transaction():
        assert [str(name) for name in missing_facts(get_brand_by_handle("tidewell"))] == [
            "Registration number", "City or region",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 61),
        ("legal_name", ""),
        ("legal_name", "x" * 121),
        ("handle", ""),
        ("handle", "Tidewell"),
        ("handle", "-tidewell"),
        ("handle", "tide well"),
        ("handle", "tidewell/../b"),
        ("handle", "t"),
        ("handle", "x" * 40),
        ("handle", "潮汐"),
        ("registration_number", "9" * 41),
        ("industry", "x" * 61),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://tidewell.example"),
        ("website", "tidewell"),
        ("website", "https://"),
        ("website", "https://[broken"),
        ("about", "x" * 2001),
        ("version", "abc"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(context: None, client: Client, field: str, typed: str) -> None:
    _newcomer(client)
    answer = _send(client, **{field: typed})
    assert answer.status_code == 422
    assert "One thing to correct" in answer.text
    if field != "version":
        assert f'id="{field}-error"' in answer.text
    assert 'value="Tidewell Co., Ltd."' in answer.text or field == "legal_name"
    assert _brands() == 0


def test_markup_in_a_profile_is_only_text(context: None, client: Client) -> None:
    _newcomer(client)
    _send(client, name="<script>x</script>", about="<b>bold</b>\x00")
    page = client.get("/b/tidewell").text
    assert "<script>x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_anothers_address_is_refused(context: None, client: Client) -> None:
    with transaction():
        taken = make_brand().handle
    _newcomer(client)
    answer = _send(client, handle=taken)
    assert answer.status_code == 422
    assert "Another company has this address" in answer.text
    assert _brands() == 1


def test_a_double_submit_makes_one_company(context: None, client: Client) -> None:
    _newcomer(client)
    assert _send(client).status_code == 303
    assert _send(client).status_code == 409
    assert _brands() == 1


def test_two_first_saves_at_once_make_one_company(app: Flask) -> None:
    with app.app_context(), transaction():
        actor = load_actor(make_user(Side.BRAND))
    ready, outcomes = threading.Barrier(2), []

    def save(handle: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    create_brand(actor, BrandFacts(name=handle, handle=handle, legal_name=handle))
                outcomes.append("made")
            except Conflict:
                outcomes.append("conflict")

    threads = [threading.Thread(target=save, args=[handle]) for handle in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "made"]
    with app.app_context(), transaction():
        assert db.session.scalar(select(func.count()).select_from(Member)) == 1


def test_an_older_form_is_refused(context: None) -> None:
    with transaction():
        brand = make_brand()
        facts = BrandFacts(name="Tidewell", handle="tidewell", legal_name="Tidewell")
        version = brand_of(brand).version
        edit_brand(brand.actor, brand.id, facts, version)
        with pytest.raises(Conflict):
            edit_brand(brand.actor, brand.id, facts, version)


@pytest.mark.parametrize(("role", "may"), [("manager", True), ("finance", False), ("viewer", False)])
def test_only_owners_and_managers_change_the_profile(context: None, client: Client, role: str, may: bool) -> None:
    with transaction():
        brand = make_brand()
        member = make_member(brand, role)
    sign_in(client, member)
    page = client.get("/company")
    assert page.status_code == 200
    assert ("Save the company profile" in page.text) is may
    assert _send(client, handle=brand.handle, version="1").status_code == (303 if may else 403)


def test_nobody_edits_another_company(context: None) -> None:
    with transaction():
        own, other = make_brand(), make_brand("Northmoss")
        with pytest.raises(NotFound):
            edit_brand(own.actor, other.id, BrandFacts("x", "x-1", "x"), 1)
        with pytest.raises(Invalid):
            edit_brand(own.actor, own.id, BrandFacts("x", other.handle, "x"), 1)
        viewer = make_member(own, "viewer")
        with pytest.raises(NotAllowed):
            edit_brand(viewer.actor, own.id, BrandFacts("x", "x-1", "x"), 1)


def test_creators_and_visitors_have_no_company_page(context: None, client: Client) -> None:
    assert client.get("/company").location == "/sign-in?next=/company"
    with transaction():
        creator = make_creator()
    sign_in(client, creator)
    assert client.get("/company").status_code == 403
    assert _send(client).status_code == 403


def test_the_public_page_shows_open_briefs_only(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        make_brief(brand)
        hidden = make_brief(brand, opened=False)
        hidden.title = "A secret plan"
    page = client.get(f"/b/{brand.handle}")
    assert page.status_code == 200
    assert "A week of suppers" in page.text
    assert "A secret plan" not in page.text
    assert client.get("/b/nobody-here").status_code == 404
