"""Build the vocabulary of bones from a folder of published data.

    python tools/build_osteology_tables.py DATA_FOLDER

Reads third-party lists below ``osteo``; writes our own tables into ``src/cenotaph/data/osteology``: elements with other
spellings, zones, measurement codes with plausible ranges. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import exp, sqrt
from pathlib import Path

from shipped_tables import write_table

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "osteology"

DEVIATIONS = 5.0
"""Half width of a plausible range in standard deviations of the logarithm."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "head": ("cranium", "mandible", "tooth", "hyoid"),
    "trunk": ("vertebra", "sacrum", "sternum", "rib"),
    "arm": ("clavicle", "scapula", "humerus", "radius", "ulna"),
    "hand": (
        "scaphoid", "lunate", "triquetral", "pisiform", "trapezium", "trapezoid", "capitate", "hamate",
        *(f"metacarpal_{k}" for k in range(1, 6)),
    ),
    "leg": ("os_coxa", "femur", "patella", "tibia", "fibula"),
    "foot": (
        "talus", "calcaneus", "navicular", "cuboid", "cuneiform_1", "cuneiform_2", "cuneiform_3",
        *(f"metatarsal_{k}" for k in range(1, 6)),
    ),
    "none": ("unknown",),
}  # fmt: skip
COPIES = {"rib": "12", "vertebra": "24", "tooth": "16", "unknown": ""}
"""Copies in a person, on one side for a paired element; one unless stated here; empty where it cannot be said."""

SPELLINGS: Mapping[str, str] = {
    "cranium": "skull; calvarium",
    "mandible": "jaw; lower jaw",
    "sternum": "breastbone",
    "clavicle": "collarbone",
    "os_coxa": "os coxae; ossa coxae; innominate; hip; hip bone; pelvis; coxal",
    "sacrum": "sacral vertebrae",
    "vertebra": "vertebrae; cervical vertebra; thoracic vertebra; lumbar vertebra; cervical vertebrae; "
    "thoracic vertebrae; lumbar vertebrae; atlas; axis",
    "rib": "ribs; rib 1; ribs 2-12",
    "tooth": "teeth",
    "patella": "kneecap",
    "talus": "astragalus",
    "calcaneus": "calcaneum; heel bone",
    "triquetral": "triquetrum; cuneiform of the hand",
    "scaphoid": "navicular of the hand",
    "trapezium": "greater multangular",
    "trapezoid": "lesser multangular",
    "navicular": "navicular of the foot",
    "cuneiform_1": "medial cuneiform; first cuneiform",
    "cuneiform_2": "intermediate cuneiform; middle cuneiform; second cuneiform",
    "cuneiform_3": "lateral cuneiform; third cuneiform",
    "unknown": "unidentified; indeterminate; fragment",
}
ORDINALS = {1: ("1st", "first"), 2: ("2nd", "second"), 3: ("3rd", "third"), 4: ("4th", "fourth"), 5: ("5th", "fifth")}

CARPALS = GROUPS["hand"][:8]
METACARPALS = GROUPS["hand"][8:]
ZONED: Mapping[str, tuple[str, ...]] = {"Hand": METACARPALS, "Foot": ("calcaneus",)}
"""Elements that the zones of hand and foot are of, as we read them: 1 to 5 of the foot describe the calcaneus."""

PARTS = {
    "Cervical vertebrae": "cervical",
    "Thoracic and lumbar vertebrae": "thoracic and lumbar",
    "Rib 1": "first",
    "Ribs 2-12": "second to twelfth",
}
MISSPELLED = {"diretion": "direction", "suprasprinous": "supraspinous"}

