"""Briefs with watched words: held, opened by an administrator or by other words, sent back with a note."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from marketplace.briefs.facts import Step
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.queries import get_brief
from marketplace.briefs.references import add_reference
from marketplace.briefs.review import held_briefs, pass_brief, send_back, take_down
from marketplace.briefs.service import close_brief, open_brief, save_step
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.notifications.models import Notification
from tests.support.briefs import fresh, watch
from tests.support.market import BrandSide, brief_facts, make_admin, make_brand, make_brief, make_creator, sign_in
from tests.support.web import Client


def _held(brand: BrandSide) -> Brief:
    return make_brief(brand, brief_facts(title="Win the lottery with a pot"))


def _rename(brand: BrandSide, brief: Brief, title: str) -> Brief:
    return save_step(
        brand.actor, brief.id, Step.GOAL, {"title": title, "product": "", "goal": "Show it."}, brief.version
    )


def test_a_brief_with_watched_words_is_held_and_its_brand_told_which(context: None, client: Client) -> None:
    watch("lottery")
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = _held(brand)
        assert (brief.status, brief.held_for, brief.opened_at) == (BriefStatus.HELD, ["lottery"], None)
        with pytest.raises(NotFound):
            get_brief(creator.actor, brief.id)
        with pytest.raises(Conflict):
            open_brief(brand.actor, brief.id)
        brief_id = brief.id
    sign_in(client, brand)
    assert "These words need a look: lottery" in client.get(f"/briefs/{brief_id}").text
    assert "Being reviewed" in client.get("/company/briefs?tab=held").text
    assert "Win the lottery" not in client.get("/briefs").text


def test_other_words_open_a_held_brief_at_once(context: None) -> None:
    watch("lottery")
    with transaction():
        brand = make_brand()
        brief = _held(brand)
        _rename(brand, brief, "Win the LOTTERY twice")
        assert brief.status is BriefStatus.HELD
        _rename(brand, brief, "Cook with a pot")
        assert (brief.status, brief.held_for) == (BriefStatus.OPEN, [])
        assert brief.opened_at is not None


def test_an_open_briefs_new_words_are_looked_at_again(context: None) -> None:
    watch("lottery", "miracle cure")
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        opened_at = brief.opened_at
        _rename(brand, brief, "A miracle cure from a pot")
        assert (brief.status, brief.held_for) == (BriefStatus.HELD, ["miracle cure"])
        pass_brief(make_admin(), brief.id)
        assert (brief.status, brief.opened_at) == (BriefStatus.OPEN, opened_at)
        _rename(brand, brief, "A miracle cure from a big pot")
        assert brief.status is BriefStatus.OPEN, "what somebody let pass holds it no more"
        add_reference(brand.actor, brief.id, "Last year’s lottery", "https://example.com/film")
        assert (brief.status, brief.held_for) == (BriefStatus.HELD, ["lottery"])


def test_sent_back_is_a_draft_again_and_closed_if_it_was_open(context: None) -> None:
    watch("lottery")
    with transaction():
        brand, admin = make_brand(), make_admin()
        never, before = _held(brand), make_brief(brand)
        _rename(brand, before, "A lottery")
        for brief, status in ((never, BriefStatus.DRAFT), (before, BriefStatus.CLOSED)):
            for wrong in ("", " ", "x" * 1001):
                with pytest.raises(Invalid):
                    send_back(admin, brief.id, wrong)
            send_back(admin, brief.id, "No games of chance here.")
            assert (brief.status, brief.review_note, brief.held_for) == (status, "No games of chance here.", [])
            with pytest.raises(Conflict):
                pass_brief(admin, brief.id)
        _rename(brand, never, "Cook with a pot")
        open_brief(brand.actor, never.id)
        assert (never.status, never.review_note) == (BriefStatus.OPEN, "")
        again = _held(brand)
        close_brief(brand.actor, again.id)
        assert again.status is BriefStatus.DRAFT


def test_closing_or_editing_a_closed_brief_shows_no_words_that_wait_for_a_look(context: None) -> None:
    watch("lottery")
    with transaction():
        brand, creator, admin = make_brand(), make_creator(), make_admin()
        held, closed, down = make_brief(brand), make_brief(brand), make_brief(brand)
        _rename(brand, held, "A lottery")
        close_brief(brand.actor, held.id)
        close_brief(brand.actor, closed.id)
        assert get_brief(creator.actor, closed.id).status is BriefStatus.CLOSED, "what nobody objects to stays"
        _rename(brand, closed, "A lottery too")
        take_down(admin, down.id, "It sells what may not be sold.")
        for brief in (held, closed, down):
            assert brief.status is BriefStatus.CLOSED
            assert get_brief(brand.actor, brief.id) is brief
            with pytest.raises(NotFound):
                get_brief(creator.actor, brief.id)
        _rename(brand, closed, "Cook with a pot")
        assert get_brief(creator.actor, closed.id) is closed


def test_a_brief_that_was_taken_down_opens_again_only_by_an_administrator(context: None) -> None:
    with transaction():
        brand, creator, admin = make_brand(), make_creator(), make_admin()
        brief = make_brief(brand)
        take_down(admin, brief.id, "It sells what may not be sold.")
        open_brief(brand.actor, brief.id)
        assert brief.status is BriefStatus.HELD
        _rename(brand, brief, "Quite harmless")
        assert brief.status is BriefStatus.HELD
        with pytest.raises(NotFound):
            get_brief(creator.actor, brief.id)
        pass_brief(admin, brief.id)
        assert get_brief(creator.actor, brief.id).status is BriefStatus.OPEN


def test_only_administrators_decide(context: None) -> None:
    watch("lottery")
    with transaction():
        brand, creator = make_brand(), make_creator()
        brief = _held(brand)
        for actor in (brand.actor, creator.actor):
            with pytest.raises(NotAllowed):
                pass_brief(actor, brief.id)
            with pytest.raises(NotAllowed):
                send_back(actor, brief.id, "No.")
        assert brief.status is BriefStatus.HELD


def test_the_queue_in_the_console(context: None, client: Client) -> None:
    watch("lottery")
    with transaction():
        brand = make_brand()
        first, second = _held(brand).id, _held(brand).id
        make_brief(brand)
        assert [brief.id for brief, _brand in held_briefs()[0]] == [first, second]
        admin = make_admin("Wei Lan")
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{admin.user_id}:1", True
    assert "2 wait" in client.get("/console/briefs").text
    page = client.get(f"/console/briefs/{first}").text
    assert "Win the lottery with a pot" in page
    way = f"/console/briefs/{first}"
    assert client.post(way, data={"note": ""}).status_code == 422
    assert client.post(way, data={"verdict": "send_back", "note": ""}).status_code == 422
    assert client.post(way, data={"verdict": "open"}).status_code == 303
    assert fresh(first).status is BriefStatus.OPEN
    assert client.post(way, data={"verdict": "open"}).status_code == 409
    sent = {"verdict": "send_back", "note": "No games of chance here."}
    assert client.post(f"/console/briefs/{second}", data=sent).status_code == 303
    assert "This brief isn’t held." in client.get(f"/console/briefs/{second}").text
    assert "No brief waits" in client.get("/console/briefs").text


def test_administrators_and_the_brand_are_told(context: None, run_jobs: Callable[..., None]) -> None:
    watch("lottery")
    with transaction():
        brand, admin = make_brand(), make_admin("Arbiter Wei")
        passed, refused = _held(brand).id, _held(brand).id
        changed = _held(brand)
        _rename(brand, changed, "Cook with a pot")
    run_jobs()
    with transaction():
        pass_brief(admin, passed)
        send_back(admin, refused, "No games of chance here.")
    run_jobs()
    with transaction():
        rows = db.session.execute(select(Notification.user_id, Notification.kind).order_by(Notification.id)).all()
        told = [tuple(row) for row in rows]
        assert told.count((admin.user_id, "brief.held")) == 2
        assert [one for one in told if one[0] == brand.user_id] == [
            (brand.user_id, "brief.passed"),
            (brand.user_id, "brief.sent_back"),
        ]
