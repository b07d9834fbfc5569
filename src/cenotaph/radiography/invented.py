"""Invented clavicles: outlines that stand in for data which is not public.

No chest film and no scan is behind these numbers. A clavicle is a bent rod: a centre line in three dimensions, curved
like an S in the transverse plane and slightly in the frontal one, with a thickness above and below it. People differ in
length, in the two curves and in the thickness. A scan sees the bone in one standard pose; a film sees it in the pose in
which the man stood, slightly magnified, and somebody traced it.

`FILM_NOISE_MM` is pinned so that the ranking that was published, by plain distance of Fourier coefficients, is as good
here as it was there: the right man among the first 5 % for 75 % of skeletons (Stephan et al. 2014, J Forensic Sci
59:306; 17 skeletons, 409 films). ``tools/build_clavicle_tables.py`` finds it. What a better method gains on these
outlines says how it copes with pose and tracing of this kind; it is no promise about real films.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FILM_NOISE_MM = 1.43
"""Standard deviation of the tracing of an edge on a film; pinned, see above."""

SCAN_NOISE_MM = 0.15
POSE_SD_DEGREES = np.array([6.0, 6.0, 3.0])
"""How differently men stand: pitch, yaw, roll."""

MAGNIFICATION = (1.06, 0.025)
"""Mean and standard deviation; its value for one film is not known."""

STATIONS = 60
LENGTH_MM = (152.0, 9.0)
CURVE_MEAN_MM = np.array([[1.0, 15.0, -1.5, 1.0, 0.0], [5.0, 1.5, 0.0, 0.0, 0.0]])
CURVE_SD_MM = np.array([[4.0, 3.0, 1.6, 1.0, 0.6], [2.6, 1.6, 1.0, 0.6, 0.4]])
"""Sine coefficients of the centre line along its length: transverse (forwards), frontal (up)."""

THICKNESS_MM = 6.2
THICKNESS_MEAN = np.array([0.0, 0.06, 0.22, -0.02, 0.05])
THICKNESS_SD = np.array([0.11, 0.09, 0.08, 0.06, 0.05])
"""Cosine coefficients of the logarithm of the half thickness, which above and below share in part."""

SHARED_THICKNESS = 0.7
TRACING_WAVES = 9
"""Cosines along an edge of which the error of a tracing is made, each weaker than the one before."""


@dataclass(frozen=True, slots=True)
class Clavicles:
    """Left clavicles.

    Args:
        length_mm: shape (people,).
        curve_mm: shape (people, 2, 5).
        thickness: shape (people, 2, 5), above and below.
    """

    length_mm: Floats
    curve_mm: Floats
    thickness: Floats

    def __len__(self) -> int:
        return len(self.length_mm)


def draw_clavicles(people: int, rng: np.random.Generator) -> Clavicles:
    """Clavicles of invented people."""
    common = rng.normal(size=(people, 1, len(THICKNESS_SD)))
    own = rng.normal(size=(people, 2, len(THICKNESS_SD)))
    mixed = np.sqrt(SHARED_THICKNESS) * common + np.sqrt(1 - SHARED_THICKNESS) * own
    return Clavicles(
        rng.normal(*LENGTH_MM, size=people),
        CURVE_MEAN_MM + CURVE_SD_MM * rng.normal(size=(people, *CURVE_SD_MM.shape)),
        THICKNESS_MEAN + THICKNESS_SD * mixed,
    )


def scan_outlines(clavicles: Clavicles, rng: np.random.Generator) -> Floats:
    """Outlines of scanned bones in a standard pose, in millimetres, shape (people, points, 2)."""
    return _traced(clavicles, np.zeros((len(clavicles), 3)), SCAN_NOISE_MM, rng)


def film_outlines(clavicles: Clavicles, rng: np.random.Generator, noise_mm: float = FILM_NOISE_MM) -> Floats:
    """Outlines traced on chest films, in millimetres on the film, shape (people, points, 2).

    Args:
        noise_mm: standard deviation of the tracing of an edge.
    """
    poses = np.radians(POSE_SD_DEGREES) * rng.normal(size=(len(clavicles), 3))
    magnification = rng.normal(*MAGNIFICATION, size=(len(clavicles), 1, 1))
    result: Floats = _traced(clavicles, poses, noise_mm, rng) * magnification
    return result


def _traced(clavicles: Clavicles, poses: Floats, noise_mm: float, rng: np.random.Generator) -> Floats:
    """Projection of rods in given poses, with errors of tracing."""
    t = (1 - np.cos(np.linspace(0, np.pi, STATIONS))) / 2
    sines = np.sin(np.pi * np.arange(1, CURVE_SD_MM.shape[1] + 1)[:, None] * t)
    forwards, up = np.moveaxis(clavicles.curve_mm @ sines, 1, 0)
    along = clavicles.length_mm[:, None] * (t - 0.5)
    x, y = _project(np.stack((along, up, forwards), axis=-1), poses)
    cosines = np.cos(np.pi * np.arange(clavicles.thickness.shape[2])[:, None] * t)
    profile = THICKNESS_MM * np.sqrt(np.clip(1 - np.abs(2 * t - 1) ** 12, 0, None))
    above, below = np.moveaxis(profile * np.exp(clavicles.thickness @ cosines), 1, 0)
    waves = np.arange(TRACING_WAVES)
    strength = 1 / (1 + waves)
    strength = noise_mm * strength / np.sqrt(np.sum(strength**2))
    errors = rng.normal(size=(len(clavicles), 2, TRACING_WAVES)) * strength
    error_above, error_below = np.moveaxis(errors @ np.cos(np.pi * waves[:, None] * t), 1, 0)
    dx, dy = np.gradient(x, axis=1), np.gradient(y, axis=1)
    norm = np.hypot(dx, dy)
    nx, ny = -dy / norm, dx / norm
    upper = np.stack((x + nx * (above + error_above), y + ny * (above + error_above)), axis=-1)
    lower = np.stack((x - nx * (below + error_below), y - ny * (below + error_below)), axis=-1)
    result: Floats = np.concatenate((lower, upper[:, ::-1]), axis=1)
    return result


def _project(points: Floats, poses: Floats) -> tuple[Floats, Floats]:
    """Seen from the front after a turn by pitch (about the first axis), yaw (second) and roll (third)."""
    (cp, sp), (cy, sy), (cr, sr) = ((np.cos(poses[:, k, None]), np.sin(poses[:, k, None])) for k in range(3))
    x, y, z = np.moveaxis(points, -1, 0)
    y, z = cp * y - sp * z, sp * y + cp * z
    x = cy * x + sy * z
    return cr * x - sr * y, sr * x + cr * y
