"""On which side of the 38th parallel and of the Military Demarcation Line a place lies, and how surely.

The two lines are not the same: Kaesong lies south of the parallel and north of the line. A place known to a circle is
on a side with a probability, not for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import cos, erf, hypot, inf, radians, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.errors import InvalidInput

KM_PER_DEGREE: Final = 111.195
"""Length of a degree of latitude on a sphere of 6,371.0 km."""

RADIUS_SIGMAS: Final = 2.4477
"""Standard deviations in an uncertainty radius: 95 % of a round normal spread lies within 2.4477 σ."""

UNKNOWN_RADIUS_KM: Final = 20.0
"""Radius of a place that states none: a loss within 20 km of a line is then a probability."""

DMZ_HALF_WIDTH_KM: Final = 2.0
SURE: Final = 0.95
"""A side is named where its probability reaches this; otherwise it is *uncertain*."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that runs from west to east.

    Args:
        name: ``parallel_38`` or ``demarcation``.
        latitude, longitude: of the vertices, degrees.
        error_km: how far each vertex may be from the truth.
        continuation: per vertex, whether it is ours and not the armistice's.
    """

    name: str
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    error_km: NDArray[np.float64]
    continuation: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Side:
    """Where a place lies relative to one line.

    Args:
        distance_km: to the line, positive north of it.
        p_north: probability that the place is north of the line.
        spread_km: standard deviation of place and line together, across the line.
    """

    distance_km: float
    p_north: float
    spread_km: float

    @property
    def name(self) -> str:
        """``north`` or ``south`` where 95 % sure, else ``uncertain``.

        >>> Side(30.0, 0.99, 8.0).name, Side(-1.0, 0.45, 8.0).name
        ('north', 'uncertain')
        """
        if self.p_north >= SURE:
            return "north"
        return "south" if self.p_north <= 1.0 - SURE else "uncertain"


@cache
def load_line(name: str) -> Line:
    """A shipped line: ``parallel_38`` (exact) or ``demarcation`` (an approximation with its error)."""
    rows = [row for row in shipped_rows("geography", "lines.csv") if row["line"] == name]
    if not rows:
        raise InvalidInput("no such line", found=name, valid="parallel_38 or demarcation")
    column = {key: np.array([float(row[key]) for row in rows]) for key in ("latitude", "longitude", "error_km")}
    return Line(
        name,
        column["latitude"],
        column["longitude"],
        column["error_km"],
        np.array([r["part"] == "continuation" for r in rows]),
    )


def coast() -> tuple[NDArray[np.float64], ...]:
    """Outlines of the peninsula and of its larger islands: each (n, 2) latitude and longitude, to about 1 km."""
    rings: dict[str, list[tuple[float, float]]] = {}
    for row in shipped_rows("geography", "coast.csv"):
        rings.setdefault(row["ring"], []).append((float(row["latitude"]), float(row["longitude"])))
    return tuple(np.array(ring) for ring in rings.values())


def side(latitude: float, longitude: float, radius_km: float | None, line: Line) -> Side:
    """The side of *line* on which a place lies: P(north) = Φ(d / σ), σ² = (r / 2.4477)² + e².

    *d* is the signed distance to the line, *r* the radius that holds the place with 95 % and *e* the error of the line
    at its nearest vertex. Exact for a straight line; a line that bends within σ is taken as straight.

    Args:
        radius_km: None for a place that states none: 20 km.

    Returns:
        distance in km, positive to the north, and the probability of north.

    >>> side(38.0, 127.0, 5.0, load_line("parallel_38")).p_north
    0.5
    >>> kaesong = (37.97, 126.55, 4.0)
    >>> side(*kaesong, load_line("parallel_38")).distance_km < 0 < side(*kaesong, load_line("demarcation")).distance_km
    True
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidInput("not a place on earth", found=f"{latitude}, {longitude}", valid="degrees")
    distance, error = _signed_distance(latitude, longitude, line)
    radius = UNKNOWN_RADIUS_KM if radius_km is None else radius_km
    spread = hypot(radius / RADIUS_SIGMAS, error)
    if spread == 0.0:
        p_north = 0.5 if distance == 0 else float(distance > 0)
    else:
        p_north = 0.5 * (1.0 + erf(distance / spread / sqrt(2.0)))
    return Side(distance, p_north, spread)


def side_names(latitude: float, longitude: float, radius_km: float | None) -> tuple[str, str]:
    """Side of the parallel and of the demarcation line in words; ``within_dmz`` where 2 km or less from the line.

    >>> side_names(40.5, 127.2, 10.0)
    ('north', 'north')
    >>> side_names(37.9561, 126.6772, 1.0)
    ('south', 'within_dmz')
    """
    parallel = side(latitude, longitude, radius_km, load_line("parallel_38"))
    line = side(latitude, longitude, radius_km, load_line("demarcation"))
    return parallel.name, "within_dmz" if abs(line.distance_km) <= DMZ_HALF_WIDTH_KM else line.name


def latitude_side(latitude: float, spread_km: float) -> float:
    """P(north of the 38th parallel) of a loss known only by latitude: Φ((φ − 38°) · 111.195 / σ).

    >>> latitude_side(38.0, 15.0)
    0.5
    """
    return 0.5 * (1.0 + erf((latitude - 38.0) * KM_PER_DEGREE / spread_km / sqrt(2.0)))


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance of two places (latitude, longitude), on the plane that touches the earth between them.

    >>> round(distance_km((38.0, 127.0), (39.0, 127.0)), 1)
    111.2
    """
    middle = cos(radians((one[0] + other[0]) / 2))
    return KM_PER_DEGREE * hypot(one[0] - other[0], (one[1] - other[1]) * middle)


def _signed_distance(latitude: float, longitude: float, line: Line) -> tuple[float, float]:
    """Distance in km, positive north, and the error of the line at the nearest vertex of the nearest segment."""
    if line.name == "parallel_38":
        return (latitude - 38.0) * KM_PER_DEGREE, 0.0
    east = (line.longitude - longitude) * KM_PER_DEGREE * cos(radians(latitude))
    north = (line.latitude - latitude) * KM_PER_DEGREE
    start = np.column_stack((east[:-1], north[:-1]))
    step = np.column_stack((np.diff(east), np.diff(north)))
    along = np.clip(-(start * step).sum(1) / (step * step).sum(1), 0.0, 1.0)
    apart = np.linalg.norm(start + along[:, None] * step, axis=1)
    nearest = int(apart.argmin())
    vertex = nearest + int(along[nearest] >= 0.5)
    return float(apart[nearest]) * _sign(latitude, longitude, line), float(line.error_km[vertex])


def _sign(latitude: float, longitude: float, line: Line) -> float:
    """+1 north of the line, −1 south of it: how often a ray to the south crosses the line, odd or even."""
    west, east = line.longitude[:-1], line.longitude[1:]
    crossed = (np.minimum(west, east) <= longitude) & (longitude < np.maximum(west, east))
    at = np.full(len(west), -inf)
    share = (longitude - west[crossed]) / (east[crossed] - west[crossed])
    at[crossed] = line.latitude[:-1][crossed] + share * np.diff(line.latitude)[crossed]
    below = int(np.count_nonzero(crossed & (at <= latitude)))
    if not crossed.any():
        return 1.0 if latitude > float(np.interp(longitude, line.longitude, line.latitude)) else -1.0
    return 1.0 if below % 2 else -1.0
