"""The pages of deals as people meet them: in each state, with wrong input, and by those who have no business there."""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from marketplace.accounts.limits import MESSAGE, count_try
from marketplace.deals import service
from marketplace.deals.lifecycle import STEPS, Action, State
from marketplace.deals.models import DealSide, Message
from marketplace.deals.move import move_deal
from marketplace.deals.queries import deliveries_of, events_of, get_deal, messages_of, newest_terms, terms_of
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import store_file
from marketplace.kit import clock
from marketplace.kit.money import Money
from tests.support.deals import DealSides, counter, current, fingerprint_of, hand_in, in_days, make_deal, send_back
from tests.support.market import (
    PASSWORD,
    BrandSide,
    CreatorSide,
    make_admin,
    make_application,
    make_brand,
    make_brief,
    make_creator,
    make_member,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("context")
Side = CreatorSide | BrandSide


def _client(app: Flask, side: Side) -> FlaskClient:
    client = app.test_client()
    sign_in(client, side)
    return client


def _admin(app: Flask) -> FlaskClient:
    with transaction():
        actor = make_admin()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{actor.user_id}:1", True
    return client


@contextmanager
def _queries() -> Iterator[list[str]]:
    found: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def _text(response: TestResponse) -> str:
    """What a person reads, without markup and extra blanks."""
    plain = re.sub(r"<[^>]+>", " ", response.text)
    return " ".join(plain.replace("&#39;", "'").replace("&amp;", "&").split())


# --- Each state -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STEPS)
def test_each_state_says_whose_turn_it_is_and_offers_only_what_one_may_do(app: Flask, state: State) -> None:
    with transaction():
        sides = make_deal(state=state)
    deal = current(sides)
    pages = {side: _client(app, side).get(f"/deals/{sides.id}") for side in (sides.creator, sides.brand)}
    assert {page.status_code for page in pages.values()} == {200}
    turns = {side: "turn--you" in page.text for side, page in pages.items()}
    expected = {
        sides.creator: state in ("signing", "production", "publishing"),
        sides.brand: state not in ("production", "publishing"),
    }
    assert turns == expected
    for side, page in pages.items():
        acts = page.text.partition('class="turn__acts"')[2].partition("</section>")[0]
        assert acts.count("btn-primary") == (1 if expected[side] else 0)
    assert f"M-{deal.id}" in pages[sides.brand].text


def test_an_administrator_reads_and_has_no_button(app: Flask) -> None:
    admin = _admin(app)
    with transaction():
        made = [make_deal(state=state) for state in (State.NEGOTIATING, State.DRAFT_REVIEW)]
    for sides in made:
        page = admin.get(f"/deals/{sides.id}")
        assert page.status_code == 200
        assert 'class="btn' not in page.text.partition("<main")[2].partition("</main>")[0]
        assert "receives" in _text(page)
        assert "pays" in _text(page) or "paid" in _text(page)


def test_a_dispute_and_every_end_have_their_page(app: Flask) -> None:
    with transaction():
        disputed, cancelled, done, refunded = (
            make_deal(state=state) for state in (State.PRODUCTION, State.FUNDING, State.ACCEPTANCE, State.DRAFT_REVIEW)
        )
        deal = get_deal(disputed.creator.actor, disputed.id, lock=True)
        move_deal(deal, Action.OPEN_DISPUTE, disputed.creator.actor, DealSide.CREATOR)
        service.cancel(cancelled.brand.actor, cancelled.id, "Called off <b>today</b>")
        move_deal(current(done), Action.ACCEPT_WORK, done.brand.actor, DealSide.BRAND)
        move_deal(current(refunded), Action.OPEN_DISPUTE, refunded.brand.actor, DealSide.BRAND)
        move_deal(current(refunded), Action.RULE_REFUNDED, make_admin(), DealSide.ADMIN)
    words = {disputed: "Held still", cancelled: "No money was paid", done: "Settled on", refunded: "Refunded on"}
    for sides, expected in words.items():
        for side in (sides.creator, sides.brand):
            page = _client(app, side).get(f"/deals/{sides.id}")
            assert expected in _text(page)
    page = _client(app, cancelled.creator).get(f"/deals/{cancelled.id}")
    assert "Called off &lt;b&gt;today&lt;/b&gt;" in page.text


@pytest.mark.parametrize("state", STEPS)
def test_a_page_needs_at_most_twelve_queries_however_much_happened(app: Flask, state: State) -> None:
    with transaction():
        sides = make_deal(state=state)
        for number in range(30):
            service.post_message(sides.brand.actor, sides.id, f"Message {number}")
        if state is State.DRAFT_REVIEW:
            send_back(sides)
            hand_in(sides)
    for side in (sides.creator, sides.brand):
        client = _client(app, side)
        for path in ("", "/messages"):
            with _queries() as found:
                assert client.get(f"/deals/{sides.id}{path}").status_code == 200
            assert len(found) <= 12, "\n".join(found)


def test_the_list_needs_the_same_queries_for_one_deal_and_for_many(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client, counts = _client(app, sides.brand), []
    for _round in range(2):
        with _queries() as found:
            assert client.get("/deals").status_code == 200
        counts.append(len(found))
        with transaction():
            for _ in range(4):
                make_deal(sides.creator, sides.brand, state=State.SIGNING)
    assert counts[0] == counts[1] <= 12


def test_the_list_has_three_heaps_and_pages(app: Flask) -> None:
    with transaction():
        sides = make_deal(title="The one that waits")
        for number in range(21):
            other = make_deal(sides.creator, sides.brand, title=f"Over {number}")
            service.cancel(sides.creator.actor, other.id, "Called off.")
    brand, creator = _client(app, sides.brand), _client(app, sides.creator)
    assert "The one that waits" in brand.get("/deals").text
    assert "The one that waits" not in creator.get("/deals").text
    assert "The one that waits" in creator.get("/deals?tab=theirs").text
    first, second = brand.get("/deals?tab=done"), brand.get("/deals?tab=done&page=2")
    assert [page.text.count("Over ") >= 1 for page in (first, second)] == [True, True]
    assert [len(re.findall(r"<h3>", page.text)) for page in (first, second)] == [20, 1]
    for odd in ("?tab=nonsense", "?page=0", "?page=-5", "?page=99999999999999999999", "?page=x"):
        assert brand.get(f"/deals{odd}").status_code == 200


def test_nobody_with_no_deal_meets_an_empty_page(app: Flask) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
    for side, words in ((creator, "apply to a brief"), (brand, "invite one")):
        for tab in ("yours", "theirs", "done"):
            page = _client(app, side).get(f"/deals?tab={tab}")
            assert page.status_code == 200
            assert 'class="panel empty"' in page.text
        assert words in _text(_client(app, side).get("/deals"))


# --- Those who have no business there ---------------------------------------------------------------------------------


def _addresses(sides: DealSides) -> Iterator[tuple[str, str]]:
    deal_id = sides.id
    for path in (
        "",
        "/contract",
        "/contract/en.pdf",
        "/contract/zh.pdf",
        "/messages",
        "/terms/new",
        "/cancel",
        "/files/1",
    ):
        yield "GET", f"/deals/{deal_id}{path}"
    for path in ("/terms/new", "/terms/1/accept", "/contract/sign", "/cancel", "/messages"):
        yield "POST", f"/deals/{deal_id}{path}"
    yield "GET", f"/selections/{current(sides).selection_id}/deal"


def test_anothers_deal_does_not_exist(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
        strangers: list[Side] = [make_creator("Zhou Mo"), make_brand("Northmoss")]
    only = {"creator": ("/draft", "/publication"), "brand": ("/revision", "/approve")}
    before = len(events_of(sides.id))
    for stranger in strangers:
        client = _client(app, stranger)
        mine = only["creator" if isinstance(stranger, CreatorSide) else "brand"]
        more = [("POST", f"/deals/{sides.id}{path}") for path in mine]
        for method, path in [*_addresses(sides), *more]:
            assert client.open(path, method=method, data={"body": "x", "why": "x"}).status_code == 404, path
    db.session.rollback()
    assert len(events_of(sides.id)) == before


def test_numbers_that_are_nobodys_deal_are_not_found(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client = _client(app, sides.brand)
    for number in ("0", "999999", "9223372036854775808", "99999999999999999999999"):
        assert client.get(f"/deals/{number}").status_code == 404
        assert client.get(f"/selections/{number}/deal").status_code == 404
    assert client.get(f"/deals/{sides.id}/files/99999999999999999999").status_code == 404
    assert client.get(f"/deals/{sides.id}?terms=99999999999999999999").status_code == 200
    assert client.get(f"/deals/{sides.id}/messages?before=99999999999999999999").status_code == 200


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    for path in ("/deals", f"/deals/{sides.id}", f"/deals/{sides.id}/contract"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.location.startswith("/")) == (302, True)


def test_a_member_who_looks_on_takes_no_step(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        viewer = make_member(sides.brand, "viewer")
    client = _client(app, viewer)
    assert client.get(f"/deals/{sides.id}").status_code == 200
    assert client.get(f"/deals/{sides.id}/terms/new").status_code == 403
    assert client.post(f"/deals/{sides.id}/terms/1/accept").status_code == 403
    assert client.post(f"/deals/{sides.id}/messages", data={"body": "Hello"}).status_code == 403
    assert current(sides).state is State.NEGOTIATING


def test_a_form_without_its_token_changes_nothing(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client = _client(app, sides.brand)
    assert client.post(f"/deals/{sides.id}/terms/1/accept", csrf=False).status_code == 400
    assert current(sides).state is State.NEGOTIATING


# --- Terms ------------------------------------------------------------------------------------------------------------


def _terms(**changed: str) -> dict[str, str]:
    return {
        "based_on": "1",
        "deliverables": "Two films.",
        "price": "11,500.00",
        "draft_due_on": in_days(5).isoformat(),
        "publish_on": in_days(9).isoformat(),
        "revisions": "1",
        "usage_rights": "",
        "disclosure": "",
        "note": "For two I need a little more.",
        **changed,
    }


def test_terms_are_proposed_shown_with_their_changes_and_accepted(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    brand, creator = _client(app, sides.brand), _client(app, sides.creator)
    answer = brand.post(f"/deals/{sides.id}/terms/new", data=_terms())
    assert (answer.status_code, answer.location) == (303, f"/deals/{sides.id}")
    page = creator.get(f"/deals/{sides.id}")
    assert re.search(r"<del>\s*<span class=\"money\">¥12,000", page.text)
    assert re.search(r"<ins>\s*<span class=\"money\">¥11,500", page.text)
    assert "For two I need a little more." in page.text
    answer = creator.post(f"/deals/{sides.id}/terms/2/accept", follow_redirects=True)
    assert answer.status_code == 200
    assert "Read the contract and sign it" in _text(answer)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("deliverables", " "),
        ("deliverables", "x" * 4001),
        ("price", ""),
        ("price", "-5"),
        ("price", "twelve"),
        ("price", "1e9"),
        ("price", "12.345"),
        ("price", "99999999999999999999"),
        ("price", "0"),
        ("draft_due_on", "2020-01-01"),
        ("draft_due_on", "tomorrow"),
        ("draft_due_on", "2026-02-30"),
        ("publish_on", "9999-12-31"),
        ("revisions", "-1"),
        ("revisions", "21"),
        ("revisions", "1.5"),
        ("usage_rights", "x" * 1001),
        ("disclosure", "x" * 301),
        ("based_on", ""),
        ("based_on", "99999999999999999999"),
        ("based_on", "x"),
    ],
)
def test_a_wrong_proposal_says_what_is_wrong_and_changes_nothing(app: Flask, field: str, typed: str) -> None:
    with transaction():
        sides = make_deal()
    page = _client(app, sides.brand).post(f"/deals/{sides.id}/terms/new", data=_terms(**{field: typed}))
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    if field != "based_on":
        assert f'id="{field}-error"' in page.text
    assert "For two I need a little more." in page.text
    assert newest_terms(sides.id).number == 1


def test_a_stale_proposal_shows_the_newer_terms_and_keeps_what_was_typed(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        counter(sides, sides.creator.actor, price=Money(14_000_00))
    client = _client(app, sides.brand)
    page = client.post(f"/deals/{sides.id}/terms/new", data=_terms())
    assert page.status_code == 409
    assert "Terms 2 are on the table now" in _text(page)
    assert "For two I need a little more." in page.text
    assert 'name="based_on" type="hidden" value="2"' in page.text or re.search(
        r'name="based_on"[^>]*value="2"', page.text
    )
    assert len(terms_of(sides.id)) == 2
    assert client.post(f"/deals/{sides.id}/terms/new", data=_terms(based_on="2")).status_code == 303


def test_the_slower_of_two_sees_the_deal_as_it_stands(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    brand = _client(app, sides.brand)
    assert brand.post(f"/deals/{sides.id}/terms/1/accept").status_code == 303
    page = brand.post(f"/deals/{sides.id}/terms/1/accept")
    assert page.status_code == 409
    assert "Nothing was done twice" in _text(page)
    assert "Read the contract and sign it" in _text(page)


# --- Contract ---------------------------------------------------------------------------------------------------------


def _signature(sides: DealSides, **changed: str) -> dict[str, str]:
    return {"sha256": fingerprint_of(sides), "locale": "en", "read": "y", "password": PASSWORD, **changed}


def test_the_fingerprint_shown_is_that_of_the_file_served(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    client = _client(app, sides.creator)
    page = client.get(f"/deals/{sides.id}/contract")
    for locale in ("en", "zh"):
        answer = client.get(f"/deals/{sides.id}/contract/{locale}.pdf")
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        shown = hashlib.sha256(answer.data).hexdigest()
        assert f'data-sha256="{shown}"' in page.text
        assert " ".join(shown[start : start + 4] for start in range(0, 64, 4)) in page.text
    assert client.get(f"/deals/{sides.id}/contract/fr.pdf").status_code == 404


def test_both_sign_with_their_password(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    for side in (sides.creator, sides.brand):
        answer = _client(app, side).post(f"/deals/{sides.id}/contract/sign", data=_signature(sides))
        assert (answer.status_code, answer.location) == (303, f"/deals/{sides.id}")
    page = _client(app, sides.brand).get(f"/deals/{sides.id}/contract")
    assert page.text.count('class="seal"') == 2
    assert 'type="password"' not in page.text
    assert current(sides).state is State.FUNDING


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "wrong"},
        {"password": ""},
        {"read": ""},
        {"sha256": "0" * 64},
        {"sha256": ""},
        {"locale": "zh"},
        {"locale": "../../etc"},
    ],
)
def test_a_wrong_signature_signs_nothing(app: Flask, changed: dict[str, str]) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    data = {name: value for name, value in _signature(sides, **changed).items() if value}
    page = _client(app, sides.brand).post(f"/deals/{sides.id}/contract/sign", data=data)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert PASSWORD not in page.text
    assert [event.action for event in events_of(sides.id)].count(Action.SIGN) == 0


def test_the_password_can_not_be_guessed_here(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    client = _client(app, sides.brand)
    tries = [
        client.post(f"/deals/{sides.id}/contract/sign", data=_signature(sides, password=f"no {n}")) for n in range(11)
    ]
    assert [answer.status_code for answer in tries] == [422] * 10 + [429]
    assert client.post(f"/deals/{sides.id}/contract/sign", data=_signature(sides)).status_code == 429
    assert current(sides).state is State.SIGNING


def test_signing_twice_shows_the_deal(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.SIGNING)
    client = _client(app, sides.creator)
    data = _signature(sides)
    assert client.post(f"/deals/{sides.id}/contract/sign", data=data).status_code == 303
    page = client.post(f"/deals/{sides.id}/contract/sign", data=data)
    assert page.status_code == 409
    assert "Your side has signed" in _text(page)


def test_there_is_no_contract_before_terms_are_agreed(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client = _client(app, sides.creator)
    for path in ("/contract", "/contract/en.pdf"):
        assert client.get(f"/deals/{sides.id}{path}").status_code == 404
    assert client.post(f"/deals/{sides.id}/contract/sign", data={"read": "y"}).status_code == 409


# --- Work and words ---------------------------------------------------------------------------------------------------


def test_a_draft_goes_back_and_forth_and_out(app: Flask) -> None:
    with transaction():
        sides = make_deal(state=State.PRODUCTION)
    brand, creator = _client(app, sides.brand), _client(app, sides.creator)
    pdf = (io.BytesIO(b"%PDF-1.7\n%%EOF"), "draft <1>.pdf")
    answer = creator.post(
        f"/deals/{sides.id}/draft", data={"file": pdf, "note": "First"}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    (draft,) = deliveries_of(sides.id)
    served = brand.get(f"/deals/{sides.id}/files/{draft.file_id}")
    assert (served.status_code, served.data) == (200, b"%PDF-1.7\n%%EOF")
    assert brand.get(f"/deals/{sides.id}/revision").status_code == 200
    assert brand.post(f"/deals/{sides.id}/revision", data={"note": "Quieter."}).status_code == 303
    assert "Quieter." in creator.get(f"/deals/{sides.id}/draft").text
    assert creator.post(f"/deals/{sides.id}/draft", data={"url": "https://example.com/2"}).status_code == 303
    assert brand.post(f"/deals/{sides.id}/approve").status_code == 303
    assert creator.get(f"/deals/{sides.id}/publication").status_code == 200
    published = {"url": "https://www.douyin.com/video/1", "note": ""}
    assert creator.post(f"/deals/{sides.id}/publication", data=published).status_code == 303
    page = brand.get(f"/deals/{sides.id}")
    assert 'href="https://www.douyin.com/video/1"' in page.text
    assert "noopener" in page.text


def test_a_file_of_another_deal_is_not_served(app: Flask) -> None:
    with transaction():
        first = make_deal(state=State.PRODUCTION)
        second = make_deal(first.creator, first.brand, state=State.PRODUCTION)
        stored = store_file("secret.pdf", "application/pdf", b"%PDF secret")
        service.submit_draft(first.creator.actor, first.id, file=stored)
        loose = store_file("evidence.png", "image/png", b"of somebody")
    client = _client(app, first.brand)
    assert client.get(f"/deals/{first.id}/files/{stored.id}").status_code == 200
    assert client.get(f"/deals/{second.id}/files/{stored.id}").status_code == 404
    assert client.get(f"/deals/{first.id}/files/{loose.id}").status_code == 404


@pytest.mark.parametrize(
    ("state", "side", "path", "data"),
    [
        (State.PRODUCTION, "creator", "draft", {}),
        (State.PRODUCTION, "creator", "draft", {"url": "javascript:alert(1)"}),
        (State.PRODUCTION, "creator", "draft", {"url": "https://example.com/", "note": "x" * 2001}),
        (State.PRODUCTION, "creator", "draft", {"file": (io.BytesIO(b"<script>"), "draft.mp4")}),
        (State.DRAFT_REVIEW, "brand", "revision", {}),
        (State.DRAFT_REVIEW, "brand", "revision", {"note": " \n "}),
        (State.DRAFT_REVIEW, "brand", "revision", {"note": "x" * 2001}),
        (State.PUBLISHING, "creator", "publication", {}),
        (State.PUBLISHING, "creator", "publication", {"url": "not a link"}),
        (State.PUBLISHING, "creator", "publication", {"url": "https://user:pass@example.com"}),
        (State.NEGOTIATING, "brand", "cancel", {}),
        (State.NEGOTIATING, "brand", "cancel", {"why": "x" * 1001}),
        (State.NEGOTIATING, "brand", "messages", {"body": ""}),
        (State.NEGOTIATING, "brand", "messages", {"body": "x" * 4001}),
    ],
)
def test_wrong_input_gets_its_message_and_changes_nothing(
    app: Flask, state: State, side: str, path: str, data: dict[str, object]
) -> None:
    with transaction():
        sides = make_deal(state=state)
    before = (len(events_of(sides.id)), len(deliveries_of(sides.id)))
    client = _client(app, sides.creator if side == "creator" else sides.brand)
    fresh = {name: (io.BytesIO(b"<script>"), "draft.mp4") if name == "file" else value for name, value in data.items()}
    page = client.post(f"/deals/{sides.id}/{path}", data=fresh, content_type="multipart/form-data")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'aria-invalid="true"' in page.text
    db.session.rollback()
    assert (len(events_of(sides.id)), len(deliveries_of(sides.id))) == before


@pytest.mark.parametrize(("path", "side"), [("draft", "creator"), ("publication", "creator"), ("revision", "brand")])
def test_a_step_whose_time_is_over_shows_the_deal_instead(app: Flask, path: str, side: str) -> None:
    with transaction():
        sides = make_deal(state=State.ACCEPTANCE)
    client = _client(app, sides.creator if side == "creator" else sides.brand)
    for answer in (
        client.get(f"/deals/{sides.id}/{path}"),
        client.post(f"/deals/{sides.id}/{path}", data={"url": "https://e.com/"}),
    ):
        assert answer.status_code == 409
        assert 'class="turn' in answer.text


def test_a_person_who_writes_without_end_is_told_to_wait_and_keeps_what_they_typed(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client, address = _client(app, sides.brand), f"/deals/{sides.id}/messages"
    # Tries are counted by the hour: all of them are in one.
    with clock.at(clock.now()):
        with transaction():
            for _ in range(MESSAGE.tries - 1):
                count_try(MESSAGE, str(sides.brand.user_id))
        assert client.post(address, data={"body": "The last of this hour."}).status_code == 303
        refused = client.post(address, data={"body": "One more."})
        assert refused.status_code == 429
        assert "Too many tries. Wait" in refused.text
        assert "One more.</textarea>" in refused.text
        assert [one.body for one in messages_of(sides.id, 10)[0]] == ["The last of this hour."]
        assert _client(app, sides.creator).post(address, data={"body": "I may write."}).status_code == 303


def test_messages_are_kept_escaped_and_paged(app: Flask) -> None:
    with transaction():
        sides = make_deal()
    client = _client(app, sides.creator)
    answer = client.post(f"/deals/{sides.id}/messages", data={"body": "<script>alert(1)</script>\nline two"})
    assert answer.status_code == 303
    for path in ("", "/messages"):
        page = client.get(f"/deals/{sides.id}{path}").text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
    with transaction():
        for number in range(60):
            service.post_message(sides.brand.actor, sides.id, f"Message number {number}.")
    first = client.get(f"/deals/{sides.id}/messages")
    assert "Message number 59." in first.text
    assert "Message number 5." not in first.text
    older = re.search(r'href="([^"]*before=\d+)"', first.text)
    assert older is not None
    assert "Message number 5." in client.get(older[1]).text
    found, total = messages_of(sides.id, 5)
    assert (len(found), total) == (5, 61)
    assert all(isinstance(message, Message) for message in found)


def test_a_returned_selection_leads_to_its_deal(app: Flask) -> None:
    with transaction():
        sides = make_deal()
        selection_id = current(sides).selection_id
    answer = _client(app, sides.creator).get(f"/selections/{selection_id}/deal")
    assert (answer.status_code, answer.location) == (303, f"/deals/{sides.id}")


def test_returning_a_selection_opens_its_deal_once(app: Flask) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
        selection_id = make_application(creator, make_brief(brand).id).id
    client = _client(app, brand)
    opened = client.post(f"/selections/{selection_id}/accept")
    assert opened.status_code == 303
    assert "Answer Lin Yue’s terms 1" in _text(client.get(opened.location))
    assert client.post(f"/selections/{selection_id}/accept").status_code == 409
    assert _client(app, creator).post(f"/selections/{selection_id}/accept").status_code in (403, 409)
