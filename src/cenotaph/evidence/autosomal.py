"""The line ``str``: autosomal STR profiles of bones against the families of the missing.

Each family gives ``P(genotype of the missing | relatives)`` by peeling, with stepwise mutation; each sample gives
``P(observed | genotype)`` with drop-out and drop-in; a set of samples of one person multiplies the latter and is then
summed over genotypes once. A random member of a population has one Balding–Nichols genotype distribution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.shipped import load_affinities, load_frequency_tables, tables_from_rows
from cenotaph.errors import Unsupported
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States
from cenotaph.genetics.degraded import estimated_dropout
from cenotaph.genetics.family_table import (
    FamilyTables,
    MarkerModel,
    PeelingPlan,
    family_tables,
    genotype_index,
    plan_peeling,
)
from cenotaph.genetics.frequencies import FrequencyTable, allele_order, allele_pairs, genotype_frequencies
from cenotaph.genetics.kinship import genotype_distribution
from cenotaph.genetics.marker import Called, LumpedMarker, Marker, Replicates, penetrance, unlumped
from cenotaph.genetics.mutation import Mutation, stepwise
from cenotaph.genetics.pedigree import Pedigree

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

MARKERS_IN_A_MIXTURE = 2
LEAST_LIKELIHOOD = 1e-30
LEAST_KINSHIP = 1e-3
"""Ratio of a marker at which parent and child share nothing: a mutation or a call gone wrong, as often as donors' calls
are (`AutosomalSettings.call_error`)."""
Vectors = NDArray[np.float32]
JointDistribution = Callable[[Vectors, Vectors, Floats, Floats], Vectors]


@dataclass(frozen=True, slots=True)
class AutosomalSettings:
    """Parameters of the line, all of them named in ``run.json``.

    Args:
        mutation_male, mutation_female: mutations per transmission, stepwise; a labelled assumption (there is no open
            table by locus).
        step_range: ratio of a step of n + 1 repeats to one of n.
        microvariant: mutations between whole and broken repeats.
        call_error: a donor's recorded genotype is another one.
        least_dropout: drop-out per allele of a complete profile.
        dropin: drop-in per marker.
        error: the line is wrong altogether.
    """

    mutation_male: float = 0.002
    mutation_female: float = 0.001
    step_range: float = 0.1
    microvariant: float = 1e-5
    call_error: float = 0.001
    least_dropout: float = 0.02
    dropin: float = 0.01
    error: float = 1e-4


class AutosomalLine:
    """Autosomal STR; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "str"
    group = "autosomal"

    def __init__(self, dossier: Dossier, case: Case, states: States, settings: AutosomalSettings) -> None:
        self.case, self.states, self.settings = case, states, settings
        self.error = settings.error
        self.warnings: list[str] = []
        self.populations = (*case.populations, *FOREIGN)
        tables, self.theta, self.tables_used = _population_tables(dossier, self.populations)
        observed = _observations(dossier, case)
        self.model = _marker_model(tables, observed, settings)
        self.offsets = self.model.offsets
        self._encode(observed)
        self.baseline = _baseline(self.model, self.theta)
        self._joint: dict[tuple[int, int], list[Floats]] = {}
        self._last_same: tuple[object, Floats] | None = None
        self._split: dict[Exhibits, dict[int, Floats]] = {}
        self._peel()

    # --- profiles -------------------------------------------------------------------------------------------------

    def _encode(self, observed: Observations) -> None:
        """Donor genotypes as allele indices; bone samples as log P(observed | genotype)."""
        model, settings = self.model, self.settings
        self.row_of_sample = np.full(self.case.exhibits, -1, dtype=np.int64)
        self.donor_genotype: dict[int, NDArray[np.int16]] = {}
        mean_p = model.frequencies.mean(axis=0)
        systems = [
            unlumped(Marker(name, alleles, mean_p[m, : len(alleles)]))
            for m, (name, alleles) in enumerate(zip(model.markers, model.alleles, strict=True))
        ]
        homozygosity = float(np.mean([(s.frequencies**2).sum() for s in systems])) if systems else 0.0
        rows: list[NDArray[np.float32]] = []
        for sample, by_marker in observed.items():
            # A marker that a population's table lacks cannot be used; the check has warned of it.
            seen = {m: by_marker[name] for m, name in enumerate(model.markers) if name in by_marker}
            if sum(any(len(set(o)) > 2 for o in replicates) for replicates in seen.values()) >= MARKERS_IN_A_MIXTURE:
                self.warnings.append(
                    f"{self.case.sample_ids[sample]}: more than two alleles at two markers or more, a mixture: not used"
                )
            elif self.case.specimen_of[sample] < 0:
                self.donor_genotype[sample] = _donor_genotype(seen, systems)
            elif seen:
                dropout = estimated_dropout(
                    [len(alleles) for replicates in seen.values() for alleles in replicates],
                    homozygosity,
                    settings.least_dropout,
                )
                vector = np.zeros(int(model.offsets[-1]), dtype=np.float32)
                for m, replicates in seen.items():
                    sets = tuple(frozenset(alleles) for alleles in replicates)
                    likelihood = penetrance(
                        Replicates(sets, dropout, dropout**2, settings.dropin),
                        systems[m],
                        *allele_pairs(len(model.alleles[m])),
                    )
                    vector[model.offsets[m] : model.offsets[m + 1]] = np.log(np.maximum(likelihood, LEAST_LIKELIHOOD))
                self.row_of_sample[sample] = len(rows)
                rows.append(vector)
        self.seen = self.row_of_sample >= 0
        self.log_observed = np.array(rows, dtype=np.float32).reshape(len(rows), int(model.offsets[-1]))

    # --- families -------------------------------------------------------------------------------------------------

    def _peel(self) -> None:
        """Tables of every state that has a typed relative left; other states share their population's baseline."""
        case, states = self.case, self.states
        jobs: dict[tuple[int, int, int, int], set[int]] = {}
        key_of_state: list[tuple[int, int, int, int] | None] = []
        for man, f, wrong, own in zip(states.man, states.family, states.wrong, states.population, strict=True):
            typed = self._typed_nodes(case.families[f]) if f >= 0 else set()
            left = typed - {int(wrong)}
            lost = int(wrong) if int(wrong) in typed else -1
            key = (int(f), int(case.node_of[man]), int(own), lost) if left else None
            key_of_state.append(key)
            if key is not None:
                jobs[key] = left
        result = self._tables_of([(case.families[f], node, own, left) for (f, node, own, _), left in jobs.items()])
        baselines = len(self.populations)
        column = {key: baselines + k for k, key in enumerate(jobs)}
        self.column_of_state = np.array(
            [p if key is None else column[key] for p, key in zip(states.population, key_of_state, strict=True)],
            dtype=np.int64,
        )
        self.tables = np.concatenate([self.baseline.astype(np.float32), result.tables])
        self.reference_loglik = self._reference_loglik(result, baselines)

    def _tables_of(self, jobs: Sequence[tuple[Family, int, int, set[int]]]) -> FamilyTables:
        """Table of each (family, node, population, typed relatives): by the compiled kernel, or exactly where a
        pedigree has loops."""
        plans = [self._plan(family, node, left) for family, node, _, left in jobs]
        tree = [k for k, plan in enumerate(plans) if plan is not None]
        genotypes = [self._family_genotypes(jobs[k][0], jobs[k][3]) for k in tree]
        fast = family_tables(
            self.model,
            [plan for plan in plans if plan is not None],
            np.array([jobs[k][2] for k in tree], dtype=np.int64),
            genotypes,
            call_errors=[np.full(len(g), self.settings.call_error) for g in genotypes],
        )
        tables = np.zeros((len(jobs), int(self.offsets[-1])), dtype=np.float32)
        loglik = np.zeros((len(jobs), len(self.model.markers)))
        tables[tree], loglik[tree] = fast.tables, fast.loglik
        for k, plan in enumerate(plans):
            if plan is None:
                tables[k], loglik[k] = self._looped(*jobs[k])
        return FamilyTables(tables, loglik)

    def _looped(self, family: Family, node: int, population: int, left: set[int]) -> tuple[Floats, Floats]:
        """A family with a loop, by the exact engine; the call error blends the population into the answer."""

        def parent(p: int) -> str | None:
            return None if p < 0 else family.ids[p]

        pedigree = Pedigree.from_rows(
            (name, parent(int(family.father[i])), parent(int(family.mother[i])), int(family.sex[i]))
            for i, name in enumerate(family.ids)
        )
        seen = self._family_genotypes(family, left)
        error = self.settings.call_error
        row, loglik = self.baseline[population].copy(), np.zeros(len(self.model.markers))
        for m, names in enumerate(self.model.alleles):
            k, part = len(names), slice(int(self.offsets[m]), int(self.offsets[m + 1]))
            female, male = (x[population, m, :k, :k] for x in (self.model.mutation_female, self.model.mutation_male))
            marker = Marker(
                self.model.markers[m], names, self.model.frequencies[population, m, :k], mutation=Mutation(female, male)
            )
            observed = {
                family.ids[i]: Called(names[a], names[b] if b >= 0 else None)
                for i, (a, b) in enumerate(seen[:, m])
                if a >= 0
            }
            found = genotype_distribution(pedigree, marker, observed, family.ids[node])
            exact = np.zeros(part.stop - part.start)
            exact[found.second * (found.second + 1) // 2 + found.first] = found.probability
            row[part] = (1 - error) * exact + error * row[part] if exact.sum() > 0 else row[part]
            loglik[m] = max(found.loglik, len(observed) * float(np.log(error)))
        return row, loglik

    def _typed_nodes(self, family: Family) -> set[int]:
        return {i for i in family.donors if any(s in self.donor_genotype for s in family.samples[i])}

    def _family_genotypes(self, family: Family, nodes: set[int]) -> NDArray[np.int16]:
        genotypes = np.full((len(family.ids), len(self.model.markers), 2), -1, dtype=np.int16)
        for node in nodes:
            genotypes[node] = self._genotype_of(family, node)
        return genotypes

    def _genotype_of(self, family: Family, node: int) -> NDArray[np.int16]:
        """A donor's genotype; where several samples were typed, the first that has a call at the marker."""
        result = np.full((len(self.model.markers), 2), -1, dtype=np.int16)
        for sample in family.samples[node]:
            if sample in self.donor_genotype:
                own = self.donor_genotype[sample]
                result = np.where(result[:, :1] < 0, own, result)
        return result

    def _plan(self, family: Family, node: int, typed: set[int]) -> PeelingPlan | None:
        """How to peel the family towards a node; None where its pedigree has a loop."""
        observed = np.zeros(len(family.ids), dtype=np.bool_)
        observed[list(typed)] = True
        try:
            return plan_peeling(family.father, family.mother, observed, node)
        except Unsupported:
            return None

    def _reference_loglik(self, result: FamilyTables, baselines: int) -> Floats:
        """Likelihood of the relatives' genotypes: those left in the pedigree, the supposedly wrong one at random."""
        states, case = self.states, self.case
        family_loglik = np.concatenate([np.zeros(baselines), result.loglik.sum(axis=1)])
        loglik = family_loglik[self.column_of_state]
        alone: dict[tuple[int, int, int], float] = {}
        for s in np.flatnonzero((states.wrong >= 0) & (states.family >= 0)):
            family = case.families[states.family[s]]
            wrong, population = int(states.wrong[s]), int(states.population[s])
            if wrong not in self._typed_nodes(family):
                continue
            key = (int(states.family[s]), wrong, population)
            if key not in alone:
                alone[key] = self._random_person_loglik(self._genotype_of(family, wrong), population)
            loglik[s] += alone[key]
        # A state that lost no typed donor keeps the family's own likelihood; states with none left keep zero.
        return loglik

    def _random_person_loglik(self, genotype: NDArray[np.int16], population: int) -> float:
        total = 0.0
        for m, (a, b) in enumerate(genotype):
            if a < 0:
                continue
            part = self.baseline[population, self.offsets[m] : self.offsets[m + 1]]
            if b < 0:
                k = len(self.model.alleles[m])
                p = float(sum(part[genotype_index(int(a), x)] for x in range(k)))
            else:
                p = float(part[genotype_index(int(a), int(b))])
            total += float(np.log((1 - self.settings.call_error) * p + self.settings.call_error / len(part)))
        return total

    # --- scores ---------------------------------------------------------------------------------------------------

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Log-likelihood of each set under the columns asked for and every population."""
        likelihood, scale, informative = self._set_vectors(sets)
        asked = np.arange(len(self.tables)) if columns is None else columns
        tables = self.tables[np.concatenate([np.arange(len(self.populations)), asked])]
        scores = np.zeros((len(sets), len(tables)), dtype=np.float32)
        rows = np.flatnonzero(informative)
        for m in range(len(self.model.markers)):
            part = slice(int(self.offsets[m]), int(self.offsets[m + 1]))
            block = likelihood[rows, part]
            typed = (block != 1.0).any(axis=1)
            if typed.any():
                scores[rows[typed]] += np.log(block[typed] @ tables[:, part].T)
        total = scores.astype(np.float64) + np.where(informative, scale, 0.0)[:, None]
        split = len(self.populations)
        return LineScores(total[:, split:], total[:, :split], informative)

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """log p(both | these two men of one family) − log p(first | first man) − log p(second | second man)."""
        one, other = self._by_marker(first), self._by_marker(second)
        if not one or not other:
            return 0.0
        total = 0.0
        for m, table in enumerate(self._joint_table(first_man, second_man)):
            if m in one and m in other:
                beside = table @ other[m]
                alone = table.sum(axis=1) @ one[m], beside.sum()
                total += float(np.log(one[m] @ beside) - np.log(alone[0]) - np.log(alone[1]))
        return total

    def kin_log_ratios(self, samples: Exhibits, donor: Sequence[int], man: int, sharing: Floats) -> Floats:
        """Log ratio of a set: of a relative of the donor against somebody unrelated, both of the man's population.

        Args:
            samples: the set.
            donor: the donor's samples; the first with a profile counts.
            man: whose population it is.
            sharing: shape (relations, 3), P(0, 1, 2 alleles identical by descent).

        Returns:
            Shape (relations,); 0 where either was not typed.
        """
        own, result = self._own_population(man), np.zeros(len(sharing))
        genotype = next((self.donor_genotype[s] for s in donor if s in self.donor_genotype), None)
        if genotype is None:
            return result
        for m, seen in self._by_marker(samples).items():
            a, b = (int(x) for x in genotype[m])
            if min(a, b) < 0:
                continue
            part = slice(int(self.offsets[m]), int(self.offsets[m + 1]))
            p = self.model.frequencies[own, m, : len(self.model.alleles[m])]
            with_allele = _with_allele(seen[None, :].astype(np.float32), p)[0]
            random = float(seen @ self.baseline[own, part])
            likelihood = np.array([random, 0.5 * float(with_allele[a] + with_allele[b]), seen[genotype_index(a, b)]])
            result += np.log(np.maximum(sharing @ likelihood / random, LEAST_KINSHIP))
        return result

    def _by_marker(self, samples: Exhibits) -> dict[int, Floats]:
        """P(all observations of the set | genotype) at each marker where anything was observed, remembered."""
        if samples not in self._split:
            vector = self._set_vectors([samples])[0][0].astype(np.float64)
            parts = np.split(vector, self.offsets[1:-1])
            self._split[samples] = {m: part for m, part in enumerate(parts) if (part != 1.0).any()}
        return self._split[samples]

    def _joint_table(self, first_man: int, second_man: int) -> list[Floats]:
        """Per marker, P(genotypes of two missing members of one family | relatives), shape (genotypes, genotypes).

        The family is peeled towards the second once for every genotype of the first.
        """
        key = (first_man, second_man)
        if key not in self._joint:
            family = self.case.families[self.case.family_of[first_man]]
            one, other = int(self.case.node_of[first_man]), int(self.case.node_of[second_man])
            typed = self._typed_nodes(family) - {one, other}
            relatives = self._family_genotypes(family, typed)
            errors = np.full(len(family.ids), self.settings.call_error)
            errors[one] = 0.0
            plan = self._plan(family, other, typed | {one})
            population = self._own_population(second_man)
            self._joint[key] = [
                np.outer(self._row(first_man, m), self._row(second_man, m))
                if plan is None
                else self._joint_at(m, plan, population, relatives[:, m : m + 1], one, errors)
                for m in range(len(self.model.markers))
            ]
        return self._joint[key]

    def _joint_at(
        self, m: int, plan: PeelingPlan, population: int, relatives: NDArray[np.int16], one: int, errors: Floats
    ) -> Floats:
        """The joint table at one marker: a family for every genotype of the person *one*."""
        low, high = allele_pairs(int(self.model.allele_counts[m]))
        genotypes = [relatives.copy() for _ in low]
        for g, pair in enumerate(zip(low, high, strict=True)):
            genotypes[g][one, 0] = pair
        n = len(low)
        result = family_tables(
            self.model.at(m), [plan] * n, np.full(n, population), genotypes, call_errors=[errors] * n
        )
        weight = np.exp(result.loglik[:, 0] - result.loglik[:, 0].max())
        joint = result.tables.astype(np.float64) * weight[:, None]
        normalised: Floats = joint / joint.sum()
        return normalised

    def _row(self, man: int, m: int) -> Floats:
        part = slice(int(self.offsets[m]), int(self.offsets[m + 1]))
        return self.tables[self.column_of_state[self.states.first[man]], part].astype(np.float64)

    def _own_population(self, man: int) -> int:
        population = int(self.case.population[man])
        return population if population >= 0 else int(np.argmax(self.case.population_share))

    def _set_vectors(self, sets: Sequence[Exhibits]) -> tuple[NDArray[np.float32], Floats, NDArray[np.bool_]]:
        """P(all observations of the set | genotype) scaled to a maximum of one per marker, and the log of the scale."""
        size = int(self.offsets[-1])
        log_vectors = np.zeros((len(sets), size), dtype=np.float32)
        informative = np.zeros(len(sets), dtype=np.bool_)
        for k, samples in enumerate(sets):
            own = [self.row_of_sample[s] for s in samples if self.row_of_sample[s] >= 0]
            if own:
                informative[k] = True
                log_vectors[k] = self.log_observed[own].sum(axis=0)
        top = np.maximum.reduceat(log_vectors, self.offsets[:-1], axis=1)
        log_vectors -= np.repeat(top, np.diff(self.offsets), axis=1)
        return np.exp(log_vectors), top.sum(axis=1, dtype=np.float64), informative

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against unrelated, for every pair of sets: of one population, mixed over all populations."""
        same = self._same_person_logliks(first, second)
        together = np.logaddexp.reduce(same - np.log(len(self.populations)), axis=0)
        one, one_judged = self._alone(first)
        other, other_judged = self._alone(second)
        judged = one_judged[:, None] & other_judged[None, :]
        ratio: Floats = np.where(judged, together - one[:, None] - other[None, :], 0.0)
        return ratio

    def _alone(self, sets: Sequence[Exhibits]) -> tuple[Floats, NDArray[np.bool_]]:
        """log P(observed) of somebody of any population, and whether anything was observed."""
        scores = self.score(sets, np.array([], dtype=np.int64))
        mixed: Floats = np.logaddexp.reduce(scores.populations - np.log(len(self.populations)), axis=1)
        return mixed, scores.informative

    def link_against_brothers(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against full brothers, for every pair of sets; the least over populations."""
        same = self._same_person_logliks(first, second)
        ratio: Floats = (same - self._pair_logliks(first, second, _full_siblings)).min(axis=0)
        return ratio

    def _same_person_logliks(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """As `_pair_logliks`, the last answer remembered: it is asked for against strangers and against brothers."""
        asked = (tuple(first), tuple(second))
        if self._last_same is None or self._last_same[0] != asked:
            self._last_same = (asked, self._pair_logliks(first, second, _same_person))
        return self._last_same[1]

    def _pair_logliks(self, first: Sequence[Exhibits], second: Sequence[Exhibits], joint: JointDistribution) -> Floats:
        """Shape (populations, first, second): log P(both observed) under a joint genotype distribution."""
        one, one_scale, _ = self._set_vectors(first)
        other, other_scale, _ = self._set_vectors(second)
        # Populations that fall back on one table are computed once.
        distinct, which = np.unique(self.baseline, axis=0, return_index=True, return_inverse=True)[1:]
        result = np.zeros((len(distinct), len(first), len(second)))
        for row, p in enumerate(distinct):
            for m in range(len(self.model.markers)):
                part = slice(int(self.offsets[m]), int(self.offsets[m + 1]))
                k = len(self.model.alleles[m])
                both = joint(one[:, part], other[:, part], self.baseline[p, part], self.model.frequencies[p, m, :k])
                result[row] += np.log(np.maximum(both, LEAST_LIKELIHOOD))
        return result[np.ravel(which)] + one_scale[:, None] + other_scale[None, :]


def _same_person(x: Vectors, y: Vectors, genotypes: Floats, _: Floats) -> Vectors:
    result: Vectors = (x * genotypes.astype(np.float32)) @ y.T
    return result


def _full_siblings(x: Vectors, y: Vectors, genotypes: Floats, p: Floats) -> Vectors:
    """¼ unrelated, ½ one allele identical by descent, ¼ both."""
    # One shared allele a: both genotypes are a with an allele drawn from the population.
    x_with, y_with = _with_allele(x, p), _with_allele(y, p)
    g = genotypes.astype(np.float32)
    result: Vectors = np.float32(0.25) * np.outer(x @ g, y @ g)
    result += np.float32(0.5) * ((x_with * p.astype(np.float32)) @ y_with.T)
    result += np.float32(0.25) * _same_person(x, y, genotypes, p)
    return result


def _with_allele(x: Vectors, p: Floats) -> Vectors:
    """Shape (n, K): P(observed | allele a and one drawn from the population)."""
    k = len(p)
    columns = np.array([[genotype_index(a, b) for b in range(k)] for a in range(k)])
    result: Vectors = x[:, columns] @ p.astype(np.float32)
    return result


def _donor_genotype(
    seen: Mapping[int, Sequence[tuple[str, ...]]], systems: Sequence[LumpedMarker]
) -> NDArray[np.int16]:
    """Two allele indices per marker, the second −1 where it was not called; three alleles are left out."""
    genotype = np.full((len(systems), 2), -1, dtype=np.int16)
    for m, replicates in seen.items():
        alleles = [systems[m].original.index(a) for a in replicates[0]]
        if len(alleles) <= 2:
            genotype[m, : len(alleles)] = alleles
    return genotype


Observations = dict[int, dict[str, list[tuple[str, ...]]]]


def _observations(dossier: Dossier, case: Case) -> Observations:
    """Per sample and marker, the alleles of each replicate: (a, b), (a, a) called, (a,) open, or three and more."""
    index = {s: i for i, s in enumerate(case.sample_ids)}
    result: Observations = defaultdict(lambda: defaultdict(list))
    table = dossier.table("str_profiles").select("sample_id", "marker", "allele_1", "allele_2", "more_alleles")
    for sample, marker, first, second, more in table.iter_rows():
        if sample not in index or first is None or marker in NOT_AUTOSOMAL:
            continue
        alleles = (first,) if second is None else (first, second)
        if more:
            alleles = (*alleles, *more.split())
        result[index[sample]][marker].append(alleles)
    return result


NOT_AUTOSOMAL = frozenset({"Amelogenin", "AMEL"})


def _population_tables(
    dossier: Dossier, populations: Sequence[str]
) -> tuple[list[FrequencyTable], Floats, dict[str, str]]:
    """Frequency table and theta of each population: the dossier's own, otherwise the shipped one of its affinity."""
    own: Mapping[str, FrequencyTable] = {}
    given = dossier.table("frequencies")
    if given.height:
        rows = [
            {k: "" if v is None else str(v) for k, v in row.items()}
            for row in given.select("population", "marker", "allele", "frequency", "chromosomes").iter_rows(named=True)
        ]
        own = tables_from_rows(
            rows, prefix="dossier:", source="frequencies.csv of the dossier", chromosomes_assumed=200
        )
    affinities = load_affinities()
    tables, theta, used = [], [], {}
    for name in populations:
        if f"dossier:{name}" in own:
            table, th = own[f"dossier:{name}"], 0.01
        else:
            affinity = affinities.get(name, affinities["other"])
            table, th = load_frequency_tables(affinity.table.split(":")[0])[affinity.table], affinity.theta
        tables.append(table)
        theta.append(th)
        used[name] = f"{table.name}, theta {th:g}"
    return tables, np.array(theta), used


def _marker_model(tables: Sequence[FrequencyTable], observed: Observations, settings: AutosomalSettings) -> MarkerModel:
    """One list of alleles per marker for all populations; what a table lacks gets its minimum."""
    seen: dict[str, set[str]] = defaultdict(set)
    for by_marker in observed.values():
        for marker, replicates in by_marker.items():
            seen[marker].update(a for alleles in replicates for a in alleles)
    markers = tuple(m for m in sorted(seen) if all(m in t.markers for t in tables))
    names = []
    for marker in markers:
        known = seen[marker].union(*(t.markers[marker].alleles for t in tables))
        names.append(tuple(sorted(known, key=allele_order)))
    most = max((len(n) for n in names), default=0)
    frequencies = np.zeros((len(tables), len(markers), most))
    male = np.zeros((len(tables), len(markers), most, most))
    female = np.zeros_like(male)
    for m, (marker, alleles) in enumerate(zip(markers, names, strict=True)):
        k = len(alleles)
        numbers = _as_numbers(alleles)
        matrices = [
            stepwise(numbers, rate, rate2=settings.microvariant, step_range=settings.step_range)
            for rate in (settings.mutation_male, settings.mutation_female)
        ]
        for t, table in enumerate(tables):
            wider = table.markers[marker].with_alleles(alleles)
            place = {a: i for i, a in enumerate(wider.alleles)}
            frequencies[t, m, :k] = [wider.frequencies[place[a]] for a in alleles]
            male[t, m, :k, :k], female[t, m, :k, :k] = matrices
    return MarkerModel(markers, tuple(names), frequencies, male, female)


def _as_numbers(alleles: tuple[str, ...]) -> tuple[str, ...]:
    """Alleles beyond the ladder (``<6``, ``>15``) stand half a repeat outside it for the stepwise model."""
    return tuple(
        f"{float(a[1:]) - 1:g}" if a.startswith("<") else f"{float(a[1:]) + 1:g}" if a.startswith(">") else a
        for a in alleles
    )


def _baseline(model: MarkerModel, theta: Floats) -> Floats:
    """Genotype distribution of a random member of each population, marker after marker."""
    result = np.zeros((len(theta), int(model.offsets[-1])))
    for m, alleles in enumerate(model.alleles):
        for p, th in enumerate(theta):
            row = genotype_frequencies(model.frequencies[p, m, : len(alleles)], float(th))
            result[p, model.offsets[m] : model.offsets[m + 1]] = row
    return result
