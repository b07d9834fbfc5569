"""Proper scores of likelihood ratios whose truth is known: what every science measures itself by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cllr(same: Floats, different: Floats) -> float:
    """Cost of log-likelihood ratios: ½ mean log2(1 + 1/LR | true) + ½ mean log2(1 + LR | false).

    Args:
        same: natural-log LRs where the first hypothesis is true.
        different: natural-log LRs where the second is.

    Returns:
        0 for perfect ratios, 1 for ratios that say nothing, more than 1 for ratios that mislead.

    Source: Brümmer and du Preez (2006), Comput Speech Lang 20:230.

    >>> cllr(np.zeros(3), np.zeros(5))
    1.0
    """
    return float((np.logaddexp(0, -same).mean() + np.logaddexp(0, different).mean()) / (2 * np.log(2)))
