"""Which moment or period of the books a page shows, as its address says it: days of the platform's own clock."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, TimeField
from wtforms.validators import Optional

from marketplace.briefs.policy import platform_today
from marketplace.infra.fields import DayField
from marketplace.infra.settings import settings

EARLIEST: Final = date(2000, 1, 1)


class ClockField(TimeField):
    """A time of the day, to the minute."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = None
        typed = str(valuelist[0]).strip() if valuelist else ""
        if not typed:
            return
        try:
            self.data = time.fromisoformat(typed).replace(tzinfo=None, microsecond=0)
        except ValueError:
            raise ValueError(_("Write the time as hours and minutes: 18:00.")) from None


def _day(label: Any) -> DayField:
    return DayField(label, [Optional()], not_before=lambda: EARLIEST, not_after=platform_today)


class MomentForm(Form):
    """`on` without a time means the end of that day; without a day the page shows what holds now.

    `than` is the day that a trial balance is compared with, `since` the first day of a statement.
    """

    on = _day(_l("At the end of"))
    time = ClockField(_l("Or at"), [Optional()])
    than = _day(_l("Compared with the end of"))
    since = _day(_l("From"))

    @property
    def at(self) -> datetime | None:
        """The first moment that doesn't count any more; None where nothing is asked."""
        day, clock = self._said(self.on), self._said(self.time)
        if day is None:
            return None
        return _moment(day, clock) if clock is not None else day_after(day)

    @property
    def other(self) -> datetime | None:
        day = self._said(self.than)
        return day_after(day) if day is not None else None

    @property
    def beginning(self) -> datetime | None:
        """The first moment of the period."""
        day = self._said(self.since)
        return _moment(day, time()) if day is not None else None

    @property
    def asked(self) -> dict[str, str]:
        """What a link to another page of the same moment carries on."""
        day, clock = self._said(self.on), self._said(self.time)
        if day is None:
            return {}
        return {"on": day.isoformat(), **({"time": f"{clock:%H:%M}"} if clock is not None else {})}

    def validate_time(self, field: ClockField) -> None:
        if field.data is not None and self.on.data is None:
            field.errors = [*field.errors, _("Say on which day.")]

    def validate_since(self, field: DayField) -> None:
        if field.data is not None and self.on.data is not None and field.data > self.on.data:
            field.errors = [*field.errors, _("The first day can’t be after the last one.")]

    @staticmethod
    def _said(field: Any) -> Any:
        return field.data if not field.errors else None


def moment_form() -> MomentForm:
    """The form as the address fills it in, validated: what is wrong counts as not asked, and says so."""
    form = MomentForm(request.args)
    form.validate()
    return form


def day_after(day: date) -> datetime:
    """The first moment after a day of the platform."""
    return _moment(day + timedelta(days=1), time())


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(settings().default_timezone))
