"""``cenotaph changes``: what one result says otherwise than another, and why."""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from cenotaph.identification.changes import Change

SHOWN = 20


def changes(
    before: Annotated[Path, typer.Argument(help="Folder of the earlier result.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="Folder of the later result.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Compare two results of `cenotaph identify`: names, verdicts, bones and probabilities, each with its reason.

    Individuals are matched by the bones they share. Reasons are decisions that name these bones, and what differs
    between the runs: input files, parameters, the program. Only the tables of the results are read.

    Example: cenotaph changes result-2018 result-2019
    """
    from dataclasses import asdict

    from cenotaph.errors import FormatError, InvalidInput
    from cenotaph.identification.changes import changes as compare
    from cenotaph.identification.changes import read_outcome, summary_of_changes

    try:
        first, second = read_outcome(before), read_outcome(after)
    except FormatError as fault:
        raise InvalidInput(str(fault)) from fault
    found = compare(first, second)
    summary = summary_of_changes(found, first, second)
    if json:
        document = {"summary": summary, "changes": [asdict(c) for c in found]}
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console()
    print_summary(console, summary)
    print_changes(console, found)


def print_summary(console: Console, summary: Mapping[str, Any]) -> None:
    """Counts and reasons, in a few lines."""
    reasons = [*summary["decisions"], *summary["reasons"]] or ["nothing that is recorded changed"]
    lines = [
        f"Changed: {summary['individuals']} individuals; names gained {summary['names_gained']}, "
        f"lost {summary['names_lost']}; bones moved {summary['bones_moved']}",
        f"Because: {'; '.join(reasons)}",
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False)


def print_changes(console: Console, found: tuple[Change, ...]) -> None:
    """The first changes as a table, those of names on top."""
    from rich.table import Table

    if not found:
        return
    table = Table(title="Before and after", title_justify="left")
    for heading in ("individual", "answer", "verdict", "probability", "bones", "why"):
        table.add_column(heading, overflow="fold")
    for c in found[:SHOWN]:
        table.add_row(
            _turn(c.individual_before, c.individual_after),
            _turn(c.missing_before, c.missing_after, "nobody on the roster"),
            _turn(c.verdict_before, c.verdict_after),
            _turn(c.probability_before, c.probability_after),
            " ".join([*(f"+{s}" for s in c.joined.split()), *(f"−{s}" for s in c.left.split())]),
            c.why,
        )
    console.print(table)
    if len(found) > SHOWN:
        console.print(f"… and {len(found) - SHOWN} more", highlight=False)


def _turn(before: str, after: str, nothing: str = "–") -> str:
    return (before or nothing) if before == after else f"{before or nothing} → {after or nothing}"
