"""The macros, rendered alone: what readers and screen readers get from each."""

import re
from datetime import date
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import wtforms
from flask import Flask
from markupsafe import Markup
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from marketplace.deals.lifecycle import State
from marketplace.fees import quote as fees
from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.explain import explain
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money


def _macros(app: Flask, name: str) -> Any:
    return app.jinja_env.get_template(f"components/{name}.html").module


def _flat(markup: str) -> str:
    """Text without tags, runs of space as one."""
    return " ".join(Markup(markup).striptags().split())


class _Terms(wtforms.Form):
    price = wtforms.StringField("Price", [InputRequired("Say a price.")], description="Before fees.")
    kind = wtforms.RadioField(
        "Kind", [InputRequired("Choose one.")], choices=[SelectChoice("film", "Film"), SelectChoice("post", "Post")]
    )
    rights = wtforms.BooleanField("I hold the rights")


@pytest.fixture
def refused() -> _Terms:
    form = _Terms()
    assert not form.validate()
    return form


def test_a_quote_is_set_with_a_reason_on_every_line(request_context: Flask) -> None:
    quote = fees.quote(DEFAULT_POLICY, DealKind.VIDEO, Money(1_200_000), Money(360_000), date(2026, 11, 20))
    slip = _flat(_macros(request_context, "quote").fee_slip(quote, explain)).replace(" .", ".")
    for said in (
        "+¥600.00",
        "Brand pays ¥12,600.00",
        "Commission on ¥1,400.00",
        "−¥1,060.00",
        "Creator receives ¥10,940.00",
    ):
        assert said in slip
    assert slip.count("(rule C1)") == 2


def test_a_brand_sees_only_what_it_pays(request_context: Flask) -> None:
    quote = fees.quote(DEFAULT_POLICY, DealKind.VIDEO, Money(1_200_000), Money(0), date(2026, 11, 20))
    slip = _flat(_macros(request_context, "quote").fee_slip(quote, explain, side="brand", brand_label="You pay"))
    assert "You pay" in slip
    assert "Commission" not in slip


def test_a_seal_bears_initials_or_two_characters(request_context: Flask) -> None:
    seal = _macros(request_context, "sign").seal
    assert _flat(seal("Tomas Okafor")) == "TO"
    assert _flat(seal("林悦")) == "林 悦"


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_deal_has_its_badge(request_context: Flask, state: State) -> None:
    badge = _macros(request_context, "state").state_badge(state, "you")
    assert 'class="state state--you"' in badge
    assert "icons.svg#" in badge
    assert _flat(badge).lower().replace(" ", "_") == state.value


def test_a_whole_amount_loses_its_minor_part_only_on_cards(request_context: Flask) -> None:
    money = _macros(request_context, "money")
    assert _flat(money.money_short(Money(680_000))) == "¥6,800"
    assert _flat(money.money_short(Money(680_050))).replace(" ", "") == "¥6,800.50"
    assert _flat(money.money(Money(680_000))).replace(" ", "") == "¥6,800.00"


def test_a_range_says_its_currency_once(request_context: Flask) -> None:
    money = _macros(request_context, "money")
    assert _flat(money.money_range(Money(1_000_000), Money(1_400_000))) == "¥10,000–14,000"
    assert _flat(money.money_range(Money(1_000_000), Money(1_000_000))) == "¥10,000"
    assert _flat(money.money_range(Money(1_000_000), None)) == "¥10,000"


def test_a_slip_shows_what_is_added_and_what_is_taken(request_context: Flask) -> None:
    lines = [
        SimpleNamespace(label="Price", amount=Money(1_200_000)),
        SimpleNamespace(label="Service fee", amount=Money(60_000), why="5 % of the price", sign="+"),
        SimpleNamespace(label="Commission", amount=Money(70_000), why="", sign="-"),
    ]
    slip = _macros(request_context, "slip").slip(lines, "Creator receives", Money(1_130_000), "final")
    assert "+¥600" in slip
    assert "−¥700" in slip
    assert slip.count("<small>5 % of the price</small>") == 1
    assert "money--final" in slip.split("slip__sum")[1]


def test_a_split_bar_fills_its_width_and_says_the_same_in_words(request_context: Flask) -> None:
    bar = _macros(request_context, "split").split(
        [("Creator", 11_300, "pine"), ("Fees", 1_300, "line")], "of 12,600 yuan"
    )
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", bar, re.DOTALL)[0])  # type: ignore[index]
    spans = [(float(rect.get("x", "")), float(rect.get("width", ""))) for rect in svg]
    assert svg.get("aria-label") == "of 12,600 yuan"
    assert spans[0][0] == 0
    assert sum(spans[-1]) == pytest.approx(1000, abs=0.2)
    assert spans[0][1] / (spans[0][1] + spans[1][1]) == pytest.approx(11_300 / 12_600, abs=0.01)


