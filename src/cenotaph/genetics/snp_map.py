"""Centimorgans of base positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CM_PER_MB = 1.2
"""Mean of the genome: used on chromosomes that a map does not have, and beyond its ends."""


@dataclass(frozen=True, slots=True)
class GeneticMap:
    """Points of a genetic map.

    Args:
        points: chromosome → base positions, strictly increasing, and centimorgans, not decreasing.
        source: where it comes from.
    """

    points: Mapping[int, tuple[Floats, Floats]]
    source: str

    def at(self, chromosome: Ints, position: Ints) -> Floats:
        """Centimorgans of positions, shape (n,): between two points in proportion, beyond the ends at `CM_PER_MB`.

        >>> map_ = GeneticMap({1: (np.array([0.0, 2e6]), np.array([0.0, 4.0]))}, "invented")
        >>> map_.at(np.array([1, 1, 2]), np.array([1_000_000, 3_000_000, 1_000_000])).tolist()
        [2.0, 5.2, 1.2]
        """
        result = position / 1e6 * CM_PER_MB
        for number, (bases, cm) in self.points.items():
            own = chromosome == number
            inside = np.interp(position[own], bases, cm)
            beyond = np.maximum(position[own] - bases[-1], 0) - np.maximum(bases[0] - position[own], 0)
            result[own] = inside + beyond / 1e6 * CM_PER_MB
        return result
