"""The minimum number against every way to give people ages and bones to people."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

from cenotaph.errors import InvalidInput
from cenotaph.osteology.minimum_number import CountedSpecimen, minimum_number


def fits(specimens: list[CountedSpecimen], ages: tuple[float, ...]) -> bool:
    """Whether people of these ages can have left the bones: for every zone, one of each in a person."""

    def place(rest: list[CountedSpecimen], taken: frozenset[tuple[int, str, str]]) -> bool:
        if not rest:
            return True
        bone, *others = rest
        return any(
            place(others, taken | {(p, bone.element, bone.side)})
            for p, age in enumerate(ages)
            if bone.age_from <= age <= bone.age_to and (p, bone.element, bone.side) not in taken
        )

    return place(specimens, frozenset())


def fewest(specimens: list[CountedSpecimen]) -> int:
    ends = sorted({s.age_to for s in specimens})
    for number in range(1, len(specimens) + 1):
        if any(fits(specimens, ages) for ages in combinations_with_replacement(ends, number)):
            return number
    return 0


@pytest.mark.parametrize("seed", range(40))
def test_ages_of_whole_bones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bones = []
    for _ in range(6):
        start = int(rng.integers(15, 40))
        element, side = [("femur", "L"), ("femur", "R"), ("sacrum", "M")][int(rng.integers(3))]
        bones.append(CountedSpecimen(element, side, None, start, start + int(rng.integers(0, 15))))
    assert minimum_number(bones, midline={"sacrum"}).number == fewest(bones)


def test_zones_sides_and_copies() -> None:
    upper, lower, both = frozenset({1, 2}), frozenset({3}), frozenset({1, 3})
    bones = [CountedSpecimen("femur", "L", zones) for zones in (upper, lower, both)]
    found = minimum_number(bones)
    assert (found.number, found.slots[0].zone, found.slots[0].specimens) == (2, 1, 3)
    assert minimum_number([CountedSpecimen("femur", side) for side in "LRUUU"]).number == 3
    sacra = [CountedSpecimen("sacrum", side) for side in "MU"]
    assert minimum_number(sacra, midline={"sacrum"}).number == 2
    ribs = [CountedSpecimen("rib", "L")] * 13
    assert minimum_number(ribs, in_one_person={"rib": 12}).number == 2
    assert minimum_number([CountedSpecimen("unknown", "U")] * 5, in_one_person={"unknown": None}).number == 0
    assert minimum_number([]).number == 0


def test_groups_say_who() -> None:
    bones = [CountedSpecimen("femur", "L", None, 16, 20), CountedSpecimen("femur", "L", None, 30, 45)]
    bones += [CountedSpecimen("tibia", "R", None, 17, 19), CountedSpecimen("tibia", "R", None, 22, 26)]
    found = minimum_number(bones)
    assert found.number == 3
    assert found.number_without_ages == 2
    assert sum(g.number for g in found.groups) == 3
    assert [(g.age_from, g.age_to) for g in found.groups] == [(17, 19), (22, 26), (30, 45)]


def test_bad_specimens() -> None:
    with pytest.raises(InvalidInput, match="side"):
        CountedSpecimen("femur", "left")
    with pytest.raises(InvalidInput, match="age interval"):
        CountedSpecimen("femur", "L", None, 30, 20)
