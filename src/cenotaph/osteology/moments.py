"""The joint model of a skeleton: means, factors, what both sides share, noise; and stature as one more variable.

The natural logarithm of measurement *c* of a person of population *p*, taken on side *s*, is

    x[c, s] = mean[p, c] + asymmetry[c]·(±1/2) + loadings[c]·f + shared[c]·g[c] + bone[c]·u[element, s] + ε

with f the person's size and shape, g[c] what both sides of one measurement share, u what the measurements of one bone
share against its antimere, ε noise. Stature in cm is ``mean + loadings·f + ε``. The vector of everything measured on
one person is multivariate Student t: one common scale a person, so that every subset of measurements has the same law
with the same degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDES = ("L", "R", "U")
"""Sides as they are counted in arrays; midline and unknown both stand under ``U``, without asymmetry."""
LEAST_REFERENCE_DF = 30.0
"""A reference never takes the predictive distribution below so many degrees of freedom."""


@dataclass(frozen=True, slots=True)
class StatureVariable:
    """Stature (cm) as one more variable of the joint model.

    Args:
        mean_cm: shape (P,).
        loadings_cm: shape (K,), on the factors of the skeleton.
        residual_sd_cm: what the factors do not explain.
        individuals: measured statures on which it rests.
    """

    mean_cm: Floats
    loadings_cm: Floats
    residual_sd_cm: float
    individuals: int


@dataclass(frozen=True, slots=True)
class SkeletonModel:
    """Factor model of log measurements in millimetres; C codes, K factors, P populations.

    Args:
        populations: names.
        codes: measurement codes.
        elements: shape (C,), the element of each code.
        mean: shape (P, C).
        asymmetry: shape (C,), right minus left.
        loadings: shape (C, K).
        shared: shape (C,), loading of the part that both sides of one measurement share.
        bone: shape (C,), loading of the part that the measurements of one bone share against its antimere.
        noise_sd: shape (C,), per bone, *bone* included: the left–right difference has the variance 2·noise_sd².
        individuals: shape (P,), people in the reference.
        bones: shape (C,), bones of the reference on which a code was measured.
        tail_df: degrees of freedom of the heavy tails; infinite for the normal law.
        stature: stature, if it was joined.

    Raises:
        InvalidInput: shapes that do not fit, or a spread that is not positive.
    """

    populations: tuple[str, ...]
    codes: tuple[str, ...]
    elements: tuple[str, ...]
    mean: Floats
    asymmetry: Floats
    loadings: Floats
    shared: Floats
    bone: Floats
    noise_sd: Floats
    individuals: Ints
    bones: Ints
    tail_df: float
    stature: StatureVariable | None = None

    def __post_init__(self) -> None:
        p, c = len(self.populations), len(self.codes)
        shapes = {
            "elements": (len(self.elements), c),
            "mean": (self.mean.shape, (p, c)),
            "asymmetry": (self.asymmetry.shape, (c,)),
            "loadings": (self.loadings.shape, (c, self.loadings.shape[-1])),
            "shared": (self.shared.shape, (c,)),
            "bone": (self.bone.shape, (c,)),
            "noise_sd": (self.noise_sd.shape, (c,)),
            "individuals": (self.individuals.shape, (p,)),
            "bones": (self.bones.shape, (c,)),
        }
        for name, (found, valid) in shapes.items():
            if found != valid:
                raise InvalidInput(f"skeleton model: {name} has the wrong shape", found=found, valid=str(valid))
        if len(set(self.codes)) != c or len(set(self.populations)) != p:
            raise InvalidInput("skeleton model: a code or a population stands twice")
        if not np.all(self.noise_sd > np.abs(self.bone)):
            raise InvalidInput("skeleton model: a noise is not above the part that its bone shares")
        if not self.tail_df > 2:
            raise InvalidInput("skeleton model: degrees of freedom", found=self.tail_df, valid="above 2")

    @property
    def df(self) -> float:
        """Degrees of freedom of the predictive distribution.

        Heavy tails and the size of the reference act together, ``1/df = 1/tail_df + 1/reference_df``, where
        ``reference_df`` is the number of people less what a population's mean and the factors cost, at least 30.
        """
        spent = len(self.populations) + self.loadings.shape[1]
        reference_df = max(LEAST_REFERENCE_DF, float(self.reference_size - spent))
        return 1.0 / (1.0 / self.tail_df + 1.0 / reference_df)

    @property
    def reference_size(self) -> int:
        """People in the reference: no support should exceed log10 of it."""
        return int(self.individuals.sum())

    def code_index(self, code: str) -> int:
        """Index of a measurement, −1 if the model has none of that code."""
        return self.codes.index(code) if code in self.codes else -1

    def population_index(self, population: str) -> int:
        """Index of a population.

        Raises:
            InvalidInput: the model has none of that name.
        """
        if population not in self.populations:
            raise InvalidInput("unknown population", found=population, valid=", ".join(self.populations))
        return self.populations.index(population)

    def mean_of(self, population: str) -> Floats:
        """Means of one population, shape (C,)."""
        row: Floats = self.mean[self.population_index(population)]
        return row

    @property
    def population_widening(self) -> Floats:
        """By what deviations are stretched because the mean of a population is itself estimated, ``sqrt(1 + 1/n)``.

        Returns:
            shape (P,).
        """
        result: Floats = np.sqrt(1.0 + 1.0 / self.individuals)
        return result

    @property
    def code_widening(self) -> Floats:
        """The same for the number of people on whom a code was measured, two bones a person, shape (C,)."""
        result: Floats = np.sqrt(1.0 + 2.0 / np.maximum(self.bones, 2.0))
        return result


@dataclass(frozen=True, slots=True)
class BilateralDifference:
    """Published left–right difference of one measurement.

    Args:
        code: measurement.
        pairs: on which it rests.
        mean_mm: of both sides.
        sd_mm: standard deviation of left minus right.
    """

    code: str
    pairs: int
    mean_mm: float
    sd_mm: float


def bilateral_ratios(model: SkeletonModel, published: Iterable[BilateralDifference]) -> dict[str, float]:
    """Standard deviation of left minus right, model over published, of each code that both have.

    ``√2·noise_sd·mean_mm / sd_mm``: both are plain standard deviations, so that slips that were kept raise them.

    >>> one = np.ones(1)
    >>> model = SkeletonModel(("white",), ("Fem_01",), ("femur",), one[None] * 6.15, one * 0, one[None] * 0.05,
    ...     one * 0, one * 0, one * 0.006, np.array([300]), np.array([500]), 8.0)
    >>> ratios = bilateral_ratios(model, [BilateralDifference("Fem_01", 359, 461.0, 3.6)])
    >>> {code: round(ratio, 3) for code, ratio in ratios.items()}
    {'Fem_01': 1.087}
    """
    spread = dict(zip(model.codes, np.sqrt(2.0) * model.noise_sd, strict=True))
    return {d.code: float(spread[d.code]) * d.mean_mm / d.sd_mm for d in published if d.code in spread}
