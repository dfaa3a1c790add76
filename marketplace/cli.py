"""Commands: `flask worker` and those that operators run by hand."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.infra.jobs import run_worker


@click.command("worker")
@click.option("--once", is_flag=True, help="Stop when no job is due.")
@with_appcontext
def worker(once: bool) -> None:
    """Work on jobs until told to stop."""
    run_worker(current_app._get_current_object(), wait=not once)  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    app.cli.add_command(worker)
