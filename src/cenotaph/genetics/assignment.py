"""Who is who, when every victim is at most one missing person: the posterior over assignments.

A block is a family: its options give victims to its missing members, each with a natural-log likelihood ratio against
"nobody of this family is among the victims". An assignment takes one option from every block, no victim twice; its
weight is the product. This file knows no genetics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import ProblemTooLarge

DENSE_VICTIMS = 17
LARGEST_WORK = 1_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """One family.

    Args:
        missing: its missing members, as indices into the list of all missing.
        options: for each option, the victim of each of ``missing``, -1 for nobody; the first is nobody for all.
        loglr: natural log weight of each option; 0 for the first.
    """

    missing: tuple[int, ...]
    options: tuple[tuple[int, ...], ...]
    loglr: tuple[float, ...]

    def victims(self) -> frozenset[int]:
        """Victims that any option uses."""
        return frozenset(v for option in self.options for v in option if v >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class AssignmentPosterior:
    """Posterior under a flat prior over assignments.

    Args:
        log_total: natural log of the summed weights of all assignments.
        marginals: shape ``(victims, missing + 1)``, probability of each pairing; the last column is nobody.
        log_best: shape ``(victims, missing + 1)``, natural log weight of the best assignment with each pairing, -inf
            if there is none.
        count: number of assignments with a positive weight, -1 if it was not counted.
        method: "exact" or "sampled".
        standard_error: shape of ``marginals``; zero if exact.
    """

    log_total: float
    marginals: NDArray[np.float64]
    log_best: NDArray[np.float64]
    count: int
    method: str
    standard_error: NDArray[np.float64]


def components(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks grouped so that no victim is an option in two groups."""
    groups: list[tuple[set[int], list[Block]]] = []
    for block in blocks:
        victims = set(block.victims())
        touching = [g for g in groups if g[0] & victims]
        groups = [g for g in groups if not g[0] & victims]
        merged = (victims.union(*(g[0] for g in touching)), [*(b for g in touching for b in g[1]), block])
        groups.append(merged)
    return [g[1] for g in groups]


def enumerate_assignments(blocks: Sequence[Block], limit: int) -> Iterator[tuple[dict[int, int], float]]:
    """Every assignment as victim → missing, with its natural log weight.

    Raises:
        ProblemTooLarge: more than ``limit`` of them.
    """
    produced = 0

    def extend(k: int, given: dict[int, int], weight: float) -> Iterator[tuple[dict[int, int], float]]:
        nonlocal produced
        if k == len(blocks):
            produced += 1
            if produced > limit:
                raise ProblemTooLarge(f"more than {limit} assignments to list")
            yield dict(given), weight
            return
        block = blocks[k]
        for option, loglr in zip(block.options, block.loglr, strict=True):
            new = {v: m for v, m in zip(option, block.missing, strict=True) if v >= 0}
            if not new.keys() & given.keys():
                yield from extend(k + 1, {**given, **new}, weight + loglr)

    yield from extend(0, {}, 0.0)


def exact_posterior(blocks: Sequence[Block], victims: int, missing: int) -> AssignmentPosterior:
    """Sum over all assignments, component by component, by dynamic programming over blocks.

    The state is the set of victims already used. Up to 17 victims all sets are kept in one array; beyond, only the
    sets that occur, of victims that a later block could still want, with blocks in the order that keeps these few.

    Raises:
        ProblemTooLarge: a component needs more than a million steps.
    """
    log_total, count = 0.0, 1
    marginals = np.zeros((victims, missing + 1))
    log_best = np.full((victims, missing + 1), -np.inf)
    best_of_others: list[tuple[list[int], float]] = []
    for group in components(blocks):
        members = sorted(frozenset().union(*(b.victims() for b in group)))
        dense = len(members) <= DENSE_VICTIMS
        ordered = _with_local_victims(group if dense else _ordered(group), members)
        strategy: type[_DensePass] | type[_FrontierPass] = _DensePass if dense else _FrontierPass
        sums, best = strategy(ordered, len(members), np.logaddexp), strategy(ordered, len(members), np.maximum)
        log_total += sums.total
        count *= count_assignments(ordered)
        best_of_others.append((members, best.total))
        for k, block in enumerate(ordered):
            for o, option in enumerate(block.options):
                for v, m in zip(option, block.missing, strict=True):
                    if v >= 0:
                        marginals[members[v], m] += np.exp(sums.through[k][o] - sums.total)
                        log_best[members[v], m] = max(log_best[members[v], m], best.through[k][o])
        for local, v in enumerate(members):
            log_best[v, missing] = best.without(local)
    marginals[:, missing] = np.clip(1.0 - marginals[:, :missing].sum(axis=1), 0.0, 1.0)
    grand_best = sum(b for _, b in best_of_others)
    inside = {v: b for members, b in best_of_others for v in members}
    for v in range(victims):
        log_best[v] += grand_best - inside.get(v, 0.0)
        if v not in inside:
            log_best[v, missing] = grand_best
    return AssignmentPosterior(log_total, marginals, log_best, count, "exact", np.zeros_like(marginals))


def _ordered(blocks: Sequence[Block]) -> list[Block]:
    """Blocks in an order that keeps the frontier of live victims small (greedy)."""
    left, order = list(blocks), []
    wanted = {v: sum(v in b.victims() for b in blocks) for b in blocks for v in b.victims()}
    live: set[int] = set()
    while left:
        best = min(left, key=lambda b: (len(b.victims() - live) - sum(wanted[v] == 1 for v in b.victims()), len(b.options)))
        left.remove(best)
        order.append(best)
        live |= best.victims()
        for v in best.victims():
            wanted[v] -= 1
        live = {v for v in live if wanted[v] > 0}
    return order


