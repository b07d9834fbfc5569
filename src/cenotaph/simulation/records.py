"""What is on paper: records of the missing, measurements, dental charts, isotopes and effects."""

from __future__ import annotations

import numpy as np

from cenotaph.dossier.skeleton_tables import load_measurement_spans
from cenotaph.simulation.bodies import TEETH, Bodies
from cenotaph.simulation.boxes import Individuals, Specimen, measured
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.plan import HandoverPlan
from cenotaph.simulation.roster import Roster
from cenotaph.simulation.tables import Floats, Ints, load_incidents

Row = tuple[str | None, ...]

STATURE_UNKNOWN, STATURE_OFF, STATURE_ERROR_CM = 0.02, 0.9, 1.6
"""Share without stature on record; mean and standard deviation of the record's error; it is in whole inches."""
INCH_CM = 2.54

MEASURED = 0.75
OBSERVER_SD, BLUNDER, BLUNDER_SD = 0.003, 0.005, 0.08
"""Of the logarithm of a measurement; the share of blunders and their standard deviation."""

CHARTED = 0.6
TREATED_LATER = 0.12
"""Share of a man's treated or lost teeth that his last chart still shows as sound."""
MISCHARTED = 0.01
LOST_POST_MORTEM = 0.30

ISOTOPES_TAKEN = 0.15
ISOTOPE_SD = {"d13C": 0.15, "d15N": 0.20}

EFFECTS_PER_MAN = 0.04
EFFECT_OF_ANOTHER = 0.4
"""Tags of men who are not in the boxes, or not in that box."""


def missing_rows(
    plan: HandoverPlan, roster: Roster, ids: list[str], stature_cm: Floats, rng: np.random.Generator
) -> list[Row]:
    """Rows of ``missing.csv``; *stature_cm* is the true one."""
    radii = [load_incidents()[i.incident_id].radius_km for i in plan.incidents]
    stated = np.round((stature_cm + rng.normal(STATURE_OFF, STATURE_ERROR_CM, len(roster))) / INCH_CM) * INCH_CM
    unknown = rng.random(len(roster)) < STATURE_UNKNOWN
    return [
        (
            ids[k],
            str(roster.surname[k]),
            str(roster.given[k]),
            "M",
            roster.birth[k].isoformat(),
            roster.recorded_affinity[k],
            None if unknown[k] else f"{stated[k]:.1f}",
            plan.incidents[roster.incident[k]].incident_id,
            roster.loss[k].isoformat(),
            f"{roster.place[k, 0]:.4f}",
            f"{roster.place[k, 1]:.4f}",
            f"{radii[roster.incident[k]]:g}",
            "accounted" if roster.accounted[k] else "unaccounted",
        )
        for k in range(len(roster))
    ]


def measurement_rows(
    specimens: list[Specimen], ids: list[str], person_of: Ints, bodies: Bodies, rng: np.random.Generator
) -> list[Row]:
    """Rows of ``measurements.csv``: of what is there of a bone, on its true side."""
    places = load_measurement_spans()
    elements = np.array(places.elements)
    rows: list[Row] = []
    for specimen, name in zip(specimens, ids, strict=True):
        if specimen.individual < 0 or rng.random() >= MEASURED:
            continue
        which = np.flatnonzero(measured(specimen, places.spans, elements))
        exact = bodies.log_mm[person_of[specimen.individual], int(specimen.side == "R"), which]
        error = rng.normal(size=which.size) * np.where(rng.random(which.size) < BLUNDER, BLUNDER_SD, OBSERVER_SD)
        rows += [(name, places.codes[c], f"{value:.1f}") for c, value in zip(which, np.exp(exact + error), strict=True)]
    return rows


