"""Skeletons, statures and teeth of people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.simulation.tables import Floats, Ints

FACTOR_DF, NOISE_DF = 8.0, 5.0
"""Degrees of freedom of Student's t for factors and noise: heavier tails than normal."""
MEAN_OF_ORIGIN = {"hispanic": ("white", -0.015), "korean": ("asian", -0.010), "chinese": ("asian", 0.005),
                  "other": ("white", -0.010)}  # fmt: skip
"""Which means stand for an origin, and a shift of the logarithm of size: assumptions."""
STATURE = {"white": (2.32, 65.53, 3.94), "black": (2.10, 72.22, 3.91), "asian": (2.15, 72.57, 3.80)}
"""Slope and intercept (cm) of stature on the femur, and its standard error: Trotter & Gleser 1958."""
STATURE_SD_SHARE = 0.85
"""Of the published standard error; the rest of it is error of measurement."""

TEETH = tuple(10 * q + t for q in (1, 2, 3, 4) for t in range(1, 8))
"""FDI numbers without the third molars."""
CARIES = (0.10, 0.12, 0.06, 0.18, 0.28, 0.62, 0.50)
"""Typical share of decayed, filled or lost teeth at 21, from central incisor to second molar."""
CARIES_SPREAD = 1.1
LOST_AMONG_CARIES = (0.25, 0.25, 0.15, 0.22, 0.22, 0.34, 0.25)
FRONT = ("M", "D", "L", "MI", "MID", "F", "ML", "DL")
FRONT_SHARE = (0.27, 0.25, 0.14, 0.02, 0.02, 0.12, 0.09, 0.09)
BACK = ("O", "MO", "DO", "MOD", "OF", "OL", "MODL", "F", "M", "D")
BACK_SHARE = (0.46, 0.11, 0.13, 0.09, 0.05, 0.03, 0.02, 0.05, 0.03, 0.03)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies as arrays.

    Args:
        log_mm: shape (people, 2, measurements), natural logarithm of millimetres; left, then right.
        stature_cm: at death.
        teeth: shape (people, 28), WinID codes in the order of `TEETH`.
        d13c, d15n: collagen, per mille.
    """

    log_mm: Floats
    stature_cm: Floats
    teeth: NDArray[np.str_]
    d13c: Floats
    d15n: Floats


COLLAGEN = {
    "korean": ((-19.0, 1.2), (10.5, 1.0)),
    "chinese": ((-18.0, 1.8), (9.5, 1.0)),
    "other": ((-19.4, 0.8), (10.3, 0.9)),
}
AMERICAN_COLLAGEN = ((-15.5, 1.3), (10.0, 0.9))
C4_EATERS = 0.08
"""Share of Korean and Chinese men who ate maize or millet; their d13C lies in the American range."""


def make_bodies(origin: Ints, names: tuple[str, ...], rng: np.random.Generator) -> Bodies:
    """Draws a body for each person.

    Args:
        origin: shape (people,), index into *names*.
        names: origins.
    """
    log_mm = _skeletons(origin, names, rng)
    return Bodies(log_mm, _statures(log_mm, origin, names, rng), _teeth(origin.size, rng), *_diet(origin, names, rng))


def _skeletons(origin: Ints, names: tuple[str, ...], rng: np.random.Generator) -> Floats:
    model = load_skeleton_model()
    n, c, k = origin.size, len(model.codes), model.loadings.shape[1]
    stretch = np.sqrt(FACTOR_DF / rng.chisquare(FACTOR_DF, n)) * np.sqrt((FACTOR_DF - 2) / FACTOR_DF)
    means = []
    for name in names:
        base, shift = MEAN_OF_ORIGIN.get(name, (name, 0.0))
        means.append(model.mean_of(base) + shift)
    person = np.array(means)[origin] + (stretch[:, None] * rng.normal(size=(n, k))) @ model.loadings.T
    person = person + model.shared * rng.normal(size=(n, c))
    noise = rng.standard_t(NOISE_DF, size=(n, 2, c)) * np.sqrt((NOISE_DF - 2) / NOISE_DF) * model.noise_sd
    sides = np.array([-0.5, 0.5])[:, None] * model.asymmetry
    result: Floats = person[:, None, :] + sides + noise
    return result


def _statures(log_mm: Floats, origin: Ints, names: tuple[str, ...], rng: np.random.Generator) -> Floats:
    femur = load_skeleton_model().code_index("Fem_01")
    length_cm = np.exp(log_mm[:, :, femur]).mean(axis=1) / 10
    rows = np.array([STATURE[MEAN_OF_ORIGIN.get(name, (name, 0.0))[0]] for name in names])[origin]
    error = rng.normal(size=origin.size) * rows[:, 2] * STATURE_SD_SHARE
    result: Floats = rows[:, 0] * length_cm + rows[:, 1] + error
    return result


def _teeth(n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Each mouth has its own proneness to caries; teeth follow it."""
    kind = np.array([t % 10 - 1 for t in TEETH])
    base = np.array(CARIES)[kind]
    prone = rng.normal(size=(n, 1)) * CARIES_SPREAD
    carious = rng.random((n, len(TEETH))) < 1 / (1 + np.exp(-(np.log(base / (1 - base)) - 0.4 + prone)))
    lost = carious & (rng.random(carious.shape) < np.array(LOST_AMONG_CARIES)[kind])
    filled = np.where(
        kind <= 2, rng.choice(FRONT, carious.shape, p=FRONT_SHARE), rng.choice(BACK, carious.shape, p=BACK_SHARE)
    )
    return np.where(lost, "X", np.where(carious, filled, "V"))


def _diet(origin: Ints, names: tuple[str, ...], rng: np.random.Generator) -> tuple[Floats, Floats]:
    rows = np.array([COLLAGEN.get(name, AMERICAN_COLLAGEN) for name in names])[origin]
    c4 = np.isin(origin, [names.index(x) for x in ("korean", "chinese")]) & (rng.random(origin.size) < C4_EATERS)
    values = rows[:, :, 0] + rows[:, :, 1] * rng.normal(size=(origin.size, 2))
    values[c4, 0] += 3.5
    return values[:, 0], values[:, 1]
