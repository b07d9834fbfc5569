"""Classical sorting from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.formats.osteometric_reference import read_reference
from cenotaph.osteology.classical import METHODS, BoneTable, compare_differences, find_method, sort_pairs, sort_sizes
from tests.unit.dossiers import write_tables

SPECIMENS = (
    "specimen_id,element,side\nL1,humerus,L\nL2,humerus,L\nR1,humerus,R\nF1,femur,L\nO1,os_coxa,L\nN,humerus,R\n"
)
MEASUREMENTS = """specimen_id,code,value_mm
L1,Hum_01,320
L1,Hum_03,45
L2,Hum_01,351
R1,Hum_01,322
R1,Hum_03,45.5
F1,Fem_01,450
F1,Fem_04,47
O1,Osc_17,54
N,Hum_07,44
"""
REST = {"dental_charts": None, "samples": None, "str_profiles": None, "ystr_profiles": None, "mtdna_profiles": None}


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "dossier", **REST, specimens=SPECIMENS, measurements=MEASUREMENTS)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Twelve people with both humeri and the left leg and hip."""
    rng = np.random.default_rng(2)
    lines = ["Individual,Element,Side,hum_01,HUM3,Fem_01,Fem_04,Osc_17,remark"]
    for k in range(12):
        length, head, size = rng.normal(325, 12), rng.normal(46, 2), rng.normal(455, 18)
        for side, shift in (("Left", 0.0), ("Right", 1.5)):
            lines.append(
                f"P{k},Humerus,{side},{length + shift + rng.normal():.1f},{head + rng.normal(0, 0.4):.1f},,,NA,"
            )
        lines.append(f"P{k},Femur,left,,,{size:.1f},{head + 1 + rng.normal(0, 0.3):.1f},0,")
        lines.append(f"P{k},Os coxae,left,,,,,{head + 8 + rng.normal(0, 0.6):.1f},x")
    path = tmp_path / "reference.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> list[dict[str, object]]:
    found = CliRunner().invoke(app, ["sort", *map(str, arguments), "--json"])
    assert found.exit_code == 0, found.output
    comparisons: list[dict[str, object]] = json.loads(found.stdout)["comparisons"]
    return comparisons


def test_pairs(dossier: Path, reference: Path, tmp_path: Path) -> None:
    rows = run(dossier, "--reference", reference, "--out", tmp_path / "all.csv")
    assert {(r["specimen_a"], r["specimen_b"]): (r["measurements"], r["result"], r["reason"]) for r in rows} == {
        ("L1", "R1"): ("Hum_01 Hum_03", "Cannot Exclude", ""),
        ("L1", "N"): ("", "Rejected", "no measurement in common"),
        ("L2", "R1"): ("Hum_01", "Excluded", ""),
        ("L2", "N"): ("", "Rejected", "no measurement in common"),
    }
    written = list(csv.DictReader((tmp_path / "all.csv").read_text().splitlines()))
    assert [r["p"] for r in written] == ["" if r["p"] is None else str(r["p"]) for r in rows]
    assert {r["n"] for r in rows} == {0, 12}
    few = run(dossier, "--reference", reference, "--code", "HUM_01", "--element", "Humerus", "--signed", "--tails", 1)
    assert {r["measurements"] for r in few} == {"Hum_01", ""}


def test_articulation_and_size(dossier: Path, reference: Path) -> None:
    (hip,) = run(dossier, "--reference", reference, "--test", "articulation", "--method", "osteosort-1.4")
    assert (hip["specimen_a"], hip["specimen_b"], hip["n"]) == ("F1", "O1", 12)
    sizes = run(dossier, "--reference", reference, "--test", "size", "--element", "humerus", "--element", "femur")
    used = {r["specimen_a"]: r["measurements"] for r in sizes if r["result"] != "Rejected"}
    assert used == {
        "L1": "Hum_01 Hum_03 Fem_01 Fem_04",
        "L2": "Hum_01 Fem_01 Fem_04",
        "R1": "Hum_01 Hum_03 Fem_01 Fem_04",
    }


def test_a_table_for_the_reader(dossier: Path, reference: Path) -> None:
    found = CliRunner().invoke(app, ["sort", str(dossier), "--reference", str(reference)])
    assert found.exit_code == 0
    assert "4 comparisons (pair): 1 excluded, 1 not, 2 rejected." in found.output


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "classical sorting needs a reference"),
        (["--reference", "nowhere.csv"], "no such file"),
        (["--method", "osteosort-9"], "no such method"),
        (["--transform", "log"], "no such transform"),
        (["--test", "size"], "size needs two elements"),
        (["--test", "smell"], "no such test"),
        (["--element", "hoof"], "unknown element"),
        (["--code", "weight"], "unknown measurement"),
    ],
)
def test_bad_input(dossier: Path, reference: Path, arguments: list[str], what: str) -> None:
    if arguments and "--reference" not in arguments:
        arguments = [*arguments, "--reference", str(reference)]
    found = CliRunner().invoke(app, ["sort", str(dossier), *arguments])
    assert isinstance(found.exception, InvalidInput)
    assert what in str(found.exception)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a,b\n1,2\n", "not a reference of measured bones"),
        ("id,element,side,weight\n1,femur,L,3\n", "no measurement code"),
        ("id,element,side,Fem_01\n1,femur,L\n", "wrong number of cells"),
        ("id,element,side,Fem_01\n1,hoof,L,450\n", "unknown element"),
        ("id,element,side,Fem_01\n1,femur,up,450\n", "unknown side"),
        ("id,element,side,Fem_01\n1,femur,L,450\n1,Femur,left,451\n", "twice"),
    ],
)
def test_bad_references(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=what):
        read_reference(path)


def test_too_few_reference_pairs_are_said() -> None:
    case = BoneTable(("a", "b"), ("femur", "femur"), ("L", "R"), ("Fem_01",), np.array([[450.0], [452.0]]))
    people = BoneTable(
        ("p", "p", "q", "q"), ("femur",) * 4, ("L", "R", "L", "R"), ("Fem_01",),
        np.array([[440.0], [441.0], [460.0], [463.0]]),
    )  # fmt: skip
    found = sort_pairs(case, people, find_method("osteosort-2.0"))
    assert (found.result(0), int(found.n[0]), int(found.reason[0])) == ("Rejected", 2, 2)
    with pytest.raises(InvalidInput, match="two elements"):
        sort_sizes(case, people, find_method("osteosort-2.0"), "femur", "femur")


def test_identical_bones_are_excluded_by_1_4_and_not_by_2_0() -> None:
    """The known trap of the two-sided test of absolute sums, and that the upper tail heals it."""
    rng = np.random.default_rng(7)
    left = rng.normal(330, 15, (100, 5))
    right = left + rng.normal(0, 2, left.shape)
    bone = left[:1]
    old = compare_differences(bone, bone, left, right, METHODS["osteosort-1.4"].pair)
    new = compare_differences(bone, bone, left, right, METHODS["osteosort-2.0"].pair)
    assert bool(old.is_excluded[0, 0])
    assert not new.is_excluded[0, 0]
