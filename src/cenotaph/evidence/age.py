"""The line ``age``: what bones say of age at death, beside the age at loss that the record gives.

Ranges of the inventory (``age_from``, ``age_to``) and stages of maturing features (``age_stages``), against the ages of
the roster. Soldiers are young: the line mostly tells eighteen from twenty-eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.dates import parse_date
from cenotaph.dossier.skeleton_tables import load_age_models
from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Floats, Ints, LineScores, States
from cenotaph.osteology.age import Reading, age_density, log_lr_ages, loglik_ranges, loglik_stages

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier
    from cenotaph.osteology.age import StageModel

DAYS_PER_YEAR = 365.25


class AgeLine(BoneLine):
    """Age; see the module. Satisfies `cenotaph.evidence.line.Line`.

    Args:
        dossier, case, states: the case.
        error: share of records with another man's dates, and of bones whose age is another's.
    """

    name = "age"
    group = "osteology"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        missing = dossier.table("missing")
        ages = np.array(
            [_ages(b, d) for b, d in zip(missing["birth_date"].to_list(), missing["loss_date"].to_list(), strict=True)]
        ).reshape(len(case.missing_ids), 2)
        distinct, column = np.unique(np.nan_to_num(ages, nan=-1.0), axis=0, return_inverse=True)
        self.column_of_state = column.ravel()[states.man]
        self.limits = np.where(distinct < 0, np.nan, distinct)
        middles = ages.mean(axis=1)
        self.density = age_density(middles[np.isfinite(middles)]) if np.isfinite(middles).any() else None
        specimens = dossier.table("specimens")
        self.low, self.high = (
            np.array([np.nan if v is None else float(v) for v in specimens[c].to_list()])
            for c in ("age_from", "age_to")
        )
        self.readings = _readings(dossier, case)
        staged = np.array([bool(r) for r in self.readings], dtype=np.bool_)
        told = np.isfinite(self.low) | np.isfinite(self.high) | staged
        self.see(told if self.density is not None else np.zeros_like(told))

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """log p(bones | his age) − log p(bones | an age of the roster); nobody on the roster has no other age: 0."""
        asked = np.arange(len(self.limits)) if columns is None else columns
        bones = [self.bones(s) for s in sets]
        populations = np.zeros((len(sets), len(self.populations)))
        informative = np.array([bool(b) for b in bones], dtype=np.bool_)
        if self.density is None or not informative.any():
            return LineScores(np.zeros((len(sets), len(asked))), populations, np.zeros_like(informative))
        every = np.array([s for b in bones for s in b], dtype=np.int64)
        group = np.repeat(np.arange(len(sets)), [len(b) for b in bones])
        ranged = np.isfinite(self.low[every]) | np.isfinite(self.high[every])
        table = loglik_ranges(group[ranged], self.low[every[ranged]], self.high[every[ranged]], len(sets))
        stages = [
            Reading(int(g), model, stage)
            for s, g in zip(every, group, strict=True)
            for model, stage in self.readings[s]
        ]
        if stages:
            table = table + loglik_stages(stages, len(sets))
        scores = log_lr_ages(table, self.density, self.limits[asked, 0], self.limits[asked, 1])
        return LineScores(scores, populations, informative)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Nothing: soldiers are of nearly one age, and an examiner's ranges of two bones are not independent."""
        return np.zeros((len(first), len(second)))


def _ages(birth: str | None, loss: str | None) -> tuple[float, float]:
    """Least and greatest age at loss in years; nan where either date or its end is not known."""
    if not birth or not loss:
        return np.nan, np.nan
    born, lost = parse_date(birth), parse_date(loss)
    if not (born.earliest and born.latest and lost.earliest and lost.latest):
        return np.nan, np.nan
    youngest = (lost.earliest - born.latest).days / DAYS_PER_YEAR
    oldest = (lost.latest - born.earliest).days / DAYS_PER_YEAR
    # To a tenth of a year: men of one age share a column.
    return round(youngest, 1), round(oldest, 1)


def _readings(dossier: Dossier, case: Case) -> list[list[tuple[StageModel, int]]]:
    """Per specimen, its stages under the shipped models; methods and stages that these do not know are left out."""
    models = load_age_models()
    index = {s: i for i, s in enumerate(case.specimen_ids)}
    found: list[list[tuple[StageModel, int]]] = [[] for _ in case.specimen_ids]
    for specimen, method, feature, stage in (
        dossier.table("age_stages").select("specimen_id", "method", "feature", "stage").iter_rows()
    ):
        model = models.get((method, feature, "M"))
        if specimen in index and model is not None and stage in model.stages:
            found[index[specimen]].append((model, model.stage_index(stage)))
    return found
