"""The lines ``resemblance`` and ``stature``: what the measurements of bones say.

*Resemblance*: the density of all measurements of a set if it is one person of a population; it groups bones, and it
tells populations apart as far as their build differs. *Stature*: p(bones | recorded stature) / p(bones), so that the
two lines together are the joint density of bones and record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.skeleton_tables import load_skeleton_model, load_skeleton_populations, specimen_statistics
from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Floats, Ints, LineScores, States
from cenotaph.osteology.resemblance import SetStatistics, link_table, loglik_sets
from cenotaph.osteology.stature import RecordError, StaturePosterior, log_lr_posterior, stature_posterior

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


class MeasuredBones(BoneLine):
    """Statistics of the measurements of every specimen under the skeleton model."""

    def __init__(self, dossier: Dossier, case: Case, states: States, error: float) -> None:
        super().__init__(case, states, error)
        self.model = load_skeleton_model()
        self.statistics = specimen_statistics(dossier, self.model)
        self.see(self.statistics.measured > 0)
        self.build = [_build(name, self.model.populations) for name in self.populations]

    def remembered(self, sets: Sequence[Exhibits], known: dict[tuple[int, ...], Floats]) -> Floats:
        """`self.described` of every set, each asked for once; *known* is what was asked for before.

        Shape (sets, …), zero for a set without a measured bone.
        """
        keys = [tuple(self.bones(s)) for s in sets]
        new = [key for key in dict.fromkeys(keys) if key not in known]
        if new:
            group = np.repeat(np.arange(len(new)), [len(key) for key in new])
            statistics = self.statistics.take([s for key in new for s in key]).grouped(group, len(new))
            known.update(zip(new, self.described(statistics), strict=True))
        return np.array([known[key] for key in keys])

    def described(self, statistics: SetStatistics) -> Floats:
        """What the line wants to know of sets of bones, under every population of the skeleton model."""
        raise NotImplementedError

    def _measured(self, sets: Sequence[Exhibits]) -> NDArray[np.bool_]:
        return np.array([bool(self.seen[list(s)].any()) for s in sets], dtype=np.bool_)

    def gathered(self, sets: Sequence[Exhibits]) -> SetStatistics:
        """Statistics of sets of exhibits."""
        bones = [self.bones(s) for s in sets]
        group = np.repeat(np.arange(len(sets)), [len(b) for b in bones])
        return self.statistics.take([s for b in bones for s in b]).grouped(group, len(sets))


class ResemblanceLine(MeasuredBones):
    """Size and shape; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "resemblance"
    group = "osteology"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(dossier, case, states, error)
        self.column_of_state = states.population.copy()
        self._densities: dict[tuple[int, ...], Floats] = {}

    def described(self, statistics: SetStatistics) -> Floats:
        """Log density, shape (sets, populations of the model)."""
        return loglik_sets(self.model, statistics)

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Density of the measurements under every population; a man's is that of his population."""
        by_build = self.remembered(sets, self._densities)
        populations = np.column_stack([_mixed(by_build, weights) for weights in self.build])
        asked = np.arange(len(self.case.populations)) if columns is None else columns
        return LineScores(populations[:, asked], populations, self._measured(sets))

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """As `BoneLine.link`, compiled; no more support than the reference can bear: |log10 LR| ≤ log10(people)."""
        share = np.logaddexp.reduce(np.array(self.build), axis=0)
        alone = (self.remembered(first, self._densities), self.remembered(second, self._densities))
        table = link_table(self.model, self.gathered(first), self.gathered(second), share, alone=alone)
        most = float(np.log(self.model.reference_size))
        result: Floats = np.clip(table, -most, most)
        return result


class StatureLine(MeasuredBones):
    """Stature in the record; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "stature"
    group = "osteology"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, record_sd_cm: float, error: float) -> None:
        super().__init__(dossier, case, states, error)
        self.record = RecordError(sd_cm=record_sd_cm)
        given = [np.nan if h is None else float(h) for h in dossier.table("missing").get_column("stature_cm").to_list()]
        records = np.array(given)[states.man]
        keys = np.column_stack([states.population, np.nan_to_num(records, nan=-1.0)])
        distinct, self.column_of_state = np.unique(keys, axis=0, return_inverse=True)
        self.population_of_column = distinct[:, 0].astype(np.int64)
        self.record_of_column = np.where(distinct[:, 1] < 0, np.nan, distinct[:, 1])
        self._statures: dict[tuple[int, ...], Floats] = {}

    def described(self, statistics: SetStatistics) -> Floats:
        """Stature given the bones: mean, scale, degrees of freedom; shape (sets, populations of the model, 3)."""
        found = [stature_posterior(self.model, statistics, name) for name in self.model.populations]
        return np.stack([np.column_stack([one.mean_cm, one.scale_cm, one.df]) for one in found], axis=1)

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """log p(bones | record) − log p(bones) in the man's own population; nobody on the roster has a record: 0."""
        statures = self.remembered(sets, self._statures)
        asked = np.arange(len(self.record_of_column)) if columns is None else columns
        scores = np.zeros((len(sets), len(asked)))
        for population in np.unique(self.population_of_column[asked]):
            where = np.flatnonzero(self.population_of_column[asked] == population)
            records = self.record_of_column[asked[where]]
            parts = [
                log_lr_posterior(self.model, StaturePosterior(*statures[:, p].T), records, name, self.record)
                for p, name in enumerate(self.model.populations)
            ]
            scores[:, where] = _mixed(np.stack(parts, axis=2), self.build[population])
        measured = self._measured(sets)
        scores[~measured] = 0.0
        return LineScores(scores, np.zeros((len(sets), len(self.populations))), measured)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Nothing: two bones are compared by `ResemblanceLine`."""
        return np.zeros((len(first), len(second)))


def _build(name: str, populations: Sequence[str]) -> Floats:
    """Log weights of the populations of the skeleton model for one affinity; the mixture where none stands for it."""
    stands = load_skeleton_populations().get(name)
    if stands in populations:
        return np.where(np.array(populations) == stands, 0.0, -np.inf)
    return np.full(len(populations), -np.log(len(populations)))


def _mixed(by_build: Floats, log_weights: Floats) -> Floats:
    result: Floats = np.logaddexp.reduce(by_build + log_weights, axis=-1)
    return result
