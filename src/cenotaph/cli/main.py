"""The command line: one file per command group; what a command needs is imported when it runs."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer

from cenotaph.cli import (
    account,
    appraise,
    changes,
    check,
    compare,
    convert,
    count,
    identify,
    kinship,
    moments,
    next_tests,
    power,
    record,
    search,
    serve,
    simulate,
    sort,
    stature,
)
from cenotaph.errors import CenotaphError, InvalidInput

app = typer.Typer(
    name="cenotaph",
    help="Accounts for the missing of past conflicts and gives the recovered dead their names back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: importing rich to draw boxes would double the time to the first line.
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        version = importlib.import_module("cenotaph.provenance").program_version()
        typer.echo(f"cenotaph {version}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Bones to individuals to names. Exit status: 0 done, 1 failed, 2 bad input."""


app.command()(check.check)
app.command()(convert.convert)
app.command()(identify.identify)
app.command()(changes.changes)
app.command("next")(next_tests.next_tests)
app.command()(power.power)
app.command()(search.search)
app.command()(kinship.kinship)
app.command()(count.count)
app.command()(sort.sort)
app.add_typer(simulate.app, name="simulate")
app.add_typer(compare.app, name="compare")
app.add_typer(account.app, name="account")
app.command()(appraise.appraise)
app.command()(stature.stature)
app.add_typer(moments.app, name="moments")
app.command()(record.load)
app.command()(record.export)
app.command()(record.verify)
app.command()(record.backup)
app.command()(record.restore)
app.command()(serve.serve)


def run() -> None:
    """Entry point: errors of the program become one line and an exit status."""
    try:
        app()
    except InvalidInput as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(2)
    except CenotaphError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(1)
