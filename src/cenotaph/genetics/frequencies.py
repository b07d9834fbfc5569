"""Allele frequencies of one population at one marker, with the rule for alleles that were never seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

SUM_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class MarkerFrequencies:
    """Frequencies of the alleles of one marker in one population.

    Args:
        marker: name of the marker in Cenotaph's spelling.
        alleles: names, each once.
        frequencies: shape ``(len(alleles),)``, as published, summing to about one.
        chromosomes: number of chromosomes counted (``2N``).
        table_minimum: least frequency that the table itself states, 0 where it states none.

    Raises:
        InvalidInput: shapes differ, a frequency is outside [0, 1], or the sum is off by more than 0.02.
    """

    marker: str
    alleles: tuple[str, ...]
    frequencies: NDArray[np.float64]
    chromosomes: int
    table_minimum: float = 0.0

    def __post_init__(self) -> None:
        where = f"frequencies of {self.marker}"
        if len(set(self.alleles)) != len(self.alleles) or len(self.alleles) != len(self.frequencies):
            raise InvalidInput("alleles must be distinct and each have one frequency", where=where)
        if np.any(self.frequencies < 0) or np.any(self.frequencies > 1):
            raise InvalidInput("a frequency is outside [0, 1]", where=where)
        if abs(float(self.frequencies.sum()) - 1.0) > SUM_TOLERANCE:
            raise InvalidInput("frequencies do not sum to one", found=float(self.frequencies.sum()), where=where)

    @property
    def minimum(self) -> float:
        """Frequency given to an allele that the table does not carry: max(5/2N, the table's own minimum).

        Source: NRC II (1996), five copies; here ``chromosomes`` is 2N.

        >>> MarkerFrequencies("TH01", ("6", "7"), np.array([0.5, 0.5]), chromosomes=1000).minimum
        0.005
        """
        return max(5.0 / self.chromosomes, self.table_minimum)

    def with_alleles(self, names: tuple[str, ...]) -> MarkerFrequencies:
        """The same table with *names* added at the minimum and rare alleles raised to it, rescaled to sum one.

        >>> table = MarkerFrequencies("TH01", ("6", "7"), np.array([0.5, 0.5]), chromosomes=100)
        >>> wider = table.with_alleles(("9.3",))
        >>> wider.alleles, [round(float(x), 4) for x in wider.frequencies]
        (('6', '7', '9.3'), [0.4762, 0.4762, 0.0476])
        """
        added = tuple(sorted({a for a in names if a not in self.alleles}, key=allele_order))
        raised = np.maximum(np.append(self.frequencies, np.zeros(len(added))), self.minimum)
        return MarkerFrequencies(
            self.marker, self.alleles + added, raised / raised.sum(), self.chromosomes, self.table_minimum
        )


@dataclass(frozen=True, slots=True)
class FrequencyTable:
    """One population's frequencies at all its markers, with the origin that every result names."""

    name: str
    population: str
    source: str
    markers: Mapping[str, MarkerFrequencies]


def allele_order(name: str) -> tuple[float, str]:
    """Sort key: repeat number, then text; ``X`` and other words come last.

    >>> sorted(["10", "9.3", "9", "X"], key=allele_order)
    ['9', '9.3', '10', 'X']
    """
    try:
        return float(name), name
    except ValueError:
        return float("inf"), name


def allele_pairs(alleles: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lower and higher allele of each unordered genotype: 0/0, 0/1, 1/1, 0/2, …

    >>> [pair.tolist() for pair in allele_pairs(2)]
    [[0, 0, 1], [0, 1, 1]]
    """
    high, low = np.tril_indices(alleles)
    return low.astype(np.int64), high.astype(np.int64)


def genotype_frequencies(frequencies: NDArray[np.float64], theta: float) -> NDArray[np.float64]:
    """Frequency of each unordered genotype, in the order of `allele_pairs`, in a structured population.

    ``P(aa) = p_a (θ + (1 − θ) p_a)``, ``P(ab) = 2 (1 − θ) p_a p_b``.

    Source: Balding & Nichols (1994), Forensic Sci Int 64:125.

    >>> genotype_frequencies(np.array([0.5, 0.5]), 0.1).round(4).tolist()
    [0.275, 0.45, 0.275]
    """
    low, high = allele_pairs(len(frequencies))
    p, q = frequencies[low], frequencies[high]
    result: NDArray[np.float64] = np.where(low == high, p * (theta + (1 - theta) * p), 2 * (1 - theta) * p * q)
    return result
