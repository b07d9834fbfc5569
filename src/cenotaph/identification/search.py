"""Pairwise search: every bone profile against every family, and bone profiles against each other."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cenotaph.evidence.autosomal import AutosomalLine, AutosomalSettings
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import Exhibits, Floats, States
from cenotaph.genetics.mixed_search import Hits, Hypotheses, Profiles, best_men, build_lookup
from cenotaph.identification.tiles import Band, Problem, Show, Workers, in_this_process, remove_work, search_in_tiles
from cenotaph.provenance import program_version
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

TILE = 1_024
ROWS_AT_ONCE = 1_024
MOST_TYPES = 16_384
"""Observation types up to which a band scores all of them once; beyond, each tile scores its own."""


@dataclass(frozen=True, slots=True)
class Search:
    """Hits, ready to print.

    Args:
        families: rows specimen_id, rank, missing_id, log10_lr.
        matches: rows specimen_a, specimen_b and three log10 ratios, the likeliest first.
        tiles_made: tiles of the first that were not yet in the work folder.
        warnings: what was not looked at, and why.
    """

    families: list[dict[str, Any]]
    matches: list[dict[str, Any]]
    tiles_made: int
    warnings: tuple[str, ...] = ()


class _LineOfBones(AutosomalLine):
    """The line without any family: those are peeled band by band."""

    def _peel(self) -> None:
        self.tables = self.baseline.astype(np.float32)
        self.reference_loglik = np.zeros(0)
        self.column_of_state = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class DossierFamilies:
    """The missing of a case, whose families are peeled when they are needed.

    Args:
        line: without families, and without the bones' profiles, which no family needs.
        states: of the whole case.
        errors: errors of donors.
    """

    line: AutosomalLine
    states: States
    errors: ErrorSettings

    @classmethod
    def of(cls, line: AutosomalLine, errors: ErrorSettings) -> DossierFamilies:
        """Of a line whose bones are looked at elsewhere."""
        alone = copy.copy(line)
        alone.log_observed = line.log_observed[:0]
        return cls(alone, line.states, errors)

    def __len__(self) -> int:
        """Number of missing persons."""
        return len(self.states.first)

    def hypotheses(self, first: int, last: int) -> Hypotheses:
        """Every state of error of the missing persons first … last − 1."""
        line = copy.copy(self.line)
        men = np.arange(first, last)
        line.case, line.states = line.case.part(men), self.states.part(men)
        AutosomalLine._peel(line)
        evidence = Evidence(line.case, line.states, [line], self.errors, _nobody(line))
        return Hypotheses(
            line.tables[line.column_of_state],
            line.offsets,
            line.states.population,
            evidence.log_state,
            np.append(line.states.first, len(line.states.man)),
            evidence.own_population,
        )


class Families(Protocol):
    """Missing persons whose hypotheses are made when they are needed."""

    def __len__(self) -> int:
        """Number of missing persons."""
        ...

    def hypotheses(self, first: int, last: int) -> Hypotheses:
        """Those of the missing persons first … last − 1."""
        ...


@dataclass(frozen=True, slots=True)
class StrProblem:
    """Profiles of autosomal STRs; a `cenotaph.identification.tiles.Problem`.

    Args:
        profiles: bones.
        families: missing persons.
        error: the line is wrong altogether.
        least: least log10 LR that is kept.
        top, tile, key: see `Problem`.
    """

    profiles: Profiles
    families: Families
    error: float
    least: float
    top: int
    tile: int
    key: str

    @property
    def bones(self) -> int:
        """How many."""
        return len(self.profiles)

    @property
    def men(self) -> int:
        """How many."""
        return len(self.families)

    def band(self, first: int, last: int) -> Band:
        """Peel the families of a band."""
        hypotheses = self.families.hypotheses(first, last)
        lookup = build_lookup(self.profiles, hypotheses) if self.profiles.type_count <= MOST_TYPES else None

        def search_bones(start: int, stop: int) -> Hits:
            part = self.profiles.part(start, stop)
            if lookup is None:
                part = part.with_own_types()
            known = lookup or build_lookup(part, hypotheses)
            return best_men(part, hypotheses, known, error=self.error, least=self.least, top=self.top)

        return search_bones


def search(
    dossier: Dossier,
    *,
    top: int = 10,
    least: float = 2.0,
    work: Path,
    inputs: Mapping[str, str],
    tile: int = TILE,
    workers: AbstractContextManager[Workers] | None = None,
    show: Show = lambda step, done, total: None,
) -> Search:
    """log10 LR by autosomal STR, wrong donors and wrong samples mixed in.

    Args:
        dossier: a case that has passed its check.
        top: families kept for each bone.
        least: least log10 LR that is kept.
        work: folder of finished tiles; emptied of them at the end, kept if the search is cut short.
        inputs: digest of each input: tiles of other inputs are not used.
        tile: bones and missing persons of a tile.
        workers: whoever searches, default this process.
        show: told of progress.
    """
    case = Case.from_dossier(dossier)
    line = _LineOfBones(dossier, case, States.of(case), AutosomalSettings())
    errors = ErrorSettings()
    bones = [s for s, samples in enumerate(case.samples_of) if line.seen[list(samples)].any()]
    if not bones:
        return Search([], [], 0)
    sets = [case.samples_of[s] for s in bones]
    problem = StrProblem(
        profiles_of(line, sets, errors),
        DossierFamilies.of(line, errors),
        line.error,
        least,
        top,
        tile,
        key_of(inputs, top=top, least=least, tile=tile),
    )
    return answered(problem, case, bones, _matches(line, sets, least), work, workers, show)


Pairs = Iterable[tuple[int, int, float, float]]
"""Two bones, log10 one person : unrelated people, log10 one person : full brothers."""


def answered(
    problem: Problem,
    case: Case,
    bones: Sequence[int],
    pairs: Pairs,
    work: Path,
    workers: AbstractContextManager[Workers] | None,
    show: Show,
    warnings: tuple[str, ...] = (),
) -> Search:
    """What a problem and the pairs of its bones give, ready to print; the work folder is emptied at the end.

    Args:
        problem: bones, numbered as *bones*, against the missing of the case.
        pairs: bones that are likely of one person.
    """
    with workers or nullcontext(in_this_process) as those:
        hits, made = search_in_tiles(problem, work, those, show)
    matches = [_match_row(case, bones, *pair) for pair in pairs]
    remove_work(problem, work)
    matches.sort(key=lambda m: -m["log10_same_unrelated"])
    return Search(_family_rows(case, bones, hits), matches, made, warnings)


def key_of(inputs: Mapping[str, str], **parameters: float) -> str:
    """Digest of inputs, parameters and the version of the program.

    >>> key_of({"a.csv": "00"}, top=1) == key_of({"a.csv": "01"}, top=1)
    False
    """
    everything = {"version": program_version(), "inputs": dict(inputs), "parameters": parameters}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:32]


def profiles_of(line: AutosomalLine, sets: Sequence[Exhibits], errors: ErrorSettings) -> Profiles:
    """Rows, types and terms of sets of samples: all right, or one of them somebody else's."""
    rows: list[Exhibits] = []
    terms: list[int] = []
    weights: list[tuple[float, int]] = []
    term_start, row_start = [0], [0]
    for samples in sets:
        row_of: dict[Exhibits, int] = {(): -1}
        for chosen, error, alone in _terms(samples, errors.sample):
            for part in (chosen, alone):
                seen = tuple(s for s in part if line.seen[s])
                if seen not in row_of:
                    row_of[seen] = len(rows)
                    rows.append(seen)
            terms.append(row_of[tuple(s for s in chosen if line.seen[s])])
            weights.append((error, row_of[tuple(s for s in alone if line.seen[s])]))
        term_start.append(len(terms))
        row_start.append(len(rows))
    types, type_loglik, codes, loglik = _encoded(line, rows)
    anybody = np.append(np.logaddexp.reduce(loglik + np.log(_nobody(line)), axis=1), 0.0)
    with_none = np.vstack([loglik, np.zeros(loglik.shape[1])])
    numbers = np.array(terms, dtype=np.int64)
    log_weight = with_none[numbers] + np.array([np.log(e) + anybody[alone] for e, alone in weights])[:, None]
    starts = np.array(term_start, dtype=np.int64)
    total = np.logaddexp.reduceat(log_weight, starts[:-1], axis=0)
    return Profiles(
        types,
        type_loglik,
        codes,
        loglik,
        starts,
        numbers,
        np.exp(log_weight - np.repeat(total, np.diff(starts), axis=0)),
        np.array(row_start, dtype=np.int64),
    )


