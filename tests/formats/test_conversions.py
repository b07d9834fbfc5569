"""Foreign files: read, written, read back; guessed by content; whole or not at all."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.unit.dossiers import write_tables

from cenotaph.dossier.check import check_dossier
from cenotaph.dossier.faults import has_errors
from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.errors import FormatError, InvalidInput
from cenotaph.formats.codis import parse_codis, read_codis
from cenotaph.formats.convert import FORMATS, apply_conversion, guess_format, plan_conversion
from cenotaph.formats.genemapper import parse_genemapper, read_genemapper
from cenotaph.formats.haplogrep import parse_haplogrep
from cenotaph.formats.osteosort_case import read_osteosort
from cenotaph.formats.plink import parse_ped, read_ped
from cenotaph.formats.wide import parse_wide

ROWS = """sample_id,replicate,marker,allele_1,allele_2,more_alleles
B1,1,TH01,6,9.3,
B1,1,vWA,16,,
B1,1,Penta_D,9,9,
B1,2,TH01,6,9.3,
B2,1,TH01,<6,>15,13.1 14.2
B2,1,Amelogenin,X,Y,
R1,1,TH01,6,7,
R1,1,D22S1045,15,16,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "dossier", str_profiles=ROWS)


def convert(source: Path, target: Path, **formats: str) -> Dossier | None:
    apply_conversion(plan_conversion(source, target, **formats))
    return read_dossier(target) if target.is_dir() else None


def there_and_back(folder: Path, tmp_path: Path, name: str, suffix: str) -> tuple[Dossier, Dossier]:
    convert(folder, tmp_path / f"foreign{suffix}", to_format=name)
    assert guess_format(tmp_path / f"foreign{suffix}") == name
    back = convert(tmp_path / f"foreign{suffix}", tmp_path / "back")
    assert back is not None
    assert not has_errors(check_dossier(tmp_path / "back"))
    return read_dossier(folder), back


def calls(dossier: Dossier, table: str = "str_profiles") -> set[tuple[object, ...]]:
    return set(dossier.table(table).iter_rows())


def rows_of(dossier: Dossier, table: str, columns: list[str]) -> set[tuple[object, ...]]:
    return set(dossier.table(table).select(columns).iter_rows())


@pytest.mark.parametrize(("name", "suffix"), [("genemapper", ".txt"), ("wide", ".csv")])
def test_genotype_tables_keep_every_call(folder: Path, tmp_path: Path, name: str, suffix: str) -> None:
    before, after = there_and_back(folder, tmp_path, name, suffix)
    assert calls(after) == calls(before)
    assert calls(after, "ystr_profiles") == calls(before, "ystr_profiles")


def test_wide_tables_keep_the_origin(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "wide", ".csv")
    columns = ["sample_id", "origin", "origin_id"]
    assert rows_of(after, "samples", columns) == rows_of(before, "samples", columns)


def test_codis_keeps_every_call_of_the_first_replicate(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "codis", ".xml")
    assert calls(after) == {c for c in calls(before) if c[1] == 1}
    assert calls(after, "ystr_profiles") == calls(before, "ystr_profiles")
    notes = dict(after.table("samples").select("sample_id", "note").iter_rows())
    assert notes == {"B1": "Unidentified Person", "B2": "Unidentified Person", "R1": "Biological Sibling"}
    assert after.table("relatives").row(0)[:2] == ("F1", "R1")


def test_plink_keeps_pedigrees_and_full_calls_of_relatives(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "plink", ".ped")
    columns = ["family_id", "person_id", "father_id", "mother_id", "sex"]
    assert rows_of(after, "relatives", columns) == rows_of(before, "relatives", columns)
    assert {(m, a, b) for _, _, m, a, b, _ in calls(after)} == {("TH01", "6", "7"), ("D22S1045", "15", "16")}


def test_haplogrep_keeps_ranges_and_differences(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "haplogrep", ".hsd")
    assert after.texts["mtdna_profiles"].equals(before.texts["mtdna_profiles"])


def test_osteosort_keeps_measurements(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "osteosort", ".csv")
    assert after.texts["measurements"].equals(before.texts["measurements"])
    columns = ["specimen_id", "element", "side"]
    assert after.table("specimens").select(columns).row(0) == before.table("specimens").select(columns).row(0)


def test_familias_keeps_pedigrees_and_full_calls(folder: Path, tmp_path: Path) -> None:
    before, after = there_and_back(folder, tmp_path, "familias", ".fam")
    members = after.table("relatives").select("person_id", "father_id", "mother_id", "sex", "missing_id").rows()
    assert set(members) == {
        ("F1.F", None, None, "M", None),
        ("F1.M", None, None, "F", None),
        ("Missing_F1.C", "F1.F", "F1.M", "M", "Missing_F1.C"),
        ("F1.S", "F1.F", "F1.M", "F", None),
    }
    two = {(c[2], c[3], c[4]) for c in calls(before) if c[1] == 1 and c[4] and not c[5] and c[2] != "Amelogenin"}
    assert {(c[2], c[3], c[4]) for c in calls(after)} == two
    sums = after.table("frequencies").group_by("marker").agg(pl.col("frequency").sum())
    assert all(abs(total - 1) < 1e-9 for total in sums["frequency"])


