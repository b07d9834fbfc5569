"""The line ``snp``: genotype likelihoods of bones against the families of the missing, with linkage.

All samples of an individual are multiplied, SNP by SNP, before the genotypes are summed over. A family is judged by the
frequencies of the population that its own relatives fit best, and a man is compared with a random member of that
population: what people share by belonging to one population is not kinship. Origin is judged only where the dossier
states frequencies of two populations or more; otherwise every population has the same likelihood.

Two guards keep a family without an answer where frequencies do not fit: relatives whose genotypes are far from every
population, and populations in which unrelated people look related (`Inflation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case, Family, evenly
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States
from cenotaph.evidence.snp_data import SnpData, SnpSettings
from cenotaph.genetics.snp_family import (
    FamilyReducer,
    PairLogliks,
    Singles,
    SnpFamily,
    blocks_of,
    pair_logliks,
    random_logliks,
)
from cenotaph.genetics.snp_kin import DEGREES, degree_log_ratios
from cenotaph.genetics.snp_panel import fit_z
from cenotaph.units import LN10

RELATED_LOG10 = 4.0
"""Ratio beyond which a pair on record as unrelated is more likely two relatives than a fault of the frequencies."""
SETS_AT_ONCE = 512
"""Sets whose vectors are in memory together."""
PRODUCT_STEPS = 8
"""Samples that are multiplied between two rescalings: single precision holds them, however they disagree."""
MOST_LOG_RATIO = 230.0
"""A man against a random member of his population: nothing is told apart beyond 10¹⁰⁰."""
LEAST_FIT = -8.0
"""Standard deviations below what is expected of a member of the population that fits best: of another population."""
MOST_BEYOND = 0.002
"""Share of pairs on record as unrelated that may be likely relatives (donors filed under a wrong family)."""
MOST_COLUMNS, MOST_DONORS = 60, 128
"""Men and donors of each population that the check of unrelated pairs looks at."""


@dataclass(frozen=True, slots=True)
class Inflation:
    """Unrelated pairs of one population: donors in the place of the missing man of another family.

    Args:
        population: its name.
        pairs: how many.
        mean: mean likelihood ratio, likely relatives left out; at most one where model and frequencies hold.
        error: standard error of the mean.
        beyond: pairs left out as likely relatives (ratio over 10⁴).
    """

    population: str
    pairs: int
    mean: float
    error: float
    beyond: int

    @property
    def is_sound(self) -> bool:
        """Whether the frequencies of the population hold as far as its donors can tell."""
        return self.mean <= 1 + 3 * self.error and self.beyond <= max(3.0, MOST_BEYOND * self.pairs)


class SnpLine:
    """SNPs; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "snp"
    group = "autosomal"

    def __init__(self, data: SnpData, case: Case, states: States, settings: SnpSettings) -> None:
        self.data, self.case, self.states, self.settings = data, case, states, settings
        self.error = settings.error
        self.populations = len(case.populations) + len(FOREIGN)
        reducer = FamilyReducer(data.frequency, data.map)
        self.reducers = tuple(reducer.of(p.frequency) for p in data.populations)
        self.seen = data.row_of_sample >= 0
        self.alone = random_logliks(data.likelihood, data.frequency)
        self._fit_families()
        self.unsound: frozenset[int] = frozenset()
        self._reduce()
        self.inflation = self._inflation()
        self.unsound = frozenset(k for k, one in enumerate(self.inflation) if not one.is_sound)
        self._asked: object = None
        self._answer: tuple[PairLogliks, NDArray[np.bool_]]

    # --- families -------------------------------------------------------------------------------------------------

    def _typed(self, family: Family) -> dict[int, Singles]:
        """Likelihoods of the typed relatives by node; several samples of one donor are multiplied."""
        found: dict[int, Singles] = {}
        for node in family.donors:
            own = [self.data.donors[s] for s in family.samples[node] if s in self.data.donors]
            if own:
                found[node] = np.prod(own, axis=0, dtype=np.float32)
        return found

    def is_typed(self, man: int) -> bool:
        """Whether the man's family is judged at all."""
        f = int(self.case.family_of[man])
        if f < 0 or f in self.strange_families or int(self.population_of_family[f]) in self.unsound:
            return False
        return any(s in self.data.donors for own in self.case.families[f].samples for s in own)

    def expected(self, man: int) -> Singles:
        """P(genotype of a man of a judged family | relatives) at each SNP by itself, shape (SNPs, 3)."""
        f = int(self.case.family_of[man])
        family, reducer = self.case.families[f], self.reducers[int(self.population_of_family[f])]
        return reducer.expected(family.father, family.mother, int(self.case.node_of[man]), self._typed(family))

    def _fit_families(self) -> None:
        """The population whose frequencies the typed relatives of each family fit best, and who fits none."""
        frequencies = [p.frequency for p in self.data.populations]
        self.population_of_family = np.zeros(len(self.case.families), dtype=np.int64)
        self.misfits: list[tuple[str, float]] = []
        strange: set[int] = set()
        for f, family in enumerate(self.case.families):
            samples = [s for own in family.samples for s in own if s in self.data.donors]
            if not samples:
                continue
            people = np.array([self.data.donors[s] for s in samples])
            best = int(np.argmax([random_logliks(people, p).sum() for p in frequencies]))
            self.population_of_family[f] = best
            for sample in samples:
                z = fit_z(self.data.donor_calls[sample], frequencies[best])
                if z < LEAST_FIT:
                    self.misfits.append((self.case.sample_ids[sample], z))
                    strange.add(f)
        self.strange_families = frozenset(strange)

    def _reduce(self) -> None:
        """A column for each (family, man, donor left out, population on record where origin counts); men without typed
        relatives share their population's."""
        case, states = self.case, self.states
        self.column_of_state = np.zeros(len(states.man), dtype=np.int64)
        self.reference_loglik = np.zeros(len(states.man))
        place: dict[tuple[int, int, int], int] = {}
        columns: dict[tuple[int, int], int] = {}
        self.reduced: list[SnpFamily] = []
        self.family_of_reduced: list[int] = []
        # All populations without stated frequencies have one likelihood, and share a column.
        unstated = next((k for k, frequency in enumerate(self.data.origin) if frequency is None), -1)
        judged = {int(f) for f in states.family} - self.strange_families - {-1}
        typed_of = {f: self._typed(case.families[f]) for f in judged}
        for s, (man, f, wrong, own) in enumerate(
            zip(states.man, states.family, states.wrong, states.population, strict=True)
        ):
            typed = typed_of.get(int(f), {})
            lost = int(wrong) if int(wrong) in typed else -1
            left = {k: v for k, v in typed.items() if k != lost}
            population = int(self.population_of_family[f]) if f >= 0 else int(own)
            if lost >= 0:
                self.reference_loglik[s] += self._alone(np.array([typed[lost]]), population)[0]
            if not left:
                self.column_of_state[s] = own
                continue
            family, node = case.families[int(f)], int(case.node_of[man])
            key = (int(f), node, lost)
            if key not in place:
                place[key] = len(self.reduced)
                self.family_of_reduced.append(int(f))
                reducer = self.reducers[population]
                self.reduced.append(reducer.reduce(family.father, family.mother, node, left))
            reduced = self.reduced[place[key]]
            column = (place[key], int(own) if self.data.origin[own] is not None else unstated)
            self.column_of_state[s] = columns.setdefault(column, self.populations + len(columns))
            unused = [left[p] for p in left if p not in reduced.used]
            alone = self._alone(np.array(unused), population).sum() if unused else 0.0
            self.reference_loglik[s] += reduced.loglik + alone
        self.columns = tuple(columns)

    def _alone(self, vectors: Singles, population: int) -> Floats:
        """log P(people | random members of a population of the case)."""
        return random_logliks(vectors, self.data.populations[population].frequency)

    # --- scores ---------------------------------------------------------------------------------------------------

    def vectors(self, sets: Sequence[Exhibits]) -> tuple[Singles, Floats, NDArray[np.bool_]]:
        """Shape (sets, SNPs, 3): all samples of a set multiplied, scaled to a maximum of one, and the log scale.

        A sample's own factor is such that alone, of anybody, it has the likelihood one: it cancels in every comparison,
        and sums over groupings stay within reach of floating point.
        """
        result = np.ones((len(sets), len(self.data.frequency), 3), dtype=np.float32)
        scale = np.zeros(len(sets))
        informative = np.zeros(len(sets), dtype=np.bool_)
        for k, exhibits in enumerate(sets):
            rows = [int(row) for e in exhibits if (row := self.data.row_of_sample[e]) >= 0]
            informative[k] = bool(rows)
            for n, row in enumerate(rows, 1):
                result[k] *= self.data.likelihood[row]
                scale[k] -= self.alone[row]
                if n == len(rows) or n % PRODUCT_STEPS == 0:
                    top = result[k].max(axis=1)
                    result[k] /= top[:, None]
                    scale[k] += np.log(top, dtype=np.float64).sum()
        return result, scale, informative

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Log-likelihood of each set under the columns asked for and every population."""
        asked = np.arange(self.populations + len(self.columns)) if columns is None else columns
        found = np.zeros((len(sets), len(asked)))
        populations = np.zeros((len(sets), self.populations))
        informative = np.zeros(len(sets), dtype=np.bool_)
        for first in range(0, len(sets), SETS_AT_ONCE):
            part = slice(first, first + SETS_AT_ONCE)
            vectors, scale, judged = self.vectors(sets[part])
            rows = np.flatnonzero(judged)
            informative[part] = judged
            if len(rows):
                populations[first + rows] = self._origin_logliks(vectors[rows], scale[rows])
                found[first + rows] = self._column_logliks(vectors[rows], populations[first + rows], asked)
        return LineScores(found, populations, informative)

    def _origin_logliks(self, vectors: Singles, scale: Floats) -> Floats:
        """log P(set | random member of each population), shape (sets, populations).

        The population on record says nothing of ancestry with probability `SnpSettings.label_error`. A population whose
        frequencies are not stated is as likely as the stated ones on average; where nothing is stated all are alike.
        """
        stated = {k: random_logliks(vectors, f) + scale for k, f in enumerate(self.data.origin) if f is not None}
        if not stated:
            return np.repeat((random_logliks(vectors, self.data.frequency) + scale)[:, None], self.populations, axis=1)
        anybody = np.logaddexp.reduce(list(stated.values()), axis=0) - np.log(len(stated))
        error = self.settings.label_error
        result = np.repeat(anybody[:, None], self.populations, axis=1)
        for k, own in stated.items():
            result[:, k] = np.logaddexp(np.log1p(-error) + own, np.log(error) + anybody)
        return result

    def _column_logliks(self, vectors: Singles, populations: Floats, asked: Ints) -> Floats:
        """log P(set | column): his population's, and what the relatives add against a random member of theirs."""
        found = np.empty((len(vectors), len(asked)))
        blocks = blocks_of(vectors)
        alone = [self._alone(vectors, k) for k in range(len(self.case.populations))]
        ratios: dict[int, Floats] = {}
        for k, column in enumerate(asked):
            if column < self.populations:
                found[:, k] = populations[:, column]
                continue
            place, own = self.columns[column - self.populations]
            if place not in ratios:
                ratios[place] = self._ratio(place, blocks, alone)
            found[:, k] = populations[:, own] + ratios[place]
        return found

    def _ratio(self, place: int, blocks: Singles, alone: Sequence[Floats]) -> Floats:
        """log P(set | relatives) − log P(set | random member of the family's population), within bounds."""
        population = int(self.population_of_family[self.family_of_reduced[place]])
        if population in self.unsound:
            return np.zeros(len(alone[population]))
        return np.clip(self._unbounded(place, blocks, alone[population]), -MOST_LOG_RATIO, MOST_LOG_RATIO)

    def _unbounded(self, place: int, blocks: Singles, alone: Floats) -> Floats:
        population = int(self.population_of_family[self.family_of_reduced[place]])
        return self.reducers[population].bone_logliks(self.reduced[place], blocks, len(alone)) - alone

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """log p(both | these two men of one family) − log p(first | first man) − log p(second | second man)."""
        vectors, _, judged = self.vectors([first, second])
        f = int(self.case.family_of[first_man])
        family, population = self.case.families[f], int(self.population_of_family[f])
        if not judged.all() or f in self.strange_families or population in self.unsound:
            return 0.0
        one, other = int(self.case.node_of[first_man]), int(self.case.node_of[second_man])
        block, reducer, typed = blocks_of(vectors[:1]), self.reducers[population], self._typed(family)
        # The same relatives with and without the other man, whoever of the two comes first: what they tell of the first
        # man by themselves is not gained, and must not be lost.
        near = reducer.nearest(family.father, family.mother, typed.keys() - {one, other}, sorted((one, other)))
        left = {p: typed[p] for p in {*near, one, other} & typed.keys()}

        def of_first(relatives: dict[int, Singles]) -> float:
            if not relatives:
                return float(self._alone(vectors[:1], population)[0])
            reduced = reducer.reduce(family.father, family.mother, one, relatives)
            return float(reducer.bone_logliks(reduced, block, 1)[0])

        return of_first({**left, other: left.get(other, np.float32(1.0)) * vectors[1]}) - of_first(left)

    def kin_log_ratios(self, exhibits: Exhibits, donor: Sequence[int], man: int) -> Floats:
        """Log ratio of a set: of a relative of the donor, by `cenotaph.genetics.snp_kin.DEGREES`, against a stranger.

        0 where either has no SNPs, and where the man's family is not judged.
        """
        vectors, _, judged = self.vectors([exhibits])
        own = [self.data.donors[s] for s in donor if s in self.data.donors]
        if not own or not judged.all() or not self.is_typed(man):
            return np.zeros(len(DEGREES))
        population = int(self.population_of_family[self.case.family_of[man]])
        found = degree_log_ratios(self.reducers[population], np.prod(own, axis=0, dtype=np.float32), vectors[0])
        # What the bound takes from the man's own ratio it takes here, so that the two keep their distance.
        place, _ = self.columns[int(self.column_of_state[self.states.first[man]]) - self.populations]
        whole = self._unbounded(place, blocks_of(vectors), self._alone(vectors, population))[0]
        return found - max(float(whole) - MOST_LOG_RATIO, 0.0)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against two people, for every pair of sets: strangers, or now and then full brothers.

        SNPs that match by half are common among brothers and nearly impossible among strangers: against strangers
        alone they would speak for one person.
        """
        found, judged = self._pairs(first, second)
        share = self.settings.brothers
        two = np.logaddexp(np.log1p(-share) + found.unrelated, np.log(share) + found.brothers)
        result: Floats = np.where(judged, found.same - two, 0.0)
        return result

    def link_against_brothers(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against full brothers, for every pair of sets; linkage is in it."""
        found, judged = self._pairs(first, second)
        result: Floats = np.where(judged, found.same - found.brothers, 0.0)
        return result

    def _pairs(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> tuple[PairLogliks, NDArray[np.bool_]]:
        """The last answer is remembered: it is asked for against strangers and against brothers."""
        asked = (tuple(first), tuple(second))
        if self._asked != asked:
            one, _, one_judged = self.vectors(first)
            other, _, other_judged = self.vectors(second)
            found = pair_logliks(one, other, self.data.frequency, self.data.map)
            self._asked, self._answer = asked, (found, one_judged[:, None] & other_judged[None, :])
        return self._answer

    # --- what is told of a run ------------------------------------------------------------------------------------

    @property
    def warnings(self) -> list[str]:
        """One sentence for each population and each donor whose families are not judged."""
        inflated = [
            f"SNPs: unrelated people of {one.population} look related (mean LR {one.mean:.2g}, {one.beyond} of "
            f"{one.pairs} over 10^4): the frequencies do not fit, their families are not judged"
            for one in self.inflation
            if not one.is_sound
        ]
        return inflated + [
            f"SNPs: {name} fits no population of the roster ({z:.0f} standard deviations): the family is not judged"
            for name, z in self.misfits
        ]

    def _inflation(self) -> tuple[Inflation, ...]:
        """Of each population of the case whose families are judged."""
        return tuple(self._inflation_of(k, name) for k, name in enumerate(self.case.populations))

    def _inflation_of(self, population: int, name: str) -> Inflation:
        family_of = {s: f for s, (f, _) in self.case.place_of_sample().items()}
        places = [k for k, f in enumerate(self.family_of_reduced) if self.population_of_family[f] == population]
        # Only whom the population fits: others would look related by frequencies that are not theirs.
        donors = [
            s
            for s in self.data.donors
            if (f := family_of.get(s, -1)) >= 0
            and f not in self.strange_families
            and self.population_of_family[f] == population
        ]
        places = [places[k] for k in evenly(len(places), MOST_COLUMNS)]
        donors = [donors[k] for k in evenly(len(donors), MOST_DONORS)]
        if not places or not donors:
            return Inflation(name, 0, 0.0, 0.0, 0)
        people = np.array([self.data.donors[s] for s in donors])
        blocks, alone = blocks_of(people), self._alone(people, population)
        found: list[float] = []
        for place in places:
            ratio = (self.reducers[population].bone_logliks(self.reduced[place], blocks, len(people)) - alone) / LN10
            own = self.family_of_reduced[place]
            found += [float(x) for x, s in zip(ratio, donors, strict=True) if family_of[s] != own]
        ratios = np.array(found)
        kept = 10.0 ** ratios[ratios <= RELATED_LOG10]
        if len(kept) < 2:
            return Inflation(name, 0, 0.0, 0.0, 0)
        error = float(kept.std() / np.sqrt(len(kept)))
        return Inflation(name, len(found), float(kept.mean()), error, len(found) - len(kept))
