"""Comparing mitochondrial profiles: differences on the shared ranges, and mutation along the maternal path.

Mutation model. Along *m* maternal transmissions mutations fall on site *s* as a Poisson process with mean
``m * mu * share[s]``, where the shares of all control-region sites sum to one: ``mu`` is a rate per control-region
transmission. A comparison over fewer (or more) positions has the rate ``mu * (sum of shares compared)``, so it scales
with what was compared. For a difference set D::

    T_m(D) = exp(-m * mu * R) * prod over s in D of (m * mu * share[s] * base[s])

R is the sum of shares over the shared positions; ``base`` is 0.96 for a transition and 0.02 for each transversion
(their proportions in Soares 2009). For one hot site this is the usual m * mu * w; for no difference exp(-m * mu * R).

Assumptions: mu = 0.01 (pedigree studies found 0.0043 to 0.031: Sigurdardottir 2000, Parsons 1997); an indel outside
the ignored tracts is as rare as a site that was never seen to change; two samples of one person may differ by
heteroplasmy and error as if :data:`SAME_PERSON_MEIOSES` transmissions lay between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.mtdna import IUPAC_MASK, Difference, intersect_ranges
from cenotaph.genetics.mtdna_reference import CONTROL_REGION, LENGTH
from cenotaph.genetics.mtdna_sequence import MASK_OF_REFERENCE, MtProfile, Ranges, canonical_differences

MUTATION_RATE = 0.01
TRANSITION = 0.96
TRANSVERSION = 0.02
UNSEEN_COUNT = 0.2
SAME_PERSON_MEIOSES = 0.1
MINIMUM_SHARED = 100

_SUBSTITUTION, _INSERTION, _DELETION = 0, 1, 2


class Outcome(StrEnum):
    """Words of the SWGDAM guidelines (2019). A label for the reader; scoring uses the likelihood ratio."""

    CANNOT_EXCLUDE = "cannot exclude"
    INCONCLUSIVE = "inconclusive"
    EXCLUSION = "exclusion"
    INSUFFICIENT = "insufficient"


def outcome_of(differences: int, shared_length: int) -> Outcome:
    """No difference: cannot exclude; one: inconclusive; more: exclusion; under 100 shared positions: insufficient.

    >>> outcome_of(1, 610).value
    'inconclusive'
    """
    if shared_length < MINIMUM_SHARED:
        return Outcome.INSUFFICIENT
    return (Outcome.CANNOT_EXCLUDE, Outcome.INCONCLUSIVE, Outcome.EXCLUSION)[min(differences, 2)]


@dataclass(frozen=True, slots=True)
class SiteRates:
    """Relative mutation rates of all positions.

    Args:
        share: shape (16570,), index is the rCRS position; the control region sums to one.

    Source: counts of Soares et al. (2009), Am J Hum Genet 84:740; a position never seen to change gets 0.2
        events, the Good-Turing estimate from the positions seen once.
    """

    share: NDArray[np.float64]

    @classmethod
    def from_counts(cls, counts: Mapping[int, int]) -> SiteRates:
        """From the number of mutation events at each position.

        >>> rates = SiteRates.from_counts({16519: 209, 152: 157})
        >>> bool(rates.share[16519] > rates.share[152] > rates.share[263] > 0)
        True
        """
        events = np.full(LENGTH + 1, UNSEEN_COUNT)
        events[0] = 0.0
        for position, count in counts.items():
            events[position] += count
        control = sum(events[first : last + 1].sum() for first, last in CONTROL_REGION)
        return cls(events / control)

    @property
    def log_rate(self) -> NDArray[np.float64]:
        """Shape (16570, 3): log of share x base for a transition, a transversion and an indel at a position."""
        unseen = self.share[1:].min()
        with np.errstate(divide="ignore"):
            log_share = np.log(self.share)
        indel = np.full(LENGTH + 1, np.log(unseen))
        return np.stack([log_share + np.log(TRANSITION), log_share + np.log(TRANSVERSION), indel], axis=1)

    def total(self, ranges: Sequence[tuple[int, int]]) -> float:
        """Sum of shares over *ranges*.

        >>> round(SiteRates.from_counts({}).total([(16024, 16569), (1, 576)]), 12)
        1.0
        """
        return float(sum(self.share[first : last + 1].sum() for first, last in ranges))


@dataclass(frozen=True, slots=True)
class EncodedProfiles:
    """Many profiles as arrays; equal profiles are stored once.

    Args:
        index: (n,) row of each profile among the distinct ones.
        offset: (u + 1,) where the sites of each distinct profile begin and end.
        site: ``4 * position + kind``; kind 0 substitution, 1 insertion after, 2 deletion starting at the position.
        state: IUPAC bits of a substitution, a number for the inserted text, the length of a deletion.
        range_set: (u,) row in ``range_sets``.
        range_sets: distinct ranges.
        covered: (number of range sets, 16570) whether a position was read.
    """

    index: NDArray[np.int64]
    offset: NDArray[np.int64]
    site: NDArray[np.int64]
    state: NDArray[np.int64]
    range_set: NDArray[np.int64]
    range_sets: tuple[Ranges, ...]
    covered: NDArray[np.bool_]

    @property
    def distinct(self) -> int:
        """Number of distinct profiles."""
        return len(self.range_set)

    def __len__(self) -> int:
        return len(self.index)

    def restricted_to(self, ranges: Sequence[tuple[int, int]]) -> EncodedProfiles:
        """The same profiles, in the same rows, as if only *ranges* had been read."""
        sets = tuple(intersect_ranges(own, ranges) for own in self.range_sets)
        return EncodedProfiles(self.index, self.offset, self.site, self.state, self.range_set, sets, _coverage(sets))

    def distinct_part(self, start: int, stop: int) -> EncodedProfiles:
        """Distinct profiles *start* to *stop* (exclusive, cut at the end), each once."""
        stop = min(stop, self.distinct)
        part = slice(self.offset[start], self.offset[stop])
        return EncodedProfiles(
            np.arange(stop - start),
            self.offset[start : stop + 1] - self.offset[start],
            self.site[part],
            self.state[part],
            self.range_set[start:stop],
            self.range_sets,
            self.covered,
        )

    def distinct_rows(self) -> list[tuple[int, bytes]]:
        """One key for each distinct profile: its range set and what is visible within it."""
        keys = []
        for row in range(self.distinct):
            part = slice(self.offset[row], self.offset[row + 1])
            seen = self.covered[self.range_set[row], self.site[part] >> 2]
            keys.append((int(self.range_set[row]), self.site[part][seen].tobytes() + self.state[part][seen].tobytes()))
        return keys


def encode(profiles: Sequence[MtProfile], canonical: int = 0) -> EncodedProfiles:
    """Profiles as arrays, equal sequences over equal ranges once.

    Args:
        profiles: in any notation.
        canonical: so many of the first are in canonical notation already, as shipped tables are.

    >>> both = encode([MtProfile.from_text("73-340", "263G 309.1C"), MtProfile.from_text("73-340", "263G")])
    >>> both.index.tolist(), both.distinct
    ([0, 0], 1)
    """
    known: dict[tuple[Ranges, tuple[Difference, ...]], int] = {}
    written: dict[tuple[Ranges, tuple[Difference, ...]], int] = {}
    index = np.empty(len(profiles), np.int64)
    for row, profile in enumerate(profiles):
        as_written = (profile.ranges, profile.differences)
        if as_written not in written:
            key = as_written if row < canonical else (profile.ranges, canonical_differences(profile))
            written[as_written] = known.setdefault(key, len(known))
        index[row] = written[as_written]
    range_sets = tuple(dict.fromkeys(ranges for ranges, _ in known))
    place = {ranges: k for k, ranges in enumerate(range_sets)}
    coded = [_sites(differences) for _, differences in known]
    flat = np.array([pair for pairs in coded for pair in pairs], np.int64).reshape(-1, 2)
    return EncodedProfiles(
        index=index,
        offset=np.concatenate([[0], np.cumsum([len(pairs) for pairs in coded], dtype=np.int64)]).astype(np.int64),
        site=np.ascontiguousarray(flat[:, 0]),
        state=np.ascontiguousarray(flat[:, 1]),
        range_set=np.array([place[ranges] for ranges, _ in known], np.int64),
        range_sets=range_sets,
        covered=_coverage(range_sets),
    )


def _coverage(range_sets: Sequence[Ranges]) -> NDArray[np.bool_]:
    covered = np.zeros((len(range_sets), LENGTH + 1), np.bool_)
    for row, ranges in enumerate(range_sets):
        for first, last in ranges:
            covered[row, first : last + 1] = True
    return covered


def _sites(differences: Sequence[Difference]) -> list[tuple[int, int]]:
    """Sorted (site, state). Deleted positions say nothing about their base, the deletion itself is one site."""
    sites: dict[int, int] = {}
    for d in differences:
        if d.is_insertion:
            sites[4 * d.position + _INSERTION] = _text_code(d.bases)
        elif d.is_deletion:
            sites[4 * d.position + _DELETION] = d.last - d.position + 1
            sites |= {4 * p: 15 for p in range(d.position, d.last + 1)}
        else:
            sites[4 * d.position] = IUPAC_MASK[d.bases]
    return sorted(sites.items())


def _text_code(bases: str) -> int:
    """A positive number for an inserted text, the same on every run."""
    code = 0
    for base in bases:
        code = (code * 16 + IUPAC_MASK[base]) % (2**61 - 1)
    return code


@dataclass(frozen=True, slots=True)
class PairDifferences:
    """All pairs of two sets of profiles.

    Args:
        differences: (na, nb) number of differing sites on the shared ranges, int16.
        shared_length: (na, nb) positions read in both, int32.
        log_product: (na, nb) sum over differing sites of log(share x base).
        shared_rate: (na, nb) sum of shares over the shared positions (R).
    """

    differences: NDArray[np.int16]
    shared_length: NDArray[np.int32]
    log_product: NDArray[np.float64]
    shared_rate: NDArray[np.float64]


UNBOUNDED = 1 << 15


def difference_matrix(
    a: EncodedProfiles, b: EncodedProfiles, rates: SiteRates, most: int = UNBOUNDED
) -> PairDifferences:
    """Compare every profile of *a* with every profile of *b*. Distinct pairs are compared once.

    Counting stops at *most* differences: who only asks whether there are any asks for one.

    Cost: distinct pairs x differences per profile; 2,000 x 5,000 profiles in under a second.
    """
    from cenotaph.genetics.lineage_kernels import compare_all

    count, log_product = compare_all(
        a.offset, a.site, a.state, a.range_set, a.covered,
        b.offset, b.site, b.state, b.range_set, b.covered,
        MASK_OF_REFERENCE, rates.log_rate, most,
    )  # fmt: skip
    length, rate = _shared(a, b, rates)
    rows, columns = a.index[:, None], b.index[None, :]
    sets_a, sets_b = a.range_set[a.index][:, None], b.range_set[b.index][None, :]
    return PairDifferences(
        count[rows, columns], length[sets_a, sets_b], log_product[rows, columns], rate[sets_a, sets_b]
    )


def _shared(a: EncodedProfiles, b: EncodedProfiles, rates: SiteRates) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Shared length and shared rate for each pair of range sets."""
    both = [[intersect_ranges(r, s) for s in b.range_sets] for r in a.range_sets]
    shape = (len(a.range_sets), len(b.range_sets))
    length = [sum(last - first + 1 for first, last in shared) for row in both for shared in row]
    rate = [rates.total(shared) for row in both for shared in row]
    return np.array(length, np.int32).reshape(shape), np.array(rate, np.float64).reshape(shape)


