"""How alike bones are: the density of any set of measurements of one person, and likelihood ratios between sets.

All measurements of one person are one multivariate Student t (`cenotaph.osteology.moments`). Its marginals are Student
t with the same degrees of freedom, so that missing cells, fragments and bones that nobody found need no special care.
Sets are reduced to statistics that add over specimens: counts, sums and squares of deviations per side and measurement.
Two sets are of one person with the likelihood ratio ``t(a ∪ b) / (t(a)·t(b))``.

Densities are per unit of the logarithm of millimetres; in every ratio the unit cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.moments import SIDES, SkeletonModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDE_INDEX = {"L": 0, "R": 1, "U": 2, "M": 2}
SIDE_SIGN = np.array([-0.5, 0.5, 0.0])
CHUNK = 4096
"""Sets whose matrices are in memory at a time."""


@dataclass(frozen=True, slots=True)
class SetStatistics:
    """Statistics of S sets of measurements under one model; they add over specimens.

    Args:
        count: shape (S, 3, C), measurements taken, sides in the order of `cenotaph.osteology.moments.SIDES`.
        total: shape (S, 3, C), sums of deviations from the mean over populations, asymmetry taken out.
        square: shape (S, C), sums of their squares.
    """

    count: Floats
    total: Floats
    square: Floats

    def __len__(self) -> int:
        return len(self.count)

    def __add__(self, other: SetStatistics) -> SetStatistics:
        return SetStatistics(self.count + other.count, self.total + other.total, self.square + other.square)

    def take(self, rows: Ints | Sequence[int]) -> SetStatistics:
        """The sets of some rows."""
        return SetStatistics(self.count[rows], self.total[rows], self.square[rows])

    def grouped(self, group: Ints, groups: int) -> SetStatistics:
        """Unions of the sets by group; *group* has shape (S,), −1 for none."""
        inside = group >= 0
        shapes = ((groups, *array.shape[1:]) for array in (self.count, self.total, self.square))
        sums = []
        for array, shape in zip((self.count, self.total, self.square), shapes, strict=True):
            out = np.zeros(shape)
            np.add.at(out, group[inside], array[inside])
            sums.append(out)
        return SetStatistics(*sums)

    @property
    def measured(self) -> Ints:
        """Number of measurements in each set, shape (S,)."""
        result: Ints = self.count.sum(axis=(1, 2)).astype(np.int64)
        return result


def set_statistics(
    model: SkeletonModel,
    sets: Ints | Sequence[int],
    sides: Sequence[str],
    codes: Sequence[str],
    values_mm: Floats,
    size: int,
) -> SetStatistics:
    """Statistics of measurements in long form.

    Codes that the model does not have are left out: they say nothing here. Replicates of one measurement on one
    specimen are to be averaged before.

    Args:
        sets: shape (n,), index of the set, or specimen, of each measurement.
        sides: L, R, M or U.
        codes: measurement codes.
        values_mm: shape (n,).
        size: number of sets.

    Raises:
        InvalidInput: a value that is not positive, an unknown side, a set outside of 0 to *size*.
    """
    values = np.asarray(values_mm, dtype=np.float64)
    where = np.asarray(sets, dtype=np.int64)
    if not np.all((values > 0) & np.isfinite(values)):
        raise InvalidInput(
            "a measurement is not positive", found=values[~(values > 0)][:1], valid="millimetres above 0"
        )
    if where.size and not (where.min() >= 0 and where.max() < size):
        raise InvalidInput("a set is out of range", valid=f"0 to {size - 1}")
    unknown = set(sides) - SIDE_INDEX.keys()
    if unknown:
        raise InvalidInput("unknown side", found=sorted(unknown)[0], valid="L, R, M, U")
    index = {code: i for i, code in enumerate(model.codes)}
    c = np.array([index.get(code, -1) for code in codes], dtype=np.int64)
    s = np.array([SIDE_INDEX[side] for side in sides], dtype=np.int64)
    known = c >= 0
    where, c, s = where[known], c[known], s[known]
    deviation = np.log(values[known]) - _centre(model)[c] - SIDE_SIGN[s] * model.asymmetry[c]
    shape = (size, len(SIDES), len(model.codes))
    count, total, square = np.zeros(shape), np.zeros(shape), np.zeros((size, shape[2]))
    np.add.at(count, (where, s, c), 1.0)
    np.add.at(total, (where, s, c), deviation)
    np.add.at(square, (where, c), deviation**2)
    return SetStatistics(count, total, square)


def _centre(model: SkeletonModel) -> Floats:
    """Mean over populations; deviations are kept from it, because squares of small numbers lose no digits."""
    result: Floats = model.mean.mean(axis=0)
    return result


@dataclass(frozen=True, slots=True)
class FactorPosterior:
    """What S sets say of the factors of their persons, one population.

    Args:
        quadratic: shape (S,), squared Mahalanobis distance of the measurements.
        log_determinant: shape (S,), of their scale matrix.
        dimension: shape (S,), number of measurements.
        factors: shape (S, K), posterior mean of the factors.
        spread: shape (S, K, K), their scale matrix before the common scale of the person.
    """

    quadratic: Floats
    log_determinant: Floats
    dimension: Floats
    factors: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Parameters of the scale matrix of the Student t, widened for the reference; *variance* multiplies it."""

    shift: Floats
    loadings: Floats
    shared2: Floats
    bone: Floats
    noise2: Floats
    variance: Floats


