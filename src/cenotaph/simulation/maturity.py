"""Stages of maturing features, read on bones by age at death.

The stages are those of the shipped models. People are not: they spread wider and mature a little later than the models
say, their features keep pace with each other more closely, and stages are misread more often, mostly by one.
"""

from __future__ import annotations

import numpy as np

from cenotaph.dossier.skeleton_tables import load_age_models
from cenotaph.osteology.age import StageModel
from cenotaph.simulation.boxes import Individuals, Specimen
from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.records import Row
from cenotaph.simulation.tables import Floats, Ints

FEATURES = (
    (
        *("clavicle", "1", "medial_clavicle"),
        {"langley_shirley_jantz_5": 0.4, "langley_shirley_jantz_3": 0.2, "mckern_stewart": 0.4},
    ),
    ("os_coxa", "9", "pubic_symphysis", {"mckern_stewart": 0.6, "brooks_suchey": 0.4}),
    ("os_coxa", "12", "iliac_crest", {"mckern_stewart": 1.0}),
)
"""Element, zone that must be there, feature, and the shares of methods by which it is read."""
STAGED = 0.6
"""Share of the features that are there."""
SPREAD, LATER = 1.3, 0.02
"""Standard deviation of ln age at a transition over the model's, and how much later it comes, in ln age."""
IN_STEP = 0.7
"""Share of the variance that all features of a person have in common."""
MISREAD_BY_ONE = 0.75
"""Of the misread stages; the others are any stage."""


def stage_rows(
    individuals: Individuals,
    specimens: list[Specimen],
    specimen_ids: list[str],
    difficulty: Difficulty,
    rng: np.random.Generator,
) -> list[Row]:
    """Rows of ``age_stages.csv``: of the features that a specimen still shows."""
    models = load_age_models()
    deviation = _deviations(len(individuals), rng)
    log_age = np.log(individuals.age)
    rows: list[Row] = []
    for specimen, name in zip(specimens, specimen_ids, strict=True):
        for feature, (element, zone, what, methods) in enumerate(FEATURES):
            if specimen.individual < 0 or specimen.element != element or rng.random() >= STAGED:
                continue
            if specimen.zones != "complete" and zone not in specimen.zones.split():
                continue
            method = str(rng.choice(list(methods), p=list(methods.values())))
            model = models[method, what, "M"]
            person = specimen.individual
            stage = true_stages(model, log_age[[person]], deviation[[person], feature])[0]
            rows.append((name, method, what, model.stages[_read(int(stage), len(model.stages), difficulty, rng)]))
    return rows


def _deviations(people: int, rng: np.random.Generator) -> Floats:
    """How late each feature of each person is, in standard deviations; shape (people, features)."""
    pace, own = rng.normal(size=(people, 1)), rng.normal(size=(people, len(FEATURES)))
    result: Floats = np.sqrt(IN_STEP) * pace + np.sqrt(1 - IN_STEP) * own
    return result


def true_stages(model: StageModel, log_age: Floats, deviation: Floats) -> Ints:
    """Index of the stage that people are in.

    Args:
        log_age: shape (people,), natural logarithm of years.
        deviation: shape (people,), how late they are, in standard deviations.
    """
    reached = log_age - LATER - SPREAD * model.sd * deviation
    return np.searchsorted(model.transitions, reached).astype(np.int64)


def _read(stage: int, stages: int, difficulty: Difficulty, rng: np.random.Generator) -> int:
    """The stage that is written down."""
    if rng.random() >= difficulty.misread_stages:
        return stage
    if rng.random() >= MISREAD_BY_ONE:
        return int(rng.integers(0, stages))
    step = 1 if stage == 0 else -1 if stage == stages - 1 else int(rng.choice((-1, 1)))
    return stage + step
