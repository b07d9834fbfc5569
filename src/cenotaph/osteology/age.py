"""Age from stages: the probability of a stage given age, never a mean age per phase turned round.

A feature passes its stages in order. ``P(stage ≥ j | age) = Φ((ln age − μ_j)/σ)``: cumulative probit on the logarithm
of age. Indicators of one person are not independent given age, because some mature early in everything: a share ρ of
the variance is one *pace* of the person, normal and integrated out, so that many indicators do not pretend to more than
they know. One feature counts once, however often it was read, on however many sides. Readings are wrong now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AGES = np.arange(10.0, 90.25, 0.25)
"""Ages at death, years, at which likelihoods are tabled."""
SHARED_PACE = 0.5
"""Share of the variance of ln age at a transition that all features of a person have in common: an assumption."""
MISREAD = 0.02
"""Chance that a stage is read or written down wrongly; then every stage is as likely."""
RANGE_SD_YEARS, RANGE_WRONG = 2.0, 0.05
"""How far limits of an inventory's range are off, and how often the whole range is wrong: assumptions."""


@dataclass(frozen=True, slots=True)
class StageModel:
    """Stages of one feature by one method.

    Args:
        method, feature, sex: as they are written in ``age_stages``; sex M or F.
        stages: labels in order of age.
        transitions: shape (stages − 1,), median ln age (years) at which each next stage is entered.
        sd: standard deviation of ln age at a transition.
        basis: where it comes from, and what is assumed.

    Raises:
        InvalidInput: transitions out of order or of another number, a spread that is not positive.
    """

    method: str
    feature: str
    sex: str
    stages: tuple[str, ...]
    transitions: Floats
    sd: float
    basis: str

    def __post_init__(self) -> None:
        if self.transitions.shape != (len(self.stages) - 1,) or np.any(np.diff(self.transitions) <= 0):
            raise InvalidInput(f"{self.method} {self.feature}: transitions", valid="one less than stages, rising")
        if not self.sd > 0:
            raise InvalidInput(f"{self.method} {self.feature}: spread", found=self.sd, valid="above 0")

    def stage_index(self, stage: str) -> int:
        """Index of a stage.

        Raises:
            InvalidInput: the method has no such stage.
        """
        if stage not in self.stages:
            valid = ", ".join(self.stages)
            raise InvalidInput(f"{self.method} {self.feature}: unknown stage", found=stage, valid=valid)
        return self.stages.index(stage)


def stage_probabilities(model: StageModel, ages: Floats, pace: float = 0.0, shared: float = 0.0) -> Floats:
    """P(stage | age, pace), reading errors left aside.

    ``Φ((ln a + σ√ρ·pace − μ_j)/(σ√(1 − ρ)))`` is the probability of having entered stage j.

    Args:
        ages: shape (G,), years.
        pace: of the person, in standard deviations; positive is early.
        shared: ρ, the share of variance that *pace* takes.

    Returns:
        shape (G, stages); rows sum to one.

    >>> crest = StageModel("m", "f", "M", ("open", "complete"), np.log([20.0]), 0.08, "")
    >>> stage_probabilities(crest, np.array([20.0])).tolist()
    [[0.5, 0.5]]
    """
    from scipy.special import ndtr

    own = model.sd * np.sqrt(1.0 - shared)
    entered = ndtr((np.log(ages)[:, None] + model.sd * np.sqrt(shared) * pace - model.transitions) / own)
    edges = np.concatenate([np.ones((len(ages), 1)), entered, np.zeros((len(ages), 1))], axis=1)
    result: Floats = edges[:, :-1] - edges[:, 1:]
    return result


@dataclass(frozen=True, slots=True)
class Reading:
    """One stage that was read on one specimen: index of the set it belongs to, model, index of the stage."""

    group: int
    model: StageModel
    stage: int


