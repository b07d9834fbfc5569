"""``cenotaph check``: every fault of a dossier."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def check(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List every fault of a dossier as table:line:column: what is wrong, what was found, what would be valid.

    Exit status 2 when there are errors, 0 when there are none (warnings alone do not count).

    Example: cenotaph check handover-2018
    """
    from cenotaph.dossier.check import check_dossier

    faults = check_dossier(dossier)
    errors = sum(f.severity == "error" for f in faults)
    warnings = len(faults) - errors
    if json:
        document = {"errors": errors, "warnings": warnings, "faults": [asdict(f) for f in faults]}
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            typer.echo(str(fault))
        typer.echo(f"{dossier}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}")
    if errors:
        raise typer.Exit(2)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
