"""``cenotaph kinship``: likelihoods and likelihood ratios of kinship cases and of joint identification problems."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cenotaph.errors import CenotaphError
    from cenotaph.genetics.case import CaseResult

SEED = 1
"""Seed of the sampler that takes over where a joint posterior cannot be summed."""


def kinship(
    file: Annotated[Path, typer.Argument(help="A case document (.json), or a Familias project (.fam).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    dvi: Annotated[bool, typer.Option("--dvi", help="The file is a joint identification problem.")] = False,
) -> None:
    """Likelihood of each hypothesis of a kinship case, per marker and in total, and log10 likelihood ratios.

    With --dvi: pairwise likelihood ratios, posterior of every pairing and all joint assignments of a set of victims.

    Example: cenotaph kinship paternity.json --json
    """
    from cenotaph.errors import CenotaphError

    # Peeling multiplies small matrices: faster on one thread. To be said before NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        answer = _joint_identification(file) if dvi else _cases(file)
    except (CenotaphError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(answer.document, allow_nan=False))
    else:
        answer.show()


class _Answer:
    """What a command found: a JSON document, and tables for the reader."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def show(self) -> None:
        """Print tables."""
        raise NotImplementedError


class _CasesAnswer(_Answer):
    def __init__(self, results: Mapping[str, CaseResult | CenotaphError], document: dict[str, Any]) -> None:
        super().__init__(document)
        self.results = results

    def show(self) -> None:
        from rich.console import Console

        console = Console()
        for name, result in self.results.items():
            console.print(f"[bold]{name}[/bold]")
            if isinstance(result, Exception):
                console.print(f"  no result: {result}", highlight=False)
                continue
            for table in _case_tables(result):
                console.print(table)


def _case_tables(result: CaseResult) -> list[Any]:
    from rich.table import Table

    names = list(result.loglik)
    markers = Table("marker", *names, title="log-likelihood (natural)", title_justify="left")
    for marker in result.loglik_per_marker[names[0]]:
        markers.add_row(marker, *(_number(result.loglik_per_marker[n][marker]) for n in names))
    markers.add_row("total", *(_number(result.loglik[n]) for n in names), style="bold")
    markers.add_row("log10 LR", *(_number(result.log10_lr[n]) for n in names), style="bold")
    tables = [markers]
    if result.loglik_by_rho:
        linked = Table("hypothesis", "log-likelihood by recombination fraction", title_justify="left")
        for name, values in result.loglik_by_rho.items():
            linked.add_row(name, "  ".join(_number(x) for x in values))
        tables.append(linked)
    return tables


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-inf", "−∞").replace("inf", "∞")


def _cases(file: Path) -> _Answer:
    from cenotaph.errors import CenotaphError
    from cenotaph.formats.case_document import evaluate_documents, read_cases, results_to_json
    from cenotaph.genetics.case import evaluate

    if file.suffix.lower() != ".fam":
        results = evaluate_documents(read_cases(file))
        return _CasesAnswer(results, results_to_json(results))
    from cenotaph.formats.familias import read_familias
    from cenotaph.formats.familias_case import familias_case

    case = familias_case(read_familias(file), file.stem)
    try:
        results = {case.id: evaluate(case)}
    except CenotaphError as error:
        results = {case.id: error}
    return _CasesAnswer(results, results_to_json(results))


class _JointAnswer(_Answer):
    def show(self) -> None:
        from rich.console import Console

        console = Console()
        for title, key in (("pairwise likelihood ratio", "pairwiseLR"), ("posterior", "Bmarginal")):
            console.print(_matrix_table(title, self.document[key]))
        console.print(f"posterior: {self.document['method']}, largest error {self._largest_error():.2g}")
        if "joint" in self.document:
            console.print(_joint_table(self.document["joint"]))

    def _largest_error(self) -> float:
        return max((x for row in self.document["error"]["values"] for x in row), default=0.0)


def _matrix_table(title: str, matrix: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table("victim", *matrix["cols"], title=title, title_justify="left")
    for name, row in zip(matrix["rows"], matrix["values"], strict=True):
        table.add_row(name, *("" if x is None else _number(float(x)) for x in row))
    return table


def _joint_table(joint: dict[str, Any], rows: int = 20) -> Any:
    from rich.table import Table

    title = f"assignments, best {min(rows, joint['n_assignments'])} of {joint['n_assignments']}"
    table = Table(*joint["victims"], "log-likelihood", "posterior", title=title, title_justify="left")
    columns = zip(joint["assignments"], joint["loglik"], joint["posterior"], strict=True)
    for given, loglik, posterior in list(columns)[:rows]:
        table.add_row(*given, "−∞" if loglik is None else f"{loglik:.4f}", _number(posterior))
    return table


def _joint_identification(file: Path) -> _Answer:
    import numpy as np

    from cenotaph.formats.joint_document import read_joint_problem, solution_to_json
    from cenotaph.genetics.dvi import solve

    problem = read_joint_problem(file)
    return _JointAnswer(solution_to_json(problem, solve(problem, rng=np.random.default_rng(SEED))))
