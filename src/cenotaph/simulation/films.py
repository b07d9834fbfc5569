"""Clavicles: scans of bones, and chest films of the missing, as outlines.

The outlines come from the same invented rods as the shipped model does: no real film is behind either. What the engine
does not assume is how the films are drawn: some lie in another man's file, some are traced in haste, and the length of
a clavicle is that of the man's skeleton.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.radiography.invented import (
    CURVE_SD_MM,
    FILM_NOISE_MM,
    THICKNESS_SD,
    Clavicles,
    draw_clavicles,
    film_outlines,
    scan_outlines,
)
from cenotaph.radiography.outline import mirror
from cenotaph.simulation.bodies import Bodies
from cenotaph.simulation.boxes import Specimen
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.records import Row, misfiled
from cenotaph.simulation.tables import Floats, Ints

FILMED = 0.35
"""Share of the missing whose file holds a chest film."""
SIDE_TRACED = 0.8
"""Share of the clavicles of a film that can be traced; the others lie behind ribs and spine."""
SCANNED = 0.8
"""Share of whole clavicles."""
HASTY, HASTY_NOISE_MM = 0.30, 1.6 * FILM_NOISE_MM
"""Share of the films that are traced in haste, and the standard deviation of the tracing of an edge then."""
ASYMMETRY = 0.3
"""How much the two clavicles of a person differ in shape, as a share of how much people differ."""
EVERY = 2
"""Every second point of an invented outline is traced."""
SIDES = ("L", "R")


def outline_rows(
    roster_ids: list[str],
    person_of_man: Ints,
    specimens: list[Specimen],
    specimen_ids: list[str],
    person_of: Ints,
    bodies: Bodies,
    difficulty: Difficulty,
    rng: np.random.Generator,
) -> list[Row]:
    """Rows of ``outlines.csv``: films of the missing, some of them another man's, then scans of whole clavicles."""
    clavicles = _both_sides(bodies, rng)
    filmed = np.flatnonzero(rng.random(len(roster_ids)) < FILMED)
    person_on_film = person_of_man[misfiled(filmed, difficulty.swapped_films, rng)]
    hasty = rng.random(filmed.size) < HASTY
    rows: list[Row] = []
    for side in range(2):
        traced = rng.random(filmed.size) < SIDE_TRACED
        for in_haste, noise_mm in ((False, FILM_NOISE_MM), (True, HASTY_NOISE_MM)):
            films = np.flatnonzero(traced & (hasty == in_haste))
            found = film_outlines(_of(clavicles[side], person_on_film[films]), rng, noise_mm)
            rows += _rows("missing", (roster_ids[m] for m in filmed[films]), SIDES[side], "radiograph", found)
    whole = [k for k, s in enumerate(specimens) if s.element == "clavicle" and s.span == (0.0, 1.0)]
    scanned = [k for k in whole if rng.random() < SCANNED]
    for side in range(2):
        bones = [k for k in scanned if specimens[k].side == SIDES[side]]
        persons = person_of[[specimens[k].individual for k in bones]]
        found = scan_outlines(_of(clavicles[side], persons), rng)
        for k, outline in zip(bones, found, strict=True):
            # The picture shows the true side, its label the one of the inventory.
            picture = _as_seen(outline, SIDES[side])
            rows += _points(("specimen", specimen_ids[k], "clavicle", specimens[k].recorded_side, "scan"), picture)
    return rows


def _both_sides(bodies: Bodies, rng: np.random.Generator) -> tuple[Clavicles, Clavicles]:
    """Left and right clavicles of everyone, as left ones; as long as in the skeleton, alike in shape but not equal."""
    length_mm = np.exp(bodies.log_mm[:, :, load_skeleton_model().code_index("Cla_01")])
    person = draw_clavicles(len(length_mm), rng)
    left, right = (
        Clavicles(
            length_mm[:, side],
            person.curve_mm + ASYMMETRY * CURVE_SD_MM * rng.normal(size=person.curve_mm.shape),
            person.thickness + ASYMMETRY * THICKNESS_SD * rng.normal(size=person.thickness.shape),
        )
        for side in range(2)
    )
    return left, right


def _of(clavicles: Clavicles, people: Ints) -> Clavicles:
    return Clavicles(clavicles.length_mm[people], clavicles.curve_mm[people], clavicles.thickness[people])


def _rows(kind: str, subjects: Iterable[str], side: str, view: str, outlines: Floats) -> list[Row]:
    return [
        row
        for subject, outline in zip(subjects, outlines, strict=True)
        for row in _points((kind, subject, "clavicle", side, view), _as_seen(outline, side))
    ]


def _as_seen(outline: Floats, side: str) -> Floats:
    return mirror(outline) if side == "R" else outline


def _points(of: tuple[str, ...], outline: Floats) -> list[Row]:
    return [(*of, str(k), f"{x:.2f}", f"{y:.2f}") for k, (x, y) in enumerate(outline[::EVERY].tolist())]
