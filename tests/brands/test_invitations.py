"""Asking somebody into a company by mail: who may, what the mail says, and whom its link lets in."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import Side, User
from marketplace.accounts.service import find_user
from marketplace.app import load_actor
from marketplace.brands import invitations
from marketplace.brands.members import remove_member
from marketplace.brands.models import Invitation, MemberEventKind
from marketplace.brands.queries import member_events, members_of, open_invitations
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.market import (
    PASSWORD,
    BrandSide,
    make_admin,
    make_brand,
    make_creator,
    make_member,
    make_user,
    sign_in,
)
from tests.support.races import at_once
from tests.support.web import Client

EMAIL = "gu.wen@example.com"


def _brand() -> BrandSide:
    with transaction():
        return make_brand()


def _invite(brand: BrandSide, email: str = EMAIL, role: str = "manager", locale: str = "en") -> int:
    with transaction():
        return invitations.invite(brand.actor, email, BrandRole(role), locale).id


def _mails(address: str = EMAIL) -> list[Mail]:
    """Newest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Mail).where(Mail.address == address).order_by(Mail.id.desc())))


def _link(address: str = EMAIL) -> str:
    mail = _mails(address)[0]
    found = re.search(r"https?://[^/\s]+(/join/\S+)", mail.body_text)
    assert found is not None
    assert found[1] in mail.body_html
    return found[1]


def _token(address: str = EMAIL) -> str:
    return _link(address).rpartition("/")[2]


def _roles(brand: BrandSide) -> list[BrandRole]:
    with transaction():
        return [member.role for member in members_of(brand.id)]


def _user(email: str = EMAIL, *, confirmed: bool = True) -> User:
    with transaction():
        user = make_user(Side.CREATOR, "Gu Wen", confirmed=confirmed)
        user.email = email
        return user


def _as_user(client: Client, user: User) -> None:
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_the_mail_says_who_asks_for_what(context: None, client: Client) -> None:
    brand = _brand()
    sign_in(client, brand)
    answer = client.post("/company/members/invitations", data={"email": f" {EMAIL} ", "role": "finance"})
    assert (answer.status_code, answer.location) == (303, "/company/members")
    mail = _mails()[0]
    assert (mail.subject, mail.user_id) == ("Tidewell owner invites you to join Tidewell", None)
    for part in (
        "Tidewell owner invites you to join Tidewell",
        "Finance",
        "Sees everything, writes messages and pays.",
    ):
        assert part in mail.body_text
        assert part in mail.body_html
    page = client.get("/company/members").text
    assert EMAIL in page
    assert "Invited by Tidewell owner" in page
    assert f"Tidewell owner invited {EMAIL}. Role: Finance" in page


def test_the_database_keeps_no_token(context: None) -> None:
    brand = _brand()
    _invite(brand)
    kept = db.session.scalars(select(Invitation)).one()
    assert _token() not in (kept.token_hash, kept.email)
    assert kept.expires_at - kept.invited_at == timedelta(days=settings().invitation_days)


def test_somebody_with_an_account_is_written_to_in_their_language(context: None) -> None:
    brand = _brand()
    user = _user()
    with transaction():
        db.session.get_one(User, user.id).locale = "zh"
    _invite(brand)
    assert (_mails()[0].locale, _mails()[0].user_id) == ("zh", user.id)


@pytest.mark.parametrize("role", ["manager", "finance", "viewer"])
def test_only_owners_invite(context: None, client: Client, role: str) -> None:
    with transaction():
        brand = make_brand()
        member = make_member(brand, role)
    with pytest.raises(NotAllowed), transaction():
        invitations.invite(member.actor, EMAIL, BrandRole.VIEWER, "en")
    sign_in(client, member)
    assert client.post("/company/members/invitations", data={"email": EMAIL, "role": "viewer"}).status_code == 403
    assert _mails() == []


