"""Fits the joint model of the skeleton to a reference: expectation–maximisation with missing cells.

Each person is a Student t vector whose common scale is latent: outlying people weigh less. Given the factors, the two
sides of one measurement are exchangeable but for the asymmetry. Loadings are drawn to zero as by one observation, so
that a measurement that few people have cannot run away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.moments import SkeletonModel, StatureVariable
from cenotaph.osteology.resemblance import log_t
from cenotaph.osteology.two_bones import one_factor_loadings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TAIL_DFS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 11.0, 14.0, 18.0, 25.0, 40.0, 80.0, 200.0)
"""Degrees of freedom among which the reference chooses."""
ROBUST_LIMIT = 5.0
"""A cell, or a difference of the sides, so many robust deviations from the median of its population is left out."""
LEAST_PEOPLE, LEAST_BONES, LEAST_PAIRS = 20, 10, 20
LEAST_NOISE = 1e-3
CENTIMETRES = 100.0
"""Stature is fitted in metres beside logarithms, so that all variables are of one order."""
ROUNDS, TOLERANCE, TAIL_EVERY = 400, 1e-7, 5

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Reference:
    """Measured people.

    Args:
        populations: names.
        population: shape (N,), index.
        codes, elements: shape (C,).
        log_mm: shape (N, 2, C), left then right; nan where not measured.
        stature_cm: shape (N,), nan where not known.

    Raises:
        InvalidInput: too few people, a code that too few have, or one person twice in shape.
    """

    populations: tuple[str, ...]
    population: Ints
    codes: tuple[str, ...]
    elements: tuple[str, ...]
    log_mm: Floats
    stature_cm: Floats

    def __post_init__(self) -> None:
        people = len(self.population)
        if people < LEAST_PEOPLE:
            raise InvalidInput("too few people to fit a skeleton", found=people, valid=f"{LEAST_PEOPLE} or more")
        if self.log_mm.shape != (people, 2, len(self.codes)) or len(self.elements) != len(self.codes):
            raise InvalidInput("reference: shapes that do not fit", found=self.log_mm.shape)
        bones = (~np.isnan(self.log_mm)).sum(axis=(0, 1))
        if bones.min() < LEAST_BONES:
            code = self.codes[int(bones.argmin())]
            raise InvalidInput(f"{code} on too few bones", found=int(bones.min()), valid=f"{LEAST_BONES} or more")


@dataclass(frozen=True, slots=True)
class _Parameters:
    """Scale parameters over V variables: the codes, then stature in metres if it is there."""

    mean: Floats
    asymmetry: Floats
    loadings: Floats
    shared: Floats
    noise2: Floats
    tail_df: float


@dataclass(frozen=True, slots=True)
class _Expected:
    factors: Floats
    spread: Floats
    quadratic: Floats
    log_determinant: Floats
    weight: Floats


def fit_moments(reference: Reference, factors: int = 8, progress: Progress | None = None) -> SkeletonModel:
    """The model that makes the reference most likely.

    Cells far out are left out first. Then expectation–maximisation (factors, shared parts and the scale of each person
    are latent); degrees of freedom are chosen again every few rounds. What the measurements of one bone share against
    its antimere is taken from the correlations of left–right differences.

    Args:
        factors: number of size-and-shape factors; fewer than codes.
        progress: called with a step, rounds done and the most rounds.

    Raises:
        InvalidInput: no factor, or as many factors as codes.
    """
    codes = len(reference.codes)
    if not 0 < factors < codes:
        raise InvalidInput("number of factors", found=factors, valid=f"1 to {codes - 1}")
    cleaned = replace(reference, log_mm=without_outliers(reference))
    values, side = _variables(cleaned)
    parameters = _start(values, cleaned.population, len(cleaned.populations), factors, codes)
    last = -np.inf
    for done in range(ROUNDS):
        deviation = values - parameters.mean[cleaned.population][:, None, :] - side * parameters.asymmetry
        expected = _expect(deviation, parameters)
        if done % TAIL_EVERY == 0:
            parameters = replace(parameters, tail_df=_best_tail(values, expected))
        loglik = _loglik(values, expected, parameters.tail_df)
        if progress is not None:
            progress("fitting", done + 1, ROUNDS)
        if 0 <= loglik - last < TOLERANCE * abs(loglik):
            break
        last = loglik
        parameters = _maximise(values, side, cleaned.population, parameters, expected, codes)
    return _model(cleaned, parameters)


def without_outliers(reference: Reference) -> Floats:
    """The cells, nan where one is more than five robust deviations from the median of its population and side.

    Where the difference of the sides is as far out, both cells go.

    Returns:
        shape (N, 2, C).
    """
    found = reference.log_mm.copy()
    for p in range(len(reference.populations)):
        rows = np.flatnonzero(reference.population == p)
        cells = found[rows].reshape(len(rows), -1)
        cells[_far_out(cells)] = np.nan
        found[rows] = cells.reshape(len(rows), 2, -1)
    far = _far_out(found[:, 1] - found[:, 0])
    found[np.repeat(far[:, None, :], 2, axis=1)] = np.nan
    return found


def _far_out(cells: Floats) -> NDArray[np.bool_]:
    columns = ~np.isnan(cells).all(axis=0)
    centred = np.zeros_like(cells)
    centred[:, columns] = cells[:, columns] - np.nanmedian(cells[:, columns], axis=0)
    robust = np.full(cells.shape[1], np.inf)
    robust[columns] = 1.4826 * np.nanmedian(np.abs(centred[:, columns]), axis=0)
    result: NDArray[np.bool_] = np.abs(np.nan_to_num(centred)) > ROBUST_LIMIT * np.maximum(robust, LEAST_NOISE)
    return result


def _variables(reference: Reference) -> tuple[Floats, Floats]:
    """Cells with stature as a last variable that has one side only, and the signs of the sides."""
    side = np.array([-0.5, 0.5])[:, None]
    if np.isnan(reference.stature_cm).all():
        return reference.log_mm, side
    stature = np.full((len(reference.population), 2, 1), np.nan)
    stature[:, 0, 0] = reference.stature_cm / CENTIMETRES
    return np.concatenate([reference.log_mm, stature], axis=2), side


def _start(values: Floats, population: Ints, populations: int, factors: int, codes: int) -> _Parameters:
    """Means, and principal components of what is left; differences of the sides give the noise."""
    counts = ~np.isnan(values)
    overall = np.nanmean(values, axis=(0, 1))
    means = np.tile(overall, (populations, 1))
    for p in range(populations):
        inside = counts[population == p].sum(axis=(0, 1))
        total = np.nansum(values[population == p], axis=(0, 1))
        means[p] = np.where(inside >= 3, total / np.maximum(inside, 1), overall)
    left = np.where(counts, values - means[population][:, None, :], 0.0).sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    spread = np.sqrt((left**2).sum(axis=0) / np.maximum((counts.any(axis=1)).sum(axis=0), 1))
    scaled = left / np.maximum(spread, LEAST_NOISE)
    _, singular, axes = np.linalg.svd(scaled, full_matrices=False)
    loadings = (axes[:factors] * singular[:factors, None] / np.sqrt(len(values))).T * spread[:, None]
    shared = 0.3 * spread
    shared[codes:] = 0.0
    noise2 = np.maximum((0.4 * spread) ** 2, LEAST_NOISE**2)
    return _Parameters(means, np.zeros(values.shape[2]), loadings, shared, noise2, 20.0)


def _expect(deviation: Floats, p: _Parameters) -> _Expected:
    """Posterior of the factors, distances and weights of all people."""
    seen = ~np.isnan(deviation)
    filled = np.where(seen, deviation, 0.0)
    n, total, square = seen.sum(axis=1), filled.sum(axis=1), (filled**2).sum(axis=1)
    both = p.noise2 + n * p.shared**2
    k = p.loadings.shape[1]
    products = (p.loadings[:, :, None] * p.loadings[:, None, :]).reshape(-1, k * k)
    information = np.eye(k) + ((n / both) @ products).reshape(-1, k, k)
    spread = np.linalg.inv(information)
    linear = (total / both) @ p.loadings
    factors = np.einsum("nkj,nj->nk", spread, linear)
    quadratic = (square / p.noise2 - total**2 * p.shared**2 / (p.noise2 * both)).sum(axis=1)
    quadratic = np.maximum(quadratic - (factors * linear).sum(axis=1), 0.0)
    determinant = (n * np.log(p.noise2) + np.log(both / p.noise2)).sum(axis=1) + np.linalg.slogdet(information)[1]
    weight = (p.tail_df + n.sum(axis=1)) / (p.tail_df + quadratic)
    return _Expected(factors, spread, quadratic, determinant, weight)


def _loglik(values: Floats, expected: _Expected, tail_df: float) -> float:
    dimension = (~np.isnan(values)).sum(axis=(1, 2)).astype(np.float64)
    return float(log_t(expected.quadratic, expected.log_determinant, dimension, tail_df).sum())


def _best_tail(values: Floats, expected: _Expected) -> float:
    return max(TAIL_DFS, key=lambda df: _loglik(values, expected, df))


@dataclass(frozen=True, slots=True)
class _Equations:
    """Expected normal equations of one variable on [factors, shared part, populations, side]."""

    gram: Floats
    target: Floats
    square: float
    cells: int


def _maximise(values: Floats, side: Floats, population: Ints, p: _Parameters, e: _Expected, codes: int) -> _Parameters:
    """Each variable regressed on the factors, its own shared part, the populations and the side."""
    k = p.loadings.shape[1]
    mean, asymmetry = p.mean.copy(), p.asymmetry.copy()
    loadings, shared, noise2 = p.loadings.copy(), p.shared.copy(), p.noise2.copy()
    moment2 = e.weight[:, None, None] * e.factors[:, :, None] * e.factors[:, None, :] + e.spread
    dummies = np.eye(len(p.mean))[population]
    for c in range(values.shape[2]):
        equations = _equations(values[:, :, c], side, dummies, p, c, e, moment2)
        gram, size = equations.gram, len(equations.target)
        free = np.flatnonzero(np.diag(gram) > 1e-9)
        if c >= codes:
            free = free[(free != k) & (free != size - 1)]
        ridge = np.where(free <= k, 1.0, 1e-9)
        solution = np.zeros(size)
        solution[free] = np.linalg.solve(gram[np.ix_(free, free)] + np.diag(ridge), equations.target[free])
        residual = equations.square - 2 * solution @ equations.target + solution @ gram @ solution
        loadings[c], shared[c], asymmetry[c] = solution[:k], abs(solution[k]), solution[-1]
        present = free[(free > k) & (free < size - 1)]
        mean[present - k - 1, c] = solution[present]
        noise2[c] = residual / equations.cells
    # Parameter expansion: weights average one at the optimum; dividing by their mean gets there in far fewer rounds.
    expand = np.sqrt(e.weight.mean())
    noise2 = np.maximum(noise2 / expand**2, LEAST_NOISE**2)
    loadings, shared = loadings / expand, shared / expand
    return replace(p, mean=mean, asymmetry=asymmetry, loadings=loadings, shared=shared, noise2=noise2)


def _equations(
    cells: Floats, side: Floats, dummies: Floats, p: _Parameters, c: int, e: _Expected, moment2: Floats
) -> _Equations:
    """Sums over the people on whom variable c was measured; *cells* has shape (N, 2)."""
    seen = ~np.isnan(cells)
    rows = np.flatnonzero(seen.any(axis=1))
    n, x = seen[rows].sum(axis=1), np.where(seen[rows], cells[rows], 0.0)
    signs = np.where(seen[rows], side[:, 0], 0.0)
    w, f, total, at_side = e.weight[rows], e.factors[rows], x.sum(axis=1), signs.sum(axis=1)
    population = dummies[rows]
    both = p.noise2[c] + n * p.shared[c] ** 2
    keep, pulled = p.shared[c] / both, e.spread[rows] @ p.loadings[c]
    g = keep * (total - n * (population @ p.mean[:, c] + f @ p.loadings[c]) - at_side * p.asymmetry[c])
    g2 = w * g**2 + keep**2 * n**2 * (pulled @ p.loadings[c]) + p.noise2[c] / both
    gf = (w * g)[:, None] * f - (keep * n)[:, None] * pulled
    k = f.shape[1]
    size = k + population.shape[1] + 2
    inner = slice(k + 1, size - 1)
    latent = np.concatenate([f, g[:, None]], axis=1) * w[:, None]
    gram, target = np.zeros((size, size)), np.zeros(size)
    gram[:k, :k] = np.einsum("n,nkj->kj", n.astype(np.float64), moment2[rows])
    gram[k, k], gram[k, :k] = (n * g2).sum(), (n[:, None] * gf).sum(axis=0)
    gram[inner, : k + 1] = (population * n[:, None]).T @ latent
    gram[inner, inner] = (population * (w * n)[:, None]).T @ population
    gram[-1, : k + 1], gram[-1, inner] = at_side @ latent, (w * at_side) @ population
    gram[-1, -1] = (w * (signs**2).sum(axis=1)).sum()
    gram = np.tril(gram) + np.tril(gram, -1).T
    target[: k + 1], target[inner] = total @ latent, (w * total) @ population
    target[-1] = (w * (x * signs).sum(axis=1)).sum()
    return _Equations(gram, target, float((w * (x**2).sum(axis=1)).sum()), int(n.sum()))


def _model(reference: Reference, p: _Parameters) -> SkeletonModel:
    """Scale parameters as covariances; factors along their principal axes, the first positive on the whole."""
    codes = len(reference.codes)
    stretch = np.sqrt(p.tail_df / (p.tail_df - 2.0)) if p.tail_df > 2.0 else 1.0
    _, _, axes = np.linalg.svd(p.loadings[:codes] / np.sqrt(p.noise2[:codes])[:, None], full_matrices=False)
    loadings = p.loadings @ axes.T * stretch
    loadings *= np.where(loadings[:codes].sum(axis=0) < 0, -1.0, 1.0)
    noise_sd = np.sqrt(p.noise2[:codes]) * stretch
    stature = None
    if p.mean.shape[1] > codes:
        known = int((~np.isnan(reference.stature_cm)).sum())
        residual = float(np.sqrt(p.noise2[codes]) * stretch * CENTIMETRES)
        stature = StatureVariable(p.mean[:, codes] * CENTIMETRES, loadings[codes] * CENTIMETRES, residual, known)
    return SkeletonModel(
        populations=reference.populations,
        codes=reference.codes,
        elements=reference.elements,
        mean=p.mean[:, :codes],
        asymmetry=p.asymmetry[:codes],
        loadings=loadings[:codes],
        shared=p.shared[:codes] * stretch,
        bone=_bone_parts(reference) * noise_sd,
        noise_sd=noise_sd,
        individuals=np.bincount(reference.population, minlength=len(reference.populations)),
        bones=(~np.isnan(reference.log_mm)).sum(axis=(0, 1)),
        tail_df=p.tail_df,
        stature=stature,
    )


def _bone_parts(reference: Reference) -> Floats:
    """Correlation of each left–right difference with the factor of its bone; zero where too few have both sides."""
    difference = reference.log_mm[:, 0] - reference.log_mm[:, 1]
    parts = np.zeros(len(reference.codes))
    elements = np.array(reference.elements)
    for element in dict.fromkeys(reference.elements):
        columns = np.flatnonzero(elements == element)
        columns = columns[(~np.isnan(difference[:, columns])).sum(axis=0) >= LEAST_PAIRS]
        whole = difference[:, columns][~np.isnan(difference[:, columns]).any(axis=1)]
        if columns.size >= 2 and len(whole) >= LEAST_PAIRS:
            correlation = np.atleast_2d(np.corrcoef(whole, rowvar=False))
            parts[columns] = one_factor_loadings(correlation, least=2.0 / float(np.sqrt(len(whole))))
    return parts
