"""What an option on the table is likely to yield, judged by what the record says such options yielded before.

Every rate is learnt from the handovers and operations that were known on the day asked. With a handful of them the
spread between one handover and the next is the larger doubt; it is a parameter with a prior, integrated over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.accounting.cost import costs
from cenotaph.accounting.figures import series_names
from cenotaph.accounting.missing import missing
from cenotaph.accounting.timeline import Asked, Row, asked, day, rows
from cenotaph.accounting.transfers import Handover, figures_known, handovers
from cenotaph.errors import InvalidInput, Unsupported

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

Floats = NDArray[np.float64]

BETWEEN_SD: Final = 0.6
"""Half-normal prior scale of the between-handover standard deviation of a log rate or a logit share."""

DRAWS: Final = 20_000
INTERVAL: Final = (0.1, 0.9)
MECHANISMS: Final = ("turnover", "joint_recovery", "disinterment")


@dataclass(frozen=True, slots=True)
class Option:
    """Something that could be agreed.

    Args:
        mechanism: one of `MECHANISMS`.
        amount: boxes, team-months or caskets.
        place: a site of the record by identifier or name, empty for none.
    """

    mechanism: str
    amount: int
    place: str = ""


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
        cost_usd: by past payments, None where the record has none; cost_per_name_usd.
        years_to_half: time until half of the names are made.
        per_reference: further names for each further family reference among the missing of the place.
        coverage: share of the missing with a family reference, as known on the day; missing_at_place: how many.
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
    years_to_half: Estimate
    per_reference: float
    coverage: float
    missing_at_place: tuple[int, int] | None
    basis: tuple[Basis, ...]
    assumptions: tuple[str, ...]


def parse_option(text: str) -> Option:
    """An option in plain words.

    >>> parse_option("55 boxes from Sinhung-ni")
    Option(mechanism='turnover', amount=55, place='Sinhung-ni')
    >>> parse_option("6 team-months at SIT-02").mechanism
    'joint_recovery'
    >>> parse_option("disinterment of 100 caskets at Punchbowl").amount
    100

    Raises:
        InvalidInput: not in one of the three forms.
    """
    text = text.strip()
    patterns = (
        ("turnover", r"(?P<n>\d+) (?:boxes|cases|containers)(?: from (?P<place>.+))?"),
        ("joint_recovery", r"(?P<n>\d+) (?:team-months|operations)(?: of joint recovery)?(?: at (?P<place>.+))?"),
        ("disinterment", r"disinterment of (?P<n>\d+) (?:caskets|graves)(?: at (?P<place>.+))?"),
    )
    for mechanism, pattern in patterns:
        match = re.fullmatch(pattern, text, re.IGNORECASE)
        if match and int(match["n"]) > 0:
            return Option(mechanism, int(match["n"]), match["place"] or "")
    raise InvalidInput(
        "not an option that can be appraised",
        found=text,
        valid="'55 boxes from SITE', '6 team-months at SITE' or 'disinterment of 100 caskets at SITE'",
    )


def appraise(record: Record, option: Option, when: Asked, *, years: float = 6.0, seed: int = 1) -> Appraisal:
    """Expected yield of *option*, by past yield of the same mechanism as known on the day asked.

    Individuals ~ Poisson(amount · λ), log λ with a between-handover spread (normal, its standard deviation under a
    half-normal prior); eventual own names ~ Binomial(individuals, q), logit q alike; names within *years* no more than
    the laboratory made of one series in recent years; others a share of the rest.

    Args:
        years: horizon for names after the option is carried out.
        seed: of the draws; the same seed gives the same numbers.

    Raises:
        InvalidInput: the record has no such site. Unsupported: the record holds no past yield of the mechanism.
    """
    rng = np.random.default_rng(seed)
    past = _past(record, when, option.mechanism)
    if not past:
        raise Unsupported(f"no past yield of {option.mechanism} was known on {when.known_on}")
    site = _site(record, option.place) if option.place else None
    yields = [(one.individuals_low, one.individuals_high, one.units) for one in past]
    rate = _predicted_rate(yields, rng)
    assumptions = [f"between-handover spread of a rate: half-normal prior, scale {BETWEEN_SD}"]
    if option.mechanism == "disinterment":
        assumptions.append("one individual a casket")
    if option.mechanism == "joint_recovery":
        rate, told = _denser(record, rate, site, rng)
        assumptions.append(told)
    fixed = option.mechanism == "disinterment"
    individuals = np.full(DRAWS, float(option.amount)) if fixed else rng.poisson(option.amount * rate).astype(float)
    share, share_basis = _predicted_share([(one.names, one.individuals_high, one.individuals_low) for one in past], rng)
    eventual = rng.binomial(individuals.astype(np.int64), share).astype(np.float64)
    paces = _paces(record, when)
    pace = np.exp(_predictive(np.log(paces), np.full(len(paces), 0.1), rng))
    names = np.minimum(eventual, rng.poisson(pace * years))
    others_share, others_basis = _others_share(record, when, option.mechanism, rng)
    others = np.floor((individuals - eventual) * others_share)
    coverage = _coverage(record, when)
    at_place = _missing_at(site)
    own = np.minimum(individuals, eventual / max(coverage, 0.05))
    roster = float(np.mean(at_place)) if at_place else _roster(record, when)
    cost = _cost(record, when, option, rng)
    assumptions += [
        f"own men among the remains: names divided by the share of families with a reference ({coverage:.0%})",
        "further references are as good as those on file and fall among the missing of the place",
        share_basis,
    ]
    return Appraisal(
        option,
        years,
        Estimate.of(individuals),
        Estimate.of(own),
        Estimate.of(names),
        Estimate.of(others),
        Estimate.of(cost) if cost is not None else None,
        Estimate.of(cost / np.maximum(names, 1.0)) if cost is not None else None,
        Estimate.of(eventual / 2 / pace),
        float(np.minimum(own / roster, 1.0).mean()) if roster else 0.0,
        coverage,
        at_place,
        (
            *(Basis(p.row_id, "individuals a unit", p.individuals_high, p.units) for p in past),
            *(Basis(p.row_id, "names an individual", p.names, p.individuals_high) for p in past if p.names is not None),
            *others_basis,
        ),
        tuple(assumptions),
    )


@dataclass(frozen=True, slots=True)
class PastYield:
    """What one handover or season gave, as known on a day."""

    row_id: str
    units: float
    individuals_low: float
    individuals_high: float
    names: float | None


def _past(record: Record, when: Asked, mechanism: str) -> list[PastYield]:
    """Past yields of a mechanism: whole series where there are any, never a part beside its whole."""
    ledger = handovers(record, when)
    if mechanism == "turnover":
        found = [h for h in ledger if h.mechanism.startswith("unilateral") and _is_whole(h) and h.assessed_low]
        return [
            PastYield(h.transfer_id, float(h.containers or 0), float(h.assessed_low or 0), _high(h), h.identified_own)
            for h in found
            if h.containers
        ]
    if mechanism == "disinterment":
        return [
            PastYield(h.transfer_id, float(h.containers), float(h.containers), float(h.containers), h.identified_own)
            for h in ledger
            if h.mechanism.startswith("disinterment") and h.containers and h.identified_own is not None
        ] or _disinterments_by_figures(record, when)
    whole = [h for h in ledger if h.mechanism.startswith("joint recovery") and _is_whole(h)]
    named = whole[-1].identified_own if whole else None
    seasons = []
    for row in rows(record, "operations"):
        on = day(row["to_date"] or row["from_date"], last=True)
        known = on is not None and on <= min(when.as_of, when.known_on)
        if row["kind"] == "joint_recovery" and known and row["partner"] == "KPA" and row["remains_recovered"]:
            sets, count = float(row["remains_recovered"]), float(row["operations_count"] or 1)
            seasons.append(PastYield(row["operation_id"], count, sets, sets, None))
    total = sum(season.individuals_high for season in seasons)
    if named is not None and total:
        full = float(whole[-1].containers or total)
        return [*seasons, PastYield(whole[-1].transfer_id, 0.0, full, full, float(named))]
    return seasons


def _is_whole(handover: Handover) -> bool:
    return not handover.part_of and not handover.alternative_to


def _high(handover: Handover) -> float:
    """The laboratory's upper number; for the first series its papers say up to 600 where fact sheets say 400."""
    return float(handover.assessed_high or handover.assessed_low or 0)


