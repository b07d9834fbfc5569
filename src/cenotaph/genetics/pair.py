"""Two typed people without mutation: likelihood by shared genes, and an estimate of how many they share."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.identity import REPRESENTATIVE
from cenotaph.genetics.marker import Called, Marker

SHARING_STATES = (9, 8, 7)
"""Condensed identity states in which two people who are not inbred share 0, 1 and 2 genes."""

EM_STEPS = 20_000
EM_TOLERANCE = 1e-13


def sharing_likelihoods(
    markers: Sequence[Marker], first: Mapping[str, Called], second: Mapping[str, Called]
) -> NDArray[np.float64]:
    """P(both genotypes | 0, 1, 2 genes shared), shape ``(markers typed in both, 3)``.

    >>> marker = Marker("M1", ("1", "2"), np.array([0.1, 0.9]))
    >>> same = {"M1": Called("1", "1")}
    >>> sharing_likelihoods([marker], same, same).round(6).tolist()
    [[0.0001, 0.001, 0.01]]
    """
    rows = [
        [_given_state(marker, state, first[marker.name], second[marker.name]) for state in SHARING_STATES]
        for marker in markers
        if marker.name in first and marker.name in second
    ]
    return np.array(rows).reshape(len(rows), 3)


def kappa_loglik(likelihoods: NDArray[np.float64], kappa: NDArray[np.float64]) -> float:
    """Natural log-likelihood of sharing probabilities κ = (κ0, κ1, κ2) over unlinked markers."""
    with np.errstate(divide="ignore"):
        return float(np.log(likelihoods @ np.asarray(kappa)).sum())


def estimate_kappa(likelihoods: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum-likelihood κ, by expectation–maximisation over the whole triangle κ0 + κ1 + κ2 = 1.

    Source: Thompson (1975), Ann Hum Genet 39:173.
    """
    kappa = np.full(3, 1 / 3)
    for _ in range(EM_STEPS):
        joint = likelihoods * kappa
        new: NDArray[np.float64] = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(new - kappa).max() < EM_TOLERANCE:
            return new
        kappa = new
    return kappa


def _given_state(marker: Marker, state: int, first: Called, second: Called) -> float:
    genotypes = []
    for seen in (first, second):
        if seen.first is None or seen.second is None:
            raise InvalidInput("both alleles are needed", found=seen, where=f"marker {marker.name}")
        genotypes.append((marker.index(seen.first), marker.index(seen.second)))
    partition = REPRESENTATIVE[state]
    total = 0.0
    for a, b in itertools.product({genotypes[0], genotypes[0][::-1]}, {genotypes[1], genotypes[1][::-1]}):
        allele_of: dict[int, int] = {}
        slots = zip(partition, (*a, *b), strict=True)
        if all(allele_of.setdefault(label, allele) == allele for label, allele in slots):
            total += float(np.prod(marker.frequencies[list(allele_of.values())]))
    return total
