"""Who is who, when every victim is at most one missing person: the posterior over assignments.

A block is a family: its options give victims to its missing members, each with a natural-log likelihood ratio against
"nobody of this family is among the victims". An assignment takes one option from every block, no victim twice; its
weight is the product. This file knows no genetics.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import ProblemTooLarge

LARGEST_FRONTIER = 20
LARGEST_FRONTIER_FOR_BEST = 16


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
        method: "exact", "pruned" (exact without pairings that are all but impossible) or "sampled".
        error: shape of ``marginals``. Exact: zero. Pruned: the summed probability of the pairings left out, as a
            sample estimates it; no marginal is off by more than that sum. Sampled: the standard error between chains.
    """

    log_total: float
    marginals: NDArray[np.float64]
    log_best: NDArray[np.float64]
    count: int
    method: str
    error: NDArray[np.float64]


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


def largest_frontier(blocks: Sequence[Block]) -> int:
    """Most victims (or, if fewer, most missing) that an exact sum must keep track of at once."""
    return min(_widest(blocks), _widest(_transposed(blocks)))


def _widest(blocks: Sequence[Block] | None) -> int:
    if blocks is None:
        return sys.maxsize
    return max((_frontier(_ordered(group)) for group in components(blocks)), default=0)


def _transposed(blocks: Sequence[Block]) -> list[Block] | None:
    """Missing persons and victims in each other's place; None if a family misses several."""
    choices: dict[int, list[tuple[int, float]]] = {}
    for block in blocks:
        if len(block.missing) != 1:
            return None
        for option, loglr in zip(block.options, block.loglr, strict=True):
            if option[0] >= 0:
                choices.setdefault(option[0], []).append((block.missing[0], loglr))
    return [
        Block((v,), ((-1,), *((m,) for m, _ in found)), (0.0, *(x for _, x in found))) for v, found in choices.items()
    ]


def exact_posterior(blocks: Sequence[Block], victims: int, missing: int) -> AssignmentPosterior:
    """Posterior summed over all assignments, with victims and missing in each other's place if that is cheaper.

    Raises:
        ProblemTooLarge: more than 20 victims or missing must be kept track of at once.
    """
    turned = _transposed(blocks)
    if turned is None or _widest(blocks) <= max(LARGEST_FRONTIER_FOR_BEST, _widest(turned)):
        return _exact_posterior(blocks, victims, missing)
    other = _exact_posterior(turned, missing, victims)
    marginals = np.zeros((victims, missing + 1))
    marginals[:, :missing] = other.marginals[:, :victims].T
    marginals[:, missing] = np.clip(1.0 - marginals[:, :missing].sum(axis=1), 0.0, 1.0)
    nothing = np.full_like(marginals, np.nan)
    return AssignmentPosterior(other.log_total, marginals, nothing, other.count, "exact", np.zeros_like(marginals))


