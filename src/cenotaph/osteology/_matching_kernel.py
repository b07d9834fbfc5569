"""Compiled walk over matchings. Arrays only; called by `cenotaph.osteology.pairing`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def walk(
    log_lr: NDArray[np.float64],
    proposal: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    picks: NDArray[np.int64],
    uniform: NDArray[np.float64],
    partner_left: NDArray[np.int64],
    partner_right: NDArray[np.int64],
    visits: NDArray[np.int64],
) -> None:
    """Metropolis–Hastings over matchings with density exp(log_weight[size] + Σ log_lr of the pairs).

    A pick (i, j), drawn with probability *proposal*, removes the pair if it is there, makes it if both are free, moves
    the partner if one is, and exchanges partners if neither is. Fills *visits* (by number of pairs) and leaves the last
    state in *partner_left* and *partner_right* (−1 for none).
    """
    columns = log_lr.shape[1]
    size = 0
    for i in range(len(partner_left)):
        if partner_left[i] >= 0:
            size += 1
    for step in range(len(picks)):
        i, j = picks[step] // columns, picks[step] % columns
        a, b = partner_left[i], partner_right[j]
        if a == j:
            gain = log_weight[size - 1] - log_weight[size] - log_lr[i, j]
            if uniform[step] < np.exp(min(gain, 0.0)):
                partner_left[i], partner_right[j] = -1, -1
                size -= 1
        elif a < 0 and b < 0:
            gain = log_weight[size + 1] - log_weight[size] + log_lr[i, j]
            if uniform[step] < np.exp(min(gain, 0.0)):
                partner_left[i], partner_right[j] = j, i
                size += 1
        elif b < 0:
            gain = log_lr[i, j] - log_lr[i, a] + np.log(proposal[i, a] / proposal[i, j])
            if uniform[step] < np.exp(min(gain, 0.0)):
                partner_left[i], partner_right[j], partner_right[a] = j, i, -1
        elif a < 0:
            gain = log_lr[i, j] - log_lr[b, j] + np.log(proposal[b, j] / proposal[i, j])
            if uniform[step] < np.exp(min(gain, 0.0)):
                partner_left[i], partner_right[j], partner_left[b] = j, i, -1
        else:
            gain = log_lr[i, j] + log_lr[b, a] - log_lr[i, a] - log_lr[b, j]
            gain += np.log((proposal[i, a] + proposal[b, j]) / (proposal[i, j] + proposal[b, a]))
            if uniform[step] < np.exp(min(gain, 0.0)):
                partner_left[i], partner_right[j] = j, i
                partner_left[b], partner_right[a] = a, b
        visits[size] += 1
