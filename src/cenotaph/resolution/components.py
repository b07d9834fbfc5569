"""Cut a problem into components that hardly speak to each other, and say how much is lost by the cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cenotaph.resolution.problem import Component, Floats, Ints, Problem


@dataclass(frozen=True, slots=True)
class Cut:
    """Components and what the cut ignores.

    Args:
        components: every item is in exactly one.
        dropped_link: greatest probability of a link between two components.
        dropped_rivalry: greatest product of the probabilities that two components give one candidate.
    """

    components: tuple[Component, ...]
    dropped_link: float
    dropped_rivalry: float


class _Sets:
    """Disjoint sets of items."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))
        self.size = [1] * n

    def find(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[b] = a
            self.size[a] += self.size[b]


def cut_into_components(
    problem: Problem,
    rivalry: Sequence[tuple[int, int, float]],
    *,
    least_link: float = 1e-3,
    least_rivalry: float = 1e-4,
    most_items: int = 11,
) -> Cut:
    """Join items whose link matters, and items that compete for a candidate, until the rest may be ignored.

    Args:
        problem: the whole problem.
        rivalry: (item, item, product of the probabilities that the two give to one candidate, each alone).
        least_link: a pair at least so probable stays together, whatever the size.
        least_rivalry: rivals at least so probable stay together while the component is not too large to be solved
            exactly; the strongest are joined first.
        most_items: size up to which rivals are joined.
    """
    n = problem.items
    sets = _Sets(n)
    probability = _link_probability(problem.links)
    for a, b in zip(*np.nonzero(np.triu(probability) >= least_link), strict=True):
        sets.join(int(a), int(b))
    for a, b, p in sorted(rivalry, key=lambda r: -r[2]):
        if p < least_rivalry:
            break
        if sets.find(a) != sets.find(b) and sets.size[sets.find(a)] + sets.size[sets.find(b)] <= most_items:
            sets.join(a, b)
    label = np.array([sets.find(i) for i in range(n)])
    components = tuple(
        Component(members, _candidates(problem, members))
        for members in (np.flatnonzero(label == root) for root in np.unique(label))
    )
    apart = [p for a, b, p in rivalry if label[a] != label[b]]
    return Cut(components, _greatest_link_across(probability, label), max(apart, default=0.0))


def _link_probability(links: Floats) -> Floats:
    """P(a and b are together) as far as their own and each other's surer partners tell.

    ``odds_ab / (1 + Σ odds_ac)`` over the c that cannot be with b: where a is surely with such a c, b has no chance.
    The smaller of both directions.
    """
    odds = np.exp(np.clip(links, -700, 300))
    impossible = np.isneginf(links)
    odds[impossible] = 0.0
    np.fill_diagonal(odds, 0.0)
    one_way = odds / (1.0 + odds @ impossible.T + odds)
    result: Floats = np.minimum(one_way, one_way.T)
    return result


def _candidates(problem: Problem, items: Ints) -> Ints:
    """Candidates of any of the items."""
    found = {int(j) for i in items for j in problem.item_candidates[int(i)]}
    return np.array(sorted(found), dtype=np.int64)


def _greatest_link_across(probability: Floats, label: Ints) -> float:
    across = probability[label[:, None] != label[None, :]]
    return float(across.max(initial=0.0))
