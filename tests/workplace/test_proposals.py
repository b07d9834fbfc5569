"""Bones proposed into an individual or out of it: who may, four eyes, and what the next run is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import override

from cenotaph.dossier.read import read_dossier
from cenotaph.workplace.access.rights import BENCH, ROLES, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import LedgerEntry, Proposal, Run, RunTable, model_of
from cenotaph.workplace.services import decisions, imports, proposals, records, runs, segregation, tasks
from cenotaph.workplace.services.decisions import Case
from cenotaph.workplace.services.erasure import erase
from cenotaph.workplace.services.export import export_record
from cenotaph.workplace.services.proposals import Asked
from cenotaph.workplace.services.records import Unsound
from cenotaph.workplace.services.segregation import Said
from tests.workplace.conftest import PASSWORD, load, make_person
from tests.workplace.test_pages import ANSWER, client_of

WHY = "the two halves fit at the break"
FOUND = "/evidence/runs/1/I1/"
ASSIGNED = "specimen_id,individual_id,missing_id,probability\nS1,I1,M1,0.9\nS3,I1,M1,0.9\nS4,I1,M1,0.8\nS2,I2,,0.6\n"
LINKED = "specimen_a,specimen_b,probability_same\nS1,S2,0.25\nS2,S3,0.45\nS1,S4,0.125\n"
INDIVIDUALS = ANSWER["individuals"] + "I2,1,,0.6,,,,unresolved,,,\n"
TABLES = ANSWER | {"individuals": INDIVIDUALS, "assignments": ASSIGNED, "links": LINKED}


def begin_run(**tables: str) -> Run:
    """A run of which the bench may see the bones, as far as the ledger goes now."""
    with acting("authority"):
        run = Run.objects.create(name="a run", ledger_count=head()[0], ledger_head="0" * 64, record="{}")
        for name, table in (TABLES | tables).items():
            RunTable.objects.create(run=run, name=name, csv=table)
    runs.freeze(Viewer("authority", ("authority",)), run, "opinions rest on this run")
    return run


def more_bones() -> None:
    """Bones S3 and S4 beside those of the small case; S4 is the same part as S2."""
    with acting("somebody", "more bones"):
        model = model_of("specimens").objects
        for key in ("S3", "S4"):
            model.create(specimen_id=key, element="femur", side="R", container_id="BOX1")
        model.filter(specimen_id__in=["S2", "S4"]).update(element="femur", side="L", zones=None, completeness=None)
        model.filter(specimen_id="S1").update(element="tibia", side="L")


@pytest.fixture
def run(case: str) -> Run:
    more_bones()
    return begin_run()


def proposed(viewers: dict[str, Viewer], run: Run, bone: str = "S2", way: str = "in") -> int:
    return proposals.propose(viewers["anthropologist"], Asked(run, "I1", bone, way), WHY)


def settled(kind: str) -> list[str]:
    rows = model_of("decisions").objects.filter(kind=kind).order_by("id")
    return list(rows.values_list("specimen_ids", flat=True))


def test_what_the_run_said_is_kept(run: Run, viewers: dict[str, Viewer]) -> None:
    row = Proposal.objects.get(pk=proposed(viewers, run))
    assert Said.from_json(row.said) == Said(0.45, "S3", "I2", ("S4",))
    assert (row.state, row.proposed_by, row.decided_by, row.decision_ids) == ("open", "the anthropologist", None, None)
    assert WHY not in row.reason
    assert proposals.opened(viewers["authority"], row, "reason") == WHY
    entry = LedgerEntry.objects.filter(table="proposals").get()
    assert (entry.actor, entry.reason, entry.action) == ("the anthropologist", "a bone is proposed", "insert")


def test_in_is_one_link_and_out_is_kept_apart_from_each(run: Run, viewers: dict[str, Viewer], tmp_path: Path) -> None:
    for bone, way in (("S2", "in"), ("S1", "out")):
        proposals.decide(viewers["authority"], proposed(viewers, run, bone, way), True, WHY)
    assert settled("link") == ["S2 S3"]
    assert settled("separate") == ["S1 S3", "S1 S4"]
    export_record(tmp_path / "out", "command line", "test")
    table = read_dossier(tmp_path / "out").table("decisions").select("decision_id", "kind", "specimen_ids", "by")
    told = [("link", "S2 S3"), ("separate", "S1 S3"), ("separate", "S1 S4")]
    wanted = [(f"D{n:05d}", *one, "the authority") for n, one in enumerate(told, start=2)]
    assert table.filter(table["kind"] != "exclusion").rows() == wanted
    assert [p.decision_ids for p in Proposal.objects.order_by("id")] == ["D00002", "D00003 D00004"]
    assert verify().faults == ()


def test_identify_reads_it_as_pairs(run: Run, viewers: dict[str, Viewer], tmp_path: Path) -> None:
    from cenotaph.evidence.case import Case as Read
    from cenotaph.identification.decisions import Decisions

    for bone, way in (("S2", "in"), ("S1", "out")):
        proposals.decide(viewers["authority"], proposed(viewers, run, bone, way), True, WHY)
    export_record(tmp_path / "out", "command line", "test")
    dossier = read_dossier(tmp_path / "out")
    read = Read.from_dossier(dossier)
    found = Decisions.from_dossier(dossier, read)
    names = read.specimen_ids
    assert {frozenset(names[s] for s in pair) for pair in found.linked} == {frozenset({"S2", "S3"})}
    assert {frozenset(names[s] for s in pair) for pair in found.separate} >= {
        frozenset({"S1", "S3"}),
        frozenset({"S1", "S4"}),
    }


def test_nobody_decides_on_his_own(run: Run, viewers: dict[str, Viewer]) -> None:
    both = Viewer("the anthropologist", ("authority",))
    id_ = proposed(viewers, run)
    for accepts in (True, False):
        with pytest.raises(Refused, match="nobody decides on what he proposed"):
            proposals.decide(both, id_, accepts, WHY)
    with pytest.raises(IntegrityError), acting("somebody", "round the services"):
        Proposal.objects.filter(pk=id_).update(decided_by="the anthropologist", state="accepted")
    assert proposals.to_decide(both).count() == 0
    assert proposals.to_decide(viewers["authority"]).count() == 1
    assert settled("link") == []


@pytest.mark.parametrize(
    "cells",
    [
        {"state": "accepted"},
        {"decided_by": "the authority"},
        {"decision_ids": "D9"},
        {"direction": "up"},
        {"state": "lost"},
    ],
)
def test_the_database_refuses_it_too(run: Run, viewers: dict[str, Viewer], cells: dict[str, str]) -> None:
    id_ = proposed(viewers, run)
    with pytest.raises(IntegrityError), acting("somebody", "round the services"):
        Proposal.objects.filter(pk=id_).update(**cells)


@pytest.mark.parametrize("accepts", [True, False])
def test_what_is_decided_is_closed(run: Run, viewers: dict[str, Viewer], accepts: bool) -> None:
    id_ = proposed(viewers, run)
    with pytest.raises(Refused, match="say why"):
        proposals.decide(viewers["authority"], id_, accepts, "so")
    proposals.decide(viewers["authority"], id_, accepts, WHY)
    with pytest.raises(Refused, match="not open"):
        proposals.decide(Viewer("another", ("authority",)), id_, not accepts, WHY)
    with pytest.raises(Refused):
        proposals.withdraw(viewers["anthropologist"], id_)
    assert Proposal.objects.get(pk=id_).state == ("accepted" if accepts else "refused")
    assert len(settled("link")) == accepts


def test_only_ones_own_is_withdrawn(run: Run, viewers: dict[str, Viewer]) -> None:
    id_ = proposed(viewers, run)
    with pytest.raises(Refused, match="one's own"):
        proposals.withdraw(viewers["geneticist"], id_)
    proposals.withdraw(viewers["anthropologist"], id_)
    with pytest.raises(Refused, match="not open"):
        proposals.decide(viewers["authority"], id_, True, WHY)
    assert proposed(viewers, run) != id_, "it may be proposed again"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_propose_and_who_decides(run: Run, viewers: dict[str, Viewer], role: str) -> None:
    viewer = viewers[role]
    if role in BENCH:
        assert proposals.propose(viewer, Asked(run, "I1", "S1", "out"), WHY)
    else:
        with pytest.raises(Refused):
            proposals.propose(viewer, Asked(run, "I1", "S1", "out"), WHY)
    id_ = proposals.propose(Viewer("another", ("geneticist",)), Asked(run, "I1", "S2", "in"), WHY)
    if role == "authority":
        proposals.decide(viewer, id_, True, WHY)
    else:
        with pytest.raises(Refused):
            proposals.decide(viewer, id_, True, WHY)


def test_the_bench_sees_bones_once_the_run_is_frozen(case: str, viewers: dict[str, Viewer]) -> None:
    more_bones()
    make_person("odontologist")
    with acting("authority"):
        run = Run.objects.create(name="a run", ledger_count=1, ledger_head="0" * 64, record="{}")
        for name, table in TABLES.items():
            RunTable.objects.create(run=run, name=name, csv=table)
    client = client_of("odontologist")
    assert "No run is frozen yet" in client.get("/individuals/").content.decode()
    assert client.get(FOUND).status_code == 403
    with pytest.raises(Refused):
        proposed(viewers, run)
    runs.freeze(viewers["authority"], run, "opinions rest on this run")
    assert "I1" in client.get("/individuals/").content.decode()
    assert client.get(FOUND).status_code == 200
    assert not segregation.sees(viewers["planner"], run)


@pytest.mark.parametrize(
    ("individual", "bone", "way", "reason", "field"),
    [
        ("I1", "S1", "in", WHY, "specimen_id"),
        ("I1", "S2", "out", WHY, "specimen_id"),
        ("I2", "S2", "out", WHY, "specimen_id"),
        ("I1", "S9", "in", WHY, "specimen_id"),
        ("I1", "S2", "up", WHY, "direction"),
        ("I1", "S2", "in", "so", "reason"),
    ],
)
def test_a_proposal_must_be_sound(
    run: Run, viewers: dict[str, Viewer], individual: str, bone: str, way: str, reason: str, field: str
) -> None:
    with pytest.raises(Unsound) as error:
        proposals.propose(viewers["anthropologist"], Asked(run, individual, bone, way), reason)
    assert set(error.value.problems) == {field}
    with pytest.raises(Refused):
        proposals.propose(viewers["anthropologist"], Asked(run, "I9", bone, "in"), WHY)


def test_one_waits_at_a_time(run: Run, viewers: dict[str, Viewer]) -> None:
    id_ = proposed(viewers, run)
    with pytest.raises(Unsound, match=f"proposal {id_} on it is open"):
        proposals.propose(viewers["geneticist"], Asked(run, "I1", "S2", "in"), WHY)


def test_a_link_and_what_is_kept_apart_contradict(run: Run, viewers: dict[str, Viewer]) -> None:
    apart, joined = proposed(viewers, run, "S3", "out"), proposed(viewers, run)
    proposals.decide(viewers["authority"], apart, True, WHY)
    proposals.decide(viewers["authority"], joined, True, WHY)
    again = begin_run(links="specimen_a,specimen_b,probability_same\nS1,S2,0.9\n")
    third = proposals.propose(viewers["geneticist"], Asked(again, "I1", "S2", "in"), WHY)
    before = head()
    with pytest.raises(Unsound, match="decision D00002 keeps S3 and S1 apart; re-open that first"):
        proposals.decide(viewers["authority"], third, True, WHY)
    assert head() == before, "nothing half done"
    make_person("authority")
    assert "Cannot be accepted" in client_of("authority").get(f"/proposals/{third}/").content.decode()
    proposals.reopen(viewers["authority"], apart, "the break was looked at again")
    proposals.decide(viewers["authority"], third, True, WHY)
    assert settled("separate") == []
    fourth = proposed(viewers, run, "S3", "out")
    with pytest.raises(Unsound, match=r"joins S3 and .*; re-open that first"):
        proposals.decide(viewers["authority"], fourth, True, WHY)
    assert verify().faults == ()


def test_opinions_and_proposals_contradict(run: Run, viewers: dict[str, Viewer]) -> None:
    def identified(bones: tuple[str, ...], man: str) -> None:
        text = {"circumstances": "He was lost where the box is said to come from.", "conclusion": "established"}
        id_ = decisions.sign(viewers["case_manager"], Case("identification", bones, man), text)
        decisions.review(viewers["reviewer"], id_, True, WHY)
        decisions.rule(viewers["authority"], id_, True, WHY)

    proposals.decide(viewers["authority"], proposed(viewers, run), True, WHY)
    identified(("S2",), "M1")
    with pytest.raises(Unsound, match="re-open that first"):
        identified(("S3",), "M2")
    identified(("S1", "S3"), "M1")
    with pytest.raises(Unsound, match="joins S1 and S3"):
        proposals.decide(viewers["authority"], proposed(viewers, run, "S1", "out"), True, WHY)


def test_a_bone_that_was_proposed_stays(run: Run, viewers: dict[str, Viewer]) -> None:
    proposed(viewers, run, "S3", "out")
    id_ = model_of("specimens").objects.get(specimen_id="S3").pk
    with pytest.raises(Unsound, match="rows of proposals refer to it"):
        records.change(viewers["anthropologist"], "specimens", id_, {"specimen_id": "S9"})
    manager = viewers["case_manager"]
    row = imports.own_import(manager, imports.start(manager, "specimens.csv", b"specimen_id,element,side\nS8,rib,L\n"))
    imports.apply(manager, row)
    proposals.propose(viewers["geneticist"], Asked(run, "I1", "S8", "in"), WHY)
    with pytest.raises(Refused, match="a proposal was made on a bone"):
        imports.undo(manager, row)


def test_what_became_of_it(run: Run, viewers: dict[str, Viewer]) -> None:
    joined, apart = proposed(viewers, run), proposed(viewers, run, "S1", "out")
    for id_ in (joined, apart):
        proposals.decide(viewers["authority"], id_, True, WHY)
        assert proposals.became(Proposal.objects.get(pk=id_)) is None, "no run has read it yet"
    later = begin_run(assignments=ASSIGNED.replace("S2,I2", "S2,I1"))
    one, two = (proposals.became(Proposal.objects.get(pk=id_)) for id_ in (joined, apart))
    assert one == proposals.Became(later, True, "I1")
    assert two == proposals.Became(later, False, "I1")


def test_an_erased_bone_takes_the_words_along(run: Run, viewers: dict[str, Viewer]) -> None:
    row = Proposal.objects.get(pk=proposed(viewers, run))
    erase("specimen:S2", "the authority", "asked for by the family")
    assert proposals.opened(viewers["authority"], row, "reason") == ""
    assert verify().faults == ()


def test_it_waits_for_the_authority(run: Run, viewers: dict[str, Viewer]) -> None:
    proposed(viewers, run)
    assert [(t.number, t.page) for t in tasks.waiting(viewers["authority"]) if t.page == "proposals"] == [
        (1, "proposals")
    ]


@override("en")
def test_the_pages_of_a_proposal(run: Run) -> None:
    """Through the pages, as people do it: asked, proposed, accepted; what was typed never becomes markup."""
    for role in ("anthropologist", "geneticist", "authority"):
        make_person(role)
    bench, authority = client_of("anthropologist"), client_of("authority")
    text = bench.get(f"{FOUND}?bone=S2").content.decode()
    assert "of one person with S3 at a probability of 0.45" in text
    assert "S4 is the same part of the same side." in text
    assert 'href="/evidence/runs/1/I2/"' in text
    assert 'data-bone="S1" data-way="out"' in text
    evil = "<script>alert(1)</script> they fit"
    way = reverse("propose", args=(1, "I1"))
    short = bench.post(way, {"bone": "S2", "direction": "in", "reason": "so"})
    assert (short.status_code, "in ten letters" in short.content.decode()) == (422, True)
    answered = bench.post(way, {"bone": "S2", "direction": "in", "reason": evil})
    assert answered["Location"] == f"{FOUND}#proposal-1"
    assert bench.post(way, {"bone": "S2", "direction": "in", "reason": evil}).status_code == 422
    for address in (FOUND, "/proposals/", "/proposals/1/"):
        for client in (bench, authority):
            told = client.get(address).content.decode()
            assert "<script>alert" not in told
            assert "&lt;script&gt;" in told
    step = reverse("decide_proposal", args=(1,))
    signed = {"text": WHY, "answer": "accept", "password": PASSWORD}
    assert authority.post(step, signed | {"password": "a guess"}).status_code == 422
    assert bench.post(step, signed).status_code == 403
    assert client_of("geneticist").post(reverse("withdraw_proposal", args=(1,))).status_code == 403
    assert authority.post(step, signed).status_code == 302
    assert authority.post(step, signed).status_code == 409
    assert settled("link") == ["S2 S3"]
    begin_run(assignments=ASSIGNED.replace("S2,I2", "S2,I1"))
    assert "Obeyed" in bench.get("/proposals/1/").content.decode()
    assert "Accepted on other runs" in bench.get("/individuals/I1/", follow=True).content.decode()
    reopened = authority.post(reverse("reopen_proposal", args=(1,)), signed)
    assert (reopened.status_code, settled("link")) == (302, [])


@pytest.mark.parametrize("role", sorted(BENCH))
def test_no_name_is_on_these_pages(run: Run, viewers: dict[str, Viewer], role: str) -> None:
    """What an authority writes may name somebody; the bench reads that it was decided, not the words."""
    make_person(role)
    for bone, way, accepts in (("S2", "in", True), ("S1", "out", False)):
        id_ = proposed(viewers, run, bone, way)
        proposals.decide(viewers["authority"], id_, accepts, "he is CANARY-NAME-1, by his teeth")
    proposed(viewers, run, "S3", "out")
    client = client_of(role)
    pages = (
        "/individuals/",
        FOUND,
        f"{FOUND}?bone=S2",
        "/proposals/",
        "/proposals/1/",
        "/proposals/2/",
        "/",
        "/bench/",
    )
    told = []
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        told.append(response.content.decode())
    everything = re.sub(r'src="data:[^"]*"|\bd="[^"]*"', "", "".join(told))
    assert "refused" in everything
    assert re.search(r"\bM1\b|\bM2\b", everything) is None
    assert "CANARY" not in everything
    assert "shortlist" not in everything, "a verdict tells of names"


def test_the_authority_reads_the_words(run: Run, viewers: dict[str, Viewer]) -> None:
    make_person("authority")
    proposals.decide(viewers["authority"], proposed(viewers, run), True, "he is CANARY-NAME-1, by his teeth")
    assert "CANARY-NAME-1" in client_of("authority").get("/proposals/1/").content.decode()


def test_on_both_databases(url: str, case_folder: Path, viewers: dict[str, Viewer]) -> None:
    from cenotaph.workplace.database import open_database

    open_database(url)
    load(case_folder)
    more_bones()
    run = begin_run()
    first, second = proposed(viewers, run), proposed(viewers, run, "S1", "out")
    with pytest.raises(IntegrityError), acting("somebody", "round the services"):
        Proposal.objects.filter(pk=first).update(decided_by="the anthropologist", state="accepted")
    for id_ in (first, second):
        proposals.decide(viewers["authority"], id_, True, WHY)
    proposals.reopen(viewers["authority"], second, WHY)
    assert (settled("link"), settled("separate")) == (["S2 S3"], [])
    assert verify().faults == ()
