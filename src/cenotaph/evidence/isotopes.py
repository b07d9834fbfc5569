"""The line ``isotopes``: where a person grew up and what he ate.

All values of a set's bones are one person's: his own level, drawn from the diets of a class of origin, with the noise
of a skeleton. It tells origins apart and, weakly, persons; one man of a class from another it cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.isotope_tables import isotope_values, load_isotope_model
from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Floats, Ints, LineScores, States
from cenotaph.geochemistry.isotopes import IsotopeStatistics, link_log_lr, origin_loglik

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


class IsotopeLine(BoneLine):
    """Isotope ratios; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "isotopes"
    group = "isotopes"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        self.model = load_isotope_model()
        values = isotope_values(dossier)
        self.statistics = values.statistics(self.model)
        index = {s: i for i, s in enumerate(case.specimen_ids)}
        self.row_of = np.full(len(case.specimen_ids), -1, dtype=np.int64)
        self.row_of[[index[s] for s in values.specimens]] = np.arange(len(values.specimens))
        self.see(np.append(self.statistics.informative, False)[self.row_of])
        self.column_of_state = states.population.copy()
        other = self.model.classes.index("other")
        self.classes = np.array(
            [self.model.classes.index(p) if p in self.model.classes else other for p in self.populations]
        )

    def gathered(self, sets: Sequence[Exhibits]) -> IsotopeStatistics:
        """Statistics of sets of exhibits."""
        bones = [self.bones(s) for s in sets]
        group = np.repeat(np.arange(len(sets)), [len(b) for b in bones])
        return self.statistics.take(self.row_of[[s for b in bones for s in b]]).grouped(group, len(sets))

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Density of the values under every class of origin; a man's is that of his population."""
        statistics = self.gathered(sets)
        populations = origin_loglik(self.model, statistics)[:, self.classes]
        asked = np.arange(len(self.case.populations)) if columns is None else columns
        return LineScores(populations[:, asked], populations, statistics.informative)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """As `BoneLine.link`."""
        share = np.bincount(self.classes, minlength=len(self.model.classes)) / len(self.classes)
        return link_log_lr(self.model, self.gathered(first), self.gathered(second), share)