def test_every_format_is_tried_here() -> None:
    here = {"codis", "familias", "haplogrep", "genemapper", "osteosort", "wide", "plink"}
    bones = {"osteosort-1", "cora", "cora-pairs"}
    assert set(FORMATS) == here | bones


def test_nothing_is_overwritten_and_nothing_half_is_left(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="the file is there already"):
        convert(folder, tmp_path / "there.txt")
    assert (tmp_path / "there.txt").read_text() == "mine"
    (tmp_path / "new.map").write_text("mine")
    with pytest.raises(InvalidInput, match="the file is there already"):
        convert(folder, tmp_path / "new.ped")
    assert not (tmp_path / "new.ped").exists()
    (tmp_path / "broken.fam").write_text('"Output from Familias, version 3.3.1"\n"DO NOT EDIT!"\n3.3.1\n""\n3\n')
    with pytest.raises(FormatError, match=r"broken\.fam:"):
        convert(tmp_path / "broken.fam", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("source", "target", "formats", "what"),
    [
        ("nowhere.fam", "out", {}, "no such file"),
        ("dossier", "out.doc", {}, "the format is not known"),
        ("dossier", "out", {"to_format": "dossier"}, "both are dossiers"),
        ("dossier", "out.fam", {"to_format": "word"}, "no such format"),
    ],
)
def test_what_cannot_be_converted(
    folder: Path, tmp_path: Path, source: str, target: str, formats: dict[str, str], what: str
) -> None:
    with pytest.raises(InvalidInput, match=what):
        convert(tmp_path / source, tmp_path / target, **formats)


def test_genemapper_headers_no_calls_and_repeats() -> None:
    rows = ["Sample.Name,Marker,Dye,Allele.1,Allele.2,Height.1", "S,AMEL,B,X,NA,99", "S,VWA,B,16,17,9", "S,VWA,B,16,,9"]
    text = "\n".join([*rows, "S,FGA,B,OL,,9"])
    first, second = parse_genemapper(text)
    assert first.genotypes == {"AMEL": ("X",), "VWA": ("16", "17"), "FGA": ("OL",)}
    assert (second.replicate, second.genotypes) == (2, {"VWA": ("16",)})


def test_a_single_allele_is_open_unless_the_user_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("SampleName,Marker,Allele1,Allele2\nS,TH01,6,\nS,vWA,16,17\n")
    done = apply_conversion(plan_conversion(tmp_path / "g.txt", tmp_path / "open"))
    assert done.messages[-1].startswith("1 calls show one allele")
    assert read_dossier(tmp_path / "open").table("str_profiles")["allele_2"].to_list() == [None, "17"]
    apply_conversion(plan_conversion(tmp_path / "g.txt", tmp_path / "closed", homozygotes_once=True))
    assert read_dossier(tmp_path / "closed").table("str_profiles")["allele_2"].to_list() == ["6", "17"]


def test_wide_tables_of_both_layouts() -> None:
    assert parse_wide("Sample Name\tTH01\tvWA 1\tvWA 2\nS\t6/9.3\t16\tNA\n")[0].genotypes == {
        "TH01": ("6", "9.3"),
        "vWA": ("16",),
    }
    with pytest.raises(FormatError, match=r"genotypes\.csv:3: wrong number of cells"):
        parse_wide("sample,TH01\nS,6\nT\n")


def test_the_two_copies_of_dys385_become_one_row(tmp_path: Path) -> None:
    path = tmp_path / "y.txt"
    path.write_text("SampleName,Marker,Allele1,Allele2\nS,DYS385a,11,\nS,DYS385b,14,\nS,DYS19,14,14\n")
    rows = read_genemapper(path).dossier.table("ystr_profiles").rows()
    assert rows == [("S", "DYS385", "11-14"), ("S", "DYS19", "14")]


def test_haplogrep_ranges_with_blanks_and_quotes() -> None:
    assert parse_haplogrep('ID\tRange\tHaplogroup\tPolymorphisms\nA\t"16024-16569 ; 1-576 ;"\tH\t263G\t\t \n') == [
        ("A", "16024-16569 1-576", "263G")
    ]
    with pytest.raises(FormatError, match=r"profiles\.hsd:1: not a profile"):
        parse_haplogrep("A,B,C\n")


@pytest.mark.parametrize(
    "text",
    [
        "id,Side,Element,Hum_01,Fem_01\nB1,Left,Humerus,311.5,NA\nB2,Right,Femur,0,425\n",
        "accession,side,element,Hum_01,Fem_01\nB1,left,humerus,311.5,\nB2,right,femur,-1,425\n",
    ],
)
def test_osteosort_of_both_versions(tmp_path: Path, text: str) -> None:
    path = tmp_path / "case.csv"
    path.write_text(text)
    assert guess_format(path) == "osteosort"
    dossier = read_osteosort(path).dossier
    assert dossier.table("specimens").select("specimen_id", "element", "side").rows() == [
        ("B1", "humerus", "L"),
        ("B2", "femur", "R"),
    ]
    assert dossier.table("measurements").select("specimen_id", "code", "value_mm").rows() == [
        ("B1", "Hum_01", 311.5),
        ("B2", "Fem_01", 425.0),
    ]


