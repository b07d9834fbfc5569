"""``cenotaph next``: which test to do next, by expected names gained per cost."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.reports.result import NextTestRow


def next_tests(
    dossier: Annotated[Path, typer.Argument(help="Folder of the dossier.", show_default=False)],
    result: Annotated[
        Path | None,
        typer.Option("--result", help="Result of `cenotaph identify` for this dossier; without it, it is made first."),
    ] = None,
    top: Annotated[int, typer.Option("--top", help="Tests shown.", min=1)] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Seed of every random draw.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """What to do next: which bone to cut, what to type more, which relative to call, what to measure.

    Tests are ranked by expected names per cost. Costs are those of test_costs.csv in the dossier, otherwise assumed
    ones.

    Example: cenotaph next handover-2018 --result result --top 10
    """
    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.errors import InvalidInput

    examination = examine_dossier(dossier)
    if examination.dossier is None or has_errors(examination.faults):
        for fault in examination.faults:
            typer.echo(str(fault), err=True)
        raise InvalidInput("the dossier has errors", found=str(dossier))
    tests = _of_result(dossier, result) if result else _computed(examination.dossier, seed, quiet)
    if json:
        names = ("rank", "action", "subject_id", "expected_names", "cost", "reason")
        rows = [{name: getattr(one, name) for name in names} for one in tests[:top]]
        typer.echo(json_text.dumps(rows, ensure_ascii=False, indent=2))
    else:
        _print(tests, top)


def _of_result(dossier: Path, result: Path) -> tuple[NextTestRow, ...]:
    """The tests of a result, which must be that of the dossier as it is now."""
    from cenotaph.dossier.read import files_of
    from cenotaph.errors import InvalidInput
    from cenotaph.provenance import sha256_of_file
    from cenotaph.reports.result import read_result

    found = read_result(result)
    now = {p.name: sha256_of_file(p) for p in files_of(dossier)}
    then = {Path(name).name: digest for name, digest in dict(found.run.get("inputs", {})).items()}
    changed = sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
    if changed:
        raise InvalidInput(
            "the result is not of this dossier as it is now",
            found=", ".join(changed),
            valid="a result of `cenotaph identify` for it",
        )
    return found.next_tests


def _computed(dossier: Dossier, seed: int, quiet: bool) -> tuple[NextTestRow, ...]:
    from cenotaph.cli import progress
    from cenotaph.identification.identify import identify
    from cenotaph.identification.next_tests import next_tests as rank_tests
    from cenotaph.identification.settings import Settings
    from cenotaph.provenance import Run
    from cenotaph.reports.result import NextTestRow

    settings = Settings(seed=seed)
    with progress.shown(quiet) as show:
        found = identify(dossier, settings, Run("next", seed, {}), show)
        show("next tests", 0, 1)
        tests = rank_tests(found, dossier, settings)
    return tuple(
        NextTestRow(rank, t.action, t.subject_id, round(t.expected_names, 4), t.cost, t.reason)
        for rank, t in enumerate(tests, start=1)
    )


def _print(tests: tuple[NextTestRow, ...], top: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="What to do next, by expected names per cost", title_justify="left")
    for name in ("rank", "action", "of", "expected names", "cost", "why"):
        table.add_column(name, justify="right" if name in ("rank", "expected names", "cost") else "left")
    for one in tests[:top]:
        table.add_row(
            str(one.rank),
            one.action.replace("_", " "),
            one.subject_id,
            f"{one.expected_names or 0.0:.3f}",
            f"{one.cost or 0.0:,.0f}",
            one.reason or "",
        )
    console = Console()
    console.print(table)
    console.print(
        f"{len(tests)} tests; what several of them bring together is shared among them, and tests for one man are "
        "partly alternatives: after some of them, identify again. Whether a relative is alive is not on record.",
        highlight=False,
    )
