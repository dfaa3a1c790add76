"""The trial balance of any day on a page and as a file."""

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.books import amount
from marketplace.console.trial import trial_cells, trial_heads, trials
from marketplace.console.trial_forms import moment_form
from marketplace.infra.csv_files import csv_answer
from marketplace.infra.settings import settings
from marketplace.ledger.accounts import CHART


@bp.get("/console/books/trial")
@access(Role.ADMIN)
def trial() -> ResponseReturnValue:
    """What each kind of account came to, now or at the end of a day, and how that differs from another day."""
    form = moment_form()
    return render_template(
        "console/trial.html",
        form=form,
        trials=trials(form.at, form.other),
        compared=form.other is not None,
        zone=settings().default_timezone,
        chart=CHART,
        amount=amount,
    )


@bp.get("/console/books/trial.csv")
@access(Role.ADMIN)
def trial_file() -> ResponseReturnValue:
    form = moment_form()
    compared = form.other is not None
    name = "-".join(["trial-balance", *form.asked.values()]).replace(":", "")
    return csv_answer(name, trial_heads(compared=compared), trial_cells(trials(form.at, form.other), compared=compared))
