"""Reference tables of measured bones that a user brings: one row for each bone of a known individual.

    individual,element,side,Hum_01,Hum_02
    A001,humerus,left,331,63.5
    A001,humerus,right,334,64

The individual joins the bones of one person. Codes, elements and sides may be spelled as OsteoSort or CoRA spell them.
Cells that are blank, ``NA``, not numbers or not above nought are measurements that were not taken.
"""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import numpy as np

from cenotaph.dossier.bone_tables import load_measurements, load_skeleton
from cenotaph.dossier.files import read_foreign_text
from cenotaph.errors import FormatError
from cenotaph.formats.profiles import csv_rows
from cenotaph.osteology.classical.sorting import BoneTable
from cenotaph.osteology.elements import find_side

INDIVIDUAL = ("individual", "person", "pair", "id", "accession")
EXAMPLE = "individual,element,side,Hum_01,... with one row for each bone of each reference individual"


def read_reference(path: Path) -> BoneTable:
    """Bones of reference individuals.

    Raises:
        FormatError: no such columns, a row of the wrong length, an unknown element or side, the same bone twice, or no
            measurement.
    """
    name = path.name
    rows = csv_rows(read_foreign_text(path), name)
    header = next(rows, None)
    words = [cell.strip() for cell in header[1]] if header else []
    lower = [word.lower() for word in words]
    person = next((lower.index(w) for w in INDIVIDUAL if w in lower), -1)
    if person < 0 or "element" not in lower or "side" not in lower:
        raise FormatError("not a reference of measured bones", found=",".join(words)[:60], valid=EXAMPLE,
                          where=f"{name}:1")  # fmt: skip
    known = [(k, m.code) for k, word in enumerate(words) if (m := load_measurements().find(word))]
    if not known:
        raise FormatError("no measurement code in the header", found=",".join(words)[:60], valid=EXAMPLE,
                          where=f"{name}:1")  # fmt: skip
    at_element, at_side = lower.index("element"), lower.index("side")
    ids, elements, sides, values = [], [], [], []
    seen: set[tuple[str, str, str]] = set()
    for where, row in rows:
        if len(row) != len(words):
            raise FormatError("wrong number of cells", found=len(row), valid=f"{len(words)}, as in the header",
                              where=where)  # fmt: skip
        element, side = load_skeleton().find(row[at_element]), find_side(row[at_side])
        if element is None:
            raise FormatError("unknown element", found=row[at_element], valid="an element such as humerus", where=where)
        if side is None:
            raise FormatError("unknown side", found=row[at_side], valid="left or right", where=where)
        key = (row[person].strip(), element.name, side)
        if key in seen:
            raise FormatError("the same bone of an individual twice", found=" ".join(key), valid="one row", where=where)
        seen.add(key)
        ids.append(key[0])
        elements.append(element.name)
        sides.append(side)
        values.append([taken(row[k]) for k, _ in known])
    return BoneTable(
        tuple(ids), tuple(elements), tuple(sides), tuple(c for _, c in known),
        np.array(values, dtype=float).reshape(len(ids), len(known)),
    )  # fmt: skip


def taken(cell: str) -> float:
    """The value of a cell in millimetres; nan for a measurement that was not taken.

    >>> [taken(x) for x in ("331", "0", "NA", "", "-3")]
    [331.0, nan, nan, nan, nan]
    """
    try:
        value = float(cell)
    except ValueError:
        return float("nan")
    return value if isfinite(value) and value > 0 else float("nan")
