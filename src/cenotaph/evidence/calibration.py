"""Whether likelihood ratios mean what they say: cost, calibration by bins, and the curves of a Tippett plot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cenotaph.evidence.line import Floats
from cenotaph.units import LN10

BIN_EDGES = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)
"""log10 LR at which the bins of a calibration table meet."""


def cllr(same: Floats, different: Floats) -> float:
    """Cost of log-likelihood ratios: ½ [mean log2(1 + 1/LR) where true + mean log2(1 + LR) where false].

    Args:
        same: natural-log LRs where the first hypothesis is true.
        different: natural-log LRs where the second is.

    Returns:
        0 for perfect ratios, 1 for ratios that say nothing, more than 1 for ratios that mislead.

    Source: Brümmer and du Preez (2006), Comput Speech Lang 20:230.

    >>> cllr(np.zeros(3), np.zeros(5))
    1.0
    """
    ln2 = np.log(2)
    return float(0.5 * (np.logaddexp(0, -same).mean() + np.logaddexp(0, different).mean()) / ln2)


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