def _scaled(model: SkeletonModel) -> _Scaled:
    """Scale matrix = covariance·(df − 2)/df, so that the covariance is the model's."""
    stretch = model.code_widening * np.sqrt(scale_of_covariance(model.df))
    return _Scaled(
        model.mean - _centre(model),
        model.loadings * stretch[:, None],
        (model.shared * stretch) ** 2,
        model.bone * stretch,
        (model.noise_sd**2 - model.bone**2) * stretch**2,
        model.population_widening**2,
    )


def scale_of_covariance(df: float) -> float:
    """By what the covariance is multiplied to give the scale matrix of a Student t.

    >>> scale_of_covariance(4.0)
    0.5
    """
    return (df - 2.0) / df


def factor_posterior(model: SkeletonModel, statistics: SetStatistics, population: str) -> FactorPosterior:
    """Distance, determinant and posterior of the factors.

    Local parts are integrated out first (what both sides of a code share: a scalar a code; what the measurements of one
    bone share: one number a side and element), then K factors remain: Woodbury's identity in three steps.

    Cost: O(S·C·K²).
    """
    at, parameters = model.population_index(population), _scaled(model)
    parts = [_posterior(model, parameters, at, statistics.take(rows)) for rows in _chunks(len(statistics))]
    return FactorPosterior(
        np.concatenate([p.quadratic for p in parts]),
        np.concatenate([p.log_determinant for p in parts]),
        np.concatenate([p.dimension for p in parts]),
        np.concatenate([p.factors for p in parts]),
        np.concatenate([p.spread for p in parts]),
    )


def _chunks(size: int) -> list[Ints]:
    return [np.arange(start, min(start + CHUNK, size)) for start in range(0, max(size, 1), CHUNK)]


