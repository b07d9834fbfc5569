"""Every fault of a dossier is found, on its line, with what would be valid."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from cenotaph.dossier.check import check_dossier
from cenotaph.dossier.faults import Fault
from cenotaph.errors import InvalidInput
from tests.unit.dossiers import SOUND, with_row, write_tables

VCF = (
    "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB1\tR1\n"
    "1\t100\trs1\tA\tG\t.\t.\t.\tGT\t0/1\t1/1\n"
)
TURNED_BACK = "X\t5\tx\tA\tG\t.\t.\t.\tGT\t0/1\t1/1\n1\t99\trs2\tA\tG\t.\t.\t.\tGT\t0/1\t1/1\n"


def faults(folder: Path, **changed: str | bytes | None) -> list[Fault]:
    return check_dossier(write_tables(folder, **changed))


def test_a_sound_dossier_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


ERRORS = [
    ("str_profiles", "B2,1,vWA,OL,16,", "str_profiles:6:allele_1: not an allele, found OL"),
    ("str_profiles", "B2,1,vWA,X,16,", "str_profiles:6:allele_1: not an allele, found X"),
    ("str_profiles", "B2,1,vWA,15,16,17  bad", "str_profiles:6:more_alleles: not an allele, found bad"),
    ("str_profiles", "B2,1,vWA,15,,17", "str_profiles:6:allele_2: a further allele without a second, found 17"),
    ("str_profiles", "B2,1,D3S1538,15,16,", "str_profiles:6:marker: unknown marker, found D3S1538, valid: D3S1358?"),
    ("str_profiles", "B1,,vWA,15,16,", "str_profiles:6:marker: duplicate key (sample_id, replicate, marker)"),
    ("str_profiles", "B9,1,vWA,15,16,", "str_profiles:6:sample_id: reference to nowhere, found B9"),
    ("str_profiles", "B2,1,vWA,,,", "str_profiles:6:allele_1: the cell is empty"),
    ("str_profiles", "B2,1,vWA,15,16", "str_profiles:6:: wrong number of cells, found 5, valid: 6"),
    ("ystr_profiles", "B1,DYS390,24/25", "ystr_profiles:4:alleles: not an allele, found 24/25"),
    ("missing", "M1,Doe,M,1930,white,UNSAN,1950", "missing:4:missing_id: duplicate key, found M1, valid: each once"),
    ("missing", "M3,Doe,X,1930,white,UNSAN,1950", "missing:4:sex: not a word of this column, found X, valid: M F U"),
    ("missing", "M3,Doe,M,1930-02-30,white,,1950", "missing:4:birth_date: no such day, found 1930-02-30"),
    ("missing", "M3,Doe,M,30/1/1930,white,,1950", "missing:4:birth_date: not a date, found 30/1/1930"),
    ("missing", "M3,Doe,M,1930,whitte,,1950", "missing:4:population: no frequency table carries the population"),
    ("missing", "M3,Doe,M,1930,white,CHOSIN,1950", "missing:4:incident_id: reference to nowhere, found CHOSIN"),
    ("missing", " M3,Doe,M,1930,white,,1950", "missing:4:missing_id: not an identifier, found ' M3'"),
    ("relatives", "F1,F1.X,F1.F,,M,", "relatives:6:mother_id: one parent without the other, found only F1.F"),
    ("relatives", "F1,F1.X,F1.M,F1.F,M,", "relatives:6:father_id: the father is female, found F1.M, sex F"),
    ("relatives", "F1,F1.X,F1.M,F1.F,M,", "relatives:6:mother_id: the mother is male, found F1.F, sex M"),
    ("relatives", "F1,F1.X,F1.F,F1.F,M,", "relatives:6:mother_id: father and mother are one person"),
    ("relatives", "F2,F2.X,F1.F,F1.M,M,", "relatives:6:father_id: the parent is in another family, found F1.F of F1"),
    ("relatives", "F1,F1.X,F1.X,F1.M,M,", "relatives:6:person_id: the person is an ancestor of themselves, found F1.X"),
    ("relatives", "F1,F1.X,,,M,M1", "relatives:6:missing_id: the missing person is at two nodes, found M1"),
    ("relatives", "F1,F1.X,,,F,M2", "relatives:6:sex: the sex differs from the missing person's, found F"),
    ("relatives", "F1,F1.X,F1.Q,F1.M,M,", "relatives:6:father_id: reference to nowhere, found F1.Q"),
    ("specimens", "S3,BOX1,femur,M,,", "specimens:4:side: femur has no such side, found M, valid: L R U"),
    ("specimens", "S3,BOX1,mandible,L,,", "specimens:4:side: mandible has no such side, found L, valid: M U"),
    ("specimens", "S3,BOX1,femor,L,,", "specimens:4:element: not an element, found femor, valid: femur?"),
    ("specimens", "S3,BOX1,femur,L,all,", "specimens:4:zones: not zones, found all"),
    ("specimens", "S3,BOX1,femur,L,,1.2", "specimens:4:completeness: outside the bounds, found 1.2, valid: 0 to 1"),
    ("specimens", 'S3,BOX1,femur,L,,"0,5"', "specimens:4:completeness: not a number, found 0,5"),
    ("measurements", "S1,Fem_02,nan", "measurements:3:value_mm: not a number, found nan"),
    ("dental_charts", "missing,M1,19,V", "dental_charts:4:tooth: not a tooth in FDI notation, found 19"),
    ("dental_charts", "missing,M1,21,MM", "dental_charts:4:code: a surface is named twice, found MM"),
    ("dental_charts", "missing,M1,21,Q", "dental_charts:4:code: not a WinID code, found Q"),
    ("dental_charts", "missing,S1,21,V", "dental_charts:4:subject_id: reference to nowhere, found S1"),
    ("samples", "B3,specimen,R1", "samples:5:origin_id: reference to nowhere, found R1, valid: a specimen_id"),
    ("mtdna_profiles", "B2,73-340,16126C", "mtdna_profiles:3:differences: outside the interpreted ranges"),
    ("mtdna_profiles", "B2,73-340,263Q", "mtdna_profiles:3:differences: not a difference from the rCRS, found 263Q"),
    ("mtdna_profiles", "B2,73-99999,263G", "mtdna_profiles:3:ranges: "),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "expected"), ERRORS)
def test_an_error_is_named_with_its_place(tmp_path: Path, table: str, row: str, expected: str) -> None:
    found = [f for f in faults(tmp_path, **{table: with_row(table, row)}) if f.severity == "error"]
    assert any(str(f).startswith(expected) for f in found), [str(f) for f in found]


WARNINGS = [
    (
        "str_profiles",
        "B2,1,TH01,6,4.2,",
        "str_profiles:6:allele_2: warning: allele of TH01 outside the frequency table",
    ),
    (
        "str_profiles",
        "B2,1,DYS390,24,,",
        "str_profiles:6:marker: warning: the marker is not used in this table (1 rows)",
    ),
    ("str_profiles", "B2,1,D3S4529,14,15,", "str_profiles:6:marker: warning: no frequency table carries the marker"),
    ("mtdna_profiles", "B2,73-340,263A", "mtdna_profiles:3:differences: warning: equal to the rCRS"),
    ("dental_charts", "missing,M1,21,O", "dental_charts:4:code: warning: an unusual surface on tooth 21, found O"),
    (
        "measurements",
        "S1,Fem_02,4257",
        "measurements:3:value_mm: warning: outside the plausible range of Fem_02 in adults, found 4257,",
    ),
    (
        "measurements",
        "S1,fem1,45.1",
        "measurements:3:value_mm: warning: outside the plausible range of Fem_01 in adults, found 45.1, "
        "valid: 310 to 636 mm",
    ),
    (
        "measurements",
        "S1,Xyz_01,4257",
        "measurements:3:value_mm: warning: outside the plausible range of a bone in adults, found 4257, "
        "valid: 1 to 650 mm",
    ),
    ("missing", "M3,Doe,M,1949,white,,1950", "missing:4:birth_date: warning: the age at loss is not plausible"),
    ("missing", "M3,Doe,M,1930,,,1950", "missing:4:population: warning: the cell is empty: unknown is taken"),
]


@pytest.mark.parametrize(("table", "row", "expected"), WARNINGS)
def test_a_warning_is_named_with_its_place(tmp_path: Path, table: str, row: str, expected: str) -> None:
    found = faults(tmp_path, **{table: with_row(table, row)})
    assert [f.severity for f in found] == ["warning"], [str(f) for f in found]
    assert str(found[0]).startswith(expected)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (
            "kneecap_rings,patella,2",
            "age_stages:2:method: warning: no model of age for it: not used, found kneecap_rings patella, "
            "valid: brooks_suchey pubic_symphysis,",
        ),
        (
            "langley_shirley_jantz_5,medial_clavicle,6",
            "age_stages:2:stage: warning: not a stage of langley_shirley_jantz_5: not used, found 6, valid: 1 2 3 4 5",
        ),
    ],
)
def test_a_stage_that_no_model_knows_is_told(tmp_path: Path, stage: str, expected: str) -> None:
    header = "specimen_id,method,feature,stage\n"
    assert faults(tmp_path, age_stages=header + "S1,brooks_suchey,pubic_symphysis,2\n") == []
    (found,) = faults(tmp_path, age_stages=f"{header}S1,{stage}\n")
    assert str(found).startswith(expected)


def test_a_childs_bone_is_not_judged_by_the_ranges_of_adults(tmp_path: Path) -> None:
    measured = "specimen_id,code,value_mm\nS1,Fem_01,245.0\n"
    inventory = "specimen_id,element,side,age_from,age_to\nS1,femur,L,{},{}\nS2,cranium,M,,\n"
    assert faults(tmp_path, specimens=inventory.format(6, 9), measurements=measured) == []
    adult = faults(tmp_path, specimens=inventory.format(20, 30), measurements=measured)
    assert [(f.line, f.column, f.found, f.valid) for f in adult] == [(2, "value_mm", "245.0", "310 to 636 mm")]


def test_every_fault_is_listed_not_the_first(tmp_path: Path) -> None:
    rows = "\n".join(f"B1,{i},TH01,OL,OL," for i in range(2, 102))
    found = faults(tmp_path, str_profiles=with_row("str_profiles", rows))
    assert len(found) == 200
    assert {f.line for f in found} == set(range(6, 106))


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = 'missing_id,population,note\n\nM1,white,"two\nlines"\n\nM1,white,\n'
    found = faults(tmp_path, missing=text, relatives=None, dental_charts=None)
    assert [f.line for f in found if f.what == "duplicate key"] == [6]
    text = "missing_id,population,note\n\nM1,white,\n\n\nM1,white,\n"
    found = faults(tmp_path, missing=text, relatives=None, dental_charts=None)
    assert [f.line for f in found if f.what == "duplicate key"] == [6]


def test_a_table_that_was_not_given_is_one_warning(tmp_path: Path) -> None:
    found = faults(tmp_path, samples=None)
    assert {(f.table, f.column, f.severity) for f in found} == {
        ("str_profiles", "sample_id", "warning"),
        ("ystr_profiles", "sample_id", "warning"),
        ("mtdna_profiles", "sample_id", "warning"),
    }


def test_a_missing_column_and_its_misspelling(tmp_path: Path) -> None:
    found = faults(tmp_path, specimens=SOUND["specimens"].replace("element", "elment"))
    assert str(found[0]).startswith("specimens:1:element: a required column is missing, found elment, perhaps misspelt")


def test_a_loop_in_time_names_those_on_it(tmp_path: Path) -> None:
    rows = "F1,A,B,F1.M,M,\nF1,B,A,F1.M,M,\nF1,D,B,F1.M,M,"
    found = [
        f for f in faults(tmp_path, relatives=with_row("relatives", rows)) if f.what.startswith("the person is an anc")
    ]
    assert {f.found for f in found} == {"A", "B"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (b"missing_id;population\nM1;white\n", "wrong separator"),
        (b"missing_id,population,sex,sex\nM1,white,M,M\n", "the column is there twice"),
        (b"missing_id,population,\nM1,white,M\n", "column 3 has no name"),
        ("missing_id,population\nM1,white\n".encode("utf-16"), "wrong encoding"),
        (b"missing_id,population,note\nM1,white,M\xfcller\n", "wrong encoding"),
        (b"missing_id,population,note\nM1,white,\x00\n", "NUL bytes in a text file"),
        (b'missing_id,population,note\nM1,white,"open\nM2,white,\n', "a quoted cell is never closed"),
        (b'missing_id,population,note\nM1,white,"a"b\n', "a quotation mark in the wrong place"),
        (gzip.compress(b"missing_id,population\nM1,white\n", mtime=0), "wrong encoding"),
        (b"missing_id,population,note\nM1,white," + b"a" * (2 << 20) + b"\n", "the line is too long"),
        (b",".join(b"c%d" % i for i in range(5000)) + b"\n", "too many columns"),
    ],
)  # fmt: skip
def test_a_broken_file_is_one_fault_that_helps(tmp_path: Path, data: bytes, what: str) -> None:
    found = [f for f in faults(tmp_path, missing=data) if f.table == "missing"]
    assert [f.what for f in found] == [what]
    assert not [f for f in faults(tmp_path, missing=data) if f.what == "reference to nowhere"]


def test_a_line_of_two_gigabytes_is_given_up_at_once(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    with (folder / "missing.csv").open("wb") as out:
        out.write(b"missing_id,population\nM1,")
        out.seek(1 << 31)
        out.write(b"x\n")
    start = time.process_time()
    found = [f for f in check_dossier(folder) if f.table == "missing"]
    assert [f.what for f in found] == ["NUL bytes in a text file"]
    assert time.process_time() - start < 5


def test_no_folder_and_no_table(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such dossier"):
        check_dossier(tmp_path / "nowhere")
    assert [f.what for f in check_dossier(tmp_path)] == ["no table of a dossier in the folder"]


def test_an_unknown_table_that_looks_like_a_known_one(tmp_path: Path) -> None:
    found = faults(tmp_path, specimen=SOUND["specimens"], specimens=None, own="a,b\n1,2\n")
    assert ("specimen", "specimens.csv?") in {(f.table, f.valid) for f in found}
    assert not [f for f in found if f.table == "own"]


def test_a_broken_descriptor(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    (folder / "datapackage.json").write_text('{"name": ')
    assert [(f.table, f.what) for f in check_dossier(folder)] == [("datapackage.json", "not a JSON document")]


def test_three_alleles_at_two_markers_are_a_mixture(tmp_path: Path) -> None:
    rows = "B2,1,vWA,15,16,17\nB2,1,TH01,6,7,8"
    found = faults(tmp_path, str_profiles=with_row("str_profiles", rows))
    assert [f.what for f in found] == ["a mixture: it is not used by itself"]
    assert found[0].severity == "warning"


def test_a_profile_that_equals_a_control(tmp_path: Path) -> None:
    control = {
        "D3S1358": "14,15",
        "D16S539": "11,12",
        "TH01": "8,9.3",
        "TPOX": "8,8",
        "CSF1PO": "10,12",
        "D7S820": "10,11",
    }
    rows = "\n".join(f"B2,2,{marker},{alleles}," for marker, alleles in control.items())
    found = faults(tmp_path, str_profiles=with_row("str_profiles", rows))
    assert ["equals the control 9947A at all 6 markers" in f.what for f in found] == [True]


def test_two_samples_of_one_bone_that_cannot_be_of_one_person(tmp_path: Path) -> None:
    genotypes = {
        "D3S1358": ("14,15", "16,17"),
        "vWA": ("16,17", "16,18"),
        "FGA": ("20,21", "23,23"),
        "TH01": ("6,6", "6,7"),
    }
    rows = [f"{s},2,{m},{pair[i]}," for m, pair in genotypes.items() for i, s in enumerate(("B1", "B3"))]
    changed = {
        "samples": with_row("samples", "B3,specimen,S1"),
        "str_profiles": with_row("str_profiles", "\n".join(rows)),
    }
    found = faults(tmp_path, **changed)
    assert [f.what for f in found] == ["two samples of the bone S1 cannot be of one person"]
    assert found[0].found == "B1 and B3 disagree at 3 of 4 markers"


def test_lineages_of_one_bone_that_cannot_be_of_one_person(tmp_path: Path) -> None:
    changed = {
        "samples": with_row("samples", "B3,specimen,S1"),
        "ystr_profiles": with_row(
            "ystr_profiles", "B1,DYS390,24\nB1,DYS391,10\nB3,DYS19,15\nB3,DYS390,25\nB3,DYS391,11"
        ),
        "mtdna_profiles": with_row("mtdna_profiles", "B3,16024-16365 73-340,73G 150T 263G 315.1C 16126C 16189C"),
    }
    assert [f.what for f in faults(tmp_path, **changed)] == [
        "two samples of the bone S1 cannot be of one man",
        "two samples of the bone S1 cannot be of one maternal line",
    ]


def test_decisions_name_what_they_are_about(tmp_path: Path) -> None:
    head = "decision_id,kind,specimen_ids,missing_id\n"
    text = head + "D1,link,S1,\nD2,identification,S1,\nD3,link,S1 S2,\nD4,exclusion,S1 S9,M1\n"
    assert [str(f).partition(", ")[0] for f in faults(tmp_path, decisions=text)] == [
        "decisions:2:specimen_ids: too few specimens for kind link",
        "decisions:3:missing_id: the cell is empty",
        "decisions:5:specimen_ids: reference to nowhere",
    ]


def test_reference_haplotypes_fit_their_kind(tmp_path: Path) -> None:
    head = "kind,population,ranges,markers,haplotype,count\n"
    text = head + "mtdna,,73-340,,263G,2\nystr,,,DYS19 DYS390,14 24,1\n"
    text += "mtdna,,,,263G,1\nystr,,,DYS19,14 24,1\nmtdna,,73-340,,16126C,1\n"
    assert [(f.line, f.column) for f in faults(tmp_path, reference_haplotypes=text)] == [
        (4, "ranges"),
        (5, "haplotype"),
        (6, "haplotype"),
    ]


def test_frequencies_sum_to_one(tmp_path: Path) -> None:
    text = "marker,allele,population,frequency,chromosomes\nTH01,6,ours,0.5,200\nTH01,9.3,ours,0.4,200\n"
    found = [f for f in faults(tmp_path, frequencies=text) if f.table == "frequencies"]
    assert [(f.what, f.found) for f in found] == [("the frequencies of TH01 in ours do not sum to one", "0.9000")]


def test_the_dossiers_own_frequencies_make_markers_and_alleles_known(tmp_path: Path) -> None:
    text = "marker,allele,population,frequency,chromosomes\nL1,1,ours,0.5,200\nL1,odd,ours,0.5,200\n"
    found = faults(tmp_path, frequencies=text, str_profiles=with_row("str_profiles", "B2,1,L1,1,odd,"))
    assert found == []


def write_vcf(folder: Path, data: bytes) -> Path:
    write_tables(folder)
    (folder / "snp_profiles.vcf.gz").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(VCF.encode(), mtime=0), []),
        (gzip.compress(VCF[:60].encode(), mtime=0) + gzip.compress(VCF[60:].encode(), mtime=0), []),
        (gzip.compress(VCF.encode(), mtime=0)[:-10], ["the file ends early"]),
        (VCF.encode(), ["not a gzip file"]),
        (gzip.compress(b"hello\n", mtime=0), ["not a VCF file"]),
        (gzip.compress(VCF.replace("\tR1", "\tR9").encode(), mtime=0), ["reference to nowhere"]),
        (gzip.compress(VCF.replace("\tR1", "\tB1").encode(), mtime=0), ["the sample is there twice"]),
        (gzip.compress(VCF.replace("\t1/1", "").encode(), mtime=0), ["wrong number of cells"]),
        (gzip.compress((VCF + TURNED_BACK).encode(), mtime=0), ["the records are not sorted"]),
        (gzip.compress(b"##fileformat=VCFv4.2\n##" + b"a" * (20 << 20), mtime=0), ["the line is too long"]),
    ],
)
def test_the_vcf_is_looked_at_within_bounds(tmp_path: Path, data: bytes, what: list[str]) -> None:
    assert [f.what for f in check_dossier(write_vcf(tmp_path, data))] == what


def test_a_bomb_is_given_up(tmp_path: Path) -> None:
    bomb = gzip.compress(b"##fileformat=VCFv4.2\n" + (b"#" * 999 + b"\n") * (1 << 16), compresslevel=9)
    start = time.process_time()
    found = check_dossier(write_vcf(tmp_path, bomb))
    assert [f.what for f in found] == ["the file unpacks to far more than it holds"]
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", ["handover-small", "handover-k55", "handover-snp"])
def test_the_examples_have_no_errors(shared: Path, name: str) -> None:
    start = time.process_time()
    found = check_dossier(shared / "examples" / name)
    assert not [f for f in found if f.severity == "error"]
    assert time.process_time() - start < 10


def test_a_file_of_nothing_but_commas_or_line_ends_costs_little(tmp_path: Path) -> None:
    commas = b"missing_id,population\n" + (b"," * 1_000_000 + b"\n") * 20
    found = [f for f in faults(tmp_path, missing=commas) if f.table == "missing"]
    assert [(f.line, f.what) for f in found] == [(i, "wrong number of cells") for i in range(2, 22)]
    found = [
        f for f in faults(tmp_path, missing=b"missing_id,population\n" + b"\n" * 21_000_000) if f.table == "missing"
    ]
    assert [f.what for f in found] == ["too many lines"]
    found = [f for f in faults(tmp_path, missing=b"missing_id,population\n" + b"x\n" * 150_000) if f.table == "missing"]
    assert found[-1].what == "50000 more rows with the wrong number of cells"
