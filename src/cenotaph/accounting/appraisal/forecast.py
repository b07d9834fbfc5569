"""The forecast of one option: individuals, own men, names, other nations' dead, money and time.

Every rate is learnt from the handovers and operations that were known on the day asked. With a handful of them the
spread between one handover and the next is the larger doubt; it is a parameter with a prior, integrated over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.accounting.appraisal.money import NOT_ON_RECORD, AssumedCost, assumed_cost, paid_before
from cenotaph.accounting.appraisal.options import Option, Site, find_site
from cenotaph.accounting.appraisal.rates import (
    BETWEEN_SD,
    DRAWS,
    OPENED,
    Estimate,
    Floats,
    PastYield,
    individuals_a_unit,
    laboratory_pace,
    names_an_individual,
    names_of,
    past_yields,
    series_points,
)
from cenotaph.accounting.missing import missing
from cenotaph.accounting.power import Power, shipped_power
from cenotaph.accounting.timeline import Asked, day, rows
from cenotaph.accounting.transfers import handovers
from cenotaph.errors import InvalidInput, Unsupported

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record


@dataclass(frozen=True, slots=True)
class Basis:
    """A number of the record that a rate was learnt from."""

    row_id: str
    what: str
    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What an option is likely to yield.

    Args:
        option: as understood; years: horizon of the counts of names.
        individuals: persons in the remains; own: of the missing on the roster, named or not; names: own identified
            within the horizon; others: of other nations.
        cost_usd: payments to the other side by those made before, None where the record has none; cost_per_name_usd.
        missing_figure: what the record does not hold of the cost; assumed_cost: what an assumption would give.
        years_of_work: on the ground or at the graves, None for a handover; years_to_half: until half of the names are
            made.
        references: further family references that were weighed; more_names: names that they add in the end;
            per_reference: the mean of that for each.
        coverage: share of the missing with a family reference, as known on the day; power: share of own men that the
            simulation names at that coverage.
        missing_at_place: published estimate; men_in_reach: by the casualty file, within 10 km.
        basis: rows that the rates were learnt from; assumptions: what the record does not tell.
    """

    option: Option
    years: float
    individuals: Estimate
    own: Estimate
    names: Estimate
    others: Estimate
    cost_usd: Estimate | None
    cost_per_name_usd: Estimate | None
    missing_figure: str
    assumed_cost: AssumedCost | None
    years_of_work: Estimate | None
    years_to_half: Estimate
    references: int
    more_names: Estimate
    per_reference: float
    coverage: float
    power: Estimate
    missing_at_place: tuple[int, int] | None
    men_in_reach: float | None
    basis: tuple[Basis, ...]
    assumptions: tuple[str, ...]


