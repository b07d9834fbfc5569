"""``cenotaph search``: every bone profile against every family, and bone profiles against each other."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cenotaph.identification.search import Search


def search(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    top: Annotated[int, typer.Option("--top", help="Families kept for each bone.", min=1)] = 10,
    least: Annotated[float, typer.Option("--least", help="Least log10 LR that is shown.")] = 2.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """log10 LR of every bone profile against every family (autosomal STR), and direct matches among the bones.

    A match is one person against unrelated people; beside it stands one person against full brothers, and full brothers
    against unrelated people.

    Example: cenotaph search handover-2018 --top 5
    """
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput
    from cenotaph.identification.search import search as run_search

    examination = examine_dossier(dossier)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    found = run_search(examination.dossier, top=top, least=least)
    if json:
        typer.echo(json_text.dumps({"families": found.families, "matches": found.matches}, ensure_ascii=False))
    else:
        _print(found)


def _print(found: Search) -> None:
    from rich.console import Console
    from rich.table import Table

    families = Table(title="Bones against families", title_justify="left")
    for name in ("specimen", "rank", "missing person", "log10 LR"):
        families.add_column(name)
    for row in found.families:
        families.add_row(str(row["specimen_id"]), str(row["rank"]), str(row["missing_id"]), f"{row['log10_lr']:.2f}")
    matches = Table(title="Bones against bones", title_justify="left")
    for name in ("specimen", "specimen", "one person : unrelated", "one person : brothers", "brothers : unrelated"):
        matches.add_column(name)
    for row in found.matches:
        matches.add_row(
            str(row["specimen_a"]),
            str(row["specimen_b"]),
            *(f"{row[k]:.2f}" for k in ("log10_same_unrelated", "log10_same_brothers", "log10_brothers_unrelated")),
        )
    console = Console()
    console.print(families)
    console.print(matches)
