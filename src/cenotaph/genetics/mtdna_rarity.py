"""Rarity of mitochondrial haplotypes on what was compared, and the likelihood ratio for a maternal relative.

A reference entry counts when it covers nearly all of the compared positions (:data:`COVERAGE`) and has no base there
that contradicts the haplotype. ``LR = T_m(D) / p``: mutation along the maternal path over the rarity, both on the
positions that bone and relative share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.haplotype_rarity import THETA, MatchCounts, log_rarity, singleton_share
from cenotaph.genetics.mtdna_comparison import (
    MINIMUM_SHARED,
    MUTATION_RATE,
    EncodedProfiles,
    SiteRates,
    difference_matrix,
    encode,
    log_mutation_likelihood,
)
from cenotaph.genetics.mtdna_sequence import MtProfile, Ranges

COVERAGE = 0.95


@dataclass(frozen=True, slots=True)
class MtReference:
    """Haplotypes of known population, with counts.

    Args:
        profiles: one for each entry.
        population: (n,) row in *populations*.
        count: (n,) times the haplotype was seen.
        family: (n,) number of the family the entry comes from, -1 for a published set.
        populations: names.
    """

    profiles: EncodedProfiles
    population: NDArray[np.int64]
    count: NDArray[np.float64]
    family: NDArray[np.int64]
    populations: tuple[str, ...]

    @classmethod
    def from_entries(
        cls,
        profiles: Sequence[MtProfile],
        populations: Sequence[str],
        counts: Sequence[int] | None = None,
        families: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
        canonical: int = 0,
    ) -> MtReference:
        """From parallel lists; *counts* default to one, *families* to none, *names* to the populations that occur.

        So many of the first as *canonical* says are in canonical notation already.
        """
        listed = tuple(dict.fromkeys(populations)) if names is None else tuple(names)
        unknown = set(populations) - set(listed)
        if unknown:
            raise InvalidInput("population is not among the names", found=", ".join(sorted(unknown)))
        return cls(
            encode(profiles, canonical),
            np.array([listed.index(p) for p in populations], np.int64),
            np.ones(len(profiles)) if counts is None else np.array(counts, np.float64),
            np.full(len(profiles), -1) if families is None else np.array(families, np.int64),
            listed,
        )


def match_counts(
    profiles: EncodedProfiles,
    reference: MtReference,
    rates: SiteRates,
    ranges: Ranges | None = None,
    with_kappa: bool = False,
) -> MatchCounts:
    """How often the reference shows each profile, per population.

    Args:
        profiles: n of them.
        reference: entries.
        rates: site rates (only the comparison needs them).
        ranges: count on these positions only; the profile's own ranges where absent.
        with_kappa: also compute the singleton share.

    Returns:
        Counts of shape (n, number of populations).
    """
    seen, covering = _compatible(profiles, reference, rates, ranges)
    indicator = _population_weights(reference)
    kappa = np.full((len(seen), len(reference.populations)), np.nan)
    if with_kappa:
        kappa = _kappa(profiles if ranges is None else profiles.restricted_to(ranges), reference)
    return MatchCounts(
        (seen @ indicator)[profiles.index], (covering @ indicator)[profiles.index], kappa[profiles.index]
    )


def _compatible(
    profiles: EncodedProfiles, reference: MtReference, rates: SiteRates, ranges: Ranges | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(distinct profiles, entries) whether the entry shows the profile, and whether it covers it."""
    distinct = profiles.distinct_part(0, profiles.distinct)
    distinct = distinct if ranges is None else distinct.restricted_to(ranges)
    pairs = difference_matrix(distinct, reference.profiles, rates, most=1)
    length = distinct.covered.sum(axis=1)[distinct.range_set][:, None]
    covering = (pairs.shared_length >= COVERAGE * length) & (length > 0)
    seen = covering & (pairs.differences == 0)
    return seen.astype(np.float64), covering.astype(np.float64)


def _population_weights(reference: MtReference) -> NDArray[np.float64]:
    """(entries, populations): the count of an entry in its own population's column."""
    weights = np.zeros((len(reference.count), len(reference.populations)))
    weights[np.arange(len(reference.count)), reference.population] = reference.count
    return weights


def _kappa(profiles: EncodedProfiles, reference: MtReference) -> NDArray[np.float64]:
    """(distinct profiles, populations): singleton share of the entries that cover a profile's ranges."""
    by_set = np.full((len(profiles.range_sets), len(reference.populations)), np.nan)
    for row, ranges in enumerate(profiles.range_sets):
        length = sum(last - first + 1 for first, last in ranges)
        cut = reference.profiles.restricted_to(ranges)
        enough = cut.covered.sum(axis=1)[cut.range_set][cut.index] >= max(COVERAGE * length, 1)
        text = [visible for _, visible in cut.distinct_rows()]
        for column in range(len(reference.populations)):
            times: dict[bytes, float] = {}
            for entry in np.flatnonzero(enough & (reference.population == column)):
                key = text[cut.index[entry]]
                times[key] = times.get(key, 0.0) + reference.count[entry]
            by_set[row, column] = singleton_share(np.array(list(times.values())))
    return by_set[profiles.range_set]


