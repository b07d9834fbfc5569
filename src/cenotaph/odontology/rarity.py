"""How many charts of a reference show a pattern, as OdontoSearch counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.odontology.chart import COMPARED, LOST, N_STATES, SOUND, UNERUPTED, UNKNOWN, States

VIRGIN, RESTORED, MISSING = 0, 1, 2


def _generic() -> NDArray[np.int8]:
    generic = np.full(N_STATES + 1, RESTORED, dtype=np.int8)
    generic[SOUND] = VIRGIN
    generic[[LOST, UNERUPTED]] = MISSING
    generic[UNKNOWN] = UNKNOWN
    return generic


GENERIC: Final = _generic()
"""Generic state of each state, the last of unknown, −1. A tooth that has not erupted is missing to the eye."""


@dataclass(frozen=True, slots=True)
class PatternCount:
    """How common a pattern is in a reference.

    Args:
        matches: reference charts that show it; a reference tooth that was not recorded contradicts nothing.
        charts: reference charts that record one of its teeth or more.
    """

    matches: int
    charts: int

    @property
    def frequency(self) -> float:
        """(x + 1)/(n + 1): the pattern itself is counted, so that it is never zero.

        >>> PatternCount(0, 999).frequency
        0.001
        """
        return (self.matches + 1) / (self.charts + 1)


@dataclass(frozen=True, slots=True)
class PatternRarity:
    """A pattern counted by virgin, restored, missing (*generic*) and by restored surfaces (*detailed*)."""

    generic: PatternCount
    detailed: PatternCount


def pattern_rarity(chart: States, reference: States) -> PatternRarity:
    """Counts reference charts that show the pattern of the teeth that *chart* records.

    Permanent teeth without third molars; decay that was not treated is no restoration. Generic is the cautious count.

    Args:
        chart: shape (32,).
        reference: shape (n, 32).

    Source: B. J. Adams (2003), J Forensic Sci 48:487 and 48:497; OdontoSearch.

    >>> reference = np.zeros((99, 32), dtype=np.int8); reference[:9, 2] = 3; reference[9:19, 2] = 2
    >>> chart = np.full(32, -1, dtype=np.int8); chart[2] = 2
    >>> found = pattern_rarity(chart, reference)
    >>> found.generic, found.detailed.frequency
    (PatternCount(matches=19, charts=99), 0.11)
    """
    teeth = COMPARED[chart[COMPARED] != UNKNOWN]
    wanted, there = chart[teeth], reference[:, teeth]
    return PatternRarity(_count(GENERIC[wanted], GENERIC[there]), _count(wanted, there))


def _count(wanted: States, there: States) -> PatternCount:
    recorded = (there != UNKNOWN).any(axis=1)
    matches = ((there == wanted) | (there == UNKNOWN)).all(axis=1) & recorded
    return PatternCount(int(matches.sum()), int(recorded.sum()))
