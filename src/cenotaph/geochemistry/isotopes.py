"""Isotope ratios: where a person grew up, and whether bones are of one person.

A *variable* is a ratio in a tissue, such as d13C of collagen. A person has a value of each; people of one diet scatter
around its mean, and a class of origin is a mixture of diets. A bone shows its person's value with the noise of a
skeleton (tissue, measurement). So the values of a set of bones of one person have a joint density that is a mixture of
multivariate normals; statistics add over bones, and what was not measured is left out exactly.

The ratio of one person against two is ``p(a ∪ b) / (p(a) p(b))``, each p mixed over classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PAIRS_AT_ONCE = 200_000


def sd_from_mean_difference(mean_difference: float) -> float:
    """Standard deviation of a normal noise of which two draws differ by *mean_difference* on average: d √π / 2.

    >>> round(sd_from_mean_difference(0.33), 3)
    0.292
    """
    return mean_difference * sqrt(pi) / 2


@dataclass(frozen=True, slots=True)
class IsotopeModel:
    """Diets, classes of origin and the noise of a skeleton, over V variables.

    Args:
        variables: such as ``collagen d13C``.
        diets: names.
        mean, sd: shape (diets, V), of people of a diet.
        correlation: shape (V, V), between variables among people of one diet.
        within_sd: shape (V,), of bones of one person.
        classes: names of classes of origin.
        raised: where each class grew up, such as ``us``.
        weight: shape (classes, diets), rows sum to one.

    Raises:
        InvalidInput: shapes that do not fit, a spread that is not positive, weights that do not sum to one,
            correlations that cannot be.
    """

    variables: tuple[str, ...]
    diets: tuple[str, ...]
    mean: Floats
    sd: Floats
    correlation: Floats
    within_sd: Floats
    classes: tuple[str, ...]
    raised: tuple[str, ...]
    weight: Floats

    def __post_init__(self) -> None:
        v, d, k = len(self.variables), len(self.diets), len(self.classes)
        for name, shape in (
            ("mean", (d, v)), ("sd", (d, v)), ("correlation", (v, v)), ("within_sd", (v,)), ("weight", (k, d)),
        ):  # fmt: skip
            if getattr(self, name).shape != shape:
                raise InvalidInput(f"{name} does not fit", found=getattr(self, name).shape, valid=f"shape {shape}")
        if not (np.all(self.sd > 0) and np.all(self.within_sd > 0)):
            raise InvalidInput("a spread is not positive", valid="standard deviations above 0")
        if np.any(self.weight < 0) or not np.allclose(self.weight.sum(axis=1), 1.0):
            raise InvalidInput("weights of diets", found=self.weight.sum(axis=1), valid="a sum of 1 in each class")
        if len(self.raised) != k:
            raise InvalidInput("raised does not fit", found=len(self.raised), valid=f"{k} classes")
        if v and np.linalg.eigvalsh(self.correlation)[0] <= 0:
            raise InvalidInput("correlations that cannot be", valid="a positive definite matrix")

    @property
    def centre(self) -> Floats:
        """Shape (V,), what values are counted from so that their squares stay small."""
        result: Floats = self.mean.mean(axis=0)
        return result


@dataclass(frozen=True, slots=True)
class IsotopeStatistics:
    """Statistics of S sets of bones under one model; they add over bones.

    Args:
        count: shape (S, V), bones measured.
        total: shape (S, V), sums of values less the model's centre.
        square: shape (S, V), sums of their squares.
    """

    count: Floats
    total: Floats
    square: Floats

    def __len__(self) -> int:
        return len(self.count)

    def __add__(self, other: IsotopeStatistics) -> IsotopeStatistics:
        return IsotopeStatistics(self.count + other.count, self.total + other.total, self.square + other.square)

    def take(self, rows: Ints | Sequence[int]) -> IsotopeStatistics:
        """The sets of some rows."""
        return IsotopeStatistics(self.count[rows], self.total[rows], self.square[rows])

    def grouped(self, group: Ints, groups: int) -> IsotopeStatistics:
        """Unions of the sets by group; *group* has shape (S,), −1 for none."""
        inside = group >= 0
        sums = []
        for array in (self.count, self.total, self.square):
            out = np.zeros((groups, array.shape[1]))
            np.add.at(out, group[inside], array[inside])
            sums.append(out)
        return IsotopeStatistics(*sums)

    @property
    def informative(self) -> NDArray[np.bool_]:
        """Shape (S,), whether anything was measured."""
        result: NDArray[np.bool_] = np.any(self.count > 0, axis=1)
        return result


def isotope_statistics(
    model: IsotopeModel, sets: Ints | Sequence[int], variables: Sequence[str], values: Floats, size: int
) -> IsotopeStatistics:
    """Statistics of values in long form; variables that the model does not have are left out.

    Repeated measurements of one bone are to be averaged before: they share its deviation.

    Args:
        sets: shape (n,), index of the set, or bone, of each value.
        variables: n names, such as ``collagen d13C``.
        values: shape (n,).
        size: number of sets.

    Raises:
        InvalidInput: a value that is not finite, a set outside of 0 to *size*.
    """
    where, value = np.asarray(sets, dtype=np.int64), np.asarray(values, dtype=np.float64)
    if not np.isfinite(value).all():
        raise InvalidInput("a value is not finite", valid="numbers")
    if where.size and not (where.min() >= 0 and where.max() < size):
        raise InvalidInput("a set is out of range", valid=f"0 to {size - 1}")
    index = {name: k for k, name in enumerate(model.variables)}
    v = np.array([index.get(name, -1) for name in variables], dtype=np.int64)
    known = v >= 0
    where, v = where[known], v[known]
    deviation = value[known] - model.centre[v]
    count, total, square = (np.zeros((size, len(index))) for _ in range(3))
    np.add.at(count, (where, v), 1.0)
    np.add.at(total, (where, v), deviation)
    np.add.at(square, (where, v), deviation**2)
    return IsotopeStatistics(count, total, square)


def origin_loglik(model: IsotopeModel, statistics: IsotopeStatistics) -> Floats:
    """Shape (S, classes): log density of all values of a set if its bones are of one person of the class.

    With n bones measured, mean m and noise variance w of a variable, summed over the variables measured::

        p(set | diet) = N(m; μ, Σ + diag(w/n)) · Π n^(−1/2) (2πw)^(−(n−1)/2) exp(−(Σx² − n m²)/2w)

    0 for a set without values.

    >>> model = IsotopeModel(("collagen d13C",), ("maize",), np.array([[-15.0]]), np.array([[1.0]]), np.eye(1),
    ...                      np.array([0.5]), ("white",), ("us",), np.ones((1, 1)))
    >>> one = isotope_statistics(model, [0], ["collagen d13C"], np.array([-15.0]), 1)
    >>> round(float(origin_loglik(model, one)[0, 0]), 6) == round(-0.5 * log(2 * pi * 1.25), 6)
    True
    """
    by_diet = _diet_loglik(model, statistics)
    with np.errstate(divide="ignore"):
        weights = np.log(model.weight)
    result: Floats = np.logaddexp.reduce(by_diet[:, None, :] + weights, axis=2)
    result[~statistics.informative] = 0.0
    return result


def _diet_loglik(model: IsotopeModel, statistics: IsotopeStatistics) -> Floats:
    """Shape (S, diets). Sets with the same numbers of bones share their matrices."""
    result = np.zeros((len(statistics), len(model.diets)))
    patterns, pattern_of = np.unique(statistics.count, axis=0, return_inverse=True)
    order = np.argsort(pattern_of.ravel(), kind="stable")
    starts = np.searchsorted(pattern_of.ravel()[order], np.arange(len(patterns) + 1))
    for k, counts in enumerate(patterns):
        seen = np.flatnonzero(counts)
        if not len(seen):
            continue
        rows = order[starts[k] : starts[k + 1]]
        n, noise = counts[seen], model.within_sd[seen] ** 2
        mean = statistics.total[np.ix_(rows, seen)] / n
        left = np.maximum(statistics.square[np.ix_(rows, seen)] - n * mean**2, 0.0)
        inside = -0.5 * np.sum(left / noise + np.log(n) + (n - 1) * np.log(2 * pi * noise), axis=1)
        for d in range(len(model.diets)):
            spread = model.sd[d, seen]
            covariance = model.correlation[np.ix_(seen, seen)] * np.outer(spread, spread) + np.diag(noise / n)
            root = np.linalg.cholesky(covariance)
            deviation = np.linalg.solve(root, (mean - (model.mean[d] - model.centre)[seen]).T)
            density = -0.5 * np.sum(deviation**2, axis=0) - np.sum(np.log(np.diag(root))) - len(seen) * HALF_LOG_2PI
            result[rows, d] = inside + density
    return result


HALF_LOG_2PI = 0.5 * log(2 * pi)


def log_density(loglik: Floats, prior: Floats) -> Floats:
    """Shape (S,): log density of sets of one person of whatever class.

    Args:
        loglik: shape (S, classes), from `origin_loglik`.
        prior: shape (classes,), sums to one.

    >>> log_density(np.log([[1.0, 3.0]]), np.array([0.5, 0.5])).round(4).tolist()
    [0.6931]
    """
    with np.errstate(divide="ignore"):
        result: Floats = np.logaddexp.reduce(loglik + np.log(prior), axis=1)
    return result


def origin_posterior(loglik: Floats, prior: Floats) -> Floats:
    """Shape (S, classes): probability of each class.

    >>> origin_posterior(np.log([[1.0, 3.0]]), np.array([0.5, 0.5])).tolist()
    [[0.25, 0.75]]
    """
    with np.errstate(divide="ignore"):
        joint = loglik + np.log(prior)
    result: Floats = np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None]).round(15)
    return result


def raised_log_lr(model: IsotopeModel, loglik: Floats, prior: Floats, place: str = "us") -> Floats:
    """Shape (S,): log of p(set | raised at *place*) / p(set | raised elsewhere), classes by *prior* within both.

    Raises:
        InvalidInput: no class, or every class, was raised there.
    """
    here = np.array([r == place for r in model.raised])
    if here.all() or not here.any() or prior[here].sum() <= 0 or prior[~here].sum() <= 0:
        raise InvalidInput("no two sides", found=place, valid="a place where some classes grew up and others did not")
    sides = [log_density(loglik[:, side], prior[side] / prior[side].sum()) for side in (here, ~here)]
    result: Floats = sides[0] - sides[1]
    return result


def link_log_lr(model: IsotopeModel, first: IsotopeStatistics, second: IsotopeStatistics, prior: Floats) -> Floats:
    """Shape (first, second): natural log of p(a ∪ b)/(p(a) p(b)), mixed over classes; 0 where either has no
    values.

    Cost: a solve per pair and diet, in portions.
    """
    result = np.zeros((len(first), len(second)))
    one, other = (np.flatnonzero(s.informative) for s in (first, second))
    first, second = first.take(one), second.take(other)
    alone = [log_density(origin_loglik(model, s), prior) for s in (first, second)]
    rows = max(PAIRS_AT_ONCE // max(len(second), 1), 1)
    for start in range(0, len(first), rows):
        part = np.arange(start, min(start + rows, len(first)))
        left = first.take(np.repeat(part, len(second)))
        right = second.take(np.tile(np.arange(len(second)), len(part)))
        both = log_density(origin_loglik(model, left + right), prior).reshape(len(part), len(second))
        result[np.ix_(one[part], other)] = both - alone[0][part, None] - alone[1]
    return result


def with_error(log_lr: Floats, error: float = 0.01) -> Floats:
    """Log ratios if a value may be altered or another bone's altogether: log((1 − ε) LR + ε).

    Normal tails claim more than 27 people can bear; with this a link is never doubted by more than a factor of 1/ε.

    Args:
        log_lr: natural logs, any shape.
        error: ε, an assumption.

    >>> np.exp(with_error(np.array([-np.inf, 0.0]), 0.01)).round(6).tolist()
    [0.01, 1.0]
    """
    result: Floats = np.logaddexp(np.log1p(-error) + log_lr, log(error))
    return result
