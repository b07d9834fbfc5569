"""Talks, promises and ground in pages: who sees what, as of which day, and the reading desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from django.urls import reverse

from cenotaph.accounting.record import Record
from cenotaph.accounting.timeline import Asked
from cenotaph.errors import InvalidInput
from cenotaph.reports.site.pages import PAGES, page_body, page_names
from cenotaph.workplace.access.rights import ACCOUNTS, ROLES, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Event, Report, model_of
from cenotaph.workplace.services import accounts, files_out, reading, records
from cenotaph.workplace.services.records import Unsound
from tests.workplace.conftest import load, make_person
from tests.workplace.test_pages import client_of

TEXT = (
    "Gen. Ada Poe met Gen. Ra Un Il in Panmunjom on Friday.\n"
    "North Korea handed over 55 boxes of remains in July, a U.S. official said."
)
SOURCE = {
    "source_id": "NEWS-1",
    "title": "A synthetic report",
    "published_on": "2018-09-08",
    "reliability": "C",
    "url": "",
    "text": TEXT,
}
WHEN = Asked(date(2018, 9, 7), date(2018, 9, 7))


@pytest.fixture
def korea(record: str) -> str:
    """A record that holds the Korean programme, and a person for each role."""
    with resources.as_file(resources.files("cenotaph.data").joinpath("korea")) as folder:
        load(Path(folder))
    for role in ROLES:
        make_person(role)
    return record


@pytest.fixture
def house(case: str) -> Iterator[str]:
    """A record without talks."""
    for role in ROLES:
        make_person(role)
    return case


def test_pages_say_what_the_shipped_record_says(korea: str, viewers: dict[str, Viewer]) -> None:
    """The record from the database gives the same pages as the files that it was loaded from."""
    ours, theirs = accounts.record_for(viewers["planner"]), Record.shipped_korea()
    assert page_names(ours, WHEN) == page_names(theirs, WHEN)
    for name in ("index", "talks", "commitments", "sites", "handover-trf-31", "sources"):
        assert page_body(ours, WHEN, name) == page_body(theirs, WHEN, name), name
    with pytest.raises(InvalidInput):
        page_body(ours, WHEN, "no-such-page")


def test_every_page_is_served(korea: str) -> None:
    planner, today = client_of("planner"), {"on": "2019-01-01", "known": "2019-01-01"}
    for name in page_names(Record.shipped_korea(), WHEN):
        response = planner.get(reverse("account", args=[name]), today)
        assert response.status_code == 200, name
        text = response.content.decode()
        assert text.count("<h1>") == 1
        # Nothing inline: the pages' own policy would not show it.
        assert not re.search(r"<script>|\sstyle=|\son\w+=", text)
    for link in set(re.findall(r'href="([\w-]+\.html)', text)):
        assert planner.get(f"/talks/{link}").status_code == 200


def test_what_was_known_on_a_day(korea: str) -> None:
    planner = client_of("planner")
    then = planner.get("/talks/index.html", {"on": "2018-07-01", "known": "2018-07-01"}).content.decode()
    assert "55 boxes" not in then
    assert "55 boxes" in planner.get("/talks/index.html", {"on": "2018-09-07", "known": "2018-09-07"}).content.decode()
    for wrong in ("yesterday", "2018-13-01", "0001-01-01"):
        assert planner.get("/talks/", {"on": wrong}).status_code == 422


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_sees_the_talks(korea: str, role: str) -> None:
    client = client_of(role)
    seen = {n for n in ("index", "sites", "sources", "figures") if client.get(f"/talks/{n}.html").status_code == 200}
    expected = {"index", "sites", "sources", "figures"} if role in {"planner", "authority"} else set()
    assert seen == (expected or ({"sites", "sources", "figures"} if role == "case_manager" else set()))


def test_what_a_role_does_not_see_is_not_computed_with(korea: str, viewers: dict[str, Viewer]) -> None:
    ours = accounts.record_for(viewers["case_manager"])
    assert ours.rows("engagements") == ()
    assert len(ours.rows("sites")) > 0
    assert all(accounts.record_for(viewers["liaison"]).rows(name) == () for name in ACCOUNTS)


def test_an_empty_record_teaches_the_first_step(house: str) -> None:
    text = client_of("planner").get("/talks/").content.decode()
    assert "Nothing of this is on record yet" in text


def test_what_is_on_record_never_becomes_markup(house: str) -> None:
    evil = "<script>alert(1)</script>"
    planner = Viewer("planner", ("planner",))
    key = 'S"><img src=x onerror=alert(1)>'
    records.add(planner, "sources", {"source_id": key, "title": evil, "kind": "news", "reliability": "A", "url": evil})
    meeting = {"engagement_id": "E1", "track": "remains", "kind": "talks", "from_date": "2018-01-01", "status": "held"}
    records.add(planner, "engagements", meeting | {"place": evil, "outcome": evil, "parties": evil, "level": evil})
    claim = {"claim_id": "C1", "source_id": key, "subject_table": "engagements", "subject_id": "E1", "field": "*"}
    records.add(planner, "claims", claim | {"attribution": "on_record", "attributed_to": evil, "value": evil})
    promise = {"commitment_id": "P1", "engagement_id": "E1", "kind": "promise", "text": evil, "status": "open"}
    records.add(planner, "commitments", promise | {"made_by": evil, "made_to": evil})
    client = client_of("planner")
    for name, _ in PAGES:
        response = client.get(f"/talks/{name}.html")
        assert response.status_code == 200, name
        text = response.content.decode()
        assert "<script>alert" not in text, name
        assert "<img" not in text, name


def test_nothing_enters_as_proposed(house: str, viewers: dict[str, Viewer]) -> None:
    planner = viewers["planner"]
    report = reading.find(planner, reading.start(planner, **SOURCE))
    with pytest.raises(Refused, match="nothing was accepted"):
        reading.enter(planner, report)
    assert not model_of("sources").objects.exists()
    found = {p.proposal_id: p for p in reading.reading_of(report).proposals}
    engagement = next(n for n, p in found.items() if p.kind == "engagement")
    answers = dict.fromkeys(found, "accept")
    answers[next(n for n, p in found.items() if p.kind == "person")] = "refuse"
    cells = {engagement: {"place": "Tongilgak"}}
    choices = reading.edited(report, answers, cells)
    assert choices[engagement] == {"place": "Tongilgak"}
    reading.choose(planner, report, choices)
    assert reading.enter(planner, report) > 3
    ours = accounts.record_for(planner)
    meeting = ours.row("engagements", f"NEWS-1-{engagement}")
    assert (meeting["place"], meeting["from_date"]) == ("Tongilgak", "2018-09-07")
    assert len(ours.rows("people")) == 1
    assert {c["source_id"] for c in ours.rows("claims")} == {"NEWS-1"}
    with pytest.raises(Refused, match="entered already"):
        reading.enter(planner, report)
    assert verify().faults == ()


def test_what_cannot_be_recorded_enters_not_at_all(house: str, viewers: dict[str, Viewer]) -> None:
    planner = viewers["planner"]
    report = reading.find(planner, reading.start(planner, **SOURCE))
    engagement = next(p.proposal_id for p in reading.reading_of(report).proposals if p.kind == "engagement")
    reading.choose(planner, report, {engagement: {"from_date": "a Friday"}})
    with pytest.raises(InvalidInput):
        reading.enter(planner, report)
    assert not model_of("sources").objects.exists()
    assert Report.objects.get().state == "open"
    with pytest.raises(InvalidInput):
        reading.choose(planner, report, {"X99": "accept"})


def test_only_a_planner_reads(house: str, viewers: dict[str, Viewer]) -> None:
    for role in sorted(set(ROLES) - {"planner"}):
        with pytest.raises(Refused):
            reading.start(viewers[role], **SOURCE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source_id": " "}, "source_id"),
        ({"published_on": "Friday"}, "published_on"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"reliability": "AB"}, "reliability"),
        ({"text": ""}, "text"),
    ],
)
def test_a_report_must_be_citable(house: str, viewers: dict[str, Viewer], wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Unsound) as error:
        reading.start(viewers["planner"], **(SOURCE | wrong))
    assert field in error.value.problems


def test_the_desk_in_pages(house: str) -> None:
    planner = client_of("planner")
    evil = SOURCE | {"title": "<script>alert(1)</script>", "text": "<script>alert(1)</script> " + TEXT}
    assert planner.post("/talks/reading/", evil | {"published_on": "soon"}).status_code == 422
    assert planner.post("/talks/reading/", evil).status_code == 302
    [report] = Report.objects.all()
    address = reverse("report", args=[report.pk])
    text = planner.get(address).content.decode()
    assert "<script>alert" not in text
    answers = {f"answer:{p.proposal_id}": "accept" for p in reading.reading_of(report).proposals}
    assert planner.post(address, answers).status_code == 302
    assert planner.post(reverse("enter_report", args=[report.pk])).status_code == 302
    assert "Entered" in planner.get(address).content.decode()
    assert planner.post(address, answers).status_code == 422


def test_exports_give_what_one_may_take(house: str, viewers: dict[str, Viewer]) -> None:
    import io
    import zipfile

    manager = viewers["case_manager"]
    records.add(manager, "missing", {"missing_id": "M7", "family_name": "=HYPERLINK(1)", "population": "white"})
    content = files_out.export_tables(manager, ["missing", "specimens"], "asked for by the family office")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["missing.csv", "specimens.csv"]
        text = archive.read("missing.csv").decode()
    assert "M7,'=HYPERLINK(1)," in text
    assert "CANARY-NAME-1" in text
    event = Event.objects.get(kind="export")
    assert event.detail.startswith("missing 3, specimens ")
    for names, reason in ((["str_profiles"], "asked for by them"), (["missing"], "so"), ([], "asked for by them")):
        with pytest.raises(Refused):
            files_out.export_tables(manager, names, reason)
    with pytest.raises(Refused):
        files_out.export_tables(viewers["planner"], ["relatives"], "asked for by the family office")
    blind = files_out.export_tables(viewers["geneticist"], ["samples", "str_profiles"], "for the other laboratory")
    with zipfile.ZipFile(io.BytesIO(blind)) as archive:
        profiles = archive.read("str_profiles.csv").decode()
    assert "B1," in profiles
    assert "R1," not in profiles


def test_an_export_comes_back_the_same(house: str, viewers: dict[str, Viewer]) -> None:
    import io
    import zipfile

    from cenotaph.workplace.services import imports

    manager = viewers["case_manager"]
    records.add(manager, "missing", {"missing_id": "M7", "family_name": "=1+1", "population": "white"})
    content = files_out.export_tables(manager, ["missing"], "there and back again")
    row = imports.own_import(manager, imports.start(manager, "all.zip", content))
    plan = imports.try_out(manager, row)
    # The column that the registry does not know stays at home, so the row that has it is not the same row.
    assert plan.there["missing"] == 2
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None


def test_the_wizard_in_pages(house: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    manager = client_of("case_manager")
    evil = b"missing_id,family_name,population\nM8,<script>alert(1)</script>,white\n"
    assert manager.post("/import/").status_code == 422
    assert manager.post("/import/", {"file": SimpleUploadedFile("x.csv", b"\xff")}).status_code == 422
    sent = manager.post("/import/", {"file": SimpleUploadedFile("<b>missing</b>.csv", evil)})
    assert sent.status_code == 302
    address = sent["Location"]
    chosen = {"table-0": "missing"}
    assert manager.post(address, chosen).status_code == 302
    text = manager.get(address).content.decode()
    assert "<script>alert" not in text
    assert "<b>missing" not in text
    assert client_of("planner").get(address).status_code == 403
    assert manager.post(f"{address}apply/").status_code == 302
    assert model_of("missing").objects.filter(missing_id="M8").exists()
    assert manager.post(f"{address}apply/").status_code == 409
    assert manager.post(f"{address}undo/").status_code == 302
    assert not model_of("missing").objects.filter(missing_id="M8").exists()
