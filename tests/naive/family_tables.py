"""Brute force: sum over the ordered genotypes of every member of a pedigree."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray


def genotype_distribution(
    father: list[int],
    mother: list[int],
    observed: list[tuple[int, int] | None],
    target: int,
    p: NDArray[np.float64],
    male: NDArray[np.float64],
    female: NDArray[np.float64],
    error: float,
) -> tuple[NDArray[np.float64], float]:
    """P(unordered genotype of the target | observed), ordered as `genotype_index`; likelihood of the observed."""
    k = len(p)
    pairs = list(product(range(k), repeat=2))
    table = np.zeros(k * (k + 1) // 2)
    for genotypes in product(pairs, repeat=len(father)):
        weight = 1.0
        for person, (pat, mat) in enumerate(genotypes):
            if father[person] < 0:
                weight *= p[pat] * p[mat]
            else:
                f, m = genotypes[father[person]], genotypes[mother[person]]
                weight *= 0.5 * (male[f[0], pat] + male[f[1], pat]) * 0.5 * (female[m[0], mat] + female[m[1], mat])
            seen = observed[person]
            if seen is not None:
                a, b = seen
                right = (a in (pat, mat)) if b < 0 else sorted((a, b)) == sorted((pat, mat))
                weight *= error / (k * (k + 1) // 2) + (1 - error) * right
        low, high = sorted(genotypes[target])
        table[high * (high + 1) // 2 + low] += weight
    return table / table.sum(), float(table.sum())
