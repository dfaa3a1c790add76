"""The sandbox's own pages, as a browser asks for them."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from marketplace.stripe_sandbox import desk_words, triggering, words
from marketplace.stripe_sandbox.guest import pay
from marketplace.stripe_sandbox.moods import FAULT_KINDS

from .kit import Receiver, Running, new_account, new_session, paid_charge, until

DAY = 86_400


class Visitor:
    """Follows redirects, as a browser does."""

    def __init__(self, sandbox: Running) -> None:
        self.url = sandbox.url

    def get(self, path: str, language: str = "en") -> tuple[int, str]:
        return self._open(urllib.request.Request(self.url + path, headers={"Accept-Language": language}))

    def post(self, path: str, *, origin: str | None = None, **form: str) -> tuple[int, str]:
        headers = {"Origin": self.url if origin is None else origin}
        data = urllib.parse.urlencode(form).encode()
        return self._open(urllib.request.Request(self.url + path, data, headers, method="POST"))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, unescape(answer.read().decode())
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, unescape(answer.read().decode())


@pytest.fixture
def visitor(sandbox: Running) -> Visitor:
    return Visitor(sandbox)


def test_every_page_says_that_it_is_a_sandbox(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)
    [event, *_] = client.v1.events.list().data
    for path in ("/", "/objects", "/events", "/balances", "/moods", f"/objects/{charge.id}", f"/objects/{event.id}"):
        for language, notice in (("en", "No real money moves"), ("zh-CN", "不会动用真实资金")):
            status, html = visitor.get(path, language)
            assert (status, notice in html) == (200, True), path


def test_an_empty_sandbox_has_its_pages_too(visitor: Visitor) -> None:
    for path in ("/", "/objects", "/events", "/balances", "/moods"):
        assert visitor.get(path)[0] == 200


def test_objects_are_listed_by_kind_and_found_by_their_id(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)
    intent = str(charge.payment_intent)

    assert charge.id in visitor.get("/objects?kind=charge")[1]
    assert intent not in visitor.get("/objects?kind=charge")[1]
    assert intent in visitor.get(f"/objects?q={intent[3:12]}")[1]
    assert f"<title>{charge.id}" in visitor.get(f"/objects?q={charge.id}")[1]
    assert "No object fits" in visitor.get("/objects?q=nowhere")[1]


def test_more_objects_than_a_page_are_leafed_through(client: stripe.StripeClient, visitor: Visitor) -> None:
    made = [new_session(client).id for _ in range(51)]

    html = visitor.get("/objects")[1]
    older = re.search(r'href="(/objects\?before=[^"]+)"', html)

    assert made[-1] in html
    assert made[0] not in html
    assert older
    assert made[0] in visitor.get(older[1])[1]


def test_an_object_is_shown_with_its_links_and_events(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)
    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 1_000})

    html = visitor.get(f"/objects/{charge.id}")[1]

    for id_ in (charge.payment_intent, charge.payment_method, refund.id):
        assert f'href="/objects/{id_}"' in html
    assert "charge.refunded" in html
    assert '"amount_refunded": 1000' in html


def test_onboarding_links_are_nobodys_to_read(client: stripe.StripeClient, visitor: Visitor) -> None:
    account = client.v1.accounts.create(params={"type": "express"})
    token = client.v1.account_links.create(
        params={
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://shop.example/again",
            "return_url": "https://shop.example/done",
        }
    ).url.rpartition("/")[2]

    assert visitor.get(f"/objects/{token}")[0] == 404
    assert token not in visitor.get("/objects")[1]


def test_an_event_shows_how_its_webhook_went_and_sends_it_again(
    client: stripe.StripeClient, visitor: Visitor, receiver: Receiver
) -> None:
    client.v1.checkout.sessions.expire(new_session(client).id)
    receiver.wait_for(1)
    [event] = client.v1.events.list().data
    until(lambda: ">delivered<" in visitor.get(f"/objects/{event.id}")[1])

    status, html = visitor.post(f"/objects/{event.id}/resend")

    assert (status, "sent once more" in html) == (200, True)
    assert [found.id for found in receiver.wait_for(2)] == [event.id] * 2
    assert "checkout.session.expired" in visitor.get("/events?type=expired")[1]
    assert "No event fits" in visitor.get("/events?type=refund")[1]


def test_a_charge_is_disputed_from_its_page(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)

    status, html = visitor.post(f"/objects/{charge.id}/triggers/open_dispute", reason="product_not_received")

    assert (status, "Done." in html) == (200, True)
    [dispute] = client.v1.disputes.list().data
    assert (dispute.charge, dispute.reason) == (charge.id, "product_not_received")
    assert "Dispute the charge" not in html
    assert visitor.post(f"/objects/{charge.id}/triggers/open_dispute")[0] == 409


def _forms(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each trigger's form goes, and what it holds before anybody types."""
    for action, inside in re.findall(
        r'<form method="post" action="([^"]*/triggers/[^"]+)"(.*?)</form>', html, re.DOTALL
    ):
        form = dict(re.findall(r'<input [^>]*name="([^"]+)" value="([^"]*)"', inside))
        form |= dict(re.findall(r'<select [^>]*name="([^"]+)"[^>]*>\s*<option value="([^"]*)"', inside))
        yield action, form


