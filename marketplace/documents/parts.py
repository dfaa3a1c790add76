"""Pieces that the words of every document are made of."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace.infra.i18n import language, money_text, percent, reader_timezone, short_date
from marketplace.kit.money import Money

Words = dict[str, Any]


def fact(name: str, value: str, why: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "why": why}


def moment(iso: str) -> str:
    """A moment with its year: nothing here may depend on the day it is read."""
    local = datetime.fromisoformat(iso).astimezone(reader_timezone())
    return str(_("%(day)s, %(time)s", day=short_date(local.date()), time=f"{local:%H:%M}"))


def day(iso: str) -> str:
    return short_date(datetime.fromisoformat(iso))


def amount(data: Words, minor: int, *, signed: bool = False) -> str:
    """Minor units of the document's currency."""
    return money_text(Money(minor, data["currency"]), signed=signed)


def tax_slip(data: Words, taxed: Words, name: str) -> list[Words]:
    """How much of a fee is tax; nothing where the platform charges none."""
    if not taxed["basis_points"]:
        return []
    tax = _("%(tax)s %(rate)s, included", tax=taxed["name"], rate=percent(taxed["basis_points"]))
    lines = [fact(_("Net"), amount(data, taxed["net"])), fact(tax, amount(data, taxed["tax"]))]
    return [{"lines": lines, "sum": fact(name, amount(data, taxed["gross"]))}]


def because(lines: list[Words]) -> str:
    """The sentences that explain a fee, in the reader's language."""
    return " ".join(line["words"][language()] for line in lines)


def entry_facts(data: Words) -> list[dict[str, str]]:
    """Where the figures stand in the books."""
    entries = ", ".join(f"{entry['id']} ({entry['kind']})" for entry in data["entries"])
    return [fact(_("In the books"), _("Entry %(entries)s", entries=entries))] if entries else []


def deal_fact(deal: Words) -> dict[str, str]:
    return fact(_("Deal"), f"{deal['reference']} · {deal['title']}")
