"""The minimum number of individuals, by element, side and zone, with ages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf

from cenotaph.errors import InvalidInput

SIDES = ("L", "R", "M", "U")


@dataclass(frozen=True, slots=True)
class CountedSpecimen:
    """What counting needs of a specimen.

    Args:
        element: as in the vocabulary of elements.
        side: L, R, M (midline) or U (unknown).
        zones: zones present; None for a whole bone, or one whose zones were not recorded.
        age_from, age_to: assessed age in years.

    Raises:
        InvalidInput: another side, or an age interval that runs backwards.
    """

    element: str
    side: str = "U"
    zones: frozenset[int] | None = None
    age_from: float = 0.0
    age_to: float = inf

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise InvalidInput("side", found=self.side, valid=" ".join(SIDES))
        if not self.age_from <= self.age_to:
            raise InvalidInput("age interval", found=f"{self.age_from} to {self.age_to}", valid="age_from first")


@dataclass(frozen=True, slots=True)
class SlotCount:
    """What one element by itself demands.

    Args:
        element: the element.
        side: L, R, M, or ``any`` where all sides are counted together (two in a person, for a paired element).
        zone: the zone that is repeated most often; None where no zones are recorded.
        specimens: specimens of this element and side.
        number: least number of people.
    """

    element: str
    side: str
    zone: int | None
    specimens: int
    number: int


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """People who must be of an age between two years."""

    age_from: float
    age_to: float
    number: int


@dataclass(frozen=True, slots=True)
class MinimumNumber:
    """Least number of people who can have left a set of bones.

    Args:
        number: with ages.
        number_without_ages: the greatest count of any element.
        slots: every element and side, greatest demand first.
        groups: a smallest set of people: how many of which ages.
    """

    number: int
    number_without_ages: int
    slots: tuple[SlotCount, ...]
    groups: tuple[AgeGroup, ...] = field(default=())


def minimum_number(
    specimens: Iterable[CountedSpecimen],
    *,
    in_one_person: Mapping[str, int | None] | None = None,
    midline: Container[str] = (),
) -> MinimumNumber:
    """Minimum number of individuals (MNI): the most often repeated zone of an element and side; ages add.

    A person has each zone of an element and side once (or as often as *in_one_person* says: ceil(count / copies)). A
    paired element is also counted with all its sides together, two in a person, so that bones of unknown side tell too.
    An assessed age must hold the person's age. Without ages the MNI is the greatest count. With ages it is the smallest
    multiset of ages such that, for every interval [s, t], as many people are aged within it as the most repeated zone
    of specimens whose assessed ages lie within it demands (Hall's condition). It is found by a sweep over t, which
    places missing people as late as possible.

    A bone whose zones were not recorded counts as whole: where fragments are not zoned the number can be too high.

    Args:
        specimens: the bones.
        in_one_person: copies of an element in a person, on one side if it is paired; one if not named. None if the
            element cannot be counted.
        midline: elements that are not paired; bones of unknown side are counted with them.

    Source: White (1953), Am Antiquity 18:396; zones after Knüsel & Outram (2004), Environ Archaeol 9:85. The joint
    treatment of age intervals is ours.

    >>> boy = CountedSpecimen("humerus", "R", age_from=15, age_to=18)
    >>> man = CountedSpecimen("femur", "L", age_from=25, age_to=40)
    >>> found = minimum_number([boy, man])
    >>> found.number, found.number_without_ages
    (2, 1)
    """
    copies = in_one_person or {}
    slots: dict[tuple[str, str], list[CountedSpecimen]] = defaultdict(list)
    for specimen in specimens:
        if copies.get(specimen.element, 1) is None:
            continue
        if specimen.side != "U":
            slots[specimen.element, specimen.side].append(specimen)
        slots[specimen.element, "any"].append(specimen)
    capacity = {
        (element, side): (copies.get(element, 1) or 1) * (2 if side == "any" and element not in midline else 1)
        for element, side in slots
    }
    counted = sorted(
        (_slot_count(slot, members, capacity[slot]) for slot, members in slots.items()),
        key=lambda c: (-c.number, -c.specimens, c.element, c.side),
    )
    groups = _age_groups(slots, capacity)
    return MinimumNumber(
        sum(group.number for group in groups), max((c.number for c in counted), default=0), tuple(counted), groups
    )


def _slot_count(slot: tuple[str, str], members: Sequence[CountedSpecimen], capacity: int) -> SlotCount:
    repeated, zone = _most_repeated(members)
    return SlotCount(*slot, zone, len(members), ceil(repeated / capacity))


def _most_repeated(members: Iterable[CountedSpecimen]) -> tuple[int, int | None]:
    """How often the most repeated zone occurs, whole bones counting for each; and which it is."""
    zones: Counter[int] = Counter()
    whole = 0
    for specimen in members:
        if specimen.zones is None:
            whole += 1
        else:
            zones.update(specimen.zones)
    if not zones:
        return whole, None
    zone, most = min(zones.items(), key=lambda item: (-item[1], item[0]))
    return whole + most, zone


def _age_groups(
    slots: Mapping[tuple[str, str], list[CountedSpecimen]], capacity: Mapping[tuple[str, str], int]
) -> tuple[AgeGroup, ...]:
    """A smallest multiset of ages that meets the demand of every interval."""
    everyone = {id(s): s for members in slots.values() for s in members}.values()
    starts = sorted({s.age_from for s in everyone}, reverse=True)
    ends = sorted({s.age_to for s in everyone})
    placed: dict[float, int] = {}
    first: dict[float, float] = {}
    for end in ends:
        have = 0
        passed = sorted(placed, reverse=True)
        for start in (s for s in starts if s <= end):
            while passed and passed[0] >= start:
                have += placed[passed.pop(0)]
            demand = max(_demand(members, start, end, capacity[slot]) for slot, members in slots.items())
            if demand > have:
                placed[end] = placed.get(end, 0) + demand - have
                first.setdefault(end, start)
                have = demand
    return tuple(AgeGroup(first[age], age, number) for age, number in sorted(placed.items()))


def _demand(members: Iterable[CountedSpecimen], start: float, end: float, capacity: int) -> int:
    inside = (s for s in members if start <= s.age_from and s.age_to <= end)
    return ceil(_most_repeated(inside)[0] / capacity)


@dataclass(frozen=True, slots=True)
class Sides:
    """Bones of a paired element that show one zone, so that none is counted twice.

    Args:
        element: the element.
        zone: the zone that gives most bones; None where no zones are recorded.
        left, right: places of the bones in the list that was given.
    """

    element: str
    zone: int | None
    left: tuple[int, ...]
    right: tuple[int, ...]


def sides_of(specimens: Sequence[CountedSpecimen], element: str) -> Sides:
    """Lefts and rights of an element by the zone that is seen most often, whole bones with it.

    Fragments of one bone would be counted as several; counting one zone on both sides prevents it.

    >>> seen = (("L", None), ("L", frozenset({1})), ("R", frozenset({1, 2})))
    >>> bones = [CountedSpecimen("femur", side, zones) for side, zones in seen]
    >>> sides_of(bones, "femur")
    Sides(element='femur', zone=1, left=(0, 1), right=(2,))
    """
    here = [k for k, s in enumerate(specimens) if s.element == element and s.side in ("L", "R")]
    _, zone = _most_repeated(specimens[k] for k in here)
    left, right = (
        tuple(
            k
            for k in here
            if specimens[k].side == side
            and ((zones := specimens[k].zones) is None or (zone is not None and zone in zones))
        )
        for side in ("L", "R")
    )
    return Sides(element, zone, left, right)
