"""Identity by descent between two members: kinship, inbreeding, kappa, and the condensed identity coefficients.

A person's paternal gene is one of the father's two genes, each with probability one half. Following the four genes of
two people upwards, youngest person first, until all are founders' genes gives the distribution of their partition into
classes of identical genes, in any pedigree. On the X chromosome a man has one gene, his mother's.

Sources: Jacquard (1974), The Genetic Structure of Populations; Karigl (1981) Ann Hum Genet 45:299.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.pedigree import MALE, Pedigree

Gene = tuple[int, int]
Partition = tuple[int, ...]

PATERNAL, MATERNAL = 0, 1
ONE_OF_TWO, APART = 2, 3

CONDENSED: dict[Partition, int] = {
    (0, 0, 0, 0): 1,
    (0, 0, 1, 1): 2,
    (0, 0, 0, 1): 3,
    (0, 0, 1, 0): 3,
    (0, 0, 1, 2): 4,
    (0, 1, 0, 0): 5,
    (0, 1, 1, 1): 5,
    (0, 1, 2, 2): 6,
    (0, 1, 0, 1): 7,
    (0, 1, 1, 0): 7,
    (0, 1, 0, 2): 8,
    (0, 1, 2, 0): 8,
    (0, 1, 1, 2): 8,
    (0, 1, 2, 1): 8,
    (0, 1, 2, 3): 9,
}
"""Condensed identity state of each partition of (a1, a2, b1, b2)."""

REPRESENTATIVE: dict[int, Partition] = {state: p for p, state in reversed(list(CONDENSED.items()))}
"""One partition for each condensed state."""


@dataclass(frozen=True, slots=True, eq=False)
class IdentityCoefficients:
    """Identity by descent of a pair.

    Args:
        condensed: shape ``(9,)``, Jacquard's Δ1 … Δ9. For a man's X both genes of a pair of slots are the same one.
        kinship: probability that a random gene of one and a random gene of the other are identical.
        inbreeding: of the first and of the second, probability that the two genes are identical.
        kappa: shape ``(3,)``, probability that 0, 1, 2 genes are shared; nan where not defined (inbred; on X two
            shared genes if one of the pair is a man).
    """

    condensed: NDArray[np.float64]
    kinship: float
    inbreeding: tuple[float, float]
    kappa: NDArray[np.float64]


def identity_coefficients(
    pedigree: Pedigree, first: str, second: str, *, x_linked: bool = False
) -> IdentityCoefficients:
    """Identity coefficients of two members.

    >>> sibs = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("A", "F", "M", 1), ("B", "F", "M", 1)])
    >>> identity_coefficients(sibs, "A", "B").kappa.tolist()
    [0.25, 0.5, 0.25]
    """
    a, b = pedigree.index(first), pedigree.index(second)
    genes = [*_genes(pedigree, a, x_linked), *_genes(pedigree, b, x_linked)]
    partitions = gene_partitions(pedigree, genes, x_linked=x_linked)
    condensed = np.zeros(9)
    for partition, probability in partitions.items():
        condensed[CONDENSED[partition] - 1] += probability
    kinship = sum(
        probability * np.mean([p == q for p in partition[:2] for q in partition[2:]])
        for partition, probability in partitions.items()
    )
    inbreeding = (float(condensed[:4].sum()), float(condensed[[0, 1, 4, 5]].sum()))
    men = tuple(x_linked and pedigree.sex[i] == MALE for i in (a, b))
    return IdentityCoefficients(condensed, float(kinship), inbreeding, _kappa(condensed, inbreeding, men))


def _kappa(
    condensed: NDArray[np.float64], inbreeding: tuple[float, float], men: tuple[bool, ...]
) -> NDArray[np.float64]:
    if any(f > 0 and not man for f, man in zip(inbreeding, men, strict=True)):
        return np.full(3, np.nan)
    if not any(men):
        return condensed[[8, 7, 6]]
    shared = condensed[0] + condensed[2] + condensed[4]
    return np.array([1 - shared, shared, np.nan])


def gene_partitions(pedigree: Pedigree, genes: list[Gene], *, x_linked: bool = False) -> dict[Partition, float]:
    """Probability of each partition of some genes into classes identical by descent.

    Args:
        genes: (index of the member, 0 paternal or 1 maternal).

    Returns:
        Partitions as labels in the order of ``genes``, numbered from 0 by first appearance.
    """
    rank = {int(i): k for k, i in enumerate(pedigree.order)}
    inbreeding = pedigree.founder_inbreeding_x if x_linked else pedigree.founder_inbreeding
    memo: dict[tuple[Gene, ...], dict[Partition, float]] = {}

    def follow(state: tuple[Gene, ...]) -> dict[Partition, float]:
        if state not in memo:
            total: dict[Partition, float] = {}
            for weight, next_state in alternatives(state):
                for partition, probability in follow(next_state).items():
                    total[partition] = total.get(partition, 0.0) + weight * probability
            memo[state] = total or {_labels(state): 1.0}
        return memo[state]

    def alternatives(state: tuple[Gene, ...]) -> list[tuple[float, tuple[Gene, ...]]]:
        youngest = max(set(state), key=lambda gene: (rank[gene[0]], gene[1]))
        person, side = youngest
        parent = int(pedigree.mother[person] if side == 1 else pedigree.father[person])
        if parent >= 0:
            sources = _genes(pedigree, parent, x_linked)
            return [(0.5, tuple(source if g == youngest else g for g in state)) for source in sources]
        for founder in sorted({g[0] for g in state}):
            f = float(inbreeding[founder])
            if f > 0 and {(founder, PATERNAL), (founder, MATERNAL)} <= set(state):
                one = tuple((founder, ONE_OF_TWO) if g[0] == founder else g for g in state)
                two = tuple((founder, g[1] + APART) if g[0] == founder else g for g in state)
                return [(f, one), (1 - f, two)]
        return []

    return follow(tuple(genes))


def _labels(state: tuple[Gene, ...]) -> Partition:
    first = {gene: k for k, gene in enumerate(dict.fromkeys(state))}
    return tuple(first[gene] for gene in state)


def kinship_matrix(pedigree: Pedigree, *, x_linked: bool = False) -> NDArray[np.float64]:
    """Kinship of all pairs, shape ``(n, n)``; on the diagonal (1 + inbreeding) / 2, or 1 for a man's X.

    >>> trio = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> kinship_matrix(trio)[2].tolist()
    [0.25, 0.25, 0.5]
    """
    n = len(pedigree)
    phi = np.zeros((n, n))
    inbreeding = pedigree.founder_inbreeding_x if x_linked else pedigree.founder_inbreeding
    done: list[int] = []
    for i in pedigree.order.tolist():
        father, mother = int(pedigree.father[i]), int(pedigree.mother[i])
        man = x_linked and pedigree.sex[i] == MALE
        own = float(inbreeding[i]) if father < 0 else float(phi[father, mother])
        if father >= 0:
            row = phi[mother, done] if man else (phi[father, done] + phi[mother, done]) / 2
            phi[i, done] = phi[done, i] = row
        phi[i, i] = 1.0 if man else (1 + own) / 2
        done.append(i)
    return phi


def _genes(pedigree: Pedigree, person: int, x_linked: bool) -> list[Gene]:
    if x_linked and pedigree.sex[person] == MALE:
        return [(person, 1), (person, 1)]
    return [(person, 0), (person, 1)]
