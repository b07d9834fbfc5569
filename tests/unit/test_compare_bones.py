"""``compare outline`` and ``compare isotopes`` on a dossier of twelve clavicles and their films."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.errors import InvalidInput
from cenotaph.radiography.invented import draw_clavicles, film_outlines, scan_outlines

PEOPLE = 12


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    rng = np.random.default_rng(5)
    people = draw_clavicles(PEOPLE, rng)
    bones, films = scan_outlines(people, rng), film_outlines(people, rng)
    (tmp_path / "missing.csv").write_text("missing_id,population\n" + "".join(f"M{k},white\n" for k in range(PEOPLE)))
    (tmp_path / "specimens.csv").write_text(
        "specimen_id,element,side\n" + "".join(f"S{k},clavicle,L\n" for k in range(PEOPLE))
    )
    rows = ["subject_type,subject_id,structure,side,view,point,x,y"]
    for kind, letter, view, curves in (("specimen", "S", "scan", bones), ("missing", "M", "radiograph", films)):
        for k, curve in enumerate(curves.reshape(len(curves), -1, 2)):
            rows += [f"{kind},{letter}{k},clavicle,L,{view},{i},{x:.4f},{y:.4f}" for i, (x, y) in enumerate(curve)]
    (tmp_path / "outlines.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "isotopes.csv").write_text(
        "specimen_id,tissue,ratio,value\nS0,collagen,d13C,-13.0\nS1,collagen,d13C,-19.5\n"
    )
    return tmp_path


def printed(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def told(*arguments: object) -> dict:
    result = CliRunner().invoke(app, ["compare", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_most_clavicles_find_their_film(dossier: Path) -> None:
    answers = told("outline", dossier)["clavicles"]
    found = [one["candidates"][0]["missing_id"][1:] == one["specimen_id"][1:] for one in answers]
    assert len(found) == PEOPLE
    assert sum(found) > PEOPLE / 2


def test_maize_is_american(dossier: Path) -> None:
    first, second = told("isotopes", dossier)["bones"]
    assert first["log10_lr_raised_us"] > 0 > second["log10_lr_raised_us"]


def test_a_specimen_without_outline(dossier: Path) -> None:
    result = CliRunner().invoke(app, ["compare", "outline", str(dossier), "--specimen", "S99"])
    assert isinstance(result.exception, InvalidInput)


def test_an_outline_in_words_and_as_a_drawing(dossier: Path, tmp_path: Path) -> None:
    picture = tmp_path / "clavicle.svg"
    text = printed("outline", dossier, "--specimen", "S3", "--top", 2, "--drawing", picture)
    assert "invented" in text
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    assert root.get("role") == "img"
    assert "S3" in (root.get("aria-label") or "")
    assert len([e for e in root if e.tag.endswith("path")]) == 2


def test_two_bones_as_one_person(dossier: Path) -> None:
    answer = told("isotopes", dossier, "--specimen", "S0", "--specimen", "S1")
    assert answer["links"][0]["log10_lr"] < -1.9
    assert answer["together"]["specimen_id"] == "S0 + S1"
    assert "as one person" in printed("isotopes", dossier, "--specimen", "S0", "--specimen", "S1")


def test_a_specimen_without_isotopes(dossier: Path) -> None:
    result = CliRunner().invoke(app, ["compare", "isotopes", str(dossier), "--specimen", "S5"])
    assert isinstance(result.exception, InvalidInput)
