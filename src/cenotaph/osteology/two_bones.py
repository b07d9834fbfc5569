"""Two bones, a reference of pairs: the table that a laboratory makes from its own measured pairs.

The logarithms of the measurements of both bones are one multivariate Student t. From a reference of pairs it is fitted
by expectation–maximisation: missing cells are filled by their expectation, outlying pairs weigh less, the two sides of
one element have the same spread, and covariances are shrunk towards a simpler shape as far as the reference itself asks
for it. The likelihood ratio of two bones is ``t(a, b) / (t(a)·t(b))``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.moments import LEAST_REFERENCE_DF
from cenotaph.osteology.resemblance import log_t

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TAIL_DFS = (4.0, 6.0, 9.0, 14.0, 22.0, 40.0, 100.0)
"""Degrees of freedom among which the reference chooses."""
PRIOR_WEIGHTS = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 1000.0])
"""How many pairs the simpler shape of a covariance may count for."""
LEAST_PAIRS = 10
ROUNDS, TOLERANCE = 200, 1e-6


@dataclass(frozen=True, slots=True)
class TwoBoneModel:
    """Predictive Student t of the log measurements (mm) of two bones of one person.

    Args:
        mean: shape (D,), of the first bone, then of the second.
        scale: shape (D, D), scale matrix.
        first: number of measurements of the first bone.
        df: degrees of freedom, heavy tails and size of the reference together.
        tail_df: of the heavy tails alone.
        pairs: pairs in the reference.
    """

    mean: Floats
    scale: Floats
    first: int
    df: float
    tail_df: float
    pairs: int

    @property
    def reference_size(self) -> int:
        """Pairs in the reference: no support should exceed log10 of it."""
        return self.pairs


def fit_pair_table(first_log_mm: Floats, second_log_mm: Floats, antimeres: bool = True) -> TwoBoneModel:
    """Fits the model to pairs of bones of one person each.

    For antimeres the sum and the difference of the sides are uncorrelated; each has a covariance of its own. A
    covariance of n pairs is the posterior mean under an inverse Wishart prior about a simpler shape (one common factor,
    or none), shape and weight chosen by marginal likelihood. Degrees of freedom of the tails are those of the greatest
    likelihood. The predictive distribution is wider by ``1 + 1/n`` and has ``1/df = 1/tail_df + 1/max(30, n − D)``.

    Args:
        first_log_mm, second_log_mm: shapes (n, D1), (n, D2); nan where not measured.
        antimeres: the two are left and right of the same measurements.

    Raises:
        InvalidInput: fewer than ten pairs, unequal numbers, or a measurement that nobody has.
    """
    rows = np.concatenate([first_log_mm, second_log_mm], axis=1)
    n, d = rows.shape
    if n < LEAST_PAIRS:
        raise InvalidInput("too few pairs to fit a table", found=n, valid=f"{LEAST_PAIRS} or more")
    if antimeres and first_log_mm.shape != second_log_mm.shape:
        raise InvalidInput("sides with other measurements", found=(first_log_mm.shape, second_log_mm.shape))
    if np.isnan(rows).all(axis=0).any():
        raise InvalidInput("a measurement that no pair has", valid="at least one value in each column")
    fits = [_fit(rows, antimeres, tail) for tail in TAIL_DFS]
    best = max(fits, key=lambda fit: fit.loglik)
    df = 1.0 / (1.0 / best.tail_df + 1.0 / max(LEAST_REFERENCE_DF, float(n - d)))
    return TwoBoneModel(best.mean, best.scale * (1 + 1 / n), first_log_mm.shape[1], df, best.tail_df, n)


@dataclass(frozen=True, slots=True)
class _Fit:
    mean: Floats
    scale: Floats
    tail_df: float
    loglik: float


def _fit(rows: Floats, antimeres: bool, tail_df: float) -> _Fit:
    """Expectation–maximisation at given degrees of freedom."""
    turn = _rotation(rows.shape[1], antimeres)
    seen = ~np.isnan(rows)
    mean = np.nanmean(rows, axis=0)
    spread = np.maximum(np.nanvar(rows, axis=0), 1e-8)
    scale, last = np.diag(spread), -np.inf
    for _ in range(ROUNDS):
        filled, missing, quadratic, loglik = _expected(rows, seen, mean, scale, tail_df)
        if loglik - last < TOLERANCE * abs(loglik):
            break
        last = loglik
        weight = (tail_df + seen.sum(axis=1)) / (tail_df + quadratic)
        mean = (weight[:, None] * filled).sum(axis=0) / weight.sum()
        centred = (filled - mean) * np.sqrt(weight)[:, None]
        scatter = turn @ (centred.T @ centred + missing) @ turn.T
        scale = turn.T @ _shrunk_blocks(scatter, len(rows), antimeres) @ turn
    return _Fit(mean, scale, tail_df, loglik)


def _rotation(d: int, antimeres: bool) -> Floats:
    """Sum and difference of the sides, orthonormal."""
    if not antimeres:
        return np.eye(d)
    half = np.eye(d // 2) / np.sqrt(2)
    return np.block([[half, half], [-half, half]])


def _expected(
    rows: Floats, seen: NDArray[np.bool_], mean: Floats, scale: Floats, tail_df: float
) -> tuple[Floats, Floats, Floats, float]:
    """Rows with missing cells filled, what filling leaves out of the scatter, distances, log-likelihood."""
    filled, quadratic = rows.copy(), np.zeros(len(rows))
    missing, loglik = np.zeros_like(scale), 0.0
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    for p, pattern in enumerate(patterns):
        at = np.flatnonzero(which == p)
        have, lack = np.flatnonzero(pattern), np.flatnonzero(~pattern)
        inverse = np.linalg.inv(scale[np.ix_(have, have)])
        centred = rows[np.ix_(at, have)] - mean[have]
        quadratic[at] = np.einsum("ni,ij,nj->n", centred, inverse, centred)
        determinant = np.linalg.slogdet(scale[np.ix_(have, have)])[1]
        loglik += float(log_t(quadratic[at], np.asarray(determinant), np.asarray(float(have.size)), tail_df).sum())
        if lack.size:
            slope = scale[np.ix_(lack, have)] @ inverse
            filled[np.ix_(at, lack)] = mean[lack] + centred @ slope.T
            rest = scale[np.ix_(lack, lack)] - slope @ scale[np.ix_(have, lack)]
            missing[np.ix_(lack, lack)] += at.size * rest
    return filled, missing, quadratic, loglik


def _shrunk_blocks(scatter: Floats, n: int, antimeres: bool) -> Floats:
    """Sum and difference apart for antimeres, one block otherwise."""
    if not antimeres:
        return _shrunk(scatter, n)
    d = len(scatter) // 2
    nothing = np.zeros((d, d))
    return np.block([[_shrunk(scatter[:d, :d], n), nothing], [nothing, _shrunk(scatter[d:, d:], n)]])


def _shrunk(scatter: Floats, n: int) -> Floats:
    """Posterior mean of a covariance under the inverse Wishart prior that the scatter makes most likely.

    With the eigenvalues λ of the scatter relative to the target T, ``|w·T + S| = |T|·Π(w + λ)`` for all weights w.
    """
    from scipy.linalg import eigh
    from scipy.special import multigammaln

    d = len(scatter)
    nu = PRIOR_WEIGHTS + d + 1
    constant = multigammaln((nu + n) / 2, d) - multigammaln(nu / 2, d)
    best, chosen = -np.inf, scatter / n
    for target in (np.diag(np.diag(scatter / n)), _one_factor(scatter / n)):
        ratios = eigh(scatter, target, eigvals_only=True)
        growth = np.log(PRIOR_WEIGHTS[:, None] + np.maximum(ratios, 0.0)).sum(axis=1)
        marginal = constant + 0.5 * (nu * d * np.log(PRIOR_WEIGHTS) - (nu + n) * growth)
        marginal -= 0.5 * n * np.linalg.slogdet(target)[1]
        at = int(marginal.argmax())
        if marginal[at] > best:
            best = float(marginal[at])
            chosen = (target * PRIOR_WEIGHTS[at] + scatter) / (nu[at] + n - d - 1)
    return chosen


def _one_factor(covariance: Floats) -> Floats:
    """The nearest covariance with one common factor; variances are kept."""
    spread = np.sqrt(np.diag(covariance))
    loading = one_factor_loadings(covariance / np.outer(spread, spread))
    shape = np.outer(loading, loading)
    np.fill_diagonal(shape, 1.0)
    result: Floats = shape * np.outer(spread, spread)
    return result


def one_factor_loadings(correlation: Floats, least: float = 0.0) -> Floats:
    """Loadings of one common factor on a correlation matrix: principal factor, iterated.

    Args:
        least: correlations and loadings below it are taken as zero.

    Returns:
        shape (D,), within ±0.97.
    """
    reduced = np.where(np.abs(correlation) < least, 0.0, correlation)
    loading = np.full(len(correlation), 0.7)
    for _ in range(50):
        np.fill_diagonal(reduced, np.clip(loading**2, 0.0, 0.98))
        values, vectors = np.linalg.eigh(reduced)
        loading = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    result: Floats = np.where(np.abs(loading) < least, 0.0, np.clip(loading, -0.97, 0.97))
    return result


def pair_table(model: TwoBoneModel, first_log_mm: Floats, second_log_mm: Floats) -> Floats:
    """Log likelihood ratio of *one person* to *two persons* for each first bone with each second bone.

    Bones with the same cells missing are done together, so that a table costs a few matrix products for each pair of
    patterns.

    Args:
        first_log_mm, second_log_mm: shapes (A, D1), (B, D2); nan where not measured.

    Returns:
        shape (A, B), natural logarithm; zero where one of the two has no measurement.

    Raises:
        InvalidInput: a number of measurements that the model does not have.
    """
    sizes = (first_log_mm.shape[1], second_log_mm.shape[1])
    if sizes != (model.first, len(model.mean) - model.first):
        raise InvalidInput("measurements of two bones", found=sizes, valid=f"{model.first}, {len(model.mean)} in all")
    left, right = (
        _patterned(first_log_mm, model.mean[: model.first]),
        _patterned(second_log_mm, model.mean[model.first :]),
    )
    alone_left, alone_right = _alone(model, left, 0), _alone(model, right, model.first)
    table = np.zeros((len(first_log_mm), len(second_log_mm)))
    for mine, rows in left.groups():
        both = np.concatenate([np.tile(mine, (len(right.patterns), 1)), right.patterns], axis=1)
        precision, determinant = _masked_inverse(model.scale, both)
        x, y = left.values[rows], right.values
        d = model.first
        within_x = np.einsum("ni,pij,nj->np", x, precision[:, :d, :d], x)[:, right.which]
        carried = np.einsum("bij,bj->bi", precision[right.which][:, :, d:], y)
        within_y = (carried[:, d:] * y).sum(axis=1)
        quadratic = np.maximum(within_x + 2 * x @ carried[:, :d].T + within_y, 0.0)
        dimension = (mine.sum() + right.patterns.sum(axis=1)).astype(np.float64)
        joint = log_t(quadratic, determinant[right.which], dimension[right.which], model.df)
        table[rows] = joint - alone_left[rows, None] - alone_right
    return table


@dataclass(frozen=True, slots=True)
class _Patterned:
    """Deviations with zeros where not measured, the patterns of what was measured, and which one each bone has."""

    values: Floats
    patterns: NDArray[np.bool_]
    which: Ints

    def groups(self) -> list[tuple[NDArray[np.bool_], Ints]]:
        """Each pattern with its bones."""
        return [(pattern, np.flatnonzero(self.which == p)) for p, pattern in enumerate(self.patterns)]


def _patterned(log_mm: Floats, mean: Floats) -> _Patterned:
    seen = ~np.isnan(log_mm)
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    return _Patterned(np.where(seen, log_mm - mean, 0.0), patterns, which.reshape(-1).astype(np.int64))


def _masked_inverse(scale: Floats, patterns: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Inverse and log determinant of the measured part; the rest is the identity and meets zeros only."""
    keep = patterns[:, :, None] & patterns[:, None, :]
    masked = np.where(keep, scale, np.eye(len(scale)))
    return np.linalg.inv(masked), np.linalg.slogdet(masked)[1]


def _alone(model: TwoBoneModel, bones: _Patterned, start: int) -> Floats:
    d = bones.values.shape[1]
    inverse, determinant = _masked_inverse(model.scale[start : start + d, start : start + d], bones.patterns)
    quadratic = np.einsum("ni,nij,nj->n", bones.values, inverse[bones.which], bones.values)
    dimension = bones.patterns.sum(axis=1).astype(np.float64)
    return log_t(quadratic, determinant[bones.which], dimension[bones.which], model.df)
