"""The page of one entry of the books: its lines, what it belongs to, which fee rules made it, and its reversal."""

from http import HTTPStatus

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.books import amount, fees_of, name_owners, reversal_of, sums_of
from marketplace.console.manual_forms import ReversalForm
from marketplace.console.manual_queries import by_hand, reversal_waiting
from marketplace.console.words import deal_of, entry_words, owner_words
from marketplace.fees.explain import explain
from marketplace.ledger import queries as ledger


@bp.get("/console/books/entries/<int:entry_id>")
@access(Role.ADMIN)
def entry(entry_id: int) -> ResponseReturnValue:
    return entry_page(entry_id, ReversalForm(formdata=None))


def entry_page(
    entry_id: int, form: ReversalForm, *, said: str = "", status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    """Also after its reversal could not be proposed: the form says what is wrong, `said` what stood against it."""
    posted = ledger.entry(entry_id)
    page = render_template(
        "console/entry.html",
        posted=posted,
        sums=sums_of(posted.lines),
        owners=name_owners(line.account for line in posted.lines),
        reversed_by=reversal_of(entry_id),
        by_hand=by_hand(entry_id),
        waiting=reversal_waiting(entry_id),
        fees=fees_of(posted.entry),
        explain=explain,
        form=form,
        said=said,
        amount=amount,
        entry_words=entry_words,
        owner_words=owner_words,
        deal_of=deal_of,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else status
