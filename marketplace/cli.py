"""Commands: `flask worker` and those that operators run by hand."""

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from marketplace.accounts.service import create_admin
from marketplace.config import SettingsError
from marketplace.creators import commands as creators_commands
from marketplace.demo.crowd.generate import generate
from marketplace.demo.fill import HalfFilled, NotFillable, fill
from marketplace.documents.check import check_documents
from marketplace.infra.db import transaction
from marketplace.infra.jobs import run_worker
from marketplace.infra.mode import require_one_mode
from marketplace.infra.settings import settings
from marketplace.kit.errors import DomainError
from marketplace.ledger.commands import ledger
from marketplace.payouts.books import check_everything


@click.command("worker")
@click.option("--once", is_flag=True, help="Stop when no job is due.")
@with_appcontext
def worker(once: bool) -> None:
    """Work on jobs until told to stop."""
    try:
        require_one_mode(current_app._get_current_object())  # type: ignore[attr-defined]
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    run_worker(current_app._get_current_object(), wait=not once)  # type: ignore[attr-defined]


admin = AppGroup("admin", help="People who run this marketplace.")


@admin.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
def create_administrator(email: str, name: str) -> None:
    """Make an administrator. The password is asked for, or read from standard input when that is no terminal."""
    password = _password()
    try:
        with transaction():
            made = create_admin(email=email, name=name, password=password, timezone=settings().default_timezone)
            address = made.email
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{address} is an administrator now and can sign in.")


@ledger.command("check")
def check_ledger() -> None:
    """Say what is wrong with the books or the documents, a sentence each, and end with 1; with 0 when all is well."""
    problems = [*check_everything(), *check_documents()]
    for problem in problems:
        click.echo(f"{problem.where}: {problem.sentence}")
    if problems:
        sys.exit(1)
    click.echo("The books balance.")


demo = AppGroup("demo", help="Invented data to look around in.")


@demo.command("fill")
def fill_demo() -> None:
    """Make the demo's people, companies and a year of their deals; nothing where there are people already."""
    try:
        fill(click.echo)
    except NotFillable as refusal:
        click.echo(str(refusal))
    except HalfFilled as problem:
        raise click.ClickException(str(problem)) from problem


@click.command("generate")
@click.option("--creators", type=click.IntRange(min=0), default=0, help="How many creators to add.")
@click.option("--briefs", type=click.IntRange(min=0), default=0, help="How many briefs to add, with their companies.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one gives other people.")
@with_appcontext
def generate_crowd(creators: int, briefs: int, seed: int) -> None:
    """Add a crowd of invented creators, companies and briefs, to measure with. Not in production."""
    if settings().production:
        raise click.ClickException("A crowd is not for an installation in production.")
    if not creators and not briefs:
        raise click.UsageError("Say how many: --creators N, --briefs M.")
    made = generate(creators, briefs, seed=seed, say=click.echo)
    click.echo(f"{made.rows:,} rows in {made.seconds:.1f} s: {made.rows / made.seconds:,.0f} a second.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def init_app(app: Flask) -> None:
    app.cli.add_command(worker)
    app.cli.add_command(admin)
    app.cli.add_command(ledger)
    app.cli.add_command(creators_commands.feed)
    app.cli.add_command(creators_commands.creators)
    app.cli.add_command(demo)
    app.cli.add_command(generate_crowd)
