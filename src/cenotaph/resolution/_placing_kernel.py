"""Compiled Gibbs sweeps; called by `cenotaph.resolution.placing`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True)
def sweep_places(
    weight: Floats, start: Ints, clashing: Ints, clash: float, uniform: Floats, burn: int, place: Ints, out: Floats
) -> None:
    """Draw the place of every item in turn, given all others; *out* gets the mean of the conditional probabilities.

    Args:
        weight: shape (items, places), rows of maximum one; the last place is shared with nobody.
        start, clashing: items that clash with item i are ``clashing[start[i]:start[i + 1]]``.
        clash: factor for each clashing item in the same place.
        uniform: shape (sweeps, items), draws in [0, 1).
        burn: sweeps that are not counted.
        place: shape (items,), the state; changed.
        out: shape (items, places), zeros.
    """
    sweeps, items = uniform.shape
    places = weight.shape[1]
    p = np.empty(places)
    for sweep in range(sweeps):
        for i in range(items):
            total = 0.0
            for k in range(places):
                p[k] = weight[i, k]
                total += p[k]
            for x in range(start[i], start[i + 1]):
                k = place[clashing[x]]
                if k < places - 1:
                    total -= p[k] * (1.0 - clash)
                    p[k] *= clash
            aim, k = uniform[sweep, i] * total, 0
            while k < places - 1 and aim >= p[k]:
                aim -= p[k]
                k += 1
            place[i] = k
            if sweep >= burn:
                for k in range(places):
                    out[i, k] += p[k] / total
    out /= sweeps - burn
