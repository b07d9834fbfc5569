"""Options in plain words, and the place that one is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cenotaph.accounting.density import Density, density_at
from cenotaph.accounting.missing import losses
from cenotaph.accounting.timeline import Row, rows
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

MECHANISMS: Final = ("turnover", "joint_recovery", "disinterment")
UNITS: Final = {"turnover": "boxes", "joint_recovery": "team-months", "disinterment": "graves"}

BATTLE_KM: Final = 50.0
"""A site wider than this does not say where along the front its losses lie."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that could be agreed.

    Args:
        mechanism: one of `MECHANISMS`.
        amount: boxes, team-months or graves; 0 for every grave that is left.
        place: a site of the record by identifier or name, empty for none.
    """

    mechanism: str
    amount: int
    place: str = ""

    def __str__(self) -> str:
        """The option in words.

        >>> str(Option("joint_recovery", 6, "Unsan"))
        '6 team-months at Unsan'
        """
        many = str(self.amount) if self.amount else "all"
        unit = UNITS[self.mechanism] if self.amount != 1 else UNITS[self.mechanism].rstrip("s").replace("boxe", "box")
        where = f" {'from' if self.mechanism == 'turnover' else 'at'} {self.place}" if self.place else ""
        return f"{many} {unit}{where}"


_FORMS: Final = (
    ("turnover", r"(?P<n>\d+) (?:boxes|box|cases|containers)(?: from (?P<place>.+))?"),
    ("turnover", r"boxes (?P<n>\d+)(?: from (?P<place>.+))?"),
    (
        "joint_recovery",
        r"(?:dig )?(?P<n>\d+) (?:team-months?|operations?)(?: of joint recovery)?(?: at (?P<place>.+))?",
    ),
    ("disinterment", r"disinterment of (?P<n>\d+) (?:caskets|graves)(?: at (?P<place>.+))?"),
    ("disinterment", r"disinter (?P<place>.+?)(?:(?<!no\.) (?P<n>\d+)(?: graves| caskets)?)?"),
)


def parse_option(text: str) -> Option:
    """An option in plain words.

    >>> parse_option("boxes 55 from Sinhung-ni") == parse_option("55 boxes from Sinhung-ni")
    True
    >>> parse_option("dig 6 team-months at SIT-02")
    Option(mechanism='joint_recovery', amount=6, place='SIT-02')
    >>> parse_option("disinter Punchbowl 100 graves").amount, parse_option("disinter Punchbowl").amount
    (100, 0)

    Raises:
        InvalidInput: not in one of the forms, or an amount of nothing.
    """
    text = " ".join(text.split())
    for mechanism, pattern in _FORMS:
        match = re.fullmatch(pattern, text, re.IGNORECASE)
        if match and match["n"] != "0":
            return Option(mechanism, int(match["n"] or 0), match["place"] or "")
    raise InvalidInput(
        "not an option that can be appraised",
        found=text,
        valid="'boxes N from AREA', 'dig M team-months at SITE' or 'disinter CEMETERY N graves'",
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the record with what is thought to lie there.

    Args:
        low, high: published estimate of the missing, of the larger site it lies in where it has none of its own.
        density: men not recovered about it by the casualty file; None for a camp, a cemetery or a place outside
            the fighting, where losses do not say who lies there.
    """

    site_id: str
    name: str
    kind: str
    low: float | None
    high: float | None
    density: Density | None


def find_site(record: Record, place: str) -> Site:
    """The site of an identifier or a name, or part of a name.

    Raises:
        InvalidInput: the record has no such site.
    """
    every = rows(record, "sites")
    wanted = place.lower()
    for row in every:
        names = [name.strip().lower() for name in row.get("other_names", "").split(";")]
        if wanted in (row["site_id"].lower(), row["name"].lower(), *names):
            return _with_estimate(record, row)
    for row in every:
        if wanted in f"{row['name']}; {row.get('other_names', '')}".lower():
            return _with_estimate(record, row)
    raise InvalidInput("the record has no such site", found=place, valid="an identifier or a name of sites.csv")


def _with_estimate(record: Record, row: Row) -> Site:
    by_id: Mapping[str, Row] = {one["site_id"]: one for one in rows(record, "sites")}
    here = row
    while not (here["estimated_missing_low"] or here["estimated_missing_high"]) and here.get("part_of"):
        here = by_id[here["part_of"]]
    low, high = here["estimated_missing_low"], here["estimated_missing_high"]
    low, high = low or high, high or low
    return Site(
        row["site_id"],
        row["name"],
        row["kind"],
        float(low) if low else None,
        float(high) if high else None,
        site_density(record, row),
    )


def site_density(record: Record, row: Row) -> Density | None:
    """Density of losses about a battlefield or an isolated burial in Korea."""
    if row["kind"] not in ("battlefield", "isolated_burial") or not row["latitude"]:
        return None
    radius = float(row["radius_km"]) if row["radius_km"] else None
    places = {
        one["site_id"]: (float(one["latitude"]), float(one["longitude"]))
        for one in rows(record, "sites")
        if one["latitude"] and one["radius_km"] and float(one["radius_km"]) <= BATTLE_KM
    }
    return density_at(float(row["latitude"]), float(row["longitude"]), radius, losses(), places)
