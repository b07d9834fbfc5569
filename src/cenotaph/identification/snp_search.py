"""Pairwise search by SNPs: every bone against every family in two steps, and bones against each other.

The first step looks at all pairs as if no two SNPs were linked: the relatives of a missing person give one distribution
of his genotype at each SNP, whatever the size of the family, and a pair costs three multiplications a SNP. The second
step, the likelihood of `identify` with linkage, wrong donors and wrong samples, is for the pairs that the first does
not rule out (`MARGIN_LOG10`).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.tables import SNP_FILE
from cenotaph.errors import InvalidInput
from cenotaph.evidence.case import Case, evenly
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import Exhibits, Ints, States
from cenotaph.evidence.snp import MOST_COLUMNS, Inflation, SnpLine
from cenotaph.evidence.snp_data import SnpSettings, snp_data
from cenotaph.genetics.mixed_search import Hits, merge_hits
from cenotaph.genetics.snp_family import pair_logliks, random_ratios, screen
from cenotaph.genetics.snp_reads import DOUBLE
from cenotaph.identification.search import TILE, Pairs, Search, answered, key_of, pairs_reached
from cenotaph.identification.tiles import Band, Show, Workers
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

MARGIN_LOG10 = 4.0
"""How far below the least ratio that is kept a pair may be without linkage and still be looked at: a relative who
shares one long piece looks worse without linkage than he is, a stranger hardly ever better."""
PAIRS_AT_ONCE = 512


class LineOfBones(SnpLine):
    """The line without any family: those are reduced when they are looked at."""

    def _reduce(self) -> None:
        self.reduced, self.family_of_reduced, self.columns = [], [], ()
        self.column_of_state = np.zeros(0, dtype=np.int64)
        self.reference_loglik = np.zeros(0)

    def _inflation(self) -> tuple[Inflation, ...]:
        """Of some missing persons of each population."""
        judged = [m for m in range(len(self.case.missing_ids)) if self.is_typed(m)]
        chosen: list[int] = []
        for k in range(len(self.case.populations)):
            men = [m for m in judged if self.population_of_family[self.case.family_of[m]] == k]
            chosen += [men[i] for i in evenly(len(men), MOST_COLUMNS)]
        return SnpLine._inflation(self.of_men(np.array(sorted(chosen), dtype=np.int64)))

    def of_men(self, men: Ints) -> SnpLine:
        """The line of some missing persons, their families reduced."""
        own = copy.copy(self)
        own.case, own.states = self.case.part(men), self.states.part(men)
        SnpLine._reduce(own)
        return own


def search_snps(
    dossier: Dossier,
    *,
    top: int = 10,
    least: float = 2.0,
    work: Path,
    inputs: Mapping[str, str],
    library: str = DOUBLE,
    tile: int = TILE,
    workers: AbstractContextManager[Workers] | None = None,
    show: Show = lambda step, done, total: None,
) -> Search:
    """log10 LR by SNPs, as `cenotaph.identification.search.search` by STRs.

    Raises:
        InvalidInput: the dossier has no SNPs.
    """
    if dossier.snp_path is None:
        raise InvalidInput("the dossier has no SNPs", valid=SNP_FILE, where="--line snp")
    case = Case.from_dossier(dossier)
    settings = SnpSettings(library=library)
    data, about = snp_data(dossier, case, settings)
    line = LineOfBones(data, case, States.of(case), settings)
    warnings = (*line.warnings, *about.warnings)
    bones = [s for s, samples in enumerate(case.samples_of) if line.seen[list(samples)].any()]
    if not bones:
        return Search([], [], 0, warnings)
    sets = [tuple(e for e in case.samples_of[s] if line.seen[e]) for s in bones]
    key = key_of(inputs, snp=1, library=library, top=top, least=least, tile=tile)
    problem = SnpProblem(line, sets, ErrorSettings(), least, top, tile, key)
    return answered(problem, case, bones, matches(line, sets, least), work, workers, show, warnings)


def matches(line: SnpLine, sets: Sequence[Exhibits], least: float) -> Pairs:
    """Pairs of bones that are likelier one person than two strangers or two brothers, block by block: log10 ratios."""
    blocks = range(0, len(sets), PAIRS_AT_ONCE)
    for i in blocks:
        first, _, _ = line.vectors(sets[i : i + PAIRS_AT_ONCE])
        for j in (b for b in blocks if b >= i):
            second = first if i == j else line.vectors(sets[j : j + PAIRS_AT_ONCE])[0]
            found = pair_logliks(first, second, line.data.frequency, line.data.map)
            same, brothers = (found.same - found.unrelated) / LN10, (found.same - found.brothers) / LN10
            yield from pairs_reached(same, brothers, least, i, j)


@dataclass(frozen=True)
class SnpProblem:
    """SNPs of bones; a `cenotaph.identification.tiles.Problem`.

    Args:
        line: of the case.
        sets: samples of each bone.
        errors: of donors and samples.
        least: least log10 LR that is kept.
        top, tile, key: see `Problem`.
    """

    line: LineOfBones
    sets: Sequence[Exhibits]
    errors: ErrorSettings
    least: float
    top: int
    tile: int
    key: str

    @property
    def bones(self) -> int:
        """How many."""
        return len(self.sets)

    @property
    def men(self) -> int:
        """How many."""
        return len(self.line.case.missing_ids)

    def band(self, first: int, last: int) -> Band:
        """Genotypes that the relatives of each missing person of a band let expect."""
        line = self.line
        men = np.array([m for m in range(first, last) if line.is_typed(m)], dtype=np.int64)
        population = line.population_of_family[line.case.family_of[men]]
        parts = [(k, men[population == k]) for k in np.unique(population)]
        expected = {int(k): np.array([line.expected(int(m)) for m in own]) for k, own in parts}

        def search_bones(start: int, stop: int) -> Hits:
            sets = self.sets[start:stop]
            vectors, _, _ = line.vectors(sets)
            found: list[Hits] = []
            for k, own in parts:
                ratios = random_ratios(vectors, line.data.populations[k].frequency)
                near = screen(expected[int(k)], ratios)[:, : len(sets)] >= (self.least - MARGIN_LOG10) * LN10
                found += [self._judged(sets, np.flatnonzero(near[i]), int(m), first) for i, m in enumerate(own)]
            return merge_hits(found, self.top)

        return search_bones

    def _judged(self, sets: Sequence[Exhibits], bones: Ints, man: int, first: int) -> Hits:
        """The bones that reach the least ratio."""
        if not len(bones):
            return Hits(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
        line = self.line.of_men(np.array([man]))
        nobody = np.full(line.populations, 1.0 / line.populations)
        evidence = Evidence(line.case, line.states, [line], self.errors, nobody)
        found = evidence.likelihoods([sets[b] for b in bones], np.array([0]))
        ratio = found.men[:, 0] - np.logaddexp.reduce(found.populations + np.log(nobody), axis=1)
        log10_lr = ratio / LN10
        kept = log10_lr >= self.least
        return Hits(bones[kept].astype(np.int32), np.full(kept.sum(), man - first, dtype=np.int32), log10_lr[kept])
