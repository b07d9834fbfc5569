"""Posterior of a large component by Markov chains over groupings.

A state is a partition with a candidate, or none, for every group. Sweeps mix Gibbs moves of single items, Gibbs moves
of the labels, and split–merge moves by sequential allocation. Chains start from the packed answer and from single
items; R-hat and the effective sample size of the log weight and of the number of groups say whether they agree.

Source: Dahl (2005), sequentially-allocated merge–split sampler; Neal (2000), algorithm 3; Gelman et al. (2013), 11.4.
"""

from __future__ import annotations

import numpy as np

from cenotaph.resolution.budget import Budget
from cenotaph.resolution.packing import Grouping, SetTable, pack
from cenotaph.resolution.problem import Component, Floats, ItemSet, Problem, Solution

LEAST_LOG_WEIGHT = -1e4
LEAST_SWEEPS = 10


class _Chain:
    """One chain: groups as sorted tuples of positions, labels as positions among the candidates or m for open."""

    def __init__(self, table: SetTable, start: Grouping, seed: int) -> None:
        self.table = table
        self.blocks = table.component.blocks_within(table.problem.blocks)
        self.block_of = {j: block for block in self.blocks for j in block}
        self.rng = np.random.default_rng(seed)
        self.m = len(table.component.candidates)
        self.groups: list[tuple[ItemSet, int]] = [(members, self.m if j < 0 else j) for members, j in start]

    def log_weight(self) -> float:
        """Log weight of the state, blocks scored together."""
        total = sum(float(self.table.get(members)[j]) for members, j in self.groups)
        holder = {j: members for members, j in self.groups if j < self.m}
        return total + sum(self._gain(block, holder) for block in self.blocks)

    def _gain(self, block: tuple[int, ...], holder: dict[int, ItemSet]) -> float:
        """What the groups of a block's candidates weigh together beyond what they weigh one by one."""
        there = [j for j in block if j in holder]
        if len(there) < 2:
            return 0.0
        items, candidates = self.table.component.items, self.table.component.candidates
        groups = [(tuple(int(items[i]) for i in holder[j]), int(candidates[j])) for j in there]
        alone = sum(float(self.table.get(holder[j])[j]) for j in there)
        return self.table.problem.scorer.score_block(groups) - alone

    def _label_weights(self, members: ItemSet, others: list[tuple[ItemSet, int]]) -> Floats:
        """Log weights of a set's labels given the other groups: taken candidates are impossible."""
        weights = self.table.get(members).copy()
        holder = {j: other for other, j in others if j < self.m}
        weights[list(holder)] = -np.inf
        for block in {self.block_of[j] for j in holder if j in self.block_of}:
            before = self._gain(block, holder)
            for j in block:
                if np.isfinite(weights[j]):
                    weights[j] += self._gain(block, {**holder, j: members}) - before
        return weights

    def _draw(self, log_weights: Floats) -> int:
        p = np.exp(log_weights - log_weights.max())
        return int(self.rng.choice(len(p), p=p / p.sum()))

    def sweep(self) -> None:
        """Move every item once, draw every label once, and try as many split–merge moves as there are items."""
        n = len(self.table.component.items)
        for i in self.rng.permutation(n):
            self._move_item(int(i))
        for k in range(len(self.groups)):
            members, _ = self.groups[k]
            others = self.groups[:k] + self.groups[k + 1 :]
            self.groups[k] = (members, self._draw(self._label_weights(members, others)))
        for _ in range(n):
            self._split_or_merge()

    def _move_item(self, i: int) -> None:
        """Draw item i's place given all the others: a group that exists, under its label, or one of its own."""
        others = [(tuple(x for x in members if x != i), j) for members, j in self.groups]
        others = [(members, j) for members, j in others if members]
        joins = np.full(len(others), -np.inf)
        for k, (members, j) in enumerate(others):
            union = tuple(sorted((*members, i)))
            if self.table.is_possible(union):
                around = others[:k] + others[k + 1 :]
                joins[k] = self._label_weights(union, around)[j] - self._label_weights(members, around)[j]
        chosen = self._draw(np.concatenate([joins, self._label_weights((i,), others)]))
        if chosen < len(others):
            members, j = others[chosen]
            others[chosen] = (tuple(sorted((*members, i))), j)
        else:
            others.append(((i,), chosen - len(others)))
        self.groups = others

    def _split_or_merge(self) -> None:
        n = len(self.table.component.items)
        if n < 2:
            return
        a, b = (int(x) for x in self.rng.choice(n, 2, replace=False))
        of = {i: k for k, (members, _) in enumerate(self.groups) for i in members}
        others = [g for k, g in enumerate(self.groups) if k not in (of[a], of[b])]
        if of[a] == of[b]:
            members, label = self.groups[of[a]]
            first, second, log_split = self._allocate(members, a, b, None)
            log_label_before = self._log_label(members, label, others)
            j, log_j = self._draw_label(first, others)
            k, log_k = self._draw_label(second, [*others, (first, j)])
            self._accept([*others, (first, j), (second, k)], log_label_before - log_split - log_j - log_k)
        else:
            (first, j), (second, k) = self.groups[of[a]], self.groups[of[b]]
            union = tuple(sorted(first + second))
            if not self.table.is_possible(union):
                return
            _, _, log_split = self._allocate(union, a, b, (first, second))
            label, log_label = self._draw_label(union, others)
            log_before = self._log_label(first, j, others) + self._log_label(second, k, [*others, (first, j)])
            self._accept([*others, (union, label)], log_split + log_before - log_label)

    def _draw_label(self, members: ItemSet, others: list[tuple[ItemSet, int]]) -> tuple[int, float]:
        """A label for the set and the log probability with which it was drawn."""
        weights = self._label_weights(members, others)
        label = self._draw(weights)
        return label, float(weights[label] - np.logaddexp.reduce(weights))

    def _log_label(self, members: ItemSet, j: int, others: list[tuple[ItemSet, int]]) -> float:
        weights = self._label_weights(members, others)
        return float(weights[j] - np.logaddexp.reduce(weights))

    def _allocate(
        self, members: ItemSet, a: int, b: int, target: tuple[ItemSet, ItemSet] | None
    ) -> tuple[ItemSet, ItemSet, float]:
        """Split *members* around a and b item by item; with *target*, the log probability of arriving there."""
        first: ItemSet = (a,)
        second: ItemSet = (b,)
        log_q = 0.0
        for i in (x for x in members if x not in (a, b)):
            grown = tuple(sorted((*first, i))), tuple(sorted((*second, i)))
            gain = np.array([self._sum(grown[0]) - self._sum(first), self._sum(grown[1]) - self._sum(second)])
            side = self._draw(gain) if target is None else int(i not in target[0])
            log_q += float(gain[side] - np.logaddexp.reduce(gain))
            if side == 0:
                first = grown[0]
            else:
                second = grown[1]
        return first, second, log_q

    def _sum(self, members: ItemSet) -> float:
        """Log weight of a set under all labels together; impossible sets get almost nothing, so that a way exists."""
        return max(float(np.logaddexp.reduce(self.table.get(members))), LEAST_LOG_WEIGHT)

    def _accept(self, proposal: list[tuple[ItemSet, int]], log_ratio_q: float) -> None:
        before = self.groups
        now = self.log_weight()
        self.groups = proposal
        then = self.log_weight()
        if not np.isfinite(then) or np.log(self.rng.random()) >= then - now + log_ratio_q:
            self.groups = before


