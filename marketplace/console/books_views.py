"""The overview of the books: whether they are right, and their entries, the newest first."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.session import Role, access
from marketplace.console import entry_views, manual_views, statement_views, trial_views
from marketplace.console.blueprint import bp
from marketplace.console.books import amount, as_posted, sums_of
from marketplace.console.health import CHECKED, books_health
from marketplace.console.query_forms import cursor_in, member_in, words_in
from marketplace.console.words import EntryKind, deal_of, entry_words, owner_words
from marketplace.ledger import queries as ledger
from marketplace.payouts.books import check_recent

__all__ = ["entry_views", "manual_views", "statement_views", "trial_views"]

_PAGE = 30


@bp.get("/console/books")
@access(Role.ADMIN)
def books() -> ResponseReturnValue:
    kind, reference = member_in("kind", EntryKind), words_in("reference")
    wanted = ledger.EntryFilter(kind=kind, reference=as_posted(reference) or None)
    page = ledger.entries(wanted, cursor_in(1), _PAGE)
    return render_template(
        "console/books.html",
        health=books_health(),
        checked=CHECKED.values(),
        page=page,
        sums={posted.entry.id: sums_of(posted.lines) for posted in page.entries},
        kind=kind,
        kinds=list(EntryKind),
        reference=reference,
        amount=amount,
        entry_words=entry_words,
        owner_words=owner_words,
        deal_of=deal_of,
    )


@bp.post("/console/books/check")
@access(Role.ADMIN)
def check() -> ResponseReturnValue:
    """Run the books' check now, as the worker does every ten minutes."""
    found = len(check_recent())
    if found:
        flash(ngettext("The check found one problem.", "The check found %(num)s problems.", found), "alarm")
    else:
        flash(_("Checked just now: the books balance."), "good")
    return redirect(url_for("console.books"), HTTPStatus.SEE_OTHER)
