"""How a missing man may share chromosomes with typed relatives: a small exact chain along the genome.

The inheritance vector says of every meiosis of a pedigree which grandparental allele it passed on (Lander and Green).
Along a chromosome it is a Markov chain: each meiosis switches with the recombination fraction. The data of all SNPs
depend on it only through the *pattern*: who carries which founder allele, up to the names of these alleles. Vectors are
lumped into the coarsest classes that have one pattern each and form a Markov chain again, for every recombination
fraction (Kemeny and Snell's strong lumpability). Nothing is approximated: two brothers need 3 classes instead of 16
vectors.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import Unsupported

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_BITS = 9
"""Free meioses of a pedigree that is treated exactly."""
MOST_CLASSES = 48
MOST_ALLELES = 12
"""Founder alleles among those who matter, summed over at each SNP."""
_PROBES = (0.137, 0.311)
"""Recombination fractions at which two vectors must behave alike to be lumped; any generic values do."""


@dataclass(frozen=True, slots=True)
class InheritanceChain:
    """The lumped chain of one pedigree, one missing man and his typed relatives.

    Args:
        persons: nodes in the order of *patterns*: the typed relatives, then the man.
        patterns: shape (u, persons, 2), founder alleles of each person, numbered from 0 within a pattern.
        alleles: shape (u,), number of founder alleles of each pattern.
        pattern_of: shape (c,), the pattern of each class.
        start: shape (c,), stationary probability of each class.
        masks: one for each meiosis that can change the vector: the bits that it flips.
        class_of: shape (2**bits,), class of each vector.
        vector_of: shape (c,), a vector of each class.
    """

    persons: tuple[int, ...]
    patterns: Ints
    alleles: Ints
    pattern_of: Ints
    start: Floats
    masks: tuple[int, ...]
    class_of: Ints
    vector_of: Ints

    def transitions(self, fractions: Floats) -> NDArray[np.float32]:
        """P(class, next class) for each recombination fraction, shape (n, c, c).

        >>> father, mother = np.array([-1, -1, 0, 0]), np.array([-1, -1, 1, 1])
        >>> brothers = inheritance_chain(father, mother, [2], 3)
        >>> len(brothers.start), sorted(brothers.start.tolist())
        (3, [0.25, 0.25, 0.5])
        >>> brothers.transitions(np.array([0.5]))[0].round(2).tolist() == [brothers.start.tolist()] * 3
        True
        """
        displacement = _displacements(self.masks, len(self.class_of), fractions)
        classes = len(self.start)
        result = np.zeros((len(fractions), classes, classes), dtype=np.float32)
        vectors = np.arange(len(self.class_of))
        for row, vector in enumerate(self.vector_of):
            moved = displacement[:, vectors ^ vector]
            for column in range(classes):
                result[:, row, column] = moved[:, self.class_of == column].sum(axis=1)
        return result


def inheritance_chain(father: Ints, mother: Ints, typed: Sequence[int], man: int) -> InheritanceChain:
    """Chain of a pedigree.

    Args:
        father, mother: shape (n,), index of the parent or −1; both or neither.
        typed: relatives with data; the man himself may be among them.
        man: whose genotype is asked for.

    Raises:
        Unsupported: more than `MOST_BITS` free meioses, `MOST_CLASSES` classes or `MOST_ALLELES` founder alleles.

    Source: Lander and Green (1987) PNAS 84:2363; Kruglyak et al. (1996) AJHG 58:1347 (symmetry of founders).
    """
    order = _trimmed(father, mother, {*typed, man})
    is_founder = {i: int(father[i]) not in order for i in order}
    bit_of, masks = _meioses(father, mother, order, is_founder)
    bits = sum(b >= 0 for b in bit_of.values())
    if bits > MOST_BITS:
        raise Unsupported(f"too many meioses between these relatives: {bits}, at most {MOST_BITS}")
    persons = (*(i for i in order if i in set(typed)), man)
    labels = _labels(father, mother, order, is_founder, bit_of, bits, persons)
    rows: dict[tuple[int, ...], int] = {}
    pattern_of_vector = np.array([rows.setdefault(_canonical(row), len(rows)) for row in labels])
    patterns = np.array(list(rows), dtype=np.int64).reshape(len(rows), len(persons), 2)
    alleles = patterns.max(axis=(1, 2)) + 1
    if alleles.max() > MOST_ALLELES:
        raise Unsupported(f"too many founder alleles: {int(alleles.max())}, at most {MOST_ALLELES}")
    class_of = _lumped(pattern_of_vector, masks)
    classes = int(class_of.max()) + 1
    if classes > MOST_CLASSES:
        raise Unsupported(f"too many classes of inheritance: {classes}, at most {MOST_CLASSES}")
    vector_of = np.array([int(np.argmax(class_of == c)) for c in range(classes)])
    start = np.bincount(class_of) / len(class_of)
    return InheritanceChain(persons, patterns, alleles, pattern_of_vector[vector_of], start, masks, class_of, vector_of)


def _trimmed(father: Ints, mother: Ints, wanted: set[int]) -> list[int]:
    """Those who matter, parents before children: ancestors of the wanted, without founder couples of one child."""
    kept, stack = set(wanted), list(wanted)
    while stack:
        for parent in (int(father[stack[-1]]), int(mother[stack.pop()])):
            if parent >= 0 and parent not in kept:
                kept.add(parent)
                stack.append(parent)
    while True:
        couples = [(int(father[i]), int(mother[i])) for i in kept if int(father[i]) in kept]
        children = Counter(p for couple in couples for p in couple)
        idle = {p for p, n in children.items() if n == 1 and p not in wanted and int(father[p]) not in kept}
        gone = {p for couple in couples if idle.issuperset(couple) for p in couple}
        if not gone:
            break
        kept -= gone
    order: list[int] = []
    waiting = sorted(kept)
    while waiting:
        placed = set(order)
        ready = [i for i in waiting if int(father[i]) not in kept or {int(father[i]), int(mother[i])} <= placed]
        order += ready
        waiting = [i for i in waiting if i not in set(ready)]
    return order


def _meioses(
    father: Ints, mother: Ints, order: list[int], is_founder: dict[int, bool]
) -> tuple[dict[tuple[int, int], int], tuple[int, ...]]:
    """Bit of each (child, side), −1 for the one meiosis of each founder that names his alleles; masks of all."""
    of_parent: dict[int, list[tuple[int, int]]] = {}
    for child in order:
        if not is_founder[child]:
            for side, parent in enumerate((int(father[child]), int(mother[child]))):
                of_parent.setdefault(parent, []).append((child, side))
    bit_of: dict[tuple[int, int], int] = {}
    masks: list[int] = []
    free = 0
    for parent, meioses in of_parent.items():
        own = []
        for k, meiosis in enumerate(meioses):
            if k == 0 and is_founder[parent]:
                bit_of[meiosis] = -1
                continue
            bit_of[meiosis] = free
            own.append(1 << free)
            free += 1
        masks += own
        if is_founder[parent] and own:
            masks.append(sum(own))
    return bit_of, tuple(masks)


def _labels(
    father: Ints,
    mother: Ints,
    order: list[int],
    is_founder: dict[int, bool],
    bit_of: dict[tuple[int, int], int],
    bits: int,
    persons: tuple[int, ...],
) -> list[tuple[int, ...]]:
    """Founder alleles of the persons under each vector."""
    result = []
    for vector in range(1 << bits):
        of: dict[int, tuple[int, int]] = {}
        for i in order:
            if is_founder[i]:
                of[i] = (2 * i, 2 * i + 1)
            else:
                picked = [
                    of[int(parent[i])][vector >> bit & 1 if (bit := bit_of[i, side]) >= 0 else 0]
                    for side, parent in enumerate((father, mother))
                ]
                of[i] = (picked[0], picked[1])
        result.append(tuple(a for p in persons for a in of[p]))
    return result


def _canonical(labels: tuple[int, ...]) -> tuple[int, ...]:
    """Founder alleles renamed by first appearance, each person's two alleles in the order that comes out least."""
    pairs = [labels[k : k + 2] for k in range(0, len(labels), 2)]
    best: tuple[int, ...] | None = None
    for turned in itertools.product((False, True), repeat=len(pairs)):
        names: dict[int, int] = {}
        row = tuple(
            names.setdefault(a, len(names))
            for pair, turn in zip(pairs, turned, strict=True)
            for a in (pair[::-1] if turn else pair)
        )
        if best is None or row < best:
            best = row
    assert best is not None
    return best


def _lumped(pattern: Ints, masks: tuple[int, ...]) -> Ints:
    """Coarsest partition into classes of one pattern that is a Markov chain at every recombination fraction."""
    size = len(pattern)
    vectors = np.arange(size)
    chains = [d[vectors[:, None] ^ vectors[None, :]] for d in _displacements(masks, size, np.array(_PROBES))]
    class_of = np.asarray(pattern, dtype=np.int64)
    while True:
        member = np.eye(int(class_of.max()) + 1)[class_of]
        behaviour = np.hstack([class_of[:, None], *(np.round(chain @ member, 10) for chain in chains)])
        refined = np.unique(behaviour, axis=0, return_inverse=True)[1].ravel()
        if refined.max() == class_of.max():
            return refined.astype(np.int64)
        class_of = refined


def _displacements(masks: tuple[int, ...], size: int, fractions: Floats) -> Floats:
    """Shape (n, size): distribution of the bits that have flipped after one step."""
    result = np.zeros((len(fractions), size))
    result[:, 0] = 1.0
    vectors = np.arange(size)
    theta = fractions[:, None]
    for mask in masks:
        result = (1 - theta) * result + theta * result[:, vectors ^ mask]
    return result
