"""Tables that ship for the simulation, read into records and arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Incident:
    """A row of ``incidents.csv``."""

    incident_id: str
    name: str
    from_date: date
    to_date: date
    latitude: float
    longitude: float
    radius_km: float


@cache
def load_incidents() -> dict[str, Incident]:
    """Incidents by id.

    >>> load_incidents()["CHOSIN"].from_date.isoformat()
    '1950-11-27'
    """
    return {
        r["incident_id"]: Incident(
            r["incident_id"],
            r["name"],
            date.fromisoformat(r["from_date"]),
            date.fromisoformat(r["to_date"]),
            float(r["latitude"]),
            float(r["longitude"]),
            float(r["radius_km"]),
        )
        for r in shipped_rows("simulation", "incidents.csv")
    }


@dataclass(frozen=True, slots=True)
class Names:
    """Names and how often each affinity bears them."""

    surnames: NDArray[np.str_]
    surname_share: dict[str, Floats]
    first: NDArray[np.str_]
    first_share: Floats


@cache
def load_names() -> Names:
    """The shipped names."""
    rows, first = shipped_rows("names", "surnames.csv"), shipped_rows("names", "first_names.csv")
    counts = {p: np.array([float(r[p]) for r in rows]) for p in ("white", "black", "hispanic", "asian")}
    given = np.array([float(r["count"]) for r in first])
    return Names(
        np.array([r["name"] for r in rows]),
        {p: c / c.sum() for p, c in counts.items()},
        np.array([r["name"] for r in first]),
        given / given.sum(),
    )


@dataclass(frozen=True, slots=True)
class ElementRates:
    """What happens to one element.

    Args:
        recovery: relative chance that one copy is recovered.
        zones: number of zones in the inventory, 0 where the bone is not divided.
        fragmented: probability of breakage.
        sampled: probability that a complete specimen is sampled.
        mtdna, str_: probabilities of a usable profile.
    """

    element: str
    sides: tuple[str, ...]
    copies: int
    recovery: float
    zones: int
    fragmented: float
    sampled: float
    mtdna: float
    str_: float


@cache
def load_elements() -> tuple[ElementRates, ...]:
    """The elements of a skeleton.

    >>> sum(len(e.sides) * e.copies for e in load_elements())
    155
    """
    return tuple(
        ElementRates(
            r["element"],
            tuple(r["sides"].split()),
            int(r["copies"]),
            *(float(r["recovery"]), int(r["zones"])),
            *(float(r[c]) for c in ("fragmented", "sampled", "mtdna", "str")),
        )
        for r in shipped_rows("simulation", "elements.csv")
    )
