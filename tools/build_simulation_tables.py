"""Build the tables that the simulation ships from a folder of published data.

    python tools/build_simulation_tables.py DATA_FOLDER

Reads third-party files below ``dna`` and ``osteo``; writes our own tables into ``src/cenotaph/data/names`` and
``src/cenotaph/data/simulation``: counts of names, positions of markers, and a factor model of the skeleton. No
person's row is in them. ``incidents.csv`` and ``elements.csv`` there are written by hand. The same input gives the
same bytes.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data"

SURNAMES, FIRST_NAMES = 600, 250
SHARES = {"white": "pctwhite", "black": "pctblack", "hispanic": "pcthispanic", "asian": "pctapi"}
BIRTH_DECADES = {"1910", "1920", "1930"}
ELEMENT_OF_PREFIX = {
    "Cal": "calcaneus", "Cap": "capitate", "Cf1": "cuneiform_1", "Cf2": "cuneiform_2", "Cf3": "cuneiform_3",
    "Cla": "clavicle", "Cub": "cuboid", "Fem": "femur", "Fib": "fibula", "Ham": "hamate", "Hum": "humerus",
    "Lun": "lunate", "Nav": "navicular", "Osc": "os_coxa", "Pat": "patella", "Rad": "radius", "Sca": "scapula",
    "Scp": "scaphoid", "Tal": "talus", "Tib": "tibia", "Tri": "triquetral", "Tzd": "trapezoid", "Tzm": "trapezium",
    "Uln": "ulna",
} | {f"MC{i}": f"metacarpal_{i}" for i in range(1, 6)} | {f"MT{i}": f"metatarsal_{i}" for i in range(1, 6)}  # fmt: skip
SPANS = (
    (r"popliteal", (0.3, 0.4)),
    (r"tuberosity.*distal to|distal to the radial", (0.2, 0.3)),
    (r"subtrochanteric", (0.15, 0.25)),
    (r"deltoid", (0.3, 0.5)),
    (r"radial tuberosity", (0.1, 0.2)),
    (r"distal|epicondylar|capitulum", (0.85, 1.0)),
    (r"nutrient", (0.3, 0.4)),
    (r"head|neck|proximal|olecranon|semilunar", (0.0, 0.15)),
    (r"midshaft|anterior-posterior diameter|diaphysis|linea aspera|dorso-volar|transverse", (0.4, 0.6)),
    (r"inflexion", (0.75, 0.85)),
    (r"glenoid|iliac breadth|ilium", (0.0, 0.4)),
    (r"ischium|pubis", (0.6, 1.0)),
    (r"acetabulum", (0.4, 0.6)),
)
"""Where along a bone (0 proximal or upper end, 1 the other) a measurement is taken; otherwise it needs all of it."""


def main(folder: Path) -> None:
    """Write every table."""
    names, osteo = folder / "dna" / "names", folder / "osteo"
    write("names/surnames.csv", ["name", *SHARES], surnames(names / "census2010_surnames_top20000.csv.gz"))
    write("names/first_names.csv", ["name", "count"], first_names(names / "ssa_first_names_by_decade_top1000.csv.gz"))
    positions = genetic_map(folder / "dna" / "maps" / "KLINK_linkageMap50_withInfo.xlsx")
    write("simulation/marker_positions.csv", ["marker", "chromosome", "position_cm"], positions)
    names_of = measurement_names(osteo / "cora_measurement_codes.csv")
    model = json.loads((osteo / "skeleton_factor_model.json").read_text(encoding="utf-8"))
    factors = [f"factor_{k + 1}" for k in range(len(model["loadings"][0]))]
    header = ["code", "element", "from_share", "to_share", *(f"mean_{p}" for p in model["mean"]), "asymmetry"]
    write("simulation/skeleton.csv", [*header, *factors, "shared", "noise_sd"], skeleton(model, names_of))


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


def measurement_names(path: Path) -> dict[str, str]:
    """Names of the measurements by code."""
    with path.open(encoding="utf-8") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines)}


def skeleton(model: dict[str, list], names_of: dict[str, str]) -> Iterable[Sequence[object]]:
    """One row a measurement: where it is taken, its means, and its part in the factor model."""
    for i, code in enumerate(model["codes"]):
        name = names_of.get(code, "").lower()
        span = next((span for pattern, span in SPANS if re.search(pattern, name)), (0.0, 1.0))
        if "length" in name and not re.search(r"diameter|breadth", name):
            span = (0.0, 1.0)
        means = [f"{model['mean'][p][i]:.4f}" for p in model["mean"]]
        loadings = [f"{x:.4f}" for x in model["loadings"][i]]
        shared, noise = f"{model['shared'][i]:.4f}", f"{model['noise_variance'][i] ** 0.5:.4f}"
        element = ELEMENT_OF_PREFIX[code[:3]]
        yield code, element, *span, *means, f"{model['asymmetry'][i]:.4f}", *loadings, shared, noise


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one table."""
    path = DATA / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
