"""What the typed relatives of a dossier say of a panel: frequencies, drift, linkage disequilibrium, inflation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_DONORS = 20
LEAST_DRIFT = 1e-4
LEAST_FREQUENCY = 0.005
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
        excess = (observed - p[usable]) ** 2 / (p[usable] * (1 - p[usable])) - 1 / alleles[usable]
        # A few exchanged alleles must not make the whole panel look drifted: the extreme are left out.
        kept = excess <= np.quantile(excess, 0.99)
        drift = float(max(excess[kept].mean(), LEAST_DRIFT))
        sd = np.sqrt(p[usable] * (1 - p[usable]) * (1 / alleles[usable] + drift))
        contradicted[usable] = np.abs(observed - p[usable]) > CONTRADICTION_SD * sd
        strength = (1 - drift) / drift
        p[usable] = (p[usable] * strength + counted[usable]) / (strength + alleles[usable])
    source = "stated, corrected by the donors" if usable.any() else "stated" if known.any() else "the donors"
    return PanelFrequencies(np.clip(p, LEAST_FREQUENCY, 1 - LEAST_FREQUENCY), drift, contradicted, source)


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


def king_robust(first: NDArray[np.int8], second: NDArray[np.int8]) -> tuple[float, float]:
    """Kinship of two called people without frequencies, and the share of SNPs where they are opposite homozygotes.

    >>> a = np.array([0, 1, 2, 1, 1], dtype=np.int8)
    >>> king_robust(a, a)
    (0.5, 0.0)

    Source: Manichaikul et al. (2010) Bioinformatics 26:2867, between-family estimator.
    """
    both = (first >= 0) & (second >= 0)
    a, b = first[both], second[both]
    het_a, het_b = int((a == 1).sum()), int((b == 1).sum())
    opposite = int((np.abs(a - b) == 2).sum())
    if not min(het_a, het_b):
        return float("nan"), opposite / max(len(a), 1)
    shared = int(((a == 1) & (b == 1)).sum())
    least = min(het_a, het_b)
    kinship = (shared - 2 * opposite) / (2 * least) + 0.5 - (het_a + het_b) / (4 * least)
    return float(kinship), opposite / len(a)
