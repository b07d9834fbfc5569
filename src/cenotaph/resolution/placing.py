"""Items placed into places that are already there, or alone; two items that clash hardly share a place.

Given the places, items depend on each other through their clashes alone. Items without clashes are exact; the others
are Gibbs sampled, and what is averaged is the conditional probability of every place, not the draws, so that
probabilities close to one are told apart after few sweeps.

Source: Gelfand & Smith (1990), JASA 85:398, on conditional means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cenotaph.resolution.problem import Floats

CHAINS = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Where items belong.

    Args:
        probability: shape (items, places), the last place is *alone*; rows add up to one.
        disagreement: greatest difference between the chains; 0 where nothing was sampled.
    """

    probability: Floats
    disagreement: float


def place_items(
    log_weight: Floats, clashes: Sequence[tuple[int, int]], log_clash: float, *, sweeps: int = 300, seed: int = 0
) -> Places:
    """Posterior of the place of every item.

    p(places) ∝ Π_i w[i, place_i] · exp(log_clash · number of clashing pairs in one place).

    Args:
        log_weight: shape (items, places), natural log; the last column is *alone* and is never shared.
        clashes: pairs of items that clash.
        log_clash: natural log of the factor for two clashing items in one place, at most 0.
        sweeps: of each chain, of which the first fifth is not counted.
        seed: decides the draws.

    >>> two = np.log(np.array([[0.5, 0.5], [0.5, 0.5]]))
    >>> place_items(two, [], 0.0).probability[0].round(3).tolist()
    [0.5, 0.5]
    >>> clashing = place_items(two, [(0, 1)], -np.inf, sweeps=4000).probability  # of four states three are left
    >>> clashing[:, 0].round(1).tolist()
    [0.3, 0.3]
    """
    from cenotaph.resolution._placing_kernel import sweep_places

    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    probability = weight / weight.sum(axis=1, keepdims=True)
    sampled = sorted({i for pair in clashes for i in pair})
    if not sampled:
        return Places(probability, 0.0)
    position = {item: k for k, item in enumerate(sampled)}
    around: list[list[int]] = [[] for _ in sampled]
    for a, b in clashes:
        around[position[a]].append(position[b])
        around[position[b]].append(position[a])
    start = np.concatenate([[0], np.cumsum([len(x) for x in around])]).astype(np.int64)
    clashing = np.array([x for neighbours in around for x in neighbours], dtype=np.int64)
    draws = []
    for chain in range(CHAINS):
        uniform = np.random.default_rng([seed, chain]).random((sweeps, len(sampled)))
        # One chain starts with every item at its best place, the other with every item alone.
        state = weight[sampled].argmax(axis=1) if chain == 0 else np.full(len(sampled), weight.shape[1] - 1)
        out = np.zeros((len(sampled), weight.shape[1]))
        sweep_places(
            weight[sampled],
            start,
            clashing,
            float(np.exp(log_clash)),
            uniform,
            sweeps // 5,
            state.astype(np.int64),
            out,
        )
        draws.append(out)
    probability[sampled] = np.mean(draws, axis=0)
    return Places(probability, float(np.abs(draws[0] - draws[1]).max()))
