"""Writing a brief step by step: what is kept, what saves itself, what a hostile form gets, who is faster."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace.briefs.models import Brief, BriefDeliverable, BriefStatus, BudgetKind
from marketplace.briefs.policy import platform_today
from marketplace.infra.db import db, transaction
from marketplace.kit.money import Money
from tests.support.briefs import GOAL, WHO, WORK, budget, fresh, steps
from tests.support.market import make_brand, make_brief, make_member, sign_in
from tests.support.web import Client

_BY_ITSELF = {"HX-Request": "true"}


def _draft(client: Client) -> int:
    """A draft with its first step, by a brand that stays signed in."""
    with transaction():
        brand = make_brand()
    sign_in(client, brand)
    answer = client.post("/company/briefs/new", data=GOAL)
    assert answer.status_code == 303
    return int(re.findall(r"/company/briefs/(\d+)/work", answer.location)[0])


def _post(client: Client, brief_id: int, step: str, data: Mapping[str, object], **more: object) -> TestResponse:
    version = fresh(brief_id).version
    return client.post(f"/company/briefs/{brief_id}/{step}", data={"version": version, **data}, **more)


def test_a_brief_is_written_step_by_step_and_opened(context: None, client: Client) -> None:
    brief_id = _draft(client)
    assert client.get(f"/company/briefs/{brief_id}").location == f"/company/briefs/{brief_id}/work"
    way = []
    for step, data in list(steps().items())[1:]:
        assert client.get(f"/company/briefs/{brief_id}/{step}").status_code == 200
        answer = _post(client, brief_id, step, data)
        assert answer.status_code == 303, answer.text
        way.append(answer.location.rpartition("/")[2])
    assert way == ["references", "budget", "rules", "review"]
    brief = fresh(brief_id)
    assert (brief.key_messages, brief.musts, brief.must_nots) == (
        ["One pot", "Five evenings"],
        ["The lid", "The washing-up"],
        ["Other pots"],
    )
    assert brief.deliverables == "2 × Video, over 60 s\n1 × Picture post\nFilms of 60 to 180 s."
    assert (brief.minimum_fans, brief.maximum_fans, brief.budget_max) == (20_000, None, Money(15_000_00))
    page = client.get(f"/company/briefs/{brief_id}/review").text
    assert "Ready to open" in page
    assert client.post(f"/company/briefs/{brief_id}/open").status_code == 303
    assert fresh(brief_id).status is BriefStatus.OPEN
    shown = client.get(f"/briefs/{brief_id}").text
    for words in ("A clay pot.", "One pot", "The lid", "Other pots", "Six months.", "2 × Video, over 60 s"):
        assert words in shown, words
    assert "A week of suppers" in client.get("/briefs").text


def test_the_last_step_names_what_is_missing_and_leads_there(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand(complete=False)
    sign_in(client, brand)
    answer = client.post("/company/briefs/new", data={"title": "", "goal": "", "product": ""})
    brief_id = int(re.findall(r"\d+", answer.location)[0])
    page = client.get(f"/company/briefs/{brief_id}/review").text
    assert "10 things before it opens" in page
    for step, field in (("goal", "title"), ("work", "deliverables"), ("who", "platforms"), ("budget", "apply_by")):
        assert f'href="/company/briefs/{brief_id}/{step}#{field}"' in page
    assert 'href="/company"' in page
    client.post(f"/company/briefs/{brief_id}/open")
    assert "Complete your company’s profile before you open a brief." in client.get(f"/briefs/{brief_id}").text
    assert fresh(brief_id).status is BriefStatus.DRAFT


def test_a_page_saves_itself_and_goes_on_from_the_newer_version(context: None, client: Client) -> None:
    brief_id = _draft(client)
    assert 'hx-trigger="change' in client.get(f"/company/briefs/{brief_id}/goal").text
    answer = _post(client, brief_id, "goal", GOAL | {"title": "By itself"}, headers=_BY_ITSELF)
    assert answer.status_code == 200
    assert re.search(r"Saved at \d\d:\d\d", answer.text)
    brief = fresh(brief_id)
    assert brief.title == "By itself"
    assert re.search(rf'name="version"[^>]*value="{brief.version}"', answer.text)
    assert 'hx-swap-oob="true"' in answer.text
    # The same again is no change, whatever version it comes with: a click right after the page saved itself.
    again = client.post(f"/company/briefs/{brief_id}/goal", data=GOAL | {"title": "By itself", "version": 1})
    assert again.status_code == 303
    assert fresh(brief_id).version == brief.version


def test_what_can_not_be_right_is_not_saved_by_itself(context: None, client: Client) -> None:
    brief_id = _draft(client)
    answer = _post(client, brief_id, "budget", budget(budget_max="lots"), headers=_BY_ITSELF)
    assert "Not saved yet" in answer.text
    assert "hx-swap-oob" not in answer.text
    assert fresh(brief_id).budget_max_amount == 0


def test_another_members_edit_is_a_clear_conflict_and_nothing_typed_is_lost(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        other = make_member(brand, "manager")
        brief_id = make_brief(brand, opened=False).id
    colleague = client.application.test_client()
    sign_in(client, brand)
    sign_in(colleague, other)
    before = fresh(brief_id).version

    def send(by: object, title: str, version: int, **more: object) -> TestResponse:
        sent = GOAL | {"title": title, "version": version}
        return by.post(f"/company/briefs/{brief_id}/goal", data=sent, **more)  # type: ignore[attr-defined, no-any-return]

    assert send(colleague, "Theirs", before).status_code == 303
    refused = send(client, "Mine", before)
    assert refused.status_code == 409
    assert "manager of" in refused.text
    assert "has changed this brief since you opened it." in refused.text
    assert 'value="Mine"' in refused.text
    assert fresh(brief_id).title == "Theirs"
    by_itself = send(client, "Mine", before, headers=_BY_ITSELF)
    assert by_itself.status_code == 200
    assert "Open it again" in by_itself.text
    assert fresh(brief_id).title == "Theirs"
    # Pressing the button of the page that said so is a decision.
    version = int(re.findall(r'name="version"[^>]*value="(\d+)"', refused.text)[0])
    assert send(client, "Mine", version).status_code == 303
    assert fresh(brief_id).title == "Mine"


def test_an_open_brief_saves_by_its_button_alone(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand).id
    sign_in(client, brand)
    page = client.get(f"/company/briefs/{brief_id}/goal").text
    assert 'hx-trigger="change' not in page
    assert "Save the changes" in page
    assert _post(client, brief_id, "goal", GOAL | {"title": ""}).status_code == 422
    answer = _post(client, brief_id, "goal", GOAL | {"title": "Changed"})
    assert (answer.status_code, answer.location) == (303, f"/briefs/{brief_id}")
    assert fresh(brief_id).title == "Changed"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"budget_kind": "fixed", "price": "9,000"}, (BudgetKind.FIXED, 9_000_00, 9_000_00, None)),
        ({"budget_kind": "range"}, (BudgetKind.RANGE, 8_000_00, 15_000_00, None)),
        ({"budget_kind": "views", "rate": "120", "cap": "20,000"}, (BudgetKind.VIEWS, 120_00, 20_000_00, 120_00)),
    ],
)
def test_each_kind_of_budget_keeps_its_own_amounts(
    context: None, client: Client, sent: dict[str, object], expected: tuple[object, ...]
) -> None:
    brief_id = _draft(client)
    assert _post(client, brief_id, "budget", budget(**sent)).status_code == 303
    brief = fresh(brief_id)
    found = (brief.budget_kind, brief.budget_min_amount, brief.budget_max_amount, brief.rate_amount)
    assert found == expected
    assert client.get(f"/company/briefs/{brief_id}/budget").status_code == 200


@pytest.mark.parametrize(
    ("step", "sent", "field"),
    [
        ("goal", {"title": "x" * 91}, "title"),
        ("goal", {"goal": "x" * 3001}, "goal"),
        ("goal", {"product": "x" * 601}, "product"),
        ("work", {"details": "x" * 1501}, "details"),
        ("work", {"deliverables-0-content": "espionage"}, "deliverables-0-content"),
        ("work", {"deliverables-0-count": "-1"}, "deliverables-0-count"),
        ("work", {"deliverables-0-count": "9" * 40}, "deliverables-0-count"),
        ("work", {"deliverables-1-content": "video_long"}, "deliverables"),
        ("work", {"musts": "x" * 201}, "musts"),
        ("work", {"must_nots": "x\n" * 11}, "must_nots"),
        ("work", {"key_messages": "x" * 5000}, "key_messages"),
        ("who", {"category": "'; DROP TABLE briefs; --"}, "category"),
        ("who", {"platforms": ["myspace"]}, "platforms"),
        ("who", {"minimum_fans": "many"}, "minimum_fans"),
        ("who", {"minimum_fans": "9" * 30}, "minimum_fans"),
        ("who", {"maximum_fans": "10"}, "maximum_fans"),
        ("who", {"visibility": "everyone"}, "visibility"),
        ("who", {"visibility": ""}, "visibility"),
        ("budget", {"budget_kind": "barter"}, "budget_kind"),
        ("budget", {"budget_min": "-5"}, "budget_min"),
        ("budget", {"budget_min": "0"}, "budget_min"),
        ("budget", {"budget_min": "1.234"}, "budget_min"),
        ("budget", {"budget_max": "7,999"}, "budget_max"),
        ("budget", {"budget_max": "NaN"}, "budget_max"),
        ("budget", {"budget_max": "9" * 40}, "budget_max"),
        ("budget", {"budget_kind": "views", "rate": "10", "cap": "9"}, "cap"),
        ("budget", {"budget_kind": "fixed", "price": "-3"}, "price"),
        ("budget", {"total": "14,999"}, "total"),
        ("budget", {"slots": "0"}, "slots"),
        ("budget", {"slots": "1.5"}, "slots"),
        ("budget", {"slots": "101"}, "slots"),
        ("budget", {"apply_by": "2020-01-01"}, "apply_by"),
        ("budget", {"apply_by": "tomorrow"}, "apply_by"),
        ("budget", {"publish_by": "2020-01-01"}, "publish_by"),
        ("budget", {"publish_by": "9999-12-31"}, "publish_by"),
        ("rules", {"disclosure": "x" * 601}, "disclosure"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(
    context: None, client: Client, step: str, sent: dict[str, object], field: str
) -> None:
    brief_id = _draft(client)
    before = fresh(brief_id).version
    answer = _post(client, brief_id, step, steps()[step] | sent)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "to correct" in answer.text
    assert fresh(brief_id).version == before


def test_hostile_rows_and_steps_break_nothing(context: None, client: Client) -> None:
    brief_id = _draft(client)
    rows = {f"deliverables-{number}-content": "series" for number in range(30)}
    assert _post(client, brief_id, "work", rows).status_code == 422
    assert _post(client, brief_id, "work", {"deliverables-99999999999-content": "series"}).status_code in (303, 422)
    assert _post(client, brief_id, "who", {}).status_code == 303
    for step in ("review", "nothing"):
        assert client.post(f"/company/briefs/{brief_id}/{step}", data=GOAL).status_code in (404, 405)
    for version in ("x", "9" * 50, "-1", ""):
        sent = GOAL | {"title": "Other", "version": version}
        assert client.post(f"/company/briefs/{brief_id}/goal", data=sent).status_code in (409, 422)
    assert fresh(brief_id).title == GOAL["title"]


def test_days_before_today_are_refused_where_they_are_typed(context: None, client: Client) -> None:
    brief_id = _draft(client)
    yesterday = (platform_today() - timedelta(days=1)).isoformat()
    answer = _post(client, brief_id, "budget", budget(apply_by=yesterday))
    assert "This day has passed" in answer.text


def test_changing_the_work_replaces_its_rows(context: None, client: Client) -> None:
    brief_id = _draft(client)
    for data in (WORK, WORK | {"deliverables-1-content": ""}, WORK | {"deliverables-0-count": "7"}):
        assert _post(client, brief_id, "work", data).status_code == 303
    db.session.rollback()
    rows = db.session.execute(select(BriefDeliverable.content, BriefDeliverable.count).order_by("position")).all()
    assert [tuple(row) for row in rows] == [("video_long", 7), ("image_post", 1)]


def test_strangers_and_lookers_on_write_nothing(context: None, client: Client) -> None:
    with transaction():
        brand, rival = make_brand(), make_brand("Northmoss")
        viewer = make_member(brand, "viewer")
        brief_id = make_brief(brand).id
    pages = ["goal", "work", "references", "who", "budget", "rules", "review", "extend", "preview"]
    posts = ["goal", "references", "open", "close", "extend", "duplicate", "template", "remove"]
    sign_in(client, rival)
    for page in pages:
        assert client.get(f"/company/briefs/{brief_id}/{page}").status_code == 404, page
        assert client.get(f"/company/briefs/{10**30}/{page}").status_code == 404, page
    for page in posts:
        assert client.post(f"/company/briefs/{brief_id}/{page}", data=GOAL | {"version": 1}).status_code == 404, page
    looker = client.application.test_client()
    sign_in(looker, viewer)
    assert looker.get(f"/company/briefs/{brief_id}/preview").status_code == 200
    for page in (*pages[:-1], "../new"):
        assert looker.get(f"/company/briefs/{brief_id}/{page}".replace(f"{brief_id}/../", "")).status_code == 403, page
    for page in ("goal", "references", "extend", "duplicate", "template", "remove"):
        assert looker.post(f"/company/briefs/{brief_id}/{page}", data=GOAL | {"version": 1}).status_code == 403, page
    looker.post(f"/company/briefs/{brief_id}/close")
    assert "Only owners and managers of the company may do this." in looker.get(f"/briefs/{brief_id}").text
    assert "Edit" not in looker.get(f"/briefs/{brief_id}").text
    assert fresh(brief_id).status is BriefStatus.OPEN
    assert db.session.scalar(select(func.count()).select_from(Brief)) == 1


def test_the_steps_know_what_is_done(context: None, client: Client) -> None:
    brief_id = _draft(client)
    _post(client, brief_id, "who", WHO)
    page = client.get(f"/company/briefs/{brief_id}/budget").text
    rail = re.findall(r'<li class="is-(\w+)">', page)
    assert rail == ["done", "open", "done", "done", "now", "open", "open"]
