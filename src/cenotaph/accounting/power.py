"""What the evidence can tell: the share of own men that are named, by the share of the missing with a reference.

Families and their donors, genomes and laboratory typings are those of `cenotaph.simulation`; the answers are those of
`cenotaph.identification`. A run takes minutes, so its counts ship as a table; `simulate_power` makes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import shipped_rows
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from cenotaph.dossier.read import Dossier
    from cenotaph.simulation.genealogy import Genealogy
    from cenotaph.simulation.laboratory import Sample, Typings

Floats = NDArray[np.float64]

COVERAGES: Final = (0.0, 0.15, 0.30, 0.45, 0.60, 0.75, 0.90)
BONES: Final = (("femur", "L"), ("tibia", "L"), ("humerus", "L"))
"""Bones of every individual, each typed once for autosomal STR, Y-STR and mitochondrial DNA."""


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """A simulation of the power of the evidence.

    Args:
        own: individuals of the roster among the remains; strangers: others of the same origin as the roster.
        missing: men on the roster.
        coverages: shares of the missing with a family reference, none above 0.90.
        seeds: one handover for each.

    Raises:
        InvalidInput: more individuals than missing, or a coverage beyond what the simulated families have.
    """

    own: int = 120
    strangers: int = 80
    missing: int = 1500
    coverages: tuple[float, ...] = COVERAGES
    seeds: tuple[int, ...] = (1, 2, 3)

    def __post_init__(self) -> None:
        if not 0 < self.own <= self.missing:
            raise InvalidInput("individuals of the roster", found=self.own, valid=f"1 to {self.missing}")
        if not all(0.0 <= share <= COVERAGES[-1] for share in self.coverages):
            raise InvalidInput("coverage", found=self.coverages, valid=f"0 to {COVERAGES[-1]}")


@dataclass(frozen=True, slots=True)
class PowerCount:
    """Counts of one simulated handover at one coverage.

    Args:
        coverage: share of the missing with a reference; own: individuals of the roster.
        named: own men named rightly; wrong: names that were wrong.
    """

    seed: int
    coverage: float
    own: int
    named: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Power:
    """Share of own men named, by coverage.

    Args:
        coverage: shape (k,), rising; named, own: shape (k,), sums over handovers.

    >>> curve = Power(np.array([0.0, 0.5]), np.array([0.0, 30.0]), np.array([100.0, 100.0]))
    >>> round(curve.at(0.25), 3), round(curve.at(0.5), 3)
    (0.153, 0.302)
    """

    coverage: Floats
    named: Floats
    own: Floats

    def at(self, coverage: float) -> float:
        """Power at a coverage: Beta means (named + 1/2) / (own + 1), interpolated; beyond the last level in line."""
        return float(_between(self.coverage, (self.named + 0.5) / (self.own + 1.0), coverage))

    def draws(self, coverage: float, uniform: Floats) -> Floats:
        """Draws of the power at a coverage, with the noise of the simulation.

        Args:
            uniform: uniform draws; the same ones at two coverages give draws that differ by coverage, not by noise.
        """
        from scipy.special import betaincinv

        levels = betaincinv(self.named[:, None] + 0.5, self.own[:, None] - self.named[:, None] + 0.5, uniform[None, :])
        found: Floats = np.clip(_between(self.coverage, levels, coverage), 1e-6, 1.0)
        return found


def _between(at: Floats, values: Floats, wanted: float) -> Floats:
    """Values interpolated along the first axis, in line with the last two levels beyond the last."""
    high = int(np.clip(np.searchsorted(at, wanted), 1, len(at) - 1))
    weight = (wanted - at[high - 1]) / (at[high] - at[high - 1])
    found: Floats = np.asarray(values[high - 1] + weight * (values[high] - values[high - 1]))
    return found


@cache
def shipped_power() -> Power:
    """The curve of the shipped table.

    >>> curve = shipped_power()
    >>> curve.at(0.3) < curve.at(0.6) < curve.at(0.9) < 1.0
    True
    """
    return power_of(
        PowerCount(int(row["seed"]), float(row["coverage"]), int(row["own"]), int(row["named"]), int(row["wrong"]))
        for row in shipped_rows("appraisal", "power.csv")
    )


def power_of(counts: Iterator[PowerCount] | Sequence[PowerCount]) -> Power:
    """The curve of counts: handovers of one coverage added."""
    summed: dict[float, tuple[int, int]] = {}
    for one in counts:
        named, own = summed.get(one.coverage, (0, 0))
        summed[one.coverage] = (named + one.named, own + one.own)
    levels = sorted(summed)
    return Power(
        np.array(levels, dtype=float),
        np.array([summed[level][0] for level in levels], dtype=float),
        np.array([summed[level][1] for level in levels], dtype=float),
    )


def simulate_power(plan: PowerPlan, told: Callable[[int, int], None] | None = None) -> Iterator[PowerCount]:
    """Simulates handovers and names them at each coverage; the same plan gives the same counts.

    Of one handover only the references change: a family that has one at a coverage has it at every higher one. Each
    individual is three bones, each typed once; bones of one individual are found by the identification itself.

    Args:
        told: called with how many identifications are done, and of how many.
    """
    from cenotaph.identification.identify import identify
    from cenotaph.identification.result import result_tables
    from cenotaph.identification.settings import Settings
    from cenotaph.provenance import Run

    done, total = 0, len(plan.seeds) * len(plan.coverages)
    for seed in plan.seeds:
        case = _drawn(plan, seed)
        for coverage in plan.coverages:
            found = identify(case.dossier(coverage), Settings(seed=seed), Run("identify", seed, {}))
            tables = result_tables(found)
            bones = dict(tables["assignments"].select("individual_id", "specimen_id").sort("specimen_id").iter_rows())
            answers = tables["individuals"].filter(verdict="identification").select("individual_id", "missing_id")
            given = [(case.owner[bones[individual]], man) for individual, man in answers.iter_rows()]
            right = {man for true, man in given if true == man}
            done += 1
            if told is not None:
                told(done, total)
            yield PowerCount(seed, coverage, plan.own, len(right), sum(true != man for true, man in given))


@dataclass(frozen=True, slots=True)
class _Case:
    """One handover with every reference that its families can give.

    Args:
        owner: specimen → the man it is of, empty for a stranger.
        tables: columns → rows of each table of the dossier.
        family_of: sample of a donor → family; order: families with a donor, in the order in which they give one.
        men_of: family → missing men in it; missing: men on the roster.
    """

    owner: dict[str, str]
    tables: dict[str, pl.DataFrame]
    family_of: dict[str, str]
    order: tuple[str, ...]
    men_of: dict[str, int]
    missing: int

    def dossier(self, coverage: float) -> Dossier:
        """The dossier with references of as many families as cover the share of the missing."""
        import polars as pl

        from cenotaph.dossier.read import Dossier

        kept, covered = set[str](), 0
        for family in self.order:
            if covered >= coverage * self.missing:
                break
            kept.add(family)
            covered += self.men_of[family]
        dropped = [sample for sample, family in self.family_of.items() if family not in kept]
        sampled = ("samples", "str_profiles", "ystr_profiles", "mtdna_profiles")
        thinned = {name: self.tables[name].filter(~pl.col("sample_id").is_in(dropped)) for name in sampled}
        return Dossier.from_texts({**self.tables, **thinned}, descriptor={"name": "power", "synthetic": True})


def _drawn(plan: PowerPlan, seed: int) -> _Case:
    """Draws families, genomes and typings. Strangers are men of the same population whom the roster does not hold."""
    from cenotaph.simulation.difficulty import Difficulty
    from cenotaph.simulation.genealogy import People, make_genealogy
    from cenotaph.simulation.genomes import drop_genes
    from cenotaph.simulation.laboratory import Sample, take_samples, type_samples
    from cenotaph.simulation.plan import HandoverPlan
    from cenotaph.simulation.roster import make_roster

    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(6)]
    everyone = plan.missing + plan.strangers
    hard = Difficulty()
    roster = make_roster(HandoverPlan(everyone // 2, 8, everyone, seed), streams[0])
    ids = [f"M{k:05d}" for k in range(everyone)]
    genealogy = make_genealogy(roster, ids, hard, streams[1])
    people = People(
        np.array(genealogy.true_father),
        np.array(genealogy.true_mother),
        np.array(genealogy.male),
        np.array(genealogy.affinity),
    )
    genomes = drop_genes(people, hard.drift, streams[2])
    person_of = {man: person for person, man in enumerate(genealogy.missing) if man >= 0}
    found = [*streams[3].choice(plan.missing, plan.own, replace=False), *range(plan.missing, everyone)]
    bones = [
        Sample("specimen", k, person_of[int(found[k // len(BONES)])], "bone", (True, True, True))
        for k in range(len(found) * len(BONES))
    ]
    donors = [one for one in take_samples([], np.array([]), genealogy, people.male, hard, streams[4]) if any(one.typed)]
    samples = bones + donors
    typings = type_samples(samples, genomes, people.origin, people.male, hard, streams[5])
    families = {genealogy.families[k] for k, man in enumerate(genealogy.missing) if 0 <= man < plan.missing}
    men_of = dict.fromkeys(families, 0)
    for k, man in enumerate(genealogy.missing):
        if 0 <= man < plan.missing:
            men_of[genealogy.families[k]] += 1
    names = _sample_ids(len(samples))
    family_of = {
        names[k]: genealogy.families[one.origin_id] for k, one in enumerate(samples) if one.origin == "relative"
    }
    giving = sorted({family for family in family_of.values() if family in families})
    owner = {f"S{k:05d}": ids[found[k // 3]] if found[k // 3] < plan.missing else "" for k in range(len(bones))}
    return _Case(
        owner,
        _tables(plan, roster.recorded_affinity, genealogy, ids, samples, typings),
        family_of,
        tuple(giving[k] for k in streams[4].permutation(len(giving))),
        men_of,
        plan.missing,
    )


def _sample_ids(count: int) -> list[str]:
    return [f"P{k:06d}" for k in range(count)]


def _tables(
    plan: PowerPlan,
    populations: Sequence[str],
    genealogy: Genealogy,
    ids: list[str],
    samples: list[Sample],
    typings: Typings,
) -> dict[str, pl.DataFrame]:
    """The dossier's tables: roster, pedigrees, three bones of each individual, and what was typed."""
    names, sample_ids = genealogy.names, _sample_ids(len(samples))
    listed = {genealogy.families[k] for k, man in enumerate(genealogy.missing) if 0 <= man < plan.missing}
    bones = sum(one.origin == "specimen" for one in samples)
    origins = [f"S{one.origin_id:05d}" if one.origin == "specimen" else names[one.origin_id] for one in samples]
    kept = [one.origin == "specimen" or genealogy.families[one.origin_id] in listed for one in samples]
    return {
        "missing": _frame("missing_id sex population", [(ids[k], "M", populations[k]) for k in range(plan.missing)]),
        "relatives": _frame(
            "family_id person_id father_id mother_id sex missing_id",
            [
                (
                    genealogy.families[k],
                    name,
                    names[genealogy.father[k]] if genealogy.father[k] >= 0 else None,
                    names[genealogy.mother[k]] if genealogy.mother[k] >= 0 else None,
                    "M" if genealogy.male[k] else "F",
                    ids[genealogy.missing[k]] if 0 <= genealogy.missing[k] < plan.missing else None,
                )
                for k, name in enumerate(names)
                if name and genealogy.families[k] in listed
            ],
        ),
        "specimens": _frame("specimen_id element side", [(f"S{k:05d}", *BONES[k % len(BONES)]) for k in range(bones)]),
        "samples": _frame(
            "sample_id origin origin_id material",
            [(sample_ids[k], one.origin, origins[k], one.material) for k, one in enumerate(samples) if kept[k]],
        ),
        "str_profiles": _frame(
            "sample_id replicate marker allele_1 allele_2 more_alleles",
            [(sample_ids[k], str(replicate), *rest) for k, replicate, *rest in typings.str_rows if kept[k]],
        ),
        "ystr_profiles": _frame(
            "sample_id marker alleles", [(sample_ids[k], *rest) for k, *rest in typings.y_rows if kept[k]]
        ),
        "mtdna_profiles": _frame(
            "sample_id ranges differences", [(sample_ids[k], *rest) for k, *rest in typings.mt_rows if kept[k]]
        ),
    }


def _frame(columns: str, rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(list(rows), schema=dict.fromkeys(columns.split(), pl.String), orient="row")
