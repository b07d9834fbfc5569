"""Stature as the program SID has it: from sums of lengths, and a bone against a recorded height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.classical.size import Line

Floats = NDArray[np.float64]

LEAST_REFERENCE = 10


@dataclass(frozen=True, slots=True)
class StatureEstimate:
    """Stature from the sum of some lengths.

    Args:
        codes: measurements in the sum.
        value_mm: the sum.
        stature_cm: point estimate.
        half_width_cm: half of the prediction interval.
        line: stature in cm on the sum in mm.
    """

    codes: tuple[str, ...]
    value_mm: float
    stature_cm: float
    half_width_cm: float
    line: Line

    @property
    def lower_cm(self) -> float:
        """Lower end of the prediction interval."""
        return self.stature_cm - self.half_width_cm

    @property
    def upper_cm(self) -> float:
        """Upper end of the prediction interval."""
        return self.stature_cm + self.half_width_cm


@dataclass(frozen=True, slots=True)
class StatureAssociation:
    """A sum of lengths against a recorded height.

    Args:
        codes: measurements in the sum.
        value_mm: the sum.
        expected_mm: what the height makes one expect.
        half_width_mm: half of the prediction interval.
        line: the sum in mm on stature in cm.
        p: two-sided.
    """

    codes: tuple[str, ...]
    value_mm: float
    expected_mm: float
    half_width_mm: float
    line: Line
    p: float


def estimate_stature(
    codes: Sequence[str], values: Floats, reference: Floats, stature_cm: Floats, *, level: float = 0.95
) -> tuple[StatureEstimate, ...]:
    """Least squares of stature on the sum of the chosen lengths, for every non-empty choice of those that are there.

    ŷ ± t_{(1+level)/2, n−2} σ √(1 + 1/n + (x − x̄)²/((n − 1) s²)). Choices with fewer than ten reference individuals are
    left out. Trap: the intervals of all choices are printed, and taking the narrowest afterwards makes it too narrow.
    The bootstrap that SID offers for small references is not built.

    Args:
        codes: names of the m lengths.
        values: (m,) lengths of the case, mm; nan is not taken.
        reference: (n, m) lengths of reference individuals.
        stature_cm: (n,) their statures.
        level: of the prediction interval.

    Source: SID (Lynch), as measured from its output.
    """
    from scipy.special import stdtrit

    _check(codes, values, reference, stature_cm)
    there = [k for k in range(len(codes)) if not np.isnan(values[k])]
    found = []
    for size in range(1, len(there) + 1):
        for chosen in combinations(there, size):
            columns = list(chosen)
            x, y = _complete(reference[:, columns].sum(axis=1), stature_cm)
            if len(x) < LEAST_REFERENCE:
                continue
            line = Line.fit(x, y)
            value = float(values[columns].sum())
            half = float(stdtrit(line.n - 2, (1 + level) / 2) * line.prediction_sd(value, line.n - 1))
            name = tuple(codes[k] for k in chosen)
            found.append(StatureEstimate(name, value, float(line.predict(value)), half, line))
    return tuple(found)


def associate_stature(
    codes: Sequence[str],
    values: Floats,
    reference: Floats,
    stature_cm: Floats,
    recorded_cm: float,
    *,
    level: float = 0.95,
) -> StatureAssociation:
    """The antemortem stature test: the sum of lengths regressed on stature, its prediction error at a recorded height.

    t = |ŷ − y| / (σ √(1 + 1/n + (h − h̄)²/((n − 1) s²))), df = n − 2, two-sided. Trap: the recorded height is taken as
    exact; military records err by about 3 cm, so that true associations are excluded more often than p says
    (`cenotaph.osteology.stature` carries the error).

    Args:
        codes: names of the m lengths.
        values: (m,) lengths of the case, mm; those that are nan are left out.
        reference: (n, m) lengths of reference individuals.
        stature_cm: (n,) their statures.
        recorded_cm: the height in the record.
        level: of the prediction interval.

    Raises:
        InvalidInput: no length, or fewer than ten reference individuals.
    """
    from scipy.special import stdtr, stdtrit

    _check(codes, values, reference, stature_cm)
    columns = [k for k in range(len(codes)) if not np.isnan(values[k])]
    if not columns:
        raise InvalidInput("no length to compare", valid="one measurement or more")
    y, x = _complete(reference[:, columns].sum(axis=1), stature_cm)
    if len(x) < LEAST_REFERENCE:
        raise InvalidInput("reference individuals", found=len(x), valid=f"{LEAST_REFERENCE} or more")
    line = Line.fit(x, y)
    value, expected = float(values[columns].sum()), float(line.predict(recorded_cm))
    spread = float(line.prediction_sd(recorded_cm, line.n - 1))
    half = float(stdtrit(line.n - 2, (1 + level) / 2)) * spread
    p = 2 * float(stdtr(line.n - 2, -abs(value - expected) / spread))
    return StatureAssociation(tuple(codes[k] for k in columns), value, expected, half, line, p)


def _complete(lengths: Floats, stature: Floats) -> tuple[Floats, Floats]:
    there = ~np.isnan(lengths) & ~np.isnan(stature)
    return lengths[there], stature[there]


def _check(codes: Sequence[str], values: Floats, reference: Floats, stature: Floats) -> None:
    if reference.ndim != 2 or not len(codes) == len(values) == reference.shape[1] or len(stature) != len(reference):
        raise InvalidInput("reference of statures", found=reference.shape, valid=f"(n, {len(codes)}) and n statures")
