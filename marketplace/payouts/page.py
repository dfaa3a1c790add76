"""Gathers the earnings page of a creator or an agency, in a number of queries that doesn't grow with what they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.chargebacks.queries import LostPart, lost_parts
from marketplace.creators.queries import fee_parties
from marketplace.fees.queries import Allowance, allowance_of
from marketplace.infra.settings import settings
from marketplace.kit.money import Money
from marketplace.kit.periods import PeriodChoice, asked_period
from marketplace.payouts.account_page import account_plan_pause
from marketplace.payouts.earnings import EarningFilter, Hold, Month, earnings_by_month, first_year, holds
from marketplace.payouts.models import Schedule
from marketplace.payouts.onboarding import countries
from marketplace.payouts.pause_models import PayoutPause
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import Plan, next_payday
from marketplace.payouts.queries import (
    EarningsSummary,
    RunningDeal,
    earnings_summary,
    running_deals,
)
from marketplace.payouts.standing import Standing, standing

_RUNNING = 5
_DEBTS = 5


@dataclass(frozen=True, slots=True)
class EarningsPage:
    """One currency of a payee's money; `debts` are the newest chargebacks that they owe of. Months count by the
    platform's clock, as statements do; the allowance of a creator by their own."""

    currencies: list[str]
    summary: EarningsSummary
    choice: PeriodChoice
    months: list[Month]
    holds: list[Hold]
    running: list[RunningDeal]
    allowance: Allowance | None
    standing: Standing
    pause: PayoutPause | None
    plan: Plan
    countries: list[str]
    filters: EarningFilter
    debts: Sequence[LostPart]

    @property
    def currency(self) -> str:
        return self.summary.pending.currency

    @property
    def next_payday(self) -> datetime | None:
        """When what is available is sent, where the plan names a day."""
        return next_payday() if self.plan.schedule is Schedule.WEEKLY else None

    @property
    def received(self) -> Money:
        """What the chosen period brought, the months before and after it in the plot aside."""
        return self._sum([month.received for month in self._chosen])

    @property
    def fee(self) -> Money:
        return self._sum([month.fee for month in self._chosen])

    @property
    def _chosen(self) -> list[Month]:
        chosen = self.choice.chosen
        return [month for month in self.months if chosen.start <= month.start < chosen.end]

    def _sum(self, amounts: list[Money]) -> Money:
        return sum(amounts, Money.zero(self.currency))


def build(payee: Payee, currency: str | None, period: str, creator_id: int | None) -> EarningsPage:
    """The page in `currency`, or the one that the payee has most in; `period` is what an address calls it."""
    running = running_deals(payee, _RUNNING)
    summaries = earnings_summary(payee, running)
    summary = next((found for found in summaries if found.pending.currency == currency), None) or _first(summaries)
    code, zone = summary.pending.currency, settings().default_timezone
    allowance, first = _fees(payee, code, zone)
    choice = PeriodChoice(asked_period(period, zone), first, zone)
    account, plan, pause = account_plan_pause(payee)
    return EarningsPage(
        currencies=[found.pending.currency for found in summaries],
        summary=summary,
        choice=choice,
        months=earnings_by_month(payee, EarningFilter(choice.chosen.around, code, creator_id)),
        holds=holds(payee, code, zone) if summary.pending else [],
        running=running.deals.get(code, []),
        allowance=allowance,
        standing=standing(account),
        pause=pause,
        plan=plan,
        countries=countries(),
        filters=EarningFilter(choice.chosen, code, creator_id),
        debts=lost_parts(code, _DEBTS, **payee.ids) if summary.owes else [],
    )


def _first(summaries: list[EarningsSummary]) -> EarningsSummary:
    """The currency with the most of anything in it; amounts of two currencies are compared only to choose a page."""
    return max(summaries, key=lambda found: max(found.transferred.amount, found.available.amount, found.pending.amount))


def _fees(payee: Payee, currency: str, zone: str) -> tuple[Allowance | None, int | None]:
    """The allowance, which creators have, and the first year there can be anything in."""
    if payee.creator_id is None:
        return None, first_year(payee, zone)
    parties = fee_parties(payee.creator_id)
    return allowance_of(parties, currency), parties.since.year if parties.since is not None else None
