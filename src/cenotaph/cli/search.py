"""``cenotaph search``: every bone profile against every family, and bone profiles against each other."""

from __future__ import annotations

import json as json_text
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cenotaph.cli.snp_library import SnpLibrary, SnpLibraryOption

if TYPE_CHECKING:
    from cenotaph.identification.search import Search


class Line(StrEnum):
    """What is compared."""

    STR = "str"
    SNP = "snp"


def search(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    top: Annotated[int, typer.Option("--top", help="Families kept for each bone.", min=1)] = 10,
    least: Annotated[float, typer.Option("--least", help="Least log10 LR that is shown.")] = 2.0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="local:N for N processes here, or the address of a dask scheduler."),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option("--work", help="Folder of finished tiles, from which a search that was cut short goes on."),
    ] = None,
    tile: Annotated[int, typer.Option("--tile", help="Bones and missing persons of a tile.", min=1)] = 1024,
    line: Annotated[Line, typer.Option("--line", help="What is compared: autosomal STRs or SNPs.")] = Line.STR,
    snp_library: SnpLibraryOption = SnpLibrary.DOUBLE,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """log10 LR of every bone profile against every family (autosomal STRs or SNPs), and matches among the bones.

    A match is one person against unrelated people; beside it stands one person against full brothers, and full brothers
    against unrelated people.

    Families are searched in tiles. What is finished stays in the work folder (default: cenotaph-search here) until the
    search is done: the same command goes on where a search was cut short. Workers on other machines must see the folder
    under the same path.

    Example: cenotaph search handover-2018 --top 5 --cluster local:2
    """
    from cenotaph.cli import progress
    from cenotaph.dossier.read import examine_dossier, files_of
    from cenotaph.errors import InvalidInput
    from cenotaph.identification.cluster import cluster_workers
    from cenotaph.identification.search import search as search_strs
    from cenotaph.identification.snp_search import search_snps
    from cenotaph.provenance import sha256_of_file

    examination = examine_dossier(dossier)
    if examination.dossier is None:
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    find = partial(search_snps, library=snp_library.value) if line is Line.SNP else search_strs
    folder = work or Path("cenotaph-search")
    with progress.shown(quiet) as show:
        found = find(
            examination.dossier,
            top=top,
            least=least,
            work=folder,
            inputs={p.name: sha256_of_file(p) for p in files_of(dossier)},
            tile=tile,
            workers=cluster_workers(cluster) if cluster else None,
            show=show,
        )
    for warning in found.warnings:
        typer.echo(f"warning: {warning}", err=True)
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
