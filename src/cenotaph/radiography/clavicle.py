"""Bones against films: a two-level model of outlines, likelihood ratios of one person against two.

A bone x and a film y of one person share what is of the person and differ by what is within him: pose, tracing, what a
film loses. Shared is the covariance C of x and y; within are what remains of the totals T_x and T_y. So (x, y) of one
person has the covariance ``[[T_x, C], [Cᵀ, T_y]]``, and of two people the same with C = 0. C need not be symmetric: a
film shows a curve in other proportions than the bone on a table does. The ratio has a closed form, of Student t
densities with 30 degrees of freedom, since poses bend outlines in ways that are not linear. What the ratio claims is
then held against pairs that were kept out of the fit (slope and intercept of a logistic regression).

Size stands apart: the magnification of a film, often its very unit, is not known. Its term is a ratio of normal
densities whose spread within a person never falls under `LEAST_SIZE_SD`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cenotaph.errors import InvalidInput
from cenotaph.radiography.outline import Shapes, mean_orientation, orient, shapes_of
from cenotaph.scoring import cllr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SIZE_SD = 0.05
"""Least spread within a person of the logarithm of film size over bone size."""

FREEDOM = 30.0
LEAST_PAIRS = 100
SHRINKAGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Of the covariances towards independent coefficients; the best in cross-validation is taken."""

FOLDS = 5
NEWTON_STEPS, RIDGE = 40, 1e-9
GREATEST_CORRELATION = 0.999
FILMS_TO_CENTRE = 30
"""Films whose median size stands for the mean of their population, which frees them of their unit."""


@dataclass(frozen=True, slots=True)
class ClavicleModel:
    """What outlines of people have in common.

    Args:
        mean_bone, mean_film: shape (D,), of `Shapes.vectors`.
        total_bone, total_film: shape (D, D), covariance of bones and of films.
        shared: shape (D, D), covariance of the bone (rows) and the film (columns) of one person.
        slope, intercept: calibrated log ratio = intercept + slope · log ratio.
        size_mean_bone, size_between, size_within: logarithm of size: mean of bones in millimetres, variance between
            people, variance within a person of film against bone.
        pairs: people behind it.
        basis: where they come from.
    """

    mean_bone: Floats
    mean_film: Floats
    total_bone: Floats
    total_film: Floats
    shared: Floats
    slope: float
    intercept: float
    size_mean_bone: float
    size_between: float
    size_within: float
    pairs: int
    basis: str

    @property
    def harmonics(self) -> int:
        """Harmonics of the outlines."""
        return (len(self.mean_bone) + 3) // 4

    def read(self, outlines: Sequence[ArrayLike], sides: Sequence[str]) -> Shapes:
        """Outlines as shapes that the model can judge: right sides mirrored, half-turns settled by the nearer to the
        mean.

        Args:
            outlines: each of shape (points, 2).
            sides: L or R. An outline of unknown side is to be given twice, once as each; `subject_log_lr` averages.
        """
        mean = (self.mean_bone + self.mean_film) / 2
        spread = np.sqrt(np.diag(self.total_bone + self.total_film) / 2)
        return orient(shapes_of(outlines, sides, self.harmonics), mean, spread)


def fit_clavicle_model(bones: Shapes, films: Shapes, *, basis: str) -> ClavicleModel:
    """The model from outlines of bone and film of the same people.

    Covariances are shrunk towards independent coefficients. How much, slope and intercept come from five-fold
    cross-validation: the pairs of a fold are judged by a model that has not seen them.

    Args:
        bones, films: row k of each is person k; at least 100 people.
        basis: where they come from, in words.

    Raises:
        InvalidInput: too few pairs, or not as many bones as films.

    Source: two-covariance model: Brümmer & de Villiers (2010), Odyssey; calibration: Brümmer & du Preez (2006), Comput
    Speech Lang 20:230.
    """
    if len(bones) != len(films) or len(bones) < LEAST_PAIRS:
        raise InvalidInput(
            "not enough pairs of bone and film of one person",
            found=f"{len(bones)} bones, {len(films)} films",
            valid=f"as many of each, {LEAST_PAIRS} at least",
        )
    n = len(bones)
    both = mean_orientation(
        Shapes(
            np.concatenate((bones.coefficients, films.coefficients)),
            np.concatenate((bones.log_size, films.log_size)),
        )
    ).vectors
    x, y = both[:n], both[n:]
    tried = [_cross_validated(x, y, shrinkage) for shrinkage in SHRINKAGES]
    calibrated = [calibrate(same, different) for same, different in tried]
    best = int(np.argmin([c.cllr for c in calibrated]))
    covariances = _covariances(x, y, SHRINKAGES[best])
    difference = films.log_size - bones.log_size
    return ClavicleModel(
        *covariances,
        slope=calibrated[best].slope,
        intercept=calibrated[best].intercept,
        size_mean_bone=float(bones.log_size.mean()),
        size_between=float(bones.log_size.var(ddof=1)),
        size_within=max(float(difference.var(ddof=1)), LEAST_SIZE_SD**2),
        pairs=n,
        basis=basis,
    )


