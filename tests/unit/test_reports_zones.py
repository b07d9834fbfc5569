"""The scheme of zones: it has the zones of the vocabulary, no others, and they do not lie upon each other."""

from __future__ import annotations

import re

import pytest

from cenotaph.dossier.bone_tables import load_skeleton
from cenotaph.reports.drawings.zones import _SCHEMES, DRAWN, WIDTH, draw_zones


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_scheme_has_every_zone_once(name: str) -> None:
    drawn = draw_zones(name, "L", [], title="zones")
    assert sorted(map(int, re.findall(r'data-zone="(\d+)"', drawn))) == [
        zone.number for zone in load_skeleton().zones_of(name)
    ]


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_zones_lie_beside_each_other(name: str) -> None:
    from shapely import Polygon

    zones = {number: Polygon(points) for number, points in _SCHEMES[name].items()}
    for a, one in zones.items():
        assert one.is_valid
        assert one.bounds[0] >= 0
        assert one.bounds[2] <= WIDTH
        for b, other in zones.items():
            assert a == b or one.intersection(other).area < 1, (a, b)


def test_a_right_bone_is_the_mirror_image() -> None:
    left, right = (draw_zones("femur", side, [4], title="zones") for side in "LR")
    first = {drawn: re.findall(r'd="M(\d+) (\d+)L', drawn)[0] for drawn in (left, right)}
    assert int(first[left][0]) + int(first[right][0]) == WIDTH
    assert first[left][1] == first[right][1]
    for drawn in (left, right):
        assert re.findall(r'class="zone there" data-zone="(\d+)"', drawn) == ["4"]