def _terms(samples: Exhibits, error: float) -> Iterator[tuple[Exhibits, float, Exhibits]]:
    """(samples of the bone's man, weight, samples of anybody)."""
    yield samples, 1.0 - min(error * len(samples), 0.5), ()
    for one in samples:
        yield tuple(s for s in samples if s != one), error, (one,)


def _encoded(
    line: AutosomalLine, rows: Sequence[Exhibits]
) -> tuple[tuple[np.ndarray[Any, np.dtype[np.float32]], ...], tuple[Floats, ...], Any, Floats]:
    """Distinct observations of each marker, their log-likelihood by population, codes, and log-likelihood of rows."""
    markers, populations = len(line.model.markers), len(line.populations)
    known: list[dict[bytes, int]] = [{} for _ in range(markers)]
    codes = np.full((len(rows), markers), -1, dtype=np.int32)
    loglik = np.zeros((len(rows), populations))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        vectors, scale, _ = line._set_vectors(rows[start : start + ROWS_AT_ONCE])
        loglik[start : start + len(vectors)] = scale[:, None]
        for m in range(markers):
            for k, vector in enumerate(vectors[:, line.offsets[m] : line.offsets[m + 1]]):
                if (vector != 1.0).any():
                    codes[start + k, m] = known[m].setdefault(vector.tobytes(), len(known[m]))
    types, type_loglik = [], []
    for m in range(markers):
        part = slice(int(line.offsets[m]), int(line.offsets[m + 1]))
        found = np.frombuffer(b"".join(known[m]), dtype=np.float32).reshape(-1, part.stop - part.start)
        types.append(found)
        type_loglik.append(np.log(found @ line.baseline[:, part].T))
        seen = codes[:, m] >= 0
        loglik[seen] += type_loglik[m][codes[seen, m]]
    return tuple(types), tuple(type_loglik), codes, loglik


