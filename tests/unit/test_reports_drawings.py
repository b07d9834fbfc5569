"""Drawings say what they show, in shapes and in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from cenotaph.genetics.pedigree import Pedigree
from cenotaph.reports.drawings.evidence import Axis, Step, Strip, strips, waterfall
from cenotaph.reports.drawings.pedigree import FamilyDrawing, draw_pedigree

FAMILY = Pedigree.from_rows(
    [
        ("father", None, None, 1),
        ("mother", None, None, 2),
        ("man", "father", "mother", 1),
        ("sister", "father", "mother", 2),
        ("child", "father", "mother", 0),
    ]
)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [e for e in svg.iter() if name in e.get("class", "").split()]


def test_pedigree_follows_the_convention():
    family = FamilyDrawing(
        FAMILY,
        {"man": "Arden", "sister": "sister"},
        frozenset({"man"}),
        frozenset({"man"}),
        {"sister": ("str", "mtdna")},
    )
    svg = parsed(draw_pedigree(family))
    assert [e.tag for e in svg.iter() if {"donor", "kin-member"} & set(e.get("class", "").split())] == [
        *("rect", "circle", "rect", "circle", "polygon")
    ]
    assert len(of_class(svg, "sought")) == 1
    assert [e.text for e in of_class(svg, "system")] == ["A", "M"]
    donor = of_class(svg, "donor")[0]
    assert donor.tag == "circle"


def test_pedigree_is_told_to_those_who_do_not_see_it():
    family = FamilyDrawing(FAMILY, {"man": "Arden"}, frozenset({"man"}), typed={"sister": ("ystr",)})
    svg = parsed(draw_pedigree(family))
    title = svg.find("title")
    assert title is not None
    assert svg.get("role") == "img"
    assert title.text == svg.get("aria-label") == "Pedigree of 5 people. Missing: Arden. Donors: sister (Y-STR)."


def test_pedigree_of_cousins_has_a_double_line():
    cousins = Pedigree.from_rows(
        [
            *(("F", None, None, 1), ("M", None, None, 2), ("A", "F", "M", 1), ("B", "F", "M", 2)),
            *(("a", None, None, 2), ("b", None, None, 1), ("C", "A", "a", 1), ("D", "b", "B", 2), ("E", "C", "D", 1)),
        ]
    )
    paths = [e.get("d", "") for e in parsed(draw_pedigree(FamilyDrawing(cousins))).iter("path")]
    assert sorted(path.count("L") for path in paths) == [1, 1, 1, 2]


def test_labels_are_escaped():
    drawn = draw_pedigree(FamilyDrawing(FAMILY, {"man": "<b>&"}, frozenset({"man"})))
    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def bars(svg: ElementTree.Element) -> list[tuple[float, float]]:
    rects = list(svg.iter("rect"))
    return [(float(e.get("x", "")[:-1]), float(e.get("x", "")[:-1]) + float(e.get("width", "")[:-1])) for e in rects]


def test_waterfall_adds_up():
    steps = (Step("STR", 6.5), Step("mtDNA", -2.3), Step("Y-STR", 3.0))
    axis = Axis.over([6.5, 4.2, 7.2])
    drawn = bars(parsed(waterfall(steps, 7.2, axis, title="three lines")))
    assert drawn[0] == pytest.approx((axis.place(0), axis.place(6.5)), abs=0.02)
    assert drawn[1] == pytest.approx((axis.place(4.2), axis.place(6.5)), abs=0.02)
    assert drawn[2] == pytest.approx((axis.place(4.2), axis.place(7.2)), abs=0.02)
    assert drawn[3] == pytest.approx((axis.place(0), axis.place(7.2)), abs=0.02)


def test_waterfall_marks_the_threshold_only_where_it_can_be_seen():
    steps = (Step("STR", 5.0),)
    seen = waterfall(steps, 5.0, Axis.over([5.0]), title="", threshold=5.9)
    assert "+5.9 needed" in seen
    assert "needed" not in waterfall(steps, 5.0, Axis.over([5.0]), title="", threshold=9.0)


def test_axis_keeps_nought_and_cuts_off_far_exclusions():
    axis = Axis.over([-80.0, float("-inf"), 31.5])
    assert (axis.low, axis.high) == (-12.0, 32.0)
    assert 0 in axis.ticks()
    assert axis.place(float("-inf")) == axis.place(-80.0) == axis.left
    assert re.search('class="cut"', waterfall((Step("STR", -80.0),), -80.0, axis, title=""))


def test_strips_name_every_mark():
    drawn = parsed(
        strips([Strip("mtDNA", ((2.0, "disc", "teal", "I-1: +2.0"),), 1204)], Axis.over([2.0]), title="one line")
    )
    assert [e.text for e in drawn.iter("title")] == ["one line", "I-1: +2.0"]
    assert [e.text for e in of_class(drawn, "figure")] == ["1,204"]


def test_families_of_one_shape_are_laid_out_alike():
    rows = [("z", None, None, 1), ("y", None, None, 2), ("x", "z", "y", 1), ("a", "z", "y", 2)]
    renamed = [(f"p{k}", *(r and f"p{'zyxa'.index(r)}" for r in row[1:3]), row[3]) for k, row in enumerate(rows)]
    one, other = (draw_pedigree(FamilyDrawing(Pedigree.from_rows(some))) for some in (rows, renamed))
    assert one == other


@pytest.mark.parametrize("high", [18.0, 40.0, 88.0, 110.0, 240.0])
def test_ticks_keep_their_distance(high: float) -> None:
    axis = Axis(-4.0, high, 0.0, 100.0)
    assert 0 in axis.ticks()
    assert 3 <= len(axis.ticks()) <= 13
