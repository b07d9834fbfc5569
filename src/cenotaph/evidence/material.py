"""The line ``material``: objects that name a man, in the container of the bones or with one specimen.

An object speaks once per individual and container, for everybody whose bones lie there, with the chance that objects
move (`cenotaph.evidence.tags`). An object found with a specimen speaks for the individual of that specimen alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States
from cenotaph.evidence.tags import (
    STAYS_IN_BOX,
    STAYS_WITH_SPECIMEN,
    Roster,
    box_log_lr,
    inscription_loglik,
    named_log_lr,
    nobody_log_lr,
)

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

NAMING = frozenset({"identification_tag", "name_bearing"})


class MaterialLine(BoneLine):
    """Objects; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "material"
    group = "material"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        self.column_of_state = states.man.copy()
        self.in_container: dict[int, tuple[Floats, float]] = {}
        self.with_specimen: dict[int, tuple[Floats, float]] = {}
        people = _people(dossier, case)
        containers = {c: i for i, c in enumerate(case.container_ids)}
        specimens = {s: i for i, s in enumerate(case.specimen_ids)}
        man = {m: i for i, m in enumerate(case.missing_ids)}
        missing = dossier.table("missing")
        roster = Roster.of(*(missing[c].to_list() for c in ("family_name", "given_names", "service_number")))
        columns = ("container_id", "specimen_id", "kind", "inscription", "missing_id")
        for container, specimen, kind, inscription, named in dossier.table("effects").select(columns).iter_rows():
            if named in man:
                ratio = named_log_lr(man[named], len(man))
            elif kind in NAMING and inscription:
                ratio = inscription_loglik(inscription, roster)
            else:
                continue
            if specimen in specimens:
                _add(self.with_specimen, specimens[specimen], ratio, 1.0, STAYS_WITH_SPECIMEN)
            elif container in containers:
                _add(self.in_container, containers[container], ratio, people[containers[container]], STAYS_IN_BOX)
        beside = np.isin(case.container_of, list(self.in_container))
        beside[list(self.with_specimen)] = True
        self.see(beside)

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """log LR of each man against a man drawn at random; those of other nations have no such object."""
        asked = np.arange(len(self.case.missing_ids)) if columns is None else columns
        scores = np.zeros((len(sets), len(asked)))
        populations = np.zeros((len(sets), len(self.populations)))
        told = np.zeros(len(sets), dtype=np.bool_)
        for k, exhibits in enumerate(sets):
            bones = self.bones(exhibits)
            boxes = {int(self.case.container_of[s]) for s in bones}
            objects = [self.in_container[c] for c in boxes if c in self.in_container]
            objects += [self.with_specimen[s] for s in bones if s in self.with_specimen]
            told[k] = bool(objects)
            for by_man, nobody in objects:
                scores[k] += by_man[asked]
                populations[k, -len(FOREIGN) :] += nobody
        return LineScores(scores, populations, told)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Nothing: that two bones lie in one container is told by the prior of containers."""
        return np.zeros((len(first), len(second)))


def _add(objects: dict[int, tuple[Floats, float]], place: int, ratio: Floats, people: float, stays: float) -> None:
    by_man, nobody = box_log_lr(ratio, people, stays), nobody_log_lr(people, stays)
    if place in objects:
        by_man, nobody = by_man + objects[place][0], nobody + objects[place][1]
    objects[place] = by_man, nobody


def _people(dossier: Dossier, case: Case) -> list[float]:
    """Least number of people in each container: the most often repeated element of one side, at least one."""
    table = dossier.table("specimens").select("element", "side")
    repeated: dict[int, Counter[tuple[str, str]]] = {}
    for container, (element, side) in zip(case.container_of, table.iter_rows(), strict=True):
        if side in ("L", "R", "M"):
            repeated.setdefault(int(container), Counter())[element, side] += 1
    return [float(max(repeated.get(c, Counter()).values(), default=1)) for c in range(len(case.container_ids))]
