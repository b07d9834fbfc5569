"""Imports: read with care, taken in whole or not at all, undone to the last cell; exports that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest

from cenotaph.errors import InvalidInput
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import Import, LedgerEntry, model_of
from cenotaph.workplace.services import files_out, imports, records
from cenotaph.workplace.services.export import write_record

MEN = (
    "Missing ID,Family name,Given names,SEX,Population,rank at loss\n"
    "M8,CANARY-EIGHT,Ada,F,white,Pfc\nM9,Nine,,M,asian,\n"
)


def zipped(files: dict[str, bytes], **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def record_text(folder: Path) -> dict[str, bytes]:
    write_record(folder)
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def brought(viewer: Viewer, text: str, name: str = "missing.csv"):
    return imports.own_import(viewer, imports.start(viewer, name, text.encode()))


def test_columns_are_found_by_their_names(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    row = brought(manager, MEN)
    [table] = imports.brought(row)
    assert (table.table, table.columns["Family name"], table.columns["rank at loss"]) == ("missing", "family_name", "")
    columns = table.columns | {"rank at loss": "grade"}
    imports.set_mapping(manager, row, {0: ("missing", columns)})
    plan = imports.try_out(manager, row)
    assert plan.is_possible
    assert plan.new["missing"].height == 2
    assert imports.apply(manager, row) == 2
    [man] = selectors.rows(manager, "missing", where={"missing_id": "M8"})
    assert (man["family_name"], man["grade"]) == ("CANARY-EIGHT", "Pfc")
    [again] = imports.brought(brought(manager, MEN))
    assert again.columns["rank at loss"] == "grade"
    assert verify().faults == ()


def test_a_trial_changes_nothing_and_an_undo_leaves_nothing(
    case: str, viewers: dict[str, Viewer], tmp_path: Path
) -> None:
    manager = viewers["case_manager"]
    before = record_text(tmp_path / "before")
    row = brought(manager, MEN)
    imports.try_out(manager, row)
    assert record_text(tmp_path / "tried") == before
    imports.apply(manager, row)
    assert record_text(tmp_path / "applied") != before
    assert imports.undo(manager, row) == 2
    assert record_text(tmp_path / "undone") == before
    assert selectors.search(manager, "CANARY-EIGHT") == []
    with pytest.raises(Refused, match="taken in"):
        imports.undo(manager, row)


def test_what_others_worked_on_is_not_undone(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    row = brought(manager, MEN)
    imports.apply(manager, row)
    [man] = selectors.rows(manager, "missing", where={"missing_id": "M8"})
    records.change(manager, "missing", man["id"], {"given_names": "Eve"}, "a letter")
    state = head()
    with pytest.raises(Refused, match="worked on since"):
        imports.undo(manager, row)
    assert head() == state
    assert Import.objects.get(pk=row.pk).state == "applied"


def test_what_others_refer_to_is_not_undone(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    row = brought(manager, MEN)
    imports.apply(manager, row)
    person = {"family_id": "F9", "person_id": "F9.C", "sex": "F", "missing_id": "M8"}
    records.add(manager, "relatives", person, "her family")
    with pytest.raises(Refused, match="refer to it"):
        imports.undo(manager, row)
    assert model_of("missing").objects.filter(missing_id="M8").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("missing_id,sex\nM8,male\n", "sex"),
        ("missing_id,family_name,population\nM1,Another,white\n", "other words"),
        ("missing_id,population\nM8,white\nM8,black\n", "M8"),
    ],
)
def test_all_or_nothing(case: str, viewers: dict[str, Viewer], text: str, what: str) -> None:
    manager = viewers["case_manager"]
    row = brought(manager, text)
    plan = imports.try_out(manager, row)
    assert not plan.is_possible
    assert any(what in str(fault) for fault in plan.faults)
    count = model_of("missing").objects.count()
    with pytest.raises(InvalidInput):
        imports.apply(manager, row)
    assert model_of("missing").objects.count() == count
    assert Import.objects.get(pk=row.pk).state == "open"


def test_a_geneticist_imports_profiles_without_a_name(case: str, viewers: dict[str, Viewer]) -> None:
    geneticist = viewers["geneticist"]
    text = "sample_id,marker,allele_1,allele_2\nB2,TPOX,8,11\n"
    row = brought(geneticist, text, "str_profiles.csv")
    assert imports.apply(geneticist, row) == 1
    with pytest.raises(Refused, match="such rows"):
        imports.apply(geneticist, brought(geneticist, text.replace("B2", "R1"), "str_profiles.csv"))
    with pytest.raises(Refused):
        imports.try_out(geneticist, brought(geneticist, MEN))
    with pytest.raises(Refused, match="no such import"):
        imports.own_import(viewers["case_manager"], row.pk)
    with pytest.raises(Refused):
        imports.start(viewers["oversight"], "missing.csv", MEN.encode())


@pytest.mark.parametrize(
    "name", ["../missing.csv", "/etc/missing.csv", "..\\missing.csv", "a/../../missing.csv", "C:\\missing.csv"]
)
def test_a_name_that_leaves_the_zip(case: str, viewers: dict[str, Viewer], name: str) -> None:
    with pytest.raises(InvalidInput, match="leaves the zip"):
        imports.start(viewers["case_manager"], "a.zip", zipped({name: MEN.encode()}))


def test_zip_bombs(case: str, viewers: dict[str, Viewer], monkeypatch: pytest.MonkeyPatch) -> None:
    manager = viewers["case_manager"]
    monkeypatch.setattr(imports, "LARGEST_UNPACKED", 1 << 20)
    with pytest.raises(InvalidInput, match="unpacks to too much"):
        imports.start(manager, "a.zip", zipped({"missing.csv": b"a" * (2 << 20)}))
    many = zipped({f"{n}.csv": b"a\n1\n" for n in range(imports.MOST_FILES + 1)})
    with pytest.raises(InvalidInput, match="too many files"):
        imports.start(manager, "a.zip", many)
    lying = bytearray(zipped({"missing.csv": b"a" * (2 << 20)}))
    at = lying.find(b"PK\x01\x02") + 24
    lying[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(InvalidInput):
        imports.start(manager, "a.zip", bytes(lying))
    monkeypatch.setattr(imports, "LARGEST_UPLOAD", 100)
    with pytest.raises(InvalidInput, match="too large"):
        imports.start(manager, "missing.csv", b"a" * 101)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"a,b\n1\n", b"a,a\n1,2\n", b'a,b\n"1,2\n', b"a\0b\n", b"PK\x03\x04 no zip", b"a,\n1,2\n"],
)
def test_files_that_are_none(case: str, viewers: dict[str, Viewer], content: bytes) -> None:
    with pytest.raises(InvalidInput):
        imports.start(viewers["case_manager"], "missing.csv", content)


def test_what_is_uploaded_lies_sealed(case: str, viewers: dict[str, Viewer]) -> None:
    row = brought(viewers["case_manager"], MEN)
    assert "CANARY-EIGHT" not in row.content
    imports.apply(viewers["case_manager"], row)
    assert Import.objects.get(pk=row.pk).content is None
    told = LedgerEntry.objects.values_list("before", "after", "reason")
    assert not any("CANARY-EIGHT" in (cell or "") for entry in told for cell in entry)


def test_two_columns_do_not_become_one(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    row = brought(manager, MEN)
    with pytest.raises(InvalidInput, match="two columns"):
        imports.set_mapping(manager, row, {0: ("missing", {"Missing ID": "note", "SEX": "note"})})
    with pytest.raises(Refused):
        imports.set_mapping(manager, row, {0: ("decisions", {"Missing ID": "decision_id"})})


@pytest.mark.parametrize("cell", ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_cells_survive_without_becoming_formulas(cell: str) -> None:
    safe = imports.safe_cell(cell)
    assert safe.startswith("'")
    assert imports._plain(safe) == cell


@pytest.mark.parametrize("cell", ["-3.5", "+2", "1e5", "'t Hooft", "Kim", ""])
def test_other_cells_stay(cell: str) -> None:
    assert imports.safe_cell(cell) == cell
    assert imports._plain(cell) == cell


def test_a_workbook_has_the_cells_of_the_csv_and_runs_none(case: str, viewers: dict[str, Viewer]) -> None:
    from openpyxl import load_workbook

    manager = viewers["case_manager"]
    records.add(manager, "missing", {"missing_id": "M7", "family_name": "=1+1", "given_names": "bell\x07"})
    content = files_out.export_tables(manager, ["missing", "relatives"], "for the archive", "xlsx")
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["missing", "relatives"]
    cells = [[cell.value or "" for cell in row] for row in book["missing"].rows]
    assert all(cell.data_type != "f" for row in book["missing"].rows for cell in row), "no cell is a formula"
    with zipfile.ZipFile(io.BytesIO(files_out.export_tables(manager, ["missing"], "for the archive"))) as archive:
        text = archive.read("missing.csv").decode()
    assert cells == [[c.replace("\x07", "\ufffd") for c in row] for row in csv.reader(io.StringIO(text))]
    assert "'=1+1" in cells[-1]
    with pytest.raises(Refused, match="one of"):
        files_out.export_tables(manager, ["missing"], "for the archive", "pdf")
