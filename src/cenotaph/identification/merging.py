"""Certain merges: specimens that are of one person beyond doubt become one item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import Floats, SampleSet
from cenotaph.identification.scorer import Item
from cenotaph.units import ln_from_log10

LEAST_TOTAL_LOG10 = 4.0
"""A merge by STR must also be this likely by all lines together: a swapped extract contradicts itself."""


def join(specimens: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Groups of specimens connected by pairs, in the order of their first member.

    >>> join(4, [(2, 0), (3, 2)])
    [(0, 2, 3), (1,)]
    """
    root = list(range(specimens))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        a, b = sorted((find(a), find(b)))
        root[b] = a
    groups: dict[int, list[int]] = {}
    for i in range(specimens):
        groups.setdefault(find(i), []).append(i)
    return [tuple(g) for g in groups.values()]


def total_link(evidence: Evidence, sets: Sequence[SampleSet]) -> Floats:
    """log ratio of one person against two unrelated, all lines."""
    total = sum((line.link(sets, sets) for line in evidence.lines), np.zeros((len(sets), len(sets))))
    return np.minimum(total, total.T)


def merge_certain(
    evidence: Evidence, items: Sequence[Item], separate: set[frozenset[int]], merge_log10: float
) -> list[Item]:
    """Merge items again and again while same person : full brothers is at least *merge_log10*.

    Each round joins every item with its best partner where the choice is mutual, so that profiles grow fuller before
    they are compared again.

    Args:
        evidence: lines; without an autosomal line nothing is merged.
        items: items to begin with.
        separate: pairs of specimens that an examiner has kept apart.
        merge_log10: threshold.
    """
    line = next((x for x in evidence.lines if isinstance(x, AutosomalLine)), None)
    current = list(items)
    while line is not None:
        typed = [k for k, item in enumerate(current) if any(line.row_of_sample[s] >= 0 for s in item.samples)]
        if len(typed) < 2:
            break
        sets = [current[k].samples for k in typed]
        ratio = line.link_against_brothers(sets)
        ratio[total_link(evidence, sets) < ln_from_log10(LEAST_TOTAL_LOG10)] = -np.inf
        np.fill_diagonal(ratio, -np.inf)
        for a, b in _kept_apart(current, typed, separate):
            ratio[a, b] = ratio[b, a] = -np.inf
        best = ratio.argmax(axis=1)
        pairs = [
            (typed[a], typed[int(b)])
            for a, b in enumerate(best)
            if best[b] == a and a < b and ratio[a, b] >= ln_from_log10(merge_log10)
        ]
        if not pairs:
            break
        gone = {b for _, b in pairs}
        for a, b in pairs:
            current[a] = united([current[a], current[b]])
        current = [item for k, item in enumerate(current) if k not in gone]
    return current


def united(items: Sequence[Item]) -> Item:
    """Several items as one."""
    return Item(
        tuple(sorted(s for item in items for s in item.specimens)),
        tuple(sorted(s for item in items for s in item.samples)),
    )


def _kept_apart(items: Sequence[Item], typed: Sequence[int], separate: set[frozenset[int]]) -> list[tuple[int, int]]:
    place = {s: k for k, i in enumerate(typed) for s in items[i].specimens}
    return [
        (place[a], place[b])
        for a, b in (tuple(pair) for pair in separate if len(pair) == 2)
        if a in place and b in place and place[a] != place[b]
    ]
