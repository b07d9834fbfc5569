"""Fragments of one element and side: which can be of one person, and that a refit decides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.identification.bones import Bones
from cenotaph.identification.identify import identify
from cenotaph.identification.result import result_tables
from cenotaph.identification.settings import Settings
from cenotaph.provenance import Run
from tests.unit.dossiers import SOUND

HEADER = "specimen_id,container_id,element,side,zones,completeness\n"


def dossier(folder: Path, specimens: str, associations: str = "") -> Dossier:
    """Bones without samples."""
    tables = {name: SOUND[name] for name in ("missing", "incidents", "containers")}
    tables["specimens"] = HEADER + specimens
    if associations:
        tables["associations"] = "specimen_a,specimen_b,kind,grade\n" + associations
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_dossier(folder)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("femur,L,1 2 3,0.3", "femur,L,7 8 9,0.3", 0),
        ("femur,L,1 2 3,0.3", "femur,L,3 4 5,0.3", 1),
        ("femur,L,complete,1", "femur,L,7 8 9,0.3", 1),
        ("femur,L,,1", "femur,L,7 8 9,0.3", 1),
        ("femur,L,,1", "femur,L,,1", 1),
        ("femur,L,1 2 3,0.3", "femur,R,1 2 3,0.3", 0),
        ("femur,L,1 2 3,0.3", "femur,U,1 2 3,0.3", 0),
        ("femur,L,1 2 3,0.3", "tibia,L,1 2 3,0.3", 0),
        ("rib,L,complete,1", "rib,L,complete,1", 0),
    ],
)
def test_one_person_has_no_zone_twice(tmp_path: Path, first: str, second: str, clash: int) -> None:
    bones = Bones.from_dossier(dossier(tmp_path, f"S1,BOX1,{first}\nS2,BOX1,{second}\n"))
    assert bones.duplicates([0, 1]) == bones.duplicates([1, 0]) == clash


def test_three_fragments_of_one_bone(tmp_path: Path) -> None:
    """The middle one overlaps both others, which do not overlap each other."""
    rows = "S1,BOX1,femur,L,1 2 3,0.3\nS2,BOX1,femur,L,3 4 5 6,0.3\nS3,BOX1,femur,L,6 7 8,0.3\n"
    bones = Bones.from_dossier(dossier(tmp_path, rows))
    assert bones.duplicates([0, 2]) == 0
    assert bones.duplicates([0, 1, 2]) == 2


def individuals(found: Dossier) -> dict[str, str]:
    """Individual of each specimen."""
    table = result_tables(identify(found, Settings(), Run("identify", 1, {})))["assignments"]
    return dict(table.select("specimen_id", "individual_id").iter_rows())


@pytest.mark.parametrize("zones", ["7 8 9", "2 3 4"])
def test_a_certain_refit_makes_one_person_whatever_the_zones(tmp_path: Path, zones: str) -> None:
    rows = f"S1,BOX1,femur,L,1 2 3,0.3\nS2,BOX1,femur,L,{zones},0.3\n"
    joined = individuals(dossier(tmp_path, rows, "S1,S2,refit,certain\n"))
    assert joined["S1"] == joined["S2"]


def test_overlapping_fragments_without_a_refit_are_two_people(tmp_path: Path) -> None:
    apart = individuals(dossier(tmp_path, "S1,BOX1,femur,L,1 2 3,0.3\nS2,BOX1,femur,L,2 3 4,0.3\n"))
    assert apart["S1"] != apart["S2"]
