"""A dossier that is read, written and read again is the same; its descriptor and its page come from the registry."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cenotaph.dossier.read import Dossier, examine_dossier, read_dossier
from cenotaph.dossier.reference import reference_page
from cenotaph.dossier.tables import GROUPS, TABLES, TYPES
from cenotaph.dossier.write import new_folder, write_dossier
from cenotaph.errors import FormatError, InvalidInput
from tests.unit.dossiers import SOUND, with_row, write_tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "dossier.md"


def same(one: Dossier, other: Dossier) -> bool:
    return set(one.texts) == set(other.texts) and all(one.texts[n].equals(other.texts[n]) for n in one.texts)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "a", own='x,y\n1,"two\nlines"\n', isotopes="specimen_id,tissue,ratio,value,who\n")
    dossier = read_dossier(folder)
    write_dossier(dossier, tmp_path / "b")
    again = read_dossier(tmp_path / "b")
    assert same(dossier, again)
    write_dossier(again, tmp_path / "c")
    for path in (tmp_path / "b").iterdir():
        assert path.read_bytes() == (tmp_path / "c" / path.name).read_bytes()


def test_text_of_numbers_and_dates_is_kept(tmp_path: Path) -> None:
    write_dossier(read_dossier(write_tables(tmp_path / "a")), tmp_path / "b")
    assert "425.70" in (tmp_path / "b" / "measurements.csv").read_text()
    assert "1950-11?" in (tmp_path / "b" / "missing.csv").read_text()
    assert "VWA" in (tmp_path / "b" / "str_profiles.csv").read_text()


def test_columns_are_written_in_the_registrys_order(tmp_path: Path) -> None:
    text = "extra,side,element,specimen_id\nx,L,femur,S1\n,M,cranium,S2\n"
    write_dossier(read_dossier(write_tables(tmp_path / "a", specimens=text)), tmp_path / "b")
    assert (
        tmp_path / "b" / "specimens.csv"
    ).read_text() == "specimen_id,element,side,extra\nS1,femur,L,x\nS2,cranium,M,\n"


def test_typed_tables_have_every_column_and_the_defaults(tmp_path: Path) -> None:
    dossier = read_dossier(write_tables(tmp_path))
    specimens = dossier.table("specimens")
    assert specimens.columns == [c.name for c in TABLES["specimens"].columns]
    assert specimens["sex"].to_list() == ["U", "U"]
    assert dossier.table("measurements")["value_mm"].to_list() == [425.7]
    assert dossier.table("measurements")["replicate"].to_list() == [1]
    assert dossier.table("str_profiles")["marker"].to_list() == ["TH01", "vWA", "Penta_D", "Amelogenin"]
    assert dossier.table("outlines").schema["x"] == pl.Float64
    assert dossier.table("outlines").height == 0


def test_a_dossier_can_be_made_from_typed_tables(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"specimen_id": ["S1"], "element": ["femur"], "side": ["L"], "completeness": [1.0], "age_from": [20]}
    )
    write_dossier(Dossier.from_tables({"specimens": frame}), tmp_path / "b")
    assert (tmp_path / "b" / "specimens.csv").read_text().split("\n")[1] == "S1,femur,L,1,20"


def test_reading_refuses_what_cannot_be_typed(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"measurements:3:value_mm: not a number, found 42,5"):
        read_dossier(write_tables(tmp_path / "a", measurements=with_row("measurements", 'S1,Fem_02,"42,5"')))
    with pytest.raises(FormatError, match="wrong number of cells"):
        read_dossier(write_tables(tmp_path / "b", measurements=with_row("measurements", "S1,Fem_02")))


def test_examining_gives_the_dossier_or_the_errors(tmp_path: Path) -> None:
    sound = examine_dossier(write_tables(tmp_path / "a"))
    assert sound.dossier is not None
    assert sound.faults == []
    broken = examine_dossier(write_tables(tmp_path / "b", samples=with_row("samples", "B1,specimen,S1")))
    assert broken.dossier is None
    assert [f.what for f in broken.faults] == ["duplicate key"]


def test_the_descriptor_is_written_and_keeps_what_it_said(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "a")
    (folder / "datapackage.json").write_text('{"name": "k55", "title": "Höhe", "version": "2.1.0", "resources": []}')
    write_dossier(read_dossier(folder), tmp_path / "b")
    package = json.loads((tmp_path / "b" / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["name"], package["title"], package["version"]) == ("k55", "Höhe", "2.1.0")
    by_name = {r["name"]: r for r in package["resources"]}
    assert set(by_name) == set(SOUND)
    assert by_name["relatives"]["schema"]["primaryKey"] == ["person_id"]
    references = by_name["relatives"]["schema"]["foreignKeys"]
    assert {"fields": ["father_id"], "reference": {"resource": "", "fields": ["person_id"]}} in references
    assert [f["name"] for f in by_name["measurements"]["schema"]["fields"]] == ["specimen_id", "code", "value_mm"]


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path: Path) -> None:
    dossier = read_dossier(write_tables(tmp_path / "a"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="the folder is not empty"):
        write_dossier(dossier, tmp_path / "b")
    assert [p.name for p in tmp_path.rglob("*.txt")] == ["mine.txt"]
    write_dossier(dossier, tmp_path / "b", replace=True)
    assert not (tmp_path / "b" / "mine.txt").exists()


def test_nothing_half_is_left_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "b") as work:
            (work / "half.csv").write_text("half")
            raise RuntimeError("out of paper")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["handover-small", "handover-snp"])
def test_the_examples_are_written_and_read_back(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "examples" / name
    write_dossier(read_dossier(source), tmp_path / "b")
    for path in source.glob("*.csv"):
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes().replace(b"\r\n", b"\n")
    for path in source.glob("*.gz"):
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes()


def test_the_registry_is_whole() -> None:
    for table in TABLES.values():
        assert table.group in GROUPS
        assert len({c.name for c in table.columns}) == len(table.columns)
        for column in table.columns:
            assert column.type in TYPES
            assert column.meaning
            for target in [*(column.references or "").split(), *(column.references_by or ("", {}))[1].values()]:
                name, _, key = target.partition(".")
                assert name not in TABLES or TABLES[name].key == (key,)


def test_the_reference_page_is_the_registrys() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page()
