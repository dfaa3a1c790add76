"""The form that begins a run of statements: the periods that are over and whose documents weren't issued."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from marketplace.documents.models import DocumentKind, StatementRun
from marketplace.infra.i18n import month
from marketplace.infra.settings import settings
from marketplace.kit.periods import today_in

_MONTHS, _YEARS = 24, 5
Period = tuple[DocumentKind, date]


class RunForm(FlaskForm):
    """`chosen` is the kind and the first day of the period."""

    period = SelectField(_l("Period"))

    def __init__(self, runs: Sequence[StatementRun], **options: Any) -> None:
        super().__init__(**options)
        begun = {(run.kind, run.period_start) for run in runs}
        self._periods = {_key(found): found for found in _ended() if found not in begun}
        self.period.choices = [SelectChoice(key, _words(found)) for key, found in self._periods.items()]

    @property
    def chosen(self) -> Period:
        return self._periods[self.period.data]


def _ended() -> list[Period]:
    """The months and years that are over, the newest first."""
    today = today_in(settings().default_timezone)
    found, first = list[Period](), today.replace(day=1)
    for _number in range(_MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append((DocumentKind.STATEMENT, first))
    found += [(DocumentKind.ANNUAL_SUMMARY, date(today.year - back, 1, 1)) for back in range(1, _YEARS + 1)]
    return found


def _key(period: Period) -> str:
    return f"{period[0].value}:{period[1].isoformat()}"


def _words(period: Period) -> str:
    kind, first = period
    if kind is DocumentKind.ANNUAL_SUMMARY:
        return str(_("Yearly summaries of %(year)s", year=first.year))
    return str(_("Statements of %(month)s", month=month(first, year=True)))
