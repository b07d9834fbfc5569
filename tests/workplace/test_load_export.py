"""A dossier goes into the database and comes out cell for cell, on both databases; what is refused leaves nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cenotaph.dossier.read import read_dossier
from cenotaph.dossier.write import write_dossier
from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import LedgerEntry, model_of
from cenotaph.workplace.services.export import export_record
from cenotaph.workplace.services.load import plan_load
from tests.unit.dossiers import write_tables
from tests.workplace.conftest import load


def canonical(folder: Path, out: Path) -> dict[str, bytes]:
    """The files of a dossier after canonical writing."""
    write_dossier(read_dossier(folder), out)
    return contents(out)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in folder.iterdir()}


def test_what_goes_in_comes_out(url: str, case_folder: Path, tmp_path: Path) -> None:
    (case_folder / "datapackage.json").write_text(json.dumps({"name": "unsan", "title": "Unsan", "war": "1950/1953"}))
    open_database(url)
    load(case_folder)
    export_record(tmp_path / "out", "command line", "test")
    assert contents(tmp_path / "out") == canonical(case_folder, tmp_path / "canonical")
    assert verify().faults == ()


def test_a_vcf_is_kept_by_sample(url: str, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "snp")
    vcf = (
        "##fileformat=VCFv4.2\n##note=two samples\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB1\tR1\n"
        "1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\n1\t20\trs2\tC\tT\t.\tPASS\t.\tGT\t./.\t0/0\n"
    )
    (folder / "snp_profiles.vcf.gz").write_bytes(gzip.compress(vcf.encode()))
    open_database(url)
    load(folder)
    export_record(tmp_path / "out", "command line", "test")
    assert contents(tmp_path / "out") == canonical(folder, tmp_path / "canonical")


@pytest.mark.shared
@pytest.mark.parametrize("name", ["handover-small", "handover-snp"])
def test_examples(shared: Path, record: str, tmp_path: Path, name: str) -> None:
    load(shared / "examples" / name)
    export_record(tmp_path / "out", "command line", "test")
    assert contents(tmp_path / "out") == canonical(shared / "examples" / name, tmp_path / "canonical")


def test_a_second_load_adds_nothing(case: str, case_folder: Path) -> None:
    before = model_of("specimens").objects.count()
    plan = plan_load(case_folder)
    assert plan.is_possible
    assert sum(f.height for f in plan.new.values()) == 0
    assert load(case_folder) == 0
    assert model_of("specimens").objects.count() == before


def test_a_second_dossier_joins_the_first(case: str, tmp_path: Path) -> None:
    more = write_tables(
        tmp_path / "more",
        **dict.fromkeys(
            ("missing", "incidents", "relatives", "dental_charts", "samples", "measurements", "age_stages")
        ),
        **dict.fromkeys(("str_profiles", "ystr_profiles", "mtdna_profiles")),
        containers="container_id,label\nBOX2,2\n",
        specimens="specimen_id,container_id,element,side,condition\nS9,BOX2,tibia,R,dry\n",
    )
    assert load(more) == 2
    export_record(tmp_path / "out", "command line", "test")
    joined = read_dossier(tmp_path / "out")
    assert joined.table("specimens").get_column("specimen_id").to_list() == ["S1", "S2", "S9"]
    assert joined.texts["specimens"].get_column("condition").to_list() == [None, None, "dry"]


def test_a_load_never_changes_a_row(case: str, tmp_path: Path) -> None:
    other = write_tables(
        tmp_path / "other", containers="container_id,label\nBOX1,another label\n", missing=None, incidents=None,
        relatives=None, dental_charts=None, samples=None, str_profiles=None, ystr_profiles=None, mtdna_profiles=None,
    )  # fmt: skip
    plan = plan_load(other)
    assert not plan.is_possible
    assert "containers:2:container_id: the record has this row with other words" in str(plan.faults[0])


def test_together_they_must_be_sound(case: str, tmp_path: Path) -> None:
    # Sound alone, for the profile is of a sample of the same file; with the record the marker is typed twice.
    again = write_tables(
        tmp_path / "again",
        **dict.fromkeys(("missing", "incidents", "relatives", "containers", "dental_charts", "measurements")),
        **dict.fromkeys(("ystr_profiles", "mtdna_profiles")),
        specimens="specimen_id,container_id,element,side,zones,completeness\nS1,BOX1,femur,L,1 2 3,0.5\n",
        samples="sample_id,origin,origin_id\nB1,specimen,S1\n",
        str_profiles="sample_id,replicate,marker,allele_1,allele_2,more_alleles\nB1,1,TH01,7,8,\n",
    )
    plan = plan_load(again)
    assert not plan.is_possible
    assert any("duplicate key" in str(f) for f in plan.faults)


def test_a_dossier_with_errors_leaves_nothing(record: str, tmp_path: Path) -> None:
    bad = write_tables(tmp_path / "bad", measurements="specimen_id,code,value_mm\nS1,Fem_01,OL\n")
    assert not plan_load(bad).is_possible
    assert head()[0] == 0


def test_a_load_that_breaks_leaves_nothing(record: str, case_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cenotaph.workplace.services import load as service

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(service, "_keep_descriptor", fail)
    with pytest.raises(OSError, match="full"):
        load(case_folder)
    assert head()[0] == 0
    assert model_of("missing").objects.count() == 0


def test_names_and_alleles_are_not_in_the_file(case: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = Path(case.removeprefix("sqlite:///")).read_bytes()
    secret = ("CANARY-NAME", "CANARY-HOME", "CANARY-NICK", "CANARY-TAG", "CANARY-PHONE", "CANARY-WHO", "263G 315.1C")
    assert [word for word in secret if word.encode() in stored] == []
    assert b"BOX1" in stored


def test_the_shipped_record_of_korea_goes_in_and_out(record: str, tmp_path: Path) -> None:
    korea = Path(__file__).resolve().parents[2] / "src" / "cenotaph" / "data" / "korea"
    load(korea)
    export_record(tmp_path / "out", "command line", "test")
    assert contents(tmp_path / "out") == canonical(korea, tmp_path / "canonical")


def test_every_row_is_in_the_ledger(case: str) -> None:
    entries = LedgerEntry.objects.filter(table="specimens", action="insert")
    assert entries.count() == model_of("specimens").objects.count() == 2
    assert {e.actor for e in entries} == {"command line"}


def test_a_reader_sees_one_moment(url: str, case_folder: Path) -> None:
    import threading

    from django.db import connection

    from cenotaph.workplace.ledger.context import acting, reading

    open_database(url)
    load(case_folder)

    def write() -> None:
        with acting("another"):
            model_of("containers").objects.create(container_id="BOX9")
        connection.close()

    with reading():
        before = head()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(30)
        assert not writer.is_alive()
        assert head() == before
        assert model_of("containers").objects.count() == 1
    assert head()[0] == before[0] + 1
    assert model_of("containers").objects.count() == 2