def loglik_stages(readings: Sequence[Reading], sets: int, ages: Floats = AGES, shared: float = SHARED_PACE) -> Floats:
    """log P(all stages of a set | age), each set one person.

    ``log ∫ φ(z) Π_features P(stages of the feature | a, z) dz``. Several readings of one feature are averaged in
    logarithms. A reading is wrong with probability `MISREAD`.

    Args:
        sets: number of sets.
        ages: shape (G,).
        shared: ρ; zero makes the features independent given age.

    Returns:
        shape (sets, G), natural logarithm; zero for a set without a reading.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    log_weights = np.log(weights / weights.sum())
    by_set: dict[int, dict[str, list[Reading]]] = {}
    for reading in readings:
        by_set.setdefault(reading.group, {}).setdefault(reading.model.feature, []).append(reading)
    tables: dict[tuple[int, int], Floats] = {}
    result = np.zeros((sets, len(ages)))
    for group, features in by_set.items():
        total = np.zeros((len(ages), nodes.size)) + log_weights
        for found in features.values():
            for reading in found:
                key = id(reading.model), reading.stage
                if key not in tables:
                    tables[key] = _reading_table(reading, ages, nodes, shared)
                total += tables[key] / len(found)
        result[group] = np.logaddexp.reduce(total, axis=1)
    return result


def _reading_table(reading: Reading, ages: Floats, nodes: Floats, shared: float) -> Floats:
    columns = [stage_probabilities(reading.model, ages, float(z), shared)[:, reading.stage] for z in nodes]
    wrong = MISREAD / len(reading.model.stages)
    result: Floats = np.log((1 - MISREAD) * np.stack(columns, axis=1) + wrong)
    return result


def loglik_ranges(groups: Ints, age_from: Floats, age_to: Floats, sets: int, ages: Floats = AGES) -> Floats:
    """log of how well inventory ranges fit an age, each set one person; up to a constant of the set.

    ``(1 − w)·Φ((a − from)/s)·Φ((to − a)/s) + w``: one inside, falling softly outside, never to zero. An open limit is
    nan. Several ranges of a set are averaged in logarithms: one examiner's opinions of one person are not independent.

    Args:
        groups: shape (n,), set of each range.
        age_from, age_to: shape (n,), years; a range ends with the end of the year *age_to*.

    Returns:
        shape (sets, G), natural logarithm.

    Raises:
        InvalidInput: a range that ends before it begins.
    """
    from scipy.special import ndtr

    if np.any(age_to < age_from):
        raise InvalidInput("a range of age ends before it begins")
    above = np.where(np.isnan(age_from)[:, None], 1.0, ndtr((ages - np.nan_to_num(age_from)[:, None]) / RANGE_SD_YEARS))
    below = ndtr((np.nan_to_num(age_to)[:, None] + 1.0 - ages) / RANGE_SD_YEARS)
    below = np.where(np.isnan(age_to)[:, None], 1.0, below)
    logs = np.log((1 - RANGE_WRONG) * above * below + RANGE_WRONG)
    total, count = np.zeros((sets, len(ages))), np.zeros(sets)
    np.add.at(total, groups, logs)
    np.add.at(count, groups, 1.0)
    result: Floats = total / np.maximum(count, 1.0)[:, None]
    return result


def loglik_given_ages(table: Floats, youngest: Floats, oldest: Floats, ages: Floats = AGES) -> Floats:
    """Log-likelihood of each set for men whose age at death is known within limits.

    The mean of the likelihood over the limits, every age in between as likely: a birth date known to the day and a day
    of death give equal limits, a birth year a width of one year. Nan limits: nothing is known, the value is nan.

    Args:
        table: shape (S, G), from `loglik_stages` or `loglik_ranges`, or their sum.
        youngest, oldest: shape (M,), years.

    Returns:
        shape (S, M), natural logarithm.

    Raises:
        InvalidInput: limits out of order.
    """
    if np.any(oldest < youngest):
        raise InvalidInput("youngest age above oldest age")
    known = np.flatnonzero(~np.isnan(youngest + oldest))
    low, width = youngest[known], (oldest - youngest)[known]
    steps = np.linspace(0.0, 1.0, 9)
    values = np.stack([_interpolated(table, low + step * width, ages) for step in steps])
    result = np.full((len(table), len(youngest)), np.nan)
    result[:, known] = np.logaddexp.reduce(values, axis=0) - np.log(len(steps))
    return result


def _interpolated(table: Floats, at: Floats, ages: Floats) -> Floats:
    place = np.interp(at, ages, np.arange(len(ages)))
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, len(ages) - 1)
    share = place - low
    result: Floats = table[:, low] * (1 - share) + table[:, high] * share
    return result


def age_density(known_ages: Floats, sd_years: float = 1.0, ages: Floats = AGES) -> Floats:
    """Smoothed distribution of ages at death of a roster: the men against whom a set would otherwise stand.

    Args:
        known_ages: years; nan is left out.

    Returns:
        shape (G,), sums to one.

    Raises:
        InvalidInput: nobody's age is known.

    >>> float(AGES[age_density(np.array([21.0, 21.5, 22.0])).argmax()])
    21.5
    """
    known = known_ages[~np.isnan(known_ages)]
    if known.size == 0:
        raise InvalidInput("no age at death is known", valid="at least one")
    weight = np.exp(-0.5 * ((ages[:, None] - known) / sd_years) ** 2).sum(axis=1) + 1e-6
    result: Floats = weight / weight.sum()
    return result


def loglik_of_anyone(table: Floats, density: Floats) -> Floats:
    """Log-likelihood of each set for a man of a distribution of ages: the denominator.

    Args:
        table: shape (S, G).
        density: shape (G,), sums to one.

    Returns:
        shape (S,), natural logarithm.
    """
    with np.errstate(divide="ignore"):
        result: Floats = np.logaddexp.reduce(table + np.log(density), axis=1)
    return result


def log_lr_ages(table: Floats, density: Floats, youngest: Floats, oldest: Floats, ages: Floats = AGES) -> Floats:
    """Log ratio of each man, by his age at death, to anyone of the roster; zero where his age is not known.

    Returns:
        shape (S, M), natural logarithm.
    """
    named = loglik_given_ages(table, youngest, oldest, ages)
    result: Floats = np.where(np.isnan(named), 0.0, named - loglik_of_anyone(table, density)[:, None])
    return result
