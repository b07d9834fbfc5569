"""The missing by incident, by side of a line, by service; references; what changed since the last count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING

from cenotaph.accounting.geography import latitude_side, load_line, side
from cenotaph.accounting.timeline import Asked, rows
from cenotaph.accounting.transfers import figures_known
from cenotaph.dossier.shipped import shipped_rows

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

SERVICES = ("Army", "Marine Corps", "Air Force", "Navy")


@dataclass(frozen=True, slots=True)
class IncidentCount:
    """Men not recovered, of one incident or one period of the front.

    Args:
        by_service: service → men.
        latitude, spread_km: where the ground war stood and how widely (one standard deviation).
        p_north: probability that a loss of this incident lies north of the 38th parallel.
        basis: why it is placed there.
    """

    incident: str
    name: str
    first: str
    last: str
    by_service: tuple[tuple[str, int], ...]
    latitude: float
    spread_km: float
    p_north: float
    site_id: str
    basis: str

    @property
    def count(self) -> int:
        """Men of every service."""
        return sum(n for _, n in self.by_service)


@dataclass(frozen=True, slots=True)
class SiteCount:
    """The missing thought to lie at a site, with the side it is on.

    Args:
        p_north_of_parallel, p_north_of_line: probabilities; None outside Korea or without a place.
    """

    site_id: str
    name: str
    low: int | None
    high: int | None
    p_north_of_parallel: float | None
    p_north_of_line: float | None
    counted_in: str


@dataclass(frozen=True, slots=True)
class Change:
    """Two counts of one series, one after the other."""

    series: str
    before: float
    before_on: date
    after: float
    after_on: date


@dataclass(frozen=True, slots=True)
class Missing:
    """The answer to *who is missing, and where*.

    Args:
        incidents: counts of the casualty file; *as_of* its date.
        expected_north: expected men north of the parallel; *north_sd* its spread if incidents are misplaced together.
        published: latest published count (value, day, series) of all and of the north.
        references_percent: share of the missing with a family reference, by day.
        changes: last two counts of each series of the unaccounted.
    """

    as_of: str
    incidents: tuple[IncidentCount, ...]
    sites: tuple[SiteCount, ...]
    expected_north: float
    north_sd: float
    published: tuple[tuple[str, float, date], ...]
    references_percent: tuple[tuple[date, float], ...]
    changes: tuple[Change, ...]
    explanation: tuple[str, ...]

    @property
    def total(self) -> int:
        """Men of the casualty file."""
        return sum(one.count for one in self.incidents)


def losses() -> tuple[IncidentCount, ...]:
    """Counts of men not recovered, by incident, as shipped.

    >>> sum(one.count for one in losses())
    7872
    """
    counts: dict[str, dict[str, int]] = {}
    for row in shipped_rows("geography", "losses.csv"):
        counts.setdefault(row["incident"], {})[row["service"]] = int(row["unrecovered"])
    found = []
    for row in shipped_rows("geography", "front.csv"):
        latitude, spread = float(row["latitude"]), float(row["spread_km"])
        by_service = counts.get(row["incident"], {})
        found.append(
            IncidentCount(
                row["incident"],
                row["name"],
                row["from"],
                row["to"],
                tuple((service, by_service[service]) for service in SERVICES if service in by_service),
                latitude,
                spread,
                latitude_side(latitude, spread),
                row["site_id"],
                row["basis"],
            )
        )
    return tuple(found)


def missing(record: Record, when: Asked) -> Missing:
    """The missing on a day: the file's counts by incident and side, beside what was published by then."""
    counted = losses()
    expected = sum(one.count * one.p_north for one in counted)
    spread = sqrt(sum(one.count**2 * one.p_north * (1 - one.p_north) for one in counted))
    known = _published(record, when)
    published = [(series, *known[series][-1]) for series in ("unaccounted_total", NORTH) if known.get(series)]
    references = [(on, value) for value, on in known.get(REFERENCES, [])]
    changes = [
        Change(series, values[-2][0], values[-2][1], values[-1][0], values[-1][1])
        for series, values in known.items()
        if series.startswith("unaccounted") and len(values) > 1
    ]
    return Missing(
        "2008-12-31",
        counted,
        sites(record),
        expected,
        spread,
        tuple(published),
        tuple(references),
        tuple(changes),
        _explained(expected, spread, {s: v for s, v, _ in published}),
    )


NORTH = "unaccounted_north_of_38"
REFERENCES = "family_reference_samples_percent"


def sites(record: Record) -> tuple[SiteCount, ...]:
    """Sites with an estimate of the missing, and the side of both lines with its probability."""
    found = []
    for row in rows(record, "sites"):
        if not row["estimated_missing_low"] and not row["estimated_missing_high"]:
            continue
        parallel = line = None
        if row["latitude"] and 124 <= float(row["longitude"]) <= 132:
            place = (float(row["latitude"]), float(row["longitude"]))
            radius = float(row["radius_km"]) if row["radius_km"] else None
            parallel = side(*place, radius, load_line("parallel_38")).p_north
            line = side(*place, radius, load_line("demarcation")).p_north
        low, high = row["estimated_missing_low"], row["estimated_missing_high"]
        found.append(
            SiteCount(
                row["site_id"],
                row["name"],
                int(low) if low else None,
                int(high) if high else None,
                parallel,
                line,
                row.get("part_of", ""),
            )
        )
    return tuple(found)


def _published(record: Record, when: Asked) -> dict[str, list[tuple[float, date]]]:
    """Series of the unaccounted and of references → (value, day) known on the day asked, in order of days."""
    names = [row["series"] for row in rows(record, "series") if row["series"].startswith("unaccounted")]
    wanted = dict.fromkeys(["unaccounted_total", NORTH, REFERENCES, *names])
    return {
        name: [(point.value, point.on) for point in counted]
        for name, counted in figures_known(record, when, wanted).items()
    }


def _explained(expected: float, spread: float, published: dict[str, float]) -> tuple[str, ...]:
    told = [
        f"The casualty file places about {expected:,.0f} of its losses north of the 38th parallel by where the man was "
        f"lost (one standard deviation {spread:,.0f}, taking each incident as wholly right or wholly wrong)."
    ]
    if NORTH in published:
        gap = expected - published[NORTH]
        told.append(
            f"The published count is {published[NORTH]:,.0f} lost in North Korea: {abs(gap):,.0f} "
            f"{'more' if gap < 0 else 'fewer'} than the file gives."
        )
    told += [
        "Published counts go by the place where a man is thought to lie. Men taken prisoner south of the parallel "
        "who died in camps in the north count there, not where they were lost.",
        "North Korea is not the land north of the parallel: Kaesong and Ongjin lie south of it, the hills of the "
        "eastern front north of it are in the Republic of Korea.",
        "The file is of 2008: men identified since are still in it, and malformed rows were left out.",
    ]
    return tuple(told)
