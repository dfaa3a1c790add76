"""What a visitor looks for, read from the address: what can't be understood is left out and said beside its field."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import Optional

from marketplace.creators.models import Category, Platform
from marketplace.infra.fields import CountField, LineField, MoneyField
from marketplace.infra.labels import register
from marketplace.kit.money import Money

_MOST_PAGES = 100_000
_MOST_WORDS = 6


class Sort(StrEnum):
    FANS = "fans"
    NEWEST = "newest"
    PRICE = "price"


register(Sort, {Sort.FANS: _l("Most fans"), Sort.NEWEST: _l("Newest"), Sort.PRICE: _l("Lowest price")})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters that hold together: all words, one of the platforms, one of the categories, both bounds."""

    words: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    categories: tuple[Category, ...] = ()
    least_fans: int | None = None
    most_price: Money | None = None
    sort: Sort = Sort.FANS
    page: int = 1


class SearchForm(Form):
    """The fields that are typed; boxes and the order are read by `read_wanted`."""

    q = LineField(_l("Search creators"), required=False, most=100)
    fans = CountField(_l("Fans, at least"), [Optional()])
    price = MoneyField(_l("Price, at most"), [Optional()])


def read_wanted(typed: MultiDict[str, str]) -> tuple[Wanted, SearchForm]:
    """The filters that could be understood, and the form with what was typed and what is wrong with it."""
    form = SearchForm(typed)
    form.validate()
    words = (form.q.data or "").split()[:_MOST_WORDS] if not form.q.errors else []
    wanted = Wanted(
        words=tuple(words),
        platforms=tuple(member for member in Platform if member.value in typed.getlist("platform")),
        categories=tuple(member for member in Category if member.value in typed.getlist("category")),
        least_fans=form.fans.data if not form.fans.errors else None,
        most_price=form.price.data if not form.price.errors else None,
        sort=next((member for member in Sort if member.value == typed.get("sort")), Sort.FANS),
        page=_page(typed.get("page", "")),
    )
    return wanted, form


def _page(typed: str) -> int:
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 1
    return min(max(number, 1), _MOST_PAGES)
