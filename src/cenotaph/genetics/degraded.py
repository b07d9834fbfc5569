"""Profiles of poor bone: how much drops out, told by the profile itself (likelihood: `cenotaph.genetics.marker`)."""

from __future__ import annotations

from collections.abc import Sequence


def estimated_dropout(alleles_seen: Sequence[int], homozygosity: float, least: float) -> float:
    """Drop-out per allele from a profile's own share of open second alleles.

    Of the observations with one allele, a share h (the expected homozygosity) is homozygous; of a heterozygote of which
    at least one allele is seen, one has dropped with probability ``2D / (1 + D)``. Solved for D with one
    pseudo-observation.

    Args:
        alleles_seen: per observation, the number of alleles written: a called homozygote is written twice, an open
            second allele is not.
        homozygosity: expected share of homozygotes.
        least: returned for a complete profile.

    >>> estimated_dropout([2, 2], 0.2, 0.02)
    0.02
    >>> round(estimated_dropout([1] * 9, 0.2, 0.02), 3)
    0.778
    """
    single = sum(n == 1 for n in alleles_seen)
    if single == 0:
        return least
    share = single / (len(alleles_seen) + 1)
    dropped = min(max((share - homozygosity) / (1 - homozygosity), 0.0), 0.95)
    return max(least, dropped / (2 - dropped))
