"""What one more donor of a family would tell: who can be asked, and what a profile of his would add.

If the individual is the missing person, his genotype is drawn from what is known of it, the relative's genotype from
the family with that, and the family is peeled once more with the relative in it. Markers add up, so that a few draws of
all of them tell the mean and the variance of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np

from cenotaph.errors import Unsupported
from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.case import Family
from cenotaph.evidence.line import Floats, Ints
from cenotaph.genetics.family_table import FamilyTables, family_tables, plan_peeling
from cenotaph.genetics.pedigree import Pedigree
from cenotaph.genetics.relationship import relationship
from cenotaph.identification.prospects import profile_moments

OLDER = 1
"""Generations above a missing person from which a relative is taken to have died; an assumption."""


@dataclass(frozen=True, slots=True)
class Gain:
    """log10 ratio of the autosomal line with the further donor, if the individual is the missing person.

    Args:
        seen, seen_variance: of what was typed of the individual so far.
        complete, complete_variance: of a complete profile.
    """

    seen: float
    seen_variance: float
    complete: float
    complete_variance: float


def pedigree_of(family: Family) -> Pedigree:
    """The family as a pedigree of its ids."""

    def parent(p: int) -> str | None:
        return None if p < 0 else family.ids[p]

    return Pedigree.from_rows(
        (name, parent(int(family.father[i])), parent(int(family.mother[i])), int(family.sex[i]))
        for i, name in enumerate(family.ids)
    )


def generations(family: Family, node: int) -> Ints:
    """Generations of everyone above a person: parents 1, children −1, partners of one child alike; 0 if unrelated."""
    level = {node: 0}
    frontier = [node]
    while frontier:
        one = frontier.pop()
        parents = [int(p) for p in (family.father[one], family.mother[one]) if p >= 0]
        children = np.flatnonzero((family.father == one) | (family.mother == one))
        for other, step in [*((p, 1) for p in parents), *((int(c), -1) for c in children)]:
            if other not in level:
                level[other] = level[one] + step
                frontier.append(other)
    return np.array([level.get(i, 0) for i in range(len(family.ids))], dtype=np.int64)


def who_can_be_asked(family: Family, node: int) -> list[tuple[int, str]]:
    """Relatives by blood without a sample who may be alive, and what they are to the missing person at *node*.

    The record does not say who is alive: everyone of the missing person's own generation or a later one may be.
    """
    pedigree, above = pedigree_of(family), generations(family, node)
    found = []
    for i, name in enumerate(family.ids):
        if i == node or family.men[i] >= 0 or family.samples[i] or above[i] >= OLDER:
            continue
        word = relationship(pedigree, name, family.ids[node])
        if word not in ("unrelated", "spouse"):
            found.append((i, word))
    return found


def donor_gain(
    line: AutosomalLine,
    family: Family,
    node: int,
    relative: int,
    population: int,
    seen: Floats | None,
    rng: np.random.Generator,
    draws: int,
) -> Gain | None:
    """What the relative's profile would add; None where the pedigree has a loop.

    Args:
        line: genotype tables and donors.
        family: the family; *node* is the missing person's, *relative* the further donor's.
        population: the missing person's.
        seen: P(observed of the individual | genotype) up to a factor per marker, None where nothing is.
        rng: draws.
    """
    typed = [i for i in typed_donors(line, family) if i not in (node, relative)]
    known = _genotypes(line, family, typed)
    base = line.baseline[population]
    now = _peeled(line, family, typed, node, population, [known])
    if now is None:
        return None
    family_now = now.tables[0].astype(np.float64)
    own = [_drawn(line, family_now if seen is None else family_now * seen, rng) for _ in range(draws)]
    with_him = [_with(known, node, g) for g in own]
    his = _peeled(line, family, [*typed, node], relative, population, with_him)
    if his is None:
        return None
    with_relative = [_with(known, relative, _drawn(line, t.astype(np.float64), rng)) for t in his.tables]
    then = _peeled(line, family, [*typed, relative], node, population, with_relative)
    if then is None:
        return None
    complete = np.array(
        [_log10_ratio(line, t.astype(np.float64), base, _at(line, g)) for t, g in zip(then.tables, own, strict=True)]
    )
    at_seen = (
        np.zeros_like(complete)
        if seen is None
        else np.array([_log10_ratio(line, t.astype(np.float64), base, seen) for t in then.tables])
    )
    return Gain(*_moments(at_seen), *_moments(complete))


def typed_donors(line: AutosomalLine, family: Family) -> list[int]:
    """Donors with an autosomal profile."""
    return [i for i in family.donors if any(s in line.donor_genotype for s in family.samples[i])]


def without_donor(line: AutosomalLine, man: int, population: int, seen: Floats | None) -> tuple[float, float]:
    """Mean and variance of the ratio of a complete profile as the references are now."""
    table = line.tables[line.column_of_state[line.states.first[man]]].astype(np.float64)
    base = line.baseline[population]
    return profile_moments(table, base, np.ones_like(base) if seen is None else seen, line.offsets)


def _moments(ratios: Floats) -> tuple[float, float]:
    """Mean and variance of the sum over markers, shape (draws, markers); markers are independent."""
    spread = ratios.var(axis=0, ddof=1) if len(ratios) > 1 else np.zeros(ratios.shape[1])
    return float(ratios.mean(axis=0).sum()), float(spread.sum())


def _genotypes(line: AutosomalLine, family: Family, typed: Sequence[int]) -> np.ndarray:
    genotypes = np.full((len(family.ids), len(line.model.markers), 2), -1, dtype=np.int16)
    for node in typed:
        for sample in family.samples[node]:
            if sample in line.donor_genotype:
                genotypes[node] = np.where(genotypes[node][:, :1] < 0, line.donor_genotype[sample], genotypes[node])
    return genotypes


def _with(genotypes: np.ndarray, node: int, own: np.ndarray) -> np.ndarray:
    result = genotypes.copy()
    result[node] = own
    return result


def _peeled(
    line: AutosomalLine,
    family: Family,
    observed: Sequence[int],
    target: int,
    population: int,
    genotypes: Sequence[np.ndarray],
) -> FamilyTables | None:
    """Tables of the target for each set of genotypes."""
    seen = np.zeros(len(family.ids), dtype=np.bool_)
    seen[list(observed)] = True
    try:
        plan = plan_peeling(family.father, family.mother, seen, target)
    except Unsupported:
        return None
    n = len(genotypes)
    errors = np.full(len(family.ids), line.settings.call_error)
    return family_tables(line.model, [plan] * n, np.full(n, population), list(genotypes), call_errors=[errors] * n)


def _drawn(line: AutosomalLine, weight: Floats, rng: np.random.Generator) -> np.ndarray:
    """A genotype at every marker, shape (markers, 2), by weight."""
    found = np.zeros((len(line.model.markers), 2), dtype=np.int16)
    for m in range(len(found)):
        rising = np.cumsum(weight[line.offsets[m] : line.offsets[m + 1]])
        index = min(int(np.searchsorted(rising, rng.random() * rising[-1])), len(rising) - 1)
        # Genotype a/b with a ≤ b stands at b (b + 1) / 2 + a.
        high = (isqrt(8 * index + 1) - 1) // 2
        found[m] = index - high * (high + 1) // 2, high
    return found


def _at(line: AutosomalLine, genotype: np.ndarray) -> Floats:
    """One at the genotype of every marker, zero elsewhere."""
    result = np.zeros(int(line.offsets[-1]))
    low, high = genotype.min(axis=1).astype(np.int64), genotype.max(axis=1).astype(np.int64)
    result[line.offsets[:-1] + high * (high + 1) // 2 + low] = 1.0
    return result


def _log10_ratio(line: AutosomalLine, family: Floats, base: Floats, seen: Floats) -> Floats:
    """Per marker, log10 of P(seen | family) over P(seen | population)."""
    starts = line.offsets[:-1]
    ratio: Floats = np.log10(
        np.maximum(np.add.reduceat(family * seen, starts), 1e-12)
        / np.maximum(np.add.reduceat(base * seen, starts), 1e-12)
    )
    return ratio
