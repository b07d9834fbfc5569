"""The exact solver against enumeration of every grouping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cenotaph.errors import ProblemTooLarge
from cenotaph.resolution.exact import solve_exact
from cenotaph.resolution.problem import Ints, ItemSet, Problem, SetScores, Solution
from cenotaph.resolution.solve import solve
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


class Rivals:
    """Items of which every one alone fits every candidate by 300 natural logs, and nobody else."""

    GAIN = 10.0

    def score(self, sets: Sequence[ItemSet], candidates: Ints) -> SetScores:
        return SetScores(np.full((len(sets), len(candidates)), 300.0), np.zeros((len(sets), 1)))

    def score_block(self, groups: Sequence[tuple[ItemSet, int]]) -> float:
        return 300.0 * len(groups) + self.GAIN


@pytest.mark.parametrize("n", [2, 6])
def test_many_items_that_want_one_candidate_do_not_vanish(n: int) -> None:
    """What each would be worth alone adds up to far more than one of them can have."""
    links = np.where(np.eye(n, dtype=np.bool_), 0.0, -np.inf)
    p = Problem(n, 1, ("lost",), Rivals(), links, [np.arange(1)] * n, ())
    found = solve_exact(p, whole(p))
    assert found.log_total == pytest.approx(300 + np.log(n))
    np.testing.assert_allclose(found.item_candidate, 1 / n)
    np.testing.assert_allclose(found.item_class, 1 - 1 / n)
    assert found.expected_groups == pytest.approx(n)
    assert found.variance_groups == pytest.approx(0.0, abs=1e-6)


def test_many_items_that_want_two_of_a_block_do_not_vanish() -> None:
    n = 6
    links = np.where(np.eye(n, dtype=np.bool_), 0.0, -np.inf)
    p = Problem(n, 2, ("lost",), Rivals(), links, [np.arange(2)] * n, ((0, 1),))
    found = solve_exact(p, whole(p))
    assert found.log_total == pytest.approx(600 + Rivals.GAIN + np.log(n * (n - 1)))
    np.testing.assert_allclose(found.item_candidate, 1 / n)
    np.testing.assert_allclose(found.used, 1.0)
    assert sum(j >= 0 for _, j in found.groups) == 2


class Enemies(Rivals):
    """Two who cannot both be there: what one of the block takes leaves the other beyond all measure."""

    def score(self, sets: Sequence[ItemSet], candidates: Ints) -> SetScores:
        return SetScores(np.full((len(sets), len(candidates)), 900.0), np.full((len(sets), 1), -900.0))

    def score_block(self, groups: Sequence[tuple[ItemSet, int]]) -> float:
        return -9000.0


def test_weights_beyond_all_measure_are_not_taken_for_an_answer() -> None:
    links = np.array([[0.0, -np.inf], [-np.inf, 0.0]])
    p = Problem(2, 2, ("lost",), Enemies(), links, [np.arange(2)] * 2, ((0, 1),))
    with pytest.raises(ProblemTooLarge, match="too far apart"):
        solve_exact(p, whole(p))
    # The sampler, which works with logarithms, answers instead.
    (found,) = solve(p, [(0, 1, 1.0)]).solutions
    assert found.item_candidate.sum() + found.item_class.sum() == pytest.approx(2.0)
