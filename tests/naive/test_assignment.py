"""Posterior over assignments: elimination and sampling against listing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.errors import ProblemTooLarge
from cenotaph.genetics.assignment import (
    Block,
    enumerate_assignments,
    exact_posterior,
    largest_frontier,
    without_pairings,
)
from cenotaph.genetics.sampled_assignment import sampled_posterior

VICTIMS = 5


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Block], int]:
    """A few families, some with two missing; some pairings impossible."""
    blocks, missing = [], 0
    weights = st.floats(-4, 6)
    for _ in range(draw(st.integers(1, 4))):
        people = tuple(range(missing, missing + draw(st.sampled_from([1, 1, 2]))))
        missing += len(people)
        options = [(-1,) * len(people)]
        for _ in range(draw(st.integers(0, 5))):
            option = tuple(draw(st.integers(-1, VICTIMS - 1)) for _ in people)
            used = [v for v in option if v >= 0]
            if used and len(set(used)) == len(used) and option not in options:
                options.append(option)
        blocks.append(Block(people, tuple(options), (0.0, *(draw(weights) for _ in options[1:]))))
    return blocks, missing


def naive(blocks: list[Block], missing: int) -> tuple[float, np.ndarray, np.ndarray, int]:
    marginals, best = np.zeros((VICTIMS, missing + 1)), np.full((VICTIMS, missing + 1), -np.inf)
    total, count = 0.0, 0
    for assigned, weight in enumerate_assignments(blocks, 100_000):
        total, count = total + np.exp(weight), count + 1
        for v in range(VICTIMS):
            m = assigned.get(v, missing)
            marginals[v, m] += np.exp(weight)
            best[v, m] = max(best[v, m], weight)
    return float(np.log(total)), marginals / total, best, count


@settings(max_examples=80, deadline=None)
@given(problems())
def test_elimination_equals_listing(problem: tuple[list[Block], int]) -> None:
    blocks, missing = problem
    log_total, marginals, best, count = naive(blocks, missing)
    found = exact_posterior(blocks, VICTIMS, missing)
    assert found.log_total == pytest.approx(log_total, rel=1e-12, abs=1e-12)
    assert found.marginals == pytest.approx(marginals, abs=1e-12)
    assert found.log_best == pytest.approx(best, abs=1e-9)
    assert found.count == count


def many_blocks(rng: np.random.Generator, size: int, choices: int) -> list[Block]:
    blocks = []
    for person in range(size):
        victims = [int(v) for v in rng.choice(size, choices, replace=False)]
        weights = (0.0, *(float(x) for x in rng.normal(0, 2, choices)))
        blocks.append(Block((person,), ((-1,), *((v,) for v in victims)), weights))
    return blocks


def test_sampling_agrees_within_its_standard_error() -> None:
    rng = np.random.default_rng(4)
    blocks = [*many_blocks(rng, 7, 4), Block((7, 8), ((-1, -1), (0, 1), (1, 0), (-1, 2)), (0.0, 3.0, 2.0, 1.0))]
    exact = exact_posterior(blocks, 7, 9)
    sample = sampled_posterior(blocks, 7, 9, rng, sweeps=300)
    assert sample.error.max() < 0.03
    spread = np.abs(sample.marginals - exact.marginals) / np.maximum(sample.error, 1e-4)
    assert spread.max() < 5


def test_victims_and_missing_in_each_others_place_give_the_same() -> None:
    rng = np.random.default_rng(5)
    wide = [Block((m,), ((-1,), *((v,) for v in range(18))), (0.0, *rng.normal(0, 1, 18))) for m in range(6)]
    assert largest_frontier(wide) == 6
    found = exact_posterior(wide, 18, 6)
    total = found.marginals.sum(axis=1)
    sample = sampled_posterior(wide, 18, 6, rng, sweeps=300)
    assert total == pytest.approx(np.ones(18))
    assert np.abs(sample.marginals - found.marginals).max() < 0.02


def test_too_many_at_once_is_refused() -> None:
    blocks = [Block((m,), ((-1,), *((v,) for v in range(30))), (0.0,) * 31) for m in range(30)]
    with pytest.raises(ProblemTooLarge, match="keep track"):
        exact_posterior(blocks, 30, 30)


def test_dropped_pairings_leave_the_other_options() -> None:
    block = Block((0, 1), ((-1, -1), (0, 1), (1, -1)), (0.0, 1.0, 2.0))
    dropped = np.zeros((2, 2), dtype=bool)
    dropped[0, 0] = True
    assert without_pairings([block], dropped)[0].options == ((-1, -1), (1, -1))