def test_who_hasnt_confirmed_their_own_e_mail_writes_to_nobody(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand(confirmed=False)
    sign_in(client, brand)
    answer = client.post("/company/members/invitations", data={"email": EMAIL, "role": "viewer"})
    assert answer.status_code == 422
    assert "Confirm your e-mail first" in answer.text
    assert _mails() == []


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "x" * 300 + "@example.com", "a@example.com, b@example.com"])
def test_what_is_no_e_mail_is_refused(context: None, client: Client, typed: str) -> None:
    brand = _brand()
    sign_in(client, brand)
    answer = client.post("/company/members/invitations", data={"email": typed, "role": "viewer"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_role_is_one_of_the_four(context: None, client: Client) -> None:
    brand = _brand()
    sign_in(client, brand)
    for role in ("", "emperor"):
        answer = client.post("/company/members/invitations", data={"email": EMAIL, "role": role})
        assert answer.status_code == 422
        assert 'id="role-error"' in answer.text


def test_members_and_the_invited_are_not_invited_again(context: None) -> None:
    with transaction():
        brand = make_brand()
        member = db.session.get_one(User, make_member(brand, "viewer").user_id).email
    _invite(brand)
    for email in (member.upper(), EMAIL.upper()):
        with pytest.raises(Invalid) as refused, transaction():
            invitations.invite(brand.actor, email, BrandRole.VIEWER, "en")
        assert refused.value.field == "email"
    assert len(_mails()) == 1


def test_an_expired_invitation_makes_room_for_another(context: None) -> None:
    brand = _brand()
    _invite(brand)
    old = _token()
    with clock.at(clock.now() + timedelta(days=settings().invitation_days, seconds=1)):
        _invite(brand, role="viewer")
        with transaction():
            assert [found.invitation.role for found in open_invitations(brand.id)] == [BrandRole.VIEWER]
        with pytest.raises(Invalid, match="newer invitation"):
            invitations.look_at_invitation(old)


def test_nobody_fills_a_mailbox_by_inviting(context: None, client: Client) -> None:
    brand = _brand()
    invitation_id = _invite(brand)
    sign_in(client, brand)
    answers = []
    for _ in range(5):
        answers.append(client.post(f"/company/members/invitations/{invitation_id}/resend").status_code)
        with transaction():
            invitation_id = open_invitations(brand.id)[0].invitation.id
    assert answers == [303, 303, 303, 303, 429]
    assert len(_mails()) == 5


def test_one_person_sends_only_so_many(context: None, client: Client) -> None:
    brand = _brand()
    sign_in(client, brand)
    answers = [
        client.post("/company/members/invitations", data={"email": f"p{n}@example.com", "role": "viewer"}).status_code
        for n in range(31)
    ]
    assert answers == [303] * 30 + [429]


def test_sending_again_makes_the_first_link_void(context: None, client: Client) -> None:
    brand = _brand()
    invitation_id = _invite(brand)
    first = _link()
    sign_in(client, brand)
    assert client.post(f"/company/members/invitations/{invitation_id}/resend").status_code == 303
    second = _link()
    assert first != second
    client.post("/sign-out")
    answer = client.get(first)
    assert answer.status_code == 410
    assert "Open the link in the newest mail" in answer.text
    assert client.get(second).status_code == 200


def test_taking_back_makes_the_link_void(context: None, client: Client) -> None:
    brand = _brand()
    invitation_id = _invite(brand)
    sign_in(client, brand)
    assert client.post(f"/company/members/invitations/{invitation_id}/revoke").status_code == 303
    assert client.post(f"/company/members/invitations/{invitation_id}/revoke").status_code == 409
    assert "taken this invitation back" in client.get(_link()).text
    with transaction():
        assert open_invitations(brand.id) == []
        assert member_events(brand.id).events[0].kind is MemberEventKind.REVOKED


def test_another_companys_invitations_are_not_there(context: None, client: Client) -> None:
    brand, rival = _brand(), _brand()
    invitation_id = _invite(brand)
    for verb in (invitations.resend, invitations.revoke):
        with pytest.raises(NotFound), transaction():
            verb(rival.actor, invitation_id, *(["en"] if verb is invitations.resend else []))
    sign_in(client, rival)
    assert client.post(f"/company/members/invitations/{invitation_id}/resend").status_code == 404
    assert client.post(f"/company/members/invitations/{invitation_id}/revoke").status_code == 404


# --- Joining ----------------------------------------------------------------------------------------------------------


def test_a_newcomer_makes_an_account_with_the_e_mail_fixed(context: None, client: Client) -> None:
    brand = _brand()
    _invite(brand, role="finance")
    page = client.get(_link()).text
    assert "Join Tidewell" in page
    assert f'value="{EMAIL}"' in page
    answer = client.post(_link(), data={"name": "Gu Wen", "password": PASSWORD, "email": "mallory@example.com"})
    assert (answer.status_code, answer.location) == (303, "/today")
    user = find_user(EMAIL)
    assert user is not None
    assert user.email_confirmed_at is not None
    assert (user.side, user.name) == (Side.BRAND, "Gu Wen")
    assert find_user("mallory@example.com") is None
    with transaction():
        assert load_actor(user).brand_role is BrandRole.FINANCE
    assert "Gu Wen (you)" in client.get("/company/members").text
    assert "Gu Wen joined. Role: Finance" in client.get("/company/members").text


@pytest.mark.parametrize(("field", "typed"), [("name", ""), ("name", "…"), ("password", "short"), ("password", "")])
def test_a_wrong_account_is_told_and_the_link_stays_good(context: None, client: Client, field: str, typed: str) -> None:
    brand = _brand()
    _invite(brand)
    answer = client.post(_link(), data={"name": "Gu Wen", "password": PASSWORD, field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert (find_user(EMAIL), _roles(brand)) == (None, [BrandRole.OWNER])
    assert client.post(_link(), data={"name": "Gu Wen", "password": PASSWORD}).status_code == 303


def test_a_signed_in_person_joins_after_a_look(context: None, client: Client) -> None:
    """Their own place stays; they act for the company from then on."""
    brand = _brand()
    with transaction():
        creator = make_creator()
        db.session.get_one(User, creator.user_id).email = EMAIL
    _invite(brand, EMAIL.upper())
    sign_in(client, creator)
    link = _link(_mails_address(EMAIL))
    page = client.get(link).text
    assert "Join Tidewell" in page
    assert "Manager" in page
    assert _roles(brand) == [BrandRole.OWNER]
    assert client.post(link).location == "/today"
    assert _roles(brand) == [BrandRole.OWNER, BrandRole.MANAGER]
    assert client.get("/company/members").status_code == 200
    assert client.get("/me/profile").status_code == 403
    assert client.post("/places", data={"place": "creator"}).status_code == 303
    assert client.get("/me/profile").status_code == 200


def _mails_address(email: str) -> str:
    """The spelling that the invitation was written to."""
    db.session.rollback()
    query = select(Mail.address).where(func.lower(Mail.address) == email.lower(), Mail.message == "brand_invitation")
    return str(db.session.scalars(query.order_by(Mail.id.desc())).first())


def test_joining_confirms_the_e_mail(context: None, client: Client) -> None:
    brand = _brand()
    user = _user(confirmed=False)
    _invite(brand)
    _as_user(client, user)
    assert client.post(_link()).status_code == 303
    db.session.rollback()
    assert db.session.get_one(User, user.id).email_confirmed_at is not None


def test_with_another_e_mail_one_is_told_so_and_joins_nothing(context: None, client: Client) -> None:
    brand, rival = _brand(), _brand()
    _invite(brand)
    sign_in(client, rival)
    page = client.get(_link())
    assert page.status_code == 200
    assert "This invitation is for another e-mail" in page.text
    assert "Sign out" in page.text
    assert "This invitation is for another e-mail" in client.post(_link()).text
    with pytest.raises(NotAllowed), transaction():
        invitations.accept_invitation(rival.actor, _token())
    assert _roles(brand) == [BrandRole.OWNER]
    link = _link()
    assert client.post("/sign-out", data={"next": link}).location == link


def test_somebody_with_an_account_signs_in_first_and_comes_back(context: None, client: Client) -> None:
    brand = _brand()
    user = _user()
    _invite(brand)
    page = client.get(_link()).text
    assert f"/sign-in?next={_link()}" in page
    assert "Password" not in page
    assert client.post(_link(), data={"name": "Mallory", "password": PASSWORD}).status_code == 200
    assert _roles(brand) == [BrandRole.OWNER]
    answer = client.post("/sign-in", data={"email": user.email, "password": PASSWORD, "next": _link()})
    assert answer.location == _link()
    assert client.post(_link()).status_code == 303


def test_an_administrator_takes_no_side(context: None, client: Client) -> None:
    brand = _brand()
    with transaction():
        admin = make_admin()
        user = db.session.get_one(User, admin.user_id)
        user.email = EMAIL
    _invite(brand)
    _as_user(client, user)
    assert client.post(_link()).status_code == 403
    assert _roles(brand) == [BrandRole.OWNER]


def test_a_link_works_once(context: None, client: Client, app: Flask) -> None:
    brand = _brand()
    _invite(brand)
    link = _link()
    client.post(link, data={"name": "Gu Wen", "password": PASSWORD})
    for someone in (client, app.test_client()):
        answer = someone.get(link)
        assert answer.status_code == 410
        assert "accepted already" in answer.text
    with transaction():
        user = find_user(EMAIL)
        assert user is not None
        remove_member(brand.actor, user.id)
    assert client.post(link).status_code == 404, "a form sent in a place that is lost since goes nowhere"
    assert client.post(link).status_code == 410
    assert _roles(brand) == [BrandRole.OWNER]


def test_an_old_link_says_so(context: None, client: Client) -> None:
    brand = _brand()
    _invite(brand)
    late = clock.at(clock.now() + timedelta(days=settings().invitation_days))
    with late, pytest.raises(Invalid, match="too old"):
        invitations.look_at_invitation(_token())
    with clock.at(clock.now() + timedelta(days=settings().invitation_days, seconds=-5)):
        assert invitations.look_at_invitation(_token()).brand.name == "Tidewell"


@pytest.mark.parametrize("token", ["made-up", "x" * 300, "%00", "é"])
def test_a_made_up_link_says_so(context: None, client: Client, token: str) -> None:
    answer: TestResponse = client.get(f"/join/{token}")
    assert answer.status_code == 410
    assert "isn’t one of ours" in answer.text


def test_a_member_made_one_meanwhile_is_told(context: None) -> None:
    brand = _brand()
    user = _user()
    _invite(brand)
    token = _token()
    with transaction():
        actor = load_actor(db.session.get_one(User, user.id))
        invitations.accept_invitation(actor, token)
    with transaction():
        db.session.scalars(select(Invitation)).one().accepted_at = None
    with pytest.raises(Conflict), transaction():
        invitations.accept_invitation(actor, token)
    assert len(_roles(brand)) == 2


@pytest.mark.parametrize("_round", range(3))
def test_two_clicks_at_once_make_one_member(app: Flask, _round: int) -> None:
    with app.app_context():
        brand = _brand()
        user = _user()
        _invite(brand)
        token = _token()
        with transaction():
            actor = load_actor(db.session.get_one(User, user.id))
    accept = lambda: invitations.accept_invitation(actor, token)  # noqa: E731
    assert at_once(app, accept, accept) == ["Invalid", "done"]
    with app.app_context():
        assert len(_roles(brand)) == 2


def test_taking_back_while_it_is_accepted_has_one_effect(app: Flask) -> None:
    with app.app_context():
        brand = _brand()
        user = _user()
        invitation_id = _invite(brand)
        token = _token()
        with transaction():
            actor = load_actor(db.session.get_one(User, user.id))
    outcomes = at_once(
        app,
        lambda: invitations.accept_invitation(actor, token),
        lambda: invitations.revoke(brand.actor, invitation_id),
    )
    assert outcomes in (["Conflict", "done"], ["Invalid", "done"])
    with app.app_context():
        assert len(_roles(brand)) == (2 if outcomes[0] == "Conflict" else 1)
