"""The missing: who they were, where they were lost, and who of them are brothers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from cenotaph.simulation.plan import HandoverPlan
from cenotaph.simulation.tables import Floats, Ints, load_incidents, load_names

AFFINITIES = ("white", "black", "hispanic", "asian")
AFFINITY_SHARE = (0.845, 0.12, 0.025, 0.01)
MISSTATED_AFFINITY = 0.01
"""Share of records whose affinity is not that of the man's family, or is not stated."""
ACCOUNTED = 0.02
"""Share of the roster identified before; later parts of them may be in the boxes."""
BROTHERS_AMONG_PAIRS = 0.75
"""The other related pairs are cousins through their mothers, who share the maternal line."""
SAME_INCIDENT = 0.6


@dataclass(frozen=True, slots=True)
class Pair:
    """Two related missing men.

    Args:
        first, second: rows of the roster.
        brothers: brothers, or cousins whose mothers are sisters.
    """

    first: int
    second: int
    brothers: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """The missing as arrays over men; `recorded` is what the record says, the rest is true.

    Args:
        surname, given: names.
        affinity: shape (m,), index into `AFFINITIES`.
        recorded_affinity: affinity on the record.
        incident: shape (m,), index into the plan's incidents.
        age: age at death in years.
        birth, loss: dates.
        place: shape (m, 2), latitude and longitude of loss.
        accounted: identified before.
        pairs: related men.
        placed_both, placed_one: pairs that come into the boxes with both men, or with the first alone.
    """

    surname: NDArray[np.str_]
    given: NDArray[np.str_]
    affinity: Ints
    recorded_affinity: tuple[str, ...]
    incident: Ints
    age: Floats
    birth: tuple[date, ...]
    loss: tuple[date, ...]
    place: Floats
    accounted: NDArray[np.bool_]
    pairs: tuple[Pair, ...]
    placed_both: tuple[Pair, ...]
    placed_one: tuple[Pair, ...]

    def __len__(self) -> int:
        return len(self.affinity)


def make_roster(plan: HandoverPlan, rng: np.random.Generator) -> Roster:
    """Draws the roster of a plan."""
    m = plan.missing
    affinity = rng.choice(len(AFFINITIES), m, p=AFFINITY_SHARE)
    weights = np.array([i.missing for i in plan.incidents], dtype=float)
    incident = rng.choice(len(weights), m, p=weights / weights.sum())
    pairs, placed_both, placed_one = _pairs(plan, rng)
    for pair in pairs:
        affinity[pair.second] = affinity[pair.first]
        if rng.random() < SAME_INCIDENT:
            incident[pair.second] = incident[pair.first]
    surname, given = _names(affinity, rng)
    for pair in pairs:
        if pair.brothers:
            surname[pair.second] = surname[pair.first]
    age = np.clip(17 + rng.lognormal(np.log(4.0), 0.7, m), 17, 45)
    loss, place = _losses(plan, incident, rng)
    days = np.round(age * 365.25).astype(int)
    return Roster(
        surname,
        given,
        affinity,
        _recorded(affinity, rng),
        incident,
        age,
        tuple(d - timedelta(days=int(n)) for d, n in zip(loss, days, strict=True)),
        loss,
        place,
        rng.random(m) < ACCOUNTED,
        pairs,
        placed_both,
        placed_one,
    )


def _pairs(plan: HandoverPlan, rng: np.random.Generator) -> tuple[tuple[Pair, ...], tuple[Pair, ...], tuple[Pair, ...]]:
    """All related pairs, then those of them with both and with one man in the boxes; these are brothers."""
    both = max(1, round(plan.circumstances.brothers_both * plan.individuals / 2))
    one = max(1, round(plan.circumstances.brothers_one * plan.individuals / 2))
    count = max(both + one, round(plan.difficulty.brothers * plan.missing / 2))
    men = rng.permutation(plan.missing)[: 2 * count].reshape(count, 2)
    brothers = rng.random(count) < BROTHERS_AMONG_PAIRS
    brothers[: both + one] = True
    pairs = tuple(Pair(int(a), int(b), bool(x)) for (a, b), x in zip(men, brothers, strict=True))
    return pairs, pairs[:both], pairs[both : both + one]


def _names(affinity: Ints, rng: np.random.Generator) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    names = load_names()
    surname = np.empty(len(affinity), dtype=names.surnames.dtype)
    for k, label in enumerate(AFFINITIES):
        those = affinity == k
        surname[those] = rng.choice(names.surnames, int(those.sum()), p=names.surname_share[label])
    return surname, rng.choice(names.first, len(affinity), p=names.first_share)


def _recorded(affinity: Ints, rng: np.random.Generator) -> tuple[str, ...]:
    wrong = rng.random(len(affinity)) < MISSTATED_AFFINITY
    other = rng.integers(0, len(AFFINITIES) + 1, len(affinity))
    choices = (*AFFINITIES, "unknown")
    return tuple(choices[o] if w else AFFINITIES[a] for a, w, o in zip(affinity, wrong, other, strict=True))


def _losses(plan: HandoverPlan, incident: Ints, rng: np.random.Generator) -> tuple[tuple[date, ...], Floats]:
    """Dates within the incident, most at its beginning; places around its centre."""
    known = [load_incidents()[i.incident_id] for i in plan.incidents]
    early = rng.beta(1.0, 1.6, len(incident))
    loss = tuple(
        known[i].from_date + timedelta(days=int(x * ((known[i].to_date - known[i].from_date).days + 1)))
        for i, x in zip(incident, early, strict=True)
    )
    centre = np.array([[k.latitude, k.longitude] for k in known])[incident]
    spread_km = np.array([k.radius_km for k in known])[incident] / 2
    km = rng.normal(size=(len(incident), 2)) * spread_km[:, None]
    per_degree = np.stack([np.full(len(incident), 111.2), 111.2 * np.cos(np.radians(centre[:, 0]))], axis=1)
    return loss, centre + km / per_degree
