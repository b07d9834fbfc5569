"""How many people: counts of one paired element, and the posterior of the number that died.

From the lefts, rights and pairs of an element: the minimum number, the grand minimum total, the Lincoln index, the most
likely number of individuals and the recovery rate. From one or several elements, with pairs that are certain or not:
the posterior probability of every number of individuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Prior = Literal["once", "per element"]

REACH = 400
"""Numbers above the grand minimum total that are considered unless the caller says how many."""


@dataclass(frozen=True, slots=True)
class SideCounts:
    """Lefts, rights and pairs of one element.

    Args:
        left, right: bones of each side, those in pairs among them.
        pairs: lefts whose right is there.

    Raises:
        InvalidInput: a negative count, or more pairs than bones of a side.

    Source: Adams & Konigsberg (2004), Am J Phys Anthropol 125:138.

    >>> femora = SideCounts(21, 15, 11)
    >>> femora.minimum_number, femora.grand_minimum_total, femora.most_likely_number
    (21, 25, 28)
    >>> round(femora.lincoln_index, 2), round(femora.recovery_rate, 3), round(femora.recovery_rate_se, 3)
    (28.64, 0.611, 0.096)
    """

    left: int
    right: int
    pairs: int

    def __post_init__(self) -> None:
        if min(self.left, self.right) < 0:
            raise InvalidInput("a negative count", found=f"{self.left}, {self.right}", valid="0 or more")
        if not 0 <= self.pairs <= min(self.left, self.right):
            raise InvalidInput("pairs", found=self.pairs, valid=f"0 to {min(self.left, self.right)}, the rarer side")

    @property
    def minimum_number(self) -> int:
        """MNI = max(L, R)."""
        return max(self.left, self.right)

    @property
    def grand_minimum_total(self) -> int:
        """GMT = L + R − P: the people who are seen, if pairing is right."""
        return self.left + self.right - self.pairs

    @property
    def lincoln_index(self) -> float:
        """LI = L R / P; not a number where there is no pair."""
        return self.left * self.right / self.pairs if self.pairs else nan

    @property
    def chapman(self) -> float:
        """(L + 1)(R + 1)/(P + 1) − 1, defined without a pair too."""
        return (self.left + 1) * (self.right + 1) / (self.pairs + 1) - 1

    @property
    def most_likely_number(self) -> int:
        """MLNI = ⌊(L + 1)(R + 1)/(P + 1) − 1⌋, the mode of the posterior; if it is whole, one fewer is as probable."""
        return (self.left + 1) * (self.right + 1) // (self.pairs + 1) - 1

    @property
    def recovery_rate(self) -> float:
        """r = 2 P/(L + R): the probability that a bone of a dead person was recovered; not a number without bones."""
        bones = self.left + self.right
        return 2 * self.pairs / bones if bones else nan

    @property
    def recovery_rate_se(self) -> float:
        """Standard error of the recovery rate, as in the script that L. Konigsberg publishes; not a number at 0 and 1.

        √[(r − 1)² (r − 2)² r² / (r² (L + R)(3 − 2 r) + 2 P (2 − 6 r + 3 r²))].
        """
        r = self.recovery_rate
        if isnan(r) or r in (0.0, 1.0):
            return nan
        below = r * r * (self.left + self.right) * (3 - 2 * r) + 2 * self.pairs * (2 - 6 * r + 3 * r * r)
        return sqrt(((r - 1) * (r - 2) * r) ** 2 / below)


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """What is known of the number of pairs of an element.

    Args:
        left, right: bones of each side.
        log_support: (min(L, R) + 1) log of the mean, over all ways to make k pairs, of the product of the likelihood
            ratios of these pairs; −inf where k pairs are impossible. Certain pairing is 0 at P and −inf elsewhere.
        is_exact: whether the support was summed, rather than sampled.
    """

    left: int
    right: int
    log_support: Floats
    is_exact: bool = True

    def __post_init__(self) -> None:
        if len(self.log_support) != min(self.left, self.right) + 1:
            raise InvalidInput(
                "support of pairs", found=len(self.log_support), valid=str(min(self.left, self.right) + 1)
            )
        if not np.isfinite(self.log_support).any():
            raise InvalidInput("no number of pairs is possible")

    @classmethod
    def certain(cls, counts: SideCounts) -> PairEvidence:
        """Pairing that is taken as free of error."""
        support = np.full(min(counts.left, counts.right) + 1, -inf)
        support[counts.pairs] = 0.0
        return cls(counts.left, counts.right, support)

    @property
    def least_total(self) -> int:
        """The fewest people that fit: L + R less the greatest possible number of pairs."""
        return self.left + self.right - int(np.flatnonzero(np.isfinite(self.log_support))[-1])

    def log_joint(self, numbers: Ints) -> Floats:
        """(numbers, pairs) log Hypergeometric(k; N, L, R) + support of k."""
        k = np.arange(len(self.log_support))
        return _log_hypergeometric(k, numbers[:, None], self.left, self.right) + self.log_support


@dataclass(frozen=True, slots=True)
class NumberPosterior:
    """Posterior of the number of people of whom the bones are a part.

    Args:
        numbers: consecutive numbers of individuals considered.
        probability: of each; sums to one.
        pairs: per element, the probability of 0, 1, 2, … pairs.
        is_cut: the greatest number considered carries probability still: the upper limits rest on that number, not on
            the bones. With one pair or none there is no useful upper limit.
        is_exact: whether every sum was made in full, rather than sampled.
    """

    numbers: Ints
    probability: Floats
    pairs: tuple[Floats, ...]
    is_cut: bool
    is_exact: bool

    @property
    def mode(self) -> int:
        """The most probable number; of two that are equally probable, the smaller."""
        return int(self.numbers[np.flatnonzero(self.probability >= self.probability.max() * (1 - 1e-12))[0]])

    @property
    def mean(self) -> float:
        """Expected number."""
        return float(self.numbers @ self.probability)

    def highest_density(self, level: float = 0.95) -> Region:
        """The smallest set of numbers that holds at least *level*: its ends and what it holds.

        >>> number_posterior([PairEvidence.certain(SideCounts(21, 15, 11))]).highest_density(0.95)
        Region(low=25, high=39, mass=0.95...)
        """
        if not 0 < level < 1:
            raise InvalidInput("level of a region", found=level, valid="between 0 and 1")
        order = np.argsort(-self.probability, kind="stable")
        mass = np.cumsum(self.probability[order])
        count = int(np.searchsorted(mass, level - 1e-12)) + 1
        inside = self.numbers[order[:count]]
        return Region(int(inside.min()), int(inside.max()), float(mass[count - 1]))


@dataclass(frozen=True, slots=True)
class Region:
    """Ends of a highest-density region, and the probability it holds."""

    low: int
    high: int
    mass: float


def number_posterior(
    elements: Sequence[PairEvidence], *, largest: int | None = None, prior: Prior = "once"
) -> NumberPosterior:
    """Posterior of the number of individuals N from one or several paired elements.

    p(N | bones) ∝ p(N) Π_e Σ_k Hypergeometric(k; N, L_e, R_e) s_e(k), p(N) = 1/(N + 1), where s_e(k) supports k pairs
    (`PairEvidence`). With one element and certain pairs its mode is ⌊(L + 1)(R + 1)/(P + 1) − 1⌋.

    Assumes that each side of each element is recovered independently of the others, and that nobody's bone is
    counted twice. With elements that were recovered together (a leg) the result is narrower than it should be.

    Args:
        elements: evidence of each.
        largest: greatest number considered; the greatest least total of an element + 400 if None.
        prior: ``once``, or ``per element`` as in the script of Konigsberg, which multiplies the whole terms: a
            stronger prior towards few.

    Raises:
        InvalidInput: no element, or *largest* below the least number that fits.

    Source: Adams & Konigsberg (2004); the sum over pairs is ours.

    >>> posterior = number_posterior([PairEvidence.certain(SideCounts(21, 15, 11))])
    >>> posterior.mode, round(posterior.mean, 4)
    (28, 30.5)
    """
    if not elements:
        raise InvalidInput("no element to count", valid="one paired element or more")
    least = max(e.least_total for e in elements)
    most = least + REACH if largest is None else largest
    if most < least:
        raise InvalidInput("greatest number considered", found=most, valid=f"{least} or more")
    numbers = np.arange(least, most + 1)
    joints = [e.log_joint(numbers) for e in elements]
    totals = [np.logaddexp.reduce(joint, axis=1) for joint in joints]
    weight = 1 if prior == "once" else len(elements)
    log_p = np.sum(totals, axis=0) - weight * np.log(numbers + 1.0)
    probability = np.exp(log_p - np.logaddexp.reduce(log_p))
    pairs = tuple(probability @ np.exp(joint - total[:, None]) for joint, total in zip(joints, totals, strict=True))
    return NumberPosterior(
        numbers, probability, pairs, bool(probability[-1] * numbers[-1] > 1e-3), all(e.is_exact for e in elements)
    )  # fmt: skip


def _log_hypergeometric(k: Ints, number: Ints, left: int, right: int) -> Floats:
    """log p(k pairs | N people, L lefts and R rights drawn at random), −inf where impossible."""
    from scipy.special import gammaln

    def log_choose(n: Ints | int, m: Ints | int) -> Floats:
        inside = (np.asarray(m) >= 0) & (np.asarray(m) <= np.asarray(n))
        n_, m_ = np.maximum(n, 0), np.clip(m, 0, np.maximum(n, 0))
        value: Floats = np.where(inside, gammaln(n_ + 1.0) - gammaln(m_ + 1.0) - gammaln(n_ - m_ + 1.0), -inf)
        return value

    alone = log_choose(number - left, right - k)
    result: Floats = log_choose(left, k) + alone - log_choose(number, right)
    return result
