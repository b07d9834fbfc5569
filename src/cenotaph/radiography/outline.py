"""Closed outlines as elliptical Fourier descriptors: shape apart from size, place, turn and starting point.

An outline is a closed polygon, shape (points, 2), first coordinate across, second up; the last point is joined to the
first. Its shape is brought to one form: counter-clockwise, right sides mirrored to left ones, the first ellipse lying
along the first axis with half length 1. That form is unique but for a half-turn, which `orient` settles by the nearer
to a mean shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HARMONICS = 12
POINTS = 200
"""Points to which an outline is resampled, at equal steps along it."""

SIDES = ("L", "R")


def resample(outline: ArrayLike, points: int = POINTS) -> Floats:
    """The closed polygon at *points* equal steps along its length, counter-clockwise, its first point kept.

    Args:
        outline: shape (n, 2).

    Returns:
        Shape (points, 2).

    Raises:
        InvalidInput: fewer than three different points, a coordinate that is not finite, no area.

    >>> resample([[0, 0], [0, 2], [2, 2], [2, 0]], 4).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    """
    polygon = np.asarray(outline, dtype=np.float64)
    if polygon.ndim != 2 or polygon.shape[1] != 2 or not np.isfinite(polygon).all():
        raise InvalidInput("not an outline", found=f"array of shape {polygon.shape}", valid="(points, 2), all finite")
    polygon = polygon[np.any(polygon != np.roll(polygon, 1, axis=0), axis=1)]
    if len(polygon) < 3:
        raise InvalidInput("not an outline", found=f"{len(polygon)} different points", valid="three or more")
    x, y = (polygon - polygon.mean(axis=0)).T
    area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2
    if area == 0:
        raise InvalidInput("not an outline", found="no area", valid="a closed curve around an area")
    if area < 0:
        polygon = np.concatenate((polygon[:1], polygon[:0:-1]))
    closed = np.concatenate((polygon, polygon[:1]))
    length = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))))
    at = np.arange(points) * (length[-1] / points)
    return np.stack([np.interp(at, length, closed[:, k]) for k in (0, 1)], axis=1)


def mirror(outline: ArrayLike) -> Floats:
    """The outline seen in a mirror: a right clavicle as a left one.

    >>> mirror([[1.0, 2.0]]).tolist()
    [[-1.0, 2.0]]
    """
    result: Floats = np.asarray(outline, dtype=np.float64) * np.array([-1.0, 1.0])
    return result


def elliptic_coefficients(outlines: ArrayLike, harmonics: int = HARMONICS) -> Floats:
    """Elliptical Fourier coefficients of closed polygons with the same number of points.

    With steps dx, dy of length dt, and T the whole length::

        a_n = T/(2 n² π²) Σ dx/dt [cos(2πn t_p/T) − cos(2πn t_{p−1}/T)]        (b_n with sin; c_n, d_n with dy)

    Args:
        outlines: shape (…, points, 2).

    Returns:
        Shape (…, harmonics, 2, 2): [[a, b], [c, d]] of each harmonic.

    Source: Kuhl & Giardina (1982), Computer Graphics and Image Processing 18:236, equations 6 and 7.

    >>> turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    >>> circle = np.stack([3 * np.cos(turn), 3 * np.sin(turn)], axis=1)
    >>> np.abs(elliptic_coefficients(circle, 2)).round(3)[0].tolist()
    [[3.0, 0.0], [0.0, 3.0]]
    """
    points = np.asarray(outlines, dtype=np.float64)
    step = np.roll(points, -1, axis=-2) - points
    length = np.hypot(step[..., 0], step[..., 1])
    end = np.cumsum(length, axis=-1)
    whole = end[..., -1:]
    n = np.arange(1, harmonics + 1)[:, None]
    phase_end = 2 * np.pi * n * (end / whole)[..., None, :]
    phase_start = 2 * np.pi * n * ((end - length) / whole)[..., None, :]
    waves = np.stack((np.cos(phase_end) - np.cos(phase_start), np.sin(phase_end) - np.sin(phase_start)), axis=-1)
    slope = np.divide(step, length[..., None], out=np.zeros_like(step), where=length[..., None] > 0)
    sums = np.einsum("...pk,...npw->...nkw", slope, waves)
    result: Floats = sums * (whole[..., None, None] / (2 * np.pi**2 * n[:, :, None] ** 2))
    return result


@dataclass(frozen=True, slots=True)
class Shapes:
    """Normalised outlines.

    Args:
        coefficients: shape (outlines, harmonics, 2, 2); the first is [[1, 0], [0, d]].
        log_size: shape (outlines,), natural logarithm of the half length of the first ellipse, in the outline's own
            unit.
    """

    coefficients: Floats
    log_size: Floats

    def __len__(self) -> int:
        return len(self.log_size)

    @property
    def vectors(self) -> Floats:
        """Shape (outlines, 4·harmonics − 3): what normalisation leaves free."""
        return np.delete(self.coefficients.reshape(len(self), -1), (0, 1, 2), axis=1)

    def half_turned(self) -> Shapes:
        """The other reading of each: every second harmonic changes its sign."""
        n = np.arange(1, self.coefficients.shape[1] + 1)[:, None, None]
        return Shapes(self.coefficients * np.where(n % 2 == 1, 1.0, -1.0), self.log_size)

    def take(self, rows: Ints | Sequence[int]) -> Shapes:
        """Some of the outlines."""
        return Shapes(self.coefficients[rows], self.log_size[rows])


def normalise(coefficients: Floats) -> Shapes:
    """Shapes that do not depend on place, size, turn and starting point, but for a half-turn.

    θ = ½ atan2(2(a₁b₁ + c₁d₁), a₁² + c₁² − b₁² − d₁²) moves the start to an end of the first ellipse,
    ψ = atan2(c₁, a₁) lays it along the first axis, its half length becomes 1. Unstable for outlines that are nearly
    round.

    Args:
        coefficients: shape (outlines, harmonics, 2, 2).

    Source: Kuhl & Giardina (1982), section 4.

    >>> kite = np.array([[0.0, 0.0], [4.0, -1.0], [6.0, 0.0], [4.0, 2.0]])
    >>> moved = 3 * kite[[2, 3, 0, 1]] @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + 10
    >>> one, other = (normalise(elliptic_coefficients(k[None], 4)) for k in (kite, moved))
    >>> bool(np.allclose(one.vectors, other.vectors) or np.allclose(one.half_turned().vectors, other.vectors))
    True
    >>> round(float(np.exp(other.log_size - one.log_size)[0]), 9)
    3.0
    """
    a, b, c, d = coefficients[:, 0].reshape(-1, 4).T
    theta = 0.5 * np.arctan2(2 * (a * b + c * d), a**2 + c**2 - b**2 - d**2)
    n = np.arange(1, coefficients.shape[1] + 1)
    moved = coefficients @ _rotation(n * theta[:, None])
    psi = np.arctan2(moved[:, 0, 1, 0], moved[:, 0, 0, 0])
    size = np.hypot(moved[:, 0, 1, 0], moved[:, 0, 0, 0])
    turned = _rotation(-psi)[:, None] @ moved / size[:, None, None, None]
    # Exactly what the definition says, free of rounding.
    turned[:, 0, 0, 0], turned[:, 0, 0, 1], turned[:, 0, 1, 0] = 1.0, 0.0, 0.0
    return Shapes(turned, np.log(size))


def _rotation(angle: Floats) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack((np.stack((cos, -sin), axis=-1), np.stack((sin, cos), axis=-1)), axis=-2)


def shapes_of(outlines: Sequence[ArrayLike], sides: Sequence[str], harmonics: int = HARMONICS) -> Shapes:
    """Normalised shapes of outlines, right sides mirrored.

    Raises:
        InvalidInput: not an outline, or a side that is not L or R.
    """
    unknown = set(sides) - set(SIDES)
    if unknown:
        raise InvalidInput("unknown side", found=sorted(unknown)[0], valid="L, R")
    if not len(outlines):
        return Shapes(np.zeros((0, harmonics, 2, 2)), np.zeros(0))
    read = [resample(mirror(o) if s == "R" else o) for o, s in zip(outlines, sides, strict=True)]
    return normalise(elliptic_coefficients(np.stack(read), harmonics))


def orient(shapes: Shapes, mean: Floats, spread: Floats) -> Shapes:
    """Each outline in that one of its two readings which is nearer to a mean shape.

    Args:
        mean, spread: shape (4·harmonics − 3,), of `Shapes.vectors`; distances are counted in *spread*.
    """
    other = shapes.half_turned()
    turn = _distance(other, mean, spread) < _distance(shapes, mean, spread)
    return Shapes(np.where(turn[:, None, None, None], other.coefficients, shapes.coefficients), shapes.log_size)


def _distance(shapes: Shapes, mean: Floats, spread: Floats) -> Floats:
    result: Floats = np.sum(((shapes.vectors - mean) / spread) ** 2, axis=1)
    return result


def mean_orientation(shapes: Shapes, rounds: int = 10) -> Shapes:
    """All outlines in one reading, without a mean shape to go by: each turned to the mean of the others, repeatedly.

    >>> turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    >>> egg = np.stack([2 * np.cos(turn) + 0.3 * np.cos(2 * turn), np.sin(turn)], axis=1)
    >>> both = mean_orientation(shapes_of([egg, -egg], ["L", "L"]))
    >>> bool(np.allclose(both.vectors[0], both.vectors[1]))
    True
    """
    if not len(shapes):
        return shapes
    aligned = orient(shapes, shapes.vectors[0], np.ones(shapes.vectors.shape[1]))
    for _ in range(rounds):
        turned = orient(shapes, aligned.vectors.mean(axis=0), aligned.vectors.std(axis=0) + 1e-6)
        if np.array_equal(turned.coefficients, aligned.coefficients):
            break
        aligned = turned
    return aligned


def draw_shape(shapes: Shapes, which: int, points: int = POINTS) -> Floats:
    """The outline that a row of coefficients stands for, of half length 1, shape (points, 2)."""
    coefficients = shapes.coefficients[which]
    n = np.arange(1, len(coefficients) + 1)
    phase = np.linspace(0, 2 * np.pi, points, endpoint=False)[:, None] * n
    waves = np.stack((np.cos(phase), np.sin(phase)), axis=-1)
    result: Floats = np.einsum("nkw,pnw->pk", coefficients, waves)
    return result
