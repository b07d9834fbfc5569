"""Opinion, review and ruling: four eyes at every step, in the services and in the database itself."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.urls import reverse

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ROLES, Refused, allowed
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Contact, LedgerEntry, Opinion, model_of
from cenotaph.workplace.services import decisions, in_force, records, tasks
from cenotaph.workplace.services.decisions import Case
from cenotaph.workplace.services.records import Unsound
from tests.workplace.conftest import PASSWORD, make_person
from tests.workplace.test_pages import client_of

TEXT = {"circumstances": "He was lost at the place the box is said to come from.", "conclusion": "established"}
CASE = Case("identification", ("S1",), "M1")
WHY = "the lines agree and nothing speaks against it"


@pytest.fixture
def signed(case: str, viewers: dict[str, Viewer]) -> int:
    """An opinion that waits for its review."""
    return decisions.sign(viewers["case_manager"], CASE, TEXT)


@pytest.fixture
def decided(signed: int, viewers: dict[str, Viewer]) -> int:
    """An opinion that an authority made a decision."""
    decisions.review(viewers["reviewer"], signed, True, WHY)
    decisions.rule(viewers["authority"], signed, True, WHY)
    return signed


def test_the_way_of_a_case(signed: int, viewers: dict[str, Viewer]) -> None:
    decisions.review(viewers["reviewer"], signed, True, WHY)
    name = decisions.rule(viewers["authority"], signed, True, WHY)
    [row] = selectors.rows(viewers["authority"], "decisions", where={"decision_id": name})
    assert (row["kind"], row["specimen_ids"], row["missing_id"], row["by"]) == (
        "identification",
        "S1",
        "M1",
        "the authority",
    )
    liaison = viewers["liaison"]
    status = model_of("missing").objects.filter(missing_id="M1").values_list("status", flat=True)
    assert list(status) != ["accounted"]
    before = dict(decisions.counts())
    decisions.tell_family(liaison, signed, "F1.S", "visit", "2019-05-17", "His sister was told at her home.")
    assert list(status.all()) == ["accounted"]
    after = dict(decisions.counts())
    assert (after["family told"], after["accounted for"]) == (1, before["accounted for"] + 1)
    [contact] = decisions.contacts(liaison, "M1")
    assert contact["note"] == "His sister was told at her home."
    assert verify().faults == ()


def test_a_contact_that_is_due_waits(case: str, viewers: dict[str, Viewer]) -> None:
    liaison = viewers["liaison"]
    records.add(viewers["case_manager"], "relatives", {"family_id": "F2", "person_id": "F2.C", "missing_id": "M2"})
    today = date.today()
    for man, days in (("M1", 3), ("M2", -1)):
        due = (today + timedelta(days=days)).isoformat()
        decisions.note_contact(liaison, man, None, "letter", "2019-05-17", "They asked for news.", due)
    assert list(decisions.contacts_due()) == ["M2", "M1"], "the earliest first"
    told = {one.words: one.number for one in tasks.waiting(liaison)}
    assert told["Contacts overdue"] == told["Contacts due soon"] == 1
    assert next(iter(told)) == "Contacts overdue"
    assert "Contacts overdue" in {one.words for one in tasks.waiting(viewers["case_manager"])}
    make_person("liaison")
    client = client_of("liaison")
    page = client.get("/families/?contact=due").content.decode()
    assert page.index("F2") < page.index("F1")
    assert page.count("overdue") == 1
    assert "was due on" in client.get("/families/F2/").content.decode()
    said = {
        "act": "contact",
        "missing_id": "M2",
        "kind": "visit",
        "on_date": "2019-06-01",
        "note": "They were told more.",
    }
    for wrong in ("soon", "2019", "2019-02-30"):
        assert client.post("/families/F2/", said | {"due_on": wrong}).status_code == 422
    assert client.post("/families/F2/", said).status_code == 302
    assert list(decisions.contacts_due()) == ["M1"], "the newest contact counts"
    assert verify().faults == ()


def test_the_next_identification_takes_it_as_settled(decided: int, tmp_path) -> None:
    from cenotaph.dossier.read import read_dossier
    from cenotaph.workplace.services.export import export_record

    export_record(tmp_path / "out", "command line", "test")
    table = read_dossier(tmp_path / "out").table("decisions")
    assert table.filter(table["kind"] == "identification").select("specimen_ids", "missing_id").rows() == [("S1", "M1")]


@pytest.mark.parametrize("outcome", decisions.OUTCOMES)
def test_every_outcome_can_be_decided(case: str, viewers: dict[str, Viewer], outcome: str) -> None:
    man = "M1" if outcome in decisions.NAMING_OUTCOMES else None
    id_ = decisions.sign(viewers["case_manager"], Case(outcome, ("S1",), man), TEXT)
    decisions.review(viewers["reviewer"], id_, True, WHY)
    name = decisions.rule(viewers["authority"], id_, True, WHY)
    assert model_of("decisions").objects.get(decision_id=name).kind == outcome


ALL_ROLES = ("case_manager", "reviewer", "authority")


@pytest.mark.parametrize(
    ("examiner", "reviewer", "authority"),
    [p for p in itertools.product("ABC", repeat=3) if len(set(p)) < 3],
)
def test_nobody_takes_two_steps(case: str, examiner: str, reviewer: str, authority: str) -> None:
    """Of three people who hold every role, no two steps of a case may be one person's."""
    people = {name: Viewer(name, ALL_ROLES) for name in "ABC"}
    id_ = decisions.sign(people[examiner], CASE, TEXT)
    if reviewer == examiner:
        with pytest.raises(Refused, match="nobody reviews what he wrote"):
            decisions.review(people[reviewer], id_, True, WHY)
    else:
        decisions.review(people[reviewer], id_, True, WHY)
        with pytest.raises(Refused, match="nobody decides on what he wrote or reviewed"):
            decisions.rule(people[authority], id_, True, WHY)
    assert not model_of("decisions").objects.filter(kind="identification").exists()


