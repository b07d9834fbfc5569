"""Consent of donors: given, taken back, and what later runs then do not read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from django.db import IntegrityError

from cenotaph.dossier.read import read_dossier
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import ROLES, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.database import open_database
from cenotaph.workplace.jobs.identify import identify
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Consent, LedgerEntry, Run, model_of
from cenotaph.workplace.services import consents, kin, records
from cenotaph.workplace.services.erasure import erase
from cenotaph.workplace.services.export import export_record, write_record
from tests.unit.dossiers import write_tables
from tests.workplace.conftest import CASE, load, make_person
from tests.workplace.test_pages import client_of

LIAISON = Viewer("liaison", ("liaison",))
PAPER = "CANARY-PAPER, folder 3"


@pytest.fixture
def given(case: str) -> int:
    """The sister consented to everything but sharing."""
    return consents.give(LIAISON, "F1.S", ["research", "identification", "storage"], "2019-05-17", PAPER)


def test_a_consent_is_told_and_kept_secret(given: int) -> None:
    [told] = consents.consents_of(Viewer("authority", ("authority",)), ["F1.S"])["F1.S"]
    assert (told.scope, told.given_on, told.paper) == (
        ("identification", "storage", "research"),
        "2019-05-17",
        PAPER,
    )
    assert PAPER not in repr(list(Consent.objects.values())) + repr(list(LedgerEntry.objects.values()))
    assert verify().faults == ()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"case_manager", "liaison"}))
def test_who_keeps_no_families_keeps_no_consent(given: int, role: str) -> None:
    viewer = Viewer(role, (role,))
    with pytest.raises(Refused):
        consents.give(viewer, "F1.S", ["storage"], "2019-05-17", "x")
    with pytest.raises(Refused):
        consents.withdraw(viewer, given, "2020-01-01", "a letter")
    if role != "authority":
        with pytest.raises(Refused):
            consents.consents_of(viewer, ["F1.S"])


@pytest.mark.parametrize(
    ("person", "scope", "day", "paper", "field"),
    [
        ("F9.S", ["storage"], "2019-05-17", "x", "person_id"),
        ("F1.S", [], "2019-05-17", "x", "scope"),
        ("F1.S", ["everything"], "2019-05-17", "x", "scope"),
        ("F1.S", ["storage"], "yesterday", "x", "given_on"),
        ("F1.S", ["storage"], "", "x", "given_on"),
        ("F1.S", ["storage"], "2019-05-17", " ", "paper"),
    ],
)
def test_what_a_consent_needs(case: str, person: str, scope: list[str], day: str, paper: str, field: str) -> None:
    with pytest.raises(records.Unsound) as told:
        consents.give(LIAISON, person, scope, day, paper)
    assert set(told.value.problems) == {field}
    assert not Consent.objects.exists()


def test_what_is_taken_back_stays_and_is_taken_back_once(given: int) -> None:
    for day, said, field in (("", "a letter", "withdrawn_on"), ("2020-01-01", " ", "withdrawal")):
        with pytest.raises(records.Unsound, match=field):
            consents.withdraw(LIAISON, given, day, said)
    consents.withdraw(LIAISON, given, "2020-01-01", "a letter")
    with pytest.raises(Refused):
        consents.withdraw(LIAISON, given, "2020-01-02", "again")
    [told] = consents.consents_of(LIAISON, ["F1.S"])["F1.S"]
    assert (told.withdrawn_on, told.withdrawal, consents.in_force([told])) == ("2020-01-01", "a letter", ())
    with pytest.raises(IntegrityError), acting("somebody"):
        Consent.objects.update(withdrawn_by=None)


def test_whose_sample_is_withheld(case: str) -> None:
    assert consents.withheld_samples() == {}, "nothing is recorded of anybody"
    first = consents.give(LIAISON, "F1.S", ["storage"], "2019-05-17", "x")
    assert consents.withheld_samples() == {"R1": "F1.S"}, "he was asked, and identification is not in it"
    second = consents.give(LIAISON, "F1.S", ["identification"], "2019-06-01", "y")
    assert consents.withheld_samples() == {}
    consents.withdraw(LIAISON, first, "2020-01-01", "a letter")
    assert consents.withheld_samples() == {}, "the second is in force"
    consents.withdraw(LIAISON, second, "2020-01-01", "a letter")
    assert consents.withheld_samples() == {"R1": "F1.S"}


def test_a_run_reads_no_sample_that_was_taken_back(given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def seen(dossier, settings, record, show):  # type: ignore[no-untyped-def]
        read.append(set(dossier.table("samples").get_column("sample_id")))
        read.append(set(dossier.table("str_profiles").get_column("sample_id")))
        return {}

    monkeypatch.setattr("cenotaph.identification.answer.answer", seen)

    def run() -> dict[str, object]:
        found = Run.objects.get(pk=identify({}, "authority", lambda *_: None))
        return dict(json.loads(found.record)["parameters"])

    assert "withheld_samples" not in run()
    consents.withdraw(LIAISON, given, "2020-01-01", "a letter")
    assert run()["withheld_samples"] == ["R1"]
    assert read == [{"B1", "B2", "R1"}, {"B1", "B2", "R1"}, {"B1", "B2"}, {"B1", "B2"}]
    assert model_of("samples").objects.filter(sample_id="R1").exists(), "the record keeps it"
    make_person("authority")
    make_person("liaison")
    page = client_of("authority").get(f"/evidence/runs/{Run.objects.latest('id').pk}/").content.decode()
    assert "1 reference sample was left out" in page
    assert "not in runs" in client_of("liaison").get("/families/F1/").content.decode()


def test_a_vcf_loses_what_was_taken_back(record: str, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "snp", **CASE)
    heads = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    vcf = f"{heads}\tB1\tR1\n1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\n"
    (folder / "snp_profiles.vcf.gz").write_bytes(gzip.compress(vcf.encode()))
    load(folder)
    write_record(tmp_path / "some", {"R1"})
    assert gzip.decompress((tmp_path / "some" / "snp_profiles.vcf.gz").read_bytes()).decode() == (
        f"{heads}\tB1\n1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\n"
    )
    write_record(tmp_path / "none", {"R1", "B1", "B2"})
    assert not (tmp_path / "none" / "snp_profiles.vcf.gz").exists()
    assert read_dossier(tmp_path / "none").table("samples").height == 0


def test_a_page_takes_consent_and_its_withdrawal(case: str) -> None:
    make_person("liaison")
    client = client_of("liaison")
    page = "/families/F1/"
    sent = {"act": "consent", "person_id": "F1.S", "scope": ["storage"], "given_on": "2019-05-17", "paper": PAPER}
    assert client.post(page, sent | {"paper": ""}).status_code == 422
    assert client.post(page, sent | {"person_id": "F2.S"}).status_code == 422
    assert client.post(page, sent | {"scope": ["identification", "storage"]}).status_code == 302
    shown = client.get(page).content.decode()
    assert "identification, storage after the case" in shown
    assert PAPER in shown
    taken = {
        "act": "withdraw",
        "consent": Consent.objects.get().pk,
        "withdrawn_on": "2020-01-01",
        "withdrawal": "said so",
    }
    assert client.post(page, taken | {"withdrawal": ""}).status_code == 422
    assert client.post(page, taken | {"consent": "x"}).status_code == 403
    assert client.post(page, taken).status_code == 302
    assert "withdrawn on 2020-01-01" in client.get(page).content.decode()
    assert verify().faults == ()


def test_one_of_whom_a_consent_is_kept_stays(case: str) -> None:
    manager = Viewer("a manager", ("case_manager",))
    person = kin.add_relative(manager, "F1", "F1.S", "brother")
    consents.give(manager, person, ["storage"], "2019-05-17", "x")
    with pytest.raises(records.Unsound, match="a consent of this person"):
        kin.remove_relative(manager, "F1", person, "a mistake")
    row = model_of("relatives").objects.get(person_id=person)
    with pytest.raises(records.Unsound, match="consents"):
        records.remove(manager, "relatives", row.pk, "a mistake")


def test_erasure_takes_the_paper_and_leaves_the_will(given: int) -> None:
    consents.withdraw(LIAISON, given, "2020-01-01", "a letter")
    erase("relative:F1.S", "authority", "asked for")
    [told] = consents.consents_of(LIAISON, ["F1.S"])["F1.S"]
    assert (told.paper, told.withdrawal, told.withdrawn_on) == ("", "", "2020-01-01")
    assert consents.unwilling() == {"F1.S"}


def test_consents_leave_with_the_record(given: int, tmp_path: Path, sqlite_template: Path) -> None:
    consents.withdraw(LIAISON, given, "2020-01-01", "a letter")
    export_record(tmp_path / "out", "command line", "test")
    assert PAPER in (tmp_path / "out" / "consents.csv").read_text()
    open_database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    load(tmp_path / "out")
    assert consents.unwilling() == {"F1.S"}
    export_record(tmp_path / "again", "command line", "test")
    for path in (tmp_path / "out").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    assert load(tmp_path / "out") == 0
    assert verify().faults == ()


def test_an_older_record_does_not_undo_a_withdrawal(given: int, tmp_path: Path) -> None:
    export_record(tmp_path / "out", "command line", "test")
    consents.withdraw(LIAISON, given, "2020-01-01", "a letter")
    load(tmp_path / "out")
    assert consents.unwilling() == {"F1.S"}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("person_id,scope\nF1.S,storage\n", "not the columns of consents"),
        (f"{','.join(consents.COLUMNS)}\nF1.S,all,2019,x,a,2019,,,,\n", "not what a consent covers"),
        (f"{','.join(consents.COLUMNS)}\nF1.S,storage,,x,a,2019,,,,\n", "given_on"),
        (f"{','.join(consents.COLUMNS)}\nF1.S,storage,2019,x,a,2019,2020,,,\n", "half a withdrawal"),
    ],
)
def test_consents_that_are_none_are_refused(case: str, tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        load(write_tables(tmp_path / "d", **{**CASE, "consents": table}))
    assert not Consent.objects.exists()
