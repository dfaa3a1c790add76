"""Commands of the books: take them out as a file. Their check is in `marketplace.cli`, as it asks Stripe too."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from marketplace.infra.db import transaction
from marketplace.ledger.beancount_file import write_beancount
from marketplace.ledger.export import Period, freeze, write_csv

ledger = AppGroup("ledger", help="The books.")

_FORMATS: dict[str, Callable[[TextIO, Period], None]] = {"csv": write_csv, "beancount": write_beancount}
_DAY = click.DateTime(["%Y-%m-%d"])


@ledger.command("export")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="csv", show_default=True)
@click.option("--from", "first", type=_DAY, help="The first day (UTC); the books' own if left out.")
@click.option("--to", "last", type=_DAY, help="The last day (UTC), which counts in; today if left out.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
def export_ledger(form: str, first: datetime | None, last: datetime | None, output: Path | None) -> None:
    """Write the books as they stand at this moment, line by line."""
    if first is not None and last is not None and last < first:
        raise click.UsageError("The last day lies before the first.")
    if last is not None and last.date() == date.max:
        raise click.UsageError("The last day lies too far ahead. Leave --to out for everything up to now.")
    with transaction(), _opened(output) as out:
        freeze()
        _FORMATS[form](out, Period.of_days(first and first.date(), last and last.date()))


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """The file gets its name when it is whole."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f"{output.name}.part")
    with part.open("w", encoding="utf-8", newline="") as out:
        yield out
    part.replace(output)
