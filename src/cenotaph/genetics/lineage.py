"""Unbroken maternal and paternal lines of a pedigree: who shares mitochondrial DNA, who shares the Y chromosome.

Parents are integer arrays with -1 for none, as in :class:`cenotaph.genetics.pedigree.Pedigree`; sex is 1 for male,
2 for female, 0 for unknown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MALE = 1


def _meioses_on_line(parent: NDArray[np.int64], i: int, j: int) -> int:
    """Steps from *i* up to the nearest common member of both lines and down to *j*; -1 where there is none."""
    up: dict[int, int] = {}
    person, steps = i, 0
    while person >= 0 and person not in up:
        up[person] = steps
        person, steps = int(parent[person]), steps + 1
    person, steps = j, 0
    while person >= 0 and steps <= len(parent):
        if person in up:
            return up[person] + steps
        person, steps = int(parent[person]), steps + 1
    return -1


def maternal_meioses(
    father: NDArray[np.int64], mother: NDArray[np.int64], sex: NDArray[np.int64], i: int, j: int
) -> int:
    """Maternal transmissions between *i* and *j*, -1 if no unbroken maternal line joins them.

    Args:
        father, mother, sex: (n,) arrays of the pedigree. Everybody has mitochondrial DNA, so only *mother* matters.
        i, j: members.

    >>> father, mother = np.array([-1, -1, 0, 0]), np.array([-1, -1, 1, 1])
    >>> sex = np.array([1, 2, 1, 2])
    >>> maternal_meioses(father, mother, sex, 2, 3), maternal_meioses(father, mother, sex, 0, 2)
    (2, -1)
    """
    return _meioses_on_line(mother, i, j)


def paternal_meioses(
    father: NDArray[np.int64], mother: NDArray[np.int64], sex: NDArray[np.int64], i: int, j: int
) -> int:
    """Paternal transmissions between two males *i* and *j*, -1 if no unbroken paternal line joins them.

    >>> father, mother = np.array([-1, -1, 0, 0]), np.array([-1, -1, 1, 1])
    >>> sex = np.array([1, 2, 1, 2])
    >>> paternal_meioses(father, mother, sex, 0, 2), paternal_meioses(father, mother, sex, 2, 3)
    (1, -1)
    """
    if sex[i] != MALE or sex[j] != MALE:
        return -1
    return _meioses_on_line(father, i, j)


def kinship(father: NDArray[np.int64], mother: NDArray[np.int64], i: int, j: int) -> float:
    """Coefficient of kinship: the probability that an allele of *i* and one of *j* come from one founder's allele.

    φ(i, i) = ½ (1 + φ(father, mother)); φ(i, j) = ½ (φ(father of i, j) + φ(mother of i, j)) where j does not descend
    from i; founders are unrelated. Source: Malécot (1948), Les mathématiques de l'hérédité.

    Args:
        father, mother: index of each person's parents, −1 for a founder.
        i, j: persons.

    >>> father, mother = np.array([-1, -1, 0, 0]), np.array([-1, -1, 1, 1])
    >>> kinship(father, mother, 2, 3), kinship(father, mother, 0, 3), kinship(father, mother, 0, 1)
    (0.25, 0.25, 0.0)
    """
    if i < 0 or j < 0:
        return 0.0
    if i == j:
        return 0.5 * (1 + kinship(father, mother, int(father[i]), int(mother[i])))
    # Up from the younger of the two: he is no ancestor of the other.
    if _generation(father, mother, i) < _generation(father, mother, j):
        i, j = j, i
    return 0.5 * (kinship(father, mother, int(father[i]), j) + kinship(father, mother, int(mother[i]), j))


def _generation(father: NDArray[np.int64], mother: NDArray[np.int64], i: int) -> int:
    """Length of the longest way up to a founder."""
    return 0 if i < 0 else 1 + max(_generation(father, mother, int(p)) for p in (father[i], mother[i]))
