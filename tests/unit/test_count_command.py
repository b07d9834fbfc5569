"""How many people, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from cenotaph.cli.main import app
from cenotaph.dossier.bones import counted_specimens, measured_bones, recorded_pairs
from cenotaph.dossier.read import read_dossier
from tests.unit.dossiers import write_tables

SPECIMENS = """specimen_id,element,side,zones,completeness,age_from,age_to
L1,femur,L,complete,1,,
L2,femur,L,1 2 3,0.3,25,40
R1,femur,R,complete,1,,
R2,femur,R,complete,1,,
F1,femur,R,,0.2,,
F2,femur,U,,,,
B1,humerus,R,complete,1,14,17
"""
MEASUREMENTS = """specimen_id,code,value_mm,replicate
L1,Fem_01,450,1
L1,Fem_01,452,2
L1,Fem_04,47.0,1
R1,Fem_01,451,1
R1,Fem_04,47.2,1
R2,Fem_01,482,1
R2,Fem_04,52.1,1
"""
PAIRS = "specimen_a,specimen_b,kind,grade\nL1,R1,pair,certain\nL2,R2,pair,possible\nL2,R2,exclusion,certain\n"
REST = {"dental_charts": None, "samples": None, "str_profiles": None, "ystr_profiles": None, "mtdna_profiles": None}


def folder(tmp_path: Path, **tables: str) -> Path:
    given = {"specimens": SPECIMENS, "measurements": MEASUREMENTS, "associations": PAIRS, **tables}
    return write_tables(tmp_path / "dossier", **REST, **given)


def test_what_is_read_from_a_dossier(tmp_path: Path) -> None:
    dossier = read_dossier(folder(tmp_path))
    counted = counted_specimens(dossier)
    assert (counted.unzoned, counted.taken_as_whole) == (1, 1)
    assert [s.zones for s in counted.specimens[:2]] == [None, frozenset({1, 2, 3})]
    bones = measured_bones(dossier)
    assert bones.ids == ("L1", "R1", "R2")
    assert bones.values[0].tolist() == [451.0, 47.0]
    assert recorded_pairs(dossier) == {
        frozenset(("L1", "R1")): "certain",
        frozenset(("L2", "R2")): "excluded",
    }


def test_json(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["count", str(folder(tmp_path)), "--json"])
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    # Five femora, one of unknown side, are of three people at least; one of them can be the boy of the humerus.
    assert document["minimum_number"]["without_ages"] == 3
    assert document["minimum_number"]["number"] == 3
    (femur,) = document["paired_elements"]
    assert (femur["left"], femur["right"], femur["recorded_pairs"]) == (2, 2, 1)
    assert femur["published"]["grand_minimum_total"] == 3
    assert femur["published"]["most_likely_number"] == 3
    # L1 and R1 are certain, L2 and R2 are excluded: one pair, whatever the measurements say.
    assert abs(femur["expected_pairs"] - 1) < 1e-6
    assert document["posterior"]["exact"]


def test_table_and_bad_input(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["count", str(folder(tmp_path))])
    assert found.exit_code == 0, found.output
    assert "At least 3 people (MNI)" in found.output
    broken = folder(tmp_path / "broken", specimens="specimen_id,element,side\nL1,hoof,L\n")
    result = CliRunner().invoke(app, ["count", str(broken)])
    assert result.exit_code != 0
    assert "the dossier has errors" in str(result.exception)