HAND_AND_FOOT = {
    "Scp_01": ("scaphoid", "Maximum length of the scaphoid"),
    "Lun_01": ("lunate", "Maximum length of the lunate"),
    "Tri_01": ("triquetral", "Maximum length of the triquetral"),
    "Pis_01": ("pisiform", "Maximum length of the pisiform"),
    "Tzm_01": ("trapezium", "Maximum length of the trapezium"),
    "Tzd_01": ("trapezoid", "Maximum length of the trapezoid"),
    "Cap_01": ("capitate", "Maximum length of the capitate"),
    "Ham_01": ("hamate", "Maximum length of the hamate"),
    **{f"MC{k}_01": (f"metacarpal_{k}", f"Maximum length of metacarpal {k}") for k in range(1, 6)},
    "Nav_01": ("navicular", "Maximum length of the navicular"),
    "Cub_01": ("cuboid", "Maximum length of the cuboid"),
    **{f"Cf{k}_01": (f"cuneiform_{k}", f"Maximum length of cuneiform {k}") for k in range(1, 4)},
    **{f"MT{k}_01": (f"metatarsal_{k}", f"Maximum length of metatarsal {k}") for k in range(1, 6)},
}
"""Codes that OsteoSort 2.0 uses beside those of the CoRA guide. Their meanings are ours: it does not state them."""

ASSUMED = {
    "Cra_01": (150, 220), "Cra_02": (145, 215), "Cra_03": (115, 170), "Cra_04": (105, 160), "Cra_05": (110, 165),
    "Cra_06": (80, 125), "Cra_07": (75, 125), "Cra_08": (45, 80), "Cra_09": (40, 70), "Cra_10": (95, 145),
    "Cra_11": (50, 95), "Cra_12": (75, 120), "Cra_13": (85, 125), "Cra_14": (38, 70), "Cra_15": (15, 38),
    "Cra_16L": (30, 50), "Cra_17L": (25, 45), "Cra_18": (80, 120), "Cra_19": (12, 38), "Cra_20": (90, 135),
    "Cra_21": (90, 140), "Cra_22": (75, 125), "Cra_23": (25, 50), "Cra_24": (20, 45), "Cra_25L": (15, 48),
    "Cra_26": (85, 135), "Cra_27": (70, 120), "Cra_28": (35, 75), "Man_01": (18, 48), "Man_02L": (18, 45),
    "Man_03L": (6, 22), "Man_04": (75, 130), "Man_05": (90, 150), "Man_06L": (20, 48), "Man_07L": (28, 62),
    "Man_08": (40, 90), "Man_09": (55, 115), "Man_10": (90, 150), "Man_11": (6, 22), "Man_12": (8, 26),
    "Man_13": (40, 85), "Cla_02": (7, 22), "Cla_03": (5, 18), "Rad_02": (9, 25), "Rad_03": (7, 20),
    "Uln_02": (9, 28), "Uln_03": (7, 22), "Uln_07": (22, 60), "Uln_08": (14, 40), "Uln_12": (170, 310),
    "Sac_01": (70, 150), "Sac_02": (80, 145), "Sac_03": (30, 75), "Sac_04": (20, 50), "Sac_05": (80, 150),
    "Osc_03": (50, 115), "Osc_04": (50, 115), "Osc_06": (55, 125), "Osc_07": (45, 110), "Osc_08": (50, 130),
    "Osc_09": (45, 115), "Osc_10": (70, 150), "Osc_11": (80, 160), "Osc_12": (90, 190), "Osc_13": (70, 160),
    "Fem_09": (18, 45), "Fem_10": (15, 40), "Fem_11": (60, 125), "Fem_12": (42, 88), "Fem_13": (42, 88),
    "Fem_18": (65, 130), "Fem_19": (25, 65), "Tib_06": (60, 130), "Tib_07": (18, 48), "Tib_08": (12, 38),
    "Tib_09": (55, 115), "Tib_13": (50, 105), "Tib_14": (20, 50), "Tib_15": (30, 70), "Tib_16": (25, 65),
    "Tal_03": (30, 70), "Pis_01": (7, 25),
}  # fmt: skip
"""Wide ranges for adults where the model has none; assumptions of ours. Man_10 is an angle in degrees."""