def _disinterments_by_figures(record: Record, when: Asked) -> list[PastYield]:
    caskets = _series(record, when, "disinterred_Punchbowl")
    named = dict(_series(record, when, "identified_Punchbowl"))
    both = [(on, value, named[on]) for on, value in caskets if on in named]
    return [PastYield(f"figures {on.isoformat()}", value, value, value, names) for on, value, names in both[-1:]]


def _series(record: Record, when: Asked, name: str) -> list[tuple[date, float]]:
    return [(point.on, point.value) for point in figures_known(record, when, [name]).get(name, ())]


def _predictive(values: Floats, errors: Floats, rng: np.random.Generator) -> Floats:
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


def _predicted_rate(yields: Sequence[tuple[float, float, float]], rng: np.random.Generator) -> Floats:
    """Individuals a unit at the next handover; a range of the laboratory counts as ± 1.28 standard deviations."""
    used = [(low, high, units) for low, high, units in yields if units > 0]
    centre = np.array([np.log(max(low * high, 0.25) ** 0.5 / units) for low, high, units in used])
    errors = np.array(
        [np.hypot(max(low, 1.0) ** -0.5, np.log(max(high, 1) / max(low, 1)) / 2.56) for low, high, _ in used]
    )
    rate: Floats = np.exp(np.minimum(_predictive(centre, errors, rng), np.log(200.0)))
    return rate