def solve_sampled(
    problem: Problem,
    component: Component,
    *,
    seed: int = 0,
    chains: int = 4,
    sweeps: int = 400,
    burn_in: int = 100,
    budget: Budget | None = None,
) -> Solution:
    """Posterior of a component by sampling.

    Args:
        problem: the whole problem.
        component: what to solve of it.
        seed: decides every draw.
        chains: half start from the packed answer, half from single items.
        sweeps: sweeps kept per chain, after *burn_in*.
        budget: once spent, every chain stops after `LEAST_SWEEPS`.

    Returns:
        The posterior; ``diagnostics`` has ``r_hat`` and ``effective_samples`` (the worse of log weight and number of
        groups).
    """
    table = SetTable(problem, component)
    packed = pack(table)
    n, m = len(component.items), len(component.candidates)
    single: Grouping = tuple(((i,), -1) for i in range(n))
    item_candidate, item_class, same = np.zeros((n, m)), np.zeros((n, len(problem.classes))), np.zeros((n, n))
    used = np.zeros(m)
    traces = np.zeros((2, chains, sweeps))
    kept = [0] * chains
    budget = budget or Budget()
    for c in range(chains):
        chain = _Chain(table, packed if c % 2 == 0 else single, hash((seed, c)) & 0xFFFFFFFF)
        for t in range(burn_in):
            if t >= LEAST_SWEEPS and budget.is_spent():
                break
            chain.sweep()
        for t in range(sweeps):
            if t >= LEAST_SWEEPS and budget.is_spent():
                break
            kept[c] = t + 1
            chain.sweep()
            traces[0, c, t], traces[1, c, t] = chain.log_weight(), len(chain.groups)
            for members, j in chain.groups:
                at = list(members)
                same[np.ix_(at, at)] += 1
                if j < m:
                    item_candidate[at, j] += 1
                    used[j] += 1
                else:
                    log_class = table.class_scores[members]
                    item_class[at] += np.exp(log_class - np.logaddexp.reduce(log_class))
    draws = sum(kept)
    # Chains that were cut short are compared over what all of them have.
    traces = traces[:, :, : min(kept)]
    candidates = component.candidates
    return Solution(
        item_candidate / draws,
        item_class / draws,
        same / draws,
        tuple((members, int(candidates[j]) if j >= 0 else -1) for members, j in packed),
        used / draws,
        float(traces[1].mean()),
        float(traces[1].var()),
        float("nan"),
        "packing and sampling",
        False,
        {
            "items": float(n),
            "candidates": float(m),
            "r_hat": max(r_hat(trace) for trace in traces),
            "effective_samples": min(effective_samples(trace) for trace in traces),
            "sweeps": float(min(kept)),
        },
    )


def r_hat(trace: Floats) -> float:
    """Split R-hat of several chains.

    Args:
        trace: shape (chains, draws).

    Source: Gelman et al. (2013), Bayesian Data Analysis, 11.4.

    >>> round(r_hat(np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]])), 2)
    0.71
    """
    half = trace.shape[1] // 2
    parts = np.concatenate([trace[:, :half], trace[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean()
    between = parts.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((half - 1) / half + between / within))


def effective_samples(trace: Floats) -> float:
    """Effective number of independent draws, by the initial positive sequence of autocorrelations.

    Args:
        trace: shape (chains, draws).

    Source: Geyer (1992), Statistical Science 7:473.

    >>> effective_samples(np.zeros((2, 8)))
    16.0
    """
    chains, draws = trace.shape
    centred = trace - trace.mean()
    variance = float((centred**2).mean())
    if variance == 0:
        return float(chains * draws)
    rho = [float((centred[:, : draws - t] * centred[:, t:]).mean()) / variance for t in range(draws - 1)]
    total = 0.0
    for t in range(1, draws - 2, 2):
        pair = rho[t] + rho[t + 1]
        if pair <= 0:
            break
        total += pair
    return float(chains * draws / (1 + 2 * total))
