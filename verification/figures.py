"""Means and shares over handovers, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and its 95 % interval; nan where it is not defined."""

    value: float
    low: float
    high: float

    def text(self, digits: int) -> str:
        """As in tables.

        >>> Figure(0.5, 0.25, 0.75).text(2)
        '0.50 (0.25–0.75)'
        """
        if np.isnan(self.value):
            return "–"
        middle = f"{self.value:.{digits}f}"
        return middle if np.isnan(self.low) else f"{middle} ({self.low:.{digits}f}–{self.high:.{digits}f})"


def mean_of(values: Sequence[float]) -> Figure:
    """Mean over handovers, with Student's interval.

    >>> mean_of([1.0, 2.0, 3.0]).text(2)
    '2.00 (-0.48–4.48)'
    """
    kept = np.array([v for v in values if not np.isnan(v)], dtype=float)
    if kept.size == 0:
        return Figure(np.nan, np.nan, np.nan)
    middle = float(kept.mean())
    if kept.size == 1:
        return Figure(middle, np.nan, np.nan)
    reach = float(stats.t.ppf(0.975, kept.size - 1) * kept.std(ddof=1) / kept.size**0.5)
    return Figure(middle, middle - reach, middle + reach)


def share_of(hits: int, of: int) -> Figure:
    """Share, with Wilson's interval.

    >>> share_of(0, 30).text(3)
    '0.000 (0.000–0.114)'
    """
    if of == 0:
        return Figure(np.nan, np.nan, np.nan)
    interval = stats.binomtest(hits, of).proportion_ci(method="wilson")
    return Figure(hits / of, float(interval.low), float(interval.high))
