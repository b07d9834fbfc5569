"""Counting: what must hold for any bones; and posteriors that are right as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.osteology.classical import METHODS, compare_differences
from cenotaph.osteology.counting import PairEvidence, SideCounts, number_posterior
from cenotaph.osteology.minimum_number import CountedSpecimen, minimum_number
from cenotaph.osteology.pairing import pair_evidence

COUNTS = st.tuples(st.integers(1, 30), st.integers(1, 30)).flatmap(
    lambda lr: st.builds(SideCounts, st.just(lr[0]), st.just(lr[1]), st.integers(0, min(lr)))
)
BONES = st.lists(
    st.builds(
        lambda element, side, zones, start, length: CountedSpecimen(element, side, zones, start, start + length),
        st.sampled_from(["femur", "tibia"]),
        st.sampled_from("LRU"),
        st.one_of(st.none(), st.frozensets(st.integers(1, 4), max_size=3)),
        st.integers(14, 40),
        st.integers(0, 20),
    ),
    max_size=12,
)


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_one_element(counts: SideCounts) -> None:
    assert counts.minimum_number <= counts.grand_minimum_total <= counts.most_likely_number + 1
    posterior = number_posterior([PairEvidence.certain(counts)])
    assert posterior.probability.sum() == pytest.approx(1)
    assert posterior.numbers[0] == counts.grand_minimum_total
    region = posterior.highest_density(0.9)
    assert region.low <= posterior.mode <= region.high
    assert region.mass >= 0.9 - 1e-9


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_pairing_does_not_know_the_order_or_the_side(seed: int, lefts: int, rights: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 3, (lefts, rights))
    support = pair_evidence(table).log_support
    shuffled = table[rng.permutation(lefts)][:, rng.permutation(rights)]
    np.testing.assert_allclose(pair_evidence(shuffled).log_support, support, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(pair_evidence(table.T).log_support, support, rtol=1e-9, atol=1e-9)


@given(BONES, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_minimum_numbers(bones: list[CountedSpecimen], random: object) -> None:
    found = minimum_number(bones)
    assert found.number_without_ages <= found.number <= len(bones)
    assert sum(group.number for group in found.groups) == found.number
    assert all(group.age_from <= group.age_to for group in found.groups)
    random.shuffle(bones)  # type: ignore[attr-defined]
    assert minimum_number(bones).number == found.number
    more = [*bones, CountedSpecimen("femur", "L", None, 20, 30)]
    assert found.number <= minimum_number(more).number <= found.number + 1


def test_regions_hold_the_truth_as_often_as_they_say() -> None:
    """Numbers drawn from the prior, pairs from the hypergeometric law, likelihood ratios that are calibrated."""
    rng = np.random.default_rng(11)
    lefts, rights, largest, d, inside, runs = 8, 7, 60, 2.5, 0, 300
    numbers = np.arange(lefts, largest + 1)
    prior = (1 / (numbers + 1)) / (1 / (numbers + 1)).sum()
    for _ in range(runs):
        n = int(rng.choice(numbers, p=prior))
        pairs = int(rng.hypergeometric(lefts, n - lefts, rights))
        log_lr = rng.normal(-d * d / 2, d, (lefts, rights))
        log_lr[np.arange(pairs), np.arange(pairs)] += d * d
        region = number_posterior([pair_evidence(log_lr)], largest=largest).highest_density(0.9)
        inside += region.low <= n <= region.high
    assert 0.86 <= inside / runs <= 0.98


def test_size_of_the_reference_and_order_of_bones_change_only_what_they_should() -> None:
    rng = np.random.default_rng(3)
    left = rng.normal(320, 12, (60, 3))
    right = left + rng.normal(0, 1.5, left.shape)
    case = rng.normal(320, 12, (7, 3))
    case[rng.random(case.shape) < 0.3] = np.nan
    for method in METHODS.values():
        whole = compare_differences(case, case[::-1], left, right, method.pair)
        order = rng.permutation(7)
        part = compare_differences(case[order], case[::-1], left, right, method.pair)
        np.testing.assert_allclose(part.p, whole.p[order])
        turned = compare_differences(case, case[::-1], left[::-1], right[::-1], method.pair)
        np.testing.assert_allclose(turned.p, whole.p, atol=1e-5)
