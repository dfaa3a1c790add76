"""The words of monthly statements and yearly summaries."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from marketplace.documents.labels import ACCOUNTS, ENTRIES, ORDER, OTHER_ENTRY
from marketplace.documents.movements import side_of
from marketplace.documents.parts import Words, amount, because, day, fact
from marketplace.infra.i18n import month as month_name
from marketplace.infra.i18n import short_date

_NOTHING = "–"


def statement(data: Words) -> Words:
    accounts = sorted(data["accounts"], key=lambda account: ORDER.index(account["kind"]))
    names = [str(ACCOUNTS[account["kind"]]) for account in accounts]
    return {
        "facts": [_period(data), fact(_("Currency"), data["currency"])],
        "slips": [_summary(data)],
        "tables": [
            {
                "heading": _("Every movement"),
                "heads": [_("Date"), _("What happened"), *names],
                "narrow": 2,
                "rows": [
                    _sum_row(_("Opening balance"), data, accounts, "opening"),
                    *(_row(data, row, [account["kind"] for account in accounts]) for row in data["rows"]),
                    _sum_row(_("Closing balance"), data, accounts, "closing"),
                ],
            }
        ],
        "notes": [
            _(
                "Each line is one entry in the books, by its number. Opening balance and lines sum to the closing "
                "balance."
            )
        ],
    }


def _summary(data: Words) -> Words:
    """Opening, what each sort of entry brought or took over all accounts, closing."""
    sums: dict[str, int] = {}
    for row in data["rows"]:
        sums[row["kind"]] = sums.get(row["kind"], 0) + sum(row["amounts"].values())
    opening = sum(account["opening"] for account in data["accounts"])
    lines = [fact(_("Opening balance"), amount(data, opening))]
    lines += [fact(_entry_name(kind), amount(data, net, signed=True)) for kind, net in sums.items() if net]
    return {"lines": lines, "sum": fact(_("Closing balance"), amount(data, data["total"]))}


def _entry_name(kind: str) -> str:
    return str(ENTRIES.get(kind, OTHER_ENTRY))


def _sum_row(name: str, data: Words, accounts: list[Words], which: str) -> Words:
    cells = [_cell("", ""), _cell(name, "")]
    cells += [_cell(amount(data, account[which]), "") for account in accounts]
    return {"cells": cells, "sum": True}


def _row(data: Words, row: Words, kinds: list[str]) -> Words:
    notes = [str(_("entry %(id)s", id=row["entry"]))]
    if row["deal"] is not None:
        notes = [f"{row['deal']['reference']} · {row['deal']['title']} · {notes[0]}"]
    if row["settlement"] is not None:
        notes.append(_split(data, row["settlement"]))
    cells = [_cell(day(row["at"]), ""), _cell(_entry_name(row["kind"]), "\n".join(notes))]
    for kind in kinds:
        moved = row["amounts"].get(kind, 0)
        cells.append(_cell(amount(data, moved, signed=True) if moved else "", ""))
    return {"cells": cells, "sum": False}


def _split(data: Words, split: Words) -> str:
    """How a settlement came to its amounts, fee by fee, on one line."""
    price = amount(data, split["price"])
    if "refund" in split:
        found = [_("Price %(price)s, service fee %(fee)s", price=price, fee=amount(data, split["service_fee"]))]
        if split["refund"]:
            found.append(_("given back %(amount)s", amount=amount(data, split["refund"])))
        return " · ".join(found)
    found = [_("Price %(price)s, commission %(fee)s", price=price, fee=amount(data, split["commission"]))]
    if "fee_lines" not in split:
        found.append(_("creator’s part %(amount)s", amount=amount(data, split["creator"])))
    elif split["agency"]:
        found.append(_("agency’s share %(amount)s", amount=amount(data, split["agency"])))
    return "\n".join([" · ".join(found), because(split.get("fee_lines", []))]).strip()


def summary(data: Words) -> Words:
    agency = side_of(data["recipient"]["owner"]) == "agency"
    other_part = "creator" if agency else "agency"
    columns = ["price", "commission", other_part, "received", "transferred"]
    heads = [
        _("Month"),
        _("Price settled"),
        _("Commission"),
        _("Creators’ part") if agency else _("Agency’s share"),
        _("Received"),
        _("Transferred"),
    ]
    if any(month["other"] for month in data["months"]):
        columns.append("other")
        heads.append(str(OTHER_ENTRY))
    totals = {column: sum(month[column] for month in data["months"]) for column in columns}
    return {
        "facts": [_period(data), fact(_("Currency"), data["currency"])],
        "slips": [_year_slip(data)],
        "tables": [
            {
                "heading": _("By month"),
                "heads": heads,
                "narrow": 1,
                "rows": [
                    *(_month_row(data, month, columns) for month in data["months"]),
                    {
                        "cells": [_cell(_("Whole year"), "")]
                        + [_cell(amount(data, totals[name]), "") for name in columns],
                        "sum": True,
                    },
                ],
            }
        ],
        "notes": [
            _(
                "A deal counts in the month in which it was settled. Price settled less commission is what the "
                "creator’s side received."
            ),
        ],
    }


def _year_slip(data: Words) -> Words:
    opening = sum(account["opening"] for account in data["accounts"])
    closing = sum(account["closing"] for account in data["accounts"])
    sums = {name: sum(month[name] for month in data["months"]) for name in ("received", "transferred", "other")}
    lines = [
        fact(_("Held for you at the beginning"), amount(data, opening)),
        fact(_("Received"), amount(data, sums["received"], signed=True)),
        fact(_("Transferred"), amount(data, -sums["transferred"])),
    ]
    if sums["other"]:
        lines.append(fact(str(OTHER_ENTRY), amount(data, sums["other"], signed=True)))
    return {"lines": lines, "sum": fact(_("Held for you at the end"), amount(data, closing))}


def _month_row(data: Words, month: dict[str, Any], columns: list[str]) -> Words:
    name = month_name(date.fromisoformat(f"{month['month']}-01"), year=True)
    cells = [_cell(amount(data, month[column]) if month[column] else _NOTHING, "") for column in columns]
    return {"cells": [_cell(name, ""), *cells], "sum": False}


def _period(data: Words) -> dict[str, str]:
    first, last = (date.fromisoformat(data["period"][edge]) for edge in ("start", "end"))
    days = _("%(first)s to %(last)s", first=short_date(first), last=short_date(last))
    return fact(_("Period"), _("%(days)s, by the clock of %(zone)s", days=days, zone=data["period"]["zone"]))


def _cell(text: str, note: str) -> Words:
    return {"text": text, "note": note}
