"""Every bone against every missing person, what may be wrong mixed in; exponentials only where they matter.

A missing person has *hypotheses*: all his relatives are right, or one of them is not. Each is a genotype distribution
with a weight. A bone has *terms*: its samples all right, or one of them somebody else's; each term is a *row* of
observations with a weight. With T the table of hypothesis h and B the genotype distribution of its population::

    S(row, h) = Σ_markers [ln Σ_g P(observed | g) T(g) − ln Σ_g P(observed | g) B(g)]
    LR        = Σ_terms v Σ_h w_h [(1 − ε) exp S + ε] P_h(row) / P_own(row)

where v, the posterior of the terms under the man's own population, sums to one and ε is the chance that the line is
wrong altogether. For a man of one population LR is a mean of exp S and of ones: where no S reaches a least ratio above
one, neither does LR, and the pair is passed over, which loses nothing.

The numbers do not depend on how bones and men are cut into pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.units import LN10

BLOCK = 64

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profiles:
    """What was observed of the bones.

    Args:
        types: per marker, shape (types, genotypes), distinct ``P(observed | genotype)``, float32.
        type_loglik: per marker, shape (types, populations), natural log of the type's probability in each population.
        codes: shape (rows, markers), int32, type of each row at each marker, −1 where nothing was observed.
        loglik: shape (rows, populations), natural log; the sum over markers.
        term_start: shape (bones + 1,), where each bone's terms begin.
        terms: row of each term, −1 for a term without observations.
        weights: shape (terms, populations), those of one bone sum to one in each population.
        row_start: shape (bones + 1,), where the rows of each bone's terms begin.
    """

    types: tuple[NDArray[np.float32], ...]
    type_loglik: tuple[Floats, ...]
    codes: NDArray[np.int32]
    loglik: Floats
    term_start: Ints
    terms: Ints
    weights: Floats
    row_start: Ints

    def __len__(self) -> int:
        """Number of bones."""
        return len(self.term_start) - 1

    @property
    def type_count(self) -> int:
        """Number of types, all markers together."""
        return sum(len(t) for t in self.types)

    def part(self, first: int, last: int) -> Profiles:
        """The bones first … last − 1 with all types."""
        rows = slice(int(self.row_start[first]), int(self.row_start[last]))
        terms = slice(int(self.term_start[first]), int(self.term_start[last]))
        numbers = self.terms[terms]
        return Profiles(
            self.types,
            self.type_loglik,
            self.codes[rows],
            self.loglik[rows],
            self.term_start[first : last + 1] - terms.start,
            np.where(numbers >= 0, numbers - rows.start, -1),
            self.weights[terms],
            self.row_start[first : last + 1] - rows.start,
        )

    def with_own_types(self) -> Profiles:
        """The same with only those types that occur."""
        used = [np.unique(column[column >= 0]) for column in self.codes.T]
        codes = np.full_like(self.codes, -1)
        for m, kept in enumerate(used):
            seen = self.codes[:, m] >= 0
            codes[seen, m] = np.searchsorted(kept, self.codes[seen, m])
        return Profiles(
            tuple(t[kept] for t, kept in zip(self.types, used, strict=True)),
            tuple(t[kept] for t, kept in zip(self.type_loglik, used, strict=True)),
            codes,
            self.loglik,
            self.term_start,
            self.terms,
            self.weights,
            self.row_start,
        )


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """Genotype distributions of missing persons.

    Args:
        tables: shape (hypotheses, genotypes of all markers), float32.
        offsets: shape (markers + 1,), where each marker's genotypes begin.
        population: shape (hypotheses,), the population that the hypothesis supposes.
        log_weight: shape (hypotheses,), natural log; those of one man sum to one.
        man_start: shape (men + 1,), where each man's hypotheses begin, those of one population side by side.
        own: shape (men,), the population that he is compared with.
    """

    tables: NDArray[np.float32]
    offsets: Ints
    population: Ints
    log_weight: Floats
    man_start: Ints
    own: Ints


@dataclass(frozen=True, slots=True)
class Lookup:
    """S of every type and hypothesis, hypotheses in blocks of 64.

    Args:
        rows: shape (blocks, types, 64), float32, natural log.
        type_start: shape (markers,), where the types of each marker begin.
    """

    rows: NDArray[np.float32]
    type_start: Ints


@dataclass(frozen=True, slots=True)
class Hits:
    """Pairs that were kept, by bone, then from the greatest ratio, then by man.

    Args:
        bone, man: shape (hits,), indices.
        log10_lr: shape (hits,).
    """

    bone: NDArray[np.int32]
    man: NDArray[np.int32]
    log10_lr: Floats


def build_lookup(profiles: Profiles, hypotheses: Hypotheses) -> Lookup:
    """Score every type of *profiles* against every hypothesis.

    Cost:
        types × genotypes × hypotheses multiplications, and 4 bytes for each type and hypothesis.
    """
    from cenotaph.genetics import _mixed_search_kernel as kernel

    count = len(hypotheses.tables)
    blocks = -(-count // BLOCK)
    starts = np.concatenate([[0], np.cumsum([len(t) for t in profiles.types])]).astype(np.int64)
    rows = np.empty((blocks, int(starts[-1]), BLOCK), dtype=np.float32)
    population = np.zeros(blocks * BLOCK, dtype=np.int64)
    population[:count] = hypotheses.population
    for m, observed in enumerate(profiles.types):
        part = slice(int(hypotheses.offsets[m]), int(hypotheses.offsets[m + 1]))
        padded = np.zeros((blocks * BLOCK, part.stop - part.start), dtype=np.float32)
        padded[:count] = hypotheses.tables[:, part]
        in_blocks = np.ascontiguousarray(padded.reshape(blocks, BLOCK, -1).swapaxes(1, 2))
        kernel.score_types(
            np.ascontiguousarray(observed), in_blocks, profiles.type_loglik[m], population, int(starts[m]), rows
        )
    return Lookup(rows, starts[:-1])


def best_men(
    profiles: Profiles, hypotheses: Hypotheses, lookup: Lookup, *, error: float, least: float, top: int
) -> Hits:
    """The *top* missing persons of each bone whose log10 LR is at least *least*; of equals, who comes first.

    Args:
        profiles: bones.
        hypotheses: missing persons.
        lookup: of the types of *profiles* and *hypotheses*.
        error: the line is wrong altogether, ε.
        least: log10.
        top: men kept for each bone.

    Cost:
        about 10⁸ rows × hypotheses of 22 markers a second and core; 4 bytes for each row and hypothesis.

    >>> one = np.ones(1)
    >>> bone = Profiles((np.array([[1.0, 0.0, 0.0]], np.float32),), (np.log([[0.25]]),), np.zeros((1, 1), np.int32),
    ...     np.log([[0.25]]), np.array([0, 1]), np.array([0]), np.ones((1, 1)), np.array([0, 1]))
    >>> man = Hypotheses(np.array([[0.5, 0.5, 0.0]], np.float32), np.array([0, 3]), np.array([0]), np.array([0.0]),
    ...     np.array([0, 1]), np.array([0]))
    >>> found = best_men(bone, man, build_lookup(bone, man), error=0.0, least=0.1, top=1)
    >>> float(round(10 ** found.log10_lr[0], 6))
    2.0
    """
    from cenotaph.genetics import _mixed_search_kernel as kernel

    codes = np.where(profiles.codes >= 0, profiles.codes + lookup.type_start, -1).astype(np.int32)
    scores = np.empty((len(codes), lookup.rows.shape[0] * BLOCK), dtype=np.float32)
    kernel.add_markers(lookup.rows, codes, scores)
    man = np.full((len(profiles), top), -1, dtype=np.int32)
    best = np.full((len(profiles), top), -np.inf)
    kernel.keep_best(
        scores,
        np.ascontiguousarray(profiles.loglik),
        profiles.term_start,
        profiles.terms,
        np.ascontiguousarray(profiles.weights),
        hypotheses.population,
        hypotheses.log_weight,
        hypotheses.man_start,
        hypotheses.own,
        error,
        least * LN10,
        man,
        best,
    )
    bone, rank = np.nonzero(man >= 0)
    return Hits(bone.astype(np.int32), man[bone, rank], best[bone, rank])


def merge_hits(parts: list[Hits], top: int) -> Hits:
    """The *top* hits of each bone out of several searches, the same in whatever order they come.

    >>> a = Hits(np.array([0, 0], np.int32), np.array([7, 8], np.int32), np.array([3.0, 1.0]))
    >>> b = Hits(np.array([0], np.int32), np.array([2], np.int32), np.array([3.0]))
    >>> merge_hits([a, b], 2).man.tolist(), merge_hits([b, a], 2).man.tolist()
    ([2, 7], [2, 7])
    """
    if not parts:
        return Hits(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
    bone, man, log10_lr = (np.concatenate([getattr(p, name) for p in parts]) for name in ("bone", "man", "log10_lr"))
    order = np.lexsort((man, -log10_lr, bone))
    first = np.searchsorted(bone[order], bone[order], side="left")
    kept = order[np.arange(len(order)) - first < top]
    return Hits(bone[kept], man[kept], log10_lr[kept])
