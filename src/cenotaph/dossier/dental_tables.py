"""Dental charts of a dossier and the shipped counts of teeth, read into records of the odontology room."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.dates import parse_date
from cenotaph.dossier.shipped import shipped_rows
from cenotaph.odontology.chart import INDEX, Chart, States, stack, state_of
from cenotaph.odontology.population import (
    ENOUGH_CHARTS,
    MouthClasses,
    ToothCounts,
    caries_level_classes,
    fit_classes,
)

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

DAYS_PER_YEAR = 365.25


@cache
def load_tooth_counts() -> tuple[ToothCounts, ...]:
    """Shipped counts of the condition of each tooth and of the surfaces restored.

    >>> counts = {c.tooth: c for c in load_tooth_counts()}
    >>> counts["36"].restored > 4 * counts["33"].restored, counts["36"].surfaces["O"]
    (True, 1943)
    """
    surfaces: dict[str, dict[str, int]] = {}
    for row in shipped_rows("odontology", "restored_surfaces.csv"):
        surfaces.setdefault(row["tooth"], {})[row["surfaces"]] = int(row["restored"])
    return tuple(
        ToothCounts(
            row["tooth"],
            int(row["sound"]) + int(row["decayed"]),
            int(row["restored"]),
            int(row["lost"]),
            {s: n for s, n in surfaces[row["tooth"]].items() if s != "several"},
            surfaces[row["tooth"]].get("several", 0),
        )
        for row in shipped_rows("odontology", "tooth_conditions.csv")
    )


def mouth_classes(ante: States, *, seed: int = 1) -> MouthClasses:
    """The population of mouths: learned from the charts at hand where they are enough, else the published frequencies.

    Args:
        ante: shape (m, 32), antemortem charts of the roster.
        seed: of the starting memberships.

    >>> mouth_classes(np.zeros((3, 32), dtype=np.int8)).basis.split(" on ")[1]
    'published frequencies of single teeth, 3 charts at hand'
    """
    if len(ante) >= ENOUGH_CHARTS:
        return fit_classes(ante, seed=seed)
    return caries_level_classes(load_tooth_counts(), ante)


@dataclass(frozen=True)
class DentalCharts:
    """Charts of a dossier.

    Args:
        charts: one of each missing person or specimen, in the order of their identifiers.
        years: shape (charts,), from the last antemortem chart to the loss; NaN where either date is not known, and of
            specimens.
    """

    charts: tuple[Chart, ...]
    years: NDArray[np.float64]

    @property
    def ids(self) -> tuple[str, ...]:
        """Identifiers, in order."""
        return tuple(chart.subject_id for chart in self.charts)

    @property
    def states(self) -> States:
        """Shape (charts, 32)."""
        return stack(self.charts)


def dental_charts(dossier: Dossier, subject_type: Literal["missing", "specimen"]) -> DentalCharts:
    """Charts of the missing or of the specimens of a dossier.

    Of several charts of one subject the later one that says something of a tooth counts; a chart without a date is
    taken to be the earliest. Deciduous teeth are left out.

    Args:
        dossier: with ``dental_charts``, and ``missing`` for the dates of loss.
        subject_type: whose charts.
    """
    table = dossier.table("dental_charts")
    rows = table.filter(table.get_column("subject_type") == subject_type)
    codes: dict[str, dict[str, tuple[datetime.date, str]]] = {}
    last: dict[str, datetime.date] = {}
    columns = (rows.get_column(c).to_list() for c in ("subject_id", "tooth", "code", "charted_on"))
    for subject, tooth, code, charted in zip(*columns, strict=True):
        if tooth not in INDEX:
            continue
        day = _day(charted) or datetime.date.min
        last[subject] = max(day, last.get(subject, datetime.date.min))
        teeth = codes.setdefault(subject, {})
        if tooth not in teeth or _rank(day, code) > _rank(*teeth[tooth]):
            teeth[tooth] = (day, code)
    charts = tuple(
        Chart.from_codes(subject, {tooth: code for tooth, (_, code) in codes[subject].items()})
        for subject in sorted(codes)
    )
    lost = _loss_days(dossier) if subject_type == "missing" else {}
    return DentalCharts(charts, _years((last[c.subject_id], lost.get(c.subject_id)) for c in charts))


def _rank(day: datetime.date, code: str) -> tuple[bool, datetime.date, str]:
    return state_of(code) >= 0, day, code


def _day(text: str | None) -> datetime.date | None:
    """A day within the range of a date: the last one, or the first where the end is open."""
    if not text:
        return None
    known = parse_date(text)
    return known.latest or known.earliest


def _loss_days(dossier: Dossier) -> Mapping[str, datetime.date | None]:
    table = dossier.table("missing")
    return {m: _day(d) for m, d in zip(table.get_column("missing_id"), table.get_column("loss_date"), strict=True)}


def _years(pairs: Iterable[tuple[datetime.date, datetime.date | None]]) -> NDArray[np.float64]:
    known = [
        (lost - charted).days / DAYS_PER_YEAR if lost is not None and charted != datetime.date.min else np.nan
        for charted, lost in pairs
    ]
    return np.maximum(np.array(known, dtype=np.float64), 0.0)
