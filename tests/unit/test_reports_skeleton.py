"""The skeleton: every element of the vocabulary is a named shape, on the right side, with a sign beside its colour."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from cenotaph.dossier.vocabulary import element_sides
from cenotaph.errors import InvalidInput
from cenotaph.reports.drawings.skeleton import (
    BoneLook,
    draw_key,
    draw_on_stencils,
    draw_skeleton,
    draw_stencils,
    elements_drawn,
)
from cenotaph.reports.drawings.skeleton_shapes import PAIRED, mirror

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def bone(svg: ElementTree.Element, name: str, side: str, prefix: str = "skeleton") -> ElementTree.Element:
    (found,) = [g for g in svg.iter(f"{SVG}g") if g.get("id") == f"{prefix}-{name}-{side}"]
    return found


def test_every_element_and_side_has_a_shape() -> None:
    svg = parsed(draw_skeleton({}, title="A skeleton"))
    assert svg.get("aria-label") == "A skeleton"
    for name, sides in element_sides().items():
        placed = {"U"} if name == "unknown" else sides - {"U"}
        for side in placed:
            group = bone(svg, name, side)
            assert (group.get("role"), group.get("data-element"), group.get("data-side")) == ("img", name, side)
            title = group.find(f"{SVG}title")
            assert title is not None
            assert title.text == group.get("aria-label")
            assert group.find(f"{SVG}path") is not None
    assert {(n, s) for n, sides in element_sides().items() for s in sides - {"U"} if n != "unknown"} | {
        ("unknown", "U")
    } == set(elements_drawn())


def test_ids_are_given_once_and_carry_the_prefix() -> None:
    svg = draw_skeleton({("femur", "L"): BoneLook("unobserved")}, title="x", prefix="case-7")
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(i.startswith("case-7-") for i in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', svg)) <= set(ids)


def test_the_left_side_is_on_the_viewers_right() -> None:
    svg = parsed(draw_skeleton({}, title="x"))
    for name in PAIRED:
        for side, sign in (("L", 1), ("R", -1)):
            path = bone(svg, name, side).find(f"{SVG}path")
            assert path is not None
            assert sign * float(re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))[0]) > 0, (name, side)


def test_ribs_and_vertebrae_are_numbered() -> None:
    svg = parsed(draw_skeleton({}, title="x"))
    ribs = {p.get("data-number") for g in svg.iter(f"{SVG}g") if g.get("data-element") == "rib" for p in g}
    assert ribs - {None} == {str(k) for k in range(1, 13)}
    spine = [p.get("data-number") for p in bone(svg, "vertebra", "M") if p.get("data-number")]
    assert spine == [f"{r}{k}" for r, n in (("C", 7), ("T", 12), ("L", 5)) for k in range(1, n + 1)]


def test_looks_are_said_in_words_and_signs() -> None:
    looks = {
        ("femur", "L"): BoneLook("present"),
        ("femur", "R"): BoneLook("absent", words="absent since 2018", link="#S7"),
        ("tibia", "L"): BoneLook("individual", series=9),
        ("tibia", "R"): BoneLook("probability", probability=0.7),
        ("cranium", "M"): BoneLook("probability", probability=0.99),
        ("sternum", "M"): BoneLook("unobserved"),
        ("humerus", "U"): BoneLook(words="two fragments"),
    }
    svg = parsed(draw_skeleton(looks, title="x"))
    assert bone(svg, "femur", "L").get("class") == "sk-bone sk-present"
    assert bone(svg, "femur", "R").get("aria-label") == "right femur: absent since 2018"
    assert [a.get("href") for a in svg.iter(f"{SVG}a")] == ["#S7"]
    assert bone(svg, "tibia", "L").get("fill") == "url(#skeleton-individual-1)"
    assert bone(svg, "tibia", "L").get("aria-label") == "left tibia: individual 10"
    assert bone(svg, "tibia", "R").get("fill") == "url(#skeleton-likely-2)"
    assert bone(svg, "cranium", "M").get("class") == "sk-bone sk-present"
    assert bone(svg, "sternum", "M").get("aria-label") == "sternum: not observed"
    words = [t.text or "" for t in svg.iter(f"{SVG}text")]
    assert "Side unknown: humerus (two fragments)" in words
    assert len({p.get("id") for p in svg.iter(f"{SVG}pattern")}) == 3


def test_a_file_of_its_own_has_its_style_and_a_key() -> None:
    assert "--teal" in draw_skeleton({}, title="x", standalone=True)
    assert "<style" not in draw_skeleton({}, title="x")
    key = parsed(draw_key([(BoneLook("present"), "present"), (BoneLook("unobserved"), "not observed")]))
    assert [t.text for t in key.iter(f"{SVG}text")] == ["present", "not observed"]


def test_bad_input() -> None:
    with pytest.raises(InvalidInput, match="no such bone"):
        draw_skeleton({("hoof", "L"): BoneLook("present")}, title="x")
    with pytest.raises(InvalidInput, match="no such bone"):
        draw_skeleton({("sternum", "L"): BoneLook("present")}, title="x")
    with pytest.raises(InvalidInput, match="probability"):
        BoneLook("probability", probability=1.2)
    with pytest.raises(InvalidInput, match="series"):
        BoneLook("individual", series=-1)


def test_mirroring_twice_changes_nothing() -> None:
    outline = PAIRED["femur"][0].outlines[0]
    assert mirror(mirror(outline)) == outline


def test_every_bone_has_a_stencil_and_is_pointed_at_where_it_is_present() -> None:
    kept = draw_stencils("b")
    ids = re.findall(r'\bid="([^"]+)"', kept)
    assert len(ids) == len(set(ids))
    for key in elements_drawn():
        drawn = draw_on_stencils({key: "there"}, title="x", prefix="b")
        pointed = set(re.findall(r'href="#([^"]+)"', drawn)) - {"b"}
        assert {f"b-{key[0]}-{key[1]}"} <= pointed <= set(ids)


def test_bone_of_unknown_side_is_named_below_the_stencils() -> None:
    svg = parsed(draw_on_stencils({("femur", "U"): "femur S1"}, title="x"))
    assert [t.text for t in svg.iter("text")] == ["Side unknown: femur"]
