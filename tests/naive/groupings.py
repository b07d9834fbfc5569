"""Brute force: every partition of the items, every labelling of its groups."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from cenotaph.resolution.problem import Component, ItemSet, Problem, Solution


def partitions(items: list[int]) -> Iterator[list[tuple[int, ...]]]:
    """All set partitions."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [(first,), *smaller]
        for i, group in enumerate(smaller):
            yield [*smaller[:i], (first, *group), *smaller[i + 1 :]]


def solve_by_enumeration(problem: Problem, component: Component) -> Solution:
    """Sum over every grouping, one by one."""
    items = [int(i) for i in component.items]
    candidates = [int(j) for j in component.candidates]
    n, m, c = len(items), len(candidates), len(problem.classes)
    place = {item: k for k, item in enumerate(items)}
    item_candidate, item_class, same = np.zeros((n, m)), np.zeros((n, c)), np.zeros((n, n))
    used = np.zeros(m)
    total = groups_total = squares_total = 0.0
    grouping_weight: dict[tuple[tuple[ItemSet, int], ...], float] = {}
    for partition in partitions(items):
        groups = [tuple(sorted(g)) for g in partition]
        if any(np.isneginf(problem.links[a, b]) for g in groups for x, a in enumerate(g) for b in g[x + 1 :]):
            continue
        scores = problem.scorer.score(groups, component.candidates)
        for labels in product(range(m + c), repeat=len(groups)):
            named = [label for label in labels if label < m]
            if len(set(named)) < len(named):
                continue
            weight = 0.0
            for k, label in enumerate(labels):
                weight += scores.candidates[k, label] if label < m else scores.classes[k, label - m]
            for block in problem.blocks:
                there = [
                    (j, k) for j in block for k, label in enumerate(labels) if label < m and candidates[label] == j
                ]
                if len(there) > 1:
                    weight -= sum(scores.candidates[k, labels[k]] for _, k in there)
                    weight += problem.scorer.score_block([(groups[k], j) for j, k in there])
            w = float(np.exp(weight))
            total += w
            groups_total += w * len(groups)
            squares_total += w * len(groups) ** 2
            used[named] += w
            named_groups = tuple(
                sorted(
                    (tuple(sorted(place[i] for i in g)), candidates[label] if label < m else -1)
                    for g, label in zip(groups, labels, strict=True)
                )
            )
            grouping_weight[named_groups] = grouping_weight.get(named_groups, 0.0) + w
            for g, label in zip(groups, labels, strict=True):
                at = [place[i] for i in g]
                same[np.ix_(at, at)] += w
                if label < m:
                    item_candidate[at, label] += w
                else:
                    item_class[at, label - m] += w
    best = max(grouping_weight, key=lambda grouping: grouping_weight[grouping])
    mean = groups_total / total
    return Solution(
        item_candidate / total, item_class / total, same / total, best, used / total, mean,
        squares_total / total - mean**2, float(np.log(total)), "enumeration", True, {},
    )  # fmt: skip
