"""The line ``articulation``: what an examiner saw of two bones together (``associations.csv``).

An observation speaks for or against one person for both bones, whoever he is; it groups, and never names. Its weight is
that of its grade. A refit graded certain has joined its specimens before this line is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Ints, LineScores, States
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

LOG10_OF_GRADE = {"certain": 4.0, "probable": 1.5, "possible": 0.5, "excluded": -2.0}
"""log10 LR of one person against two, by grade; assumptions: no published table grades expert opinion."""


class ArticulationLine(BoneLine):
    """Graded associations; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "articulation"
    group = "articulation"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        self.column_of_state = np.zeros(len(states.man), dtype=np.int64)
        index = {s: i for i, s in enumerate(case.specimen_ids)}
        table = dossier.table("associations").select("specimen_a", "specimen_b", "grade")
        self.partners: dict[int, dict[int, float]] = {}
        for a, b, grade in table.iter_rows():
            if a in index and b in index and a != b and grade in LOG10_OF_GRADE:
                weight = LOG10_OF_GRADE[grade] * LN10
                for one, other in ((index[a], index[b]), (index[b], index[a])):
                    known = self.partners.setdefault(one, {})
                    known[other] = min(known.get(other, weight), weight)
        seen = np.zeros(len(case.specimen_ids), dtype=np.bool_)
        seen[list(self.partners)] = True
        self.see(seen)

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Σ over the pairs of the set that were observed; the same under every hypothesis."""
        total = np.zeros(len(sets))
        for k, exhibits in enumerate(sets):
            inside = set(self.bones(exhibits))
            total[k] = sum(w for a in inside for b, w in self.partners[a].items() if a < b and b in inside)
        asked = 1 if columns is None else len(columns)
        return LineScores(
            np.repeat(total[:, None], asked, axis=1),
            np.repeat(total[:, None], len(self.populations), axis=1),
            np.array([bool(self.bones(s)) for s in sets], dtype=np.bool_),
        )
