"""Certain merges: specimens that are of one person beyond doubt become one item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import Exhibits, Floats
from cenotaph.evidence.snp import SnpLine
from cenotaph.identification.scorer import Item
from cenotaph.units import ln_from_log10

LEAST_TOTAL_LOG10 = 4.0
"""A merge by STR must also be this likely by all lines together: a swapped extract contradicts itself."""
BEYOND_DOUBT_LOG10 = (10.0, 2.0)
"""Merged as well: one person against unrelated people, and against full brothers. Two bones of brothers are at least a
thousand times rarer than two bones of one person, so what such a merge can lose is below 10⁻⁵; see ``run.json``."""


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


def total_link(evidence: Evidence, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
    """log ratio of one person against two unrelated, all lines, shape (first, second)."""
    total = np.zeros((len(first), len(second)))
    for line in evidence.lines:
        rows, columns = ([k for k, e in enumerate(sets) if line.seen[list(e)].any()] for sets in (first, second))
        if rows and columns:
            total[np.ix_(rows, columns)] += line.link([first[k] for k in rows], [second[k] for k in columns])
    return total


def merge_certain(
    evidence: Evidence, items: Sequence[Item], separate: set[frozenset[int]], merge_log10: float
) -> list[Item]:
    """Merge items again and again while same person : full brothers is at least *merge_log10*.

    Each round joins every item with its best partner where the choice is mutual, so that profiles grow fuller before
    they are compared again; only what has grown is compared again.

    Args:
        evidence: lines; without autosomal STRs or SNPs nothing is merged.
        items: items to begin with.
        separate: pairs of specimens that an examiner has kept apart.
        merge_log10: threshold.
    """
    lines = [x for x in evidence.lines if isinstance(x, AutosomalLine | SnpLine)]
    if not lines:
        return list(items)
    seen = [any(line.seen[list(item.exhibits)].any() for line in lines) for item in items]
    current = [item for item, judged in zip(items, seen, strict=True) if judged]
    rest = [item for item, judged in zip(items, seen, strict=True) if not judged]
    total = np.full((len(current), len(current)), -np.inf)
    certain = np.zeros(total.shape, dtype=np.bool_)
    changed = list(range(len(current)))
    while changed:
        _compare(evidence, lines, current, changed, total, certain, separate, merge_log10)
        best = np.where(certain, total, -np.inf).argmax(axis=1)
        pairs = [(a, int(b)) for a, b in enumerate(best) if best[b] == a and a < b and certain[a, b]]
        for a, b in pairs:
            current[a] = united([current[a], current[b]])
        gone = {b for _, b in pairs}
        kept = [k for k in range(len(current)) if k not in gone]
        place = {k: new for new, k in enumerate(kept)}
        current = [current[k] for k in kept]
        total, certain = total[np.ix_(kept, kept)], certain[np.ix_(kept, kept)]
        changed = [place[a] for a, _ in pairs]
    return current + rest


def _compare(
    evidence: Evidence,
    lines: Sequence[AutosomalLine | SnpLine],
    items: Sequence[Item],
    changed: Sequence[int],
    total: Floats,
    certain: NDArray[np.bool_],
    separate: set[frozenset[int]],
    merge_log10: float,
) -> None:
    """Fill the rows and columns of the changed items."""
    sets = [item.exhibits for item in items]
    new = [sets[k] for k in changed]
    against_brothers = sum(
        (line.link_against_brothers(new, sets) for line in lines), np.zeros((len(changed), len(items)))
    )
    unrelated, brothers = (ln_from_log10(x) for x in BEYOND_DOUBT_LOG10)
    link = _link_where(evidence, new, sets, against_brothers >= min(brothers, ln_from_log10(merge_log10)))
    sure = (against_brothers >= ln_from_log10(merge_log10)) & (link >= ln_from_log10(LEAST_TOTAL_LOG10))
    sure |= (link >= unrelated) & (against_brothers >= brothers)
    for row, a in enumerate(changed):
        sure[row, a] = False
        for b, item in enumerate(items):
            if separate and any(frozenset((s, t)) in separate for s in items[a].specimens for t in item.specimens):
                sure[row, b] = False
    total[changed, :], total[:, changed] = link, link.T
    certain[changed, :], certain[:, changed] = sure, sure.T


def _link_where(
    evidence: Evidence, first: Sequence[Exhibits], second: Sequence[Exhibits], wanted: NDArray[np.bool_]
) -> Floats:
    """`total_link` among the sets that have a wanted pair, −inf elsewhere."""
    link = np.full(wanted.shape, -np.inf)
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    link[np.ix_(rows, columns)] = total_link(evidence, [first[k] for k in rows], [second[k] for k in columns])
    return link


def united(items: Sequence[Item]) -> Item:
    """Several items as one."""
    return Item(
        tuple(sorted(s for item in items for s in item.specimens)),
        tuple(sorted(e for item in items for e in item.exhibits)),
    )