def _predicted_share(
    shares: Sequence[tuple[float | None, float, float]], rng: np.random.Generator
) -> tuple[Floats, str]:
    """Eventual own names an individual at the next handover, on the logit scale."""
    used = [(names, (high * low) ** 0.5) for names, high, low in shares if names is not None]
    if not used:
        return rng.beta(1.0, 1.0, DRAWS), "names an individual: nothing on record, every share equally likely"
    p = np.array([(names + 0.5) / (count + 1.0) for names, count in used])
    errors = np.array([(1.0 / ((count + 1.0) * q * (1.0 - q))) ** 0.5 for (_, count), q in zip(used, p, strict=True)])
    logits = _predictive(np.log(p / (1.0 - p)), errors, rng)
    return 1.0 / (1.0 + np.exp(-logits)), "names an individual: those of past handovers, however old"


def _denser(record: Record, rate: Floats, site: Site | None, rng: np.random.Generator) -> tuple[Floats, str]:
    """A site with more missing than those worked before yields more; how much more the record cannot tell."""
    worked = _worked(record)
    if site is None or site.high is None or not worked:
        return rate, "the place is like those worked before"
    ratio = ((site.low or site.high) + site.high) / 2 / worked
    told = f"yield rises with the missing at the place ({ratio:.2f} of those worked before) to a power between 0 and 1"
    return rate * ratio ** rng.uniform(0.0, 1.0, DRAWS), told


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the record with its estimate of the missing."""

    site_id: str
    name: str
    low: float | None
    high: float | None


def _site(record: Record, place: str) -> Site:
    every = rows(record, "sites")
    by_id = {row["site_id"]: row for row in every}
    wanted = place.lower()
    for row in every:
        if wanted in (row["site_id"].lower(), row["name"].lower()) or wanted in row.get("other_names", "").lower():
            return _with_estimate(row, by_id)
    for row in every:
        if wanted in row["name"].lower():
            return _with_estimate(row, by_id)
    raise InvalidInput("the record has no such site", found=place, valid="an identifier or a name of sites.csv")


def _with_estimate(row: Row, by_id: Mapping[str, Row]) -> Site:
    """The site, with the estimate of the larger one it lies in where it has none of its own."""
    here: Row = row
    while not (here["estimated_missing_low"] or here["estimated_missing_high"]) and here.get("part_of"):
        here = {**by_id[here["part_of"]], "site_id": here["site_id"], "name": here["name"]}
    low, high = here["estimated_missing_low"], here["estimated_missing_high"]
    low, high = low or high, high or low
    return Site(here["site_id"], here["name"], float(low) if low else None, float(high) if high else None)


def _worked(record: Record) -> float:
    """Mean estimate of the missing at the larger sites that joint recovery worked at."""
    open_sites = {row["site_id"] for row in rows(record, "access") if row["status"] == "open"}
    counts = [
        (float(row["estimated_missing_low"]) + float(row["estimated_missing_high"])) / 2
        for row in rows(record, "sites")
        if row["site_id"] in open_sites
        and not row.get("part_of")
        and row["estimated_missing_low"]
        and row["estimated_missing_high"]
        and row["controlled_by"] == "DPRK"
    ]
    return float(np.mean(counts)) if counts else 0.0


def _missing_at(site: Site | None) -> tuple[int, int] | None:
    return None if site is None or site.low is None or site.high is None else (int(site.low), int(site.high))


def _paces(record: Record, when: Asked) -> Floats:
    """Names a year of one series: rises between counts at least half a year apart in the last seven years."""
    found = []
    names = {name for name in series_names(record) if name.startswith("identified_")} - {"identified_share_Punchbowl"}
    for name in sorted(names - {"identified_since_1982"}):
        points = _series(record, when, name)
        for (on, value), (then, more) in pairwise(points):
            years = (then - on).days / 365.25
            if years >= 0.5 and more > value and (when.as_of - then).days <= 7 * 365.25:
                found.append((more - value) / years)
    return np.array(found or [10.0])


def _others_share(
    record: Record, when: Asked, mechanism: str, rng: np.random.Generator
) -> tuple[Floats, tuple[Basis, ...]]:
    """Share of other nations' dead among those not named as own: Beta, the record worth at most ten individuals.

    Where nothing is on record of the mechanism every share is as likely.
    """
    seen = [h for h in handovers(record, when) if h.identified_other and h.assessed_low and _is_whole(h)]
    if not seen or mechanism != "turnover":
        return rng.beta(1.0, 1.0, DRAWS), ()
    others = sum(h.identified_other or 0 for h in seen)
    rest = sum((h.assessed_low or 0) - (h.identified_own or 0) for h in seen)
    share = min(others / max(rest, 1), 1.0)
    basis = tuple(
        Basis(
            h.transfer_id,
            "others of the rest",
            h.identified_other or 0,
            (h.assessed_low or 0) - (h.identified_own or 0),
        )
        for h in seen
    )
    return rng.beta(1.0 + 10.0 * share, 1.0 + 10.0 * (1.0 - share), DRAWS), basis


def _coverage(record: Record, when: Asked) -> float:
    known = missing(record, when).references_percent
    return known[-1][1] / 100.0 if known else 0.5


def _roster(record: Record, when: Asked) -> float:
    published = {series: value for series, value, _ in missing(record, when).published}
    return published.get("unaccounted_north_of_38", published.get("unaccounted_total", 0.0))


def _cost(record: Record, when: Asked, option: Option, rng: np.random.Generator) -> Floats | None:
    """Dollars by what was paid for a set, or an operation, before; each payment is as likely to be the model."""
    word = {"turnover": "unilateral", "joint_recovery": "joint", "disinterment": "disinterment"}[option.mechanism]
    joint = option.mechanism == "joint_recovery"
    counted = [c for c in costs(record, when) if c.counted and c.mechanism.startswith(word)]
    paid = [each for c in counted if (each := c.per_operation if joint else c.per_set) is not None]
    if not paid:
        return None
    chosen = rng.integers(len(paid), size=DRAWS)
    low, high = np.array(paid).T
    dollars: Floats = option.amount * rng.uniform(low[chosen], high[chosen])
    return dollars


@dataclass(frozen=True, slots=True)
class Score:
    """A forecast beside what came."""

    what: str
    forecast: Estimate
    actual: float
    actual_on: date

    @property
    def error(self) -> float:
        """Forecast less actual."""
        return self.forecast.mean - self.actual

    @property
    def within(self) -> bool:
        """Whether the 80 % interval holds the actual number."""
        return self.forecast.low <= self.actual <= self.forecast.high


@dataclass(frozen=True, slots=True)
class BackTest:
    """A forecast made on a past day, scored against what is known now."""

    transfer_id: str
    standing_on: Asked
    appraisal: Appraisal
    scores: tuple[Score, ...]


def back_test(
    record: Record,
    transfer_id: str = "TRF-31",
    standing_on: str = "2018-09-07",
    known: str = "2025-12-31",
    seed: int = 1,
) -> BackTest:
    """Forecasts a handover's yield with what was known on a day, and scores it by what is known later.

    The handover itself gives the forecast nothing but its number of boxes.
    """
    then, now = asked(standing_on), asked(known)
    actual = {one.transfer_id: one for one in handovers(record, now)}[transfer_id]
    if actual.containers is None or actual.identified_on is None:
        raise Unsupported(f"{transfer_id} has no number of containers or no identifications to score by")
    years = (actual.identified_on - then.as_of).days / 365.25
    forecast = appraise(record, Option("turnover", actual.containers), then, years=years, seed=seed)
    pairs = (
        ("individuals", forecast.individuals, actual.assessed_low),
        ("own names", forecast.names, actual.identified_own),
        ("other nations' dead", forecast.others, actual.identified_other),
    )
    scores = tuple(Score(what, f, float(a), actual.identified_on) for what, f, a in pairs if a is not None)
    return BackTest(transfer_id, then, forecast, scores)
