"""A document's frozen data as rows of a CSV file. Heads are fixed words, the same in every language, for programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from marketplace.documents.models import Document, DocumentKind
from marketplace.infra.csv_files import Cell
from marketplace.kit.money import Money

Rows = Iterator[list[Cell]]
_INVOICED = ["number", "issued_at", "deal", "item", "net", "tax", "gross", "currency", "entries"]
_MOVED = ["at", "entry", "kind", "reference", "deal", "title", "account", "amount", "currency"]
_EARNED = ["month", "price", "commission", "creator", "agency", "received", "transferred", "other", "currency"]


def heads(document: Document) -> list[str]:
    if document.kind is DocumentKind.STATEMENT:
        return _MOVED
    return _EARNED if document.kind is DocumentKind.ANNUAL_SUMMARY else _INVOICED


def rows(document: Document) -> Rows:
    """The lines below `heads`. A statement begins with its opening balances and ends with its closing ones."""
    if document.kind is DocumentKind.STATEMENT:
        return _movements(document.data)
    return _months(document.data) if document.kind is DocumentKind.ANNUAL_SUMMARY else _items(document.data)


def _items(data: dict[str, Any]) -> Rows:
    entries = " ".join(str(entry["id"]) for entry in data["entries"])
    head: list[Cell] = [data["number"], datetime.fromisoformat(data["issued_at"]), data["deal"]["reference"]]
    if data["kind"] != DocumentKind.FEE_INVOICE:
        price = Money(data["price"], data["currency"])
        yield [*head, "price", price, Money(0, price.currency), price, price.currency, entries]
    name = "commission" if data["kind"] == DocumentKind.FEE_INVOICE else "service_fee"
    figures = [Money(data[name][part], data["currency"]) for part in ("net", "tax", "gross")]
    yield [*head, name, *figures, data["currency"], entries]


def _movements(data: dict[str, Any]) -> Rows:
    currency = data["currency"]
    yield from _balances(data, "opening", data["period"]["start"])
    for row in data["rows"]:
        deal = row["deal"] or {"reference": "", "title": ""}
        about: list[Cell] = [row["kind"], row["reference"], deal["reference"], deal["title"]]
        for account, amount in sorted(row["amounts"].items()):
            at = datetime.fromisoformat(row["at"])
            yield [at, row["entry"], *about, account, Money(amount, currency), currency]
    yield from _balances(data, "closing", data["period"]["end"])


def _balances(data: dict[str, Any], which: str, day: str) -> Rows:
    for account in data["accounts"]:
        held = Money(account[which], data["currency"])
        yield [day, None, f"{which}.balance", "", "", "", account["kind"], held, data["currency"]]


def _months(data: dict[str, Any]) -> Rows:
    for month in data["months"]:
        figures = [Money(month[name], data["currency"]) for name in _EARNED[1:-1]]
        yield [month["month"], *figures, data["currency"]]
