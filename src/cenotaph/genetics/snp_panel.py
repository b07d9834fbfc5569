"""What the typed relatives of a dossier say of a panel: frequencies, drift, linkage disequilibrium, inflation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_DONORS = 20
"""Donors with calls at a SNP whose own frequency is worth asking, an assumption."""
LEAST_DRIFT, MOST_DRIFT = 1e-4, 0.99
"""Bounds of F: a Beta distribution has a strength, (1 − F) / F, that is neither infinite nor nought."""
LEAST_FREQUENCY = 0.005
"""No allele is taken to be rarer: one genotype that is not expected at all would outweigh a panel."""
CONTRADICTION_SD = 8.0
"""Standard deviations between a stated frequency and the donors' beyond which alleles were exchanged."""


@dataclass(frozen=True, slots=True)
class PanelFrequencies:
    """Frequencies of ALT.

    Args:
        frequency: shape (SNPs,).
        drift: F between the stated frequencies and the donors' population; nan where nothing was stated.
        contradicted: SNPs whose stated frequency the donors contradict.
        source: where they come from.
    """

    frequency: Floats
    drift: float
    contradicted: NDArray[np.bool_]
    source: str


def panel_frequencies(stated: Floats, calls: NDArray[np.int8], weight: Floats) -> PanelFrequencies:
    """Stated frequencies, corrected by the donors as far as the two differ by more than chance.

    The population's frequency is Beta around the stated one with drift F, found by moments; the posterior mean given
    the donors' alleles is used. Where nothing is stated, the donors' own frequency with half an allele added to each.

    Args:
        stated: shape (SNPs,), nan where not stated.
        calls: shape (SNPs, donors), ALT alleles, −1 for none.
        weight: shape (donors,), each family weighs as the number of its donors' independent genomes.
    """
    seen = (calls >= 0) * weight
    alleles, counted = 2 * seen.sum(axis=1), (np.maximum(calls, 0) * weight).sum(axis=1)
    own = (counted + 0.5) / (alleles + 1.0)
    known = np.isfinite(stated)
    p = np.clip(np.where(known, stated, own), LEAST_FREQUENCY, 1 - LEAST_FREQUENCY)
    usable = known & (alleles >= 2 * LEAST_DONORS)
    contradicted = np.zeros(len(p), dtype=np.bool_)
    drift = float("nan")
    if usable.any():
        observed = counted[usable] / alleles[usable]
        drift = drift_of(p[usable], counted[usable], alleles[usable])
        sd = np.sqrt(p[usable] * (1 - p[usable]) * (1 / alleles[usable] + drift))
        contradicted[usable] = np.abs(observed - p[usable]) > CONTRADICTION_SD * sd
        strength = (1 - drift) / drift
        p[usable] = (p[usable] * strength + counted[usable]) / (strength + alleles[usable])
    source = "stated, corrected by the donors" if usable.any() else "stated" if known.any() else "the donors"
    return PanelFrequencies(np.clip(p, LEAST_FREQUENCY, 1 - LEAST_FREQUENCY), drift, contradicted, source)


def drift_of(frequency: Floats, counted: Floats, alleles: Floats) -> float:
    """Drift F of the people counted against the frequencies of a panel, by moments over SNPs.

    The observed share x of n alleles has variance p (1 − p) [F + (1 − F) / n], so each SNP gives
    F = [(x − p)² / (p (1 − p)) − 1/n] / (1 − 1/n). Thousands of SNPs tell F well even from a few people.

    Args:
        frequency: shape (SNPs,), within (0, 1).
        counted: shape (SNPs,), ALT alleles seen.
        alleles: shape (SNPs,), alleles seen; more than one.

    >>> p = np.full(1000, 0.5)
    >>> drift_of(p, np.tile([0.0, 2.0], 500), np.full(1000, 2.0))  # all homozygous, both ways: fixed by drift
    0.99

    Source: moments of the Beta distribution of Balding and Nichols (1995) Genetica 96:3.
    """
    share = 1 / alleles
    found = ((counted * share - frequency) ** 2 / (frequency * (1 - frequency)) - share) / (1 - share)
    # A few exchanged alleles must not make the whole panel look drifted: the extreme are left out.
    kept = found <= np.quantile(found, 0.99)
    return float(np.clip(found[kept].mean(), LEAST_DRIFT, MOST_DRIFT))


@dataclass(frozen=True, slots=True)
class PopulationFrequencies:
    """Frequencies of ALT in one population.

    Args:
        frequency: shape (SNPs,).
        drift: F between the panel and the population.
        donors: people of the population whose calls are in it.
    """

    frequency: Floats
    drift: float
    donors: int