def test_a_bar_of_nothing_is_empty(request_context: Flask) -> None:
    assert "<rect" not in _macros(request_context, "split").split([("Creator", 0, "pine")], "nothing", False)


def test_the_pager_keeps_the_rest_of_the_query(request_context: Flask) -> None:
    here = _macros(request_context, "link").here
    assert Markup(here({"after": 12})).unescape() == "/deals?state=open&state=done&after=12"
    assert here({"after": None, "state": None}) == "/deals"


def test_a_hostile_query_stays_a_query(look_app: Flask) -> None:
    with look_app.test_request_context('/deals?_scheme=javascript&endpoint=x&q="><script>'):
        page = str(_macros(look_app, "pager").pager({"after": 1}))
    assert 'href="/deals?_scheme=javascript&amp;endpoint=x&amp;q=%22%3E%3Cscript%3E&amp;after=1"' in page


def test_numbered_pages_leave_out_the_middle(request_context: Flask) -> None:
    nav = _macros(request_context, "pager").pages(7, 23)
    assert _flat(nav) == "Previous 1 … 5 6 7 8 9 … 23 Next"
    assert '<span aria-current="page">7</span>' in nav
    assert _flat(_macros(request_context, "pager").pages(1, 1)) == ""


def test_a_refused_field_is_tied_to_its_help_and_its_error(request_context: Flask, refused: _Terms) -> None:
    field = _macros(request_context, "form").field(refused.price, prefix="¥")
    assert 'aria-describedby="price-help price-error"' in field
    assert 'aria-invalid="true"' in field
    assert re.search(r'id="price-help">\s*Before fees\.', field)
    assert re.search(r'id="price-error">.*Say a price\.', field, re.DOTALL)
    assert '<label class="form-label" for="price">' in field


def test_radio_buttons_become_a_named_group(request_context: Flask, refused: _Terms) -> None:
    group = _macros(request_context, "form").field(refused.kind)
    assert re.search(r'<fieldset [^>]*id="kind"[^>]*aria-describedby="kind-error"', group)
    assert group.count('type="radio"') == 2
    assert "<legend" in group


def test_the_summary_links_to_every_field_that_was_refused(request_context: Flask, refused: _Terms) -> None:
    summary = _macros(request_context, "form").form_errors(refused)
    assert re.findall(r'href="#([^"]+)"', summary) == ["price", "kind"]
    assert "2 things to correct" in summary
    assert 'role="alert"' in summary


def test_a_form_without_errors_has_no_summary(request_context: Flask) -> None:
    assert _flat(_macros(request_context, "form").form_errors(_Terms())) == ""


def test_what_people_write_is_escaped(request_context: Flask) -> None:
    said = _macros(request_context, "timeline").said("<b>bold</b>\nsecond line")
    assert "&lt;b&gt;bold&lt;/b&gt;\nsecond line" in said


def test_the_track_says_where_one_is_in_words(request_context: Flask) -> None:
    steps = [
        SimpleNamespace(label=label, note=None, place=place)
        for label, place in (("Terms", "past"), ("Making", "now"), ("Review", "next"))
    ]
    track = _macros(request_context, "track").track(steps, "them")
    assert "Step 2 of 3: Making" in _flat(track)
    assert "next: Review" in _flat(track)
    assert track.count('aria-current="step"') == 1


def test_an_alarm_interrupts_and_good_news_waits(request_context: Flask) -> None:
    notice = _macros(request_context, "notice").notice
    assert 'role="alert"' in notice("The card was declined.", "alarm")
    assert 'role="status"' in notice("Saved.", "good")


def test_columns_stand_on_the_line_and_reach_the_top(request_context: Flask) -> None:
    months = [SimpleNamespace(label=f"M{n}", first=n * 100, second=n * 10) for n in range(1, 13)]
    wide, narrow = re.findall(r"<svg.*?</svg>", _macros(request_context, "bars").bars(months, "Earnings"), re.DOTALL)
    lasts = []
    for chart, count in ((wide, 12), (narrow, 6)):
        rects = [rect.attrib for rect in ElementTree.fromstring(chart).iter("rect")]
        assert len(rects) == 2 * count
        assert all(float(rect["y"]) + float(rect["height"]) == pytest.approx(206, abs=0.1) for rect in rects[::2])
        lasts.append(rects[-1])
    assert [float(rect["y"]) for rect in lasts] == pytest.approx([14, 14], abs=0.2)