@pytest.mark.parametrize(
    "names",
    [
        {"reviewed_by": "the case_manager"},
        {"decided_by": "the authority"},
        {"reviewed_by": "R", "decided_by": "R"},
        {"reviewed_by": "R", "decided_by": "the case_manager"},
        {"decision_id": "D9"},
    ],
)
def test_the_database_refuses_it_too(signed: int, names: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), acting("somebody", "round the services"):
        Opinion.objects.filter(pk=signed).update(**names)


def test_no_step_is_skipped(signed: int, viewers: dict[str, Viewer]) -> None:
    with pytest.raises(Refused, match="not waiting for a decision"):
        decisions.rule(viewers["authority"], signed, True, WHY)
    with pytest.raises(Refused, match="nothing to tell"):
        decisions.tell_family(viewers["liaison"], signed, None, "visit", "2019-05-17", "Told at home, with care.")
    decisions.review(viewers["reviewer"], signed, False, WHY)
    with pytest.raises(Refused, match="not waiting"):
        decisions.review(Viewer("another", ("reviewer",)), signed, True, WHY)
    with pytest.raises(Refused, match="not waiting"):
        decisions.rule(viewers["authority"], signed, True, WHY)


@pytest.mark.parametrize("role", ["planner", "geneticist", "reviewer", "authority", "liaison", "administrator"])
def test_only_an_examiner_signs(case: str, viewers: dict[str, Viewer], role: str) -> None:
    with pytest.raises(Refused):
        decisions.sign(viewers[role], CASE, TEXT)


def test_who_worked_on_a_case_does_not_review_it(case: str, viewers: dict[str, Viewer]) -> None:
    both = Viewer("the same person", ("case_manager", "reviewer"))
    [man] = selectors.rows(both, "missing", where={"missing_id": "M1"})
    records.change(both, "missing", man["id"], {"unit": "31st"}, "from a letter")
    id_ = decisions.sign(viewers["case_manager"], CASE, TEXT)
    other = decisions.sign(viewers["case_manager"], Case("exclusion", ("S2",), "M2"), TEXT)
    with pytest.raises(Refused, match="worked on this case"):
        decisions.review(both, id_, True, WHY)
    decisions.review(both, other, True, WHY)


