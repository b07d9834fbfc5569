"""A whole assemblage sorted by one classical test."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.classical.difference import compare_differences
from cenotaph.osteology.classical.methods import Method
from cenotaph.osteology.classical.size import compare_sizes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Test = Literal["pair", "articulation", "size"]

REASONS = (
    "",
    "no measurement in common",
    "too few reference individuals",
    "p cannot be computed",
)
"""Why a comparison has no p, by number; 0 where it has one."""


@dataclass(frozen=True, slots=True)
class BoneTable:
    """Measured bones: of a case, or of a reference.

    Args:
        ids: of each bone in a case; of the individual whose bone it is in a reference.
        elements, sides: of each bone; sides L, R, M, U.
        codes: columns.
        values: (bones, codes) mm; nan is not taken.

    Raises:
        InvalidInput: columns of different lengths, or a value that is not above nought.
    """

    ids: tuple[str, ...]
    elements: tuple[str, ...]
    sides: tuple[str, ...]
    codes: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        shape = (len(self.ids), len(self.codes))
        if self.values.shape != shape or not len(self.ids) == len(self.elements) == len(self.sides):
            raise InvalidInput("table of bones", found=self.values.shape, valid=f"{shape} and as many elements, sides")
        if (self.values <= 0).any():
            raise InvalidInput("a measurement", found=float(np.nanmin(self.values)), valid="above 0 mm")

    def rows(self, element: str, side: str) -> Ints:
        """Bones of an element and side."""
        return np.array(
            [k for k, e in enumerate(self.elements) if e == element and self.sides[k] == side], dtype=np.int64
        )

    def measured(self, rows: Ints, codes: Sequence[str]) -> Floats:
        """(rows, codes) measurements; nan where this table has no such code."""
        index = {code: k for k, code in enumerate(self.codes)}
        columns = [self.values[rows, index[c]] if c in index else np.full(len(rows), np.nan) for c in codes]
        return np.stack(columns, axis=1) if columns else np.empty((len(rows), 0))

    def taken(self, element: str) -> set[str]:
        """Codes taken on any bone of an element."""
        here = np.array([e == element for e in self.elements], dtype=bool)
        there = ~np.isnan(self.values[here])
        return {c for c, any_taken in zip(self.codes, there.any(axis=0), strict=True) if any_taken}


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every comparison of one test, one array per column.

    Args:
        test: pair, articulation or size.
        method: name of the method.
        a, b: (n,) bones of the case table.
        used: lists of measurements, each with its place in *which*.
        which: (n,) list of measurements used; −1 for none.
        n: (n,) reference individuals.
        mean, sd: (n,) of the reference; nan for size.
        r2: (n,) of the line; nan for pair and articulation.
        t, p: (n,) nan where they cannot be computed.
        is_excluded: (n,).
        reason: (n,) index into `REASONS`.
    """

    test: Test
    method: str
    a: Ints
    b: Ints
    used: tuple[tuple[str, ...], ...]
    which: Ints
    n: Ints
    mean: Floats
    sd: Floats
    r2: Floats
    t: Floats
    p: Floats
    is_excluded: Bools
    reason: Ints

    def __len__(self) -> int:
        return len(self.a)

    def result(self, k: int) -> str:
        """Excluded, Cannot Exclude or Rejected, in the words of OsteoSort."""
        return "Rejected" if self.reason[k] else "Excluded" if self.is_excluded[k] else "Cannot Exclude"


def sort_pairs(
    case: BoneTable, reference: BoneTable, method: Method, elements: Collection[str] | None = None,
    codes: Collection[str] | None = None,
) -> Sorted:  # fmt: skip
    """Pair-match of every left against every right of each element.

    Args:
        case: the bones.
        reference: bones of individuals of whom both sides were measured.
        method: which version's rule.
        elements: those to compare; every element that has a left and a right if None.
        codes: measurements to use; all that the case and the reference share if None.
    """
    parts = []
    for element in _chosen(case.elements, elements):
        shared = _shared(case, reference, element, codes)
        left, right = case.rows(element, "L"), case.rows(element, "R")
        if len(left) and len(right) and shared:
            people = _aligned(reference, (element, "L"), (element, "R"))
            known = [reference.measured(rows, shared) for rows in people]
            found = compare_differences(
                case.measured(left, shared), case.measured(right, shared), known[0], known[1], method.pair
            )
            parts.append(_Part(left, right, shared, shared, found.patterns, found.patterns, found.pattern, found.n,
                               found.mean, found.sd, np.full(found.n.shape, np.nan), found.t, found.p,
                               found.is_excluded))  # fmt: skip
    return _joined("pair", method, max(method.pair.least_reference, 2), parts)


def sort_articulations(
    case: BoneTable, reference: BoneTable, method: Method, joints: Sequence[tuple[tuple[str, str], tuple[str, str]]]
) -> Sorted:
    """Every two bones of one side that touch, by the measurements at the joint.

    Args:
        case, reference, method: as for `sort_pairs`.
        joints: ((element, code), (element, code)) of the bones that touch.
    """
    parts = []
    for (element_a, code_a), (element_b, code_b) in joints:
        for side in ("L", "R"):
            a, b = case.rows(element_a, side), case.rows(element_b, side)
            if not len(a) or not len(b):
                continue
            people = _aligned(reference, (element_a, side), (element_b, side))
            found = compare_differences(
                case.measured(a, [code_a]), case.measured(b, [code_b]),
                reference.measured(people[0], [code_a]), reference.measured(people[1], [code_b]), method.articulation,
            )  # fmt: skip
            parts.append(_Part(a, b, [code_a], [code_b], found.patterns, found.patterns, found.pattern, found.n,
                               found.mean, found.sd, np.full(found.n.shape, np.nan), found.t, found.p,
                               found.is_excluded))  # fmt: skip
    return _joined("articulation", method, max(method.articulation.least_reference, 2), parts)


