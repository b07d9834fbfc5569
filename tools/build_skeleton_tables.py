"""Build the tables of the skeleton model from a folder of published data.

    python tools/build_skeleton_tables.py DATA_FOLDER

Reads third-party figures below ``osteo``; writes our own tables into ``src/cenotaph/data/osteology``: the factor model
of the logarithms of measurements, the published left–right differences that its noise is set by, stature joined to it,
and stature equations. No person's row is in them. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from shipped_tables import write_table

DATA = Path(__file__).resolve().parents[1] / "src" / "cenotaph" / "data" / "osteology"

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
STATURE_BONES = ("Hum_01", "Rad_01", "Uln_01", "Fem_01", "Tib_01", "Fib_01")
WITHOUT_TIBIA = tuple(code for code in STATURE_BONES if code != "Tib_01")
"""Trotter's tibiae are short (Jantz et al. 1995), so that they say nothing of a mean."""
MEASURED_STATURE = "Trotter WWII (measured stature)"
LEAST_SHARED_CORRELATION = 0.3
"""Correlations of left–right differences within a bone below this are left out as noise of small samples."""
HELD_BACK = 0.9
"""Share of the fitted part of one bone that is kept: real femora and ulnae are most likely there. A difference of two
measurements of one bone that is held to be all but exact would outweigh everything else as soon as it is not."""
LEAST_PUBLISHED_PAIRS = 100
"""A published standard deviation of left minus right on fewer pairs is not taken."""


def main(folder: Path) -> None:
    """Write every table."""
    osteo = folder / "osteo"
    model = json.loads((osteo / "skeleton_factor_model.json").read_text(encoding="utf-8"))
    names_of = measurement_names(osteo / "cora_measurement_codes.csv")
    differences = list(bilateral_differences(osteo / "dpaa_bilateral_difference_summary.csv", model["codes"]))
    header = ["code", "pairs", "mean_mm", "difference_sd_mm"]
    write_table(DATA / "bilateral_differences.csv", header, differences)
    model = with_published_noise(model, differences)
    bone = bone_parts(osteo / "se_compare_paired_reference.csv")
    factors = [f"factor_{k + 1}" for k in range(len(model["loadings"][0]))]
    means = [f"mean_{p}" for p in model["mean"]]
    header = ["code", "element", "from_share", "to_share", *means, "asymmetry", *factors]
    write_table(
        DATA / "skeleton_model.csv", [*header, "shared", "noise_sd", "bone", "bones"], skeleton(model, names_of, bone)
    )
    write_table(DATA / "skeleton_populations.csv", ["population", "individuals", "stature_basis"], populations(model))
    refits = list(read(osteo / "stature_reference_refits.csv"))
    equations = list(read(osteo / "trotter_gleser_coefficients.csv"))
    stature_header = [*means, *factors, "residual_sd_cm", "individuals"]
    write_table(DATA / "skeleton_stature.csv", stature_header, [stature(model, refits, equations)])
    header = ["source", "population", "published_as", "sex", "codes", "slope", "intercept_cm", "see_cm"]
    write_table(
        DATA / "stature_equations.csv", [*header, "coefficients", "standard_error"], stature_equations(equations)
    )


def read(path: Path) -> Iterable[dict[str, str]]:
    """Rows of a table."""
    with path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def measurement_names(path: Path) -> dict[str, str]:
    """Names of the measurements by code."""
    return {row["code"]: row["name"] for row in read(path)}


def bilateral_differences(path: Path, codes: Sequence[str]) -> Iterable[tuple[str, int, float, float]]:
    """Of each code of the model: pairs of men, mean of both sides (mm), standard deviation of left minus right (mm)."""
    for row in read(path):
        pairs = int(row["n_pairs"])
        if row["group"] == "males" and row["measurement"] in codes and pairs >= LEAST_PUBLISHED_PAIRS:
            mean_mm = (float(row["mean_left"]) + float(row["mean_right"])) / 2
            yield row["measurement"], pairs, round(mean_mm, 3), float(row["sd_d"])


