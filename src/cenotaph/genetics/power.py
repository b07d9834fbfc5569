"""What typing can show before anybody is typed: power of exclusion and expected likelihood ratio at one marker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.kinship import Hypothesis, genotype_distribution, joint_genotype_distribution
from cenotaph.genetics.marker import Marker, Observation
from cenotaph.genetics.pedigree import Pedigree


def missing_person_exclusion_power(
    pedigree: Pedigree, marker: Marker, references: Mapping[str, Observation], missing: str
) -> float:
    """Probability that an unrelated person is excluded as the missing one: sum of P(g) with P(g | references) = 0.

    Alleles are taken never to mutate.

    Source: Vigeland, Marsico, Herrera Piñero, Egeland (2020), Forensic Sci Int Genet 49:102376.

    >>> from cenotaph.genetics.marker import Called
    >>> duo = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> marker = Marker("M1", ("1", "2"), np.array([0.5, 0.5]))
    >>> missing_person_exclusion_power(duo, marker, {"F": Called("1", "1")}, "C")
    0.25
    """
    found = genotype_distribution(pedigree, replace(marker, mutation=None), references, missing)
    p = marker.frequencies
    if len(found.first) == len(p):
        population = p
    else:
        population = p[found.first] * p[found.second] * np.where(found.first == found.second, 1.0, 2.0)
    return float(population[found.probability == 0].sum())


def exclusion_power(
    claim: Hypothesis,
    truth: Hypothesis,
    marker: Marker,
    members: tuple[str, ...],
    references: Mapping[str, Observation] | None = None,
) -> float:
    """Probability under the truth that the genotypes of the members who will be typed are impossible under the claim.

    Alleles are taken never to mutate.

    Source: Egeland, Pinto, Vigeland (2014), Forensic Sci Int Genet 9:65.

    Cost: G ** len(members) genotype combinations, G = K (K + 1) / 2.
    """
    still = replace(marker, mutation=None)
    claimed = genotype_table(claim, still, members, references or {})
    true = genotype_table(truth, still, members, references or {})
    return float(true[claimed == 0].sum())


def expected_lr(
    numerator: Hypothesis,
    denominator: Hypothesis,
    marker: Marker,
    members: tuple[str, ...],
    references: Mapping[str, Observation] | None = None,
) -> float:
    """Mean of the likelihood ratio if the numerator is true: sum P_1(g)² / P_2(g).

    Infinite if the denominator forbids what the numerator allows.
    """
    first = genotype_table(numerator, marker, members, references or {})
    second = genotype_table(denominator, marker, members, references or {})
    seen = first > 0
    with np.errstate(divide="ignore"):
        return float((first[seen] ** 2 / second[seen]).sum())


def genotype_table(
    hypothesis: Hypothesis, marker: Marker, members: tuple[str, ...], references: Mapping[str, Observation]
) -> NDArray[np.float64]:
    """P(genotypes of the members | references, hypothesis), one axis for each member.

    Raises:
        InvalidInput: a member is in no family of the hypothesis.
    """
    order: list[str] = []
    table = np.ones(())
    for family in hypothesis.families:
        here = tuple(m for m in members if m in family)
        if here:
            typed = {p: x for p, x in references.items() if p in family}
            table = np.multiply.outer(table, joint_genotype_distribution(family, marker, typed, here))
            order.extend(here)
    if set(order) != set(members):
        raise InvalidInput("a member is in no family of the hypothesis", found=", ".join(set(members) - set(order)))
    return np.transpose(table, [order.index(m) for m in members])
