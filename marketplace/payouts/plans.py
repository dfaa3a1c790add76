"""How a payee is paid: at once, with each payday, or when they ask; and from which amount on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, case, cast, func, literal, or_, select

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db
from marketplace.infra.i18n import money_text
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Invalid
from marketplace.kit.money import Money
from marketplace.payouts.models import PayoutPlan, Schedule
from marketplace.payouts.payee import Payee, lock_payee, payee_of

# In major units. A minimum that nobody reaches would only keep money from its owner until Stripe's limit moves it.
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One payee's plan. `own_minimums` are what they asked for, in minor units by currency."""

    schedule: Schedule
    own_minimums: Mapping[str, int]
    chosen: bool

    def minimum(self, currency: str) -> Money:
        """Less than that waits: their own minimum, or the marketplace's where that is more."""
        return max(Money(self.own_minimums.get(currency, 0), currency), least(currency))


def plan_of(payee: Payee) -> Plan:
    """The payee's plan, or the marketplace's where they chose none."""
    return as_plan(db.session.scalars(select(PayoutPlan).where(payee.owns(PayoutPlan))).first())


def as_plan(row: PayoutPlan | None) -> Plan:
    """What a payee's row says, or the marketplace's plan where there is none."""
    if row is None:
        return Plan(default_schedule(), {}, chosen=False)
    return Plan(row.schedule, row.minimums, chosen=True)


def default_schedule() -> Schedule:
    """That of payees who chose none, by the setting `PAYOUT_SCHEDULE`."""
    return Schedule(settings().payout_schedule)


def least(currency: str) -> Money:
    """The marketplace's minimum, by the setting `PAYOUT_MINIMUMS`."""
    minimums = settings().payout_minimums
    return Money(minimums.get(currency, minimums.get("*", 0)), currency)


def most_minimum(currency: str) -> Money:
    """The largest minimum that anybody may name."""
    return Money.from_major(_LARGEST, currency)


def set_plan(actor: Actor, schedule: Schedule, minimums: Mapping[str, int]) -> None:
    """Keep how the actor's money is sent from now on; `minimums` in minor units by currency, none of the others'.

    Raises:
        NotAllowed: the actor has no payout account to see to.
        Invalid: a minimum is below the marketplace's or above all measure (field `minimum_<currency>`).
    """
    payee = payee_of(actor)
    for currency, amount in minimums.items():
        _check_minimum(Money(amount, currency))
    lock_payee(payee)
    row = db.session.scalars(select(PayoutPlan).where(payee.owns(PayoutPlan))).first()
    if row is None:
        row = PayoutPlan(**payee.ids, minimums={})
        db.session.add(row)
    row.schedule, row.changed_at = schedule, clock.now()
    row.minimums = {**row.minimums, **minimums}
    db.session.flush()


def _check_minimum(wanted: Money) -> None:
    floor, field = least(wanted.currency), f"minimum_{wanted.currency}"
    if wanted < floor:
        raise Invalid(_l("Name %(amount)s at least.", amount=money_text(floor)), field=field)
    if wanted > most_minimum(wanted.currency):
        most = money_text(most_minimum(wanted.currency))
        raise Invalid(_l("Name %(amount)s at most.", amount=most), field=field)


def has_schedule(schedule: Schedule) -> ColumnElement[bool]:
    """Whether the payee's plan is this, in SQL, where `payout_plans` is outer joined. Who has no row is left out of the
    condition where that can't be: then the few who chose it are found by their rows."""
    chosen = PayoutPlan.schedule == schedule
    return or_(PayoutPlan.id.is_(None), chosen) if schedule is default_schedule() else chosen


def minimum_of_row(currency: SQLColumnExpression[str]) -> ColumnElement[int]:
    """`Plan.minimum` in SQL, in minor units, where `payout_plans` is outer joined."""
    minimums = settings().payout_minimums
    named = {code: amount for code, amount in minimums.items() if code != "*"}
    everywhere = literal(minimums.get("*", 0), BigInteger)
    floor = case(named, value=currency, else_=everywhere) if named else everywhere
    own = cast(PayoutPlan.minimums.op("->>")(currency), BigInteger)
    return func.greatest(func.coalesce(own, 0), floor)


def next_payday(after: datetime | None = None) -> datetime:
    """The first weekly payday after a moment, by the platform's clock: settings `PAYDAY_WEEKDAY`, `PAYDAY_HOUR`."""
    zone = ZoneInfo(settings().default_timezone)
    start = (after or clock.now()).astimezone(zone)
    day = start.date() + timedelta(days=(settings().payday_weekday - start.weekday()) % 7)
    found = datetime(day.year, day.month, day.day, settings().payday_hour, tzinfo=zone)
    if found <= start:
        day += timedelta(days=7)
        found = datetime(day.year, day.month, day.day, settings().payday_hour, tzinfo=zone)
    return found.astimezone(clock.now().tzinfo)
