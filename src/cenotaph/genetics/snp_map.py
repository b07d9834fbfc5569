"""Where SNPs lie in centimorgans when no map was given: an approximation from physical positions, stated as such."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CHROMOSOME_MB_CM = {
    1: (249.0, 267.8), 2: (242.2, 251.7), 3: (198.3, 218.3), 4: (190.2, 202.9), 5: (181.5, 197.1), 6: (170.8, 186.0),
    7: (159.3, 178.4), 8: (145.1, 161.5), 9: (138.4, 157.3), 10: (133.8, 169.3), 11: (135.1, 154.5),
    12: (133.3, 165.5), 13: (114.4, 127.2), 14: (107.0, 116.0), 15: (102.0, 117.3), 16: (90.3, 126.6),
    17: (83.3, 129.5), 18: (80.4, 116.5), 19: (58.6, 106.4), 20: (64.4, 107.8), 21: (46.7, 62.9), 22: (50.8, 70.8),
}  # fmt: skip
"""Length of each autosome in Mb (GRCh38) and in cM (mean of both sexes): Halldorsson et al. (2019) Science 363."""


def approximate_cm(chromosome: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.float64]:
    """Centimorgans of base positions, each chromosome at its own mean rate.

    >>> approximate_cm(np.array([21]), np.array([46_700_000])).round(1).tolist()
    [62.9]
    """
    rate = np.array([0.0, *(cm / mb for mb, cm in CHROMOSOME_MB_CM.values())])
    result: NDArray[np.float64] = position / 1e6 * rate[chromosome]
    return result
