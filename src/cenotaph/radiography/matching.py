"""How good a shortlist is: rank of the right man, and the share of them within the first so many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z_95 = 1.959963984540054


def ranks_of_truth(scores: Floats, truth: Ints) -> Ints:
    """Rank of the right film of each bone, 1 for the first; equal scores count against it.

    Args:
        scores: shape (bones, films), greater is better.
        truth: shape (bones,), column of the right film.

    >>> ranks_of_truth(np.array([[3.0, 2.0, 5.0], [1.0, 1.0, 0.0]]), np.array([0, 0])).tolist()
    [2, 2]
    """
    own = scores[np.arange(len(scores)), truth][:, None]
    result: Ints = np.count_nonzero(scores >= own, axis=1).astype(np.int64)
    return result


@dataclass(frozen=True, slots=True)
class CumulativeMatch:
    """Cumulative match characteristic: the share of bones whose man is among the first films.

    Args:
        films: length of the whole list.
        bones: bones that were searched.
        rank: shape (films,), 1 to the number of films.
        recall: shape (films,), share of bones.
        low, high: shape (films,), 95 % interval (Wilson).
    """

    films: int
    bones: int
    rank: Ints
    recall: Floats
    low: Floats
    high: Floats

    def position(self, share: float) -> int:
        """Index of the rank that ends the first *share* of the films; at least the first film."""
        return max(int(share * self.films), 1) - 1

    def recall_at(self, share: float) -> float:
        """Share of bones whose man is among the first *share* of the films."""
        return float(self.recall[self.position(share)])

    def interval_at(self, share: float) -> tuple[float, float]:
        """The 95 % interval of `recall_at`."""
        k = self.position(share)
        return float(self.low[k]), float(self.high[k])


def cumulative_match(ranks: Ints, films: int) -> CumulativeMatch:
    """The curve, with an interval, from ranks.

    Args:
        ranks: shape (bones,), from 1.
        films: length of the list.

    Raises:
        InvalidInput: no bone, or a rank outside of the list.

    >>> curve = cumulative_match(np.array([1, 1, 1, 30]), 100)
    >>> curve.recall_at(0.05), [round(v, 2) for v in curve.interval_at(0.05)]
    (0.75, [0.3, 0.95])
    """
    if not len(ranks) or ranks.min() < 1 or ranks.max() > films:
        raise InvalidInput("ranks outside of the list", found=ranks, valid=f"1 to {films}")
    rank = np.arange(1, films + 1)
    hits = np.cumsum(np.bincount(ranks, minlength=films + 1)[1:])
    low, high = wilson(hits.astype(np.float64), len(ranks))
    return CumulativeMatch(films, len(ranks), rank, hits / len(ranks), low, high)


def wilson(hits: Floats, of: int) -> tuple[Floats, Floats]:
    """95 % interval of a share: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    Source: Wilson (1927), J Am Stat Assoc 22:209.

    >>> [round(float(v), 3) for v in wilson(np.array(0.0), 10)]
    [0.0, 0.278]
    """
    p, z = hits / of, Z_95
    centre = p + z * z / (2 * of)
    half = z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return np.maximum((centre - half) / (1 + z * z / of), 0.0), np.minimum((centre + half) / (1 + z * z / of), 1.0)
