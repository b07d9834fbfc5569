"""How rare a haplotype is, from the number of times a reference set shows it. Shared by mtDNA and Y-STR.

Counting ``(x + 1) / (n + 1)``; for types never seen Brenner's kappa on request; then the theta floor
``theta + (1 - theta) p``, because a haplotype is shared by a clan of relatives and no reference is a random draw from
it. With no usable reference (n = 0) the estimate is one: no support.

Assumption: theta = 0.001 for both systems (published values for haploid markers lie between 1e-4 and 1e-2), so a
lineage never supports by more than a factor 1,000.

Source: Brenner (2010), FSI:Genetics 4:281; Buckleton, Krawczak & Weir (2011), FSI:Genetics 5:78; Balding & Nichols
(1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

THETA = 0.001


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """How often a reference shows each haplotype.

    Args:
        seen: x, entries compatible with the haplotype; any shape.
        size: n, entries that cover what is compared; same shape.
        kappa: share of singletons in the reference, nan where it was not computed; same shape.
    """

    seen: NDArray[np.float64]
    size: NDArray[np.float64]
    kappa: NDArray[np.float64]

    def without(self, seen: NDArray[np.float64], size: NDArray[np.float64]) -> MatchCounts:
        """With some entries left out, e.g. the donors of the tested family."""
        return MatchCounts(self.seen - seen, self.size - size, self.kappa)


def log_rarity(counts: MatchCounts, theta: float = THETA, use_kappa: bool = False) -> NDArray[np.float64]:
    """Natural log of the probability of a haplotype in the population of the reference.

    Args:
        counts: of any shape.
        theta: floor, in [0, 1).
        use_kappa: for unseen types ``(1 - kappa) / (n + 1)`` (n + 1 counts the type itself) instead of
            ``1 / (n + 1)``; where kappa is nan the counting estimate stays.

    >>> one = MatchCounts(np.array([0.0]), np.array([999.0]), np.array([0.9]))
    >>> [round(float(np.exp(log_rarity(one, theta=0.0, use_kappa=k))[0]), 6) for k in (False, True)]
    [0.001, 0.0001]
    """
    if not 0.0 <= theta < 1.0:
        raise InvalidInput("theta is outside [0, 1)", found=theta)
    probability = (counts.seen + 1.0) / (counts.size + 1.0)
    if use_kappa:
        unseen = (counts.seen == 0) & ~np.isnan(counts.kappa)
        probability = np.where(unseen, (1.0 - counts.kappa) / (counts.size + 1.0), probability)
    with np.errstate(divide="ignore"):
        result: NDArray[np.float64] = np.log(theta + (1.0 - theta) * probability)
    return result


def log_mixture(log_rarity_by_population: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of the weighted mean over populations (last axis).

    >>> round(float(np.exp(log_mixture(np.log([[0.1, 0.3]]), np.array([0.5, 0.5])))[0]), 12)
    0.2
    """
    share = np.asarray(weights, np.float64) / np.sum(weights, axis=-1, keepdims=True)
    result: NDArray[np.float64] = np.log(np.sum(np.exp(log_rarity_by_population) * share, axis=-1))
    return result


def upper_bound(counts: MatchCounts, confidence: float = 0.95) -> NDArray[np.float64]:
    """One-sided Clopper-Pearson upper bound of the proportion, printed beside the estimate.

    Solves ``sum over k <= x of C(n, k) p^k (1 - p)^(n - k) = 1 - confidence``.

    >>> bound = upper_bound(MatchCounts(np.array([0.0]), np.array([100.0]), np.array([np.nan])))
    >>> round(float(bound[0]), 10) == round(1 - 0.05 ** (1 / 100), 10)
    True
    """
    from scipy.special import betaincinv

    seen, size = counts.seen, counts.size
    inside = size > seen
    bound = np.ones(np.shape(seen))
    bound[inside] = betaincinv(seen[inside] + 1.0, (size - seen)[inside], confidence)
    return bound


def singleton_share(counts: NDArray[np.float64]) -> float:
    """Brenner's kappa: share of singletons once the unseen type is added to the reference.

    Args:
        counts: times each distinct haplotype was seen.

    >>> singleton_share(np.array([1.0, 1.0, 7.0]))
    0.3
    """
    return float((np.sum(counts == 1) + 1) / (counts.sum() + 1))
