"""The line ``snp``: genotype likelihoods of bones against the families of the missing, with linkage.

All samples of an individual are multiplied, SNP by SNP, before the genotypes are summed over. Origin is not judged:
every population has the same likelihood, and a man is compared with a random member of the panel's population.

Not in the registry yet: one frequency for all populations makes people of a population that differs from the panel look
related (`SnpLine.inflation` shows it). Each population needs its own frequencies before names may rest on this line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.vcf_profiles import SnpProfiles, read_snp_profiles, strand_reason
from cenotaph.evidence.case import Case, Family
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States
from cenotaph.genetics.snp_family import (
    FamilyReducer,
    PairLogliks,
    Singles,
    SnpFamily,
    SnpMap,
    blocks_of,
    pair_logliks,
    random_logliks,
)
from cenotaph.genetics.snp_map import approximate_cm
from cenotaph.genetics.snp_panel import panel_frequencies, pruned
from cenotaph.genetics.snp_reads import (
    ReadErrors,
    call_likelihood,
    damage_kinds,
    estimated_errors,
    read_loglik,
)
from cenotaph.provenance import sha256_of_file
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

CONTRADICTED = "the donors contradict the stated frequency"
NO_FREQUENCY = "no frequency, and too few donors to estimate it"
IN_DISEQUILIBRIUM = "in linkage disequilibrium with a SNP before it"
RARE = "nearly all alleles alike"
RELATED_LOG10 = 4.0
SETS_AT_ONCE = 512
MOST_LOG_RATIO = 230.0
"""A man against a random member of his population: nothing is told apart beyond 10¹⁰⁰."""


@dataclass(frozen=True, slots=True)
class SnpSettings:
    """Parameters of the line, all of them named in ``run.json``.

    Args:
        call_error: a donor's called genotype is another one.
        snp_error: the data of a sample at one SNP say nothing (wrong place in the genome).
        least_minor: SNPs with a rarer allele are left out.
        most_r2, window_cm: linkage disequilibrium on the donors beyond which a SNP is left out.
        least_snps: fewer SNPs with data make a sample that is not judged.
        error: the line is wrong altogether.
    """

    call_error: float = 0.005
    snp_error: float = 0.002
    least_minor: float = 0.02
    most_r2: float = 0.1
    window_cm: float = 1.0
    least_snps: int = 50
    error: float = 1e-4


class SnpLine:
    """SNPs; see the module. Satisfies `cenotaph.evidence.line.Line`."""

    name = "snp"
    group = "autosomal"

    def __init__(self, dossier: Dossier, case: Case, states: States, settings: SnpSettings) -> None:
        assert dossier.snp_path is not None
        self.case, self.states, self.settings = case, states, settings
        self.error = settings.error
        self.populations = len(case.populations) + len(FOREIGN)
        profiles = read_snp_profiles(dossier.snp_path, sha256_of_file(dossier.snp_path))
        self._prepare(dossier, profiles)
        self._read_samples()
        self._reduce()
        self._same: tuple[object, PairLogliks] | None = None

    # --- the panel ------------------------------------------------------------------------------------------------

    def _prepare(self, dossier: Dossier, profiles: SnpProfiles) -> None:
        """SNPs that can be used, their frequencies and places."""
        stated, source, fits = _stated(dossier, profiles)
        profiles, stated = _kept(profiles, stated, fits)
        index = {s: k for k, s in enumerate(self.case.sample_ids)}
        self.sample_of_column = np.array([index.get(s, -1) for s in profiles.samples], dtype=np.int64)
        donor = np.array([s >= 0 and self.case.specimen_of[s] < 0 for s in self.sample_of_column], dtype=np.bool_)
        calls = profiles.genotype[:, donor]
        found = panel_frequencies(stated, calls, self._weights(np.flatnonzero(donor)))
        enough = np.isfinite(stated) | ((calls >= 0).sum(axis=1) >= 20)
        minor = np.minimum(found.frequency, 1 - found.frequency)
        if np.isfinite(profiles.centimorgan).all():
            cm, self.map_source = profiles.centimorgan, "INFO/CM of the VCF"
        else:
            cm = approximate_cm(profiles.chromosome, profiles.position)
            self.map_source = "approximation: each chromosome at its mean rate (Halldorsson 2019)"
        reasons = {
            CONTRADICTED: found.contradicted,
            NO_FREQUENCY: ~enough,
            RARE: minor < self.settings.least_minor,
        }
        good = np.ones(len(minor), dtype=np.bool_)
        counts: dict[str, int] = {}
        for reason, bad in reasons.items():
            counts[reason] = int((bad & good).sum())
            good &= ~bad
        kept = np.flatnonzero(good)
        if donor.sum() >= 20:
            chosen = pruned(
                calls[kept], profiles.chromosome[kept], cm[kept], self.settings.most_r2, self.settings.window_cm
            )
            counts[IN_DISEQUILIBRIUM] = len(kept) - len(chosen)
            kept = kept[chosen]
        mask = np.zeros(len(minor), dtype=np.bool_)
        mask[kept] = True
        self.profiles = profiles.only(mask, {k: n for k, n in counts.items() if n})
        self.frequency = found.frequency[kept]
        self.map = SnpMap(profiles.chromosome[kept], np.maximum(cm[kept], 0.0))
        self.frequency_source = f"{source}; {found.source}; drift {found.drift:.4f}"
        self.reducer = FamilyReducer(self.frequency, self.map)

    def _weights(self, columns: Ints) -> Floats:
        """One donor in full for each family, the others half: relatives share genomes."""
        family = {s: f for f, one in enumerate(self.case.families) for own in one.samples for s in own}
        seen: set[int] = set()
        weight = np.ones(len(columns))
        for k, column in enumerate(columns):
            f = family.get(int(self.sample_of_column[column]), -1)
            weight[k] = 0.5 if f in seen and f >= 0 else 1.0
            seen.add(f)
        return weight

    # --- samples --------------------------------------------------------------------------------------------------

    def _read_samples(self) -> None:
        """Genotype likelihoods of every sample: of reads, otherwise of stated likelihoods, otherwise of a call."""
        profiles = self.profiles
        kind = damage_kinds(profiles.reference, profiles.alternative)
        self.row_of_sample = np.full(self.case.exhibits, -1, dtype=np.int64)
        self.donor_likelihood: dict[int, Singles] = {}
        self.read_errors: dict[str, ReadErrors] = {}
        rows: list[Singles] = []
        self.too_few: list[str] = []
        for column, sample in enumerate(self.sample_of_column):
            if sample < 0:
                continue
            likelihood, known = self._likelihood(column, kind)
            if known < self.settings.least_snps:
                self.too_few.append(self.case.sample_ids[sample])
            elif self.case.specimen_of[sample] < 0:
                self.donor_likelihood[int(sample)] = likelihood
            else:
                self.row_of_sample[sample] = len(rows)
                rows.append(likelihood)
        self.seen = self.row_of_sample >= 0
        self.likelihood = np.array(rows, dtype=np.float32).reshape(len(rows), len(self.frequency), 3)
        self.alone = random_logliks(self.likelihood, self.frequency)

    def _likelihood(self, column: int, kind: Ints) -> tuple[Singles, int]:
        """P(data of a sample | genotype), scaled to a maximum of one, and at how many SNPs there are any."""
        profiles, name = self.profiles, self.profiles.samples[column]
        reads, called = profiles.reads[:, column], profiles.genotype[:, column]
        has_reads = reads.sum(axis=1) > 0
        result = call_likelihood(called, self.settings.call_error)
        known = has_reads | (called >= 0)
        if has_reads.any():
            errors = estimated_errors(reads, kind, self.frequency)
            self.read_errors[name] = errors
            loglik = read_loglik(reads, errors, kind, self.frequency)
            loglik -= loglik.max(axis=1, keepdims=True)
            result[has_reads] = np.exp(loglik[has_reads])
        if profiles.phred.size:
            phred = profiles.phred[:, column].astype(np.float64)
            stated = (phred > 0).any(axis=1) & ~has_reads
            result[stated] = 10 ** (-phred[stated] / 10)
            known |= stated
        result /= result.max(axis=1, keepdims=True)
        mixed = (1 - self.settings.snp_error) * result + self.settings.snp_error
        return mixed.astype(np.float32), int(known.sum())

    # --- families -------------------------------------------------------------------------------------------------

    def _typed(self, family: Family) -> dict[int, Singles]:
        """Likelihoods of the typed relatives by node; several samples of one donor are multiplied."""
        found: dict[int, Singles] = {}
        for node in family.donors:
            own = [self.donor_likelihood[s] for s in family.samples[node] if s in self.donor_likelihood]
            if own:
                found[node] = np.prod(own, axis=0, dtype=np.float32)
        return found

    def _reduce(self) -> None:
        """A column for each (family, man, donor left out); men without typed relatives share their population's."""
        case, states = self.case, self.states
        self.column_of_state = np.zeros(len(states.man), dtype=np.int64)
        self.reference_loglik = np.zeros(len(states.man))
        columns: dict[tuple[int, int, int], int] = {}
        self.columns: list[SnpFamily] = []
        self.family_of_column: list[int] = []
        typed_of = {f: self._typed(family) for f, family in enumerate(case.families)}
        for s, (man, f, wrong, own) in enumerate(
            zip(states.man, states.family, states.wrong, states.population, strict=True)
        ):
            typed = typed_of[int(f)] if f >= 0 else {}
            lost = int(wrong) if int(wrong) in typed else -1
            left = {k: v for k, v in typed.items() if k != lost}
            if lost >= 0:
                self.reference_loglik[s] += random_logliks(typed[lost][None], self.frequency)[0]
            if not left:
                self.column_of_state[s] = own
                continue
            family, node = case.families[int(f)], int(case.node_of[man])
            key = (int(f), node, lost)
            if key not in columns:
                columns[key] = self.populations + len(self.columns)
                self.family_of_column.append(int(f))
                self.columns.append(self.reducer.reduce(family.father, family.mother, node, left))
            column = columns[key]
            reduced = self.columns[column - self.populations]
            self.column_of_state[s] = column
            unused = [left[p] for p in left if p not in reduced.used]
            alone = random_logliks(np.array(unused), self.frequency).sum() if unused else 0.0
            self.reference_loglik[s] += reduced.loglik + alone

    # --- scores ---------------------------------------------------------------------------------------------------

    def _vectors(self, sets: Sequence[Exhibits]) -> tuple[Singles, Floats, NDArray[np.bool_]]:
        """Shape (sets, SNPs, 3): all samples of a set multiplied, scaled to a maximum of one, and the log scale.

        A sample's own factor is such that alone, of anybody, it has the likelihood one: it cancels in every comparison,
        and sums over groupings stay within reach of floating point.
        """
        result = np.ones((len(sets), len(self.frequency), 3), dtype=np.float32)
        scale = np.zeros(len(sets))
        informative = np.zeros(len(sets), dtype=np.bool_)
        for k, exhibits in enumerate(sets):
            for row in (self.row_of_sample[e] for e in exhibits):
                if row >= 0:
                    informative[k] = True
                    scale[k] -= self.alone[row]
                    result[k] *= self.likelihood[row]
        top = result.max(axis=2)
        result /= top[:, :, None]
        return result, scale + np.log(top, dtype=np.float64).sum(axis=1), informative

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Log-likelihood of each set under the columns asked for and every population."""
        asked = np.arange(self.populations + len(self.columns)) if columns is None else columns
        found = np.zeros((len(sets), len(asked)))
        populations = np.zeros((len(sets), self.populations))
        informative = np.zeros(len(sets), dtype=np.bool_)
        for first in range(0, len(sets), SETS_AT_ONCE):
            part = slice(first, first + SETS_AT_ONCE)
            vectors, scale, judged = self._vectors(sets[part])
            rows = np.flatnonzero(judged)
            informative[part] = judged
            if not len(rows):
                continue
            alone = random_logliks(vectors[rows], self.frequency) + scale[rows]
            populations[first + rows] = alone[:, None]
            blocks = blocks_of(vectors[rows])
            for k, column in enumerate(asked):
                if column < self.populations:
                    found[first + rows, k] = alone
                else:
                    family = self.columns[column - self.populations]
                    ratio = self.reducer.bone_logliks(family, blocks, len(rows)) + scale[rows] - alone
                    found[first + rows, k] = alone + np.clip(ratio, -MOST_LOG_RATIO, MOST_LOG_RATIO)
        return LineScores(found, populations, informative)

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """log p(both | these two men of one family) − log p(first | first man) − log p(second | second man)."""
        vectors, _, judged = self._vectors([first, second])
        if not judged.all():
            return 0.0
        f = int(self.case.family_of[first_man])
        family, one, other = (
            self.case.families[f],
            int(self.case.node_of[first_man]),
            int(self.case.node_of[second_man]),
        )
        typed = self._typed(family)
        with_other = dict(typed)
        with_other[other] = typed[other] * vectors[1] if other in typed else vectors[1]
        block = blocks_of(vectors[:1])
        reduce, rows = self.reducer.reduce, (family.father, family.mother)
        together = self.reducer.bone_logliks(reduce(*rows, one, with_other), block, 1)[0]
        alone = (
            self.reducer.bone_logliks(reduce(*rows, one, typed), block, 1)[0]
            if typed
            else random_logliks(vectors[:1], self.frequency)[0]
        )
        return float(together - alone)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against unrelated, for every pair of sets."""
        found, judged = self._pairs(first, second)
        result: Floats = np.where(judged, found.same - found.unrelated, 0.0)
        return result

    def link_against_brothers(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Same person against full brothers, for every pair of sets; linkage is in it."""
        found, judged = self._pairs(first, second)
        result: Floats = np.where(judged, found.same - found.brothers, 0.0)
        return result

    def _pairs(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> tuple[PairLogliks, NDArray[np.bool_]]:
        """The last answer is remembered: it is asked for against strangers and against brothers."""
        asked = (tuple(first), tuple(second))
        one, _, one_judged = self._vectors(first)
        other, _, other_judged = self._vectors(second)
        if self._same is None or self._same[0] != asked:
            self._same = (asked, pair_logliks(one, other, self.frequency, self.map))
        return self._same[1], one_judged[:, None] & other_judged[None, :]

    # --- what is told of a run ------------------------------------------------------------------------------------

    def inflation(self, most: int = 40) -> tuple[int, float, int]:
        """Unrelated pairs (donors in the place of the missing man of another family): how many, their mean LR, and how
        many are left out of it as likely relatives (a donor filed under a wrong family). The mean is at most one where
        model and frequencies hold."""
        step = max(len(self.columns) // most, 1)
        family_of = {s: f for f, one in enumerate(self.case.families) for own in one.samples for s in own}
        donors = list(self.donor_likelihood)[:: max(len(self.donor_likelihood) // 128, 1)][:128]
        if not self.columns or not donors:
            return 0, float("nan"), 0
        people = np.array([self.donor_likelihood[s] for s in donors])
        alone, blocks = random_logliks(people, self.frequency), blocks_of(people)
        found: list[float] = []
        for column in range(0, len(self.columns), step):
            ratio = (self.reducer.bone_logliks(self.columns[column], blocks, len(people)) - alone) / LN10
            own = self.family_of_column[column]
            found += [float(x) for x, s in zip(ratio, donors, strict=True) if family_of.get(s, -1) != own]
        ratios = np.array(found)
        related = ratios > RELATED_LOG10
        return len(found), float((10.0 ** ratios[~related]).mean()), int(related.sum())


def _stated(dossier: Dossier, profiles: SnpProfiles) -> tuple[Floats, str, list[str | None]]:
    """Stated frequency of ALT at each SNP, where it comes from, and why it does not fit the table (or None)."""
    table = dossier.table("frequencies")
    wanted = set(profiles.markers)
    own: dict[str, dict[str, list[float]]] = {}
    for marker, allele, frequency in table.select("marker", "allele", "frequency").iter_rows() if table.height else ():
        if marker in wanted and frequency is not None:
            own.setdefault(marker, {}).setdefault(str(allele), []).append(float(frequency))
    stated = profiles.frequency.copy()
    reasons: list[str | None] = []
    for k, marker in enumerate(profiles.markers):
        pair = (str(profiles.reference[k]), str(profiles.alternative[k]))
        alleles = own.get(marker)
        reason = strand_reason(pair, frozenset(alleles)) if alleles and len(alleles) == 2 else None
        reasons.append(reason)
        if alleles and reason is None and pair[1] in alleles:
            stated[k] = float(np.mean(alleles[pair[1]]))
    source = "frequencies.csv, mean over populations" if own else "INFO/AF" if np.isfinite(stated).any() else "none"
    return stated, source, reasons


def _kept(profiles: SnpProfiles, stated: Floats, fits: list[str | None]) -> tuple[SnpProfiles, Floats]:
    good = np.array([reason is None for reason in fits], dtype=np.bool_)
    counts = {reason: fits.count(reason) for reason in set(fits) if reason is not None}
    return profiles.only(good, counts), stated[good]
