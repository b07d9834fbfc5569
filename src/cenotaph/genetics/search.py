"""Every profile against every family: log10 LR as a sum of table look-ups, the best kept.

What was observed at a marker is one *observation type*, a vector ``P(observed | genotype)`` over the marker's
genotypes. A type against a family is one number, ``log10 Σ_g P(observed | g) T[g] − log10 Σ_g P(observed | g) B[g]``, T
being the family's table and B the baseline. Computed once per type and family, a profile's LR is the sum of as many
numbers as it has markers. Families lie in blocks of 64, so that the running sums of one profile stay in vector
registers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LookupTable:
    """log10 LR of every observation type against every family.

    Args:
        rows: shape (blocks, types + 1, 64), float32; the last row is zero, for a marker that was not observed; families
            beyond *families* hold −inf in it, so that they are never kept.
        families: number of families.
        type_offsets: first row of each marker's types.
    """

    rows: NDArray[np.float32]
    families: int
    type_offsets: Ints

    @property
    def not_observed(self) -> int:
        """The row for a marker that was not observed."""
        return int(self.rows.shape[1]) - 1


@dataclass(frozen=True, slots=True)
class TopHits:
    """The best families of each profile, best first; −1 and −inf where there are fewer than k.

    Args:
        family: shape (profiles, k).
        log10_lr: shape (profiles, k), float32.
    """

    family: NDArray[np.int32]
    log10_lr: NDArray[np.float32]


def build_lookup(tables: NDArray[np.float32], offsets: Ints, types: list[Floats], baseline: Floats) -> LookupTable:
    """Score each observation type against each family.

    Args:
        tables: shape (F, G), each family's genotype distributions, marker after marker.
        offsets: shape (L + 1,), where each marker begins in G.
        types: per marker, shape (types, genotypes of the marker), ``P(observed | genotype)``.
        baseline: shape (G,), the genotype distribution of the alternative.

    Returns:
        The table; an impossible observation gives −inf.
    """
    families = len(tables)
    blocks = -(-families // BLOCK)
    sizes = [len(t) for t in types]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.zeros((blocks, int(starts[-1]) + 1, BLOCK), dtype=np.float32)
    for m, observed in enumerate(types):
        columns = slice(int(offsets[m]), int(offsets[m + 1]))
        likelihood = observed.astype(np.float32) @ tables[:, columns].T
        alternative = np.log10(observed @ baseline[columns]).astype(np.float32)
        with np.errstate(divide="ignore"):
            scores = np.log10(likelihood) - alternative[:, None]
        padded = np.zeros((len(observed), blocks * BLOCK), dtype=np.float32)
        padded[:, :families] = scores
        rows[:, starts[m] : starts[m + 1]] = padded.reshape(len(observed), blocks, BLOCK).swapaxes(0, 1)
    beyond = np.arange(blocks * BLOCK).reshape(blocks, BLOCK) >= families
    rows[beyond[:, None, :].repeat(rows.shape[1], axis=1)] = -np.inf
    return LookupTable(rows, families, starts[:-1])


def top_hits(table: LookupTable, codes: NDArray[np.int32], k: int = 10) -> TopHits:
    """The k families with the greatest LR for each profile.

    Args:
        table: from `build_lookup`.
        codes: shape (profiles, L), row of *table* for each marker (``not_observed`` where nothing was).
        k: how many to keep.

    Cost:
        about 3 × 10⁸ pairs of 22 markers a second and core; memory for the table and the hits only.
    """
    from cenotaph.genetics import _search_kernel as kernel

    family = np.full((len(codes), k), -1, dtype=np.int32)
    score = np.full((len(codes), k), -np.inf, dtype=np.float32)
    kernel.keep_top(table.rows, np.ascontiguousarray(codes, dtype=np.int32), family, score)
    return TopHits(family, score)
