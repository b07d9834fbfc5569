"""Exact posterior of a small component: all partitions and all labels at once, by dynamic programming over subsets.

Let ``w_j(S)`` be the weight of the set S under candidate j and ``v(S)`` its weight under the open classes together.
The sum over all groupings is a subset convolution: candidates are taken one after the other, each takes a set or
none, and what is left is partitioned into open groups. It costs 3ⁿ per candidate instead of the number of partitions
times the number of labellings. A block of candidates is one factor that takes disjoint sets, one for each or none.
"""

from __future__ import annotations

import numpy as np

from cenotaph.errors import ProblemTooLarge
from cenotaph.resolution.problem import Component, Floats, Ints, ItemSet, Problem, Solution

MOST_ITEMS = 14
NEGLIGIBLE = 1e-15
"""Product of weights, each at most one, below which a block's joint weight is not asked for."""


def subsets(n: int) -> list[ItemSet]:
    """Subsets of n positions in the order of their bit masks, the empty one first.

    >>> subsets(2)
    [(), (0,), (1,), (0, 1)]
    """
    return [tuple(i for i in range(n) if mask >> i & 1) for mask in range(1 << n)]


WIDE = 300.0
"""Difference of natural logs, far from where products of weights would vanish."""
VANISHING = 1e-200
"""Sum of all weights below which nothing is left of their precision."""
SLACK, MOST_OFFSET = 30.0, 1e6
"""Natural logs by which a weight may exceed one, far from overflow; bound of the unknowns of the linear program."""


def solve_exact(problem: Problem, component: Component) -> Solution:
    """Sum over every grouping of the component's items.

    Raises:
        ProblemTooLarge: more than `MOST_ITEMS` items, or weights of blocks that differ beyond all measure.

    Cost:
        O(candidates · 2ⁿ · possible sets).
    """
    n = len(component.items)
    if n > MOST_ITEMS:
        raise ProblemTooLarge(f"{n} items: exact enumeration takes at most {MOST_ITEMS}")
    masks = subsets(n)
    possible = _possible(problem, component, masks)
    log_candidate, log_class = _weights(problem, component, masks, possible)
    log_class_total = np.logaddexp.reduce(log_class, axis=1)

    offset, prices = _shared_offsets(log_candidate, log_class_total, masks), np.zeros(len(component.candidates))
    explained, open_weight, sums = _summed(problem, component, masks, log_candidate, log_class_total, offset, prices)
    if not sums[2] > VANISHING:
        offset, prices = _priced_offsets(log_candidate, log_class_total, masks)
        explained, open_weight, sums = _summed(
            problem, component, masks, log_candidate, log_class_total, offset, prices
        )
    posterior_factor, posterior_open, total, chosen_factor, chosen_open = sums
    if not total > 0:
        raise ProblemTooLarge("the weights of the groupings are too far apart to be summed")

    item_candidate = np.zeros((n, len(component.candidates)))
    item_class = np.zeros((n, len(problem.classes)))
    same = np.zeros((n, n))
    used = np.zeros(len(component.candidates))
    expected = 0.0
    with np.errstate(invalid="ignore"):
        class_share = np.exp(log_class - log_class_total[:, None])
    for mask in (int(x) for x in np.flatnonzero(posterior_open > 0)):
        members = list(masks[mask])
        item_class[members] += posterior_open[mask] * class_share[mask]
        same[np.ix_(members, members)] += posterior_open[mask]
        expected += posterior_open[mask]
    posterior_factor[:, 0] = 0.0
    for which, mask in np.argwhere(posterior_factor > 0):
        for taken, part in explained[which].split(int(mask)):
            p = posterior_factor[which, mask] * part
            for group, j in taken:
                members = list(masks[group])
                item_candidate[members, j] += p
                same[np.ix_(members, members)] += p
                used[j] += p
                expected += p
    return Solution(
        item_candidate,
        item_class,
        same,
        _chosen_groups(masks, explained, chosen_factor, chosen_open, component),
        used,
        expected,
        _variance_of_groups(explained, open_weight, float(np.log(total))),
        float(np.log(total) + offset[-1] + prices.sum()),
        "exact",
        True,
        {"items": float(n), "candidates": float(len(component.candidates))},
    )


