"""Pages of what the platform earned, by version of the fee policy, down to the entry of each settlement."""

from collections.abc import Iterator
from decimal import Decimal

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.fee_income import (
    PAGE,
    FeeIncome,
    SettlementFilter,
    fee_incomes,
    first_settled_at,
    settlements,
)
from marketplace.console.query_forms import id_in, member_in, words_in
from marketplace.infra.csv_files import Cell, csv_answer
from marketplace.infra.i18n import money_text, month
from marketplace.infra.labels import label
from marketplace.infra.settings import settings
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.periods import Period, PeriodChoice, asked_period, month_key, month_period, period_of

_FILLS = ("pine", "wait", "turn", "line", "alarm")
_LARGEST_VERSION = 2**31 - 1


def _period() -> Period:
    return period_of(words_in("period"), settings().default_timezone)


def _version() -> int | None:
    found = id_in("version")
    return found if found is not None and found <= _LARGEST_VERSION else None


@bp.get("/console/fee-income")
@access(Role.ADMIN)
def fee_income() -> ResponseReturnValue:
    """One currency's income of a period: each version, then each month and kind."""
    period, first = _period(), first_settled_at()
    found = fee_incomes(period)
    income = next((one for one in found if one.currency == words_in("currency")), found[0] if found else None)
    return render_template(
        "console/fee_income.html",
        choice=PeriodChoice(
            asked_period(words_in("period"), period.zone), first.year if first is not None else None, period.zone
        ),
        currencies=[one.currency for one in found],
        income=income,
        plot_heads=_plot_heads(income) if income else [],
        plot_rows=_plot_rows(income, period) if income else [],
        month_key=month_key,
        last_day=lambda start: month_period(start, period.zone).last,
    )


def _plot_heads(income: FeeIncome) -> list[tuple[str, str]]:
    """The versions oldest first, as they follow each other in a column; a sixth one takes the first one's colour."""
    versions = reversed(income.versions)
    return [(_("Version %(number)s", number=one), _FILLS[i % len(_FILLS)]) for i, one in enumerate(versions)]


def _plot_rows(income: FeeIncome, period: Period) -> list[tuple[str, list[tuple[Decimal, str]]]]:
    rows = []
    for start in period.months:
        totals = [income.of_month(version, start).total for version in reversed(income.versions)]
        rows.append((str(month(start, year=True)), [(total.major, money_text(total)) for total in totals]))
    return rows


@bp.get("/console/fee-income/settlements", endpoint="fee_settlements")
@access(Role.ADMIN)
def settlements_page() -> ResponseReturnValue:
    """The settlements behind a figure, each with its deal and its entry."""
    wanted = SettlementFilter(_period(), _version(), member_in("kind", DealKind), words_in("currency", 8) or None)
    rows = settlements(wanted, id_in("before"), PAGE + 1)
    return render_template(
        "console/fee_settlements.html",
        wanted=wanted,
        says=_says(wanted),
        rows=rows[:PAGE],
        older=rows[PAGE - 1].settlement.id if len(rows) > PAGE else None,
    )


def _says(wanted: SettlementFilter) -> list[str]:
    """What the list is narrowed to, in words."""
    period = wanted.period
    said = [str(month(period.start, year=True)) if period.is_month else period.key or str(_("Twelve months"))]
    if wanted.version is not None:
        said.append(_("Version %(number)s", number=wanted.version))
    if wanted.kind is not None:
        said.append(str(label(wanted.kind)))
    if wanted.currency is not None:
        said.append(wanted.currency)
    return said


@bp.get("/console/fee-income.csv", endpoint="fee_income_file")
@access(Role.ADMIN)
def file() -> Response:
    """Every currency of the period, a line each cell, and what only the books have."""
    period = _period()
    heads = [
        _("Version"), _("Month"), _("Kind"), _("Currency"), _("Settlements"), _("Creator commissions"),
        _("Brand service fees"), _("By agreements"),
    ]  # fmt: skip
    name = f"fee-income-{period.key or f'{month_key(period.start)}-{month_key(period.last)}'}"
    return csv_answer(name, heads, list(_lines(fee_incomes(period))))


def _lines(incomes: list[FeeIncome]) -> Iterator[list[Cell]]:
    for income in incomes:
        for cell in income.cells:
            fees = cell.fees
            yield [
                cell.version, month_key(cell.month), str(label(cell.kind)), cell.currency, cell.settlements,
                fees.commission, fees.service_fee, fees.agreed,
            ]  # fmt: skip
        for start, fees in income.elsewhere.items():
            words = str(_("Elsewhere in the books"))
            yield [None, month_key(start), words, income.currency, None, fees.commission, fees.service_fee, None]
