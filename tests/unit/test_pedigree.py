"""Pedigree values: what is refused, what is asked, what edits make."""

from __future__ import annotations

import numpy as np
import pytest

from cenotaph.errors import InvalidPedigree
from cenotaph.genetics.pedigree import Pedigree

COUSINS = [
    ("GF", None, None, 1),
    ("GM", None, None, 2),
    ("A", "GF", "GM", 1),
    ("B", "GF", "GM", 2),
    ("SA", None, None, 2),
    ("SB", None, None, 1),
    ("CA", "A", "SA", 1),
    ("CB", "SB", "B", 2),
]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("A", None, None, 1), ("A", None, None, 1)], "twice"),
        ([("A", "B", None, 1), ("B", None, None, 1)], "one parent"),
        ([("A", "B", "C", 1), ("B", None, None, 2), ("C", None, None, 2)], "father is female"),
        ([("A", "B", "C", 1), ("B", None, None, 1), ("C", None, None, 1)], "mother is male"),
        ([("A", "B", "C", 1), ("B", "A", "C", 1), ("C", None, None, 2)], "descend from themselves"),
        ([("A", "B", "C", 1), ("B", None, None, 1)], "not in the pedigree"),
        ([("A", None, None, 3)], "not a sex"),
        ([("A", "B", "B", 1), ("B", None, None, 0)], "one person"),
    ],
)
def test_impossible_pedigrees_are_refused(rows: list[tuple[str, str | None, str | None, int]], words: str) -> None:
    with pytest.raises(InvalidPedigree, match=words):
        Pedigree.from_rows(rows)


def test_questions() -> None:
    family = Pedigree.from_rows(reversed(COUSINS))
    assert set(family.founders) == {"GF", "GM", "SA", "SB"}
    assert family.ancestors("CA") == {"A", "SA", "GF", "GM"}
    assert family.descendants("GM") == {"A", "B", "CA", "CB"}
    assert family.spouses("A") == ("SA",)
    assert family.loops == 0
    assert family.loop_breakers() == ()
    position = {int(i): k for k, i in enumerate(family.order)}
    assert all(position[p] < position[i] for i in range(8) for p in (family.father[i], family.mother[i]) if p >= 0)


def test_cousin_marriage_is_one_loop_cut_by_one_member() -> None:
    family = Pedigree.from_rows(COUSINS).add_child("D", father="CA", mother="CB")
    assert family.loops == 1
    assert len(family.loop_breakers()) == 1


def test_edits_give_new_values() -> None:
    alone = Pedigree.from_rows([("A", None, None, 1)])
    family = alone.add_sibling("A", "B", sex=2).add_half_sibling("A", "H", through="mother").add_child("C", mother="B")
    assert alone.ids == ("A",)
    assert family.parents("B") == ("father of A", "mother of A")
    assert family.parents("H") == ("father of H", "mother of A")
    assert family.remove("C").remove("father of C").ids == family.ids[:-2]
    with pytest.raises(InvalidPedigree, match="has children"):
        family.remove("B")
    renamed = family.relabel({"A": "Z"})
    assert renamed.parents("Z") == family.parents("A")
    assert renamed.relabel({"Z": "A"}) == family


def test_merge_joins_members_of_one_name() -> None:
    left = Pedigree.from_rows(COUSINS)
    right = Pedigree.from_rows([("GF", "X", "Y", 1), ("X", None, None, 1), ("Y", None, None, 2)])
    both = left.merge(right)
    assert both.parents("GF") == ("X", "Y")
    assert len(both.components()) == 1
    with pytest.raises(InvalidPedigree, match="disagree"):
        left.merge(Pedigree.from_rows([("A", "X", "Y", 1), ("X", None, None, 1), ("Y", None, None, 2)]))


def test_components_and_founder_inbreeding() -> None:
    two = Pedigree.from_rows([*COUSINS, ("U", None, None, 1)]).with_founder_inbreeding({"GF": 0.25})
    first, second = two.components()
    assert second.ids == ("U",)
    assert first.founder_inbreeding[first.index("GF")] == 0.25
    with pytest.raises(InvalidPedigree, match="founder"):
        two.with_founder_inbreeding({"A": 0.1})
    with pytest.raises(ValueError, match="read-only"):
        two.sex[0] = 2
    assert np.all(two.founder_inbreeding_x == 0)