def log_mutation_likelihood(
    pairs: PairDifferences, meioses: NDArray[np.float64] | float, mutation_rate: float = MUTATION_RATE
) -> NDArray[np.float64]:
    """Natural log of T_m(D), the probability of one sequence given the other, on the shared ranges.

    Args:
        pairs: from :func:`difference_matrix`.
        meioses: maternal transmissions between the two, anything that broadcasts to (na, nb); 0 allows no difference.
        mutation_rate: per control-region transmission.

    Returns:
        (na, nb); -inf where no path explains the differences.
    """
    mean = np.broadcast_to(np.asarray(meioses, np.float64) * mutation_rate, pairs.differences.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = np.where(pairs.differences > 0, pairs.differences * np.log(mean), 0.0)
    result: NDArray[np.float64] = changes + pairs.log_product - mean * pairs.shared_rate
    return result


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two profiles on their shared ranges, for a reader.

    Args:
        outcome: word of the guideline.
        sites: what differs, e.g. ``("152 T/C",)``.
        shared_length: positions read in both.
    """

    outcome: Outcome
    sites: tuple[str, ...]
    shared_length: int

    @property
    def differences(self) -> int:
        """Number of differing sites."""
        return len(self.sites)


def compare(a: MtProfile, b: MtProfile) -> Comparison:
    """Compare two profiles as rebuilt sequences.

    >>> bone = MtProfile.from_text("16024-16365 73-340", "16126C 73G 263G 315.1C")
    >>> niece = MtProfile.from_text("16024-576", "16126C 16519C 73G 152Y 263G 309.1C 315.1C 524.1AC")
    >>> compare(bone, niece)
    Comparison(outcome=<Outcome.CANNOT_EXCLUDE: 'cannot exclude'>, sites=(), shared_length=610)
    """
    shared = intersect_ranges(a.ranges, b.ranges)
    shared_length = sum(last - first + 1 for first, last in shared)
    covered = _coverage([shared])[0]
    found_a, found_b = (dict(_sites(canonical_differences(profile))) for profile in (a, b))
    sites = []
    for site in sorted(found_a.keys() | found_b.keys()):
        position, kind = site >> 2, site & 3
        plain = int(MASK_OF_REFERENCE[position]) if kind == _SUBSTITUTION else 0
        one, other = found_a.get(site, plain), found_b.get(site, plain)
        differ = one & other == 0 if kind == _SUBSTITUTION else one != other
        last = position + max(one, other) - 1 if kind == _DELETION else position
        if covered[position] and covered[last] and differ:
            sites.append(_site_name(site, one, other))
    return Comparison(outcome_of(len(sites), shared_length), tuple(sites), shared_length)


def _site_name(site: int, one: int, other: int) -> str:
    position, kind = site >> 2, site & 3
    if kind == _INSERTION:
        return f"insertion after {position}"
    if kind == _DELETION:
        return f"deletion at {position}"
    letters = {mask: letter for letter, mask in IUPAC_MASK.items()}
    return f"{position} {letters.get(one, 'N')}/{letters.get(other, 'N')}"
