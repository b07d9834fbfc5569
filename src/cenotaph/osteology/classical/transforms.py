"""Power transforms with the exponent of greatest likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWER_SHIFT = 5e-5
"""What OsteoSort 1.2.6 adds to an absolute difference, so that nought has a power."""

YEO_JOHNSON_BOUNDS = (-2.0, 2.0)
BOX_COX_BOUNDS = (-10.0, 10.0)


def yeo_johnson(x: Floats, exponent: float) -> Floats:
    """((x + 1)^λ − 1)/λ for x ≥ 0, −((1 − x)^(2 − λ) − 1)/(2 − λ) for x < 0, with logarithms at λ = 0 and 2.

    Source: Yeo & Johnson (2000), Biometrika 87:954.

    >>> yeo_johnson(np.array([0.0, 3.0, -3.0]), 1.0).tolist()
    [0.0, 3.0, -3.0]
    >>> np.expm1(yeo_johnson(np.array([3.0]), 0.0)).round(9).tolist()
    [3.0]
    """
    size = np.log1p(np.abs(x))
    power = np.where(x >= 0, exponent, 2.0 - exponent)
    near = np.abs(power) < 1e-12
    value = np.where(near, size, np.expm1(power * size) / np.where(near, 1.0, power))
    result: Floats = np.where(x >= 0, value, -value)
    return result


def yeo_johnson_exponent(x: Floats) -> float:
    """λ of greatest likelihood on [−2, 2]: −n/2 log σ²(λ) + (λ − 1) Σ sign(x) log(|x| + 1)."""
    jacobian = float((np.sign(x) * np.log1p(np.abs(x))).sum())
    return _greatest(lambda e: _profile(yeo_johnson(x, e), (e - 1.0) * jacobian), YEO_JOHNSON_BOUNDS)


def power(x: Floats, exponent: float) -> Floats:
    """(x + 0.00005)^λ: the plain power of OsteoSort 1.2.6, without the Box–Cox scaling; falls with x if λ < 0."""
    result: Floats = (x + POWER_SHIFT) ** exponent
    return result


def power_exponent(x: Floats) -> float:
    """Box–Cox λ of greatest likelihood of x + 0.00005.

    −n/2 log σ²(λ) + (λ − 1) Σ log x, of (x^λ − 1)/λ. Source: Box & Cox (1964), J R Stat Soc B 26:211.
    """
    logs = np.log(x + POWER_SHIFT)
    total = float(logs.sum())

    def support(e: float) -> float:
        scaled = logs if abs(e) < 1e-12 else np.expm1(e * logs) / e
        return _profile(scaled, (e - 1.0) * total)

    return _greatest(support, BOX_COX_BOUNDS)


def _profile(values: Floats, jacobian: float) -> float:
    return float(-0.5 * len(values) * np.log(np.var(values))) + jacobian


def _greatest(support: Callable[[float], float], bounds: tuple[float, float]) -> float:
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda e: -support(float(e)), bounds=bounds, method="bounded", options={"xatol": 1e-10})
    return float(found.x)