def chart_rows(
    roster_ids: list[str],
    person_of_man: Ints,
    specimens: list[Specimen],
    specimen_ids: list[str],
    person_of: Ints,
    bodies: Bodies,
    difficulty: Difficulty,
    rng: np.random.Generator,
) -> list[Row]:
    """Rows of ``dental_charts.csv``: charts of the missing, some filed under another man, then of jaws."""
    charted = np.flatnonzero(rng.random(len(roster_ids)) < CHARTED)
    content = misfiled(charted, difficulty.swapped_charts, rng)
    rows: list[Row] = []
    for man, whose in zip(charted, content, strict=True):
        teeth = bodies.teeth[person_of_man[whose]]
        codes = np.where(rng.random(teeth.size) < TREATED_LATER, "V", teeth)
        rows += _chart("missing", roster_ids[man], codes, range(len(TEETH)), rng)
    for specimen, name in zip(specimens, specimen_ids, strict=True):
        if specimen.individual < 0 or specimen.element not in ("cranium", "mandible"):
            continue
        if specimen.span[1] - specimen.span[0] < 0.5:
            continue
        teeth = bodies.teeth[person_of[specimen.individual]]
        codes = np.where((teeth != "X") & (rng.random(teeth.size) < LOST_POST_MORTEM), "J", teeth)
        quarters = (1, 2) if specimen.element == "cranium" else (3, 4)
        rows += _chart("specimen", name, codes, [k for k, t in enumerate(TEETH) if t // 10 in quarters], rng)
    return rows


def misfiled(men: Ints, share: float, rng: np.random.Generator) -> Ints:
    """Whose record lies in the file of each of *men*: a share of them, two at least, hold each other's."""
    content = men.copy()
    wrong = rng.permutation(men.size)[: max(2, int(np.ceil(share * men.size)))]
    content[wrong] = men[np.roll(wrong, 1)]
    return content


def _chart(kind: str, subject: str, codes: np.ndarray, which: range | list[int], rng: np.random.Generator) -> list[Row]:
    """Rows of one chart; now and then a tooth is charted as its neighbour."""
    rows: list[Row] = []
    for k in which:
        code = codes[k]
        neighbour = codes[which[0] + (k - which[0] + 1) % len(which)]
        same_part = (TEETH[k] % 10 <= 3) == (TEETH[which[0] + (k - which[0] + 1) % len(which)] % 10 <= 3)
        if same_part and rng.random() < MISCHARTED:
            code = neighbour
        rows.append((kind, subject, str(TEETH[k]), str(code)))
    return rows


def isotope_rows(
    specimens: list[Specimen], ids: list[str], person_of: Ints, bodies: Bodies, rng: np.random.Generator
) -> list[Row]:
    """Rows of ``isotopes.csv``: collagen of some bones."""
    rows: list[Row] = []
    for specimen, name in zip(specimens, ids, strict=True):
        if specimen.individual < 0 or specimen.element == "tooth" or rng.random() >= ISOTOPES_TAKEN:
            continue
        person = person_of[specimen.individual]
        for ratio, values in (("d13C", bodies.d13c), ("d15N", bodies.d15n)):
            rows.append((name, "collagen", ratio, f"{values[person] + rng.normal(0, ISOTOPE_SD[ratio]):.2f}"))
    return rows


def effect_rows(individuals: Individuals, roster: Roster, box_ids: list[str], rng: np.random.Generator) -> list[Row]:
    """Rows of ``effects.csv``: identification tags, not all of men who are there."""
    rows: list[Row] = []
    listed = np.flatnonzero(individuals.man >= 0)
    for k in rng.permutation(listed)[: max(1, round(EFFECTS_PER_MAN * listed.size))]:
        elsewhere = rng.random() < EFFECT_OF_ANOTHER
        man = int(rng.integers(0, len(roster))) if elsewhere else int(individuals.man[k])
        inscription = f"{str(roster.surname[man]).upper()}, {str(roster.given[man])[0]}"
        box = box_ids[individuals.main_box[k]]
        rows.append((f"E{len(rows) + 1:03d}", box, None, "identification_tag", inscription, None))
    return rows