def test_a_reviewer_sees_the_case_once_it_is_signed(case: str, viewers: dict[str, Viewer]) -> None:
    reviewer = viewers["reviewer"]
    assert selectors.rows(reviewer, "missing") == []
    decisions.sign(viewers["case_manager"], CASE, TEXT)
    assert [r["missing_id"] for r in selectors.rows(reviewer, "missing")] == ["M1"]
    assert [r["specimen_id"] for r in selectors.rows(reviewer, "specimens")] == ["S1"]
    assert {r["sample_id"] for r in selectors.rows(reviewer, "str_profiles")} == {"B1", "R1"}
    assert {r["person_id"] for r in selectors.rows(reviewer, "relatives")} >= {"F1.S", "F1.C"}
    own = Viewer("the case_manager", ("reviewer",))
    assert selectors.rows(own, "missing") == []


@pytest.mark.parametrize(
    ("case_", "text", "field"),
    [
        (Case("identification", ("S1",)), TEXT, "missing_id"),
        (Case("identification", ("S9",), "M1"), TEXT, "specimen_ids"),
        (Case("identification", (), "M1"), TEXT, "specimen_ids"),
        (Case("burial", ("S1",), "M1"), TEXT, "outcome"),
        (Case("identification", ("S1",), "M9"), TEXT, "missing_id"),
        (CASE, TEXT | {"conclusion": "certain"}, "conclusion"),
        (CASE, {"conclusion": "established"}, "circumstances"),
    ],
)
def test_an_opinion_must_be_sound(
    case: str, viewers: dict[str, Viewer], case_: Case, text: dict[str, str], field: str
) -> None:
    with pytest.raises(Unsound) as error:
        decisions.sign(viewers["case_manager"], case_, text)
    assert field in error.value.problems


def test_a_bone_is_not_two_mens(decided: int, viewers: dict[str, Viewer]) -> None:
    for case_ in (
        Case("identification", ("S2", "S1"), "M2"),
        Case("exclusion", ("S1",), "M1"),
        Case("unlisted", ("S1",)),
    ):
        with pytest.raises(Unsound, match="re-open that first"):
            decisions.sign(viewers["case_manager"], case_, TEXT)
    decisions.reopen(viewers["authority"], decided, "a second profile of the same bone disagrees")
    assert decisions.sign(viewers["case_manager"], Case("unlisted", ("S1",)), TEXT)


def test_reopening_takes_the_figures_back(decided: int, viewers: dict[str, Viewer]) -> None:
    decisions.tell_family(viewers["liaison"], decided, None, "letter", "2019-05-17", "Told by letter and a visit.")
    with pytest.raises(Refused):
        decisions.reopen(viewers["reviewer"], decided, "a second profile disagrees")
    with pytest.raises(Refused, match="say why"):
        decisions.reopen(viewers["authority"], decided, "oh")
    decisions.reopen(viewers["authority"], decided, "a second profile of the same bone disagrees")
    assert model_of("missing").objects.get(missing_id="M1").status == "unaccounted"
    assert not model_of("decisions").objects.filter(kind="identification").exists()
    assert Contact.objects.count() == 1
    told = LedgerEntry.objects.filter(table="opinions").order_by("seq").values_list("reason", flat=True)
    assert [r.partition(":")[0] for r in told] == ["opinion signed", "review", "decision", "family told", "re-opened"]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_adds_a_decision_by_itself(case: str, viewers: dict[str, Viewer], role: str) -> None:
    values = {"decision_id": "D9", "kind": "identification", "specimen_ids": "S1", "missing_id": "M1"}
    with pytest.raises(Refused):
        records.add(viewers[role], "decisions", values)
    assert not any(allowed(role, "decisions", verb) for verb in ("add", "change", "remove"))