def population_frequencies(panel: Floats, calls: NDArray[np.int8], weight: Floats) -> PopulationFrequencies:
    """A population's own frequencies: Beta around the panel's with the drift that its own donors show.

    The donors' own alleles are in the mean, so that what a relative and a bone share by belonging to one population is
    expected of both before it counts as kinship (the correction of Balding and Nichols, with F estimated).

    Args:
        panel: shape (SNPs,), frequencies of all populations together.
        calls: shape (SNPs, donors of the population), −1 for none.
        weight: shape (donors,).
    """
    counted = (np.maximum(calls, 0) * weight).sum(axis=1)
    alleles = 2 * ((calls >= 0) * weight).sum(axis=1)
    typed = alleles > 1
    if not typed.any():
        return PopulationFrequencies(panel, float("nan"), 0)
    drift = drift_of(panel[typed], counted[typed], alleles[typed])
    strength = (1 - drift) / drift
    p = (panel * strength + counted) / (strength + alleles)
    return PopulationFrequencies(np.clip(p, LEAST_FREQUENCY, 1 - LEAST_FREQUENCY), drift, calls.shape[1])


def fit_z(calls: NDArray[np.int8], frequency: Floats) -> float:
    """How many standard deviations a person's called genotypes are from what a population expects of its members.

    z = Σ (log P(g) − E log P(g)) / √(Σ Var log P(g)), over the called SNPs, in Hardy–Weinberg proportions. A member has
    about 0 ± 1; far below are people of other populations. 0 where nothing was called.

    >>> fit_z(np.zeros(400, dtype=np.int8), np.full(400, 0.01)) > 0 > fit_z(np.full(400, 2, np.int8), np.full(400, 0.1))
    True
    """
    known = calls >= 0
    p = frequency[known]
    genotypes = np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=1)
    surprise = np.log(genotypes)
    expected = (genotypes * surprise).sum(axis=1)
    variance = (genotypes * surprise**2).sum(axis=1) - expected**2
    own = np.take_along_axis(surprise, calls[known].astype(np.int64)[:, None], axis=1)[:, 0]
    total = float(variance.sum())
    return float((own - expected).sum() / np.sqrt(total)) if total > 0 else 0.0


def pruned(calls: NDArray[np.int8], chromosome: Ints, position_cm: Floats, most_r2: float, window_cm: float) -> Ints:
    """SNPs that are kept so that none is in linkage disequilibrium with one before it on the donors' genotypes.

    >>> calls = np.tile(np.array([[0, 1, 2, 1, 0, 2, 1, 0]], dtype=np.int8), (2, 1))
    >>> pruned(calls, np.array([1, 1]), np.array([0.0, 0.1]), 0.2, 1.0).tolist()
    [0]
    """
    known = calls >= 0
    mean = np.where(known, calls, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    centred = np.where(known, calls - mean[:, None], 0.0).astype(np.float32)
    norm = np.sqrt((centred**2).sum(axis=1))
    kept: list[int] = []
    for s in range(len(calls)):
        near: list[int] = []
        for k in reversed(kept):
            if chromosome[k] != chromosome[s] or position_cm[s] - position_cm[k] > window_cm:
                break
            near.append(k)
        product = norm[near] * norm[s]
        r2 = np.divide(centred[near] @ centred[s], product, out=np.zeros(len(near)), where=product > 0) ** 2
        if not (r2 > most_r2).any():
            kept.append(s)
    return np.array(kept, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class CalledPairs:
    """All pairs of called people, without frequencies.

    Args:
        kinship: shape (n, n), coefficient of kinship, nan where one of the two has no heterozygous call.
        opposite: shape (n, n), share of the SNPs at which they are opposite homozygotes (IBS0).
        error: shape (n, n), standard error of *kinship* from the number of SNPs alone.
    """

    kinship: Floats
    opposite: Floats
    error: Floats


def king_robust(calls: NDArray[np.int8]) -> CalledPairs:
    """Kinship of all pairs: φ = (N(both heterozygous) − 2 N(opposite)) / (2 h) + ½ − (h₁ + h₂) / (4 h).

    h₁ and h₂ are the heterozygous calls of each at SNPs that both are called at, h the lesser of the two. The standard
    error is about 1 / √(4 h).

    Args:
        calls: shape (SNPs, n), ALT alleles, −1 for none.

    >>> a = np.array([[0, 0, 2], [1, 1, 0], [2, 2, 0], [1, 1, 1], [1, 1, 1]], dtype=np.int8)
    >>> found = king_robust(a)
    >>> float(found.kinship[0, 1]), found.opposite[0].round(3).tolist()
    (0.5, [0.0, 0.0, 0.4])

    Source: Manichaikul et al. (2010) Bioinformatics 26:2867, between-family estimator.
    """
    none, one, two = ((calls == k).astype(np.float32) for k in range(3))
    known = (calls >= 0).astype(np.float32)
    both = one.T @ one
    apart = none.T @ two
    apart = apart + apart.T
    het = one.T @ known
    least = np.minimum(het, het.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        kinship = (both - 2 * apart) / (2 * least) + 0.5 - (het + het.T) / (4 * least)
        kinship = np.where(least > 0, kinship, np.nan).astype(np.float64)
        opposite = (apart / np.maximum(known.T @ known, 1)).astype(np.float64)
    return CalledPairs(kinship, opposite, 0.5 / np.sqrt(np.maximum(least, 1.0)).astype(np.float64))
