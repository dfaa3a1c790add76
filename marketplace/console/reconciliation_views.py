"""Pages of reconciliation: how it stands, what is unmatched on either side, and one movement with its entries."""

from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.books import amount
from marketplace.console.movement_words import movement_words, probable_cause
from marketplace.console.query_forms import id_in, member_in, words_in
from marketplace.console.words import deal_of, entry_words, owner_words
from marketplace.infra.csv_files import Cell, csv_answer
from marketplace.infra.db import transaction
from marketplace.infra.i18n import count, short_day
from marketplace.infra.labels import register
from marketplace.kit.money import Money
from marketplace.reconciliation.queries import (
    Day,
    alike,
    entries_of,
    get_movement,
    list_open_entries,
    list_open_movements,
    standing,
    stream_open_entries,
    stream_open_movements,
)
from marketplace.reconciliation.reading import start_run
from marketplace.reconciliation.service import go_on_soon

_WORDS = {
    "amount": amount,
    "entry_words": entry_words,
    "owner_words": owner_words,
    "deal_of": deal_of,
    "movement_words": movement_words,
    "probable_cause": probable_cause,
}


class Unmatched(StrEnum):
    """Which side of what is unmatched a list shows."""

    MOVEMENTS = "movements"
    ENTRIES = "entries"


register(Unmatched, {Unmatched.MOVEMENTS: _l("Only at Stripe"), Unmatched.ENTRIES: _l("Only in the books")})


@bp.get("/console/reconciliation")
@access(Role.ADMIN)
def reconciliation() -> ResponseReturnValue:
    """How it stands; htmx asks for the run alone while there is one."""
    side = member_in("side", Unmatched) or Unmatched.MOVEMENTS
    found = standing()
    if request.headers.get("HX-Request") == "true":
        return render_template("console/_reconciliation_run.html", standing=found)
    movements = list_open_movements(words_in("after")) if side is Unmatched.MOVEMENTS else None
    entries = list_open_entries(id_in("after")) if side is Unmatched.ENTRIES else None
    return render_template(
        "console/reconciliation.html",
        standing=found,
        side=side,
        sides=list(Unmatched),
        movements=movements,
        entries=entries,
        plot_rows=[_plot_row(one) for one in found.days],
        **_WORDS,
    )


def _plot_row(one: Day) -> tuple[str, list[tuple[int, str]]]:
    numbers = (one.within_a_day, one.within_four_days, one.later)
    return short_day(one.day), [(number, count(number)) for number in numbers]


@bp.post("/console/reconciliation/run")
@access(Role.ADMIN)
def run_reconciliation() -> ResponseReturnValue:
    """Begin a whole run, for the worker to do; a second click begins no second one."""
    with transaction():
        start_run(whole=True)
        go_on_soon()
    flash(_("The worker reads Stripe’s movements of the last week now."), "good")
    return redirect(url_for("console.reconciliation"), HTTPStatus.SEE_OTHER)


@bp.get("/console/reconciliation/movements/<transaction_id>")
@access(Role.ADMIN)
def movement(transaction_id: str) -> ResponseReturnValue:
    found = get_movement(transaction_id)
    return render_template(
        "console/movement.html",
        found=found,
        entries=entries_of(transaction_id),
        others=alike(found.movement),
        **_WORDS,
    )


@bp.get("/console/reconciliation.csv")
@access(Role.ADMIN)
def reconciliation_file() -> ResponseReturnValue:
    """What is unmatched on one side, all of it."""
    if request.args.get("side") == Unmatched.ENTRIES:
        heads = [_("Entry"), _("Kind"), _("Reference"), _("Movement"), _("Posted"), _("Amount"), _("Currency")]
        return csv_answer("entries-without-movement", heads, _entry_cells())
    heads = [
        _("Movement"), _("Kind"), _("Object"), _("Created"), _("Reported"), _("Net of the fee"), _("In the books"),
        _("Missing"), _("Currency"),
    ]  # fmt: skip
    return csv_answer("movements-without-entry", heads, _movement_cells())


def _entry_cells() -> Iterator[list[Cell]]:
    for one in stream_open_entries():
        found = one.found
        moved = Money(found.amount, found.currency)
        yield [found.entry_id, one.kind, one.reference, found.external_id, found.posted_at, moved, found.currency]


def _movement_cells() -> Iterator[list[Cell]]:
    for one in stream_open_movements():
        row, books = one.movement, one.books
        amounts = [Money(units, row.currency) for units in (row.net, books.booked, books.missing)]
        yield [row.id, row.type, row.source, row.created_at, row.read_at, *amounts, row.currency]