def _summed(
    problem: Problem,
    component: Component,
    masks: list[ItemSet],
    log_candidate: Floats,
    log_class_total: Floats,
    offset: Floats,
    prices: Floats,
) -> tuple[list[_Factor], Floats, tuple[Floats, Floats, float, Ints, Ints]]:
    """Factors and open weights, scaled by offsets of the items and prices of the candidates, and their sums."""
    from cenotaph.resolution import _exact_kernel as kernel

    weight = np.exp(log_candidate - offset[:, None] - prices).T.copy()
    weight[:, 0] = np.exp(-prices)
    open_weight = np.exp(log_class_total - offset)
    open_weight[0] = 0.0
    explained = _factors(problem, component, weight, masks, offset, prices)
    factors, likeliest = (
        np.array(rows).reshape(len(explained), len(masks))
        for rows in ([f.weight for f in explained], [f.likeliest() for f in explained])
    )
    return explained, open_weight, kernel.sum_groupings(factors, likeliest, open_weight, len(component.items))


def _shared_offsets(log_candidate: Floats, log_class_total: Floats, masks: list[ItemSet]) -> Floats:
    """Offsets of every mask, summed over its items, that keep every weight at or below one: no sum overflows.

    What a set is worth is shared equally by its items; items that differ by hundreds alone share equally only what they
    gain together.
    """
    n = len(masks[-1])
    best = np.maximum(log_candidate.max(axis=1, initial=-np.inf), log_class_total)
    alone = best[1 << np.arange(n)]
    alone = np.where(np.isfinite(alone), alone, 0.0)
    if np.ptp(alone) < WIDE:
        alone[:] = 0.0
    share = np.full(n, -np.inf)
    for mask, positions in enumerate(masks):
        if positions and np.isfinite(best[mask]):
            own = alone[list(positions)]
            share[list(positions)] = np.maximum(share[list(positions)], own + (best[mask] - own.sum()) / len(positions))
    return _of_masks(share, masks)


def _of_masks(share: Floats, masks: list[ItemSet]) -> Floats:
    return np.array([share[list(positions)].sum() if positions else 0.0 for positions in masks])


def _priced_offsets(log_candidate: Floats, log_class_total: Floats, masks: list[ItemSet]) -> tuple[Floats, Floats]:
    """Offsets of every mask and a price of every candidate under which the best grouping's weight does not vanish.

    Where several items want one candidate, or the best set of each item leaves the others alone, shares by item add up
    to far more than any grouping is worth. The dual of the best (fractional) grouping does not: minimise the sum of
    all offsets and prices so that offsets of a set and the price of its candidate are at least the set's log weight.
    The constraints that matter are found one after the other; being off by `SLACK` does no harm.
    """
    from scipy.optimize import linprog

    n, candidates = len(masks[-1]), log_candidate.shape[1]
    values = np.column_stack([log_candidate, log_class_total])
    values[0] = -np.inf
    member = (np.arange(len(masks))[:, None] >> np.arange(n)) & 1
    chosen = {(int(s), j) for s, j in np.argwhere(np.isfinite(values)) if member[s].sum() == 1}
    while True:
        rows = sorted(chosen)
        left = np.zeros((len(rows), n + candidates))
        left[:, :n] = member[[s for s, _ in rows]]
        for k, (_, j) in enumerate(rows):
            if j < candidates:
                left[k, n + j] = 1.0
        bounds = [(-MOST_OFFSET, MOST_OFFSET)] * n + [(0.0, MOST_OFFSET)] * candidates
        found = linprog(np.ones(n + candidates), -left, [-values[row] for row in rows], bounds=bounds).x
        price = np.append(found[n:], 0.0)
        excess = values - (member @ found[:n])[:, None] - price
        worst = {(int(s), j) for j, s in enumerate(excess.argmax(axis=0)) if excess[s, j] > SLACK}
        if worst <= chosen:
            return _of_masks(found[:n], masks), found[n:]
        chosen |= worst


TILT = 0.05


def _variance_of_groups(factors: list[_Factor], open_weight: Floats, log_total: float) -> float:
    """Second derivative at 0 of the cumulant function log E[exp(t · groups)], by a central difference.

    Every group's weight times eᵗ is one more sum over all groupings.
    """
    from cenotaph.resolution import _exact_kernel as kernel

    tilted = [
        float(
            np.log(
                kernel.total_weight(
                    np.array([f.tilted(t) for f in factors]).reshape(len(factors), len(open_weight)),
                    open_weight * np.exp(t),
                )
            )
        )
        for t in (-TILT, TILT)
    ]
    return max((tilted[0] - 2 * log_total + tilted[1]) / TILT**2, 0.0)


Taken = tuple[tuple[int, int], ...]
"""Who of a factor takes what: (mask, candidate), masks disjoint and none empty."""


