"""What a line of evidence is: log-likelihoods of sets of exhibits under every hypothesis, on one baseline.

An *exhibit* is a sample or a specimen itself (`Case.exhibits`).

A *hypothesis state* is a missing person together with what may be wrong with his references: nobody, or one donor.
Errors of a donor strike all lines at once, so lines are multiplied within a state and states are mixed afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Exhibits = tuple[int, ...]

FOREIGN = ("korean", "chinese", "other")
"""Populations of those who are nobody on the roster, beside unlisted compatriots."""


@dataclass(frozen=True, slots=True)
class States:
    """Hypothesis states, sorted by missing person.

    Args:
        man: shape (h,), index of the missing person.
        family: shape (h,), his family or −1.
        wrong: shape (h,), node of the donor supposed wrong, −1 for none.
        population: shape (h,), the man's population; a man of unknown population has states for each.
        log_share: shape (h,), log probability of that population: 0 where the record states it.
        first: shape (m,), position of each man's first state (the one with no donor wrong).
    """

    man: Ints
    family: Ints
    wrong: Ints
    population: Ints
    log_share: Floats
    first: Ints

    @classmethod
    def of(cls, case: Case) -> States:
        """One state per missing person and one more per donor in his family, for every population he may be of."""
        man: list[int] = []
        family: list[int] = []
        wrong: list[int] = []
        population: list[int] = []
        log_share: list[float] = []
        first: list[int] = []
        for m, f in enumerate(case.family_of):
            donors = case.families[f].donors if f >= 0 else ()
            first.append(len(man))
            stated = int(case.population[m])
            for p in (stated,) if stated >= 0 else range(len(case.populations)):
                for donor in (-1, *donors):
                    man.append(m)
                    family.append(int(f))
                    wrong.append(donor)
                    population.append(p)
                    log_share.append(0.0 if stated >= 0 else float(np.log(case.population_share[p])))
        m_, f_, w_, p_, first_ = (np.array(x, dtype=np.int64) for x in (man, family, wrong, population, first))
        return cls(m_, f_, w_, p_, np.array(log_share), first_)

    def part(self, men: Ints) -> States:
        """Those of some missing persons, numbered anew.

        Args:
            men: shape (k,), ascending.
        """
        own = np.flatnonzero(np.isin(self.man, men))
        man: Ints = np.searchsorted(men, self.man[own])
        return States(
            man,
            self.family[own],
            self.wrong[own],
            self.population[own],
            self.log_share[own],
            np.searchsorted(man, np.arange(len(men))),
        )


@dataclass(frozen=True, slots=True)
class LineScores:
    """Natural-log likelihoods of sets of exhibits.

    Args:
        columns: shape (sets, columns); states that a line cannot tell apart share a column.
        populations: shape (sets, populations), the set as a random member of each population of the case,
            then of `FOREIGN`.
        informative: shape (sets,), whether the line can judge the set at all; where not, everything is 0.
    """

    columns: Floats
    populations: Floats
    informative: NDArray[np.bool_]


class Line(Protocol):
    """A line of evidence.

    Attributes:
        name: as in ``log10_lr_<name>`` and ``--without <name>``.
        seen: shape (exhibits,), what the line has data on; sets that differ elsewhere are one set to it.
        group: lines of one group support together once.
        column_of_state: shape (h,), the column of each state.
        reference_loglik: shape (h,), log-likelihood of the references themselves under the state, up to a
            constant per man.
        error: probability that the line is wrong altogether.
    """

    name: str
    group: str
    seen: NDArray[np.bool_]
    column_of_state: Ints
    reference_loglik: Floats
    error: float

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """Likelihood of each set of exhibits if all are of one person, under *columns* (default: all of them)."""
        ...

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """log p(both | two missing of one family) − log p(first | first man) − log p(second | second man)."""
        ...

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Shape (first, second): log ratio of one person against two unrelated people, of any population alike, for
        each pair of sets; 0 where it cannot be judged."""
        ...
