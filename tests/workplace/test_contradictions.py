"""Decisions that contradict each other, against a twin that tries every way to give bones to people."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.workplace.services.contradictions import Contradiction, Settled, contradiction

BONES, MEN = "abcd", ("M1", "M2")
PEOPLE = (*MEN, "nobody 1", "nobody 2", "nobody 3", "nobody 4")
"""Whoever the bones may be of; four bones are of four strangers at most."""

KINDS = ("link", "separate", "identification", "exclusion", "premature", "unlisted")


def can_be_true(decisions: list[Settled]) -> bool:
    """Whether some way to give each bone to a person agrees with all decisions."""
    ways = (dict(zip(BONES, way, strict=True)) for way in product(PEOPLE, repeat=len(BONES)))
    return any(all(agrees(one, owner) for one in decisions) for owner in ways)


def agrees(one: Settled, owner: dict[str, str]) -> bool:
    owners = [owner[bone] for bone in one.bones]
    return {
        "link": len(set(owners)) == 1,
        "separate": len(set(owners)) == len(owners),
        "identification": set(owners) == {one.missing_id},
        "exclusion": one.missing_id not in owners,
        "premature": True,
        "unlisted": not set(owners) & set(MEN),
    }[one.kind]


@st.composite
def decisions(draw: st.DrawFn, number: str = "D") -> Settled:
    kind = draw(st.sampled_from(KINDS))
    least = 2 if kind in {"link", "separate"} else 1
    bones = draw(st.sampled_from([c for n in (least, least + 1) for c in combinations(BONES, n)]))
    man = draw(st.sampled_from(MEN)) if kind in {"identification", "exclusion"} else None
    return Settled(number, kind, bones, man)


@settings(max_examples=300, deadline=None)
@given(settled=st.lists(decisions(), max_size=3), new=decisions(number=""))
def test_what_cannot_be_true_is_found(settled: list[Settled], new: Settled) -> None:
    settled = [Settled(f"D{n}", one.kind, one.bones, one.missing_id) for n, one in enumerate(settled, start=1)]
    if not can_be_true(settled):
        return
    found = contradiction(settled, [new])
    assert (found is None) == can_be_true([*settled, new])
    if found is not None:
        assert found.decision_id in {one.decision_id for one in settled}


@pytest.mark.parametrize(
    ("settled", "new", "found"),
    [
        (
            [Settled("D1", "unlisted", ("a",))],
            Settled("", "identification", ("a",), "M1"),
            Contradiction("a", "M1", "D1", "apart"),
        ),
        (
            [Settled("D1", "identification", ("a",), "M1"), Settled("D2", "link", ("b", "c"))],
            Settled("", "identification", ("a", "b"), "M2"),
            Contradiction("M1", "M2", "D1", "two men"),
        ),
        (
            [Settled("D1", "identification", ("a",), "M1"), Settled("D2", "identification", ("b",), "M1")],
            Settled("", "separate", ("a", "b")),
            Contradiction("a", "b", "D1", "joined"),
        ),
    ],
)
def test_the_decision_that_stands_against_it_is_named(
    settled: list[Settled], new: Settled, found: Contradiction
) -> None:
    assert contradiction(settled, [new]) == found


def test_what_contradicts_itself_already_is_not_held_against_others() -> None:
    settled = [Settled("D1", "link", ("a", "b")), Settled("D2", "separate", ("a", "b"))]
    assert contradiction(settled, [Settled("", "identification", ("c",), "M1")]) is None