class _Factor:
    """One candidate, or a block: how the weight of a mask splits into what each of them takes."""

    def __init__(self, weight: Floats, options: dict[int, list[tuple[Taken, float]]] | None, candidate: int) -> None:
        self.weight, self.options, self.candidate = weight, options, candidate

    @classmethod
    def of_block(cls, options: dict[int, list[tuple[Taken, float]]], masks: int) -> _Factor:
        """Of several candidates: everything that they may take together, by the union of it."""
        weight = np.zeros(masks)
        for mask, ways in options.items():
            weight[mask] = sum(w for _, w in ways)
        return cls(weight, options, -1)

    def likeliest(self) -> Floats:
        """The weight of the best single way to take each mask."""
        if self.options is None:
            return self.weight
        result = np.zeros_like(self.weight)
        for mask, ways in self.options.items():
            result[mask] = max(w for _, w in ways)
        return result

    def tilted(self, t: float) -> Floats:
        """The weights with a factor eᵗ for every group."""
        if self.options is None:
            alone: Floats = self.weight * np.exp(t)
            alone[0] = self.weight[0]
            return alone
        result = np.zeros_like(self.weight)
        for mask, ways in self.options.items():
            result[mask] = sum(w * np.exp(t * len(taken)) for taken, w in ways)
        return result

    def split(self, mask: int) -> list[tuple[Taken, float]]:
        """Ways to take the mask, with their shares of its weight."""
        if self.options is None:
            return [(((mask, self.candidate),), 1.0)]
        return [(taken, w / self.weight[mask]) for taken, w in self.options.get(mask, []) if w > 0]


def _factors(
    problem: Problem, component: Component, weight: Floats, masks: list[ItemSet], offset: Floats, prices: Floats
) -> list[_Factor]:
    """One factor per candidate or block."""
    blocks = component.blocks_within(problem.blocks)
    in_block = {k for block in blocks for k in block}
    factors = [_Factor(weight[k], None, k) for k in range(len(weight)) if k not in in_block]
    for block in blocks:
        options: dict[int, list[tuple[Taken, float]]] = {}
        for taken, alone in _ways(block, weight):
            together = alone
            if len(taken) > 1:
                groups = [
                    (tuple(int(component.items[i]) for i in masks[mask]), int(component.candidates[k]))
                    for mask, k in taken
                ]
                scale = sum(offset[mask] for mask, _ in taken) + prices[list(block)].sum()
                together = float(np.exp(problem.scorer.score_block(groups) - scale))
            options.setdefault(sum(mask for mask, _ in taken), []).append((taken, together))
        factors.append(_Factor.of_block(options, len(masks)))
    return factors


def _ways(block: tuple[int, ...], weight: Floats) -> list[tuple[Taken, float]]:
    """Every way in which a block's candidates take disjoint masks or none, with the product of the weights."""
    ways: list[tuple[Taken, float]] = [((), 1.0)]
    for k in block:
        own = [(int(mask), float(weight[k, mask])) for mask in np.flatnonzero(weight[k]) if mask]
        ways = [(taken, product * float(weight[k, 0])) for taken, product in ways] + [
            ((*taken, (mask, k)), product * w)
            for taken, product in ways
            for mask, w in own
            if product * w >= NEGLIGIBLE or not taken
            if not any(mask & other for other, _ in taken)
        ]
    return ways


def _possible(problem: Problem, component: Component, masks: list[ItemSet]) -> list[int]:
    """Masks in which no two items are forbidden together."""
    forbidden = np.isneginf(problem.links[np.ix_(component.items, component.items)])
    return [
        mask
        for mask, members in enumerate(masks)
        if members and not any(forbidden[a, b] for x, a in enumerate(members) for b in members[x + 1 :])
    ]


def _weights(
    problem: Problem, component: Component, masks: list[ItemSet], possible: list[int]
) -> tuple[Floats, Floats]:
    """Log weights of every mask, −inf where it is impossible."""
    scores = problem.scorer.score(
        [tuple(int(component.items[i]) for i in masks[mask]) for mask in possible], component.candidates
    )
    log_candidate = np.full((len(masks), len(component.candidates)), -np.inf)
    log_class = np.full((len(masks), len(problem.classes)), -np.inf)
    log_candidate[possible] = scores.candidates
    log_class[possible] = scores.classes
    return log_candidate, log_class


def _chosen_groups(
    masks: list[ItemSet], factors: list[_Factor], chosen_factor: Ints, chosen_open: Ints, component: Component
) -> tuple[tuple[ItemSet, int], ...]:
    groups: list[tuple[ItemSet, int]] = []
    for factor, mask in zip(factors, chosen_factor, strict=True):
        if mask:
            best = max(factor.split(int(mask)), key=lambda option: option[1])
            groups += [(masks[m], int(component.candidates[j])) for m, j in best[0]]
    groups += [(masks[mask], -1) for mask in chosen_open if mask]
    return tuple(sorted(groups))