def _subjects(sandbox: Running, client: stripe.StripeClient) -> Iterator[str]:
    """An object for each trigger in each state that it fits, made anew for each."""
    yield from [paid_charge(client).id for _ in range(2)]
    for inquiry in (True, False):
        yield sandbox.trigger("open_dispute", charge=paid_charge(client).id, inquiry=inquiry)["id"]
    answered = sandbox.trigger("open_dispute", charge=paid_charge(client).id)["id"]
    yield sandbox.trigger("advance_dispute", dispute=answered, step="under_review")["id"]
    yield client.v1.refunds.create(params={"charge": paid_charge(client).id}).id
    for _ in range(3):
        charge = paid_charge(client, card="4000000000007726")
        yield client.v1.refunds.create(params={"charge": charge.id}).id
    for _ in range(2):
        session = new_session(client)
        pay(session.url, method="sepa_debit")
        yield client.v1.checkout.sessions.retrieve(session.id).payment_intent  # type: ignore[misc]
    account = new_account(client)
    yield from [account.id] * 7
    for _ in range(2):
        sandbox.trigger("clear", account=account.id)
        sandbox.trigger("top_up", amount=500_000, currency="cny")
        params: Any = {"destination": account.id, "amount": 5_000, "currency": "cny"}
        client.v1.transfers.create(params=params)
        [payout] = sandbox.trigger("pay_out", account=account.id)
        yield payout["id"]


def test_each_trigger_is_pulled_from_the_page_as_its_form_stands(
    sandbox: Running, client: stripe.StripeClient, visitor: Visitor
) -> None:
    pulled: set[tuple[str, str, str]] = set()
    for subject in [*_subjects(sandbox, client), "", ""]:
        for action, form in _forms(visitor.get(f"/objects/{subject}" if subject else "/")[1]):
            this = (action.rpartition("/")[2], form.get("step", ""), subject.partition("_")[0])
            if this not in pulled:
                status, html = visitor.post(action, **form)
                assert status == 200, (action, form, html[html.find("Nothing was done") :][:300])
                pulled.add(this)
                break

    assert {name for name, _, _ in pulled} == {trigger.name for trigger in triggering._ALL}
    assert {step for _, step, _ in pulled} == {"", "escalate", "under_review", "won"}


def test_what_is_wrong_is_said_and_kept(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)

    status, html = visitor.post(f"/objects/{charge.id}/triggers/open_dispute", reason="fraudulent", amount="ten")

    assert status == 422
    assert "Nothing was done" in html
    assert 'value="ten"' in html
    assert client.v1.disputes.list().data == []


def test_the_clock_goes_on_from_the_page(client: stripe.StripeClient, visitor: Visitor) -> None:
    session = new_session(client)

    assert "The clock was set" in visitor.post("/clock", step="week")[1]

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert "It runs with the real time" in visitor.post("/clock", real="yes")[1]


@pytest.mark.parametrize("to", ["", "tomorrow", "1999-01-01T00:00", "2999-01-01T00:00", "0001-01-01T00:00"])
def test_a_moment_that_cant_be_is_said_beside_the_field(visitor: Visitor, to: str) -> None:
    status, html = visitor.post("/clock", to=to)
    assert status == 422
    assert 'id="to-error"' in html
    assert f'value="{to}"' in html


def test_moods_are_set_by_form(sandbox: Running, visitor: Visitor) -> None:
    form = {"drop_rate": "0.25", "429": "0.1", "seed": "9", "hold": "yes", "delay_seconds": "1.5"}

    assert "The moods were changed" in visitor.post("/moods", **form)[1]

    moods = sandbox.moods()
    assert (moods["drop_rate"], moods["fault_rates"], moods["seed"]) == (0.25, {"429": 0.1}, 9)
    assert (moods["hold"], moods["delay_seconds"]) == (True, 1.5)
    assert 'value="0.25"' in visitor.get("/moods")[1]


def test_the_worst_mood_is_one_button_with_the_seed_of_the_form(sandbox: Running, visitor: Visitor) -> None:
    visitor.post("/moods", preset="worst", seed="4", drop_rate="not read")
    moods = sandbox.moods()
    assert (set(moods["fault_rates"]), moods["seed"]) == (set(FAULT_KINDS), 4)