def appraise(
    record: Record,
    option: Option,
    when: Asked,
    *,
    years: float = 6.0,
    references: int = 100,
    unit_usd: float | None = None,
    power: Power | None = None,
    seed: int = 1,
) -> Appraisal:
    """Expected yield of *option*, by past yield of the same mechanism as known on the day asked.

    Individuals ~ Poisson(amount · λ), log λ with a between-handover spread (normal, its standard deviation under a
    half-normal prior); names in the end ~ Binomial(individuals, q), logit q alike; own men = names / u, u uniform
    between the power of the evidence at the coverage and the coverage itself; names within *years* no more than the
    laboratory's pace allows; further references multiply names by power(coverage + references / missing) / power.

    Args:
        years: horizon for names after the option is carried out.
        references: further family references to weigh.
        unit_usd: dollars a unit, where the user assumes them.
        power: of the evidence by coverage; the shipped curve where none is given.
        seed: of the draws; the same seed gives the same numbers.

    Raises:
        InvalidInput: the record has no such site, or fewer graves than asked for. Unsupported: the record holds no
            past yield of the mechanism.
    """
    rng = np.random.default_rng(seed)
    past = past_yields(record, when, option.mechanism)
    if not past:
        raise Unsupported(f"no past yield of {option.mechanism} was known on {when.known_on}")
    site = find_site(record, option.place) if option.place else None
    told = [f"spread from one precedent to the next: half-normal prior of a log rate, scale {BETWEEN_SD}"]
    if option.mechanism == "disinterment":
        option = _graves(record, when, option, site)
        told.append("one individual a casket")
        individuals = np.full(DRAWS, float(option.amount))
    else:
        rate = individuals_a_unit(past, rng)
        if option.mechanism == "joint_recovery":
            rate = _by_density(record, when, rate, site, told, rng)
            told += ["one operation of the record is one team-month", "one set of remains is one individual"]
        elif site is not None:
            told.append("boxes of this area hold as many people as those of any other: no yield by area is on record")
        individuals = rng.poisson(option.amount * rate).astype(float)
    coverage = _coverage(record, when, told)
    uniform = rng.random(DRAWS)
    curve = power or shipped_power()
    named_by_power = curve.draws(coverage, uniform)
    least, not_others = _named_at_least(record, when, past, curve.at(coverage), coverage)
    told += [
        f"own men are names divided by a share between {least:.0%} (the power of three bones typed once, or more where "
        f"more were named) and the share with a reference ({coverage:.0%})",
    ]
    share = names_an_individual(past, years, rng)
    if share is None:
        share = rng.random(DRAWS) * named_by_power
        told.append("names an individual: none on record; any share of own men as likely, named by the power alone")
    eventual = rng.binomial(individuals.astype(np.int64), share).astype(np.float64)
    found = rng.uniform(least, max(least, coverage), DRAWS)
    own = np.maximum(np.minimum(individuals, eventual / found), eventual)
    if site is not None and site.high is not None and option.mechanism != "disinterment":
        own = np.minimum(own, site.high)
        eventual = np.minimum(eventual, own)
        told.append(f"no more own men come from {site.name} than are missing there ({site.high:,.0f}, published)")
    others = individuals - own
    if option.mechanism == "disinterment":
        others = others * rng.random(DRAWS)
        told.append("of those in the graves who are no own men any share is another nation's: none is on record")
    else:
        told.append("whoever is not of the roster is another nation's")
    missing_here = _roster(record, when, site, told)
    pace, how = laboratory_pace(record, when, rng)
    told.append(how)
    work = _work(record, when, option, rng)
    done = np.minimum(years / np.maximum(work, 1e-9), 1.0) if work is not None else 1.0
    names = np.minimum(np.round(eventual * done), rng.poisson(pace * years))
    wider = min(coverage + references / missing_here, 1.0)
    more = np.minimum(eventual * np.maximum(curve.draws(wider, uniform) / named_by_power - 1.0, 0.0), own - eventual)
    cost = paid_before(record, when, option, rng, told)
    if unit_usd is not None:
        cost = np.full(DRAWS, option.amount * unit_usd)
        told.append(f"{unit_usd:,.0f} USD a unit, as given and not on record")
    half = eventual / 2 / pace + (work / 2 if work is not None else 0.0)
    return Appraisal(
        option,
        years,
        Estimate.of(individuals),
        Estimate.of(own),
        Estimate.of(names),
        Estimate.of(np.round(others)),
        Estimate.of(cost) if cost is not None else None,
        Estimate.of(cost / np.maximum(names, 1.0)) if cost is not None else None,
        NOT_ON_RECORD[option.mechanism],
        assumed_cost(record, when, option.mechanism) if cost is None else None,
        Estimate.of(work) if work is not None else None,
        Estimate.of(half),
        references,
        Estimate.of(more),
        float(more.mean()) / references if references else 0.0,
        coverage,
        Estimate.of(named_by_power),
        None if site is None or site.low is None or site.high is None else (int(site.low), int(site.high)),
        site.density.men if site is not None and site.density is not None else None,
        (
            *(Basis(p.row_id, "individuals a unit", p.individuals_high, p.units) for p in past if p.units),
            *(Basis(p.row_id, "names an individual", p.names, p.individuals_high) for p in past if p.names is not None),
            *not_others,
        ),
        tuple(told),
    )


def _graves(record: Record, when: Asked, option: Option, site: Site | None) -> Option:
    """The option with a number of graves that the cemetery still holds, as far as the record tells.

    Raises:
        InvalidInput: more than are left, or all of an unknown number.
    """
    held: list[float] = []
    for one in handovers(record, when):
        if site is not None and one.place == site.name and one.mechanism.startswith("burial") and one.containers:
            opened = [series_points(record, when, name)[-1:] for name in names_of(record, OPENED, one.series)]
            held.append(one.containers - sum(value for points in opened for _, value in points))
    if not option.amount and not held:
        raise InvalidInput("the record does not say how many graves are left", found=option.place, valid="a number")
    if held and option.amount > held[0]:
        raise InvalidInput("more graves than are left", found=option.amount, valid=f"at most {held[0]:.0f}")
    return option if option.amount else replace(option, amount=int(held[0]))


