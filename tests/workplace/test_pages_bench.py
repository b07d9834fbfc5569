"""The pages of the bench and of the record: entry, measurements, moves, families, and what blind roles are shown."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import BENCH, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.database import open_database
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Event, LedgerEntry, Run, RunTable, model_of
from cenotaph.workplace.pages import labels
from cenotaph.workplace.pages.boxes import understood
from cenotaph.workplace.services import custody, decisions, kin
from cenotaph.workplace.services.decisions import Case
from cenotaph.workplace.services.records import Unsound
from tests.workplace.conftest import load, make_person
from tests.workplace.test_pages import ANSWER, client_of

BOX = "/handovers/boxes/BOX1/"
SECOND = "/handovers/boxes/BOX2/"
FOUND = "/evidence/runs/1/I1/"
ROLES_HERE = ("anthropologist", "odontologist", "geneticist", "case_manager", "liaison", "planner", "reviewer")
ROLES_HERE += ("authority", "oversight", "administrator")


@pytest.fixture
def house(case: str) -> str:
    """The small case with a second box, a run, and somebody of each role."""
    for role in ROLES_HERE:
        make_person(role)
    with acting("test"):
        model_of("containers").objects.create(container_id="BOX2", label="2")
        run = Run.objects.create(name="a run", ledger_count=1, ledger_head="0" * 64, record="{}")
        for name, table in ANSWER.items():
            RunTable.objects.create(run=run, name=name, csv=table)
    return case


@pytest.fixture
def anthropologist(house: str) -> Client:
    return client_of("anthropologist")


VIEWER = Viewer("anthropologist", ("anthropologist",))


def entry(**cells: str) -> dict[str, str]:
    return {"element": "", "side": "", "zones": "", "completeness": "", "weight_g": "", "specimen_id": "S3"} | cells


def test_a_bone_is_entered_with_few_keys(anthropologist: Client) -> None:
    assert anthropologist.post(BOX, entry(element="tib", side="r", completeness="80 %")).status_code == 302
    [row] = selectors.rows(VIEWER, "specimens", where={"specimen_id": "S3"})
    assert (row["element"], row["side"], row["completeness"], row["container_id"]) == ("tibia", "R", "0.8", "BOX1")
    page = anthropologist.get(BOX).content.decode()
    assert 'data-element="tibia"' in page
    assert 'value="S4"' in page, "the next number is offered"
    assert LedgerEntry.objects.filter(actor="anthropologist", table="specimens").count() == 1
    assert verify().faults == ()


def test_the_drawing_fills(anthropologist: Client) -> None:
    def look(page: str) -> str:
        return page.split('id="skeleton-tibia-R"')[1].split(">")[0]

    assert "sk-present" not in look(anthropologist.get(BOX).content.decode())
    response = anthropologist.post(BOX, entry(element="tibia", side="R"), headers={"hx-request": "true"})
    assert "sk-present" in look(response.content.decode())
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"element": "meta"}, "which one?"),
        ({"element": ""}, "an element such as femur"),
        ({"element": "femur", "side": "M"}, "one of L R U"),
        ({"element": "femur", "side": "L", "completeness": "3"}, "at most 1"),
        ({"element": "femur", "side": "L", "specimen_id": "S1"}, "this is taken"),
        ({"element": "femur", "side": "L", "zones": "head"}, "not zones"),
    ],
)
def test_a_bone_that_is_not_sound_is_not_entered(anthropologist: Client, cells: dict[str, str], told: str) -> None:
    response = anthropologist.post(BOX, entry(**cells))
    assert response.status_code == 422
    assert told in response.content.decode()
    assert model_of("specimens").objects.count() == 2


def test_what_is_typed_is_written_out_and_escaped(anthropologist: Client) -> None:
    response = anthropologist.post(BOX, entry(element="<script>alert(1)</script>"))
    assert "<script>alert" not in response.content.decode()


def test_many_bones_are_entered_whole_or_not_at_all(anthropologist: Client) -> None:
    lines = "femur, r, complete, 90 %\ntibia\tL\t\t0.5\n\nrib,L\n"
    wrong = anthropologist.post(BOX, {"lines": f"{lines}femur,M\nwing,L"})
    assert wrong.status_code == 422
    assert "line 5" in wrong.content.decode()
    assert "line 6" in wrong.content.decode()
    assert model_of("specimens").objects.count() == 2
    assert anthropologist.post(BOX, {"lines": lines}).status_code == 302
    found = selectors.rows(VIEWER, "specimens", order=["specimen_id"], fields=["specimen_id", "element", "side"])
    assert [(r["specimen_id"], r["element"], r["side"]) for r in found[2:]] == [
        ("S3", "femur", "R"),
        ("S4", "tibia", "L"),
        ("S5", "rib", "L"),
    ]
    assert verify().faults == ()


def test_understanding_a_bone() -> None:
    assert understood({"element": "os coxae", "side": "left"})["element"] == "os_coxa"
    assert understood({"element": "Sacrum", "side": ""})["side"] == "M"
    with pytest.raises(Unsound, match="metacarpal_1"):
        understood({"element": "metac", "side": "L"})


def test_zones_are_ticked(anthropologist: Client) -> None:
    def stored() -> str | None:
        return str(model_of("specimens").objects.get(specimen_id="S1").zones)

    page = anthropologist.get("/bench/S1/").content.decode()
    boxes = re.findall(r'name="zone" value="(\d+)"( checked)?', page)
    assert [number for number, there in boxes if there] == stored().split() == ["1", "2", "3"]
    sent = {"act": "zones", "seen-zones": "1 2 3", "zone": ["2", "1", "99"]}
    assert anthropologist.post("/bench/S1/", sent).status_code == 302
    assert stored() == "1 2"
    assert anthropologist.post("/bench/S1/", sent).status_code == 422, "somebody was faster"
    every = sent | {"seen-zones": "1 2", "zone": [number for number, _ in boxes]}
    assert anthropologist.post("/bench/S1/", every).status_code == 302
    assert stored() == "complete"
    assert client_of("geneticist").post("/bench/S1/", every | {"zone": []}).status_code == 403
    assert 'name="zone"' not in client_of("odontologist").get("/bench/S1/").content.decode()
    assert verify().faults == ()


def test_measurements_out_of_range_want_a_second_look(anthropologist: Client) -> None:
    bone = "/bench/S1/"
    typed = {"act": "measure", "code-Fem_02": "45.1"}
    first = anthropologist.post(bone, typed)
    assert first.status_code == 422
    assert "Look again" in first.content.decode()
    assert model_of("measurements").objects.count() == 1
    assert anthropologist.post(bone, typed | {"confirmed": "yes"}).status_code == 302
    assert "outside the usual range" in anthropologist.get(bone).content.decode()
    assert LedgerEntry.objects.filter(table="measurements", reason__contains="Fem_02").count() == 1


def test_measurements_are_kept_all_or_none(anthropologist: Client) -> None:
    response = anthropologist.post("/bench/S1/", {"act": "measure", "code-Fem_02": "418", "code-Hum_01": "300"})
    assert response.status_code == 422
    assert model_of("measurements").objects.count() == 1
    assert anthropologist.post("/bench/S1/", {"act": "measure", "code-Fem_01": "426"}).status_code == 302
    [again] = model_of("measurements").objects.filter(replicate="2")
    assert (again.code, again.value_mm, again.observer) == ("Fem_01", "426", "anthropologist")


def test_teeth_are_charted_blind(house: str) -> None:
    client = client_of("odontologist")
    page = client.get("/bench/S2/").content.decode()
    assert "MOD-S" in page
    assert "antemortem V" not in page, "no chart of a man beside it"
    wrong = client.post("/bench/S2/", {"act": "teeth", "teeth": "36 X, 99 V, 46 Q"})
    assert wrong.status_code == 422
    assert "99 V" in wrong.content.decode()
    assert model_of("dental_charts").objects.filter(subject_type="specimen").count() == 1
    assert client.post("/bench/S2/", {"act": "teeth", "teeth": "36 mo-s\n46: X"}).status_code == 302
    rows = model_of("dental_charts").objects.filter(subject_type="specimen").values_list("tooth", "code")
    assert sorted(rows) == [("36", "MO-S"), ("46", "X")]
    assert client_of("anthropologist").post("/bench/S2/", {"act": "teeth", "teeth": "11 V"}).status_code == 403
    assert "Chart teeth" not in client_of("anthropologist").get("/bench/S2/").content.decode()
    assert verify().faults == ()


def test_a_sample_is_taken_of_a_bone(house: str) -> None:
    client = client_of("geneticist")
    assert "STR, mtDNA, Y-STR" in client.get("/bench/S1/").content.decode()
    sample = {"act": "sample", "sample_id": "B9", "material": "bone", "laboratory": "", "collected_on": ""}
    assert client.post("/bench/S1/", sample).status_code == 302
    assert model_of("samples").objects.get(sample_id="B9").origin_id == "S1"
    assert client.post("/bench/S1/", sample).status_code == 422
    assert client_of("anthropologist").post("/bench/S1/", sample | {"sample_id": "B8"}).status_code == 403
    assert "Number on the tube" not in client_of("anthropologist").get("/bench/S1/").content.decode()


def test_two_who_change_one_bone(anthropologist: Client) -> None:
    seen = {"seen-weight_g": "", "seen-element": "femur", "seen-side": "L", "seen-zones": "1 2 3"}
    seen |= {"seen-completeness": "0.5"}
    typed = {"act": "describe", "element": "femur", "side": "L", "zones": "1 2 3", "completeness": "0.5"}
    assert anthropologist.post("/bench/S1/", typed | seen | {"weight_g": "210"}).status_code == 302
    late = anthropologist.post("/bench/S1/", typed | seen | {"weight_g": "190"})
    assert late.status_code == 422
    assert "Somebody changed this bone" in late.content.decode()
    assert model_of("specimens").objects.get(specimen_id="S1").weight_g == "210"


def test_a_bone_moves_with_an_entry_of_custody(anthropologist: Client) -> None:
    moved = {"codes": "S1\nS2", "received_by": "J. Keeper", "reason": "to the table"}
    assert anthropologist.post(SECOND, moved).status_code == 302
    assert custody.contents(VIEWER, "BOX1") == []
    assert custody.contents(VIEWER, "BOX2") == ["S1", "S2"]
    [move] = custody.history(VIEWER, "S1")
    assert (move.from_box, move.to_box, move.received_by, move.by) == ("BOX1", "BOX2", "J. Keeper", "anthropologist")
    came_in = model_of("specimens").objects.get(specimen_id="S1").container_id
    assert came_in == "BOX1", "the box it came in is evidence and stays"
    assert "J. Keeper" in anthropologist.get("/bench/S1/").content.decode()
    assert verify().faults == ()


@pytest.mark.parametrize(
    "wrong", [{"codes": "S1 S99"}, {"codes": ""}, {"received_by": " "}], ids=["unknown", "nothing", "nobody"]
)
def test_a_move_is_whole_or_not_at_all(anthropologist: Client, wrong: dict[str, str]) -> None:
    moved = {"codes": "S1", "received_by": "J. Keeper", "reason": "x"} | wrong
    assert anthropologist.post(SECOND, moved).status_code == 422
    assert not Event.objects.filter(kind=custody.KIND).exists()
    assert custody.contents(VIEWER, "BOX1") == ["S1", "S2"]


def test_every_bone_is_in_one_place_whatever_is_moved(house: str) -> None:
    chance = random.Random(7)
    with acting("test"):
        for number in range(3, 12):
            model_of("specimens").objects.create(specimen_id=f"S{number}", container_id="BOX1", element="rib", side="L")
    everywhere: dict[str, str] = {f"S{k}": "BOX1" for k in range(1, 12)}
    for _ in range(40):
        some = chance.sample(sorted(everywhere), chance.randint(1, 4))
        to = chance.choice(("BOX1", "BOX2"))
        custody.move(VIEWER, some, to, "J. Keeper", "")
        everywhere |= dict.fromkeys(some, to)
        found = {box: custody.contents(VIEWER, box) for box in ("BOX1", "BOX2")}
        assert sorted(found["BOX1"] + found["BOX2"]) == sorted(everywhere)
        assert all(everywhere[bone] == box for box, bones in found.items() for bone in bones)
    for bone in everywhere:
        moves = custody.history(VIEWER, bone)
        assert all(one.to_box == two.from_box for one, two in pairwise(moves)), "an unbroken chain"


@pytest.mark.parametrize("role", ["geneticist", "odontologist", "case_manager", "authority"])
def test_who_may_not_enter_or_move(house: str, role: str) -> None:
    client = client_of(role)
    may_add = role == "case_manager"
    assert (client.post(BOX, entry(element="tibia", side="R")).status_code == 302) == may_add
    assert model_of("specimens").objects.count() == 2 + may_add
    if role != "case_manager":
        moved = {"codes": "S1", "received_by": "me", "reason": ""}
        assert client.post(SECOND, moved).status_code == 403
        assert "Enter a bone" not in client.get(BOX).content.decode()
        with pytest.raises(Refused):
            custody.move(Viewer(role, (role,)), ["S1"], "BOX2", "me", "")


@pytest.mark.parametrize("role", sorted(BENCH))
def test_blind_roles_find_nobody_by_search(house: str, role: str) -> None:
    for text in ("CANARY", "CANARY-NAME-1", "M1", "F1"):
        page = client_of(role).get("/search/", {"q": text}).content.decode()
        assert "0 hits" in page, (role, text)
    assert "1 hit<" in client_of(role).get("/search/", {"q": "BOX2"}).content.decode()


def test_labels_name_no_names(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr("cenotaph.workplace.pages.boxes.label_sheet", lambda texts: told.append(texts) or b"%PDF")
    client_of("anthropologist").get(f"{BOX}labels.pdf")
    assert "S1" in repr(told)
    assert "CANARY" not in repr(told)


def test_labels_are_a_pdf() -> None:
    sheet = labels.label_sheet([("BOX1", "1", ""), ('S"1\\', "left femur #strong[x]", "BOX1")])
    assert sheet.startswith(b"%PDF-")


def test_individuals_and_their_candidates(house: str) -> None:
    manager = client_of("case_manager")
    assert "CANARY-NAME-1" in manager.get("/individuals/", {"verdict": "shortlist"}).content.decode()
    page = manager.get(FOUND).content.decode()
    assert 'id="skeleton-femur-L"' in page
    assert "Autosomal STR" in page
    assert f"{FOUND}opinion/" in page
    assert FOUND in manager.get("/missing/M1/").content.decode()
    assert manager.get("/evidence/runs/1/I2/").status_code == 404
    assert manager.get("/evidence/runs/9/I1/").status_code == 404
    assert f"{FOUND}opinion/" not in client_of("authority").get(FOUND).content.decode()
    reviewer = client_of("reviewer")
    assert FOUND not in reviewer.get("/individuals/", {"verdict": "shortlist"}).content.decode()
    assert reviewer.get(FOUND).status_code == 404


def test_an_individual_of_an_earlier_run(house: str) -> None:
    later = begin_run()
    manager = client_of("case_manager")
    assert manager.get("/individuals/I1/")["Location"] == f"/evidence/runs/{later.pk}/I1/"
    for name, run in (("a run", 1), ("a later run", later.pk)):
        text = manager.get(f"/evidence/runs/{run}/I1/").content.decode()
        assert f'<a href="/evidence/runs/{run}/">{name}</a>' in text
        assert ('href="/individuals/?verdict=shortlist"' in text) == (run == later.pk)


def test_a_reviewer_sees_the_individual_of_an_open_case_alone(house: str) -> None:
    """The opinion rests on one run: the individual of the same name in another run is not open."""
    later = begin_run()
    case = Case("identification", ("S1",), "M1", 1, "I1")
    text = {"circumstances": "He was lost where the box comes from.", "conclusion": "established"}
    id_ = decisions.sign(Viewer("case_manager", ("case_manager",)), case, text)
    listed = f'href="/decisions/{id_}/"'
    reviewer = client_of("reviewer")
    assert listed in reviewer.get(FOUND).content.decode()
    assert f"{FOUND}opinion/" not in reviewer.get(FOUND).content.decode()
    assert reviewer.get(f"/evidence/runs/{later.pk}/I1/").status_code == 404
    assert listed in client_of("case_manager").get(FOUND).content.decode()
    assert listed not in client_of("case_manager").get(f"/evidence/runs/{later.pk}/I1/").content.decode()
    for role in BENCH:
        assert client_of(role).get(FOUND).status_code == 403


def test_an_individual_may_have_a_slash_in_its_name(house: str) -> None:
    """It is called after a bone, and bones are called as their finders call them."""
    begin_run({name: table.replace("I1", "I-B1/S1") for name, table in ANSWER.items()})
    manager, address = client_of("case_manager"), "/evidence/runs/2/I-B1/S1/"
    assert address in manager.get("/individuals/", {"verdict": "shortlist"}).content.decode()
    assert "I-B1/S1" in manager.get("/individuals/I-B1/S1/", follow=True).content.decode()
    assert manager.get(f"{address}opinion/").status_code == 200


def begin_run(answer: Mapping[str, str] = ANSWER) -> Run:
    with acting("test"):
        run = Run.objects.create(name="a later run", ledger_count=1, ledger_head="0" * 64, record="{}")
        for name, table in answer.items():
            RunTable.objects.create(run=run, name=name, csv=table)
    return run


def test_the_planner_sees_a_loss_without_a_name(house: str) -> None:
    page = client_of("planner").get("/missing/M1/").content.decode()
    assert "CANARY" not in page
    assert "Pedigree" not in page
    assert "CANARY" not in client_of("planner").get("/missing/").content.decode()


def test_a_man_is_found_by_his_name(house: str) -> None:
    page = client_of("case_manager").get("/missing/", {"name": "canary-name-1"}).content.decode()
    assert "/missing/M1/" in page
    assert "/missing/M2/" not in page


@pytest.mark.parametrize("word", list(kin.KIN))
def test_a_family_grows_by_a_click(house: str, word: str) -> None:
    client = client_of("liaison")
    before = model_of("relatives").objects.count()
    assert client.post("/families/F1/", {"act": "relative", "of": "F1.C", "kin": word}).status_code == 302
    assert model_of("relatives").objects.count() > before
    assert client.get("/families/F1/").content.decode().count('class="pedigree"') == 1
    assert verify().faults == ()


def test_a_nephew_comes_with_his_parents(house: str) -> None:
    liaison = Viewer("liaison", ("liaison",))
    nephew = kin.add_relative(liaison, "F1", "F1.C", "nephew by a sister")
    members = {r["person_id"]: r for r in selectors.rows(liaison, "relatives", where={"family_id": "F1"})}
    mother = members[members[nephew]["mother_id"]]
    assert (mother["sex"], mother["father_id"], mother["mother_id"]) == ("F", "F1.F", "F1.M")
    assert members[members[nephew]["father_id"]]["sex"] == "M"
    with pytest.raises(Unsound):
        kin.add_relative(liaison, "F1", "F1.C", "neighbour")
    with pytest.raises(Refused):
        kin.add_relative(VIEWER, "F1", "F1.C", "sister")


def test_a_relative_on_whom_nobody_hangs_can_go(house: str) -> None:
    manager = Viewer("case_manager", ("case_manager",))
    sister = kin.add_relative(manager, "F1", "F1.C", "sister")
    for person, reason in (("F1.F", "wrong"), ("F1.C", "wrong"), ("F1.S", "wrong"), (sister, " "), ("F9.X", "wrong")):
        with pytest.raises(Unsound):
            kin.remove_relative(manager, "F1", person, reason)
    gone = {"act": "remove", "person_id": sister, "reason": "entered twice"}
    assert client_of("liaison").post("/families/F1/", gone).status_code == 403
    assert client_of("case_manager").post("/families/F1/", gone).status_code == 302
    assert not model_of("relatives").objects.filter(person_id=sister).exists()
    assert verify().faults == ()


def test_a_sample_and_a_contact_of_a_family(house: str) -> None:
    client = client_of("liaison")
    sample = {"act": "sample", "person_id": "F1.M", "sample_id": "R9", "material": "blood", "collected_on": ""}
    assert client.post("/families/F1/", sample).status_code == 302
    assert model_of("samples").objects.get(sample_id="R9").origin_id == "F1.M"
    assert client.post("/families/F1/", sample).status_code == 422, "the number is taken"
    assert client.post("/families/F1/", sample | {"person_id": "F2.X", "sample_id": "R8"}).status_code == 422
    contact = {"act": "contact", "missing_id": "M1", "person_id": "F1.S", "kind": "letter", "on_date": "2019-05-17"}
    assert client.post("/families/F1/", contact | {"note": "CANARY-SAID that all is well"}).status_code == 302
    assert "CANARY-SAID" in client.get("/families/F1/").content.decode()
    assert "CANARY-SAID" not in repr(list(LedgerEntry.objects.values_list("after", flat=True))), "it is encrypted"
    assert client.post("/families/F1/", contact | {"missing_id": "M2", "note": "another family"}).status_code == 422


def test_home_tells_what_waits(house: str) -> None:
    bench = client_of("anthropologist").get("/").content.decode()
    assert "Boxes to begin" in bench
    assert "boxes of which no bone is entered yet" in bench
    assert "Jaws to chart" not in client_of("odontologist").get("/").content.decode(), "S2 is charted"
    assert "Samples to type" not in client_of("anthropologist").get("/").content.decode()
    assert "Ledger entries" in client_of("oversight").get("/").content.decode()


def test_the_ledger_tells_no_cells(house: str) -> None:
    page = client_of("oversight").get("/ledger/").content.decode()
    assert "CANARY" not in page
    assert "load" not in page.split("<tbody>")[1], "oversight sees no reasons"
    older = client_of("authority").get("/ledger/", {"before": "3"}).content.decode()
    assert older.count('<th scope="row"') == 2


def test_addresses_that_make_no_sense(house: str) -> None:
    client = client_of("case_manager")
    for address in (
        "/bench/?page=9999",
        "/bench/?page=-1",
        "/bench/?sort=note",
        "/bench/?side=%00",
        "/bench/?sort=__x",
    ):
        assert client.get(address).status_code == 200, address
    for address in ("/bench/S99/", "/handovers/boxes/NONE/", "/missing/M99/", "/families/F99/"):
        assert client.get(address).status_code == 404, address


def test_numbers_may_hold_any_sign(anthropologist: Client) -> None:
    odd = 'A/1 "ü"?#%<b>'
    assert anthropologist.post(BOX, entry(element="tibia", side="R", specimen_id=odd)).status_code == 302
    page = anthropologist.get(BOX).content.decode()
    assert "<b>" not in page
    [address] = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/bench/A")]
    assert anthropologist.get(address).status_code == 200
    assert anthropologist.get("/bench/").status_code == 200
    assert anthropologist.get(f"{BOX}labels.pdf").content.startswith(b"%PDF-")


def test_the_pages_on_both_databases(url: str, case_folder: Path) -> None:
    open_database(url)
    load(case_folder)
    for role in ROLES_HERE:
        make_person(role)
    paths = ("/", "/handovers/", "/handovers/boxes/", BOX, "/bench/?element=fem&sort=-completeness", "/bench/S1/")
    paths += (
        "/missing/?name=canary",
        "/missing/M1/",
        "/families/?donors=none",
        "/families/F1/",
        "/search/?q=CANARY%00",
    )
    for role in ("anthropologist", "odontologist", "geneticist", "case_manager", "authority", "reviewer", "liaison"):
        for path in paths:
            assert client_of(role).get(path).status_code in {200, 403, 404}, (role, path)
    assert client_of("anthropologist").post(BOX, entry(element="tibia", side="R")).status_code == 302
    moved = {"codes": "S1 S3", "received_by": "J. Keeper", "reason": ""}
    assert client_of("anthropologist").post(BOX, moved).status_code == 302
    assert custody.contents(VIEWER, "BOX1") == ["S1", "S2", "S3"]
    kin.add_relative(Viewer("liaison", ("liaison",)), "F1", "F1.C", "nephew by a sister")
    assert verify().faults == ()


def test_ten_thousand_bones_are_listed_in_time(house: str, django_queries: CaptureQueriesContext) -> None:
    bones = model_of("specimens")
    with acting("test"):
        bones.objects.bulk_create(
            bones(specimen_id=f"T{k:05d}", container_id="BOX1", element="rib", side="L") for k in range(10_000)
        )
    client = client_of("anthropologist")
    client.get("/bench/")
    took = []
    for address in ("/bench/", "/bench/?page=100", "/bench/?element=rib&sort=-completeness"):
        began = time.perf_counter()
        with django_queries as queries:
            assert client.get(address).status_code == 200
        took.append(time.perf_counter() - began)
        assert len(queries) < 12, "as many queries whatever the number of rows"
    assert min(took) < 0.3


@pytest.fixture
def django_queries() -> CaptureQueriesContext:
    from django.db import connection

    return CaptureQueriesContext(connection)


def test_an_individual_is_asked_of_a_bone(case: str) -> None:
    make_person("case_manager")
    links = "specimen_a,specimen_b,probability_same\nS1,S2,0.25\n"
    begin_run({**ANSWER, "links": links})
    model = model_of("specimens").objects
    with acting("somebody", "two of one part"):
        model.filter(specimen_id__in=["S1", "S2"]).update(element="femur", side="L", zones=None, completeness=None)
    client = client_of("case_manager")
    text = client.get(f"{FOUND}?bone=S2").content.decode()
    assert "of one person with S1 at a probability of 0.25" in text
    assert "S1 is the same part of the same side." in text
    with acting("somebody", "another side"):
        model.filter(specimen_id="S2").update(side="R")
    assert "same part of the same side" not in client.get(f"{FOUND}?bone=S2").content.decode()
    assert "The run put it here." in client.get(f"{FOUND}?bone=S1").content.decode()
    assert "No bone &lt;b&gt; is open to you." in client.get(f"{FOUND}?bone=%3Cb%3E").content.decode()