@pytest.mark.parametrize(
    ("form", "words_"),
    [
        ({"drop_rate": "2"}, "Enter a number from 0 to 1."),
        ({"500": "nan"}, "Enter a number from 0 to 1."),
        ({"delay_seconds": "-1"}, "Enter a number of seconds"),
        ({"seed": "nine"}, "Enter a whole number"),
        ({"429": "0.7", "500": "0.7"}, "must not be above 1"),
        ({"preset": "dreadful"}, "not changed"),
    ],
)
def test_wrong_moods_are_said_and_change_nothing(
    sandbox: Running, visitor: Visitor, form: dict[str, str], words_: str
) -> None:
    before = sandbox.moods()
    status, html = visitor.post("/moods", **form)
    assert (status, words_ in html) == (422, True)
    assert sandbox.moods() == before


def test_held_webhooks_are_released_from_the_page(
    sandbox: Running, client: stripe.StripeClient, visitor: Visitor, receiver: Receiver
) -> None:
    sandbox.command("moods", {"hold": True})
    client.v1.checkout.sessions.expire(new_session(client).id)
    assert "Held webhooks: 1" in visitor.get("/moods")[1]

    visitor.post("/moods/release", order="sent")

    assert len(receiver.wait_for(1)) == 1
    assert visitor.post("/moods/release", order="sideways")[0] == 404


def test_balances_are_listed_the_platforms_first(client: stripe.StripeClient, visitor: Visitor) -> None:
    charge = paid_charge(client)
    account = new_account(client)
    client.v1.transfers.create(
        params={"destination": account.id, "amount": 5_000, "currency": "cny", "source_transaction": charge.id}
    )

    html = visitor.get("/balances")[1]

    assert html.index("Platform") < html.index(account.id)
    assert "CN¥50.00" in html


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_a_form_from_another_site_does_nothing(
    sandbox: Running, client: stripe.StripeClient, visitor: Visitor, origin: str
) -> None:
    charge = paid_charge(client)
    calm = sandbox.moods()["fault_rates"]
    for path, form in (
        ("/moods", {"preset": "worst"}),
        ("/clock", {"step": "week"}),
        (f"/objects/{charge.id}/triggers/open_dispute", {"reason": "fraudulent"}),
        ("/triggers/top_up", {"amount": "1000", "currency": "cny"}),
    ):
        assert visitor.post(path, origin=origin, **form)[0] == 403

    assert sandbox.moods()["fault_rates"] == calm
    assert client.v1.disputes.list().data == []


@pytest.mark.parametrize(
    "path",
    [
        "/objects/ch_nowhere",
        "/objects/%00",
        "/objects?before=a",
        "/events?before=9999999999999999999999",
        "/objects?q=%27",
    ],
)
def test_a_strange_address_breaks_nothing(visitor: Visitor, path: str) -> None:
    assert visitor.get(path)[0] in (200, 400, 404)


@pytest.mark.parametrize(
    "path", ["/objects/ch_none/triggers/open_dispute", "/triggers/reject", "/objects/ch_none/resend"]
)
def test_what_isnt_there_cant_be_done(visitor: Visitor, path: str) -> None:
    assert visitor.post(path)[0] == 404


def test_both_languages_say_all(sandbox: Running) -> None:
    assert desk_words.EN.keys() == desk_words.ZH.keys()
    assert words._EN.keys() == words._ZH.keys()
    for trigger in triggering._ALL:
        assert f"do_{trigger.name}" in desk_words.EN
        assert all(f"arg_{field.name}" in desk_words.EN for field in trigger.fields)


@pytest.mark.browser
def test_a_browser_disputes_a_charge_and_sets_the_clock_on_a_phone(
    sandbox: Running, client: stripe.StripeClient, browser: Browser
) -> None:
    charge = paid_charge(client)
    with browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{sandbox.url}/objects/{charge.id}")
        page.get_by_role("button", name="对这笔扣款提出争议").click()
        page.get_by_role("status").wait_for()
        page.get_by_role("link", name="概览").click()
        page.get_by_role("button", name="前进一天").click()
        page.get_by_role("status").wait_for()

    assert len(client.v1.disputes.list().data) == 1


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    sandbox: Running, client: stripe.StripeClient, browser: Browser, scheme: Any
) -> None:
    sandbox.command("moods", {"hold": True})
    charge, account = paid_charge(client), new_account(client)
    [event, *_] = client.v1.events.list().data
    objects = [f"/objects/{found.id}" for found in (charge, account, event)]
    with browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        for path in ("/", "/objects", "/events", "/balances", "/moods", *objects):
            page.goto(sandbox.url + path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
            assert found.violations_count == 0, (path, found.generate_report())
