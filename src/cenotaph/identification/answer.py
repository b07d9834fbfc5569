"""A whole run: identification, what it says in numbers, what to test next, how far it depends on what was assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cenotaph.identification.identify import identify
from cenotaph.identification.next_tests import next_tests
from cenotaph.identification.result import (
    decision_rows,
    resolution_summary,
    result_tables,
    sensitivity_summary,
    sensitivity_table,
    summary,
)
from cenotaph.identification.sensitivity import sensitivity
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from cenotaph.resolution.budget import Budget

if TYPE_CHECKING:
    import polars as pl

    from cenotaph.dossier.read import Dossier

Progress = Callable[[str, int, int], None]


def answer(
    dossier: Dossier,
    settings: Settings,
    run: Run,
    progress: Progress = lambda *_: None,
    budget: Budget | None = None,
    *,
    sensitive: bool = False,
) -> dict[str, pl.DataFrame]:
    """Every table of a result, by name; `run.results` is filled.

    Args:
        dossier: a case that has passed its check.
        settings: every parameter.
        run: results, timings and warnings are added to it.
        progress: told (step, done, of how many).
        budget: see `identify`.
        sensitive: judge every verdict under other assumptions, too.
    """
    found = identify(dossier, settings, run, progress, budget)
    run.results = summary(found, dossier.table("containers").height)
    if found.joint.answer is not None:
        run.results["resolution"] = resolution_summary(found.joint.answer)
    run.results["decisions"] = decision_rows(dossier)
    progress("next tests", 0, 1)
    with run.timed("next tests"):
        tests = next_tests(found, dossier, settings)
    tables = result_tables(found, tests)
    if sensitive:
        with run.timed("sensitivity"):
            varied = sensitivity(found, dossier, settings, progress)
        run.results["sensitivity"] = sensitivity_summary(found, varied, settings.verdict.identification)
        tables["sensitivity"] = sensitivity_table(varied)
    return tables
