"""Commands of operators: apply a platform's file of readings, and work out standings after settings changed."""

from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from marketplace.creators.feed_runs import AlreadyApplied, TooLarge, pieces_of, run_file, spooled
from marketplace.creators.feed_words import COUNTED, problem_words
from marketplace.creators.models import FeedRun, FeedState, FeedStep, FeedWay
from marketplace.creators.standing import refresh_next
from marketplace.infra.db import transaction
from marketplace.infra.labels import label

feed = AppGroup("feed", help="Readings that a platform sends.")
creators = AppGroup("creators", help="Creators.")


@feed.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def apply_feed(file: Path, dry_run: bool) -> None:
    """Apply a CSV file of readings: all of it, or nothing and a sentence for each line that is wrong."""
    try:
        with file.open("rb") as opened, spooled(pieces_of(opened)) as (spool, sha256):
            run = run_file(FeedWay.COMMAND, spool, sha256, dry_run=dry_run, name=file.name, progress=_say)
    except AlreadyApplied as applied:
        raise click.ClickException(str(applied)) from applied
    except TooLarge as large:
        raise click.ClickException("The file has more bytes than FEED_MAX_BYTES.") from large
    _report(run)


def _say(step: FeedStep, done: int, total: int | None) -> None:
    figures = f"{done:,}" if total is None else f"{done:,} of {total:,}"
    click.echo(f"{label(step)}: {figures}", err=True)


def _report(run: FeedRun) -> None:
    for one in run.problems:
        click.echo(f"line {one['line']}: {problem_words(one['code'], one['value'])}")
    for name, words in COUNTED.items():
        if name in run.summary:
            click.echo(f"{words}: {run.summary[name]:,}")
    if run.state is FeedState.REFUSED:
        raise click.ClickException("Nothing was applied.")
    click.echo("Nothing was changed: this was a dry run." if run.dry_run else f"Applied as run {run.id}.")


@creators.command("refresh")
def refresh_creators() -> None:
    """Work out anew who has enough fans, in batches: after FAN_RULE, FAN_THRESHOLD or FAN_THRESHOLDS changed."""
    changes: Counter[str] = Counter()
    after: int | None = 0
    while after is not None:
        with transaction():
            after, changed = refresh_next(after)
        changes += changed
    for name, words in COUNTED.items():
        if name in changes:
            click.echo(f"{words}: {changes[name]:,}")
    click.echo("Every creator’s standing follows the settings now.")
