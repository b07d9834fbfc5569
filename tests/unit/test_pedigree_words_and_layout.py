"""Relationships in words, and coordinates of drawings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cenotaph.genetics.pedigree import FEMALE, MALE, Pedigree
from cenotaph.genetics.pedigree_layout import layout
from cenotaph.genetics.relationship import relationship

FAMILY = Pedigree.from_rows(
    [
        ("GGF", None, None, MALE),
        ("GGM", None, None, FEMALE),
        ("GF", "GGF", "GGM", MALE),
        ("GU", "GGF", "GGM", MALE),
        ("GM", None, None, FEMALE),
        ("F", "GF", "GM", MALE),
        ("AU", "GF", "GM", FEMALE),
        ("M", None, None, FEMALE),
        ("ME", "F", "M", MALE),
        ("SI", "F", "M", FEMALE),
        ("N", None, None, FEMALE),
        ("HB", "F", "N", MALE),
        ("H", None, None, MALE),
        ("CO", "H", "AU", 0),
        ("W", None, None, FEMALE),
        ("K", "GU", "W", FEMALE),
    ]
)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("GGF", "ME", "great-grandfather"),
        ("ME", "GGM", "great-grandson"),
        ("SI", "ME", "full sister"),
        ("HB", "ME", "paternal half-brother"),
        ("AU", "ME", "aunt"),
        ("AU", "HB", "aunt"),
        ("ME", "AU", "nephew"),
        ("GU", "ME", "great-uncle"),
        ("CO", "ME", "first cousin"),
        ("K", "ME", "first cousin once removed"),
        ("M", "F", "spouse"),
        ("M", "N", "unrelated"),
        ("ME", "ME", "same person"),
    ],
)
def test_words(first: str, second: str, words: str) -> None:
    assert relationship(FAMILY, first, second) == words


def test_layout_of_a_family() -> None:
    drawn = layout(FAMILY)
    place = {m: (float(drawn.x[i]), float(drawn.y[i])) for i, m in enumerate(FAMILY.ids)}
    assert place["GGF"][1] == 0
    assert place["M"][1] == place["F"][1] == place["AU"][1] == 2
    assert abs(place["GGF"][0] - place["GGM"][0]) == pytest.approx(1.0, abs=1e-3)
    assert len(drawn.matings) == len(FAMILY.matings())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), max_size=12))
def test_nobody_stands_on_another_and_children_are_below(choices: list[tuple[int, int, bool]]) -> None:
    rows: list[tuple[str, str | None, str | None, int]] = [("a", None, None, MALE), ("b", None, None, FEMALE)]
    for k, (i, j, founder) in enumerate(choices):
        men, women = ([r[0] for r in rows if r[3] == s] for s in (MALE, FEMALE))
        parents = (None, None) if founder else (men[i % len(men)], women[j % len(women)])
        rows.append((f"p{k}", *parents, MALE if (i + j) % 2 else FEMALE))
    pedigree = Pedigree.from_rows(rows)
    drawn = layout(pedigree)
    for y in np.unique(drawn.y):
        assert np.all(np.diff(np.sort(drawn.x[drawn.y == y])) > 1 - 1e-5)
    for i in range(len(pedigree)):
        if pedigree.father[i] >= 0:
            assert drawn.y[i] > max(drawn.y[pedigree.father[i]], drawn.y[pedigree.mother[i]])