@dataclass(frozen=True, slots=True)
class MtLikelihoods:
    """Bones against donors. Log likelihoods are natural; 0 where nothing can be judged.

    Args:
        log_transmission: (bones, donors) log T_m(D) on the shared ranges.
        log_rarity_shared: (bones, donors) log p of the bone on the shared ranges in the donor's population,
            the donor's own family left out.
        differences: (bones, donors) differing sites.
        shared_length: (bones, donors) shared positions.
        judged: (bones, donors) whether there is a maternal path and at least 100 shared positions.
    """

    log_transmission: NDArray[np.float64]
    log_rarity_shared: NDArray[np.float64]
    differences: NDArray[np.int16]
    shared_length: NDArray[np.int32]
    judged: NDArray[np.bool_]

    @property
    def log_lr(self) -> NDArray[np.float64]:
        """(bones, donors) log T - log p."""
        return self.log_transmission - self.log_rarity_shared


def mtdna_log_lr_matrix(
    bones: EncodedProfiles,
    donors: EncodedProfiles,
    meioses: NDArray[np.float64],
    weights: NDArray[np.float64],
    families: NDArray[np.int64],
    reference: MtReference,
    rates: SiteRates,
    mutation_rate: float = MUTATION_RATE,
    theta: float = THETA,
) -> MtLikelihoods:
    """All bones against all donors.

    Args:
        bones, donors: encoded profiles.
        meioses: (donors,) maternal transmissions between donor and missing person, -1 for no maternal path.
        weights: (donors, populations) what the record says of the missing person's population; a row is a mixture.
        families: (donors,) family number; reference entries of that family are left out.
        reference, rates, mutation_rate, theta: see the modules.

    Cost: 2,000 bones, 5,000 donors and a reference of 10,000 entries in a few seconds.
    """
    pairs = difference_matrix(bones, donors, rates)
    judged = (meioses[None, :] >= 0) & (pairs.shared_length >= MINIMUM_SHARED)
    transmission = log_mutation_likelihood(pairs, np.maximum(meioses, 0.0)[None, :], mutation_rate)
    rarity = np.zeros(pairs.differences.shape)
    sets = donors.range_set[donors.index]
    share = weights / weights.sum(axis=1, keepdims=True)
    indicator = _population_weights(reference)
    for row, ranges in enumerate(donors.range_sets):
        columns = np.flatnonzero((sets == row) & (meioses >= 0))
        if len(columns):
            seen, covering = _compatible(bones, reference, rates, ranges)
            own = _FamilyPart(seen, covering, indicator, reference.family)
            # One logarithm for all columns at the end: families without a reference entry share one table.
            probability = np.empty((len(seen), len(columns)))
            everyone = np.exp(log_rarity(own.without(-1), theta))
            for k, column in enumerate(columns):
                family = int(families[column])
                table = np.exp(log_rarity(own.without(family), theta)) if own.has(family) else everyone
                probability[:, k] = table @ share[column]
            rarity[:, columns] = np.log(probability)[bones.index]
    return MtLikelihoods(
        np.where(judged, transmission, 0.0), np.where(judged, rarity, 0.0),
        pairs.differences, pairs.shared_length, judged,
    )  # fmt: skip


class _FamilyPart:
    """Counts of one compared range, with any one family taken out."""

    def __init__(
        self,
        seen: NDArray[np.float64],
        covering: NDArray[np.float64],
        indicator: NDArray[np.float64],
        family: NDArray[np.int64],
    ) -> None:
        self._seen, self._covering, self._indicator, self._family = seen, covering, indicator, family
        nothing = np.full((len(seen), indicator.shape[1]), np.nan)
        self._all = MatchCounts(seen @ indicator, covering @ indicator, nothing)
        self._entries: dict[int, list[int]] = {}
        for entry in np.flatnonzero(family >= 0):
            self._entries.setdefault(int(family[entry]), []).append(int(entry))

    def has(self, family: int) -> bool:
        """Whether any entry is of *family*."""
        return family in self._entries

    def without(self, family: int) -> MatchCounts:
        """(distinct bones, populations) counts without the entries of *family*."""
        entries = self._entries.get(family, [])
        if not entries:
            return self._all
        weights = self._indicator[entries]
        return self._all.without(self._seen[:, entries] @ weights, self._covering[:, entries] @ weights)


def mtdna_log_lr(
    bone: MtProfile,
    donor: MtProfile,
    meioses: float,
    population: str,
    reference: MtReference,
    rates: SiteRates,
    mutation_rate: float = MUTATION_RATE,
    theta: float = THETA,
) -> float:
    """One bone against one maternal relative, natural log.

    Raises:
        InvalidInput: the reference has no such population.
    """
    if population not in reference.populations:
        raise InvalidInput(
            "population without mtDNA reference", found=population, valid=", ".join(reference.populations)
        )
    weights = np.array([[float(name == population) for name in reference.populations]])
    result = mtdna_log_lr_matrix(
        encode([bone]), encode([donor]), np.array([meioses]), weights, np.array([-2]), reference, rates,
        mutation_rate, theta,
    )  # fmt: skip
    return float(result.log_lr[0, 0])