def test_ped_with_unnamed_parents_and_shared_names(tmp_path: Path) -> None:
    path = tmp_path / "f.ped"
    path.write_text("F1 P A 0 1 -9 6 7\nF2 P 0 0 2 -9 0 0\n")
    (tmp_path / "f.map").write_text("11 TH01 0 0\n")
    dossier = read_ped(path).dossier
    assert {(r[1], r[2], r[3], r[4]) for r in dossier.table("relatives").rows()} == {
        ("F1.P.mother", None, None, "F"),
        ("A", None, None, "M"),
        ("F1.P", "A", "F1.P.mother", "M"),
        ("F2.P", None, None, "F"),
    }
    with pytest.raises(FormatError, match=r"family.ped:1: half a genotype, found 6 0"):
        parse_ped("F P 0 0 1 -9 6 0")


CODIS = """<?xml version="1.0"?>
<CODISImportFile xmlns="urn:CODISImportFile-schema"><HEADERVERSION>3.2</HEADERVERSION><MESSAGETYPE>Import</MESSAGETYPE>
<DESTINATIONORI>X</DESTINATIONORI><SOURCELAB>X</SOURCELAB><SUBMITBYUSERID>u</SUBMITBYUSERID>
<SUBMITDATETIME>2002-02-14T21:51:44</SUBMITDATETIME>
<SPECIMEN CASEID="FAM7"><SPECIMENID>R1</SPECIMENID><SPECIMENCATEGORY>Biological Mother</SPECIMENCATEGORY>
<LOCUS><LOCUSNAME>THO1</LOCUSNAME><READINGBY>u</READINGBY><READINGDATETIME>2002-02-13T21:50:42</READINGDATETIME>
<ALLELE><ALLELEVALUE>6</ALLELEVALUE></ALLELE><ALLELE><ALLELEVALUE>&gt;15</ALLELEVALUE></ALLELE></LOCUS>
</SPECIMEN></CODISImportFile>
"""


def test_codis_relatives_and_spellings(tmp_path: Path) -> None:
    path = tmp_path / "message.xml"
    path.write_text(CODIS)
    dossier = read_codis(path).dossier
    assert dossier.table("relatives").row(0)[:2] == ("FAM7", "R1")
    assert dossier.table("str_profiles").rows() == [("R1", 1, "TH01", "6", ">15", None)]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("</SPECIMEN>", "", "message.xml:8: not well-formed XML"),
        ("<SPECIMENID>R1</SPECIMENID>", "", "message.xml:5: 0 of SPECIMENID in SPECIMEN"),
        ("Biological Mother", "Mother", "message.xml:5: no such SPECIMENCATEGORY, found Mother"),
        ("<HEADERVERSION>3.2</HEADERVERSION>", "", "0 of HEADERVERSION in CODISImportFile"),
        ("CODISImportFile", "Other", "message.xml:2: not a CODIS message, found Other"),
        ('<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY b "c">]>', "a document type or entity is declared"),
        ("<SOURCELAB>X</SOURCELAB>", "<SOURCELAB>" + "<a>" * 9 + "</a>" * 9 + "</SOURCELAB>", "nested too deeply"),
    ],
)
def test_codis_messages_that_break_the_structure(old: str, new: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        parse_codis(CODIS.replace(old, new))


def test_the_example_of_the_format(shared: Path) -> None:
    imported = read_codis(shared / "data" / "dna" / "codis" / "cmf_3.2_appendixA_example.xml")
    profiles = imported.dossier.table("str_profiles")
    assert profiles.height == 29
    four = profiles.filter((pl.col("sample_id") == "IMP_0001B") & (pl.col("marker") == "D16S539"))
    assert four.row(0)[3:] == ("6", "7", "13.1 14.2")
    assert set(profiles["allele_1"]) >= {"<6", "<25"}


def test_every_foreign_example_is_converted(shared: Path, tmp_path: Path) -> None:
    cases = shared / "data" / "dna" / "cases"
    sources = [*cases.glob("*/*.fam"), *cases.glob("genemapper/*.txt"), *cases.glob("euroformix/ESX17*ref*.csv")]
    sources += [
        cases / "relmix" / "references.txt",
        shared / "data" / "dna" / "mtdna" / "haplogrep_evaluation-data.hsd",
    ]
    assert len(sources) >= 15
    for number, source in enumerate(sources):
        dossier = convert(source, tmp_path / str(number))
        assert dossier is not None
        assert dossier.tables
        if source.suffix == ".fam":
            assert not has_errors(check_dossier(tmp_path / str(number)))