def _matches(line: AutosomalLine, sets: Sequence[Exhibits], least: float) -> Iterator[tuple[int, int, float, float]]:
    """Pairs of bones that are likelier one person than two strangers or two brothers, block by block: log10 ratios."""
    blocks = range(0, len(sets), TILE)
    for i in blocks:
        for j in (b for b in blocks if b >= i):
            first, second = sets[i : i + TILE], sets[j : j + TILE]
            same = line.link(first, second) / LN10
            brothers = line.link_against_brothers(first, second) / LN10
            yield from pairs_reached(same, brothers, least, i, j)


def pairs_reached(same: Floats, brothers: Floats, least: float, i: int, j: int) -> Pairs:
    """Pairs of a block of bones (rows from *i*, columns from *j*) that reach the least log10 ratio, each pair once.

    Args:
        same: log10 one person : unrelated people.
        brothers: log10 one person : full brothers.
    """
    reached = np.maximum(same, same - brothers) >= least
    for a, b in np.argwhere(np.triu(reached, 1) if i == j else reached):
        yield i + int(a), j + int(b), float(same[a, b]), float(brothers[a, b])


def _family_rows(case: Case, bones: Sequence[int], hits: Hits) -> list[dict[str, Any]]:
    """Hits ready to print; bones of the hits are numbered as *bones*."""
    return [
        {
            "specimen_id": case.specimen_ids[bones[bone]],
            "rank": rank,
            "missing_id": case.missing_ids[man],
            "log10_lr": round(float(ratio), 4),
        }
        for bone, rank, man, ratio in zip(hits.bone, _ranks(hits.bone), hits.man, hits.log10_lr, strict=True)
    ]


def _match_row(case: Case, bones: Sequence[int], a: int, b: int, same: float, brothers: float) -> dict[str, Any]:
    """A pair of bones ready to print."""
    return {
        "specimen_a": case.specimen_ids[bones[a]],
        "specimen_b": case.specimen_ids[bones[b]],
        "log10_same_unrelated": round(same, 4),
        "log10_same_brothers": round(brothers, 4),
        "log10_brothers_unrelated": round(same - brothers, 4),
    }


def _ranks(bones: Iterable[int]) -> Iterator[int]:
    """1, 2, 3 … within each bone."""
    last, rank = -1, 0
    for bone in bones:
        rank = rank + 1 if bone == last else 1
        last = bone
        yield rank


def _nobody(line: AutosomalLine) -> Floats:
    return np.full(len(line.populations), 1.0 / len(line.populations))
