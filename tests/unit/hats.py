"""Hats and coats: a scorer with random weights and no meaning, for testing resolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cenotaph.resolution.problem import Component, Ints, ItemSet, Problem, SetScores


class RandomScorer:
    """Weights drawn from a seed and the set itself, so that they do not depend on the order of asking."""

    def __init__(self, seed: int, classes: int, spread: float = 3.0) -> None:
        self.seed, self.classes, self.spread = seed, classes, spread

    def _draw(self, *what: object) -> float:
        value = np.random.default_rng([self.seed, *(abs(hash(w)) for w in what)]).normal()
        return float(value * self.spread)

    def score(self, sets: Sequence[ItemSet], candidates: Ints) -> SetScores:
        return SetScores(
            np.array([[self._draw(1, s, int(j)) for j in candidates] for s in sets]).reshape(
                len(sets), len(candidates)
            ),
            np.array([[self._draw(2, s, c) for c in range(self.classes)] for s in sets]).reshape(
                len(sets), self.classes
            ),
        )

    def score_block(self, groups: Sequence[tuple[ItemSet, int]]) -> float:
        return self._draw(3, *(part for group in groups for part in group))


def problem(seed: int, n: int, m: int, *, blocks: tuple[tuple[int, ...], ...] = (), forbid: int = 0) -> Problem:
    """A random problem of n items and m candidates with *forbid* impossible pairs."""
    rng = np.random.default_rng(seed)
    links = np.zeros((n, n))
    for _ in range(forbid):
        a, b = rng.choice(n, 2, replace=False)
        links[a, b] = links[b, a] = -np.inf
    every = [np.arange(m)] * n
    return Problem(n, m, ("loose", "lost"), RandomScorer(seed, 2), links, every, blocks)


def whole(p: Problem) -> Component:
    """The problem as one component."""
    return Component(np.arange(p.items), np.arange(p.candidates))
