"""What the lines share that judge the specimens themselves and not extracts taken from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints, LineScores, States


class BoneLine(ABC):
    """A line on specimens: no donor speaks, so the references say nothing and brothers do not inform on each other.

    Args:
        case, states: whom.
        error: probability that the line is wrong altogether.
    """

    name: str
    group: str
    column_of_state: Ints
    seen: NDArray[np.bool_]

    def __init__(self, case: Case, states: States, error: float) -> None:
        self.case, self.states, self.error = case, states, error
        self.populations = (*case.populations, *FOREIGN)
        self.reference_loglik: Floats = np.zeros(len(states.man))

    def see(self, specimens: NDArray[np.bool_]) -> None:
        """Say on which specimens the line has data, shape (n,)."""
        self.seen = np.zeros(self.case.exhibits, dtype=np.bool_)
        self.seen[len(self.case.sample_ids) :] = specimens

    @abstractmethod
    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """As `cenotaph.evidence.line.Line.score`."""

    def bones(self, exhibits: Exhibits) -> list[int]:
        """The specimens of a set that the line has data on."""
        return [self.case.specimen_behind(e) for e in exhibits if self.seen[e]]

    def pair_gain(self, first: Exhibits, first_man: int, second: Exhibits, second_man: int) -> float:
        """Nothing: what the bones of two brothers have in common is not modelled."""
        return 0.0

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """log p(both | one person) − log p(first) − log p(second), each of any population alike."""
        result = np.zeros((len(first), len(second)))
        rows = [k for k, s in enumerate(first) if self.seen[list(s)].any()]
        columns = [k for k, s in enumerate(second) if self.seen[list(s)].any()]
        if rows and columns:
            one = self._anybody([first[k] for k in rows])
            other = self._anybody([second[k] for k in columns])
            both = self._anybody([tuple(sorted({*first[a], *second[b]})) for a in rows for b in columns])
            result[np.ix_(rows, columns)] = both.reshape(len(rows), -1) - one[:, None] - other[None, :]
        return result

    def _anybody(self, sets: Sequence[Exhibits]) -> Floats:
        """log p of each set, of somebody of any population alike."""
        populations = self.score(sets, np.array([], dtype=np.int64)).populations
        result: Floats = np.logaddexp.reduce(populations, axis=1) - np.log(populations.shape[1])
        return result
