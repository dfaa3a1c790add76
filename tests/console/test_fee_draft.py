"""The draft of the fee rules on its pages: written in forms, tried by one person in two tabs and by two at once."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.fees.drafts import find_draft, first_day
from marketplace.fees.models import FeePolicy
from marketplace.fees.policy import Rule
from marketplace.fees.queries import as_policy, policy_in_force
from marketplace.infra.db import db, transaction
from tests.console.conftest import Admin, admin_at
from tests.console.fee_steps import DRAFT, drafted, facts_form, look, publish, rule_form, seen_on, words_of
from tests.support.counting import counted_queries
from tests.support.market import PASSWORD, BrandSide, sign_in
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context")
NEW, C1 = f"{DRAFT}/new-rule", f"{DRAFT}/rules/C1"


def rules_now() -> dict[str, Rule]:
    db.session.rollback()
    row = find_draft()
    assert row is not None
    return {rule.id: rule for rule in as_policy(row).rules}


def in_another_tab(app: Flask, admin: Admin) -> Admin:
    """The same person with a second session."""
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, BrandSide(0, "", admin.user_id, f"{admin.user_id}:1", admin.actor))
    return Admin(admin.actor, client)


# --- Writing ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_written_tried_and_published_by_two(app: Flask, admin: Admin) -> None:
    other = admin_at(app, "Pan Qing")
    seen = drafted(admin, proposed=True)
    mine = admin.client.get(DRAFT).text
    assert "You have written on this draft" in mine
    assert 'action="/console/fees/draft/publish"' not in mine
    theirs = words_of(other.client.get(DRAFT).text)
    assert "Written by Arbiter Wei" in theirs
    assert "Simpler rules for the spring." in theirs
    answer = publish(other, seen)
    assert (answer.status_code, answer.location) == (303, "/console/fees/versions/2")
    assert policy_in_force().version == 1
    assert [rule.id for rule in policy_in_force(first_day() + timedelta(days=20)).rules] == ["C1", "B1", "C9"]
    page = words_of(other.client.get("/console/fees").text)
    assert "Version 2 To come" in page
    assert "Pan Qing published it" in page
    assert admin.client.get(DRAFT).status_code == 303


def test_a_rule_says_in_words_what_was_typed_in_the_form(admin: Admin) -> None:
    drafted(admin)
    form = rule_form(
        seen=look(admin),
        name="welcome",
        brackets__0__rate="０",
        brackets__1__rate="7.25 %",
        brackets__1__above="CNY 5,000\r\njpy 100000\n1.500 KWD\n",
        cap="CNY 900.50\nJPY 20000\nKWD 3.125",
        programme="Welcome",
        first_days="90",
        starts="2027-01-01",
        ends="2027-06-30",
    )
    assert admin.client.post(NEW, data=form | {"deal_kinds": ["video", "image"]}).status_code == 303
    page = words_of(admin.client.get(DRAFT).text)
    for sentence in (
        "Nothing on what the creator earns in a calendar month up to ¥5,000.00.",
        "7.25 % of what the creator earns in a calendar month above ¥5,000.00.",
        "At most ¥900.50 for each deal.",
        "Only for: Video and Picture post.",
        "Only in a creator’s first 90 days: “Welcome”.",
        "From 1 Jan 2027 to 30 Jun 2027.",
    ):
        assert sentence in page
    rule = rules_now()["welcome"]
    assert rule.brackets[1].above == {"CNY": 500_000, "JPY": 100_000, "KWD": 1_500}
    assert rule.cap == {"CNY": 90_050, "JPY": 20_000, "KWD": 3_125}
    again = admin.client.get(f"{DRAFT}/rules/welcome").text
    assert "KWD 1.500" in again
    assert 'value="7.25"' in again


def test_a_rule_is_changed_renamed_and_removed(admin: Admin) -> None:
    drafted(admin)
    form = rule_form(seen=look(admin), name="creators", brackets__0__rate="8")
    assert admin.client.post(C1, data=form).status_code == 303
    assert list(rules_now()) == ["creators", "B1", "C9"]
    page = words_of(admin.client.get(DRAFT).text)
    assert "C1 Removed" in page
    assert "creators New" in page
    assert admin.client.post(f"{DRAFT}/rules/B1/remove", data={"seen": look(admin)}).status_code == 303
    assert list(rules_now()) == ["creators", "C9"]
    assert "Deals in these currencies could not be signed" not in admin.client.get(DRAFT).text


def test_what_changes_stands_beside_what_was(admin: Admin) -> None:
    drafted(admin)
    page = admin.client.get(C1).text
    above = re.search(r'<textarea[^>]*name="brackets-1-above"[^>]*>([^<]*)', page)
    assert above is not None
    typed = above[1].replace("CNY 5,000.00", "CNY 6,000.00").replace("USD 700.00", "")
    form = rule_form(name="C1", brackets__0__rate="0", brackets__1__rate="9", brackets__1__above=typed)
    assert admin.client.post(C1, data=form | {"seen": look(admin)}).status_code == 303
    changes = words_of(admin.client.get(DRAFT).text)
    assert "Rates 0 % · 10 % 0 % · 9 %" in changes
    assert "Step 1 begins at, in CNY ¥5,000.00 ¥6,000.00" in changes
    assert "Deals in these currencies could not be signed any more: USD." in changes


def test_buttons_that_add_and_remove_steps_keep_what_was_typed_and_save_nothing(admin: Admin) -> None:
    seen = drafted(admin)
    typed = rule_form(seen=seen, name="tiers", brackets__0__rate="not a rate", minimum="CNY 1")
    for button, steps in (({"add": "1"}, 2), ({"remove": "0"}, 1)):
        page = admin.client.post(NEW, data=typed | button)
        assert page.status_code == 200
        assert page.text.count('name="brackets-') == 2 * steps - 1
        for kept in ("not a rate", "CNY 1", 'value="tiers"', seen):
            assert kept in page.text
    two = typed | {"brackets-1-rate": "9", "brackets-1-above": "CNY 10", "remove": "0"}
    assert 'value="9"' in admin.client.post(NEW, data=two).text
    assert "tiers" not in rules_now()


HOSTILE = [
    ({"brackets-0-rate": "101"}, "The percentage may be at most 100"),
    ({"brackets-0-rate": "1e9"}, "Write a percentage in figures"),
    ({"brackets-0-rate": "NaN"}, "Write a percentage in figures"),
    ({"brackets-0-rate": "-5"}, "Write a percentage in figures"),
    ({"brackets-0-rate": "9" * 40}, "Write a percentage in figures"),
    ({"brackets-0-rate": "7.123"}, "Write at most two decimals"),
    ({"brackets-0-rate": ""}, "Fill this in."),
    ({"brackets-0-above": "CNY 5"}, "The first step begins at nothing"),
    ({"brackets-1-rate": "5"}, "Write where this step begins."),
    ({"brackets-1-rate": "5", "brackets-1-above": "XYZ 5"}, "Line 1: XYZ is no currency we know."),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY 5\nCNY 6"}, "Line 2: CNY stands twice."),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY 1e9"}, "Line 1: write a currency and an amount"),
    ({"brackets-1-rate": "5", "brackets-1-above": "JPY 5.5"}, "Line 1: Amounts in JPY have no decimals."),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY 0"}, "Line 1: The amount must be above zero."),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY -5"}, "Line 1: The amount can’t be negative."),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY " + "9" * 30}, "Line 1: The amount may be at most"),
    ({"brackets-1-rate": "5", "brackets-1-above": "CNY 1\n" * 300}, "Write at most"),
    ({"brackets-1-rate": "5", "brackets-1-above": "\n".join(["CNY 1"] * 41)}, "Write at most 40 lines."),
    (
        {
            "brackets-1-rate": "5",
            "brackets-1-above": "CNY 9",
            "brackets-2-rate": "6",
            "brackets-2-above": "CNY 9",
        },
        "In CNY a step begins no higher than the one before it.",
    ),
    (
        {
            "brackets-1-rate": "5",
            "brackets-1-above": "CNY 9",
            "brackets-2-rate": "6",
            "brackets-2-above": "USD 9",
        },
        "all in the same currencies",
    ),
    ({"brackets-0-rate": "0", "minimum": "CNY 5"}, "A least amount and a free step contradict each other"),
    ({"minimum": "CNY 5", "cap": "CNY 4"}, "In CNY the least is more than the most."),
    ({"brackets-0-rate": "96"}, "may take more than the whole price"),
    ({"name": ""}, "Fill this in."),
    ({"name": "B1"}, "Another rule has the same name."),
    ({"name": "A-7"}, "Names that begin with A- are those of agreements."),
    ({"name": "a/b"}, "Use letters, figures, points and dashes"),
    ({"name": "x" * 21}, "Write at most 20 characters"),
    ({"kind": "tax"}, "Choose one of the options."),
    ({"deal_kinds": "podcast"}, "Choose among these kinds."),
    ({"programme": "Welcome"}, "Say how many days the programme lasts"),
    ({"first_days": "90"}, "Give the programme a name"),
    ({"first_days": "1e3", "programme": "Welcome"}, "Write a whole number"),
    ({"starts": "2027-02-01", "ends": "2027-01-31"}, "The last day is before the first."),
    ({"starts": "31/01/2027"}, "Write the day as year, month and day"),
]


@pytest.mark.parametrize(("typed", "words"), HOSTILE)
def test_what_is_wrong_with_a_rule_is_said_beside_its_field(admin: Admin, typed: dict[str, str], words: str) -> None:
    seen = drafted(admin)
    page = admin.client.post(NEW, data=rule_form(seen=seen, name="new") | typed)
    assert page.status_code == 422
    assert words in words_of(page.text)
    beside = re.findall(r'<p class="invalid-feedback[^>]*>.*?</p>', page.text, re.DOTALL)
    assert any(words in words_of(found) for found in beside), "not only on top"
    assert list(rules_now()) == ["C1", "B1", "C9"]
    assert look(admin) == seen


@pytest.mark.parametrize("rows", [7, 4_000])
def test_more_steps_than_a_rule_may_have_are_refused(admin: Admin, rows: int) -> None:
    seen = drafted(admin)
    many = {f"brackets-{number}-rate": "1" for number in range(rows)}
    page = admin.client.post(NEW, data=rule_form(seen=seen) | many)
    assert page.status_code in (413, 422)
    assert look(admin) == seen


@pytest.mark.parametrize(
    "names", [{"brackets": "x"}, {"brackets-": "x"}, {"brackets--rate": "x"}, {"brackets-²-rate": "x"}, {"remove": "x"}]
)
def test_names_that_no_browser_sends_break_nothing(admin: Admin, names: dict[str, str]) -> None:
    seen = drafted(admin)
    assert admin.client.post(NEW, data=rule_form(seen=seen, name="new") | names).status_code in (200, 303)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"effective_from": "2020-01-01"}, "The day can’t be before"),
        ({"effective_from": "tomorrow"}, "Write the day as year, month and day"),
        ({"creator_floor": "101"}, "at most 100"),
        ({"creator_floor": "NaN"}, "Write a percentage in figures"),
        ({"why": "x" * 1001}, "Write at most 1,000 characters"),
    ],
)
def test_what_is_wrong_with_the_draft_keeps_what_was_typed(admin: Admin, typed: dict[str, str], words: str) -> None:
    seen = drafted(admin)
    page = admin.client.post(DRAFT, data=facts_form(seen=seen, **typed))
    assert page.status_code == 422
    assert words in page.text
    assert next(iter(typed.values())) in page.text
    assert look(admin) == seen


def test_a_draft_without_a_reason_is_not_proposed(admin: Admin) -> None:
    admin.client.post(f"{DRAFT}/start")
    admin.client.post(NEW, data=rule_form(seen=look(admin)))
    page = admin.client.post(f"{DRAFT}/propose", data={"seen": look(admin)})
    assert page.status_code == 422
    assert "Write why the rules change" in page.text


def test_a_proposed_draft_can_only_be_returned(admin: Admin) -> None:
    seen = drafted(admin, proposed=True)
    assert admin.client.get(C1).status_code == 409
    late = admin.client.post(C1, data=rule_form(seen=seen, name="C1"))
    assert late.status_code == 409
    assert "waits to be published" in late.text
    refused = admin.client.post(f"{DRAFT}/return", data={"seen": seen, "why": ""})
    assert refused.status_code == 422
    assert admin.client.post(f"{DRAFT}/return", data={"seen": seen, "why": "A slip."}).status_code == 303
    assert admin.client.get(C1).status_code == 200
    assert "A slip." in admin.client.get(DRAFT).text


# --- Four eyes, two tabs, two people ----------------------------------------------------------------------------------
def test_one_person_in_two_tabs_publishes_nothing(app: Flask, admin: Admin) -> None:
    tab = in_another_tab(app, admin)
    seen = drafted(admin, proposed=True)
    for session in (admin, tab, in_another_tab(app, admin)):
        refused = publish(session, seen)
        assert refused.status_code == 403
        assert "Another administrator publishes it." in refused.text
    assert db.session.query(FeePolicy).filter(FeePolicy.published_at.is_not(None)).count() == 1


def test_one_person_with_an_old_tab_writes_over_nothing_unseen(app: Flask, admin: Admin) -> None:
    tab, old = in_another_tab(app, admin), drafted(admin)
    assert admin.client.post(C1, data=rule_form(seen=old, name="C1", brackets__0__rate="8")).status_code == 303
    late = tab.client.post(DRAFT, data=facts_form(seen=old, why="From the old tab."))
    assert late.status_code == 409
    assert "Somebody else has changed this draft" in late.text
    assert "From the old tab." in late.text, "what was typed is kept"
    assert seen_on(late.text) == look(admin), "who sends it again has seen the new state"
    again = tab.client.post(DRAFT, data=facts_form(seen=seen_on(late.text), why="From the old tab."))
    assert again.status_code == 303


def test_two_who_edit_the_same_rule_see_each_other(app: Flask, admin: Admin) -> None:
    other, old = admin_at(app, "Pan Qing"), drafted(admin)
    assert admin.client.post(C1, data=rule_form(seen=old, name="C1", brackets__0__rate="8")).status_code == 303
    late = other.client.post(C1, data=rule_form(seen=old, name="C1", brackets__0__rate="9"))
    assert late.status_code == 409
    page = words_of(late.text)
    assert "Somebody else has changed this draft" in page
    assert "8 % of the price." in page, "how the rule stands now"
    assert 'value="9"' in late.text, "what was typed is kept"


def test_what_changed_meanwhile_is_not_published_but_shown(app: Flask, admin: Admin) -> None:
    other, old = admin_at(app, "Pan Qing"), drafted(admin, proposed=True)
    admin.client.post(f"{DRAFT}/return", data={"seen": old, "why": "A slip."})
    admin.client.post(C1, data=rule_form(seen=look(admin), name="C1", brackets__0__rate="30"))
    admin.client.post(f"{DRAFT}/propose", data={"seen": look(admin)})
    late = publish(other, old)
    assert late.status_code == 409
    assert "Somebody else has changed this draft" in late.text
    assert "30 % of the price." in words_of(late.text)
    assert PASSWORD not in late.text
    assert policy_in_force(first_day() + timedelta(days=60)).version == 1


def test_publishing_asks_for_the_password_again(app: Flask, admin: Admin) -> None:
    other, seen = admin_at(app, "Pan Qing"), drafted(admin, proposed=True)
    for typed, words in (("", "Fill this in."), ("a guess", "This isn’t your password.")):
        refused = publish(other, seen, typed)
        assert refused.status_code == 422
        assert words in refused.text
    assert publish(other, seen).status_code == 303


def test_the_loser_of_each_race_reads_what_happened(app: Flask, admin: Admin) -> None:
    other, third = admin_at(app, "Pan Qing"), admin_at(app, "Gu Wen")
    seen = drafted(admin, proposed=True)
    second = other.client.post(f"{DRAFT}/start")
    assert second.status_code == 409
    assert "Somebody has started a draft already." in second.text
    assert publish(other, seen).status_code == 303
    for late in (
        publish(third, seen),
        admin.client.post(f"{DRAFT}/discard", data={"seen": seen}),
        admin.client.post(f"{DRAFT}/return", data={"seen": seen, "why": "No."}),
        admin.client.post(f"{DRAFT}/propose", data={"seen": seen}),
    ):
        assert late.status_code == 409
        assert "There is no draft any more" in late.text
    assert admin.client.post(C1, data=rule_form(seen=seen)).status_code == 409
    gone = admin.client.get(DRAFT, follow_redirects=True)
    assert "There is no draft now." in gone.text


def test_a_discarded_draft_is_gone_and_its_history_stays(admin: Admin) -> None:
    seen = drafted(admin)
    answer = admin.client.post(f"{DRAFT}/discard", data={"seen": seen})
    assert (answer.status_code, answer.location) == (303, "/console/fees")
    assert find_draft() is None
    admin.client.post(f"{DRAFT}/start")
    assert "Arbiter Wei discarded it" in words_of(admin.client.get(DRAFT).text)


# --- Telling, and what isn't there ------------------------------------------------------------------------------------
def test_the_others_are_told_and_it_counts_on_the_consoles_home(app: Flask, admin: Admin) -> None:
    drafted(admin, proposed=True)
    told = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.tell_fee_rules'"
    assert db.session.scalar(text(told)) == 1
    home = admin.client.get("/console").text
    assert re.search(r'href="/console/fees">Fee rules<b>1</b>', home)


def test_versions_and_rules_that_never_were(admin: Admin) -> None:
    drafted(admin)
    for path in ("versions/99", f"versions/{2**63 - 1}", "versions/" + "9" * 30, "effects/99", "effects/" + "9" * 30):
        assert admin.client.get(f"/console/fees/{path}").status_code == 404
    for name in ("C7", "%00", quote("'; DROP"), "x" * 4000):
        assert admin.client.get(f"{DRAFT}/rules/{name}").status_code == 404
    assert admin.client.get("/console/fees/versions/2").location == "/console/fees/draft"


def test_the_pages_ask_the_same_however_many_versions_there_were(app: Flask, admin: Admin) -> None:
    other, seen = admin_at(app, "Pan Qing"), drafted(admin, proposed=True)
    pages = ("/console/fees", "/console/fees/versions/1", DRAFT)
    few = [queries(app, admin, page) for page in pages]
    publish(other, seen)
    for number in range(4):
        with transaction():
            values = {"version": 3 + number, "day": first_day() + timedelta(days=30 + number)}
            db.session.execute(
                text(
                    "INSERT INTO fee_policies (version, effective_from, rules, published_at, published_by) "
                    "SELECT :version, :day, rules, now(), 'user:0' FROM fee_policies WHERE version = 1"
                ),
                values,
            )
    admin.client.post(f"{DRAFT}/start")
    admin.client.post(f"{DRAFT}/rules/B1/remove", data={"seen": look(admin)})
    admin.client.post(DRAFT, data=facts_form(seen=look(admin)))
    admin.client.post(f"{DRAFT}/propose", data={"seen": look(admin)})
    many = [queries(app, admin, page) for page in pages]
    assert few == many
    assert max(many) <= 12


def queries(app: Flask, admin: Admin, page: str) -> int:
    with counted_queries(app) as sent:
        assert admin.client.get(page).status_code == 200
    return len(sent)
