"""Joint identification against dvir: pairwise ratios, every assignment, marginals, generalised ratios."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cenotaph.formats.joint_document import read_joint_problem
from cenotaph.genetics.dvi import JointProblem, JointSolution, solve
from tests.oracle.dna import matrix, number

pytestmark = pytest.mark.shared

SETS = [
    "KETPchap481",
    "KETPchap484",
    "KETPexer497",
    "KETPexer498",
    "example1",
    "example2",
    "exclusionExample",
    "fire",
    "grave",
    "icmp",
    "planecrash_nomut",
    "symmetricSibs",
]


def solved(path: Path) -> tuple[JointProblem, JointSolution]:
    problem = read_joint_problem(path)
    return problem, solve(problem, rng=np.random.default_rng(1))


@pytest.mark.parametrize("name", SETS)
def test_set(shared: Path, name: str) -> None:
    path = shared / "oracle" / "dna" / f"dvi_{name}.json"
    problem, solution = solved(path)
    expected = json.loads(path.read_text(encoding="utf-8"))["results"]
    pairwise = matrix(expected["pairwiseLR"])
    assert np.exp(solution.pairwise_loglr) == pytest.approx(pairwise, rel=1e-9, abs=0, nan_ok=True)
    exclusions = matrix(expected["exclusion_matrix"])
    assert np.array_equal(solution.exclusions, np.where(np.isnan(exclusions), -1, exclusions))
    assert solution.posterior.method == "exact"
    if "joint" in expected:
        same_table(problem, solution, expected["joint"])
        assert solution.posterior.marginals == pytest.approx(matrix(expected["Bmarginal"]), rel=1e-9, abs=1e-12)
        assert np.exp(solution.log_glr) == pytest.approx(matrix(expected["GLR"]), rel=1e-9, abs=0, nan_ok=True)


def same_table(problem: JointProblem, solution: JointSolution, expected: dict[str, list[object]]) -> None:
    table = solution.table
    assert table is not None
    names = [*problem.missing, "*"]
    rows = {tuple(names[m] for m in row): k for k, row in enumerate(table.assigned.tolist())}
    assert len(rows) == expected["n_assignments"]
    columns = zip(expected["assignments"], expected["loglik"], expected["LR"], expected["posterior"], strict=True)
    for given, loglik, ratio, posterior in columns:
        k = rows[tuple(given)]
        assert table.loglik[k] == pytest.approx(number(loglik), rel=1e-9)
        assert np.exp(table.loglr[k]) == pytest.approx(number(ratio), rel=1e-9, abs=0)
        assert table.posterior[k] == pytest.approx(number(posterior), rel=1e-9, abs=0)


@pytest.mark.slow
def test_hundred_victims_and_hundred_missing(shared: Path) -> None:
    folder = shared / "oracle" / "dna"
    _, solution = solved(folder / "baseline_inputs_dvi100.json")
    expected = json.loads((folder / "baseline_result_pairwise100.json").read_text(encoding="utf-8"))["LR"]
    assert np.exp(solution.pairwise_loglr) == pytest.approx(matrix(expected), rel=1e-9, abs=0)
    assert solution.posterior.error.max() < 0.01
    assert solution.posterior.marginals.sum(axis=1) == pytest.approx(np.ones(100))