def _posterior(model: SkeletonModel, p: _Scaled, population: int, statistics: SetStatistics) -> FactorPosterior:
    shift, variance = p.shift[population], p.variance[population]
    count, total = statistics.count, statistics.total - statistics.count * shift
    n, t = count.sum(axis=1), total.sum(axis=1)
    square = statistics.square - 2 * shift * (t + n * shift) + n * shift**2
    both = p.noise2 + n * p.shared2
    weight, mean = n / both, t / both
    k = p.loadings.shape[1]
    products = (p.loadings[:, :, None] * p.loadings[:, None, :]).reshape(-1, k * k)
    information = np.eye(k) + (weight @ products).reshape(-1, k, k)
    linear = mean @ p.loadings
    quadratic = (square / p.noise2 - t**2 * (p.shared2 / (p.noise2 * both))).sum(axis=1)
    log_determinant = (n * np.log(p.noise2) + np.log1p(n * p.shared2 / p.noise2)).sum(axis=1)
    for columns in _coupled(model):
        block = _bone_block(p, count[:, :, columns], total[:, :, columns], columns)
        inverse = np.linalg.inv(block.information)
        gain = np.einsum("nsr,nrk->nsk", inverse, block.cross)
        information -= np.einsum("nsk,nsj->nkj", block.cross, gain)
        linear -= np.einsum("ns,nsk->nk", block.linear, gain)
        quadratic -= np.einsum("ns,nsr,nr->n", block.linear, inverse, block.linear)
        log_determinant += np.linalg.slogdet(block.information)[1]
    spread = np.linalg.inv(information)
    factors = np.einsum("nkj,nj->nk", spread, linear)
    quadratic = np.maximum(quadratic - (factors * linear).sum(axis=1), 0.0) / variance
    dimension = n.sum(axis=1)
    log_determinant = log_determinant + np.linalg.slogdet(information)[1] + dimension * np.log(variance)
    return FactorPosterior(quadratic, log_determinant, dimension, factors, spread * variance)


def _coupled(model: SkeletonModel) -> list[Ints]:
    """Columns of each element whose measurements share a part of one bone."""
    elements = np.array(model.elements)
    named = dict.fromkeys(elements[model.bone != 0])
    return [np.flatnonzero((elements == element) & (model.bone != 0)) for element in named]


@dataclass(frozen=True, slots=True)
class _BoneBlock:
    information: Floats
    cross: Floats
    linear: Floats


def _bone_block(p: _Scaled, count: Floats, total: Floats, columns: Ints) -> _BoneBlock:
    """Information on u[side] of one element: its own (S, 3, 3), with the factors (S, 3, K), and linear (S, 3)."""
    bone, noise2, shared2 = p.bone[columns], p.noise2[columns], p.shared2[columns]
    both = noise2 + count.sum(axis=1) * shared2
    keep = shared2 / both
    own = np.einsum("nsc,sr,c->nsr", count, np.eye(3), bone**2 / noise2)
    own -= np.einsum("nsc,nrc,nc,c->nsr", count, count, keep, bone**2 / noise2)
    cross = np.einsum("nsc,nc,ck->nsk", count, bone / both, p.loadings[columns])
    centred = total - count * (keep * total.sum(axis=1))[:, None, :]
    return _BoneBlock(own + np.eye(3), cross, np.einsum("nsc,c->ns", centred, bone / noise2))


def log_t(quadratic: Floats, log_determinant: Floats, dimension: Floats, df: float) -> Floats:
    """Log density of a multivariate Student t from its squared distance; the normal law where df is infinite.

    >>> round(float(log_t(np.array(0.0), np.array(0.0), np.array(1.0), 1.0)), 6) == round(float(-np.log(np.pi)), 6)
    True
    """
    if np.isinf(df):
        normal: Floats = -0.5 * (quadratic + log_determinant + dimension * np.log(2 * np.pi))
        return normal
    from scipy.special import gammaln

    result: Floats = (
        gammaln((df + dimension) / 2)
        - gammaln(df / 2)
        - 0.5 * (dimension * np.log(df * np.pi) + log_determinant)
        - 0.5 * (df + dimension) * np.log1p(quadratic / df)
    )
    return result


def loglik_sets(model: SkeletonModel, statistics: SetStatistics, populations: Sequence[str] | None = None) -> Floats:
    """Log density of each set if it is one person, per population.

    Args:
        populations: names; all of the model where not given.

    Returns:
        shape (S, P), natural logarithm; zero for a set without a measurement.
    """
    names = model.populations if populations is None else tuple(populations)
    columns = []
    for name in names:
        found = factor_posterior(model, statistics, name)
        columns.append(log_t(found.quadratic, found.log_determinant, found.dimension, model.df))
    return np.stack(columns, axis=1)


