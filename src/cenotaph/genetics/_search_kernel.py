"""Compiled look-up of profiles against families. Arrays only; called by `cenotaph.genetics.search`."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

TILE = 128
BLOCK = 64


@njit(cache=True)
def _insert(family: NDArray[np.int32], score: NDArray[np.float32], f: int, x: float) -> None:
    """Put (f, x) in its place in a list sorted from best to worst; the worst falls out."""
    i = len(score) - 1
    while i > 0 and score[i - 1] < x:
        score[i] = score[i - 1]
        family[i] = family[i - 1]
        i -= 1
    score[i] = x
    family[i] = f


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def keep_top(
    rows: NDArray[np.float32],
    codes: NDArray[np.int32],
    family: NDArray[np.int32],
    score: NDArray[np.float32],
) -> None:
    """Fill *family* and *score* (profiles, k), best first."""
    n, markers = codes.shape
    k = score.shape[1]
    tiles = (n + TILE - 1) // TILE
    for tile in prange(tiles):
        total = np.empty(BLOCK, dtype=np.float32)
        for block in range(rows.shape[0]):
            for profile in range(tile * TILE, min(n, (tile + 1) * TILE)):
                first = codes[profile, 0]
                for c in range(BLOCK):
                    total[c] = rows[block, first, c]
                for m in range(1, markers):
                    r = codes[profile, m]
                    for c in range(BLOCK):
                        total[c] += rows[block, r, c]
                worst = score[profile, k - 1]
                best = total[0]
                for c in range(1, BLOCK):
                    best = max(best, total[c])
                if best > worst:
                    for c in range(BLOCK):
                        if total[c] > score[profile, k - 1]:
                            _insert(family[profile], score[profile], block * BLOCK + c, total[c])
