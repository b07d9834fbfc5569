"""How densely the men not recovered lie at a place, by the counts of the casualty file.

Every incident or period of the front is a round normal about its place. Where the table gives it a latitude alone it is
even along the peninsula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import Final

import numpy as np

from cenotaph.accounting.geography import KM_PER_DEGREE, UNKNOWN_RADIUS_KM
from cenotaph.accounting.missing import IncidentCount

REACH_KM: Final = 10.0
"""How far from a base camp a team works: men within it are those that it may find. An assumption."""

FRONT_KM: Final = 250.0
"""Breadth of the peninsula along which a period of the front is spread evenly."""

RINGS: Final = np.sqrt((np.arange(12) + 0.5) / 12)
ANGLES: Final = 2 * np.pi * np.arange(24) / 24


@dataclass(frozen=True, slots=True)
class Density:
    """Men not recovered about a place.

    Args:
        men: expected within `REACH_KM` of a point of the place's uncertainty circle.
        by_incident: incident → its part of them, the greatest first.
    """

    men: float
    by_incident: tuple[tuple[str, float], ...]

    @property
    def per_100_km2(self) -> float:
        """Men on a hundred square kilometres.

        >>> round(Density(314.159, ()).per_100_km2, 3)
        100.0
        """
        return self.men / (np.pi * REACH_KM**2) * 100.0


def density_at(
    latitude: float,
    longitude: float,
    radius_km: float | None,
    counted: tuple[IncidentCount, ...],
    places: Mapping[str, tuple[float, float]],
) -> Density:
    """Expected men not recovered within reach of a place that is known to a circle.

    Args:
        radius_km: of the circle, every point of which is as likely; 20 km where there is none.
        counted: from `cenotaph.accounting.missing.losses`.
        places: site → latitude and longitude, for incidents that name a site.
    """
    radius = UNKNOWN_RADIUS_KM if radius_km is None else radius_km
    spread = (radius**2 + REACH_KM**2) ** 0.5 * RINGS[:, None]
    north, east = (spread * np.sin(ANGLES)).ravel(), (spread * np.cos(ANGLES)).ravel()
    found = []
    for one in counted:
        dy = (latitude - one.latitude) * KM_PER_DEGREE + north
        across = np.exp(-0.5 * (dy / one.spread_km) ** 2) / (one.spread_km * np.sqrt(2 * np.pi))
        if one.site_id in places:
            dx = (longitude - places[one.site_id][1]) * KM_PER_DEGREE * cos(radians(latitude)) + east
            along = np.exp(-0.5 * (dx / one.spread_km) ** 2) / (one.spread_km * np.sqrt(2 * np.pi))
        else:
            along = np.full_like(east, 1.0 / FRONT_KM)
        found.append((one.incident, float(one.count * (across * along).mean() * np.pi * REACH_KM**2)))
    return Density(sum(men for _, men in found), tuple(sorted(found, key=lambda pair: -pair[1])))