def _exact_posterior(blocks: Sequence[Block], victims: int, missing: int) -> AssignmentPosterior:
    """Sum over all assignments, component by component, by eliminating one victim after another.

    Blocks are taken in turn. The weight of everything so far is a tensor with an axis "not used, used" for every
    victim that a later block could still want; the order of blocks keeps these few.

    Raises:
        ProblemTooLarge: more than 20 victims must be kept track of at once.
    """
    log_total, log_grand_best = 0.0, 0.0
    marginals = np.zeros((victims, missing + 1))
    log_best = np.full((victims, missing + 1), -np.inf)
    log_best_here = np.zeros(victims)
    for group in components(blocks):
        ordered = _ordered(group)
        frontier = _frontier(ordered)
        if frontier > LARGEST_FRONTIER:
            raise ProblemTooLarge(f"{frontier} victims to keep track of at once, more than {LARGEST_FRONTIER}")
        sums = eliminate(ordered, SUM)
        best = eliminate(ordered, BEST) if frontier <= LARGEST_FRONTIER_FOR_BEST else None
        log_total += sums.total
        for k, block in enumerate(ordered):
            for o, option in enumerate(block.options):
                for v, m in zip(option, block.missing, strict=True):
                    if v >= 0:
                        marginals[v, m] += np.exp(sums.through[k][o] - sums.total)
                        log_best[v, m] = np.nan if best is None else max(log_best[v, m], best.through[k][o])
        log_grand_best += np.nan if best is None else best.total
        for v in frozenset().union(*(b.victims() for b in group)):
            log_best[v, missing] = np.nan if best is None else best.unused[v]
            log_best_here[v] = np.nan if best is None else best.total
    log_best[:, missing] = np.where(np.isneginf(log_best).all(axis=1), 0.0, log_best[:, missing])
    log_best += log_grand_best - log_best_here[:, None]
    marginals[:, missing] = np.clip(1.0 - marginals[:, :missing].sum(axis=1), 0.0, 1.0)
    count = -1
    if _widest(blocks) <= LARGEST_FRONTIER_FOR_BEST:
        count = math.prod(count_assignments(_ordered(group)) for group in components(blocks))
    return AssignmentPosterior(log_total, marginals, log_best, count, "exact", np.zeros_like(marginals))


def without_pairings(blocks: Sequence[Block], dropped: NDArray[np.bool_]) -> list[Block]:
    """The same blocks without the options that hold a dropped pairing, ``dropped[victim, missing]``."""
    out = []
    for block in blocks:
        kept = [
            (option, loglr)
            for option, loglr in zip(block.options, block.loglr, strict=True)
            if not any(v >= 0 and dropped[v, m] for v, m in zip(option, block.missing, strict=True))
        ]
        out.append(Block(block.missing, tuple(o for o, _ in kept), tuple(x for _, x in kept)))
    return out


def _ordered(blocks: Sequence[Block]) -> list[Block]:
    """Blocks in an order that keeps the frontier of live victims small (greedy)."""
    order: list[Block] = []
    left = {k: b.victims() for k, b in enumerate(blocks)}
    wanted = Counter(v for victims in left.values() for v in victims)
    live: set[int] = set()
    while left:
        growth = {k: len(v - live) - sum(wanted[x] == 1 for x in v) for k, v in left.items()}
        best = min(left, key=lambda k: (growth[k], len(blocks[k].options), k))
        victims = left.pop(best)
        order.append(blocks[best])
        wanted.subtract(victims)
        live = {v for v in live | victims if wanted[v] > 0}
    return order


def _frontier(blocks: Sequence[Block]) -> int:
    """Most axes that the tensor of an elimination has."""
    live: set[int] = set()
    most = 0
    for block, later in zip(blocks, _wanted_later(blocks), strict=True):
        live |= block.victims()
        most = max(most, len(live))
        live &= later
    return most


def _wanted_later(blocks: Sequence[Block]) -> list[frozenset[int]]:
    """For each block, the victims that any later one could want."""
    later: frozenset[int] = frozenset()
    out = []
    for block in reversed(blocks):
        out.append(later)
        later |= block.victims()
    return out[::-1]


@dataclass(frozen=True, slots=True)
class Semiring:
    """How weights of alternatives add up and weights of blocks combine, and how a log weight is written."""

    add: np.ufunc
    times: np.ufunc
    zero: float
    lift: Callable[[float], float]
    log: Callable[[float], float]


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


SUM = Semiring(np.add, np.multiply, 0.0, math.exp, _log)
BEST = Semiring(np.maximum, np.add, -math.inf, float, float)


@dataclass(frozen=True, slots=True)
class Elimination:
    """Natural log weight of all (or of the best) assignments of a component.

    Args:
        total: without a condition.
        through: for each block, of those that take each option.
        unused: for each victim, of those in which he is nobody.
    """

    total: float
    through: list[list[float]]
    unused: dict[int, float]


