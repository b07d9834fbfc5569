"""What must hold of SNP likelihoods whatever the data: symmetry, order, silence, and numbers that stay numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.genetics.snp_family import (
    FamilyReducer,
    SnpMap,
    blocks_of,
    pair_logliks,
    random_logliks,
    random_ratios,
    screen,
)
from cenotaph.genetics.snp_inheritance import inheritance_chain
from cenotaph.genetics.snp_kin import DEGREES, FATHER, MOTHER
from cenotaph.genetics.snp_reads import ReadErrors, read_loglik

SNPS = 60
MAP = SnpMap(np.repeat([1, 2, 3], SNPS // 3), np.tile(np.linspace(0.0, 150.0, SNPS // 3), 3))
seeds = st.integers(0, 2**32 - 1)
degrees = st.sampled_from(DEGREES)
few = settings(max_examples=25, deadline=None)


def drawn(seed: int, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, and likelihoods of some people, from sure to empty."""
    rng = np.random.default_rng(seed)
    frequency = rng.uniform(0.05, 0.95, SNPS)
    reads = rng.poisson(rng.exponential(2.0, (people, 1, 1)), (people, SNPS, 2)).astype(np.uint8)
    errors, kind = ReadErrors(0.01, 0.0, 0.0), np.zeros(SNPS, dtype=np.int64)
    loglik = np.array([read_loglik(r, errors, kind, frequency) for r in reads])
    return frequency, np.exp(loglik - loglik.max(axis=2, keepdims=True)).astype(np.float32)


def ratios(frequency: np.ndarray, map_: SnpMap, pair: tuple[int, int], people: np.ndarray) -> np.ndarray:
    """log LR of everybody but the first, the first being the donor."""
    man, donor = pair
    reducer = FamilyReducer(frequency, map_)
    family = reducer.reduce(FATHER, MOTHER, man, {donor: people[0]})
    bones = people[1:]
    return reducer.bone_logliks(family, blocks_of(bones), len(bones)) - random_logliks(bones, frequency)


@given(seeds, degrees)
@few
def test_which_allele_is_called_alt_changes_nothing(seed: int, pair: tuple[int, int]) -> None:
    frequency, people = drawn(seed, 5)
    turned = ratios(1 - frequency, MAP, pair, np.ascontiguousarray(people[:, :, ::-1]))
    np.testing.assert_allclose(turned, ratios(frequency, MAP, pair, people), atol=2e-3)


@given(seeds, degrees)
@few
def test_who_has_no_data_tells_nothing(seed: int, pair: tuple[int, int]) -> None:
    frequency, people = drawn(seed, 4)
    people[2] = 1.0
    assert ratios(frequency, MAP, pair, people)[1] == pytest.approx(0.0, abs=1e-3)
    people[0] = 1.0
    np.testing.assert_allclose(ratios(frequency, MAP, pair, people), 0.0, atol=1e-3)


@given(seeds, degrees, st.integers(1, 40))
@few
def test_the_company_of_a_bone_changes_nothing(seed: int, pair: tuple[int, int], company: int) -> None:
    frequency, people = drawn(seed, 2 + company)
    alone = ratios(frequency, MAP, pair, people[:2])[0]
    order = np.random.default_rng(seed).permutation(np.arange(1, len(people)))
    together = ratios(frequency, MAP, pair, people[[0, *order]])
    assert together[int(np.flatnonzero(order == 1)[0])] == pytest.approx(alone, abs=1e-5)


@given(seeds)
@few
def test_two_samples_tell_what_their_reads_together_tell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frequency, kind = rng.uniform(0.05, 0.95, SNPS), rng.integers(0, 3, SNPS)
    first, second = rng.poisson(1.0, (2, SNPS, 2)).astype(np.uint8)
    errors = ReadErrors(*rng.uniform(0.001, 0.2, 3))
    apart = read_loglik(first, errors, kind, frequency) + read_loglik(second, errors, kind, frequency)
    np.testing.assert_allclose(read_loglik(first + second, errors, kind, frequency), apart, rtol=1e-12)


@given(degrees, st.floats(0.0, 0.5))
@few
def test_a_chain_is_one(pair: tuple[int, int], theta: float) -> None:
    man, donor = pair
    chain = inheritance_chain(FATHER, MOTHER, [donor], man)
    step = chain.transitions(np.array([theta]))[0].astype(np.float64)
    np.testing.assert_allclose(step.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(chain.start @ step, chain.start, atol=1e-6)
    # Detailed balance: a walk along the chromosome is the same from either end.
    flow = chain.start[:, None] * step
    np.testing.assert_allclose(flow, flow.T, atol=1e-6)


@given(seeds, degrees)
@few
def test_donor_and_man_may_change_places(seed: int, pair: tuple[int, int]) -> None:
    frequency, people = drawn(seed, 2)
    there = ratios(frequency, MAP, pair, people)[0]
    assert ratios(frequency, MAP, pair[::-1], people[::-1])[0] == pytest.approx(there, abs=2e-3)


@given(seeds, degrees)
@few
def test_the_screen_is_the_ratio_without_linkage(seed: int, pair: tuple[int, int]) -> None:
    frequency, people = drawn(seed, 6)
    man, donor = pair
    reducer = FamilyReducer(frequency, SnpMap.unlinked(SNPS))
    expected = reducer.expected(FATHER, MOTHER, man, {donor: people[0]})
    found = screen(expected[None], random_ratios(people[1:], frequency))[0, :5]
    np.testing.assert_allclose(found, ratios(frequency, SnpMap.unlinked(SNPS), pair, people), atol=2e-3)


@given(seeds, st.integers(1, 255))
@few
def test_reads_that_contradict_each_other_stay_numbers(seed: int, depth: int) -> None:
    """A donor and a bone of opposite genotypes everywhere, at any depth, under every relation."""
    rng = np.random.default_rng(seed)
    frequency, kind = rng.uniform(0.02, 0.98, SNPS), np.zeros(SNPS, dtype=np.int64)
    reads = np.zeros((2, SNPS, 2), dtype=np.uint8)
    which = rng.integers(0, 2, SNPS)
    reads[0, np.arange(SNPS), which] = depth
    reads[1, np.arange(SNPS), 1 - which] = depth
    loglik = np.array([read_loglik(r, ReadErrors(0.001, 0.0, 0.0), kind, frequency) for r in reads])
    people = np.exp(loglik - loglik.max(axis=2, keepdims=True)).astype(np.float32)
    mixed = (0.998 * people + 0.002).astype(np.float32)
    for pair in DEGREES:
        assert np.isfinite(ratios(frequency, MAP, pair, mixed)).all()
    found = pair_logliks(mixed[:1], mixed[1:], frequency, MAP)
    assert np.isfinite([found.same, found.brothers, found.unrelated]).all()
    assert found.same[0, 0] < found.unrelated[0, 0]
