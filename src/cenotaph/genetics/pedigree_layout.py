"""Where the members of a pedigree stand when it is drawn: generations in rows, spouses side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.pedigree import Pedigree

SWEEPS = 60
ROUNDS = 4
SPACING = 1.0


@dataclass(frozen=True, slots=True)
class MatingLine:
    """A couple and its children.

    Args:
        father, mother: indices of the members.
        x, y: middle of the line between them, from which the sibship hangs.
        children: indices of the members, from left to right.
        sibship: left end, right end and height of the line over the children.
    """

    father: int
    mother: int
    x: float
    y: float
    children: tuple[int, ...]
    sibship: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class PedigreeLayout:
    """Coordinates in units of one symbol's width and one generation's height; y grows downwards.

    Args:
        x, y: shape ``(n,)``; y is the generation, 0 at the top.
        matings: one for each couple with children.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    matings: tuple[MatingLine, ...]


def layout(pedigree: Pedigree) -> PedigreeLayout:
    """Coordinates for a drawing: nobody on top of another, couples together, parents over their children.

    Order within a row follows the families from left to right; then everybody is pulled towards children, parents
    and spouses, and pushed apart to one unit at least (isotonic regression).

    >>> trio = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> drawn = layout(trio)
    >>> drawn.x.tolist(), drawn.y.tolist()
    ([0.0, 1.0, 0.5], [0.0, 0.0, 1.0])
    """
    generation = _generations(pedigree)
    rows = _rows(pedigree, generation)
    x = np.zeros(len(pedigree))
    for row in rows:
        x[row] = np.arange(len(row)) * SPACING
    couples = [(pedigree.index(f), pedigree.index(m)) for f, m in pedigree.matings()]
    children = {
        pair: [i for i in range(len(pedigree)) if (int(pedigree.father[i]), int(pedigree.mother[i])) == pair]
        for pair in couples
    }
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            x[row] = _spread(_wishes(row, x, couples, children, generation))
    x -= x.min(initial=np.inf) if len(x) else 0.0
    x = np.round(x, 6)
    lines = tuple(_line(pair, children[pair], x, generation) for pair in couples)
    return PedigreeLayout(x, generation.astype(np.float64), lines)


def _generations(pedigree: Pedigree) -> NDArray[np.int64]:
    """Row of each member: below both parents; a spouse who married in stands beside the other, where that can be."""
    generation = np.zeros(len(pedigree), dtype=np.int64)
    for _ in range(ROUNDS):
        _push_children_down(pedigree, generation)
        before = generation.copy()
        for founder in pedigree.founders:
            beside = [s for s in pedigree.spouses(founder) if s not in pedigree.descendants(founder)]
            i = pedigree.index(founder)
            generation[i] = max([generation[i], *(before[pedigree.index(s)] for s in beside)])
    _push_children_down(pedigree, generation)
    return generation


def _push_children_down(pedigree: Pedigree, generation: NDArray[np.int64]) -> None:
    for i in pedigree.order.tolist():
        if pedigree.father[i] >= 0:
            parents = max(generation[pedigree.father[i]], generation[pedigree.mother[i]])
            generation[i] = max(generation[i], parents + 1)


def _rows(pedigree: Pedigree, generation: NDArray[np.int64]) -> list[list[int]]:
    """Members of each row from left to right: families one after another, everybody beside his spouses."""
    rows: list[list[int]] = [[] for _ in range(int(generation.max(initial=0)) + 1)]
    placed: set[int] = set()

    def place(i: int) -> None:
        if i in placed:
            return
        placed.add(i)
        rows[generation[i]].append(i)
        spouses = [pedigree.index(s) for s in pedigree.spouses(pedigree.ids[i])]
        for k, spouse in enumerate(spouses):
            if spouse not in placed and pedigree.father[spouse] < 0:
                placed.add(spouse)
                row = rows[generation[spouse]]
                beside = generation[spouse] == generation[i]
                where = row.index(i) + (k % 2 == 0) if beside else len(row)
                row.insert(where, spouse)
        for spouse in spouses:
            for child in range(len(pedigree)):
                if {int(pedigree.father[child]), int(pedigree.mother[child])} == {i, spouse}:
                    place(child)
        for spouse in spouses:
            place(spouse)

    for i in sorted(range(len(pedigree)), key=lambda i: (pedigree.father[i] >= 0, generation[i], i)):
        place(i)
    return rows


def _wishes(
    row: list[int],
    x: NDArray[np.float64],
    couples: list[tuple[int, int]],
    children: dict[tuple[int, int], list[int]],
    generation: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Where each member of a row would like to stand, given all others."""
    wishes: dict[int, list[float]] = {i: [] for i in row}
    for pair in couples:
        middle = (x[pair[0]] + x[pair[1]]) / 2
        below = float(np.mean(x[children[pair]]))
        for i in pair:
            if i in wishes:
                wishes[i].append(x[i] + below - middle)
                other = pair[0] if pair[1] == i else pair[1]
                if generation[i] == generation[other]:
                    wishes[i].append(x[other] + np.copysign(SPACING, x[i] - x[other]))
        for child in children[pair]:
            if child in wishes:
                wishes[child].append(x[child] + middle - below)
    return np.array([np.mean(wishes[i]) if wishes[i] else x[i] for i in row])


def _spread(wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearest positions (least squares) in the same order and at least one unit apart: isotonic regression."""
    shifted = wanted - np.arange(len(wanted)) * SPACING
    blocks: list[tuple[float, int]] = []
    for value in shifted.tolist():
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, n), (b, m) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    flat = np.concatenate([np.full(n, value) for value, n in blocks]) if blocks else shifted
    placed: NDArray[np.float64] = flat + np.arange(len(wanted)) * SPACING
    return placed


def _line(
    pair: tuple[int, int], children: list[int], x: NDArray[np.float64], generation: NDArray[np.int64]
) -> MatingLine:
    ordered = tuple(sorted(children, key=lambda i: (x[i], i)))
    top = float(max(generation[list(pair)]))
    middle = float(x[pair[0]] + x[pair[1]]) / 2
    ends = [middle, *(float(x[i]) for i in ordered)]
    return MatingLine(pair[0], pair[1], middle, top, ordered, (min(ends), max(ends), top + 0.5))