def sort_sizes(
    case: BoneTable, reference: BoneTable, method: Method, element_a: str, element_b: str,
    codes: Collection[str] | None = None,
) -> Sorted:  # fmt: skip
    """Size of every bone of one element predicted from every bone of another, for each combination of sides.

    Args:
        case, reference, method, codes: as for `sort_pairs`.
        element_a: predictor.
        element_b: response.
    """
    if element_a == element_b:
        raise InvalidInput("size needs two elements", found=element_a, valid="two that differ")
    shared_a = _shared(case, reference, element_a, codes)
    shared_b = _shared(case, reference, element_b, codes)
    parts = []
    for side_a, side_b in ((s, t) for s in "LRM" for t in "LRM"):
        a, b = case.rows(element_a, side_a), case.rows(element_b, side_b)
        if not len(a) or not len(b) or not shared_a or not shared_b:
            continue
        people = _aligned(reference, (element_a, side_a), (element_b, side_b))
        found = compare_sizes(
            case.measured(a, shared_a), case.measured(b, shared_b),
            reference.measured(people[0], shared_a), reference.measured(people[1], shared_b), method.size,
        )  # fmt: skip
        width = len(found.patterns_b)
        pattern = found.pattern_a[:, None] * width + found.pattern_b[None, :]
        pattern = np.where(np.isnan(found.x)[:, None] | np.isnan(found.y)[None, :], -1, pattern)
        nothing = np.full(found.n.shape, np.nan)
        parts.append(_Part(a, b, shared_a, shared_b, np.repeat(found.patterns_a, width, axis=0),
                           np.tile(found.patterns_b, (len(found.patterns_a), 1)), pattern, found.n, nothing, nothing,
                           found.r2, found.t, found.p, found.is_excluded))  # fmt: skip
    return _joined("size", method, max(method.size.least_reference, 3), parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """One block of comparisons, with the names of what was used."""

    rows: Ints
    columns: Ints
    codes_a: Sequence[str]
    codes_b: Sequence[str]
    patterns_a: Bools
    patterns_b: Bools
    pattern: Ints
    n: Ints
    mean: Floats
    sd: Floats
    r2: Floats
    t: Floats
    p: Floats
    is_excluded: Bools

    def names(self) -> Iterator[tuple[str, ...]]:
        for one, other in zip(self.patterns_a, self.patterns_b, strict=True):
            named = [c for c, used in zip(self.codes_a, one, strict=True) if used]
            named += [c for c, used in zip(self.codes_b, other, strict=True) if used]
            yield tuple(dict.fromkeys(named))


def _joined(test: Test, method: Method, least: int, parts: Sequence[_Part]) -> Sorted:
    used: dict[tuple[str, ...], int] = {}
    which = []
    for part in parts:
        places = np.array([used.setdefault(names, len(used)) for names in part.names()] + [-1], dtype=np.int64)
        which.append(places[part.pattern.ravel()])

    def column(name: str, dtype: type) -> NDArray[Any]:
        return np.concatenate([np.empty(0, dtype), *(getattr(p, name).ravel() for p in parts)])

    a = [np.repeat(p.rows, len(p.columns)) for p in parts]
    b = [np.tile(p.columns, len(p.rows)) for p in parts]
    ints = np.empty(0, np.int64)
    places, n, p_value = np.concatenate([ints, *which]), column("n", np.int64), column("p", np.float64)
    t = column("t", np.float64)
    reason = np.select([places < 0, n < least, np.isnan(p_value)], [1, 2, 3], 0).astype(np.int64)
    return Sorted(
        test, method.name, np.concatenate([ints, *a]), np.concatenate([ints, *b]), tuple(used), places, n,
        column("mean", np.float64), column("sd", np.float64), column("r2", np.float64), t, p_value,
        column("is_excluded", np.bool_), reason,
    )  # fmt: skip


def _chosen(present: Sequence[str], elements: Collection[str] | None) -> list[str]:
    return [e for e in dict.fromkeys(present) if elements is None or e in elements]


def _shared(case: BoneTable, reference: BoneTable, element: str, codes: Collection[str] | None) -> list[str]:
    there = case.taken(element) & reference.taken(element)
    return sorted(c for c in there if codes is None or c in codes)


def _aligned(reference: BoneTable, one: tuple[str, str], other: tuple[str, str]) -> tuple[Ints, Ints]:
    """Rows of reference individuals who have both bones, row by row of one individual."""
    first = {reference.ids[k]: int(k) for k in reference.rows(*one)}
    second = {reference.ids[k]: int(k) for k in reference.rows(*other)}
    people = [person for person in first if person in second]
    return np.array([first[p] for p in people], dtype=np.int64), np.array([second[p] for p in people], dtype=np.int64)
