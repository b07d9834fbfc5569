"""Rebuilt mitochondrial sequences: one sequence, one list of differences, however a laboratory wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna import (
    DELETED,
    IUPAC_MASK,
    Difference,
    covers,
    intersect_ranges,
    merge_ranges,
    parse_differences,
    parse_ranges,
)
from cenotaph.genetics.mtdna_reference import LENGTH, RCRS

Ranges = tuple[tuple[int, int], ...]

LETTER = {mask: letter for letter, mask in IUPAC_MASK.items()} | {13: "N"}
MASK_OF_REFERENCE: NDArray[np.uint8] = np.array([0, *(IUPAC_MASK[b] for b in RCRS)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Tract:
    """A stretch whose length is ignored: C-tracts and the AC repeat.

    Args:
        first, last: positions, inclusive.
        bases: what may be gained or lost there without being counted.
        cost: of one gained or lost base when aligning (a substitution costs 10), so that equal-length
            strings such as 16187T 16189C stay two substitutions and 309d 315.1C stays two length changes.
    """

    first: int
    last: int
    bases: str
    cost: int

    @property
    def mask(self) -> int:
        """The bases as bits."""
        return sum(IUPAC_MASK[b] for b in self.bases)


TRACTS = (
    Tract(303, 315, "C", 4),
    Tract(455, 463, "CT", 6),
    Tract(514, 525, "AC", 6),
    Tract(568, 573, "C", 6),
    Tract(956, 965, "C", 6),
    Tract(5895, 5899, "C", 6),
    Tract(8272, 8278, "C", 6),
    Tract(16180, 16193, "AC", 6),
)
"""Length variants that are ignored (SWGDAM 2019; Parson 2014): HV2 303-315, 455-463, AC repeat, 573, HV1 16183-16193.
HV1 starts at 16180 because a C-tract without 16189T grows into the A-run before it. The three of the coding region are
those whose number of C PhyloTree 17 leaves open (960.XC, 965.XC, 5899.XC, 8278.XC)."""

WHOLE_GENOME = ((1, LENGTH),)
A_RUN = range(16180, 16184)
_JOIN = 15
_PAD = 30


@dataclass(frozen=True, slots=True)
class MtProfile:
    """What one sample showed.

    Args:
        ranges: sorted, inclusive (:func:`cenotaph.genetics.mtdna.parse_ranges`).
        differences: from the rCRS, as written.

    Raises:
        InvalidInput: a difference lies outside the ranges, or two contradict each other.

    >>> MtProfile.from_text("73-340", "263G 315.1C").sequence(262, 264)
    'CGC'
    """

    ranges: Ranges
    differences: tuple[Difference, ...]

    def __post_init__(self) -> None:
        places: dict[tuple[int, int], Difference] = {}
        whole = self.ranges == WHOLE_GENOME
        for difference in self.differences:
            first, last = difference.position, difference.last
            if not whole and (not covers(self.ranges, first) or (last > first and not covers(self.ranges, last))):
                raise InvalidInput("difference outside the interpreted ranges", found=str(difference))
            for position in range(first, last + 1):
                other = places.setdefault((position, difference.index), difference)
                if other is not difference and other != difference:
                    raise InvalidInput("two differences at one place", found=str(difference))

    @classmethod
    def from_text(cls, ranges: str, differences: str) -> MtProfile:
        """Read both columns of ``mtdna_profiles.csv``."""
        return cls(parse_ranges(ranges), parse_differences(differences))

    @property
    def length(self) -> int:
        """Number of rCRS positions read."""
        return sum(last - first + 1 for first, last in self.ranges)

    def sequence(self, first: int, last: int) -> str:
        """The rebuilt sequence between two rCRS positions, insertions after *last* included."""
        changed = _changes(self.differences)
        return "".join(changed.get(p, RCRS[p - 1]) for p in range(first, last + 1))

    def restricted_to(self, ranges: Sequence[tuple[int, int]]) -> MtProfile:
        """The same sample as if only *ranges* had been read. Runs deleted across an edge are cut off there.

        >>> MtProfile.from_text("1-576", "73G 263G").restricted_to([(200, 300)]).differences[0].position
        263
        """
        kept = intersect_ranges(self.ranges, ranges)
        inside = tuple(d for d in self.differences if covers(kept, d.position) and covers(kept, d.last))
        return MtProfile(kept, inside)


def _changes(differences: Iterable[Difference]) -> dict[int, str]:
    """Text that stands in place of each changed position (its base, if not deleted, and what is inserted after it)."""
    base: dict[int, str] = {}
    added: dict[int, dict[int, str]] = {}
    for d in differences:
        if d.is_insertion:
            added.setdefault(d.position, {})[d.index] = d.bases
        else:
            base |= dict.fromkeys(range(d.position, d.last + 1), "" if d.is_deletion else d.bases)
    inserted = {p: "".join(text for _, text in sorted(pieces.items())) for p, pieces in added.items()}
    return {p: base.get(p, RCRS[p - 1]) + inserted.get(p, "") for p in base.keys() | inserted.keys()}


@lru_cache(maxsize=100_000)
def canonical_differences(profile: MtProfile) -> tuple[Difference, ...]:
    """Differences after rebuilding the sequence and aligning it to the rCRS again by one rule.

    Two notations of one sequence give the same answer. Stretches with indels, or with several substitutions close
    together, are aligned anew (fewest events; gaps to the 3' end). Length changes of :data:`TRACTS` and bases equal to
    the rCRS are left out; an insertion or a deleted run is one difference. An indel that reaches the 3' end of a
    range is left out: the repeat in which it lies may go on beyond.

    >>> [str(d) for d in canonical_differences(MtProfile.from_text("73-340", "248d 263G 309T 310C 315.1C"))]
    ['249d', '263G']
    """
    if _is_plain(profile.differences):
        return tuple(sorted(d for d in profile.differences if d.bases != RCRS[d.position - 1]))
    changed = _changes(profile.differences)
    found: list[Difference] = []
    for segment in profile.ranges:
        positions = [p for p in sorted(changed) if segment[0] <= p <= segment[1]]
        for first, last in _stretches(positions, changed, segment):
            text = "".join(changed.get(p, RCRS[p - 1]) for p in range(first, last + 1))
            found += [d for d in _aligned(first, last, text) if not _runs_over_edge(d, segment)]
    return tuple(sorted(found))


def _runs_over_edge(difference: Difference, segment: tuple[int, int]) -> bool:
    """Whether it is an indel at the 3' end of what was read; its repeat may go on, so its place is unknown."""
    is_indel = difference.is_insertion or difference.is_deletion
    return is_indel and difference.last == segment[1] and segment[1] != LENGTH


def _is_plain(differences: Sequence[Difference]) -> bool:
    """Whether it is nothing but scattered substitutions, which no other notation can shorten."""
    if any(d.is_insertion or d.is_deletion or d.position in A_RUN for d in differences):
        return False
    positions = sorted(d.position for d in differences)
    neighbours = pairwise(positions)
    if any(later - first <= _JOIN and _tracts_near(first, later, pad=0) for first, later in neighbours):
        return False
    return all(later - first > 3 * _JOIN for first, later in zip(positions, positions[3:], strict=False))


def _stretches(positions: Sequence[int], changed: dict[int, str], segment: tuple[int, int]) -> list[tuple[int, int]]:
    """Stretches to align: lone substitutions by themselves, everything else with what is near it."""
    groups: list[list[int]] = []
    for p in positions:
        if groups and p - groups[-1][-1] <= _JOIN:
            groups[-1].append(p)
        else:
            groups.append([p])
    stretches: list[tuple[int, int]] = []
    for group in groups:
        plain = len(group) <= 3 and all(len(changed[p]) == 1 for p in group)
        if plain and (len(group) == 1 or not _tracts_near(group[0], group[-1], pad=0)):
            stretches += [(p, p) for p in group]
        else:
            stretches.append((group[0], group[-1]))
    return _joined(
        (first, last) if first == last and len(changed[first]) == 1 else _widened(first, last, segment)
        for first, last in stretches
    )


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in which overlapping ones are one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _tracts_near(first: int, last: int, pad: int) -> list[Tract]:
    return [t for t in TRACTS if t.first - pad <= last and first <= t.last + pad]


def _widened(first: int, last: int, segment: tuple[int, int]) -> tuple[int, int]:
    """With every tract it touches and a margin on both sides, within the range read."""
    near = _tracts_near(first, last, pad=_PAD)
    low = min([first, *(t.first for t in near)]) - _PAD
    high = max([last, *(t.last for t in near)]) + _PAD
    return max(low, segment[0]), min(high, segment[1])


@lru_cache(maxsize=65536)
def _aligned(first: int, last: int, text: str) -> tuple[Difference, ...]:
    """Differences of *text*, the rebuilt stretch from *first* to *last*, tract lengths left out."""
    operations = [0] if first == last and len(text) == 1 else _alignment(first, last, text)
    found: list[Difference] = []
    position, read = first - 1, 0
    for operation in operations:
        if operation == 2:
            found.append(Difference(position, 1, text[read], position))
        else:
            position += 1
            base = DELETED if operation == 1 else text[read]
            if base != RCRS[position - 1] and not (base == "C" and position in A_RUN):
                found.append(Difference(position, 0, base, position))
        read += operation != 1
    return tuple(d for d in _events(found) if not _is_length_change(d))


def _alignment(first: int, last: int, text: str) -> list[int]:
    from cenotaph.genetics.lineage_kernels import NEVER, align

    size = last - first + 1
    deletion_cost = np.full(size, NEVER, np.int64)
    insertion_cost = np.full(size + 1, NEVER, np.int64)
    insertion_bases = np.zeros(size + 1, np.uint8)
    for tract in TRACTS:
        for p in range(max(tract.first, first), min(tract.last, last) + 1):
            if RCRS[p - 1] in tract.bases:
                deletion_cost[p - first] = tract.cost
            insertion_cost[p - first + 1] = tract.cost
            insertion_bases[p - first + 1] = tract.mask
    sequence = np.array([IUPAC_MASK[b] for b in text], np.uint8)
    operations = align(MASK_OF_REFERENCE[first : last + 1], sequence, deletion_cost, insertion_cost, insertion_bases)
    return [int(operation) for operation in operations]


def _events(found: Iterable[Difference]) -> list[Difference]:
    """Neighbouring deleted bases, and bases inserted at one place, as one event each."""
    events: list[Difference] = []
    for d in found:
        earlier = events[-1] if events else None
        if earlier and d.is_insertion and earlier.is_insertion and earlier.position == d.position:
            events[-1] = Difference(d.position, 1, earlier.bases + d.bases, d.position)
        elif earlier and d.is_deletion and earlier.is_deletion and earlier.last == d.position - 1:
            events[-1] = Difference(earlier.position, 0, DELETED, d.position)
        else:
            events.append(d)
    return events


def _is_length_change(difference: Difference) -> bool:
    """Whether it only changes the length of a tract."""
    if not (difference.is_insertion or difference.is_deletion):
        return False
    bases = RCRS[difference.position - 1 : difference.last] if difference.is_deletion else difference.bases
    return any(
        t.first <= difference.position and difference.last <= t.last and set(bases) <= set(t.bases) for t in TRACTS
    )


@lru_cache(maxsize=100_000)
def _differences_by_position(profile: MtProfile) -> dict[int, frozenset[Difference]]:
    found: dict[int, set[Difference]] = {}
    for difference in canonical_differences(profile):
        found.setdefault(difference.position, set()).add(difference)
    return {position: frozenset(differences) for position, differences in found.items()}


@dataclass(frozen=True, slots=True)
class Consensus:
    """Several samples of one person as one profile.

    Args:
        profile: over all positions that any sample covers.
        conflicts: positions at which the samples have no base in common; left open (N) in the profile.
    """

    profile: MtProfile
    conflicts: tuple[int, ...]


def consensus(profiles: Sequence[MtProfile]) -> Consensus:
    """Combine the samples of one person, so that they count once.

    At each position the bases that all samples covering it allow; where they allow none in common the position
    is a conflict and says nothing.

    Args:
        profiles: at least one.

    >>> one, two = MtProfile.from_text("73-340", "152Y 263G"), MtProfile.from_text("73-400", "152C 263G 385G")
    >>> together = consensus([one, two])
    >>> [str(d) for d in together.profile.differences], together.conflicts
    (['152C', '263G', '385G'], ())
    """
    ranges = merge_ranges(r for profile in profiles for r in profile.ranges)
    listed = [_differences_by_position(profile) for profile in profiles]
    kept: set[Difference] = set()
    conflicts: set[int] = set()
    for position in sorted({position for differences in listed for position in differences}):
        here = [
            (profile, differences.get(position, frozenset()))
            for profile, differences in zip(profiles, listed, strict=True)
            if covers(profile.ranges, position)
        ]
        # At the end of what was read an indel may just as well lie beyond: such a sample says nothing of it.
        told = [found for profile, found in here if covers(profile.ranges, position + 1)]
        indels = [{d for d in found if d.is_insertion or d.is_deletion} for found in told or [f for _, f in here]]
        if any(found != indels[0] for found in indels):
            conflicts.add(position)
            continue
        kept |= indels[0]
        mask = 15
        for _, found in here:
            bases = [IUPAC_MASK[d.bases] for d in found if not (d.is_insertion or d.is_deletion)]
            mask &= bases[0] if bases else int(MASK_OF_REFERENCE[position])
        if mask == 0:
            conflicts.add(position)
        elif LETTER[mask] != RCRS[position - 1] and not any(d.is_deletion for d in indels[0]):
            kept.add(Difference(position, 0, LETTER[mask], position))
    opened = {Difference(position, 0, "N", position) for position in conflicts}
    return Consensus(MtProfile(ranges, tuple(sorted(kept | opened))), tuple(sorted(conflicts)))
