"""OsteoSort and CoRA files of bones, in and out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.check import check_dossier
from cenotaph.dossier.faults import has_errors
from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.formats.convert import apply_conversion, guess_format, plan_conversion
from cenotaph.formats.cora import (
    MEASURED,
    PAIRS,
    CoraPair,
    bones_of,
    format_cora_pairs,
    read_cora_measurements,
    read_cora_pairs,
)
from cenotaph.formats.osteosort_case import format_osteosort, read_osteosort

CORA = """se_id,skeletal_element,accession_number,provenance1,provenance2,designator,skeletal_bone,side,Fem_01,fem_04
7,CIL 2003-116:G-07:X-241B:805,CIL 2003-116,G-07,X-241B,805,Femur,Left,450,47.5
8,CIL 2003-116:G-07:X-241B:806,CIL 2003-116,G-07,X-241B,806,Femur,Right,451,
9,CIL 2003-116:G-08::12,CIL 2003-116,G-08,,12,Os coxa,Unsided,,
"""


def written(tmp_path: Path, text: str, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def specimens(dossier: Dossier) -> list[tuple[str, str, str]]:
    return dossier.table("specimens").select("specimen_id", "element", "side").rows()


@pytest.mark.parametrize("version", [1, 2])
def test_osteosort_goes_there_and_back(tmp_path: Path, version: int) -> None:
    text = {
        1: "id,Side,Element,Hum_01,MC1_01,Osc_01\nA,left,humerus,320,,\nB,right,metacarpal_1,,45.1,\n"
        "C,left,os_coxa,,,215\n",
        2: "accession,side,element,Hum_01,MC1_01,Osc_01\nA,left,humerus,320,,\nB,right,metacarpal_1,,45.1,\n"
        "C,left,os_coxa,,,215\n",
    }[version]
    before = read_osteosort(written(tmp_path, text)).dossier
    assert format_osteosort(before, version=version).text == text
    apply_conversion(plan_conversion(written(tmp_path, text), tmp_path / "dossier"))
    name = "osteosort" if version == 2 else "osteosort-1"
    apply_conversion(plan_conversion(tmp_path / "dossier", tmp_path / "again.csv", to_format=name))
    assert (tmp_path / "again.csv").read_text() == text


def test_osteosort_in_other_spellings(tmp_path: Path) -> None:
    text = (
        'accession,side,element,"hum_01",Mc1_01,Own\nA,Left,Humerus,32,,7\nB,R,1st Metacarpal,,45.1,x\nC,,Sacrum,,,\n'
    )
    found = read_osteosort(written(tmp_path, text))
    assert specimens(found.dossier) == [("A", "humerus", "L"), ("B", "metacarpal_1", "R"), ("C", "sacrum", "M")]
    codes = found.dossier.table("measurements").select("specimen_id", "code").rows()
    assert codes == [("A", "Hum_01"), ("A", "Own"), ("B", "MC1_01")]
    assert len(found.messages) == 2
    assert "Hum_01 of 32 is outside" in found.messages[0]
    assert "Own is not a number (x)" in found.messages[1]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,Side,Element,Hum_01,hum_01\nA,left,humerus,1,2\n", "a measurement twice"),
        ("id,Side,Element,Hum_01\nA,left,humerus,1\nA,left,humerus,1\n", "the same bone twice"),
        ("id,Side,Element,Hum_01\nA,left,wing,1\n", "unknown element"),
        ("id,Side,Element,Hum_01\nA,up,humerus,1\n", "unknown side"),
        ("id,Side,Element,Hum_01\nA,left,humerus\n", "wrong number of cells"),
        ("name,Side\n", "not an OsteoSort case"),
    ],
)
def test_bad_osteosort(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        read_osteosort(written(tmp_path, text))


def test_cora_measurements_keep_keys_and_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, CORA)
    assert guess_format(path) == "cora"
    apply_conversion(plan_conversion(path, tmp_path / "dossier"))
    assert not has_errors(check_dossier(tmp_path / "dossier"))
    dossier = read_dossier(tmp_path / "dossier")
    assert specimens(dossier)[2] == ("CIL 2003-116:G-08::12", "os_coxa", "U")
    assert bones_of(dossier)["CIL 2003-116:G-07:X-241B:805"].key == ("CIL 2003-116", "G-07", "X-241B", "805")
    done = apply_conversion(plan_conversion(tmp_path / "dossier", tmp_path / "back.csv", to_format="cora"))
    assert done.messages == ("1 specimens without measurements were left out",)
    rows = list(csv.DictReader((tmp_path / "back.csv").read_text().splitlines()))
    assert list(rows[0])[: len(MEASURED)] == list(MEASURED)
    assert [(r["se_id"], r["side"], r["Fem_01"], r["Fem_04"]) for r in rows] == [
        ("7", "left", "450", "47.5"),
        ("8", "right", "451", ""),
    ]
    assert (
        read_cora_measurements(tmp_path / "back.csv")
        .dossier.texts["measurements"]
        .equals(dossier.texts["measurements"])
    )


def pairs_file(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, PAIRS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_outcomes_of_tests_are_no_judgements(tmp_path: Path) -> None:
    common = {"se_id": "1", "pair_id": "2", "se_skeletal_element": "A", "pair_skeletal_element": "B"}
    other = {**common, "pair_id": "3", "pair_skeletal_element": "C"}
    path = pairs_file(
        tmp_path,
        {**common, "bonename": "Femur", "pvalue": "0.4", "excluded": "no"},
        {**common, "bonename": "Femur"},
        {**other, "bonename": "Femur-Os coxa", "excluded": "yes", "elimination_reason": "too small"},
        {**other, "bonename": "Femur-Os coxa"},
    )
    assert guess_format(path) == "cora-pairs"
    found = read_cora_pairs(path)
    assert found.messages == ("1 outcomes of tests were left out: they are no judgements",)
    assert specimens(found.dossier) == [("A", "femur", "U"), ("B", "femur", "U"), ("C", "os_coxa", "U")]
    associations = found.dossier.table("associations").select("specimen_a", "specimen_b", "kind", "grade").rows()
    assert associations == [
        ("A", "B", "pair", "possible"),
        ("A", "C", "exclusion", "excluded"),
        ("A", "C", "articulation", "possible"),
    ]


def test_recorded_associations_go_to_cora(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    written(tmp_path / "d", "specimen_id,element,side\nA,femur,L\nB,femur,R\nC,os_coxa,L\n", "specimens.csv")
    written(
        tmp_path / "d",
        "specimen_a,specimen_b,kind,grade\nA,B,pair,probable\nA,C,articulation,certain\nB,C,exclusion,certain\n",
        "associations.csv",
    )
    done = apply_conversion(plan_conversion(tmp_path / "d", tmp_path / "out.csv", to_format="cora-pairs"))
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [(r["se_designator"], r["pair_designator"], r["bonename"], r["compare_method"]) for r in rows] == [
        ("A", "B", "Femur", "visual pair"),
        ("A", "C", "Femur-Os coxa", "visual articulation"),
    ]
    assert any("3 specimens have no se_id" in m for m in done.messages)
    assert read_cora_pairs(tmp_path / "out.csv").dossier.table("associations").height == 2
    with pytest.raises(InvalidInput, match="no such specimen"):
        format_cora_pairs([CoraPair("A", "Z", "visual")], bones_of(read_dossier(tmp_path / "d")))


def test_sort_writes_what_cora_imports(tmp_path: Path) -> None:
    apply_conversion(plan_conversion(written(tmp_path, CORA), tmp_path / "dossier"))
    lines = ["id,element,side,Fem_01"]
    for k in range(12):
        lines += [f"P{k},femur,left,{440 + 5 * k}", f"P{k},femur,right,{441 + 5 * k + k % 3}"]
    reference = written(tmp_path, "\n".join(lines) + "\n", "reference.csv")
    found = CliRunner().invoke(
        app,
        ["sort", str(tmp_path / "dossier"), "--reference", str(reference), "--cora", str(tmp_path / "pairs.csv")],
    )
    assert found.exit_code == 0, found.output
    (row,) = csv.DictReader((tmp_path / "pairs.csv").read_text().splitlines())
    assert (row["se_id"], row["pair_id"], row["bonename"], row["sample_size"]) == ("7", "8", "Femur", "12")
    assert (row["measurements_used"], row["num_measurements"]) == ("{'Fem_01': True}", "1")
    assert float(row["pvalue"]) > 0.1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,side\n", "not CoRA's export"),
        (CORA + "1,2\n", "wrong number of cells"),
        (CORA + CORA.splitlines()[1] + "\n", "without a key, or twice"),
    ],
)
def test_bad_cora(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        read_cora_measurements(written(tmp_path, text))
