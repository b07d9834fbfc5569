"""Genotype distribution of a missing person given the typed relatives, for many families at once.

Once a family has its table ``P(genotype of the missing | relatives)`` at every marker, the likelihood of any profile
against that family is a look-up (`cenotaph.genetics.search`). Tables are made by Elston–Stewart peeling
over nuclear families, with the transmission of each allele factorised: a child with potential ``C[p, m]`` (paternal,
maternal allele) sends ``C' = F C Mᵀ`` to its parents, F and M being the mutation matrices of father and
mother, and a parental pair ``ab × cd`` sees ``¼ (C'[a,c] + C'[a,d] + C'[b,c] + C'[b,d])``.

Pedigrees with loops are not for this file (`plan_peeling` raises `Unsupported`): `cenotaph.genetics.peeling`
takes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import Unsupported

FATHER, MOTHER, CHILD = 0, 1, 2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeelingPlan:
    """Order in which the nuclear families of one pedigree are peeled towards one person.

    Args:
        target: index of the person whose distribution is wanted.
        founder: shape (n,), 1 where the person's parents are not in the pedigree.
        steps: shape (s, 5): role of the pivot, father, mother, first and last+1 position in *children*.
        pivots: shape (s,), the person who receives the message.
        children: the children of each step other than the pivot.
    """

    target: int
    founder: Ints
    steps: Ints
    pivots: Ints
    children: Ints


@dataclass(frozen=True, slots=True)
class MarkerModel:
    """Alleles, frequencies and mutation at each marker, for each population.

    Args:
        markers: names, L of them.
        alleles: names of the alleles of each marker, in order of repeat number.
        frequencies: shape (P, L, K), zero beyond a marker's alleles.
        mutation_male, mutation_female: shape (P, L, K, K), ``[i, j] = P(i is transmitted as j)``.
    """

    markers: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    frequencies: Floats
    mutation_male: Floats
    mutation_female: Floats

    @property
    def allele_counts(self) -> Ints:
        """Number of alleles K of each marker."""
        return np.array([len(a) for a in self.alleles], dtype=np.int64)

    def at(self, marker: int) -> MarkerModel:
        """The model of one marker alone."""
        one = slice(marker, marker + 1)
        k = len(self.alleles[marker])
        return MarkerModel(
            self.markers[one],
            self.alleles[one],
            self.frequencies[:, one, :k],
            self.mutation_male[:, one, :k, :k],
            self.mutation_female[:, one, :k, :k],
        )

    @property
    def offsets(self) -> Ints:
        """Position of each marker's first genotype in a table row; the last entry is the row's length.

        Genotype ``a/b`` with ``a ≤ b`` stands at ``offsets[marker] + b (b + 1) / 2 + a``.
        """
        k = self.allele_counts
        return np.concatenate([[0], np.cumsum(k * (k + 1) // 2)]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class FamilyTables:
    """Tables of many families.

    Args:
        tables: shape (families, offsets[-1]), each marker's genotypes sum to one.
        loglik: shape (families, L), natural log of the likelihood of the relatives' genotypes.
    """

    tables: NDArray[np.float32]
    loglik: Floats


def genotype_index(a: int, b: int) -> int:
    """Index of the unordered genotype of alleles *a* and *b*.

    >>> [genotype_index(a, b) for a, b in [(0, 0), (0, 1), (1, 1), (2, 0)]]
    [0, 1, 2, 3]
    """
    low, high = (a, b) if a <= b else (b, a)
    return high * (high + 1) // 2 + low


def plan_peeling(father: Ints, mother: Ints, observed: NDArray[np.bool_], target: int) -> PeelingPlan:
    """Find an order of peeling that ends at *target*.

    Persons without observation and without observed descendants are left out: they change nothing.

    Args:
        father, mother: shape (n,), index of the parent or −1.
        observed: shape (n,), whether anything is known of the person's genotype.
        target: person at whom the peeling ends.

    Raises:
        Unsupported: the pedigree has a loop.
    """
    kept = _informative(father, mother, observed, target)
    families: dict[tuple[int, int], list[int]] = {}
    for child in (int(i) for i in np.flatnonzero(kept)):
        if father[child] >= 0:
            families.setdefault((int(father[child]), int(mother[child])), []).append(child)
    of_person: dict[int, list[tuple[int, int]]] = {}
    for couple, children in families.items():
        for person in (*couple, *children):
            of_person.setdefault(person, []).append(couple)

    steps: list[tuple[int, int, int, int, int]] = []
    pivots: list[int] = []
    others: list[int] = []
    seen_people = {target}
    seen_families: set[tuple[int, int]] = set()
    # Depth first from the target; each family is emitted after all that hang below it.
    stack: list[tuple[tuple[int, int], int, bool]] = [(c, target, False) for c in of_person.get(target, [])]
    while stack:
        couple, pivot, done = stack.pop()
        children = families[couple]
        if done:
            rest = [c for c in children if c != pivot]
            role = CHILD if pivot in children else (FATHER if pivot == couple[0] else MOTHER)
            steps.append((role, couple[0], couple[1], len(others), len(others) + len(rest)))
            pivots.append(pivot)
            others.extend(rest)
            continue
        if couple in seen_families:
            raise Unsupported("the pedigree has a loop: family tables need one without")
        seen_families.add(couple)
        stack.append((couple, pivot, True))
        for person in (*couple, *children):
            if person == pivot:
                continue
            if person in seen_people:
                raise Unsupported("the pedigree has a loop: family tables need one without")
            seen_people.add(person)
            stack.extend((c, person, False) for c in of_person[person] if c != couple)
    founder = np.where((father < 0) | ~np.isin(np.arange(len(father)), list(seen_people)), 1, 0).astype(np.int64)
    return PeelingPlan(
        target,
        founder,
        np.array(steps, dtype=np.int64).reshape(-1, 5),
        np.array(pivots, dtype=np.int64),
        np.array(others, dtype=np.int64),
    )


def _informative(father: Ints, mother: Ints, observed: NDArray[np.bool_], target: int) -> NDArray[np.bool_]:
    """Who is observed, the target, or an ancestor of one of these."""
    kept = observed.copy()
    kept[target] = True
    stack = [int(i) for i in np.flatnonzero(kept)]
    while stack:
        person = stack.pop()
        for parent in (int(father[person]), int(mother[person])):
            if parent >= 0 and not kept[parent]:
                kept[parent] = True
                stack.append(parent)
    return kept


def family_tables(
    model: MarkerModel,
    plans: list[PeelingPlan],
    population: Ints,
    genotypes: list[NDArray[np.int16]],
    *,
    call_errors: list[Floats],
) -> FamilyTables:
    """``P(genotype of the target | genotypes of the relatives)`` for each family.

    Args:
        model: alleles, frequencies and mutation.
        plans: one per family.
        population: shape (families,), index into the model's populations.
        genotypes: per family shape (n, L, 2), allele indices, −1 not observed; ``(a, −1)`` contains *a*.
        call_errors: per family shape (n,), probability that a person's recorded genotype is another one, spread evenly
            over all genotypes.

    Returns:
        Tables in the order of *plans*.

    Cost:
        K⁴/4 a marker for a couple with several informative children, K³ else; in parallel over families. Where
        mutation is absent or proportional, alleles unseen in the family are lumped, which is exact.
    """
    from cenotaph.genetics import _family_kernel as kernel

    def starts(sizes: list[int]) -> Ints:
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    offsets = model.offsets
    tables = np.zeros((len(plans), int(offsets[-1])), dtype=np.float32)
    loglik = np.zeros((len(plans), len(model.markers)))
    if not plans:
        return FamilyTables(tables, loglik)
    kernel.peel_families(
        starts([len(p.founder) for p in plans]),
        np.concatenate([p.founder for p in plans]),
        starts([len(p.steps) for p in plans]),
        np.concatenate([p.steps for p in plans]),
        np.concatenate([p.pivots for p in plans]),
        starts([len(p.children) for p in plans]),
        np.concatenate([p.children for p in plans]),
        np.array([p.target for p in plans], dtype=np.int64),
        np.ascontiguousarray(population, dtype=np.int64),
        np.concatenate(genotypes).astype(np.int16),
        model.allele_counts,
        offsets,
        np.ascontiguousarray(model.frequencies),
        np.ascontiguousarray(model.mutation_male),
        np.ascontiguousarray(model.mutation_female),
        _lumpable(model),
        np.concatenate(call_errors).astype(np.float64),
        tables,
        loglik,
    )
    return FamilyTables(tables, loglik)


def _lumpable(model: MarkerModel) -> NDArray[np.bool_]:
    """Where both matrices are ``(1 − a) I + a 1 pᵀ``, so that unseen alleles may be lumped and spread again by p."""
    populations, markers = model.frequencies.shape[:2]
    result = np.zeros((populations, markers), dtype=np.bool_)
    for i in range(populations):
        for m, k in enumerate(model.allele_counts):
            p = model.frequencies[i, m, :k]
            result[i, m] = all(
                _is_proportional(matrix[i, m, :k, :k], p) for matrix in (model.mutation_male, model.mutation_female)
            )
    return result


def _is_proportional(matrix: Floats, p: Floats) -> bool:
    off = ~np.eye(len(p), dtype=bool)
    if np.any(p <= 0):
        return bool(np.all(matrix[off] == 0))
    ratio = (matrix / p)[off]
    return bool(np.all(np.abs(ratio - ratio[0]) <= 1e-12 * max(1.0, abs(float(ratio[0])))))