PREFIXES = {
    "Cra": "cranium", "Man": "mandible", "Cla": "clavicle", "Sca": "scapula", "Hum": "humerus", "Rad": "radius",
    "Uln": "ulna", "Sac": "sacrum", "Osc": "os_coxa", "Fem": "femur", "Pat": "patella", "Tib": "tibia",
    "Fib": "fibula", "Cal": "calcaneus", "Tal": "talus",
}  # fmt: skip
ANGLES = {"Man_10"}


def main(folder: Path) -> None:
    """Write every table."""
    osteo = folder / "osteo"
    write_table(DATA / "elements.csv", ["element", "group", "copies", "spellings"], elements())
    write_table(DATA / "zones.csv", ["elements", "part", "zone", "meaning"], zones(osteo / "cora_zones.csv"))
    model = json.loads((osteo / "skeleton_factor_model.json").read_text(encoding="utf-8"))
    codes = measurements(osteo / "cora_measurement_codes.csv", model_ranges(model))
    write_table(DATA / "measurements.csv", ["code", "element", "meaning", "unit", "least", "most", "basis"], codes)


def elements() -> Iterator[Sequence[object]]:
    """Elements by part of the body, with what others call them."""
    for group, names in GROUPS.items():
        for name in names:
            words = [w for w in SPELLINGS.get(name, "").split("; ") if w]
            stem, _, number = name.rpartition("_")
            if stem in {"metacarpal", "metatarsal", "cuneiform"}:
                words += [f"{ordinal} {stem}" for ordinal in ORDINALS[int(number)]]
                words += [{"metacarpal": "mc", "metatarsal": "mt", "cuneiform": "cf"}[stem] + number]
            yield name, group, COPIES.get(name, "1"), "; ".join(dict.fromkeys(words))


def zones(path: Path) -> Iterator[Sequence[object]]:
    """Zones with the elements of our vocabulary that they are of."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            region, number, meaning = row["region"], int(row["zone"]), row["description"].strip()
            names = ZONED.get(region) or (_element_of_region(region),)
            if region == "Hand" and number == 1:
                names = (*CARPALS, *METACARPALS)
            for wrong, right in MISSPELLED.items():
                meaning = meaning.replace(wrong, right)
            yield " ".join(names), PARTS.get(region, ""), number, meaning


def _element_of_region(region: str) -> str:
    if "vertebra" in region.lower():
        return "vertebra"
    return "rib" if region.startswith("Rib") else region.lower().replace(" ", "_")


def model_ranges(model: Mapping[str, object]) -> Mapping[str, tuple[int, int]]:
    """exp(mean ± 5 SD) of the factor model, from the smallest to the largest of its populations."""
    found = {}
    means: Mapping[str, Sequence[float]] = model["mean"]  # type: ignore[assignment]
    columns = zip(model["codes"], model["loadings"], model["shared"], model["noise_variance"], strict=True)  # type: ignore[call-overload]
    for k, (code, loadings, shared, noise) in enumerate(columns):
        spread = DEVIATIONS * sqrt(sum(x * x for x in loadings) + shared**2 + noise)
        middle = [mean[k] for mean in means.values()]
        found[code] = (int(exp(min(middle) - spread)), int(exp(max(middle) + spread)) + 1)
    return found


def measurements(path: Path, ranges: Mapping[str, tuple[int, int]]) -> Iterator[Sequence[object]]:
    """Every code: element, meaning, unit, plausible range and what the range rests on."""
    with path.open(encoding="utf-8", newline="") as lines:
        named = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    for code, name in named.items():
        yield _measurement(code, PREFIXES[code[:3]], name, ranges)
    for code, (element, name) in HAND_AND_FOOT.items():
        yield _measurement(code, element, name, ranges)


def _measurement(code: str, element: str, name: str, ranges: Mapping[str, tuple[int, int]]) -> Sequence[object]:
    least, most = ranges.get(code) or ASSUMED[code]
    basis = "model" if code in ranges else "assumption"
    return code, element, name, "degree" if code in ANGLES else "mm", least, most, basis


if __name__ == "__main__":
    main(Path(sys.argv[1]))
