"""Compiled sums over groupings. Arrays only; called by `cenotaph.resolution.exact`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True)
def _positive(weight: Floats) -> Ints:
    """Sets of weight above zero. A plain loop: NumPy's own takes seconds to compile."""
    found = np.empty(len(weight), dtype=np.int64)
    count = 0
    for mask in range(len(weight)):
        if weight[mask] > 0.0:
            found[count] = mask
            count += 1
    return found[:count]


@njit(cache=True)
def _take(before: Floats, weight: Floats, parts: Ints, after: Floats) -> None:
    """after[A] = sum over S in A of weight[S] before[A \\ S]: the factor takes a set, or with weight[0] none.

    *parts* are the sets of weight above zero: few, since most sets are impossible.
    """
    for mask in range(len(before)):
        total = 0.0
        for part in parts:
            if part & mask == part:
                total += weight[part] * before[mask ^ part]
        after[mask] = total


@njit(cache=True)
def _partitions(weight: Floats, out: Floats) -> None:
    """out[A] = sum over partitions of A of the product of the weights of the parts."""
    out[0] = 1.0
    for mask in range(1, len(weight)):
        lowest = mask & -mask
        rest = mask ^ lowest
        total = 0.0
        part = rest
        while True:
            total += weight[part | lowest] * out[rest ^ part]
            if part == 0:
                break
            part = (part - 1) & rest
        out[mask] = total


@njit(cache=True)
def _best_partitions(weight: Floats, out: Floats, choice: Ints) -> None:
    """As `_partitions` with the greatest product in place of the sum; choice[A] is the part with A's lowest item."""
    out[0] = 1.0
    for mask in range(1, len(weight)):
        lowest = mask & -mask
        rest = mask ^ lowest
        part = rest
        out[mask] = -1.0
        while True:
            value = weight[part | lowest] * out[rest ^ part]
            if value > out[mask]:
                out[mask] = value
                choice[mask] = part | lowest
            if part == 0:
                break
            part = (part - 1) & rest


@njit(cache=True)
def total_weight(factors: Floats, open_weight: Floats) -> float:
    """Sum of the weights of all groupings."""
    size = len(open_weight)
    before, after = np.zeros(size), np.zeros(size)
    _partitions(open_weight, before)
    for j in range(len(factors)):
        _take(before, factors[j], _positive(factors[j]), after)
        before, after = after, before
    result: float = before[size - 1]
    return result


@njit(cache=True)
def sum_groupings(
    factors: Floats, likeliest: Floats, open_weight: Floats, n: int
) -> tuple[Floats, Floats, float, Ints, Ints]:
    """Posterior of every (factor, set) and every open set, the total weight, and the best grouping.

    A block takes a set in several ways: *factors* has the sum of their weights, *likeliest* the greatest. The weight
    of taking nothing stands at the empty set. Where all weights together vanish, everything is zero.
    """
    m, size = len(factors), len(open_weight)
    full = size - 1
    open_sum = np.zeros(size)
    _partitions(open_weight, open_sum)
    # forward[j]: open groups and factors before j; backward[j]: factors from j on.
    forward = np.zeros((m + 1, size))
    forward[0] = open_sum
    for j in range(m):
        _take(forward[j], factors[j], _positive(factors[j]), forward[j + 1])
    backward = np.zeros((m + 1, size))
    backward[m, 0] = 1.0
    for j in range(m - 1, -1, -1):
        _take(backward[j + 1], factors[j], _positive(factors[j]), backward[j])
    total = forward[m, full]

    posterior = np.zeros((m, size))
    if total == 0.0:
        return posterior, np.zeros(size), total, np.zeros(m, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for j in range(m):
        for taken in _positive(factors[j]):
            rest = full ^ taken
            around = forward[j, 0] * backward[j + 1, rest]
            sub = rest
            while sub:
                around += forward[j, sub] * backward[j + 1, rest ^ sub]
                sub = (sub - 1) & rest
            posterior[j, taken] = factors[j, taken] * around / total
    # An open set leaves everything else to all factors and all other open groups.
    posterior_open = np.zeros(size)
    for part in range(1, size):
        posterior_open[part] = open_weight[part] * forward[m, full ^ part] / total

    best_open = np.zeros(size)
    open_choice = np.zeros(size, dtype=np.int64)
    _best_partitions(open_weight, best_open, open_choice)
    best = np.zeros((m + 1, size))
    choice = np.zeros((m, size), dtype=np.int64)
    best[0] = best_open
    for j in range(m):
        parts = _positive(factors[j])
        for mask in range(size):
            for taken in parts:
                if taken & mask == taken:
                    value = likeliest[j, taken] * best[j, mask ^ taken]
                    if value > best[j + 1, mask]:
                        best[j + 1, mask] = value
                        choice[j, mask] = taken
    chosen_factor = np.zeros(m, dtype=np.int64)
    mask = full
    for j in range(m - 1, -1, -1):
        chosen_factor[j] = choice[j, mask]
        mask ^= choice[j, mask]
    chosen_open = np.zeros(n, dtype=np.int64)
    count = 0
    while mask:
        chosen_open[count] = open_choice[mask]
        mask ^= open_choice[mask]
        count += 1
    return posterior, posterior_open, total, chosen_factor, chosen_open
