"""Placing items around places: the sampler against a sum over all states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cenotaph.resolution.placing import place_items


def brute_force(log_weight: np.ndarray, clashes: list[tuple[int, int]], log_clash: float) -> np.ndarray:
    items, places = log_weight.shape
    found = np.zeros((items, places))
    for state in product(range(places), repeat=items):
        log_p = sum(log_weight[i, k] for i, k in enumerate(state))
        log_p += log_clash * sum(state[a] == state[b] < places - 1 for a, b in clashes)
        for i, k in enumerate(state):
            found[i, k] += np.exp(log_p)
    return found / found.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(4))
def test_equals_the_sum_over_all_states(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_weight = rng.normal(0, 2, (5, 4))
    clashes = [(a, b) for a in range(5) for b in range(a + 1, 5) if rng.random() < 0.6]
    found = place_items(log_weight, clashes, np.log(0.01), sweeps=20000, seed=seed)
    assert np.abs(found.probability - brute_force(log_weight, clashes, np.log(0.01))).max() < 0.02
    assert found.disagreement < 0.03
    assert found.probability.sum(axis=1) == pytest.approx(1)


def test_without_clashes_nothing_is_sampled() -> None:
    log_weight = np.random.default_rng(1).normal(0, 3, (6, 5))
    found = place_items(log_weight, [], np.log(0.01))
    assert found.disagreement == 0
    assert np.abs(found.probability - brute_force(log_weight, [], 0.0)).max() < 1e-12


def test_two_sure_bones_of_one_kind_are_not_put_into_one_place() -> None:
    """Each alone would be there with 0.99; together at most one is, whichever is likelier."""
    log_weight = np.array([[np.log(99.0), 0.0], [np.log(9.0), 0.0]])
    found = place_items(log_weight, [(0, 1)], -np.inf, sweeps=4000).probability
    assert found[:, 0].sum() < 1
    assert found[0, 0] > 0.85 > 0.2 > found[1, 0]
