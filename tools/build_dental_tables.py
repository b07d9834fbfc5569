"""Build the shipped tables of teeth from a folder of published data.

    python tools/build_dental_tables.py DATA_DNA_FOLDER

Reads the counts in the codebooks of the dentition examinations of NHANES 2015-2016 and 2017-March 2020 (the cycles that
keep restored teeth apart from carious ones) and writes counts of each tooth's condition and restored surfaces into
``src/cenotaph/data/odontology``. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from shipped_tables import write_table

from cenotaph.odontology.chart import ANTERIOR, COMPARED, TEETH, from_universal

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "odontology"

FILES = {"OHXDEN_I", "P_OHXDEN"}
"""OHXDEN_J is contained in P_OHXDEN; older cycles do not keep restored and carious teeth apart."""

CONDITION_OF_CODE = (
    {"S": "sound", "Z": "decayed", "F": "restored"} | dict.fromkeys("EJMPQRTX", "lost") | {"U": "unerupted"}
)
SURFACE_OF_CODE = {"0": "L", "1": "O", "2": "F", "3": "M", "4": "D", "5": "L", "6": "O", "7": "F", "8": "M", "9": "D"}
CROWN = "-1"
CONDITIONS = ("sound", "decayed", "restored", "lost", "unerupted")


def main(folder: Path) -> None:
    """Write both tables."""
    conditions: Counter[tuple[str, str]] = Counter()
    surfaces: Counter[tuple[str, str]] = Counter()
    rows = csv.DictReader((folder / "dental" / "nhanes_ohxden_codebook_counts.csv").read_text("utf-8").splitlines())
    for row in rows:
        variable = re.fullmatch(r"OHX(\d\d)(CTC|CSC)", row["variable"])
        if row["file"] not in FILES or variable is None:
            continue
        tooth, code, count = from_universal(int(variable[1])), row["code"], int(row["count"])
        if variable[2] == "CTC" and code in CONDITION_OF_CODE:
            conditions[tooth, CONDITION_OF_CODE[code]] += count
        if variable[2] == "CSC" and code in SURFACE_OF_CODE:
            surfaces[tooth, SURFACE_OF_CODE[code]] += count
        if variable[2] == "CSC" and code == CROWN:
            surfaces[tooth, "MODFL"] += count
    teeth = [TEETH[k] for k in COMPARED]
    write_table(
        DATA / "tooth_conditions.csv",
        ["tooth", *CONDITIONS],
        [[t, *(conditions[t, c] for c in CONDITIONS)] for t in teeth],
    )
    table = []
    for k, tooth in zip(COMPARED, teeth, strict=True):
        named = {s: surfaces[tooth, s] for s in ("M", "O", "D", "F", "L", "MODFL")}
        several = max(0, conditions[tooth, "restored"] - sum(named.values()))
        table += [
            [tooth, s.replace("O", "I") if ANTERIOR[k] else s, n]
            for s, n in [*named.items(), ("several", several)]
            if n
        ]
    write_table(DATA / "restored_surfaces.csv", ["tooth", "surfaces", "restored"], table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
