"""Pages of a brand's spending: sums, months, briefs and deals, the lines behind each figure, and files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.escrow.customers import may_keep_methods
from marketplace.escrow.paying import confirming_checkouts
from marketplace.infra.csv_files import Cell, csv_answer
from marketplace.infra.labels import label
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid, NotFound
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.kit.periods import Period, PeriodChoice, asked_period
from marketplace.ledger.pages import parse_cursor
from marketplace.payouts.spending import (
    NO_BRIEF,
    Became,
    SpendingFilter,
    SpendingRow,
    Spent,
    every_spending,
    first_payment_year,
    paid_briefs,
    spending,
    spending_by_brief,
    spending_by_month,
    spending_totals,
)
from marketplace.payouts.spending_lines import Figure, SpendingLine, every_spending_line, spending_lines

bp = Blueprint("spending", __name__)
_PAGE = 50
_BRIEFS = 100
_CONFIRMING = 5
_LARGEST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the address narrows the page to, and the sums of all of it in every currency."""

    brand_id: int | None
    filters: SpendingFilter
    totals: list[Spent]

    @property
    def currencies(self) -> list[str]:
        return [total.paid.currency for total in self.totals]

    @property
    def currency(self) -> str:
        return self.filters.currency or DEFAULT_CURRENCY

    @property
    def total(self) -> Spent | None:
        return next((total for total in self.totals if total.paid.currency == self.currency), None)

    @property
    def query(self) -> Mapping[str, str]:
        """The same as an address says it."""
        found = self.filters
        parts = {
            "currency": found.currency,
            "period": found.period.key if found.period is not None else None,
            "brief": str(found.brief_id) if found.brief_id is not None else None,
            "became": found.became.value if found.became is not None else None,
        }
        return {name: value for name, value in parts.items() if value}


def _wanted() -> _Wanted:
    brand_id = current_actor().brand_id
    became = request.args.get("became", "")
    brief_id = request.args.get("brief", type=int)
    asked = SpendingFilter(
        period=_period(),
        brief_id=brief_id if brief_id is not None and brief_id >= NO_BRIEF else None,
        became=Became(became) if became in set(Became) else None,
    )
    totals = spending_totals(brand_id, asked)
    currency = _currency([total.paid.currency for total in totals])
    return _Wanted(brand_id, SpendingFilter(asked.period, asked.brief_id, asked.became, currency), totals)


def _period() -> Period | None:
    return asked_period(request.args.get("period", ""), settings().default_timezone)


def _currency(found: list[str]) -> str:
    asked = request.args.get("currency", "")
    if asked in found:
        return asked
    return DEFAULT_CURRENCY if DEFAULT_CURRENCY in found or not found else found[0]


@bp.get("/spending")
@access(Role.BRAND)
def index() -> ResponseReturnValue:
    """What the brand has paid and what became of it: sums and months, then a deal or a brief a row."""
    wanted = _wanted()
    zone = settings().default_timezone
    choice = PeriodChoice(wanted.filters.period, first_payment_year(wanted.brand_id, zone), zone)
    return render_template(
        "escrow/spending.html",
        wanted=wanted,
        choice=choice,
        months=spending_by_month(wanted.brand_id, choice.chosen.around, wanted.filters),
        briefs=paid_briefs(wanted.brand_id, _BRIEFS),
        outcomes=list(Became),
        confirming=confirming_checkouts(wanted.brand_id, _CONFIRMING),
        may_keep_methods=may_keep_methods(current_actor()),
        **(_by_brief(wanted) if request.args.get("by") == "brief" else _by_deal(wanted)),
    )


def _by_deal(wanted: _Wanted) -> dict[str, object]:
    page = spending(wanted.brand_id, wanted.filters, _cursor(), _PAGE)
    return {"by": "deal", "rows": page.rows, "next": {"before": page.older} if page.older else None, "previous": None}


def _by_brief(wanted: _Wanted) -> dict[str, object]:
    number = min(max(request.args.get("page", 1, type=int), 1), _LARGEST_PAGE)
    rows = spending_by_brief(wanted.brand_id, wanted.filters, _PAGE + 1, (number - 1) * _PAGE)
    return {
        "by": "brief",
        "rows": rows[:_PAGE],
        "next": {"page": number + 1} if len(rows) > _PAGE else None,
        "previous": {"page": number - 1} if number > 1 else None,
    }


@bp.get("/spending/lines/<figure>")
@access(Role.BRAND)
def lines(figure: str) -> ResponseReturnValue:
    """The entries of the books that make one figure of the page of spending."""
    found, wanted = _figure(figure), _wanted()
    page = spending_lines(wanted.brand_id, found, wanted.filters, _cursor(), _PAGE)
    return render_template("escrow/spending_lines.html", figure=found, figures=list(Figure), wanted=wanted, page=page)


@bp.get("/spending/deals.csv")
@access(Role.BRAND)
def deals_file() -> ResponseReturnValue:
    """The deals that were paid for as a file: those of the filter, in every currency unless one is asked for."""
    wanted = _wanted()
    heads = [
        *(_("Deal"), _("Title"), _("Brief"), _("Creator"), _("State"), _("Paid on"), _("Currency"), _("Paid")),
        *(_("In escrow"), _("To creators"), _("Commission"), _("Service fee"), _("Given back")),
        *(_("Taken back by a bank"), _("Settled on")),
        _("Entries"),
    ]
    return csv_answer("spending", heads, _rows(every_spending(wanted.brand_id, _in_file(wanted))))


@bp.get("/spending/lines/<figure>.csv")
@access(Role.BRAND)
def lines_file(figure: str) -> ResponseReturnValue:
    """The entries behind one figure as a file."""
    found, wanted = _figure(figure), _wanted()
    heads = [_("Entry"), _("Date"), _("Deal"), _("Title"), _("Currency"), _("Amount")]
    made_of = every_spending_line(wanted.brand_id, found, _in_file(wanted))
    return csv_answer(f"spending-{found.value}", heads, (_line(line) for line in made_of))


def _in_file(wanted: _Wanted) -> SpendingFilter:
    """A file has a column for the currency, so it holds all of them unless the address names one."""
    found = wanted.filters
    currency = found.currency if request.args.get("currency") else None
    return SpendingFilter(found.period, found.brief_id, found.became, currency)


def _rows(found: Iterator[SpendingRow]) -> Iterator[list[Cell]]:
    for row in found:
        spent = row.spent
        yield [
            *(f"M-{row.deal_id}", row.title, row.brief, row.creator, str(label(row.state)), row.paid_at),
            *(spent.paid.currency, spent.paid, spent.in_escrow, spent.to_creators, spent.commission),
            *(spent.service_fee, spent.refunded, spent.by_bank, row.settled_at),
            url_for("money.deal", deal_id=row.deal_id, _external=True),
        ]


def _line(line: SpendingLine) -> list[Cell]:
    return [line.entry_id, line.at, f"M-{line.deal_id}", line.title, line.amount.currency, line.amount]


def _figure(name: str) -> Figure:
    if name not in set(Figure):
        raise NotFound
    return Figure(name)


def _cursor() -> str | None:
    """The place that the address goes on from; the first page where it says none of ours."""
    before = request.args.get("before") or None
    try:
        if before is not None:
            parse_cursor(before, 1)
    except Invalid:
        return None
    return before
