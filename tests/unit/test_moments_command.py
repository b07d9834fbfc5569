"""``cenotaph moments fit``: tables in, a model out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.skeleton_files import (
    model_document,
    model_from_document,
    read_reference,
    read_skeleton_model,
)
from cenotaph.dossier.skeleton_tables import load_skeleton_model
from cenotaph.errors import FormatError, InvalidInput

HEADER = "individual_id,population,side,stature_cm"
CODES = ("Fem_01", "Hum_01", "Tib_01", "Rad_01")


def rows(people: int = 60) -> list[tuple[str, str, str, float, list[float]]]:
    rng = np.random.default_rng(2)
    found = []
    for person in range(people):
        size = rng.normal() * 0.04
        for side in "LR":
            values = [m * np.exp(size + rng.normal() * 0.01) for m in (470, 335, 385, 250)]
            found.append((f"P{person:02d}", "white" if person % 3 else "asian", side, 174 + 60 * size, values))
    return found


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.csv"
    lines = [f"{i},{p},{s},{h:.1f}," + ",".join(f"{v:.2f}" for v in values) for i, p, s, h, values in rows()]
    path.write_text("\n".join([HEADER + "," + ",".join(CODES), *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.csv"
    lines = [
        f"{i},{p},{s},{h:.1f},{c.lower()},{v:.2f}"
        for i, p, s, h, values in rows()
        for c, v in zip(CODES, values, strict=True)
    ]
    path.write_text("\n".join([HEADER + ",code,value_mm", *lines]) + "\n", encoding="utf-8")
    return path


def test_wide_and_long_say_the_same(wide: Path, long: Path) -> None:
    a, b = read_reference(wide), read_reference(long)
    assert a.codes == b.codes == tuple(sorted(CODES))
    assert a.populations == ("asian", "white")
    assert np.array_equal(a.log_mm, b.log_mm)
    assert np.array_equal(a.stature_cm, b.stature_cm)


def test_fit_and_use(wide: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    result = CliRunner().invoke(app, ["moments", "fit", str(wide), "--out", str(out), "--factors", "2", "--json"])
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["individuals"] == {"asian": 20, "white": 40}
    # Sides differ by 0.010·√2 of a length here: twice what is published of femora, 1.0 to 1.7 times of the others.
    assert printed["left_right_spread"]["compared"] == 4
    assert printed["left_right_spread"]["unlike_published"]["Fem_01"] == pytest.approx(1.8, abs=0.3)
    model = read_skeleton_model(out)
    assert model.elements == ("femur", "humerus", "radius", "tibia")
    arguments = ["stature", "--model", str(out), "--bone", "Fem_01=480", "--json"]
    stature = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert {row["population"] for row in stature["subjects"][0]["joint"]} == {"asian", "white"}


def test_spread_is_told_in_words(wide: Path, tmp_path: Path) -> None:
    arguments = ["moments", "fit", str(wide), "--out", str(tmp_path / "model.json"), "--factors", "2"]
    printed = CliRunner().invoke(app, arguments).stdout
    assert "left–right spread within 15% of the published one" in printed
    assert "Fem_01 (× " in printed


def test_document_and_back() -> None:
    model = load_skeleton_model()
    again = model_from_document(json.loads(json.dumps(model_document(model))))
    assert np.array_equal(again.loadings, model.loadings)
    assert again.codes == model.codes
    assert again.df == model.df


def test_documents_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not a skeleton model"):
        model_from_document({"format": "else"})
    document = model_document(load_skeleton_model())
    del document["shared"]
    with pytest.raises(FormatError, match="shared"):
        model_from_document(document)
    with pytest.raises(FormatError, match="cannot read"):
        read_skeleton_model(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("individual_id,side,Fem_01\nP1,L,470", "column is missing"),
        ("individual_id,population,side,Fem_01\nP1,w,M,470", "unknown side"),
        ("individual_id,population,side,Xyz_01\nP1,w,L,470", "unknown measurement"),
        ("individual_id,population,side,Fem_01\nP1,w,L,long", "not a number"),
        ("individual_id,population,side,Fem_01\nP1,w,L,-4", "not a size"),
        ("individual_id,population,side,Fem_01\nP1,w,L,470\nP1,v,R,471", "two populations"),
        ("individual_id,population,side,Fem_01\nP1,w,L,470", "enough bones"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=what):
        read_reference(path)
