"""Pages of the books: trial balance and checks, accounts and their statements, entries and their lines."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.books import (
    amount,
    name_owners,
    newest_checks,
    require_account,
    reversal_of,
    sums_of,
    trials,
)
from marketplace.console.query_forms import id_in, member_in, words_in
from marketplace.console.words import EntryKind, deal_of, entry_words, owner_words
from marketplace.kit.errors import Invalid
from marketplace.ledger import queries as ledger
from marketplace.ledger.accounts import CHART, AccountKind
from marketplace.ledger.pages import parse_cursor
from marketplace.payouts.books import check_everything

_PAGE = 30
_WORDS = {"amount": amount, "entry_words": entry_words, "owner_words": owner_words, "deal_of": deal_of}


def _cursor(numbers: int) -> str | None:
    """The place that the address says; the first page where it says none of ours."""
    before = request.args.get("before") or None
    try:
        if before is not None:
            parse_cursor(before, numbers)
    except Invalid:
        return None
    return before


@bp.get("/console/books")
@access(Role.ADMIN)
def books() -> ResponseReturnValue:
    kind, reference = member_in("kind", EntryKind), words_in("reference")
    wanted = ledger.EntryFilter(kind=kind, reference=_as_posted(reference) or None)
    page = ledger.entries(wanted, _cursor(1), _PAGE)
    return render_template(
        "console/books.html",
        trials=trials(),
        chart=CHART,
        checks=newest_checks(),
        page=page,
        sums={posted.entry.id: sums_of(posted.lines) for posted in page.entries},
        kind=kind,
        kinds=list(EntryKind),
        reference=reference,
        **_WORDS,
    )


def _as_posted(reference: str) -> str:
    """M-1001 is what people call deal:1001."""
    number = reference[2:]
    return f"deal:{number}" if reference[:2].upper() == "M-" and number.isdecimal() else reference


@bp.post("/console/books/check")
@access(Role.ADMIN)
def check() -> ResponseReturnValue:
    """Run the books' check now, as the worker does every ten minutes."""
    found = len(check_everything())
    if found:
        flash(ngettext("The check found one problem.", "The check found %(num)s problems.", found), "alarm")
    else:
        flash(_("Checked just now: the books balance."), "good")
    return redirect(url_for("console.books"), HTTPStatus.SEE_OTHER)


@bp.get("/console/books/entries/<int:entry_id>")
@access(Role.ADMIN)
def entry(entry_id: int) -> ResponseReturnValue:
    posted = ledger.entry(entry_id)
    return render_template(
        "console/entry.html",
        posted=posted,
        sums=sums_of(posted.lines),
        owners=name_owners(line.account for line in posted.lines),
        reversed_by=reversal_of(entry_id),
        **_WORDS,
    )


@bp.get("/console/books/accounts")
@access(Role.ADMIN)
def accounts() -> ResponseReturnValue:
    """The accounts that were opened, of one kind or one owner if asked."""
    kind, owner = member_in("kind", AccountKind), words_in("owner")
    page = ledger.accounts(kind, owner=_as_posted(owner) or None, after=id_in("after") or 0, limit=_PAGE)
    return render_template(
        "console/accounts.html",
        page=page,
        owners=name_owners(found for found, _held in page.accounts),
        kind=kind,
        kinds=list(AccountKind),
        owner=owner,
        **_WORDS,
    )


@bp.get("/console/books/accounts/<owner>/<kind>/<commodity>")
@access(Role.ADMIN)
def account(owner: str, kind: str, commodity: str) -> ResponseReturnValue:
    """The movements of one account, each with what was there after it."""
    found = require_account(owner, kind, commodity)
    page = ledger.statement(found, _cursor(2), _PAGE)
    return render_template("console/account.html", page=page, owners=name_owners([found]), **_WORDS)
