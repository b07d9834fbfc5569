"""Size regression: whether one bone is too large or too small for another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.osteology.classical.difference import missing_patterns
from cenotaph.osteology.classical.methods import SizeRule

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """A least-squares line y = intercept + slope x.

    Args:
        n: points.
        x_mean, x_sd: of the predictor, sample standard deviation.
        sigma: residual standard deviation, n − 2 degrees of freedom.
        r2: share of the variance of y that x explains.
    """

    n: int
    intercept: float
    slope: float
    x_mean: float
    x_sd: float
    sigma: float
    r2: float

    @classmethod
    def fit(cls, x: Floats, y: Floats) -> Line:
        """Ordinary least squares.

        Raises:
            InvalidInput: fewer than three points, or a predictor that does not vary.

        >>> line = Line.fit(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 3.0, 5.0, 7.0]))
        >>> round(line.intercept, 9), round(line.slope, 9), round(line.r2, 9)
        (1.0, 2.0, 1.0)
        """
        if len(x) < 3 or np.ptp(x) == 0:
            raise InvalidInput("points of a line", found=len(x), valid="three or more that differ")
        dx, dy = x - x.mean(), y - y.mean()
        slope = float(dx @ dy / (dx @ dx))
        residual = dy - slope * dx
        left = float(residual @ residual)
        total = float(dy @ dy)
        return cls(
            len(x), float(y.mean() - slope * x.mean()), slope, float(x.mean()), float(x.std(ddof=1)),
            (left / (len(x) - 2)) ** 0.5, 1.0 - left / total if total else 0.0,
        )  # fmt: skip

    def predict(self, x: Floats | float) -> Floats:
        """Expected y."""
        return np.asarray(self.intercept + self.slope * np.asarray(x))

    def prediction_sd(self, x: Floats | float, leverage: int) -> Floats:
        """σ √(1 + 1/n + (x − x̄)²/(k s²)) with k = *leverage*: n − 1 is right."""
        spread = (np.asarray(x) - self.x_mean) ** 2 / (leverage * self.x_sd**2)
        return np.asarray(self.sigma * np.sqrt(1.0 + 1.0 / self.n + spread))


@dataclass(frozen=True, slots=True)
class SizeComparisons:
    """Every bone of one element against every bone of another, arrays of shape (A, B).

    Args:
        patterns_a, patterns_b: measurements used together on each bone.
        pattern_a, pattern_b: (A,), (B,) which of them.
        n: reference individuals.
        intercept, slope, sigma, r2: of the line ln Σ b on ln Σ a.
        x, y: (A,), (B,) ln of the sums.
        t: distance of y from the line in prediction standard deviations, ≥ 0.
        p: two-sided, rounded as the rule says; nan where it cannot be computed.
        is_excluded: p ≤ alpha.
    """

    patterns_a: Bools
    patterns_b: Bools
    pattern_a: Ints
    pattern_b: Ints
    n: Ints
    intercept: Floats
    slope: Floats
    sigma: Floats
    r2: Floats
    x: Floats
    y: Floats
    t: Floats
    p: Floats
    is_excluded: Bools


def compare_sizes(a: Floats, b: Floats, reference_a: Floats, reference_b: Floats, rule: SizeRule) -> SizeComparisons:
    """Regression of ln Σ b on ln Σ a over reference individuals with the same measurements; t of each bone b.

    t = |ŷ − y| / (σ √(1 + 1/n + (x − x̄)²/(k s_x²))), df = n − 2. The measurements of the two bones differ, and every
    measurement that a bone has enters its sum. Trap: a sum is ruled by its longest measurement, so that breadths say
    nothing beside a length. The PCA–CCA option of 1.2.6 is not built: no published number of it is at hand.

    Args:
        a: (A, m_a) measurements of the predictor, mm; nan is not taken.
        b: (B, m_b) measurements of the response.
        reference_a, reference_b: (n, m_a), (n, m_b) row by row of one person.
        rule: of a version.

    Raises:
        InvalidInput: tables whose shapes do not fit.

    Source: Byrd & Adams (2003), J Forensic Sci 48:717; Byrd & LeGarde (2014).
    """
    if a.shape[1] != reference_a.shape[1] or b.shape[1] != reference_b.shape[1] or len(reference_a) != len(reference_b):
        raise InvalidInput("tables of measurements", valid="the columns of each bone in its reference, rows by person")
    shape = (len(a), len(b))
    n = np.zeros(shape, dtype=np.int64)
    intercept, slope, sigma, r2, t = (np.full(shape, np.nan) for _ in range(5))
    parts_a, parts_b = missing_patterns(a), missing_patterns(b)
    x, y = np.full(len(a), np.nan), np.full(len(b), np.nan)
    pattern_a, pattern_b = np.full(len(a), -1), np.full(len(b), -1)
    for k, (rows, used) in enumerate(parts_a):
        pattern_a[rows] = k
        if used.any():
            x[rows] = np.log(a[rows][:, used].sum(axis=1))
    for k, (columns, used) in enumerate(parts_b):
        pattern_b[columns] = k
        if used.any():
            y[columns] = np.log(b[columns][:, used].sum(axis=1))
    for rows, used_a in parts_a:
        for columns, used_b in parts_b:
            if not used_a.any() or not used_b.any():
                continue
            block = np.ix_(rows, columns)
            complete = ~np.isnan(reference_a[:, used_a]).any(axis=1) & ~np.isnan(reference_b[:, used_b]).any(axis=1)
            n[block] = complete.sum()
            if complete.sum() < max(rule.least_reference, 3):
                continue
            line = Line.fit(
                np.log(reference_a[complete][:, used_a].sum(axis=1)),
                np.log(reference_b[complete][:, used_b].sum(axis=1)),
            )
            intercept[block], slope[block], sigma[block], r2[block] = line.intercept, line.slope, line.sigma, line.r2
            spread = line.prediction_sd(x[rows], line.n if rule.leverage == "n" else line.n - 1)
            t[block] = np.abs(line.predict(x[rows])[:, None] - y[columns]) / spread[:, None]
    p = np.round(_two_sided(t, n - 2), rule.decimals)
    return SizeComparisons(
        np.array([u for _, u in parts_a], dtype=bool).reshape(-1, a.shape[1]),
        np.array([u for _, u in parts_b], dtype=bool).reshape(-1, b.shape[1]),
        pattern_a, pattern_b, n, intercept, slope, sigma, r2, x, y, t, p, p <= rule.alpha,
    )  # fmt: skip


def _two_sided(t: Floats, df: Ints) -> Floats:
    from scipy.special import stdtr

    result: Floats = 2.0 * stdtr(np.maximum(df, 1), -t)
    return result