Tensor = NDArray[np.float64]
Place = tuple[int | slice, ...]


class _Step:
    """One block in an elimination: the axes that it adds, its moves, and the axes that it closes."""

    def __init__(self, block: Block, live: list[int], later: frozenset[int], ring: Semiring) -> None:
        self.new = sorted(block.victims() - set(live))
        self.axes = [*live, *self.new]
        self.closed = [v for v in self.axes if v not in later]
        self.left = [v for v in self.axes if v in later]
        self.scale = max(block.loglr)
        self.weights = [ring.lift(max(x - self.scale, -700.0)) for x in block.loglr]
        self.moves = [(self._place(option, 0), self._place(option, 1)) for option in block.options]

    def _place(self, option: tuple[int, ...], used: int) -> Place:
        return tuple(used if v in option else slice(None) for v in self.axes)


def eliminate(blocks: Sequence[Block], ring: Semiring) -> Elimination:
    """Forward over the blocks and back again."""
    steps: list[_Step] = []
    tensors: list[Tensor] = []
    tensor: Tensor = np.full((), ring.lift(0.0))
    live: list[int] = []
    for block, later in zip(blocks, _wanted_later(blocks), strict=True):
        step = _Step(block, live, later, ring)
        for _ in step.new:
            tensor = np.stack([tensor, np.full_like(tensor, ring.zero)], axis=-1)
        tensors.append(tensor)
        tensor = _applied(step, tensor, ring)
        closed = tuple(step.axes.index(v) for v in step.closed)
        tensor = ring.add.reduce(tensor, axis=closed) if closed else tensor
        steps.append(step)
        live = step.left
    scale = sum(step.scale for step in steps)
    total = ring.log(float(tensor)) + scale
    through: list[list[float]] = []
    unused: dict[int, float] = {}
    after: Tensor = np.full((), ring.lift(0.0))
    for step, before in zip(reversed(steps), reversed(tensors), strict=True):
        shape = tuple(1 if v in step.closed else 2 for v in step.axes)
        after = np.broadcast_to(after.reshape(shape), before.shape)
        if step.closed:
            joint = ring.times(_applied(step, before, ring), after)
            for v in step.closed:
                free = joint[tuple(0 if x == v else slice(None) for x in step.axes)]
                unused[v] = ring.log(float(ring.add.reduce(free, axis=None))) + scale
        earlier = np.full(before.shape, ring.zero)
        here = []
        for (source, target), weight in zip(step.moves, step.weights, strict=True):
            value = ring.times(after[target], weight)
            here.append(ring.log(float(ring.add.reduce(ring.times(before[source], value), axis=None))) + scale)
            earlier[source] = ring.add(earlier[source], value)
        through.append(here)
        after = earlier[tuple(0 if v in step.new else slice(None) for v in step.axes)]
    return Elimination(total, through[::-1], unused)


def _applied(step: _Step, tensor: Tensor, ring: Semiring) -> Tensor:
    out = np.full(tensor.shape, ring.zero)
    for (source, target), weight in zip(step.moves, step.weights, strict=True):
        out[target] = ring.add(out[target], ring.times(tensor[source], weight))
    return out


def count_assignments(blocks: Sequence[Block]) -> int:
    """Number of assignments of one component, of whatever weight.

    >>> count_assignments([Block((0,), ((-1,), (0,)), (0.0, 1.0)), Block((1,), ((-1,), (0,)), (0.0, 1.0))])
    3
    """
    states = {0: 1}
    for block, later in zip(blocks, _wanted_later(blocks), strict=True):
        masks = [sum(1 << v for v in option if v >= 0) for option in block.options]
        keep = sum(1 << v for v in later)
        new: dict[int, int] = {}
        for state, number in states.items():
            for mask in masks:
                if not state & mask:
                    key = (state | mask) & keep
                    new[key] = new.get(key, 0) + number
        states = new
    return states[0]
