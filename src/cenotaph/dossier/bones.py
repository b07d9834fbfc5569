"""Specimens and measurements of a dossier as the records and arrays that the osteology room computes with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import inf

import numpy as np

from cenotaph.dossier.read import Dossier
from cenotaph.osteology.classical.sorting import BoneTable
from cenotaph.osteology.minimum_number import CountedSpecimen

HALF = 0.5
"""A fragment without recorded zones that is no more than this share of its element is not counted."""


@dataclass(frozen=True, slots=True)
class CountedSpecimens:
    """Specimens of a dossier as counting needs them.

    Args:
        ids: of every specimen, in the order of the dossier.
        specimens: the same.
        unzoned: fragments of half an element or less whose zones were not recorded; they count for nothing.
        taken_as_whole: specimens without zones and without a completeness; they count as whole bones.
    """

    ids: tuple[str, ...]
    specimens: tuple[CountedSpecimen, ...]
    unzoned: int
    taken_as_whole: int


def counted_specimens(dossier: Dossier) -> CountedSpecimens:
    """Elements, sides, zones and ages of all specimens."""
    columns = ("specimen_id", "element", "side", "zones", "completeness", "age_from", "age_to")
    ids, specimens = [], []
    unzoned = taken_as_whole = 0
    for identifier, element, side, zones, share, age_from, age_to in (
        dossier.table("specimens").select(columns).iter_rows()
    ):
        present: frozenset[int] | None = None
        if zones and zones != "complete":
            present = frozenset(int(z) for z in zones.split())
        elif not zones and share is not None and share <= HALF:
            present = frozenset()
            unzoned += 1
        elif not zones and share is None:
            taken_as_whole += 1
        ids.append(identifier)
        low, high = 0.0 if age_from is None else age_from, inf if age_to is None else age_to
        specimens.append(CountedSpecimen(element or "unknown", side or "U", present, low, high))
    return CountedSpecimens(tuple(ids), tuple(specimens), unzoned, taken_as_whole)


def measured_bones(dossier: Dossier) -> BoneTable:
    """Every measured specimen; replicates of a measurement are averaged."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for identifier, code, value in dossier.table("measurements").select("specimen_id", "code", "value_mm").iter_rows():
        if value is not None and value > 0:
            values[identifier][code].append(value)
    codes = tuple(sorted({code for taken in values.values() for code in taken}))
    column = {code: k for k, code in enumerate(codes)}
    rows = [
        row
        for row in dossier.table("specimens").select("specimen_id", "element", "side").iter_rows()
        if row[0] in values
    ]
    table = np.full((len(rows), len(codes)), np.nan)
    for k, (identifier, _, _) in enumerate(rows):
        for code, taken in values[identifier].items():
            table[k, column[code]] = np.mean(taken)
    ids, elements, sides = zip(*rows, strict=True) if rows else ((), (), ())
    return BoneTable(tuple(ids), tuple(e or "unknown" for e in elements), tuple(s or "U" for s in sides), codes, table)


def recorded_pairs(dossier: Dossier) -> dict[frozenset[str], str]:
    """Grade of every two specimens that an examiner judged as a pair, or excluded.

    ``excluded`` wins over any other grade; of several, the surest.
    """
    surest = ("possible", "probable", "certain", "excluded")
    found: dict[frozenset[str], str] = {}
    table = dossier.table("associations").select("specimen_a", "specimen_b", "kind", "grade")
    for a, b, kind, grade in table.iter_rows():
        if kind not in {"pair", "exclusion"}:
            continue
        judged = "excluded" if kind == "exclusion" or grade == "excluded" else grade
        before = found.get(frozenset((a, b)))
        if before is None or surest.index(judged) > surest.index(before):
            found[frozenset((a, b))] = judged
    return found