def with_published_noise(model: dict, differences: Iterable[tuple[str, int, float, float]]) -> dict:
    """The model with the published left–right spread, which rests on twice as many people, as the noise of one side.

    The variance of left minus right is 2·noise². What the noise gains or loses the part that both sides share loses or
    gains, so that the spread over people stays as it was fitted.
    """
    noise, shared = list(model["noise_variance"]), list(model["shared"])
    for code, _, mean_mm, sd_mm in differences:
        c = model["codes"].index(code)
        published = (sd_mm / mean_mm) ** 2 / 2
        shared[c] = max(shared[c] ** 2 + noise[c] - published, 0.0) ** 0.5
        noise[c] = published
    return model | {"noise_variance": noise, "shared": shared}


def skeleton(model: dict[str, list], names_of: dict[str, str], bone: dict[str, float]) -> Iterable[Sequence[object]]:
    """One row a measurement: where it is taken, its means, and its part in the factor model."""
    for i, code in enumerate(model["codes"]):
        name = names_of.get(code, "").lower()
        span = next((span for pattern, span in SPANS if re.search(pattern, name)), (0.0, 1.0))
        if "length" in name and not re.search(r"diameter|breadth", name):
            span = (0.0, 1.0)
        means = [f"{model['mean'][p][i]:.4f}" for p in model["mean"]]
        loadings = [f"{x:.4f}" for x in model["loadings"][i]]
        noise_sd = model["noise_variance"][i] ** 0.5
        shared, noise, part = f"{model['shared'][i]:.4f}", f"{noise_sd:.4f}", f"{bone.get(code, 0.0) * noise_sd:.4f}"
        row = (code, ELEMENT_OF_PREFIX[code[:3]], *span, *means, f"{model['asymmetry'][i]:.4f}", *loadings)
        yield *row, shared, noise, part, model["bones_measured"][i]


def bone_parts(path: Path) -> dict[str, float]:
    """Of each code, the correlation of its left–right difference with the factor of its bone.

    One factor a bone, fitted to the correlations of the differences of logarithms (principal factor, iterated).
    """
    sides: dict[str, dict[str, dict[str, dict[str, str]]]] = defaultdict(lambda: defaultdict(dict))
    for row in read(path):
        sides[row["element"]][row["pair"]][row["side"]] = row
    parts: dict[str, float] = {}
    for pairs in sides.values():
        first = next(iter(pairs.values()))["left"]
        codes = [c for c in first if re.fullmatch(r"[A-Z][a-z]{2}_\d\d", c) and first[c]]
        left, right = (np.log([[float(p[s][c]) for c in codes] for p in pairs.values()]) for s in ("left", "right"))
        parts |= dict(zip(codes, one_factor(trimmed_correlation(left - right)), strict=True))
    return parts


def trimmed_correlation(difference: np.ndarray) -> np.ndarray:
    """Correlations without the rows that have a value more than four robust deviations out; small ones set to zero."""
    centred = difference - np.median(difference, axis=0)
    robust = 1.4826 * np.median(np.abs(centred), axis=0)
    kept = difference[(np.abs(centred) <= 4 * np.maximum(robust, 1e-9)).all(axis=1)]
    found = np.corrcoef(kept, rowvar=False)
    return np.where(np.abs(found) < LEAST_SHARED_CORRELATION, 0.0, found)


def one_factor(correlation: np.ndarray) -> list[float]:
    """Loadings of one factor; zero where nothing is correlated."""
    found = correlation.copy()
    loadings = np.zeros(len(found))
    for _ in range(200):
        np.fill_diagonal(found, np.clip(loadings**2, 0.0, 0.95))
        values, vectors = np.linalg.eigh(found)
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    loadings *= np.sign(loadings.sum() or 1.0)
    return list(np.where(np.abs(loadings) < 0.3, 0.0, np.clip(loadings, -0.97, 0.97) * HELD_BACK))


def populations(model: dict[str, dict[str, int]]) -> Iterable[Sequence[object]]:
    """People of each population in the reference, and where its mean stature comes from."""
    basis = {
        "white": "regression of measured stature on five long bones, White men of the Second World War (Trotter)",
        "black": "regression of measured stature on five long bones, Black men of the Second World War (Trotter)",
        "asian": "equations of Trotter & Gleser 1958 for Mongoloid men on four long bones: an assumption",
    }
    for name, count in model["individuals"].items():
        yield name, count, basis[name]


