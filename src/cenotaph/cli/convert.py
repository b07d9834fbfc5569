"""``cenotaph convert``: foreign files into dossiers and dossiers into foreign files."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer


def convert(
    source: Annotated[Path, typer.Argument(help="A foreign file, or the folder of a dossier.", show_default=False)],
    target: Annotated[Path, typer.Argument(help="A new folder, or a new foreign file.", show_default=False)],
    from_format: Annotated[
        str | None, typer.Option("--from", help="Format of SOURCE; guessed from its content.", show_default=False)
    ] = None,
    to_format: Annotated[
        str | None, typer.Option("--to", help="Format of TARGET; guessed from its suffix.", show_default=False)
    ] = None,
    homozygotes_once: Annotated[
        bool,
        typer.Option(
            "--homozygotes-once", help="A single allele is a homozygote, not one whose partner may have dropped out."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Convert a foreign file into a dossier, or a dossier into a foreign file.

    Formats: dossier, familias (.fam), genemapper (.txt), codis (CMF 3.2 .xml), plink (.ped with .map), wide (.csv),
    haplogrep (.hsd), osteosort and osteosort-1 (case CSV), cora (measurements), cora-pairs. Nothing that is there is
    overwritten; TARGET appears whole or not at all.

    Example: cenotaph convert families.fam handover-2018
    """
    from cenotaph.formats.convert import apply_conversion, plan_conversion

    plan = plan_conversion(
        source, target, from_format=from_format, to_format=to_format, homozygotes_once=homozygotes_once
    )
    done = apply_conversion(plan)
    if json:
        document = {
            "from": done.plan.from_format,
            "to": done.plan.to_format,
            "written": [str(path) for path in done.written],
            "messages": list(done.messages),
        }
        typer.echo(json_text.dumps(document, ensure_ascii=False, indent=2))
        return
    for message in done.messages:
        typer.echo(message)
    typer.echo(f"{source} ({done.plan.from_format}) -> {', '.join(map(str, done.written))} ({done.plan.to_format})")
