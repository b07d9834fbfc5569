"""Make ``data/geography/coast.csv``: the outline of the peninsula and its larger islands, for maps.

The two states that share the peninsula are joined, so that no frontier between them is drawn; the demarcation line is a
table of its own. Run: ``python tools/build_coast_table.py countries-10m.json`` with the file of the npm package
``world-atlas`` (Natural Earth, public domain). It also says how far our demarcation line is from the one drawn there.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
from shapely import LineString, MultiLineString, Polygon, line_merge, transform
from shapely.ops import polygonize

TARGET = Path(__file__).parents[1] / "src/cenotaph/data/geography"
STATES = ("North Korea", "South Korea")
TOLERANCE_DEGREES = 0.012
LEAST_ISLAND_KM2 = 60.0
KM2_PER_SQUARE_DEGREE = 111.195**2 * np.cos(np.radians(38))


def main(atlas_file: str) -> None:
    """Write the table and print the distance of the two demarcation lines."""
    topology = json.loads(Path(atlas_file).read_text(encoding="utf-8"))
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]
    used = [_arcs_of(topology, state) for state in STATES]
    outline = line_merge(MultiLineString([arcs[a] for a in sorted(used[0] ^ used[1])]))
    rings = sorted(polygonize(outline), key=lambda ring: -ring.area)
    kept = [ring for ring in rings if ring.area * KM2_PER_SQUARE_DEGREE >= LEAST_ISLAND_KM2]
    with (TARGET / "coast.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("ring", "order", "latitude", "longitude"))
        for k, ring in enumerate(kept, start=1):
            smooth: Polygon = ring.simplify(TOLERANCE_DEGREES)
            for i, (x, y) in enumerate(smooth.exterior.coords[:-1], start=1):
                out.writerow((k, i, f"{y:.3f}", f"{x:.3f}"))
    print(f"{len(kept)} rings")
    _compare(line_merge(MultiLineString([arcs[a] for a in sorted(used[0] & used[1])])))


def _arcs_of(topology: dict, state: str) -> set[int]:
    (geometry,) = (g for g in topology["objects"]["countries"]["geometries"] if g["properties"]["name"] == state)
    return {a if a >= 0 else ~a for polygon in geometry["arcs"] for ring in polygon for a in ring}


def _compare(border: LineString) -> None:
    """Distances of our vertices on land from the line of the atlas, km."""
    with (TARGET / "lines.csv").open(encoding="utf-8") as file:
        ours = [r for r in csv.DictReader(file) if r["line"] == "demarcation" and r["part"] == "line"]

    def flat(points: np.ndarray) -> np.ndarray:
        return points * np.array([111.195 * np.cos(np.radians(38.2)), 111.195])

    line = transform(border, flat)
    far = {r["near"]: line.distance(transform(LineString([(float(r["longitude"]), float(r["latitude"]))] * 2), flat))
           for r in ours}  # fmt: skip
    print(
        f"our line is {np.mean(list(far.values())):.1f} km from the atlas on average, at most {max(far.values()):.1f}"
    )
    for near, km in far.items():
        print(f"  {km:5.1f} km  {near}")


if __name__ == "__main__":
    main(sys.argv[1])