Covariances = tuple[Floats, Floats, Floats, Floats, Floats]


def _covariances(x: Floats, y: Floats, shrinkage: float) -> Covariances:
    """Means, totals and what is shared.

    Directions of a bone that happen to go with directions of a film in a small sample are drawn back by the usual
    correction of an explained share: 1 − (1 − s²)(n − 1)/(n − D − 1).
    """
    n, d = x.shape
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    total_x, total_y = (np.cov(z.T) for z in (x, y))
    total_x, total_y = ((1 - shrinkage) * t + shrinkage * np.diag(np.diag(t)) for t in (total_x, total_y))
    shared = (1 - shrinkage) * (x - mean_x).T @ (y - mean_y) / (n - 1)
    root_x, root_y = _root(total_x), _root(total_y)
    left, s, right = _singular(root_x, shared, root_y)
    explained = 1 - (1 - np.minimum(s, GREATEST_CORRELATION) ** 2) * (n - 1) / max(n - d - 1, 1)
    drawn_back = root_x @ (left * np.sqrt(np.maximum(explained, 0.0))) @ right @ root_y.T
    return mean_x, mean_y, total_x, total_y, drawn_back


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _singular(root_x: Floats, shared: Floats, root_y: Floats) -> tuple[Floats, Floats, Floats]:
    """Singular values and vectors of the correlation of whitened bone and film."""
    left, s, right = np.linalg.svd(np.linalg.solve(root_x, np.linalg.solve(root_y, shared.T).T))
    return left, s, right


