"""Build the tables that the simulation ships from a folder of published data.

    python tools/build_simulation_tables.py DATA_FOLDER

Reads third-party files below ``dna``; writes our own tables into ``src/cenotaph/data/names`` and
``src/cenotaph/data/simulation``: counts of names and positions of markers. No person's row is in them.
``incidents.csv`` and ``elements.csv`` there are written by hand; the skeleton is made by ``build_skeleton_tables.py``.
The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from shipped_tables import write_table

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data"

SURNAMES, FIRST_NAMES = 600, 250
SHARES = {"white": "pctwhite", "black": "pctblack", "hispanic": "pcthispanic", "asian": "pctapi"}
BIRTH_DECADES = {"1910", "1920", "1930"}


def main(folder: Path) -> None:
    """Write every table."""
    names = folder / "dna" / "names"
    write_table(DATA / "names/surnames.csv", ["name", *SHARES], surnames(names / "census2010_surnames_top20000.csv.gz"))
    write_table(
        DATA / "names/first_names.csv",
        ["name", "count"],
        first_names(names / "ssa_first_names_by_decade_top1000.csv.gz"),
    )
    positions = genetic_map(folder / "dna" / "maps" / "KLINK_linkageMap50_withInfo.xlsx")
    write_table(DATA / "simulation/marker_positions.csv", ["marker", "chromosome", "position_cm"], positions)


def surnames(path: Path) -> Iterable[Sequence[object]]:
    """Bearers of the most frequent surnames by affinity."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in list(csv.DictReader(lines))[:SURNAMES]:
            shares = [float(re.sub(r"[^0-9.]", "", row[c]) or 0) for c in SHARES.values()]
            yield row["name"].title(), *(round(int(row["count"]) * share / 100) for share in shares)


def first_names(path: Path) -> Iterable[Sequence[object]]:
    """Boys who were given the most frequent names from 1910 to 1939."""
    counts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["sex"] == "m" and row["decade"] in BIRTH_DECADES:
                counts[row["name"].title()] += int(float(row["count"]))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FIRST_NAMES]


def genetic_map(path: Path) -> Iterable[Sequence[object]]:
    """Marker, chromosome, position in centimorgans from a spreadsheet whose first columns are Chr, STR, kit, cM."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        words = ["".join(t.text or "" for t in item.iter(f"{space}t")) for item in strings.iter(f"{space}si")]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    for row in list(sheet.iter(f"{space}row"))[1:]:
        cells = {}
        for cell in row.iter(f"{space}c"):
            value = cell.findtext(f"{space}v")
            if value:
                cells[cell.attrib["r"][0]] = words[int(value)] if cell.get("t") == "s" else value
        if {"A", "B", "D"} <= cells.keys():
            yield cells["B"].replace(" ", "_"), int(cells["A"]), f"{float(cells['D']):.2f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
