"""Packing and sampling against the exact answer where both can run."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.resolution.budget import Budget
from cenotaph.resolution.components import cut_into_components
from cenotaph.resolution.exact import solve_exact
from cenotaph.resolution.packing import SetTable, pack
from cenotaph.resolution.problem import Problem
from cenotaph.resolution.sampler import LEAST_SWEEPS, solve_sampled
from cenotaph.resolution.solve import solve
from tests.unit.hats import RandomScorer, problem, whole


@pytest.mark.parametrize("seed", range(5))
def test_packing_finds_the_best_grouping_of_small_problems(seed: int) -> None:
    p = problem(seed, 5, 3)
    found = pack(SetTable(p, whole(p)))
    scores = p.scorer
    best_label_weight = 0.0
    for members, j in found:
        s = scores.score([members], np.arange(3))
        best_label_weight += float(s.candidates[0, j] if j >= 0 else np.logaddexp.reduce(s.classes[0]))
    exact = solve_exact(p, whole(p)).groups
    exact_weight = 0.0
    for members, j in exact:
        s = scores.score([members], np.arange(3))
        exact_weight += float(s.candidates[0, j] if j >= 0 else np.logaddexp.reduce(s.classes[0]))
    # The search over columns is local: it may miss the best by a little, never exceed it.
    assert best_label_weight <= exact_weight + 1e-9
    assert best_label_weight >= exact_weight - 2.0


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "m", "blocks"), [(0, 2, ()), (1, 2, ()), (2, 2, ((0, 1),)), (3, 3, ((0, 1, 2),))])
def test_sampling_agrees_with_the_exact_posterior(seed: int, m: int, blocks: tuple[tuple[int, ...], ...]) -> None:
    hats = problem(seed, 4, m, blocks=blocks)
    p = Problem(4, m, hats.classes, RandomScorer(seed, 2, spread=1.0), hats.links, hats.item_candidates, blocks)
    exact = solve_exact(p, whole(p))
    sampled = solve_sampled(p, whole(p), seed=3, sweeps=1500)
    np.testing.assert_allclose(sampled.item_candidate, exact.item_candidate, atol=0.04)
    np.testing.assert_allclose(sampled.same, exact.same, atol=0.04)
    assert sampled.expected_groups == pytest.approx(exact.expected_groups, abs=0.08)
    assert sampled.diagnostics["r_hat"] < 1.05
    assert sampled.diagnostics["effective_samples"] > 200


def test_sampling_is_decided_by_its_seed() -> None:
    p = problem(4, 4, 2)
    first, second = (solve_sampled(p, whole(p), seed=9, sweeps=20, burn_in=5) for _ in range(2))
    np.testing.assert_array_equal(first.same, second.same)


def test_independent_items_fall_into_components_of_their_own() -> None:
    hats = problem(1, 4, 2)
    links = np.full((4, 4), -50.0)
    links[0, 1] = links[1, 0] = 3.0
    p = Problem(4, 2, hats.classes, hats.scorer, links, [np.array([0]), np.array([0]), np.array([1]), np.array([1])])
    cut = cut_into_components(p, [(0, 2, 1e-9), (2, 3, 0.5)])
    assert sorted(tuple(c.items) for c in cut.components) == [(0, 1), (2, 3)]
    assert cut.dropped_rivalry == 1e-9
    assert cut.dropped_link < 1e-20
    answer = solve(p, [(2, 3, 0.5)])
    assert sum(len(c.items) for c in answer.cut.components) == 4
    assert all(s.proved for s in answer.solutions)


def test_a_spent_budget_ends_every_chain_early() -> None:
    p = problem(4, 5, 2)
    short = solve_sampled(p, whole(p), seed=9, budget=Budget(0.0))
    assert short.diagnostics["sweeps"] == LEAST_SWEEPS
    np.testing.assert_allclose(short.item_candidate.sum(1) + short.item_class.sum(1), 1.0)
    assert solve_sampled(p, whole(p), seed=9, sweeps=30, burn_in=5, budget=Budget(60.0)).diagnostics["sweeps"] == 30
