"""Languages, time zones, and the filters that write money, counts and dates the reader's way."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent, get_currency_symbol
from flask import Flask, current_app
from flask_babel import Babel, LazyString, force_locale, get_locale, gettext
from markupsafe import Markup, escape

from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.money import Money

# What people choose, and the CLDR locale that it stands for.
LANGUAGES = {"en": "English", "zh": "中文"}
_CLDR = {"en": "en", "zh": "zh_Hans_CN"}
MINUS = "\u2212"
_FIGURE_BESIDE_HAN = re.compile(r"(?<=\d)(?=[\u4e00-\u9fff])")

_PATTERNS = {
    "en": {"day": "EEE d MMM", "day_year": "EEE d MMM y", "time": "HH:mm", "join": "{day}, {time}"},
    "zh": {"day": "M 月 d 日（EEE）", "day_year": "y 年 M 月 d 日（EEE）", "time": "HH:mm", "join": "{day}{time}"},
}
_timezone: ContextVar[str | None] = ContextVar("reader_timezone", default=None)
babel = Babel()
# A lazy text calls itself markup, though it may carry what people typed: here it is escaped like any other.
LazyString.__html__ = lambda text: escape(str(text))


def init_app(app: Flask, locale: Callable[[], str], timezone: Callable[[], str]) -> None:
    """Install Babel and the filters; the two functions say how the present reader reads."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(Path(app.root_path).parent / "translations"))
    babel.init_app(app, locale_selector=lambda: _CLDR[locale()], timezone_selector=timezone)
    app.extensions["mutuals_timezone"] = timezone
    filters = (money, money_text, count, percent, day, when, iso, ago, left, urgency, filesize, month, listed, told)
    app.jinja_env.filters.update({found.__name__: found for found in filters})
    app.jinja_env.filters.update({"datetime": when, "date": short_date})


def language() -> str:
    """The reader's language as people choose it: `en` or `zh`."""
    found = get_locale()
    return "zh" if found is not None and found.language == "zh" else "en"


@contextmanager
def reader(locale: str, timezone: str) -> Iterator[None]:
    """Write what happens inside for someone else: a mail, a document, a notification."""
    token = _timezone.set(timezone)
    try:
        with force_locale(_CLDR[locale]):
            yield
    finally:
        _timezone.reset(token)


def reader_timezone() -> tzinfo:
    """Where the reader's clock stands."""
    return ZoneInfo(_timezone.get() or _selected_timezone())


def _selected_timezone() -> str:
    found: str = current_app.extensions["mutuals_timezone"]()
    return found or settings().default_timezone


def _cldr() -> str:
    return _CLDR[language()]


def money_text(amount: Money, signed: bool = False) -> str:
    """An amount as plain text: ¥12,600.00, US$90.00, −¥1,060.00."""
    whole, minor = _parts(amount, signed)
    return whole + minor


def _parts(amount: Money, signed: bool) -> tuple[str, str]:
    sign = MINUS if amount.amount < 0 else "+" if signed and amount.amount > 0 else ""
    major = abs(amount.major)
    # The Chinese symbols tell dollars and yuan apart in both languages.
    symbol = get_currency_symbol(amount.currency, "zh_Hans_CN")
    whole = int(major)
    minor = ""
    if amount.exponent:
        digits = str((major - whole).quantize(Decimal(1).scaleb(-amount.exponent)))[1:]
        minor = digits
    return f"{sign}{symbol}{format_decimal(whole, locale=_cldr())}", minor


def money(amount: Money, style: Literal["", "big", "final", "guess"] = "", signed: bool = False) -> Markup:
    """An amount as markup: tabular, never wrapped, the minor part quieter."""
    whole, minor = _parts(amount, signed)
    classes = f"money money--{style}" if style else "money"
    tail = Markup("<small>{}</small>").format(minor) if minor else Markup()
    return Markup('<span class="{}">{}{}</span>').format(classes, whole, tail)


def count(number: int) -> str:
    return format_decimal(number, locale=_cldr())


def percent(basis_points: int) -> str:
    """Basis points as a percentage: 500 → 5 %."""
    return format_percent(Decimal(basis_points) / 10_000, format="#,##0.## %", locale=_cldr())


def _local(moment: datetime) -> datetime:
    return moment.astimezone(reader_timezone())


def _this_year() -> int:
    return clock.now().astimezone(reader_timezone()).year


def day(value: date | datetime) -> str:
    """A day with its weekday: Thu 26 Nov; with the year when it is another."""
    found = _local(value).date() if isinstance(value, datetime) else value
    pattern = _PATTERNS[language()]["day" if found.year == _this_year() else "day_year"]
    return format_date(found, pattern, locale=_cldr())


def short_date(value: date | datetime) -> str:
    """A day with its year and no weekday: 26 Nov 2026."""
    found = _local(value).date() if isinstance(value, datetime) else value
    return format_date(found, "y 年 M 月 d 日" if language() == "zh" else "d MMM y", locale=_cldr())


def listed(names: Sequence[str]) -> str:
    """Names in a row, as the reader's language joins them: A, B, and C."""
    return str(format_list(list(names), locale=_cldr()))


def told(sentences: Sequence[str]) -> str:
    """Sentences one after another: Chinese sets no space between them."""
    return ("" if language() == "zh" else " ").join(str(one) for one in sentences)


def month(value: date, year: bool = False) -> str:
    """A month's short name, with its year if asked: Nov, Nov 2026."""
    if language() == "zh":
        return format_date(value, "y 年 M 月" if year else "M 月", locale=_cldr())
    return format_date(value, "MMM y" if year else "MMM", locale=_cldr())


def short_day(value: date | datetime) -> str:
    """A day alone, for narrow places: 26 Nov."""
    found = _local(value).date() if isinstance(value, datetime) else value
    return str(format_date(found, "M 月 d 日" if language() == "zh" else "d MMM", locale=_cldr()))


def when(moment: datetime) -> str:
    """A moment in the reader's time zone: Thu 26 Nov, 18:00."""
    patterns = _PATTERNS[language()]
    time = format_datetime(_local(moment), patterns["time"], locale=_cldr())
    return patterns["join"].format(day=day(moment), time=time)


def iso(value: date | datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def span(length: timedelta) -> str:
    """A length of time in words, in its largest unit."""
    return _spaced(format_timedelta(length, locale=_cldr(), threshold=1.2))


def ago(moment: datetime) -> str:
    return _spaced(format_timedelta(moment - clock.now(), add_direction=True, locale=_cldr()))


def _spaced(text: str) -> str:
    """Babel writes 3天前; ours is 3 天前."""
    return _FIGURE_BESIDE_HAN.sub(" ", text)


def left(moment: datetime) -> str:
    """How long until then, in words; what is past says so."""
    remaining = moment - clock.now()
    if remaining <= timedelta(0):
        return str(gettext("time is up"))
    return str(gettext("%(span)s left", span=span(remaining)))


def urgency(moment: datetime) -> Literal["", "soon", "late"]:
    """How a deadline is coloured: within 48 hours it is soon, after it late."""
    remaining = moment - clock.now()
    return "late" if remaining <= timedelta(0) else "soon" if remaining < timedelta(hours=48) else ""


def filesize(size: int) -> str:
    for unit, scale in (("MB", 1_000_000), ("KB", 1_000)):
        if size >= scale:
            return f"{format_decimal(round(Decimal(size) / scale, 1), locale=_cldr())} {unit}"
    return f"{format_decimal(size, locale=_cldr())} B"


__all__ = ["LANGUAGES", "init_app", "language", "money_text", "reader", "reader_timezone"]
