"""The accounts of the books, as they are or were, and the statement of each."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.books import amount, as_posted, name_owners, require_account
from marketplace.console.query_forms import cursor_in, id_in, member_in, words_in
from marketplace.console.statement import statement_cells, statement_heads
from marketplace.console.trial_forms import moment_form
from marketplace.console.words import deal_of, entry_words, owner_words
from marketplace.infra.csv_files import csv_answer
from marketplace.infra.settings import settings
from marketplace.ledger import queries as ledger
from marketplace.ledger.accounts import AccountKind

_PAGE = 30
_WORDS = {"amount": amount, "entry_words": entry_words, "owner_words": owner_words, "deal_of": deal_of}


@bp.get("/console/books/accounts")
@access(Role.ADMIN)
def accounts() -> ResponseReturnValue:
    """The accounts that were opened, of one kind, owner or currency if asked, with what they hold or held."""
    form = moment_form()
    kind, owner, commodity = member_in("kind", AccountKind), words_in("owner"), words_in("commodity", 8)
    holding = request.args.get("holding") == "y"
    page = ledger.accounts(
        kind,
        owner=as_posted(owner) or None,
        commodity=commodity or None,
        at=form.at,
        holding=holding,
        after=id_in("after") or 0,
        limit=_PAGE,
    )
    return render_template(
        "console/accounts.html",
        page=page,
        owners=name_owners(found for found, _held in page.accounts),
        form=form,
        kind=kind,
        kinds=list(AccountKind),
        owner=owner,
        commodity=commodity,
        holding=holding,
        zone=settings().default_timezone,
        **_WORDS,
    )


@bp.get("/console/books/accounts/<owner>/<kind>/<commodity>")
@access(Role.ADMIN)
def account(owner: str, kind: str, commodity: str) -> ResponseReturnValue:
    """The movements of one account in a period, between what it held first and last."""
    form, found = moment_form(), require_account(owner, kind, commodity)
    page = ledger.statement(found, cursor_in(2), _PAGE, since=form.beginning, until=form.at)
    return render_template(
        "console/account.html",
        page=page,
        owners=name_owners([found]),
        form=form,
        zone=settings().default_timezone,
        **_WORDS,
    )


@bp.get("/console/books/accounts/<owner>/<kind>/<commodity>/lines.csv")
@access(Role.ADMIN)
def account_lines(owner: str, kind: str, commodity: str) -> ResponseReturnValue:
    """Every line of the period, however many, sent as they are read."""
    form, found = moment_form(), require_account(owner, kind, commodity)
    name = f"{found.kind}-{found.owner.replace(':', '-')}-{found.commodity}".lower()
    return csv_answer(name, statement_heads(), statement_cells(found, form.beginning, form.at))
