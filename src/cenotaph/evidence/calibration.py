"""Whether likelihood ratios mean what they say: calibration by bins, and the curves of a Tippett plot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cenotaph.evidence.line import Floats
from cenotaph.units import LN10

BIN_EDGES = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)
"""log10 LR at which the bins of a calibration table meet."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Ratios of one bin.

    Args:
        low, high: log10 LR.
        same, different: how many are of each hypothesis.
        stated: mean log10 LR.
        observed: log10 of the share of all *same* in the bin over the share of all *different*, half a case added to
            each count; what *stated* should be.
        low_observed, high_observed: 95 % interval of *observed*, counts taken as Poisson.
    """

    low: float
    high: float
    same: int
    different: int
    stated: float
    observed: float
    low_observed: float
    high_observed: float


def calibration_table(same: Floats, different: Floats, edges: tuple[float, ...] = BIN_EDGES) -> tuple[Bin, ...]:
    """Stated against observed ratios, bins without a case left out.

    >>> table = calibration_table(np.full(90, LN10), np.append(np.full(9, LN10), np.full(81, -LN10)))
    >>> [(b.same, b.different, round(b.observed, 1)) for b in table if b.same]
    [(90, 9, 1.0)]
    """
    ends = (-np.inf, *edges, np.inf)
    found = []
    for low, high in pairwise(ends):
        inside = [x[(x / LN10 >= low) & (x / LN10 < high)] for x in (same, different)]
        s, d = (len(x) for x in inside)
        if s + d:
            observed = np.log10((s + 0.5) / (len(same) + 1)) - np.log10((d + 0.5) / (len(different) + 1))
            spread = 1.96 * np.sqrt(1 / (s + 0.5) + 1 / (d + 0.5)) / LN10
            stated = float(np.concatenate(inside).mean() / LN10)
            found.append(Bin(low, high, s, d, stated, float(observed), observed - spread, observed + spread))
    return tuple(found)


def tippett(log10_lr: Floats, grid: Floats) -> Floats:
    """Share of ratios at or above each value of *grid*, shape of *grid*.

    >>> tippett(np.array([-1.0, 0.0, 2.0]), np.array([-2.0, 0.0, 1.0])).round(2).tolist()
    [1.0, 0.67, 0.33]
    """
    ordered = np.sort(log10_lr)
    result: Floats = 1.0 - np.searchsorted(ordered, grid, side="left") / max(len(ordered), 1)
    return result
