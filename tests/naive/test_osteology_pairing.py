"""Support of each number of pairs against the sum over all matchings, written out."""

from __future__ import annotations

from itertools import combinations, permutations
from math import comb, factorial

import numpy as np
import pytest

from cenotaph.errors import InvalidInput
from cenotaph.osteology.counting import PairEvidence, SideCounts, number_posterior
from cenotaph.osteology.pairing import pair_evidence


def support_of(lr: np.ndarray) -> list[float]:
    """Mean over all sets of k pairs of the product of their likelihood ratios."""
    lefts, rights = lr.shape
    found = []
    for k in range(min(lefts, rights) + 1):
        total = sum(
            float(np.prod([lr[i, j] for i, j in zip(some, others, strict=True)]))
            for some in combinations(range(lefts), k)
            for others in permutations(range(rights), k)
        )
        found.append(total / (comb(lefts, k) * comb(rights, k) * factorial(k)))
    return found


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (2, 4), (5, 5), (4, 0)])
def test_every_matching_is_summed(shape: tuple[int, int]) -> None:
    lr = np.exp(np.random.default_rng(4).normal(0, 2, shape))
    found = pair_evidence(np.log(lr))
    assert found.is_exact
    np.testing.assert_allclose(np.exp(found.log_support), support_of(lr), rtol=1e-12)


def test_impossible_pairs_split_the_table() -> None:
    lr = np.exp(np.random.default_rng(5).normal(0, 2, (5, 5)))
    lr[:2, 2:] = lr[2:, :2] = 0.0
    with np.errstate(divide="ignore"):
        found = pair_evidence(np.log(lr), exact_bones=3)
    np.testing.assert_allclose(np.exp(found.log_support), support_of(lr), rtol=1e-12)
    nothing = pair_evidence(np.full((2, 3), -np.inf))
    assert np.exp(nothing.log_support).tolist() == [1.0, 0.0, 0.0]


def test_the_walk_agrees_with_the_sum() -> None:
    rng = np.random.default_rng(6)
    log_lr = rng.normal(-2, 2, (12, 10)) + 5 * np.eye(12, 10)
    exact, sampled = pair_evidence(log_lr), pair_evidence(log_lr, rng=rng, steps=1_500_000, exact_bones=3)
    assert not sampled.is_exact
    p, q = (number_posterior([e]).pairs[0] for e in (exact, sampled))
    assert np.abs(p - q).max() < 0.02
    a, b = (number_posterior([e]) for e in (exact, sampled))
    assert a.mean == pytest.approx(b.mean, rel=0.03)


def test_overwhelming_links_are_certain_pairs() -> None:
    log_lr = np.where(np.eye(6, 5) > 0, 60.0, -60.0)
    log_lr[4, 4] = -60.0
    uncertain = number_posterior([pair_evidence(log_lr)])
    certain = number_posterior([PairEvidence.certain(SideCounts(6, 5, 4))])
    assert uncertain.mode == certain.mode
    assert uncertain.pairs[0][4] > 0.999999
    assert uncertain.mean == pytest.approx(certain.mean, rel=0.01)


def test_links_that_say_nothing_leave_the_prior_of_pairs() -> None:
    flat = number_posterior([pair_evidence(np.zeros((4, 3)))], largest=60)
    numbers = np.arange(4, 61)
    expected = (1 / (numbers + 1)) / (1 / (numbers + 1)).sum()
    np.testing.assert_allclose(flat.probability, expected, rtol=1e-10)


def test_bad_tables() -> None:
    with pytest.raises(InvalidInput, match="two dimensions"):
        pair_evidence(np.zeros(3))
    with pytest.raises(InvalidInput, match="a generator"):
        pair_evidence(np.zeros((20, 20)))
