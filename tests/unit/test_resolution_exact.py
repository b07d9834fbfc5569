"""The exact solver against enumeration of every grouping."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.errors import ProblemTooLarge
from cenotaph.resolution.exact import solve_exact
from cenotaph.resolution.problem import Solution
from tests.naive.groupings import solve_by_enumeration
from tests.unit.hats import problem, whole


def same_answer(a: Solution, b: Solution, rel: float = 1e-9) -> None:
    assert a.log_total == pytest.approx(b.log_total, rel=rel)
    np.testing.assert_allclose(a.item_candidate, b.item_candidate, rtol=rel, atol=1e-12)
    np.testing.assert_allclose(a.item_class, b.item_class, rtol=rel, atol=1e-12)
    np.testing.assert_allclose(a.same, b.same, rtol=rel, atol=1e-12)
    assert a.expected_groups == pytest.approx(b.expected_groups, rel=rel)
    np.testing.assert_allclose(a.used, b.used, rtol=rel, atol=1e-12)
    # A central difference of the cumulant function, not the moment itself.
    assert a.variance_groups == pytest.approx(b.variance_groups, rel=5e-3, abs=1e-4)
    assert a.groups == b.groups


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("n", "m", "forbid"), [(1, 2, 0), (3, 0, 0), (3, 2, 1), (4, 3, 2), (5, 2, 0)])
def test_equals_enumeration(seed: int, n: int, m: int, forbid: int) -> None:
    p = problem(seed, n, m, forbid=forbid if n > 1 else 0)
    same_answer(solve_exact(p, whole(p)), solve_by_enumeration(p, whole(p)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("block", [(0, 2), (2, 0, 1)])
def test_candidates_of_a_block_are_scored_together(seed: int, block: tuple[int, ...]) -> None:
    p = problem(seed, 4, 3, blocks=(block,))
    same_answer(solve_exact(p, whole(p)), solve_by_enumeration(p, whole(p)))


def test_probabilities_sum_to_one() -> None:
    p = problem(11, 8, 5)
    solution = solve_exact(p, whole(p))
    np.testing.assert_allclose(solution.item_candidate.sum(1) + solution.item_class.sum(1), 1.0)
    np.testing.assert_allclose(np.diag(solution.same), 1.0)


def test_a_large_component_is_refused() -> None:
    p = problem(1, 15, 1)
    with pytest.raises(ProblemTooLarge, match="15 items"):
        solve_exact(p, whole(p))