def _with_local_victims(blocks: Sequence[Block], members: Sequence[int]) -> list[Block]:
    """The same blocks with victims renumbered from 0 within the component."""
    local = {v: k for k, v in enumerate(members)} | {-1: -1}
    return [Block(b.missing, tuple(tuple(local[v] for v in o) for o in b.options), b.loglr) for b in blocks]


def _masks(block: Block) -> list[int]:
    """Victims of each option as bits."""
    return [sum(1 << v for v in option if v >= 0) for option in block.options]


class _DensePass:
    """Forward and backward log weights for every set of victims, under one way of adding log weights.

    ``through[k][o]`` is the log weight of all (or of the best) assignments that take option o of block k.
    """

    def __init__(self, blocks: Sequence[Block], victims: int, add: np.ufunc) -> None:
        sets = np.arange(1 << victims)
        forward = [np.where(sets == 0, 0.0, -np.inf)]
        for block in blocks:
            out = np.full(len(sets), -np.inf)
            for mask, loglr in zip(_masks(block), block.loglr, strict=True):
                free = sets[sets & mask == 0]
                out[free | mask] = add(out[free | mask], forward[-1][free] + loglr)
            forward.append(out)
        self.final, self.sets = forward[-1], sets
        self.total = float(add.reduce(self.final))
        self.through: list[list[float]] = [[] for _ in blocks]
        backward = np.zeros(len(sets))
        for k in reversed(range(len(blocks))):
            earlier = np.full(len(sets), -np.inf)
            for mask, loglr in zip(_masks(blocks[k]), blocks[k].loglr, strict=True):
                free = sets[sets & mask == 0]
                value = backward[free | mask] + loglr
                earlier[free] = add(earlier[free], value)
                self.through[k].append(float(add.reduce(forward[k][free] + value)))
            backward = earlier

    def without(self, victim: int) -> float:
        """Log weight of assignments in which a victim is nobody."""
        return float(self.final[self.sets >> victim & 1 == 0].max())


class _FrontierPass:
    """The same for components of many victims, keeping only the sets that occur."""

    def __init__(self, blocks: Sequence[Block], victims: int, add: np.ufunc) -> None:
        self.blocks = blocks
        masks, keep = [_masks(b) for b in blocks], _kept(blocks)
        forward: list[dict[int, float]] = [{0: 0.0}]
        work = 0
        for k, block in enumerate(blocks):
            out: dict[int, float] = {}
            for state, weight in forward[k].items():
                for mask, loglr in zip(masks[k], block.loglr, strict=True):
                    if not state & mask:
                        new = (state | mask) & keep[k]
                        out[new] = float(add(out.get(new, -np.inf), weight + loglr))
            work += len(forward[k]) * len(masks[k])
            if work > LARGEST_WORK or len(out) * len(masks[k]) > LARGEST_WORK:
                raise ProblemTooLarge(f"a component of {victims} victims needs more than {LARGEST_WORK} steps")
            forward.append(out)
        self.total = forward[-1][0]
        self.through: list[list[float]] = [[-np.inf] * len(b.options) for b in blocks]
        backward = {0: 0.0}
        for k in reversed(range(len(blocks))):
            earlier: dict[int, float] = {}
            for state, weight in forward[k].items():
                for o, (mask, loglr) in enumerate(zip(masks[k], blocks[k].loglr, strict=True)):
                    if not state & mask:
                        value = loglr + backward[(state | mask) & keep[k]]
                        earlier[state] = float(add(earlier.get(state, -np.inf), value))
                        self.through[k][o] = float(add(self.through[k][o], weight + value))
            backward = earlier

    def without(self, victim: int) -> float:
        """Log weight of the best assignment in which a victim is nobody."""
        reduced = []
        for b in self.blocks:
            kept = [(o, x) for o, x in zip(b.options, b.loglr, strict=True) if victim not in o]
            reduced.append(Block(b.missing, tuple(o for o, _ in kept), tuple(x for _, x in kept)))
        states: dict[int, float] = {0: 0.0}
        for block, keep in zip(reduced, _kept(reduced), strict=True):
            new: dict[int, float] = {}
            for state, weight in states.items():
                for mask, loglr in zip(_masks(block), block.loglr, strict=True):
                    if not state & mask:
                        key = (state | mask) & keep
                        new[key] = max(new.get(key, -np.inf), weight + loglr)
            states = new
        return states[0]


def _kept(blocks: Sequence[Block]) -> list[int]:
    """After each block, the bits of victims whom a later block could want."""
    later, kept = 0, []
    for block in reversed(blocks):
        kept.append(later)
        for v in block.victims():
            later |= 1 << v
    return kept[::-1]


def count_assignments(blocks: Sequence[Block]) -> int:
    """Number of assignments, of whatever weight; exact while the sets of used victims are few.

    Raises:
        ProblemTooLarge: they are not.
    """
    states = {0: 1}
    for block, keep in zip(blocks, _kept(blocks), strict=True):
        new: dict[int, int] = {}
        for state, number in states.items():
            for mask in _masks(block):
                if not state & mask:
                    key = (state | mask) & keep
                    new[key] = new.get(key, 0) + number
        states = new
        if len(states) > LARGEST_WORK:
            raise ProblemTooLarge("too many sets of victims to count assignments")
    return states[0]
