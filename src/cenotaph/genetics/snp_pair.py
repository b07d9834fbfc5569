"""Two people at many unlinked bi-allelic markers: the likelihood ratio of a relationship against none."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.identity import REPRESENTATIVE, identity_coefficients
from cenotaph.genetics.pedigree import Pedigree

UNRELATED = np.array([0.0] * 8 + [1.0])


def snp_pair_log10_lr(
    pedigree: Pedigree,
    first: str,
    second: str,
    frequencies: NDArray[np.float64],
    first_counts: NDArray[np.int64],
    second_counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """log10 LR at each marker that two people are related as in a pedigree, against unrelated and not inbred.

    P(g, h) = sum over the condensed identity states of Δ_k P(g, h | state k), without mutation.

    Args:
        frequencies: shape ``(n,)``, frequency of the counted allele.
        first_counts, second_counts: shape ``(n,)``, number of counted alleles 0, 1, 2; -1 for not typed, which gives
            a ratio of 1 (log 0).

    Raises:
        InvalidInput: shapes differ, a frequency is outside [0, 1], or a count outside -1 … 2.

    Source: Jacquard (1974); see :mod:`cenotaph.genetics.identity`.

    >>> duo = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> values = snp_pair_log10_lr(duo, "F", "C", np.array([0.1]), np.array([2]), np.array([2]))
    >>> round(float(values[0]), 12)  # LR = 1 / p
    1.0
    """
    _check(frequencies, first_counts, second_counts)
    coefficients = identity_coefficients(pedigree, first, second).condensed
    typed = (first_counts >= 0) & (second_counts >= 0)
    chosen = np.where(typed, first_counts, 0), np.where(typed, second_counts, 0)
    related = genotype_pair_table(coefficients, frequencies)
    unrelated = genotype_pair_table(UNRELATED, frequencies)
    markers = np.arange(len(frequencies))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log10(related[chosen[0], chosen[1], markers] / unrelated[chosen[0], chosen[1], markers])
    return np.where(typed, ratio, 0.0)


def genotype_pair_table(condensed: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(both genotypes), shape ``(3, 3, n)``, by count of the allele of the given frequency."""
    p, q = np.asarray(frequencies, dtype=np.float64), 1.0 - np.asarray(frequencies, dtype=np.float64)
    powers_p, powers_q = [p**k for k in range(5)], [q**k for k in range(5)]
    table = np.zeros((3, 3, len(p)))
    for state, weight in enumerate(condensed, start=1):
        if weight == 0:
            continue
        partition = REPRESENTATIVE[state]
        classes = max(partition) + 1
        for alleles in itertools.product((0, 1), repeat=classes):
            a1, a2, b1, b2 = (alleles[k] for k in partition)
            ones = sum(alleles)
            table[a1 + a2, b1 + b2] += weight * powers_p[ones] * powers_q[classes - ones]
    return table


def _check(frequencies: NDArray[np.float64], first_counts: NDArray[np.int64], second_counts: NDArray[np.int64]) -> None:
    if not frequencies.shape == first_counts.shape == second_counts.shape:
        raise InvalidInput("frequencies and genotypes must have one value for each marker")
    if np.any(frequencies < 0) or np.any(frequencies > 1):
        raise InvalidInput("a frequency is outside [0, 1]")
    for counts in (first_counts, second_counts):
        if np.any(counts < -1) or np.any(counts > 2):
            raise InvalidInput("a genotype must be 0, 1 or 2 counted alleles, or -1")
