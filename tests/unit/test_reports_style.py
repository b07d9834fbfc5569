"""The tokens keep their promise: every word can be read, by day, at night and in print."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from cenotaph.reports.drawings.svg import SHAPES, mark
from cenotaph.reports.style import (
    DARK,
    LEAST_TEXT_CONTRAST,
    LIGHT,
    PRINT,
    SERIES,
    TEXT_PAIRS,
    VERDICT_MARKS,
    WASHED_PAIRS,
    contrast,
    css_variables,
)


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
@pytest.mark.parametrize("pair", [*TEXT_PAIRS, *WASHED_PAIRS], ids=lambda pair: " on ".join(pair))
def test_text_can_be_read(theme, pair):
    text, ground = (theme[name] for name in pair)
    assert contrast(text, ground) >= LEAST_TEXT_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_from_the_ground(theme):
    for colour in ("ochre", *{colour for colour, _ in VERDICT_MARKS.values()}):
        assert contrast(theme[colour], theme["surface"]) >= 3.0


def test_themes_have_the_same_tokens():
    assert set(LIGHT) == set(DARK) == set(PRINT)


def test_series_differ_in_shape_as_well_as_colour():
    assert [len({getattr(s, sign) for s in SERIES}) for sign in ("light", "dark", "shape")] == [8, 8, 8]
    assert {s.shape for s in SERIES} == set(SHAPES)
    assert len({mark(shape, 0.0, 0.0, 4.0, "teal") for shape in SHAPES}) == len(SHAPES)


def test_verdicts_differ_in_shape():
    assert len({shape for _, shape in VERDICT_MARKS.values()}) == len(VERDICT_MARKS)


def test_style_sheet_uses_only_tokens():
    sheet = files("cenotaph.reports").joinpath("templates", "report.css").read_text(encoding="utf-8")
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet)) <= {*LIGHT, "serif"}
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", sheet)
    assert css_variables().count("--paper") == 3