def _by_density(
    record: Record, when: Asked, rate: Floats, site: Site | None, told: list[str], rng: np.random.Generator
) -> Floats:
    """A place with more men than those worked before yields more; how much more the record cannot tell.

    Battlefields compare by the casualty file; camps and cemeteries, where losses do not say who lies there, by the
    published estimates.
    """
    worked = _worked(record, when)
    densities = [one.density.men for one in worked if one.density is not None]
    estimates = [(one.low + one.high) / 2 for one in worked if one.low is not None and one.high is not None]
    if site is not None and site.density is not None and densities:
        here, there, what = site.density.men, float(np.mean(densities)), "men not recovered within 10 km"
    elif site is not None and site.low is not None and site.high is not None and estimates:
        here, there, what = (site.low + site.high) / 2, float(np.mean(estimates)), "published number of the missing"
    else:
        told.append("the place is like those worked before: no count of the missing there is on record")
        return rate
    told.append(
        f"sets a team-month rise with the {what} ({here:,.0f} at {site.name}, {there:,.0f} where teams worked) to a "
        "power drawn between 0 and 1"
    )
    scaled: Floats = rate * (max(here, 0.1) / there) ** rng.uniform(0.0, 1.0, DRAWS)
    return scaled


def _worked(record: Record, when: Asked) -> list[Site]:
    """Battlefields of the other side's that had been open to teams by the day."""
    opened = {
        row["site_id"]
        for row in rows(record, "access")
        if row["status"] == "open" and (on := day(row["from_date"])) is not None and on <= when.as_of
    }
    return [
        find_site(record, row["site_id"])
        for row in rows(record, "sites")
        if row["site_id"] in opened and row["controlled_by"] == "DPRK" and row["kind"] == "battlefield"
    ]


def _named_at_least(
    record: Record, when: Asked, past: list[PastYield], power: float, coverage: float
) -> tuple[float, tuple[Basis, ...]]:
    """Least share of own men that are named in the end, and the rows that it comes from.

    Own men of past handovers were no more than all individuals less the known dead of other nations.
    """
    others = {h.transfer_id: float(h.identified_other or 0) for h in handovers(record, when)}
    basis = tuple(
        Basis(p.row_id, "names of those who can be own", p.names, p.individuals_high - others.get(p.row_id, 0.0))
        for p in past
        if p.names is not None
    )
    if not basis:
        return power, ()
    named = sum(b.numerator for b in basis) / sum(b.denominator for b in basis)
    return min(max(power, named), coverage), basis


def _roster(record: Record, when: Asked, site: Site | None, told: list[str]) -> float:
    """Men among whom further references fall: those of the place where they are counted, else all of the north."""
    if site is not None and site.low is not None and site.high is not None:
        told.append("further references are as good as those on file and fall among the missing of the place")
        return max((site.low + site.high) / 2, 1.0)
    published = {series: value for series, value, _ in missing(record, when).published}
    told.append("further references are as good as those on file and fall among all the missing")
    return published.get("unaccounted_north_of_38", published.get("unaccounted_total", 8000.0))


def _coverage(record: Record, when: Asked, told: list[str]) -> float:
    """Share of the missing with a family reference; one half where no figure was known."""
    known = missing(record, when).references_percent
    if not known:
        told.append("share of the missing with a reference: not on record, taken as one half")
    return known[-1][1] / 100.0 if known else 0.5


def _work(record: Record, when: Asked, option: Option, rng: np.random.Generator) -> Floats | None:
    """Draws of the years of work: team-months by those of past seasons, graves by those opened a year."""
    if option.mechanism == "turnover":
        return None
    if option.mechanism == "joint_recovery":
        seasons = [
            float(row["operations_count"])
            for row in rows(record, "operations")
            if row["kind"] == "joint_recovery" and row["partner"] == "KPA" and row["operations_count"]
            and (on := day(row["to_date"] or row["from_date"], last=True)) is not None
            and on <= min(when.as_of, when.known_on)
        ]  # fmt: skip
        return option.amount / rng.choice(np.array(seasons or [1.0]), DRAWS)
    steps = [
        (more - fewer) / max((after - before).days / 365.25, 0.1)
        for name in names_of(record, OPENED)
        for (before, fewer), (after, more) in pairwise(series_points(record, when, name))
    ]
    if not steps:
        return None
    return option.amount / rng.choice(np.array(steps), DRAWS)