def _cross_validated(x: Floats, y: Floats, shrinkage: float) -> tuple[Floats, Floats]:
    """Log ratios of pairs of one person and of two, each by a model fitted without those people."""
    fold = np.arange(len(x)) % FOLDS
    same, different = [], []
    for k in range(FOLDS):
        out = fold == k
        ratios = _ratio(_covariances(x[~out], y[~out], shrinkage), x[out], y[out])
        same.append(np.diag(ratios))
        different.append(ratios[~np.eye(len(ratios), dtype=bool)])
    return np.concatenate(same), np.concatenate(different)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A straight line from log ratios to calibrated ones, and the cost that is left.

    Args:
        slope, intercept: of natural logs.
        cllr: log-likelihood-ratio cost in bits: 0 for an oracle, 1 for no information.
    """

    slope: float
    intercept: float
    cllr: float


def calibrate(same: Floats, different: Floats) -> Calibration:
    """The line with the least Cllr (logistic regression, both kinds weighted alike), by Newton's method.

    Slopes above 1 are not taken: nothing is made stronger than it says itself.

    >>> line = calibrate(np.array([8.0, 6.0, -1.0]), np.array([-8.0, -6.0, 1.0]))
    >>> 0 < line.slope < 1, abs(round(line.intercept, 9)), round(line.cllr, 2) < 0.6
    (True, 0.0, True)
    """
    score = np.concatenate((same, different))
    target = np.concatenate((np.ones_like(same), np.zeros_like(different)))
    weight = np.concatenate((np.full(len(same), 0.5 / len(same)), np.full(len(different), 0.5 / len(different))))
    design = np.stack((np.ones_like(score), score), axis=1)
    beta = np.array([0.0, 0.5])
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (weight * (target - p)) - RIDGE * beta
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
    intercept, slope = float(beta[0]), min(float(beta[1]), 1.0)
    return Calibration(slope, intercept, cllr(intercept + slope * same, intercept + slope * different))


def shape_log_lr(model: ClavicleModel, bones: Shapes, films: Shapes) -> Floats:
    """Shape (bones, films): natural log of p(bone, film | one person) / (p(bone) p(film)), by shape alone, calibrated.

    With u, v the whitened bone and film and s the singular values of what they share::

        q_xy = Σ (u² + v² − 2 s u v)/(1 − s²),    ratio = t_2D(q_xy) / (t_D(u·u) t_D(v·v))

    Cost: one product of (bones, D) and (D, films).
    """
    covariances = (model.mean_bone, model.mean_film, model.total_bone, model.total_film, model.shared)
    return model.intercept + model.slope * _ratio(covariances, bones.vectors, films.vectors)


def _ratio(covariances: Covariances, x: Floats, y: Floats) -> Floats:
    mean_x, mean_y, total_x, total_y, shared = covariances
    root_x, root_y = _root(total_x), _root(total_y)
    left, s, right = _singular(root_x, shared, root_y)
    u = np.linalg.solve(root_x, (x - mean_x).T).T @ left
    v = np.linalg.solve(root_y, (y - mean_y).T).T @ right.T
    weight = 1 / (1 - s**2)
    pair = (u**2 @ weight)[:, None] + (v**2 @ weight) - 2 * (u * (s * weight)) @ v.T
    d, nu = len(s), FREEDOM
    constant = lgamma(nu / 2 + d) + lgamma(nu / 2) - 2 * lgamma((nu + d) / 2) - 0.5 * np.sum(np.log1p(-(s**2)))
    single_x, single_y = (np.log1p(np.sum(w**2, axis=1) / nu) for w in (u, v))
    # One large array, changed in place: a shortlist may have ten million pairs.
    np.maximum(pair, 0.0, out=pair)
    pair /= nu
    np.log1p(pair, out=pair)
    pair *= -(nu / 2 + d)
    pair += ((nu + d) / 2 * single_x + constant)[:, None]
    pair += (nu + d) / 2 * single_y
    return pair


def size_log_lr(model: ClavicleModel, bone_log_size: Floats, film_log_size: Floats) -> Floats:
    """Shape (bones, films): the term of size; 0 with fewer than 30 films.

    Sizes of films are taken against the median of the films at hand, so that neither their unit nor their common
    magnification matters; those of bones, in millimetres, against the model's mean.

    Args:
        bone_log_size, film_log_size: natural logarithms, shapes (bones,) and (films,).

    >>> from types import SimpleNamespace
    >>> size_log_lr(SimpleNamespace(), np.zeros(1), np.zeros(2)).tolist()
    [[0.0, 0.0]]
    """
    if len(film_log_size) < FILMS_TO_CENTRE:
        return np.zeros((len(bone_log_size), len(film_log_size)))
    x = bone_log_size[:, None] - model.size_mean_bone
    y = film_log_size - np.median(film_log_size)
    b, t = model.size_between, model.size_between + model.size_within
    left = t * b - b * b
    both = (t * x**2 + b * y**2 - 2 * b * x * y) / left
    result: Floats = -0.5 * (both + log(left) - x**2 / b - y**2 / t - log(b * t))
    return result


def log_lr(
    model: ClavicleModel, bones: Shapes, films: Shapes, *, bounded: bool = True, with_size: bool = True
) -> Floats:
    """Shape (bones, films): natural log of the ratio of one person against two, by shape and size.

    Args:
        bones, films: as `ClavicleModel.read` gives them.
        bounded: within ± log(pairs), what the reference can bear; unbounded values rank.
        with_size: bones are in millimetres.
    """
    total = shape_log_lr(model, bones, films)
    if with_size:
        total = total + size_log_lr(model, bones.log_size, films.log_size)
    return np.clip(total, -log(model.pairs), log(model.pairs)) if bounded else total


@dataclass(frozen=True, slots=True)
class Readings:
    """Outlines as read, each of a subject: a bone, an individual or a man.

    Args:
        shapes: as `ClavicleModel.read` gives them.
        right: shape (outlines,), whether the outline is of a right clavicle.
        subject: shape (outlines,), index of the subject.
        subjects: number of subjects, some of which may have no outline.
    """

    shapes: Shapes
    right: NDArray[np.bool_]
    subject: Ints
    subjects: int


def subject_log_lr(
    model: ClavicleModel, bones: Readings, films: Readings, *, bounded: bool = True, with_size: bool = True
) -> Floats:
    """Shape (bones, men): natural log of the ratio for subjects with several outlines; 0 where none can be compared.

    Left is compared with left and right with right. The ratios of all pairs of outlines are averaged: of several
    projections of a scan one is in the pose of the film, of an outline of unknown side one reading is right, and which
    one is not known; several films of one man are not independent of each other, so they are averaged, too.
    """
    values = log_lr(model, bones.shapes, films.shapes, bounded=False, with_size=with_size)
    values[bones.right[:, None] != films.right] = -np.inf
    sums = _log_sums(_log_sums(values, bones, 0), films, 1)
    pairs = sum(_counts(bones, right)[:, None] * _counts(films, right) for right in (False, True))
    sums -= np.log(np.maximum(pairs, 1))
    sums[pairs == 0] = 0.0
    return np.clip(sums, -log(model.pairs), log(model.pairs)) if bounded else sums


def _log_sums(values: Floats, readings: Readings, axis: int) -> Floats:
    """Sums of ratios over the outlines of each subject, in logs; −∞ for a subject without an outline."""
    order = np.argsort(readings.subject, kind="stable")
    present, first = np.unique(readings.subject[order], return_index=True)
    shape = list(values.shape)
    shape[axis] = readings.subjects
    result = np.full(shape, -np.inf)
    if len(present):
        sums = np.logaddexp.reduceat(values.take(order, axis=axis), first, axis=axis)
        result[(present,) if axis == 0 else (slice(None), present)] = sums
    return result


def _counts(readings: Readings, right: bool) -> Ints:
    return np.bincount(readings.subject[readings.right == right], minlength=readings.subjects).astype(np.int64)


def euclidean_distance(bones: Shapes, films: Shapes) -> Floats:
    """Shape (bones, films): plain distance of Fourier coefficients, in the better of both half-turns; what was
    published, for comparison."""
    y = films.vectors
    squares = []
    for shapes in (bones, bones.half_turned()):
        x = shapes.vectors
        squares.append(np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1) - 2 * x @ y.T)
    result: Floats = np.sqrt(np.maximum(np.minimum(*squares), 0.0))
    return result
