"""SNPs by descent, reads of them, and what the program makes of invented families."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.dossier.snp_panels import load_snp_panel
from cenotaph.errors import InvalidInput
from cenotaph.evidence.snp_data import SnpSettings
from cenotaph.genetics.snp_family import FamilyReducer, SnpMap, hardy_weinberg
from cenotaph.genetics.snp_reads import ReadErrors, read_loglik
from cenotaph.simulation.snp_power import Panel, Pedigree, bone_likelihood, log10_ratios, power_of_family
from cenotaph.simulation.snps import draw_calls, draw_gametes, draw_reads, drop_alleles, spread_snps

NEPHEW = Pedigree(np.array([-1, -1, 0, 0, -1, 3]), np.array([-1, -1, 1, 1, -1, 4]), (5,), 2)


def test_gametes_switch_as_haldane_says_over_any_distance() -> None:
    rng = np.random.default_rng(1)
    cm = np.array([0.0, 1.0, 12.0, 60.0])
    drawn = draw_gametes(SnpMap(np.ones(4, dtype=np.int64), cm), 40_000, rng)
    for k in (1, 2, 3):
        wanted = 0.5 * (1 - np.exp(-2 * cm[k] / 100))
        assert (drawn[:, 0] != drawn[:, k]).mean() == pytest.approx(wanted, abs=0.008)


def test_relatives_correlate_by_their_kinship_and_founders_are_in_proportion() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.2, 0.5, 4000)
    drawn = drop_alleles(NEPHEW.father, NEPHEW.mother, spread_snps(4000, rng), p, 30, rng).astype(float)
    standard = (drawn - 2 * p) / np.sqrt(2 * p * (1 - p))

    def correlation(a: int, b: int) -> float:
        return float((standard[:, a] * standard[:, b]).mean())

    assert correlation(2, 5) == pytest.approx(0.25, abs=0.02)  # uncle and nephew
    assert correlation(3, 5) == pytest.approx(0.5, abs=0.02)  # father and son
    assert correlation(0, 1) == pytest.approx(0.0, abs=0.02)
    shares = [(drawn[:, 5] == g).mean() for g in range(3)]
    assert shares == pytest.approx(hardy_weinberg(p).mean(axis=0), abs=0.01)


def test_members_may_stand_in_any_order_but_not_in_a_circle() -> None:
    rng = np.random.default_rng(3)
    drawn = drop_alleles(np.array([2, -1, -1]), np.array([1, -1, -1]), SnpMap.unlinked(50), np.full(50, 0.5), 4, rng)
    assert np.abs(drawn[:, 0] - drawn[:, 2]).max() == 1
    with pytest.raises(InvalidInput, match="his own ancestor"):
        drop_alleles(np.array([1, 0]), np.array([1, 0]), SnpMap.unlinked(1), np.array([0.5]), 1, rng)


def test_reads_have_the_errors_that_they_were_drawn_with() -> None:
    rng = np.random.default_rng(4)
    n, errors = 60_000, ReadErrors(0.01, 0.1, 0.2)
    kind, p = rng.integers(0, 3, n), np.full(n, 0.3)
    reference = np.zeros(n, dtype=np.int8)
    reads = draw_reads(reference, np.full(n, 2), errors, kind, p, rng)
    assert (reads.sum(axis=1) == 2).all()
    for k, wanted in ((0, 0.8 * 0.01 + 0.06), (1, 0.8 * 0.11 + 0.06), (2, 0.8 * 0.01 + 0.06)):
        assert reads[kind == k, 1].mean() / 2 == pytest.approx(wanted, abs=0.006)
    # The truth is likelier than other errors on the same reads.
    true = read_loglik(reads, errors, kind, p)[:, 0].sum()
    assert true > read_loglik(reads, ReadErrors(0.01, 0.0, 0.2), kind, p)[:, 0].sum()
    assert true > read_loglik(reads, ReadErrors(0.01, 0.1, 0.05), kind, p)[:, 0].sum()


def test_calls_are_wrong_as_often_as_asked() -> None:
    rng = np.random.default_rng(5)
    genotype = rng.integers(0, 3, 20_000).astype(np.int8)
    calls = draw_calls(genotype, 0.1, rng)
    assert (calls != genotype).mean() == pytest.approx(0.1, abs=0.01)
    assert set(np.unique(calls).tolist()) == {0, 1, 2}


def test_strangers_have_a_mean_likelihood_ratio_of_one() -> None:
    # A nephew's 40 SNPs: ratios are small enough for their mean to be seen.
    rng = np.random.default_rng(6)
    panel, clean = Panel.invented(40, rng), ReadErrors(0, 0, 0)
    found = power_of_family(NEPHEW, panel, [1.0, 5.0], 100, rng, SnpSettings(), clean, strangers=6)
    for ratios in found:
        lr = 10.0**ratios.stranger
        assert lr.mean() == pytest.approx(1.0, abs=3.5 * lr.std() / np.sqrt(len(lr)))


def test_more_reads_and_more_snps_tell_more() -> None:
    rng = np.random.default_rng(7)
    few, more = power_of_family(NEPHEW, Panel.invented(1000, rng), [0.3, 3.0], 8, rng)
    assert np.median(more.he) > 2 * np.median(few.he)
    wide = power_of_family(NEPHEW, Panel.invented(3000, rng), [0.3], 8, rng)[0]
    assert np.median(wide.he) > 2 * np.median(few.he)
    assert np.median(wide.stranger) < 0


def test_a_bone_without_reads_says_nothing() -> None:
    rng = np.random.default_rng(8)
    panel = Panel.invented(100, rng)
    bone = bone_likelihood(np.zeros((100, 2), dtype=np.uint8), panel, SnpSettings())
    reducer = FamilyReducer(panel.believed, panel.map)
    donor = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 100)]
    assert log10_ratios(reducer, NEPHEW, {5: donor}, bone[None]) == pytest.approx([0.0], abs=1e-3)


def test_the_same_seed_gives_the_same_ratios() -> None:
    one, other = (
        power_of_family(NEPHEW, Panel.invented(50, np.random.default_rng(1)), [1.0], 3, np.random.default_rng(2))[0]
        for _ in range(2)
    )
    assert one.he.tolist() == other.he.tolist()
    assert one.stranger.tolist() == other.stranger.tolist()


def test_frequencies_estimated_from_donors_are_near_the_truth() -> None:
    rng = np.random.default_rng(9)
    panel = Panel.shipped("force", rng).estimated(200, rng, SnpSettings())
    error = panel.believed - panel.frequency
    assert 0.01 < error.std() < 0.035
    assert (panel.believed != panel.frequency).all()


def test_panels_are_along_the_genome_and_unknown_ones_are_refused() -> None:
    force = load_snp_panel("force")
    same = np.diff(force.chromosome) == 0
    assert (np.diff(force.chromosome) >= 0).all()
    assert (np.diff(force.position_grch38)[same] > 0).all()
    assert len(set(force.markers)) == len(force)
    with pytest.raises(InvalidInput, match="no such panel"):
        load_snp_panel("forse")