def loglik_unions(
    model: SkeletonModel, a: SetStatistics, b: SetStatistics, populations: Sequence[str] | None = None
) -> Floats:
    """Log density of the union of each set of *a* with each set of *b*, as one person, per population.

    Returns:
        shape (A, B, P), natural logarithm.

    Cost: about half a microsecond a pair of bones; compiled.
    """
    from cenotaph.osteology._link_kernel import union_densities

    p = _scaled(model)
    names = model.populations if populations is None else tuple(populations)
    rows = [model.population_index(name) for name in names]
    elements = np.array(model.elements)
    order = np.argsort(elements, kind="stable")
    loadings = np.ascontiguousarray(p.loadings[order])
    lower = np.tril_indices(loadings.shape[1])
    out = np.zeros((len(a), len(b), len(names)))
    largest = int(a.measured.max(initial=0) + b.measured.max(initial=0))
    zeros = np.zeros(largest + 1)
    union_densities(
        *_sparse(a, order),
        *_sparse(b, order),
        np.unique(elements, return_inverse=True)[1].astype(np.int64)[order],
        loadings,
        loadings[:, lower[0]] * loadings[:, lower[1]],
        p.shared2[order],
        p.bone[order],
        p.noise2[order],
        np.log(p.noise2[order]),
        np.ascontiguousarray(p.shift[rows][:, order]),
        p.variance[rows],
        log_t(zeros, zeros, np.arange(largest + 1.0), model.df),
        model.df,
        out,
    )
    return out


def _sparse(statistics: SetStatistics, order: Ints) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """What was measured only: start of each set, and of each entry its code, counts, totals and square."""
    count = statistics.count[:, :, order]
    rows, codes = np.nonzero(count.any(axis=1))
    start = np.zeros(len(statistics) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=len(statistics)), out=start[1:])
    square = statistics.square[:, order][rows, codes]
    # One memory layout always: the kernel is compiled anew for every layout that it is given.
    return (
        start,
        np.ascontiguousarray(codes),
        count[rows, :, codes],
        statistics.total[:, :, order][rows, :, codes],
        square,
    )


def link_table(
    model: SkeletonModel,
    a: SetStatistics,
    b: SetStatistics,
    log_weights: Floats | Sequence[float] | None = None,
    *,
    alone: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Log likelihood ratio of *one person* to *two persons*, for each set of *a* with each set of *b*.

    ``log Σ_o w_o p(a ∪ b | o) − log Σ_o w_o p(a | o) − log Σ_o w_o p(b | o)`` over populations o.

    Args:
        log_weights: shape (P,), natural logarithm of the share of each population; −inf leaves one out; the shares of
            the reference where not given.
        alone: `loglik_sets` of *a* and of *b* in all populations, where they are known already.

    Returns:
        shape (A, B), natural logarithm; zero where a set has no measurement.

    Raises:
        InvalidInput: weights of another number than populations.
    """
    weights = population_log_weights(model) if log_weights is None else np.asarray(log_weights, dtype=np.float64)
    if weights.shape != (len(model.populations),):
        raise InvalidInput("weights of populations", found=weights.shape, valid=f"one for each of {model.populations}")
    weights = weights - np.logaddexp.reduce(weights)
    kept = np.flatnonzero(np.isfinite(weights))
    names = [model.populations[p] for p in kept]
    densities = loglik_unions(model, a, b, names)
    together = densities[:, :, 0] + weights[kept[0]]
    for column, p in enumerate(kept[1:], start=1):
        together = np.logaddexp(together, densities[:, :, column] + weights[p])
    of_a, of_b = alone or (loglik_sets(model, a), loglik_sets(model, b))
    alone_a, alone_b = (np.logaddexp.reduce(one[:, kept] + weights[kept], axis=1) for one in (of_a, of_b))
    result: Floats = together - alone_a[:, None] - alone_b[None, :]
    return result


def population_log_weights(model: SkeletonModel, population: str | None = None) -> Floats:
    """Log weights of populations: those of the reference, or one population for certain.

    Returns:
        shape (P,), natural logarithm.
    """
    if population is None:
        result: Floats = np.log(model.individuals / model.individuals.sum())
        return result
    certain = np.full(len(model.populations), -np.inf)
    certain[model.population_index(population)] = 0.0
    return certain
