"""The page of the money that Stripe holds for us, by how long it has."""

from datetime import UTC, datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.held import Ages, Column, HeldRow, Of, ages, earnings_held, escrow_held
from marketplace.console.query_forms import member_in, words_in
from marketplace.deals.lifecycle import State
from marketplace.deals.perspective import tone_of
from marketplace.escrow.holding import holding
from marketplace.escrow.models import HoldingStage
from marketplace.infra.i18n import day, when
from marketplace.infra.settings import settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_DIGITS = 18


@bp.get("/console/held")
@access(Role.ADMIN)
def held() -> ResponseReturnValue:
    """Money in escrow, or earnings nobody was sent yet: by age, then the list, the oldest first."""
    of = member_in("of", Of) or Of.ESCROW
    found = ages(of)
    chosen = next((one for one in found if one.currency == words_in("currency")), found[0] if found else None)
    column = _column(chosen)
    list_held = escrow_held if of is Of.ESCROW else earnings_held
    page = list_held(chosen.currency if chosen else None, column, _after())
    return render_template(
        "console/held.html",
        of=of,
        ages=found,
        chosen=chosen,
        column=column,
        page=page,
        later=_cursor(*page.later) if page.later else None,
        limit=holding(),
        country=get_locale().territories.get(settings().stripe_country, settings().stripe_country),
        next_words=_earning_next if of is Of.EARNINGS else _escrow_next,
        tone_of=tone_of,
    )


def _column(chosen: Ages | None) -> Column | None:
    """The column of the plot that the address names; None for all of them."""
    number = request.args.get("age", type=int)
    return next((one for one in chosen.columns if one.number == number), None) if chosen else None


def _after() -> tuple[datetime, int] | None:
    """The place that the address says; the first page where it says none of ours."""
    moment, _dash, place = request.args.get("after", "").partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS for part in (moment, place)):
        return None
    try:
        return _EPOCH + int(moment) * _MICROSECOND, int(place)
    except OverflowError:
        return None


def _cursor(received: datetime, place: int) -> str:
    return f"{(received - _EPOCH) // _MICROSECOND}-{place}"


def _escrow_next(row: HeldRow) -> str:
    """What happens to a deal's money if nobody does anything."""
    times = holding()
    if row.ends_by_itself and row.deal.deadline_at is not None:
        return str(_("Accepted by silence on %(date)s", date=day(row.deal.deadline_at)))
    if row.deal.state is State.FROZEN:
        return str(_("Stands still until the payer’s bank has decided"))
    if row.deal.state is State.DISPUTED:
        return str(_("Without a ruling it moves by itself on %(moment)s", moment=when(row.ends_at)))
    if row.stage is None:
        return str(_("Both sides are told on %(date)s", date=day(row.received + times.warned)))
    if row.stage is HoldingStage.WARNED:
        return str(_("Stopped for a ruling on %(date)s", date=day(row.received + times.last_days)))
    return str(_("Stopped for a ruling within ten minutes"))


def _earning_next(row: HeldRow) -> str:
    """What happens to an earning if nobody does anything."""
    if not row.released:
        return str(_("On hold, then free to be sent"))
    if row.paused:
        return str(_("Waits until an administrator resumes its payee’s payouts"))
    if row.ready:
        return str(_("Sent by its payee’s plan, or in the last days by itself"))
    if row.stage is HoldingStage.REACHED:
        return str(_("Write to its owner: no payout account takes it"))
    return str(_("Waits for its owner’s payout account"))
