"""Dental charts of a dossier, ``cenotaph compare dental`` and the drawing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from cenotaph.cli.compare import app
from cenotaph.dossier.dental_tables import dental_charts, load_tooth_counts, mouth_classes
from cenotaph.dossier.read import read_dossier
from cenotaph.errors import InvalidInput
from cenotaph.odontology.chart import COMPARED, INDEX, TEETH, Chart
from cenotaph.odontology.comparison import compare
from cenotaph.reports.drawings.mouth import RULES, both_widths, draw_mouths
from cenotaph.reports.drawings.svg import standalone
from tests.unit.dossiers import write_tables

HEADER = "subject_type,subject_id,tooth,code,charted_on\n"
ROWS = (
    "missing,M1,36,V,1944-05-01\nmissing,M1,36,MO,1949-11-01\nmissing,M1,37,O,1944-05-01\nmissing,M1,37,/,1949-11-01\n"
    "missing,M1,46,X,1944-05-01\nmissing,M1,55,V,1930\nmissing,M2,36,V,\nmissing,M2,46,V,\n"
    "specimen,S2,36,MO-S,\nspecimen,S2,46,X,\nspecimen,S2,37,O,\nspecimen,S1,16,J,\nspecimen,S1,46,V,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "case", dental_charts=HEADER + ROWS)


def test_later_charts_count_and_deciduous_teeth_do_not(folder: Path) -> None:
    charts = dental_charts(read_dossier(folder), "missing")
    assert charts.ids == ("M1", "M2")
    assert [charts.charts[0][t] for t in ("36", "37", "46")] == ["MO", "O", "X"]
    assert charts.years[0] == pytest.approx(1.0, abs=0.01)
    assert charts.years[1] != charts.years[1]
    assert dental_charts(read_dossier(folder), "specimen").ids == ("S1", "S2")


def test_shipped_counts_cover_the_compared_teeth() -> None:
    counts = {c.tooth: c for c in load_tooth_counts()}
    assert list(counts) == [TEETH[k] for k in COMPARED]
    for c in counts.values():
        assert c.restored == sum(c.surfaces.values()) + c.several
        assert c.unrestored > 5000


def test_few_charts_rest_on_published_counts_and_many_on_themselves(folder: Path) -> None:
    states = dental_charts(read_dossier(folder), "missing").states
    few = mouth_classes(states)
    assert few.n_charts == 0
    assert few.bears == 200
    many = mouth_classes(states[[0, 1] * 100])
    assert many.n_charts == 200


def test_command_ranks_and_explains(folder: Path) -> None:
    result = CliRunner().invoke(app, ["dental", str(folder), "--specimen", "S2", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert "published frequencies" in told["population"]
    (answer,) = told["charts"]
    first, second = answer["candidates"]
    assert (first["missing_id"], first["unexplainable"], first["features"]) == ("M1", 0, 3)
    assert (second["missing_id"], second["explainable"]) == ("M2", 2)
    assert first["log10_lr"] > 1 > second["log10_lr"]
    assert "more likely if this is he than if not" in first["words"]


def test_command_prints_a_table_and_what_differs(folder: Path) -> None:
    result = CliRunner().invoke(app, ["dental", str(folder), "--specimen", "S2", "--specimen", "S1", "--missing", "M2"])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Dental charts against S2 + S1"
    assert re.split(r"\s{2,}", lines[1].strip())[:4] == ["rank", "missing", "class", "log10 LR"]
    assert "  36: sound → restored MO, amalgam (explained by later restoration)" in lines
    assert "The specimens contradict each other at 46." in lines
    assert max(map(len, lines[:3])) <= 80


def test_without_a_specimen_every_chart_is_answered(folder: Path) -> None:
    told = json.loads(CliRunner().invoke(app, ["dental", str(folder), "--json", "--top", "1"]).stdout)
    assert [c["specimens"] for c in told["charts"]] == [["S1"], ["S2"]]
    assert all(len(c["candidates"]) == 1 for c in told["charts"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--specimen", "S9"], "no chart of this specimen"),
        (["--missing", "M9"], "no chart of this missing person"),
        (["--drawing", "x.svg"], "a drawing is of one chart"),
    ],
)
def test_bad_input_is_named(folder: Path, arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["dental", str(folder), *arguments])
    assert isinstance(result.exception, InvalidInput)
    assert words in str(result.exception)


def test_a_dossier_without_charts_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["dental", str(write_tables(tmp_path, dental_charts=None))])
    assert isinstance(result.exception, InvalidInput)
    assert "no chart of the missing" in str(result.exception)


def test_command_draws(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "chart.svg"
    arguments = ["dental", str(folder), "--specimen", "S2", "--drawing", str(target), "--narrow"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    svg = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert "M1, antemortem, over S2, postmortem" in svg.get("aria-label", "")


ANTE = Chart.from_codes("M1", dict.fromkeys(TEETH, "V") | {"16": "MO", "26": "X", "36": "U", "46": "O", "11": "MI"})
POST = Chart.from_codes(
    "S1", dict.fromkeys(TEETH, "V") | {"16": "MOD-S", "26": "X", "36": "V", "46": "V", "11": "MI", "21": "J", "22": "/"}
)


@pytest.mark.parametrize("narrow", [False, True])
def test_every_tooth_is_drawn_twice_with_its_sign(narrow: bool) -> None:
    svg = ElementTree.fromstring(draw_mouths(compare(ANTE, POST), narrow=narrow))
    assert svg.get("role") == "img"
    titles = [e.text or "" for e in svg.iter("title")][1:]
    assert len(titles) == 32
    drawn = {t.split(",")[0].removeprefix("Tooth "): t for t in titles}
    assert set(drawn) == set(TEETH)
    assert drawn["16"].endswith(
        "antemortem restored MO, postmortem restored MOD, amalgam; explained by more surfaces restored"
    )
    columns = [e for e in svg.iter("g") if e.get("class", "").startswith("column")]
    signs = {"disc": "circle", "triangle": "polygon", "cross": "path"}
    marks = [[m for m in c.iter() if (m.get("class") or "").startswith("mark")] for c in columns]
    found = compare(ANTE, POST).findings
    assert sum(len(m) for m in marks) == int((found > 0).sum())
    shapes = [m[0].tag for m in marks if m]
    assert [shapes.count(s) for s in signs.values()] == [23, 2, 1]
    assert float(svg.get("width", "0")) <= (390 if narrow else 900)


def test_surfaces_lie_as_the_examiner_sees_them() -> None:
    """Mesial of a right tooth is on the right in the drawing, facial of a lower tooth is below."""
    blank = dict.fromkeys(TEETH, "/")
    for tooth, surface, axis, sign in (
        *(("16", "M", 0, 1), ("26", "M", 0, -1), ("46", "D", 0, -1), ("36", "D", 0, 1)),
        *(("16", "F", 1, -1), ("36", "F", 1, 1), ("46", "L", 1, -1), ("11", "L", 1, 1)),
    ):
        one = Chart.from_codes("M1", blank | {tooth: surface})
        svg = ElementTree.fromstring(draw_mouths(compare(one, Chart.from_codes("S1", {}))))
        column = next(g for g in svg.iter("g") if (g.findtext("title") or "").startswith(f"Tooth {tooth},"))
        (restored,) = [p for p in column.iter("path") if "restored" in (p.get("class") or "")]
        rim = next(r for r in column.iter("rect") if r.get("class") == "rim")
        points = [tuple(map(float, xy)) for xy in re.findall(r"(-?[\d.]+) (-?[\d.]+)", restored.get("d", ""))]
        middle = sum(p[axis] for p in points) / len(points)
        start, size = (("x", "width"), ("y", "height"))[axis]
        centre = float(rim.get(start, "0")) + float(rim.get(size, "0")) / 2
        assert (middle - centre) * sign > 3


def test_names_are_escaped_and_a_page_holds_both_widths() -> None:
    odd = compare(Chart.from_codes("<M&1>", {}), POST)
    assert "<M&1>" not in draw_mouths(odd)
    ElementTree.fromstring(standalone(draw_mouths(odd), RULES))
    page = ElementTree.fromstring(f"<figure>{both_widths(odd)}</figure>")
    assert [e.get("class") for e in page.iter("svg")] == ["mouth wide", "mouth narrow"]


def test_index_of_teeth_is_universal() -> None:
    assert INDEX["18"] == 0
    assert INDEX["48"] == 31
