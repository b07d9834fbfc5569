"""``cenotaph identify``: from a dossier to names."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cenotaph.cli import interrupt, progress
from cenotaph.cli.snp_library import SnpLibrary, SnpLibraryOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from cenotaph.dossier.read import Dossier
    from cenotaph.provenance import Run


def identify(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Folder for the result.", show_default=False)],
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Leave out a line of evidence (may be repeated).")
    ] = None,
    sensitive: Annotated[
        bool,
        typer.Option(
            "--sensitivity", help="Also judge every verdict under other priors, theta, frequencies and error rates."
        ),
    ] = False,
    genetic_map: Annotated[
        Path | None,
        typer.Option("--genetic-map", help="Centimorgans of SNPs: a HapMap or PLINK map.", show_default=False),
    ] = None,
    snp_library: SnpLibraryOption = SnpLibrary.DOUBLE,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--time-budget",
            min=0.0,
            help="Seconds after which large groups of bones are sampled only briefly; Ctrl-C does the same.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of every random draw.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Group the bones into individuals and compare each with the roster: every answer with its evidence.

    The dossier is checked first; nothing is written when it has errors. RESULT is made beside its place and moved there
    when complete; the result of an earlier run is replaced, any other folder that is not empty is refused. Where one is
    replaced, changes.csv and the summary say what the new run says otherwise, and why.

    Example: cenotaph identify handover-2018 --out result
    """
    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier, files_of
    from cenotaph.errors import InvalidInput
    from cenotaph.evidence.registry import LineSettings
    from cenotaph.evidence.snp_data import SnpSettings
    from cenotaph.identification.answer import answer
    from cenotaph.identification.settings import Settings
    from cenotaph.provenance import Run
    from cenotaph.resolution.budget import Budget

    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "run.json").is_file())):
        raise InvalidInput(
            "not the result of an earlier run", found=str(out), valid="a new or empty folder, or a result"
        )
    map_ = None if genetic_map is None else str(genetic_map)
    lines = LineSettings(snp=SnpSettings(genetic_map=map_, library=snp_library.value))
    settings = Settings(seed=seed, without=frozenset(without or ()), lines=lines)
    run = Run("identify", seed, settings.parameters())
    with run.timed("check and read"):
        examination = examine_dossier(dossier)
    if examination.dossier is None or has_errors(examination.faults):
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors; nothing was written", found=str(dossier))
    run.warnings += [str(fault) for fault in examination.faults]
    run.add_inputs(dossier, files_of(dossier))
    budget = Budget() if seconds is None else Budget(seconds)
    with progress.shown(quiet) as show:
        with interrupt.ending(budget):
            tables = answer(examination.dossier, settings, run, show, budget, sensitive=sensitive)
        show("writing", 0, 1)
        _write(out, examination.dossier, tables, run)
    if json:
        typer.echo(json_text.dumps(run.results, ensure_ascii=False, indent=2))
    else:
        _print_summary(run, out)


def _write(out: Path, dossier: Dossier, tables: Mapping[str, pl.DataFrame], run: Run) -> None:
    """All files of the result, or none."""
    from cenotaph.dossier.write import new_folder, write_csv
    from cenotaph.reports.html import build_report

    with new_folder(out, replace=True) as work:
        for name, table in tables.items():
            write_csv(table, work / f"{name}.csv")
        _write_run(run, work)
        if (out / "run.json").is_file():
            _write_changes(run, out, work)
            _write_run(run, work)
        (work / "report.html").write_text(build_report(dossier, work), encoding="utf-8")


def _write_run(run: Run, folder: Path) -> None:
    document = json_text.dumps(run.as_dict(), ensure_ascii=False, indent=2, default=list)
    (folder / "run.json").write_text(document + "\n", encoding="utf-8")


def _write_changes(run: Run, earlier: Path, folder: Path) -> None:
    """What the result in *folder* says otherwise than the earlier one that it replaces."""
    from cenotaph.errors import FormatError
    from cenotaph.identification.changes import changes, read_outcome, summary_of_changes, write_changes

    after = read_outcome(folder)
    try:
        before = read_outcome(earlier)
    except FormatError as fault:
        run.warnings.append(f"the earlier result could not be compared: {fault}")
        return
    found = changes(before, after)
    write_changes(found, folder / "changes.csv")
    run.results["changes"] = summary_of_changes(found, before, after)


def _print_summary(run: Run, out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from cenotaph.cli.changes import print_summary as print_changes

    r = run.results
    table = Table(title="What was found", show_header=False, title_justify="left")
    for label, key in (
        ("boxes", "boxes"),
        ("bones", "bones"),
        ("individuals, expected", "expected_individuals"),
        ("names proposed", "identification"),
        ("shortlists", "shortlist"),
        ("nobody on the roster (groups)", "unlisted"),
        ("unresolved (groups and single bones)", "unresolved"),
        ("the strongest name rests on", "strongest"),
        ("the weakest name rests on", "weakest"),
    ):
        table.add_row(label, str(r[key] if r[key] is not None else "–"))
    console = Console()
    console.print(table)
    if "sensitivity" in r:
        kept = r["sensitivity"]
        console.print(
            f"Sensitivity: {kept['keep']} of {kept['names']} names keep P ≥ {kept['threshold']} in every one of "
            f"{kept['variants']} variants, the grouping held fixed",
            highlight=False,
        )
    if "changes" in r:
        print_changes(console, r["changes"])
    for warning in run.warnings[:5]:
        console.print(f"warning: {warning}", style="yellow", markup=False, highlight=False)
    if len(run.warnings) > 5:
        console.print(f"… and {len(run.warnings) - 5} more warnings in run.json", highlight=False)
    console.print(f"The program proposes; an authority decides. Report: {out / 'report.html'}", highlight=False)
