"""Rates learnt from what was known on a day, with the doubt that few precedents leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.accounting.figures import series_names
from cenotaph.accounting.timeline import Asked, day, rows
from cenotaph.accounting.transfers import Handover, figures_known, handovers

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

Floats = NDArray[np.float64]

BETWEEN_SD: Final = 0.6
"""Half-normal prior scale of the between-handover standard deviation of a log rate or a logit share."""

DRAWS: Final = 20_000
INTERVAL: Final = (0.1, 0.9)
RECENT_YEARS: Final = 7.0
"""The laboratory's pace is that of these years."""

NAMED: Final = "identified_"
"""How a series of figures begins that counts the names made of one series of remains."""

OPENED: Final = "disinterred_"
"""How one begins that counts graves opened."""

TOGETHER: Final = "identified_since_"
"""How one begins that counts the names of every series."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An expected number with its 80 % interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> Estimate:
        """Median and 80 % interval of draws."""
        low, middle, high = np.quantile(draws, (INTERVAL[0], 0.5, INTERVAL[1]))
        return cls(float(middle), float(low), float(high))


@dataclass(frozen=True, slots=True)
class PastYield:
    """What one handover or season gave, as known on a day.

    Args:
        units: boxes, operations or caskets; 0 where only the names are of use.
        individuals_low, individuals_high: persons, as the laboratory bounds them; sets where only sets were counted.
        names: own named so far, None where not on record.
        names_a_year: names that the series still gave a year, 0 where it has come to rest.
    """

    row_id: str
    units: float
    individuals_low: float
    individuals_high: float
    names: float | None
    names_a_year: float = 0.0


def past_yields(record: Record, when: Asked, mechanism: str) -> list[PastYield]:
    """Past yields of a mechanism: whole series where there are any, never a part beside its whole."""
    ledger = handovers(record, when)
    if mechanism == "turnover":
        return [
            PastYield(
                h.transfer_id,
                float(h.containers),
                float(h.assessed_low),
                float(h.assessed_high or h.assessed_low),
                h.identified_own,
                still_naming(record, when, f"identified_{h.series}"),
            )
            for h in ledger
            if h.mechanism.startswith("unilateral") and _is_whole(h) and h.assessed_low and h.containers
        ]
    if mechanism == "disinterment":
        return _disinterments(record, when, ledger)
    return _seasons(record, when, [h for h in ledger if h.mechanism.startswith("joint recovery") and _is_whole(h)])


def _is_whole(handover: Handover) -> bool:
    return not handover.part_of and not handover.alternative_to


def _seasons(record: Record, when: Asked, series: list[Handover]) -> list[PastYield]:
    """Seasons of joint recovery, what the series found beyond them, and the names of the whole series."""
    seasons = []
    for row in rows(record, "operations"):
        on = day(row["to_date"] or row["from_date"], last=True)
        known = on is not None and on <= min(when.as_of, when.known_on)
        if row["kind"] == "joint_recovery" and known and row["partner"] == "KPA" and row["remains_recovered"]:
            sets, count = float(row["remains_recovered"]), float(row["operations_count"] or 1)
            seasons.append(PastYield(row["operation_id"], count, sets, sets, None))
    if not series or not series[-1].containers:
        return seasons
    whole, total = series[-1], float(series[-1].containers or 0)
    counted = series_points(record, when, f"operations_{whole.series}")
    operations = counted[-1][1] - sum(one.units for one in seasons) if counted else 0.0
    sets = total - sum(one.individuals_high for one in seasons)
    if operations > 0 and sets > 0:
        seasons.append(PastYield(f"{whole.transfer_id} less the seasons", operations, sets, sets, None))
    if whole.identified_own is not None:
        pace = still_naming(record, when, f"identified_{whole.series}")
        seasons.append(PastYield(whole.transfer_id, 0.0, total, total, float(whole.identified_own), pace))
    return seasons


def _disinterments(record: Record, when: Asked, ledger: Sequence[Handover]) -> list[PastYield]:
    """Caskets opened and names made of them; without such a row, the latest day on which both are published."""
    found = [
        PastYield(
            h.transfer_id,
            float(h.containers),
            float(h.containers),
            float(h.containers),
            h.identified_own,
            still_naming(record, when, next(iter(names_of(record, NAMED, h.series)), "")),
        )
        for h in ledger
        if h.mechanism.startswith("disinterment") and h.containers and h.identified_own is not None
    ]
    if found:
        return found
    for opened in names_of(record, OPENED):
        series = NAMED + opened.removeprefix(OPENED)
        named = dict(series_points(record, when, series))
        both = [(on, n, named[on]) for on, n in series_points(record, when, opened) if on in named]
        pace = still_naming(record, when, series)
        found += [PastYield(f"figures {on.isoformat()}", n, n, n, names, pace) for on, n, names in both[-1:]]
    return found


def names_of(record: Record, beginning: str, label: str = "") -> list[str]:
    """Series of figures that begin so, or the one of a label of transfers, whichever its capitals."""
    wanted = f"{beginning}{label}".lower()
    return [
        name for name in sorted(series_names(record)) if (name.lower() == wanted if label else name.startswith(wanted))
    ]


def series_points(record: Record, when: Asked, name: str) -> list[tuple[date, float]]:
    """Figures of a series that were known on the day, in order of days."""
    return [(point.on, point.value) for point in figures_known(record, when, [name]).get(name, ())]


def _rises(points: Sequence[tuple[date, float]], today: date, years: float) -> list[tuple[float, float]]:
    """Rise and length in years of each step of at least half a year that ended in the last years."""
    return [
        (more - value, (then - on).days / 365.25)
        for (on, value), (then, more) in pairwise(points)
        if (then - on).days >= 182 and more > value and (today - then).days <= years * 365.25
    ]


def still_naming(record: Record, when: Asked, series: str) -> float:
    """Names a year that a series gave at its last counts; 0 where none of them is of the last two years."""
    rises = _rises(series_points(record, when, series), when.as_of, 2.0)
    return rises[-1][0] / rises[-1][1] if rises else 0.0


def laboratory_pace(record: Record, when: Asked, rng: np.random.Generator) -> tuple[Floats, str]:
    """Draws of the names a year that the laboratory will make of a new series.

    The names a year of all series together in recent years, and of these a share between an equal one and all: one
    old series among several never showed what the laboratory can do.
    """
    whole = names_of(record, TOGETHER)
    singles = {
        name: rises
        for name in names_of(record, NAMED)
        if name not in whole
        and not name.endswith("_other")
        and (rises := _rises(series_points(record, when, name), when.as_of, RECENT_YEARS))
    }
    together = [r for name in whole for r in _rises(series_points(record, when, name), when.as_of, RECENT_YEARS)]
    if not together:
        together = [(sum(rises[-1][0] / rises[-1][1] for rises in singles.values()), 1.0)] if singles else []
    if not together:
        return np.exp(rng.uniform(0.0, np.log(100.0), DRAWS)), "pace of the laboratory not on record: 1 to 100 a year"
    rates = np.array([rise / years for rise, years in together])
    errors = np.array([rise**-0.5 for rise, _ in together])
    yearly = np.exp(predictive(np.log(rates), errors, rng))
    least = 1.0 / (len(singles) + 1)
    told = f"{rates.mean():.0f} names a year of all series; a new one gets between {least:.0%} and all of them"
    return yearly * rng.uniform(least, 1.0, DRAWS), told


def predictive(values: Floats, errors: Floats, rng: np.random.Generator) -> Floats:
    """Draws of the next value of a normal random-effects model.

    Grid over the between-group standard deviation τ (half-normal prior), flat mean; given τ the mean is normal with
    precision Σ 1 / (τ² + s²), and a new value adds τ².
    """
    tau = np.linspace(0.02, 3 * BETWEEN_SD, 60)
    weights = 1.0 / (tau[:, None] ** 2 + errors[None, :] ** 2)
    total = weights.sum(1)
    mean = (weights * values).sum(1) / total
    loglik = 0.5 * (np.log(weights).sum(1) - np.log(total) - (weights * (values - mean[:, None]) ** 2).sum(1))
    posterior = np.exp(loglik - loglik.max()) * np.exp(-0.5 * (tau / BETWEEN_SD) ** 2)
    chosen = rng.choice(len(tau), DRAWS, p=posterior / posterior.sum())
    drawn: Floats = rng.normal(mean[chosen], np.sqrt(1.0 / total[chosen] + tau[chosen] ** 2))
    return drawn


def individuals_a_unit(past: Sequence[PastYield], rng: np.random.Generator) -> Floats:
    """Individuals a unit at the next handover; a range of the laboratory counts as ± 1.28 standard deviations."""
    used = [one for one in past if one.units > 0]
    centre = np.array(
        [np.log(max(one.individuals_low * one.individuals_high, 0.25) ** 0.5 / one.units) for one in used]
    )
    errors = np.array(
        [
            np.hypot(
                max(one.individuals_low, 1.0) ** -0.5,
                np.log(max(one.individuals_high, 1.0) / max(one.individuals_low, 1.0)) / 2.56,
            )
            for one in used
        ]
    )
    rate: Floats = np.exp(np.minimum(predictive(centre, errors, rng), np.log(200.0)))
    return rate


def names_an_individual(past: Sequence[PastYield], years: float, rng: np.random.Generator) -> Floats | None:
    """Own names an individual at the next handover, on the logit scale; None where none is on record.

    A series that still gives names has not shown its share: over the horizon it goes on at between none and all of its
    pace, which moves its count up and adds to its error.
    """
    used = [(one, (one.individuals_low * one.individuals_high) ** 0.5) for one in past if one.names is not None]
    if not used:
        return None
    more = np.array([one.names_a_year * years for one, _ in used])
    count = np.array([count for _, count in used])
    named = np.minimum(np.array([one.names or 0.0 for one, _ in used]) + more / 2, count)
    p = (named + 0.5) / (count + 1.0)
    spread = p * (1.0 - p)
    errors = np.hypot((1.0 / ((count + 1.0) * spread)) ** 0.5, more / 12**0.5 / (count * spread))
    return 1.0 / (1.0 + np.exp(-predictive(np.log(p / (1.0 - p)), errors, rng)))
