"""Family tables against brute force, closed forms and the lumped path against the full one."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.errors import Unsupported
from cenotaph.genetics.family_table import MarkerModel, family_tables, genotype_index, plan_peeling
from tests.naive.family_tables import genotype_distribution

P = np.array([0.2, 0.3, 0.5])
STEP = np.array([[0.9, 0.08, 0.02], [0.05, 0.9, 0.05], [0.01, 0.09, 0.9]])
STEP_F = np.array([[0.97, 0.02, 0.01], [0.01, 0.98, 0.01], [0.0, 0.03, 0.97]])
PEDIGREES = {
    "two siblings of the missing, one of them typed with half a genotype": (
        [-1, -1, 0, 0, 0], [-1, -1, 1, 1, 1], [None, None, None, (0, 1), (2, -1)], 2,
    ),
    "niece by a brother": ([-1, -1, 0, 0, -1, 3], [-1, -1, 1, 1, -1, 4], [None, None, None, None, None, (0, 0)], 2),
    "child and its mother": ([-1, -1, 0], [-1, -1, 1], [None, (1, 2), (0, 1)], 0),
    "the missing is the mother of a typed child": ([-1, -1, 0], [-1, -1, 1], [(1, 2), None, (0, 1)], 1),
    "half-sister through the mother": ([-1, -1, 0, -1, 3], [-1, -1, 1, -1, 1], [None, None, None, None, (0, 2)], 2),
    "parents": ([-1, -1, 0], [-1, -1, 1], [(0, 1), (1, 1), None], 2),
    "nothing known": ([-1, -1, 0], [-1, -1, 1], [None, None, None], 2),
}  # fmt: skip


def model(male: np.ndarray, female: np.ndarray, p: np.ndarray = P) -> MarkerModel:
    names = tuple(str(10 + i) for i in range(len(p)))
    return MarkerModel(("M",), (names,), p[None, None], male[None, None], female[None, None])


def run(m: MarkerModel, father: list[int], mother: list[int], seen: list, target: int, error: float):
    genotypes = np.array([[s if s else (-1, -1)] for s in seen], dtype=np.int16)
    plan = plan_peeling(np.array(father), np.array(mother), genotypes[:, 0, 0] >= 0, target)
    return family_tables(m, [plan], np.array([0]), [genotypes], call_errors=[np.full(len(father), error)])


@pytest.mark.parametrize("name", PEDIGREES)
@pytest.mark.parametrize("error", [0.0, 0.01])
def test_equals_brute_force(name: str, error: float) -> None:
    father, mother, seen, target = PEDIGREES[name]
    result = run(model(STEP, STEP_F), father, mother, seen, target, error)
    table, likelihood = genotype_distribution(father, mother, seen, target, P, STEP, STEP_F, error)
    np.testing.assert_allclose(result.tables[0], table, rtol=1e-6)
    # People who tell nothing are left out, so the likelihood is that of the typed.
    assert result.loglik[0, 0] == pytest.approx(np.log(likelihood), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", PEDIGREES)
def test_lumping_is_exact(name: str) -> None:
    """Six alleles with a proportional model are lumped; a matrix one ulp away from it is not."""
    father, mother, seen, target = PEDIGREES[name]
    p = np.array([0.05, 0.15, 0.3, 0.25, 0.15, 0.1])
    proportional = 0.98 * np.eye(6) + 0.02 * p
    lumped = run(model(proportional, proportional, p), father, mother, seen, target, 0.01)
    nearly = proportional.copy()
    nearly[0, 1] *= 1 + 1e-9
    full = run(model(nearly, nearly, p), father, mother, seen, target, 0.01)
    np.testing.assert_allclose(lumped.tables, full.tables, rtol=1e-6)
    assert lumped.loglik[0, 0] == pytest.approx(full.loglik[0, 0], rel=1e-8)


def test_child_of_two_typed_parents_is_mendelian() -> None:
    result = run(model(np.eye(3), np.eye(3)), [-1, -1, 0], [-1, -1, 1], [(0, 1), (1, 2), None], 2, 0.0)
    expected = np.zeros(6)
    for a, b in [(0, 1), (0, 2), (1, 1), (1, 2)]:
        expected[genotype_index(a, b)] = 0.25
    np.testing.assert_allclose(result.tables[0], expected, atol=1e-7)


def test_impossible_relatives_have_no_likelihood() -> None:
    result = run(model(np.eye(3), np.eye(3)), [-1, -1, 0, 0], [-1, -1, 1, 1], [(0, 0), (1, 1), None, (2, 2)], 2, 0.0)
    assert result.loglik[0, 0] == -np.inf


def test_a_loop_is_refused() -> None:
    # Children of two brothers have a child together.
    father = np.array([-1, -1, 0, 0, -1, -1, 2, 3, 6])
    mother = np.array([-1, -1, 1, 1, -1, -1, 4, 5, 7])
    observed = np.zeros(9, dtype=bool)
    observed[8] = True
    with pytest.raises(Unsupported, match="loop"):
        plan_peeling(father, mother, observed, 2)
