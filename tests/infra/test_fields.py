"""Shared form fields: they read what people type, say what is wrong with it, and keep it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext
from markupsafe import escape
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import Optional

from marketplace.infra.fields import (
    CountField,
    DayField,
    EnumField,
    LineField,
    MoneyField,
    ProseField,
    UploadField,
    required,
    show_error,
)
from marketplace.infra.uploads import EVIDENCE
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import Money
from tests.support.files import picture, sent


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


class Prices(Form):
    price = MoneyField("Price", [required()])
    yen = MoneyField("Yen", [Optional()], currency="JPY")


def prices(**typed: str) -> Prices:
    form = Prices(MultiDict(typed))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("12,000.00", 12_000_00),
        ("12000", 12_000_00),
        ("¥12,000", 12_000_00),
        ("￥１２，０００．５", 12_000_50),
        ("12 000", 12_000_00),
        ("CNY 5", 5_00),
        ("5元", 5_00),
        ("0.01", 1),
        (".5", 50),
        ("007", 7_00),
        ("1.5000", 1_50),
        ("10,000,000,000", 10**12),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, amount: int) -> None:
    form = prices(price=typed)
    assert form.price.errors == []
    assert form.price.data == Money(amount)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Fill this in."),
        ("   ", "Fill this in."),
        ("-5", "can’t be negative"),
        ("\u22125", "can’t be negative"),
        ("¥-5", "can’t be negative"),
        ("0", "above zero"),
        ("1.234", "at most 2 decimals for CNY"),
        ("12,00", "Write an amount in figures"),
        ("1,0000", "Write an amount in figures"),
        ("twelve", "Write an amount in figures"),
        ("1e9", "Write an amount in figures"),
        ("nan", "Write an amount in figures"),
        ("٣٤", "Write an amount in figures"),
        ("$5", "Write an amount in figures"),
        (".", "Write an amount in figures"),
        ("10,000,000,000.01", "at most ¥10,000,000,000.00"),
        ("9" * 5000, "at most ¥10,000,000,000.00"),
    ],
)
def test_a_wrong_amount_says_why_and_stays_in_the_box(typed: str, why: str) -> None:
    form = prices(price=typed)
    assert form.price.data is None
    assert why in " ".join(form.price.errors)
    assert len(form.price.errors) == 1
    assert f'value="{typed}"' in form.price()


def test_a_currency_without_decimals_takes_none() -> None:
    assert prices(price="1", yen="1200").yen.data == Money(1200, "JPY")
    assert "have no decimals" in prices(price="1", yen="1.5").yen.errors[0]
    assert prices(price="1", yen="").yen.errors == []


def test_an_amount_of_ours_is_written_with_all_its_decimals() -> None:
    form = Prices(data={"price": Money(12_000_00), "yen": Money(1200, "JPY")})
    assert 'value="12,000.00"' in form.price()
    assert 'value="1,200"' in form.yen()


class Fans(Form):
    fans = CountField("Fans", [required()], least=1, most=10_000)


@pytest.mark.parametrize(("typed", "number"), [("10,000", 10_000), ("１０００", 1000), ("0007", 7), ("²", 2)])
def test_a_count_may_be_grouped(typed: str, number: int) -> None:
    form = Fans(MultiDict({"fans": typed}))
    assert form.validate()
    assert form.fans.data == number


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Fill this in."),
        ("1.5", "whole number"),
        ("10.000", "whole number"),
        ("1万", "whole number"),
        ("-3", "can’t be negative"),
        ("0", "at least 1"),
        ("10,001", "at most 10,000"),
        ("9" * 5000, "at most 10,000"),
    ],
)
def test_a_wrong_count_says_why(typed: str, why: str) -> None:
    form = Fans(MultiDict({"fans": typed}))
    assert not form.validate()
    assert why in form.fans.errors[0]


class Words(Form):
    line = LineField("Line", least=2, most=5)
    aside = LineField("Aside", required=False)
    prose = ProseField("Prose", required=False, most=20)
    kind = EnumField("Kind", members=DealKind, blank="Choose a kind")
    day = DayField("Day", not_before=lambda: date(2026, 1, 1), not_after=lambda: date(2026, 12, 31))


def words(**typed: str) -> Words:
    form = Words(MultiDict({"line": "fine", "kind": "video", "day": "2026-11-24", **typed}))
    form.validate()
    return form


def test_text_comes_without_what_nobody_sees() -> None:
    form = words(line=" a\x00b\r\n c ", prose="one\r\ntwo\x00\n\n", aside="\x07")
    assert form.errors == {}
    assert (form.line.data, form.prose.data, form.aside.data) == ("ab c", "one\ntwo", "")


def test_text_reads_as_it_is_kept() -> None:
    """No sign turns the reading direction; those that join letters and emoji stay."""
    form = words(line="pay \u202e000,1\u202c yuan", prose="\u2066one\u2069 👩\u200d🎤", aside="")
    assert (form.line.data, form.prose.data) == ("pay 000,1 yuan", "one 👩\u200d🎤")
    assert words(line="\u200b\ufeff").line.errors == ["Fill this in."]


def test_text_that_is_missing_too_short_or_too_long_says_so() -> None:
    assert words(line=" \u3000 ").line.errors == ["Fill this in."]
    assert words(line="x").line.errors == ["Write at least 2 characters; this has 1."]
    assert words(line="x" * 6000).line.errors == ["Write at most 5 characters; this has 6,000."]
    assert words(prose="x" * 21).prose.errors == ["Write at most 20 characters; this has 21."]


@pytest.mark.parametrize("typed", ["", "nothing", "VIDEO", "<b>"])
def test_only_a_member_can_be_chosen(typed: str) -> None:
    form = words(kind=typed)
    assert form.kind.data is None
    assert form.kind.errors == ["Choose one of the options."]


def test_the_options_have_words_and_keep_the_choice() -> None:
    markup = Words(data={"kind": DealKind.IMAGE}).kind()
    assert '<option value="">Choose a kind</option>' in markup
    assert '<option selected value="image">Picture post</option>' in markup


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("2027-01-01", "can’t be after 2026-12-31"),
        ("2025-12-31", "can’t be before 2026-01-01"),
        ("2026-02-30", "year, month and day"),
        ("yesterday", "year, month and day"),
        ("99999-01-01", "year, month and day"),
    ],
)
def test_a_day_out_of_reach_says_why(typed: str, why: str) -> None:
    assert why in words(day=typed).day.errors[0]


class Evidence(Form):
    file = UploadField("File", [required("Choose a file.")], kinds=EVIDENCE)


def evidence(file: Any) -> Evidence:
    form = Evidence(MultiDict({"file": file}))
    form.validate()
    return form


def test_a_file_field_gives_the_clean_file_or_the_reason() -> None:
    assert evidence(sent(b"", "")).file.errors == ["Choose a file."]
    assert "can’t be taken" in evidence(sent(b"<svg/>")).file.errors[0]
    upload = evidence(sent(picture())).file.upload
    assert upload is not None
    assert upload.content_type == "image/png"


def test_a_refusal_stands_beside_its_field_or_on_top() -> None:
    form = words()
    show_error(form, Invalid("Taken.", field="line"))
    show_error(form, Invalid("No such field.", field="password"))
    show_error(form, Conflict("Too late."))
    assert form.line.errors == ["Taken."]
    assert form.form_errors == ["No such field.", "Too late."]


def test_a_lazy_text_is_escaped_like_any_other() -> None:
    assert escape(lazy_gettext("Hello %(name)s", name="<script>")) == "Hello &lt;script&gt;"