def test_a_loaded_decision_is_reopened(case: str, viewers: dict[str, Viewer]) -> None:
    """D1 of the small case keeps S1 and M2 apart; nothing else was written of it here."""
    authority = viewers["authority"]
    with pytest.raises(Unsound, match="decision D1 keeps S1 and M2 apart; re-open that first"):
        decisions.sign(viewers["case_manager"], Case("identification", ("S1",), "M2"), TEXT)
    for role in ("reviewer", "case_manager", "liaison"):
        with pytest.raises(Refused):
            in_force.reopen(viewers[role], "D1", WHY)
    with pytest.raises(Refused, match="say why"):
        in_force.reopen(authority, "D1", "oh")
    in_force.reopen(authority, "D1", WHY)
    with pytest.raises(Refused, match="in force"):
        in_force.reopen(authority, "D1", WHY)
    assert decisions.sign(viewers["case_manager"], Case("identification", ("S1",), "M2"), TEXT)
    entry = LedgerEntry.objects.get(table="decisions", action="delete")
    assert (entry.actor, entry.reason) == ("the authority", f"re-opened: {WHY}")
    assert verify().faults == ()


def test_what_was_made_here_is_reopened_where_it_was_made(decided: int, viewers: dict[str, Viewer]) -> None:
    authority, number = viewers["authority"], Opinion.objects.get(pk=decided).decision_id
    assert in_force.origins() == {number: (in_force.OPINION, decided)}
    with pytest.raises(Refused, match="made here"):
        in_force.reopen(authority, number, WHY)
    decisions.reopen(authority, decided, WHY)
    assert in_force.origins() == {}
    assert decisions.free_decision_ids(1) != [number], "a number on paper means one thing"


def test_a_loaded_decision_is_reopened_on_its_page(case: str) -> None:
    for role in ("authority", "liaison"):
        make_person(role)
    page = reverse("settled", args=["D1"])
    assert page in client_of("authority").get("/decisions/").content.decode()
    assert "Re-open" not in client_of("liaison").get(page).content.decode()
    signed = {"text": WHY, "password": PASSWORD}
    assert client_of("liaison").post(page, signed).status_code == 409
    assert client_of("authority").post(page, signed | {"password": "a guess"}).status_code == 422
    assert model_of("decisions").objects.count() == 1
    assert client_of("authority").post(page, signed)["Location"] == "/decisions/"
    assert model_of("decisions").objects.count() == 0
    assert client_of("authority").get(page).status_code == 404


def test_what_is_written_is_sealed(decided: int, viewers: dict[str, Viewer]) -> None:
    row = Opinion.objects.get(pk=decided)
    assert "lost at the place" not in row.opinion
    assert decisions.opened(row, "opinion") == TEXT
    assert not LedgerEntry.objects.filter(after__contains="lost at the place").exists()


def test_a_family_contact_must_be_sound(decided: int, viewers: dict[str, Viewer]) -> None:
    with pytest.raises(Unsound) as error:
        decisions.tell_family(viewers["liaison"], decided, "NOBODY", "pigeon", "yesterday", "short")
    assert set(error.value.problems) == {"person_id", "kind", "on_date", "note"}
    assert Opinion.objects.get(pk=decided).state == "decided"


def test_the_memorandum_has_every_slot(decided: int, viewers: dict[str, Viewer]) -> None:
    """The paper as Word's own XML, and as PDF; what somebody typed stays text in both."""
    import io

    from docx import Document

    from cenotaph.reports.memorandum import to_docx, to_pdf
    from cenotaph.workplace.services.memorandum import memorandum

    memo = memorandum(viewers["authority"], Opinion.objects.get(pk=decided))
    document = Document(io.BytesIO(to_docx(memo)))
    text = [p.text for p in document.paragraphs]
    for slot in ("Remains", "DNA", "Contradictions", "Limits", "Amendments", "Family", "Signatures"):
        assert slot in text
    assert "CANARY-NAME-1" in " ".join(text)
    cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
    assert {"S1", "the case_manager", "the reviewer", "the authority"} <= set(cells)
    assert document.sections[0].footer.paragraphs[0].text.startswith(f"Memorandum {decided}. Ledger after entry")
    assert to_pdf(memo).startswith(b"%PDF")
    with pytest.raises(Refused):
        memorandum(viewers["liaison"], Opinion.objects.get(pk=decided))


