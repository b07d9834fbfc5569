"""Stature from bones, and bones against a recorded stature.

Two ways. A *stature equation* gives stature from one or two lengths with its published standard error, as laboratories
report it. The *joint model* (`cenotaph.osteology.moments`) has stature as one more variable: every measurement of every
bone speaks at once, with the covariance between them. Bones against a record are always judged as *bone given stature*;
the record is the stature with an error of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, Unsupported
from cenotaph.osteology.moments import SkeletonModel, StatureVariable
from cenotaph.osteology.resemblance import (
    SetStatistics,
    factor_posterior,
    log_t,
    loglik_sets,
    scale_of_covariance,
)

Floats = NDArray[np.float64]

INCH_CM = 2.54
LEAST_DF, MOST_DF = 4.5, 1e6
"""Between which degrees of freedom a kurtosis is matched."""
RECORD_SD_CM = 3.0
"""Of military records of stature about true stature, all causes: the standard error of stature on bone is larger where
stature was recorded than where it was measured, by 2.1 to 3.4 cm in quadrature."""


@dataclass(frozen=True, slots=True)
class RecordError:
    """How a recorded stature differs from stature at death: ``record = stature + bias + error``.

    Args:
        bias_cm: what records add; negative where men grew after induction.
        sd_cm: standard deviation, rounding included.

    Raises:
        InvalidInput: a standard deviation that is negative or not a number.
    """

    bias_cm: float = 0.0
    sd_cm: float = RECORD_SD_CM

    def __post_init__(self) -> None:
        if not (self.sd_cm >= 0 and np.isfinite(self.sd_cm) and np.isfinite(self.bias_cm)):
            raise InvalidInput("error of recorded stature", found=self.sd_cm, valid="0 cm or more")

    @classmethod
    def from_causes(cls, *sd_cm: float, unit_cm: float = INCH_CM, bias_cm: float = 0.0) -> RecordError:
        """From independent causes and rounding to a unit, whose variance is ``unit²/12``.

        >>> round(RecordError.from_causes(2.9).sd_cm, 2)
        2.99
        """
        return cls(bias_cm, float(np.sqrt(sum(s * s for s in sd_cm) + unit_cm**2 / 12)))


@dataclass(frozen=True, slots=True)
class StatureEquation:
    """A published regression of stature on a length or a sum of lengths.

    Args:
        name: source, population and sex in words.
        codes: measurements that are added.
        slope: cm of stature per cm of bone.
        intercept_cm, see_cm: intercept and standard error of estimate.
        individuals: people behind it, 0 where not known.
        mean_mm, sum_of_squares_mm2: of the lengths, where known: then the interval widens away from the mean.
        caution: what the reader must know.

    Raises:
        InvalidInput: no measurement, a slope or a standard error that is not positive.
    """

    name: str
    codes: tuple[str, ...]
    slope: float
    intercept_cm: float
    see_cm: float
    individuals: int = 0
    mean_mm: float | None = None
    sum_of_squares_mm2: float | None = None
    caution: str = ""

    def __post_init__(self) -> None:
        if not self.codes or not self.slope > 0 or not self.see_cm > 0:
            raise InvalidInput("stature equation", found=self.name, valid="codes, a slope and an error above 0")


@dataclass(frozen=True, slots=True)
class StatureEstimate:
    """A point estimate with a prediction interval, in cm."""

    equation: StatureEquation
    stature_cm: float
    low_cm: float
    high_cm: float


def estimate_stature(
    equation: StatureEquation, lengths_mm: Mapping[str, float], level: float = 0.95
) -> StatureEstimate | None:
    """Stature by an equation, with a prediction interval; None where a length is missing.

    ``ŷ ± t_{n−2}·SEE·sqrt(1 + 1/n + (x − x̄)²/Sxx)``; where only the standard error and n are published the last term is
    left out, where n is not known the normal quantile and the standard error alone: then it is too narrow.

    Raises:
        InvalidInput: *level* outside of 0 to 1.

    >>> femur = StatureEquation("Trotter & Gleser 1958, White, M", ("Fem_01",), 2.32, 65.53, 3.94)
    >>> round(estimate_stature(femur, {"Fem_01": 472.0}).stature_cm, 2)
    175.03
    """
    if not 0 < level < 1:
        raise InvalidInput("level of an interval", found=level, valid="between 0 and 1")
    if any(code not in lengths_mm for code in equation.codes):
        return None
    from scipy.special import ndtri, stdtrit

    x = sum(lengths_mm[code] for code in equation.codes)
    upper = (1 + level) / 2
    n = equation.individuals
    share = 0.0 if n == 0 else 1 / n
    if equation.mean_mm is not None and equation.sum_of_squares_mm2:
        share += (x - equation.mean_mm) ** 2 / equation.sum_of_squares_mm2
    quantile = float(stdtrit(n - 2, upper)) if n > 2 else float(ndtri(upper))
    middle = equation.slope * x / 10 + equation.intercept_cm
    half = quantile * equation.see_cm * float(np.sqrt(1 + share))
    return StatureEstimate(equation, middle, middle - half, middle + half)


@dataclass(frozen=True, slots=True)
class BonesOnStature:
    """Regression of B measurements on stature, with the joint residual covariance: bones share errors.

    Args:
        intercept_mm, slope: shape (B,), mm and mm per cm.
        residual_mm2: shape (B, B).
        mean_cm, sd_cm: stature of the population.
    """

    intercept_mm: Floats
    slope: Floats
    residual_mm2: Floats
    mean_cm: float
    sd_cm: float


def log_lr_record(
    regression: BonesOnStature, values_mm: Floats, record_cm: Floats | float, error: RecordError
) -> Floats:
    """Log likelihood ratio of *the man of this record* to *a man of this population*, normal law.

    ``s | h ~ N(m, v)``, ``v = 1/(1/ω² + 1/τ²)``, ``m = v(μ/ω² + (h − bias)/τ²)``;
    ``LR = N(x; α + βm, Σ + ββᵀv) / N(x; α + βμ, Σ + ββᵀω²)``.

    Args:
        values_mm: shape (..., B).
        record_cm: recorded statures, broadcast against the leading dimensions of *values_mm*.

    Returns:
        natural logarithm, broadcast shape.

    Source: Konigsberg, Ross & Jungers 2006; oracle of this project.
    """
    between, tau2 = regression.sd_cm**2, error.sd_cm**2
    spread = between * tau2 / (between + tau2)
    middle = (regression.mean_cm * tau2 + (np.asarray(record_cm, dtype=np.float64) - error.bias_cm) * between) / (
        between + tau2
    )
    values = np.asarray(values_mm, dtype=np.float64)
    named = _normal(regression, values, middle, spread)
    anyone = _normal(regression, values, np.asarray(regression.mean_cm), between)
    result: Floats = named - anyone
    return result


def _normal(regression: BonesOnStature, values: Floats, stature: Floats, variance: float) -> Floats:
    covariance = regression.residual_mm2 + variance * np.outer(regression.slope, regression.slope)
    centred = values - regression.intercept_mm - np.multiply.outer(stature, regression.slope)
    quadratic = np.einsum("...i,ij,...j->...", centred, np.linalg.inv(covariance), centred)
    determinant = np.asarray(np.linalg.slogdet(covariance)[1])
    return log_t(quadratic, determinant, np.asarray(float(len(regression.slope))), np.inf)


@dataclass(frozen=True, slots=True)
class StaturePosterior:
    """Stature of S persons given their bones: Student t.

    Args:
        mean_cm, scale_cm, df: shape (S,).
    """

    mean_cm: Floats
    scale_cm: Floats
    df: Floats

    @property
    def sd_cm(self) -> Floats:
        """Standard deviation, shape (S,)."""
        result: Floats = self.scale_cm * np.sqrt(self.df / (self.df - 2.0))
        return result

    def interval(self, level: float = 0.95) -> Floats:
        """Limits of the central interval, shape (S, 2)."""
        from scipy.special import stdtrit

        half = stdtrit(self.df, (1 + level) / 2) * self.scale_cm
        return np.stack([self.mean_cm - half, self.mean_cm + half], axis=1)


@dataclass(frozen=True, slots=True)
class _Predicted:
    location: Floats
    variance: Floats
    stretch: Floats
    df: Floats


def _variable(model: SkeletonModel) -> StatureVariable:
    if model.stature is None:
        raise Unsupported("this skeleton model has no stature")
    return model.stature


def _predicted(model: SkeletonModel, statistics: SetStatistics, population: str) -> _Predicted:
    """Location and scale of stature given bones; *stretch* is the common scale that the bones show."""
    stature, p = _variable(model), model.population_index(population)
    found = factor_posterior(model, statistics, population)
    shrink = scale_of_covariance(model.df)
    loadings = stature.loadings_cm * np.sqrt(shrink)
    location = stature.mean_cm[p] + found.factors @ loadings
    residual = shrink * stature.residual_sd_cm**2 * model.population_widening[p] ** 2
    variance = np.einsum("k,nkj,j->n", loadings, found.spread, loadings) + residual
    df = model.df + found.dimension
    return _Predicted(location, variance, (model.df + found.quadratic) / df, df)


def stature_posterior(model: SkeletonModel, statistics: SetStatistics, population: str) -> StaturePosterior:
    """Stature at death of the person of each set; the population's stature where nothing was measured.

    Raises:
        Unsupported: the model has no stature.
        InvalidInput: unknown population.
    """
    found = _predicted(model, statistics, population)
    return StaturePosterior(found.location, np.sqrt(found.variance * found.stretch), found.df)


def loglik_given_record(
    model: SkeletonModel,
    statistics: SetStatistics,
    records_cm: Floats,
    population: str,
    error: RecordError | None = None,
) -> Floats:
    """Log density of each set if it is a man of each recorded stature, ``log p(bones | record, population)``.

    ``p(x | h) = p(x)·p(h | x)/p(h)``: several bones are one vector; the record is stature, Student t given the bones,
    plus a normal error of its own. A
    record that is not a number says nothing: the density is that of a random member of the population.

    Args:
        records_cm: shape (M,); nan for none.
        error: 3 cm standard deviation and no bias where not given.

    Returns:
        shape (S, M), natural logarithm.

    Raises:
        Unsupported: the model has no stature.
        InvalidInput: unknown population.
    """
    ratio = log_lr_records(model, statistics, records_cm, population, error)
    return loglik_sets(model, statistics, [population]) + ratio


def log_lr_records(
    model: SkeletonModel,
    statistics: SetStatistics,
    records_cm: Floats,
    population: str,
    error: RecordError | None = None,
) -> Floats:
    """Log ratio ``p(bones | record, population) / p(bones | population)``; zero where there is no record.

    Returns:
        shape (S, M), natural logarithm.
    """
    ratio = log_lr_posterior(model, stature_posterior(model, statistics, population), records_cm, population, error)
    result: Floats = np.where((statistics.measured > 0)[:, None], ratio, 0.0)
    return result


def log_lr_posterior(
    model: SkeletonModel,
    posterior: StaturePosterior,
    records_cm: Floats,
    population: str,
    error: RecordError | None = None,
) -> Floats:
    """As `log_lr_records`, from statures given bones that are known already.

    Returns:
        shape (S, M), natural logarithm.
    """
    stature, p = _variable(model), model.population_index(population)
    error = RecordError() if error is None else error
    records = np.asarray(records_cm, dtype=np.float64)
    known = ~np.isnan(records)
    heights = np.where(known, records, stature.mean_cm[p]) - error.bias_cm
    given = _log_record_density(
        heights[None, :] - posterior.mean_cm[:, None], posterior.scale_cm**2, posterior.df, error
    )
    own = float(stature.loadings_cm @ stature.loadings_cm) + stature.residual_sd_cm**2
    prior = np.array([scale_of_covariance(model.df) * model.population_widening[p] ** 2 * own])
    alone = _log_record_density((heights - stature.mean_cm[p])[None, :], prior, np.array([model.df]), error)
    result: Floats = np.where(known[None, :], given - alone, 0.0)
    return result


def _log_record_density(deviation: Floats, variance: Floats, df: Floats, error: RecordError) -> Floats:
    """Log density of a record, Student t stature plus a normal error: the Student t of its variance and kurtosis.

    Args:
        deviation: shape (S, M).
        variance, df: shape (S,), squared scale and degrees of freedom of stature.
    """
    from scipy.special import gammaln

    df = np.maximum(df, LEAST_DF)
    own = variance * df / (df - 2)
    total = own + error.sd_cm**2
    df = np.minimum(4 + (df - 4) * (total / own) ** 2, MOST_DF)[:, None]
    scale2 = total[:, None] * (df - 2) / df
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * np.log(df * np.pi * scale2)
    result: Floats = constant - (df + 1) / 2 * np.log1p(deviation**2 / (df * scale2))
    return result
