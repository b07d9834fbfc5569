"""Compiled look-up and mixing of hypotheses. Arrays only; called by `cenotaph.genetics.mixed_search`.

Every sum runs in one fixed order whatever the size of the arrays, so that cutting the work elsewhere changes no bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

BLOCK = 64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, parallel=True)
def score_types(
    observed: NDArray[np.float32],
    tables: NDArray[np.float32],
    type_loglik: Floats,
    population: Ints,
    start: int,
    out: NDArray[np.float32],
) -> None:
    """out[block, start + t, c] = ln sum_g observed[t, g] tables[block, g, c], minus the same in c's population."""
    for block in prange(tables.shape[0]):
        total = np.empty(BLOCK, dtype=np.float32)
        for t in range(observed.shape[0]):
            total[:] = 0.0
            for g in range(observed.shape[1]):
                seen = observed[t, g]
                for c in range(BLOCK):
                    total[c] += seen * tables[block, g, c]
            for c in range(BLOCK):
                x = -np.inf if total[c] <= 0.0 else np.log(total[c])
                out[block, start + t, c] = x - type_loglik[t, population[block * BLOCK + c]]


@njit(cache=True, parallel=True)
def add_markers(lookup: NDArray[np.float32], codes: NDArray[np.int32], out: NDArray[np.float32]) -> None:
    """out[row, column] = sum over markers of the look-up; a code of −1 adds nothing."""
    for block in prange(lookup.shape[0]):
        total = np.empty(BLOCK, dtype=np.float32)
        for row in range(codes.shape[0]):
            total[:] = 0.0
            for m in range(codes.shape[1]):
                code = codes[row, m]
                if code >= 0:
                    for c in range(BLOCK):
                        total[c] += lookup[block, code, c]
            for c in range(BLOCK):
                out[row, block * BLOCK + c] = total[c]


@njit(cache=True)
def _mixed_ratio(
    terms: Ints,
    weights: Floats,
    scores: NDArray[np.float32],
    loglik: Floats,
    population: Ints,
    log_weight: Floats,
    begin: int,
    end: int,
    own: int,
    error: float,
) -> float:
    """Weighted mean over terms of the ratio of each term's row, mixed over the hypotheses begin … end − 1."""
    total = 0.0
    for t in range(len(terms)):
        row, ratio = terms[t], 1.0
        if row >= 0:
            ratio = 0.0
            for c in range(begin, end):
                against_own = np.exp(log_weight[c] + loglik[row, population[c]] - loglik[row, own])
                ratio += against_own * ((1.0 - error) * np.exp(np.float64(scores[row, c])) + error)
        total += weights[t, own] * ratio
    return total


@njit(cache=True)
def _may_reach(terms: Ints, scores: NDArray[np.float32], begin: int, end: int, least: float) -> bool:
    for row in terms:
        if row >= 0:
            for c in range(begin, end):
                if scores[row, c] >= least:
                    return True
    return False


@njit(cache=True, parallel=True)
def keep_best(
    scores: NDArray[np.float32],
    loglik: Floats,
    term_start: Ints,
    terms: Ints,
    weights: Floats,
    population: Ints,
    log_weight: Floats,
    man_start: Ints,
    own: Ints,
    error: float,
    least: float,
    man: NDArray[np.int32],
    best: Floats,
) -> None:
    """Fill *man* and *best* (bones, k), log10, best first; of equals the man who comes first."""
    k = best.shape[1]
    for bone in prange(len(term_start) - 1):
        a, b = term_start[bone], term_start[bone + 1]
        for j in range(len(man_start) - 1):
            begin, end = man_start[j], man_start[j + 1]
            # A mean of ratios and of ones is not above the greatest: where none reaches the least, no exponentials.
            plain = population[begin] == own[j] and population[end - 1] == own[j]
            if least > 0.0 and plain and not _may_reach(terms[a:b], scores, begin, end, least - 1e-6):
                continue
            ratio = _mixed_ratio(
                terms[a:b], weights[a:b], scores, loglik, population, log_weight, begin, end, own[j], error
            )
            x = np.log10(ratio) if ratio > 0.0 else -np.inf
            if x * np.log(10.0) < least or x <= best[bone, k - 1]:
                continue
            i = k - 1
            while i > 0 and best[bone, i - 1] < x:
                best[bone, i], man[bone, i] = best[bone, i - 1], man[bone, i - 1]
                i -= 1
            best[bone, i], man[bone, i] = x, j
