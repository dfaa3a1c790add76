"""Gathers the page of a payee's payout account, in a number of queries that doesn't grow with what they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import and_, literal, select

from marketplace.infra.db import db
from marketplace.kit.money import DEFAULT_CURRENCY, Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.queries import balances_of
from marketplace.payouts.due import Waiting, waiting
from marketplace.payouts.history import PageOf, held_back, next_arrival, payouts, transfers
from marketplace.payouts.models import ConnectedAccount, Payout, PayoutPlan, PayoutState, Schedule
from marketplace.payouts.pause_models import PayoutPause
from marketplace.payouts.pausing import running_pause
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import Plan, as_plan, next_payday
from marketplace.payouts.standing import Standing, standing

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DEBTS = (AccountKind.CREATOR_OWES, AccountKind.AGENCY_OWES)


@dataclass(frozen=True, slots=True)
class Next:
    """What is available of one currency and what its plan does with it. `at` is None where no date is known."""

    waiting: Waiting
    minimum: Money
    at: datetime | None

    @property
    def enough(self) -> bool:
        return self.waiting.amount >= self.minimum


@dataclass(frozen=True, slots=True)
class AccountPage:
    """All that the page shows. `pause` is an administrator's, while it runs; `debts` is owed of chargebacks, `held`
    came back and waits for an administrator."""

    account: ConnectedAccount | None
    standing: Standing
    pause: PayoutPause | None
    plan: Plan
    nexts: Sequence[Next]
    currencies: Sequence[str]
    debts: Sequence[Money]
    held: Sequence[Money]
    arrival: Payout | None
    transfers: PageOf
    payouts: PageOf
    newest: Payout | None

    @property
    def failed(self) -> Payout | None:
        """The payout that came back last, as long as none has been made since."""
        return self.newest if self.newest is not None and self.newest.state is PayoutState.FAILED else None


def build(payee: Payee, transfers_page: int = 1, payouts_page: int = 1) -> AccountPage:
    """The page, and of the two lists these pages."""
    account, plan, pause = account_plan_pause(payee)
    books = balances_of([payee.owner])
    at = next_payday() if plan.schedule is Schedule.WEEKLY else None
    listed = payouts(payee, payouts_page)
    return AccountPage(
        account=account,
        standing=standing(account),
        pause=pause,
        plan=plan,
        nexts=[Next(one, plan.minimum(one.amount.currency), at) for one in waiting(payee)],
        currencies=sorted({found.commodity for found in books} | set(plan.own_minimums)) or [DEFAULT_CURRENCY],
        debts=[Money(owed, found.commodity) for found, owed in books.items() if found.kind in _DEBTS and owed > 0],
        held=held_back(payee),
        arrival=next_arrival(payee),
        transfers=transfers(payee, transfers_page),
        payouts=listed,
        newest=_newest(account),
    )


def account_plan_pause(payee: Payee) -> tuple[ConnectedAccount | None, Plan, PayoutPause | None]:
    """In one query; a payee may have any of them, all or none."""
    account = and_(payee.owns(ConnectedAccount), ConnectedAccount.replaced_at.is_(None))
    query = (
        select(ConnectedAccount, PayoutPlan, PayoutPause)
        .select_from(select(literal(1)).subquery())
        .outerjoin(ConnectedAccount, account)
        .outerjoin(PayoutPlan, payee.owns(PayoutPlan))
        .outerjoin(PayoutPause, running_pause(payee))
    )
    found = db.session.execute(query).one()
    return found[0], as_plan(found[1]), found[2]


def _newest(account: ConnectedAccount | None) -> Payout | None:
    if account is None:
        return None
    query = select(Payout).where(Payout.account_id == account.id)
    return db.session.scalars(query.order_by(Payout.created_at.desc(), Payout.id.desc()).limit(1)).first()


def bank_schedule_words(account: ConnectedAccount) -> str:
    """When Stripe sends on to the bank, by the account's own setting there."""
    schedule = account.bank_schedule
    match schedule.get("interval"):
        case "daily":
            return str(_("every working day"))
        case "weekly" if schedule.get("weekly_anchor") in _DAYS:
            names = get_day_names("wide", locale=get_locale())
            return str(_("every week on %(day)s", day=names[_DAYS.index(schedule["weekly_anchor"])]))
        case "monthly":
            return str(_("every month on day %(day)s", day=schedule.get("monthly_anchor", 1)))
        case "manual":
            return str(_("when somebody asks Stripe to"))
        case _:
            return str(_("by Stripe’s own schedule"))
