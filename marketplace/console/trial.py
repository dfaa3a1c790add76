"""The trial balance at a moment, and beside another one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from marketplace.console.books import Sums
from marketplace.infra.csv_files import Cell
from marketplace.infra.labels import label
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.queries import TrialRow, trial_balance


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One kind of account in one commodity, at the moment asked for (`row`) and at the one it is compared with (`was`).

    Amounts of a row lie on one of its two sides; `holds`, `held` and `change` are in the natural sign.
    """

    row: TrialRow
    was: TrialRow

    @property
    def kind(self) -> AccountKind:
        return self.row.kind

    @property
    def holds(self) -> int:
        return _natural(self.row)

    @property
    def held(self) -> int:
        return _natural(self.was)

    @property
    def change(self) -> int:
        return self.holds - self.held


@dataclass(frozen=True, slots=True)
class Trial:
    """The trial balance in one commodity, its lines in the order of the chart, with the sums at both moments."""

    lines: Sequence[TrialLine]
    sums: Sums
    was: Sums

    @property
    def commodity(self) -> str:
        return self.sums.commodity


def trials(at: datetime | None = None, than: datetime | None = None) -> list[Trial]:
    """One trial balance for each commodity, now or before `at`; kinds of account that hold nothing are left out.

    With `than` each line carries what there was before that moment, too; else nothing.
    """
    rows = {(row.commodity, row.kind): row for row in trial_balance(at).rows}
    was = {(row.commodity, row.kind): row for row in trial_balance(than).rows} if than is not None else {}
    lines: dict[str, list[TrialLine]] = defaultdict(list)
    for commodity, kind in {**rows, **was}:
        nothing = TrialRow(kind, commodity, 0, 0)
        key = (commodity, kind)
        line = TrialLine(rows.get(key, nothing), was.get(key, nothing))
        if line.holds or line.held:
            lines[commodity].append(line)
    chart = list(AccountKind)
    return [
        Trial(
            sorted(found, key=lambda line: chart.index(line.kind)),
            _sums(commodity, (line.row for line in found)),
            _sums(commodity, (line.was for line in found)),
        )
        for commodity, found in sorted(lines.items())
    ]


def trial_heads(*, compared: bool) -> list[str]:
    """The columns of `trial_cells`."""
    heads = [_("Currency"), _("Accounts"), _("Kind"), _("Class"), _("Debit"), _("Credit")]
    return [*heads, _("Debit before"), _("Credit before"), _("Change")] if compared else heads


def trial_cells(found: Iterable[Trial], *, compared: bool) -> Iterator[list[Cell]]:
    """A row for each line, of every commodity."""
    for trial in found:
        for line in trial.lines:
            row, was, code = line.row, line.was, trial.commodity
            account_class = Account("", line.kind, code).rule.account_class
            cells: list[Cell] = [code, str(label(line.kind)), line.kind.value, str(label(account_class))]
            cells += [units(row.debit, code), units(row.credit, code)]
            if compared:
                cells += [units(was.debit, code), units(was.credit, code), units(line.change, code)]
            yield cells


def units(number: int, commodity: str) -> Money | int:
    """Minor units of a currency as money; of a unit that isn't a currency, such as IMP, the number itself."""
    try:
        return Money(number, commodity)
    except ValueError:
        return number


def _natural(row: TrialRow) -> int:
    return (row.debit - row.credit) * Account("", row.kind, row.commodity).natural_sign


def _sums(commodity: str, rows: Iterable[TrialRow]) -> Sums:
    found = list(rows)
    return Sums(commodity, sum(row.debit for row in found), sum(row.credit for row in found))