def test_markup_in_a_memorandum_is_text() -> None:
    from datetime import UTC, datetime

    from cenotaph.reports.memorandum import Memorandum, Slot, to_docx, to_pdf

    evil = '#read("/etc/passwd") $x$ *b* \\u{0} <w:p/> \x00 "]'
    memo = Memorandum("M #1", evil, ((evil, evil),), (Slot(evil, (evil,)),), ((evil,) * 4,), evil, datetime.now(UTC))
    assert to_pdf(memo).startswith(b"%PDF")
    assert to_docx(memo).startswith(b"PK")


def test_the_pages_of_a_case(signed: int) -> None:
    """Through the pages, as people do it; and what somebody typed never becomes markup."""

    def answer(role: str, step: str, text: str, word: str, password: str = PASSWORD) -> int:
        return client_of(role).post(step, {"text": text, "answer": word, "password": password}).status_code

    for role in (*ALL_ROLES, "liaison", "planner"):
        make_person(role)
    evil = "<script>alert(1)</script> and reasons enough"
    review, rule_, told = (reverse(n, args=[signed]) for n in ("review_opinion", "rule_opinion", "tell_family"))
    assert client_of("planner").get(reverse("opinion", args=[signed])).status_code == 403
    assert client_of("liaison").get(reverse("opinion", args=[signed])).status_code == 403
    assert answer("reviewer", review, "no", "agree") == 422
    assert answer("authority", review, evil, "agree") == 409
    assert answer("authority", rule_, evil, "confirm") == 409
    assert answer("reviewer", review, evil, "agree", "a guess") == 422
    assert answer("reviewer", review, evil, "agree") == 302
    assert answer("authority", rule_, evil, "confirm", "") == 422
    assert answer("authority", rule_, evil, "confirm") == 302
    contact = {"kind": "visit", "on_date": "2019-05-17", "note": evil, "person_id": "F1.S"}
    assert client_of("liaison").post(told, contact | {"on_date": "soon"}).status_code == 422
    assert client_of("liaison").post(told, contact | {"due_on": "soon"}).status_code == 422
    assert client_of("liaison").post(told, contact | {"due_on": "2019-06-17"}).status_code == 302
    assert decisions.contacts_due() == {"M1": "2019-06-17"}
    page = client_of("authority").get(reverse("opinion", args=[signed])).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;") == 3
    assert client_of("authority").get(reverse("memorandum", args=[signed, "pdf"])).content.startswith(b"%PDF")
    assert client_of("liaison").get(reverse("memorandum", args=[signed, "pdf"])).status_code == 403


def test_the_way_of_a_case_on_both_databases(url: str, case_folder: Path, viewers: dict[str, Viewer]) -> None:
    from cenotaph.workplace.database import open_database
    from cenotaph.workplace.services import imports
    from tests.workplace.conftest import load

    open_database(url)
    load(case_folder)
    manager = viewers["case_manager"]
    id_ = decisions.sign(manager, CASE, TEXT)
    with pytest.raises(IntegrityError), acting("somebody", "round the services"):
        Opinion.objects.filter(pk=id_).update(reviewed_by="the case_manager")
    assert [r["missing_id"] for r in selectors.rows(viewers["reviewer"], "missing")] == ["M1"]
    decisions.review(viewers["reviewer"], id_, True, WHY)
    decisions.rule(viewers["authority"], id_, True, WHY)
    decisions.tell_family(viewers["liaison"], id_, "F1.S", "visit", "2019-05-17", "His sister was told at home.")
    row = imports.own_import(manager, imports.start(manager, "missing.csv", b"missing_id,population\nM9,white\n"))
    assert imports.apply(manager, row) == 1
    assert imports.undo(manager, row) == 1
    assert verify().faults == ()