def stature(model: dict[str, dict], refits: list[dict[str, str]], equations: list[dict[str, str]]) -> Sequence[object]:
    """Stature as one more variable.

    Loadings: the shortest vector with which the covariances of stature with six long bones are those of White men with
    measured stature (n = 936), so that no other bone is made to predict it. Means: the regressions at the bone means of
    the model, so that the line through bones and stature is the published one.
    """
    at = [model["codes"].index(code) for code in STATURE_BONES]
    loadings = np.array(model["loadings"])[at]
    variance = (loadings**2).sum(axis=1) + np.array(model["shared"])[at] ** 2 + np.array(model["noise_variance"])[at]
    white = {r["measurement"]: r for r in refits if (r["sample"], r["ancestry"]) == (MEASURED_STATURE, "W")}
    black = {r["measurement"]: r for r in refits if (r["sample"], r["ancestry"]) == (MEASURED_STATURE, "B")}
    sd_cm = float(white["Fem_01"]["sd_stature_cm"])
    wanted = np.array([float(white[c]["r"]) for c in STATURE_BONES]) * sd_cm * np.sqrt(variance)
    scale = np.sqrt(variance)[:, None]
    vector = shortest(loadings / scale, wanted / scale[:, 0])
    residual = np.sqrt(sd_cm**2 - (vector**2).sum())
    asian = {
        f"{r['bone'].title()}_01": (float(r["slope"]) / 10, float(r["intercept_cm"]))
        for r in equations
        if (r["source"], r["population"]) == ("TG1958", "Mongoloid") and r["bone"] in ("hum", "rad", "uln", "fem")
    }
    lines = {"white": refit_lines(white), "black": refit_lines(black), "asian": asian}
    means = []
    for population in model["mean"]:
        length = {c: np.exp(model["mean"][population][model["codes"].index(c)]) for c in STATURE_BONES}
        means.append(np.mean([slope * length[c] + start for c, (slope, start) in lines[population].items()]))
    individuals = int(white["Fem_01"]["n"])
    return [*(f"{m:.2f}" for m in means), *(f"{x:.4f}" for x in vector), f"{residual:.4f}", individuals]


def stature_equations(equations: list[dict[str, str]]) -> Iterable[Sequence[object]]:
    """The published equations with our codes, and what of each was found in a second public source."""
    populations_of = {"White": "white", "Black": "black", "Mongoloid": "asian", "Mexican": "hispanic"}
    for r in equations:
        bones = r["bone"].split("+")
        found = r["coef_verified"]
        if found.startswith("statuAAR"):
            mark = "second source"
        elif "none" in found:
            mark = "one source"
        else:
            listed = set(re.findall(r"hum|rad|uln|fem|tib|fib", found.split(" on ")[0]))
            mark = "second source" if len(bones) == 1 and bones[0] in listed else "one source"
        published = (r["source"], populations_of[r["population"]], r["population"], r["sex"])
        codes = " ".join(f"{bone.title()}_01" for bone in bones)
        yield *published, codes, r["slope"], r["intercept_cm"], r["see_cm"], mark, "one source"


def shortest(loadings: np.ndarray, wanted: np.ndarray, ridge: float = 0.02) -> np.ndarray:
    """Least ``|loadings·v − wanted|² + ridge·|v|²``: nearly the shortest exact solution, without its extremes."""
    gram = loadings @ loadings.T
    return loadings.T @ np.linalg.solve(gram + ridge * np.eye(len(gram)), wanted)


def refit_lines(rows: dict[str, dict[str, str]]) -> dict[str, tuple[float, float]]:
    """Slope and intercept of stature (cm) on each bone (mm), without the tibia."""
    names = ("stature_on_bone_slope_cm_per_mm", "stature_on_bone_intercept")
    return {code: (float(rows[code][names[0]]), float(rows[code][names[1]])) for code in WITHOUT_TIBIA}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
