"""The likelihood of a family by enumeration: every ordered genotype of every member, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cenotaph.genetics.marker import Marker, Observation, Replicates
from cenotaph.genetics.pedigree import MALE, Pedigree


def naive_likelihood(
    pedigree: Pedigree, marker: Marker, observations: Mapping[str, Observation], theta: float = 0.0
) -> float:
    """P(observations), for pedigrees of a handful of members."""
    return _extend(pedigree, marker, observations, theta, 0, {}, ())


def _extend(
    pedigree: Pedigree,
    marker: Marker,
    observations: Mapping[str, Observation],
    theta: float,
    k: int,
    alleles: dict[int, tuple[int, int]],
    drawn: tuple[int, ...],
) -> float:
    if k == len(pedigree):
        return 1.0
    i = int(pedigree.order[k])
    man = marker.x_linked and pedigree.sex[i] == MALE
    total = 0.0
    for genotype, probability, now_drawn in _ways(pedigree, marker, theta, i, man, alleles, drawn):
        fit = _observed(marker, observations.get(pedigree.ids[i]), genotype, man)
        if probability * fit > 0:
            rest = {**alleles, i: genotype}
            total += probability * fit * _extend(pedigree, marker, observations, theta, k + 1, rest, now_drawn)
    return total


def _ways(
    pedigree: Pedigree,
    marker: Marker,
    theta: float,
    i: int,
    man: bool,
    alleles: dict[int, tuple[int, int]],
    drawn: tuple[int, ...],
) -> Iterator[tuple[tuple[int, int], float, tuple[int, ...]]]:
    size = range(len(marker.alleles))
    father, mother = int(pedigree.father[i]), int(pedigree.mother[i])
    if father >= 0:
        for b in size:
            from_mother = _passed(pedigree, marker, mother, b, alleles, female=True)
            if man:
                yield (b, b), from_mother, drawn
                continue
            for a in size:
                yield (a, b), from_mother * _passed(pedigree, marker, father, a, alleles, female=False), drawn
        return
    inbreeding = float((pedigree.founder_inbreeding_x if marker.x_linked else pedigree.founder_inbreeding)[i])
    for a in size:
        first = _draw(marker, theta, a, drawn)
        if man:
            yield (a, a), first, (*drawn, a)
            continue
        if inbreeding:
            yield (a, a), inbreeding * first, (*drawn, a)
        for b in size:
            both = first * _draw(marker, theta, b, (*drawn, a))
            yield (a, b), (1 - inbreeding) * both, (*drawn, a, b)


def _draw(marker: Marker, theta: float, allele: int, drawn: tuple[int, ...]) -> float:
    p = float(marker.frequencies[allele])
    return (drawn.count(allele) * theta + (1 - theta) * p) / (1 + (len(drawn) - 1) * theta)


def _passed(
    pedigree: Pedigree, marker: Marker, parent: int, allele: int, alleles: dict[int, tuple[int, int]], *, female: bool
) -> float:
    matrix = np.eye(len(marker.alleles))
    if marker.mutation is not None:
        matrix = marker.mutation.female if female else marker.mutation.male
    return float(np.mean([matrix[a, allele] for a in alleles[parent]]))


def _observed(marker: Marker, seen: Observation | None, genotype: tuple[int, int], man: bool) -> float:
    if seen is None:
        return 1.0
    names = [marker.alleles[a] for a in genotype]
    if isinstance(seen, Replicates):
        return _replicates(marker, seen, names[:1] if man else names)
    wanted = [a for a in (seen.first, seen.second) if a is not None]
    if len(wanted) == 1:
        return float(wanted[0] in names)
    silent = marker.alleles[marker.silent] if marker.silent >= 0 else None
    if silent is not None and silent in names and wanted[0] == wanted[1]:
        return float(set(names) - {silent} == {wanted[0]})
    return float(sorted(names) == sorted(wanted))


def _replicates(marker: Marker, seen: Replicates, names: list[str]) -> float:
    product = 1.0
    drop = (1.0, seen.dropout_het, seen.dropout_hom)
    for observed in seen.sets:
        for k, (allele, p) in enumerate(zip(marker.alleles, marker.frequencies, strict=True)):
            if k == marker.silent:
                continue
            unseen = (1 - seen.dropin * p) * drop[names.count(allele)]
            product *= 1 - unseen if allele in observed else unseen
    return product
