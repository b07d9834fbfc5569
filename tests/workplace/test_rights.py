"""Every cell of role × resource × field × verb, as written out in ``rights_matrix.txt`` and read by a person.

A change of the declaration shows as a change of that file (``"\\n".join(matrix())``); the code is then held to it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cenotaph.dossier.tables import TABLES
from cenotaph.errors import CenotaphError
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import BENCH, NAMING, RESOURCES, ROLES, Refused, allowed, conflicts, matrix
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import secret_columns
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.models import Event, Gram, LedgerEntry, model_of
from cenotaph.workplace.services import records
from cenotaph.workplace.services.erasure import erase

WRITTEN = (Path(__file__).parent / "rights_matrix.txt").read_text(encoding="utf-8").splitlines()


def granted() -> dict[tuple[str, str, str], set[str]]:
    """Fields by role, resource and verb, from the file alone."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for line in WRITTEN:
        head_, _, fields = line.partition(": ")
        role, resource, verb, _rows = head_.split()
        found.setdefault((role, resource, verb), set()).update(fields.split())
    return found


GRANTED = granted()


def test_the_declaration_is_as_it_was_read() -> None:
    assert matrix() == WRITTEN


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sees(case: str, viewers: dict[str, Viewer], role: str) -> None:
    viewer = viewers[role]
    for resource in TABLES:
        see = GRANTED.get((role, resource, "see"), set())
        for field in RESOURCES[resource]:
            if field in see:
                assert all(set(row) <= {"id", field} for row in selectors.rows(viewer, resource, fields=[field]))
                continue
            for ask in (
                {"fields": [field]},
                {"where": {field: "x"}},
                {"order": [field]},
                {"where": {f"{field}__gt": ""}},
            ):
                with pytest.raises(Refused):
                    selectors.rows(viewer, resource, **ask)  # type: ignore[arg-type]
        if see:
            assert all(set(row) <= see | {"id"} for row in selectors.rows(viewer, resource))
            for field in set(secret_columns(resource)) & see:
                with pytest.raises(Refused, match="filtered"):
                    selectors.rows(viewer, resource, order=[field])
        else:
            with pytest.raises(Refused):
                selectors.count(viewer, resource)


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_writes(case: str, viewers: dict[str, Viewer], role: str) -> None:
    viewer = viewers[role]
    for resource in TABLES:
        for verb in ("add", "change"):
            may = GRANTED.get((role, resource, verb), set())
            for field in RESOURCES[resource]:
                may_not = f"may not {verb} " + (f"{field} of {resource}" if may else resource)
                found = _outcome(viewer, resource, verb, field)
                assert (may_not in found) == (field not in may), (resource, verb, field, found)
        if "remove" not in {v for r, t, v in GRANTED if (r, t) == (role, resource)}:
            with pytest.raises(Refused, match="may not remove"):
                records.remove(viewer, resource, 1, "because")
    assert verify().faults == ()


def _outcome(viewer: Viewer, resource: str, verb: str, field: str) -> str:
    """What writing one field of a row is answered with."""
    try:
        if verb == "add":
            records.add(viewer, resource, {field: "x"})
        else:
            records.change(viewer, resource, 10**6, {field: None})
    except CenotaphError as error:
        return str(error)
    return "done"


def test_what_nobody_declared_nobody_may() -> None:
    for ask in (("stranger", "missing", "see"), ("planner", "secrets", "see"), ("planner", "missing", "destroy")):
        with pytest.raises(Refused, match="nobody declared"):
            allowed(*ask)
    assert Viewer.of(None) == Viewer("", ())
    assert not any(Viewer("", ()).may("see", resource) for resource in RESOURCES)


def test_no_blind_role_is_granted_what_names() -> None:
    for role in BENCH:
        for resource, fields in NAMING.items():
            for verb in ("see", "add", "change", "export"):
                assert not GRANTED.get((role, resource, verb), set()) & set(fields)
        for resource in ("missing", "relatives", "individuals", "assignments", "candidates", "decisions", "ledger"):
            assert (role, resource, "see") not in GRANTED


def test_planners_see_no_genes_and_no_families() -> None:
    seen = {resource for role, resource, verb in GRANTED if (role, verb) == ("planner", "see")}
    assert not seen & {"relatives", "samples", "str_profiles", "ystr_profiles", "mtdna_profiles", "candidates"}
    assert "family_name" not in GRANTED["planner", "missing", "see"]


def test_administrators_and_oversight_see_no_case() -> None:
    for role in ("administrator", "oversight"):
        assert not {resource for r, resource, _ in GRANTED if r == role} & set(TABLES)


@pytest.mark.parametrize("together", [("geneticist", "liaison"), ("administrator", "planner")])
def test_roles_that_undo_each_other(together: tuple[str, str]) -> None:
    assert conflicts(together)
    assert conflicts(together[:1]) is None


def test_a_role_limited_to_remains_sees_no_relative(case: str, viewers: dict[str, Viewer]) -> None:
    rows = selectors.rows(viewers["geneticist"], "str_profiles")
    assert {row["sample_id"] for row in rows} == {"B1", "B2"}
    assert rows[0]["allele_1"] == "6"
    assert {r["sample_id"] for r in selectors.rows(viewers["liaison"], "samples")} == {"R1"}


def test_nobody_writes_out_of_his_reach(case: str, viewers: dict[str, Viewer]) -> None:
    geneticist = viewers["geneticist"]
    [sample] = selectors.rows(geneticist, "samples", where={"sample_id": "B1"})
    before = head()
    with pytest.raises(Refused, match="such a row"):
        records.change(geneticist, "samples", sample["id"], {"origin": "relative", "origin_id": "F1.S"})
    with pytest.raises(Refused, match="such a row"):
        records.add(geneticist, "samples", {"sample_id": "N1", "origin": "missing", "origin_id": "M1"})
    assert head() == before


def test_a_reviewer_sees_nothing_before_an_opinion_is_signed(case: str, viewers: dict[str, Viewer]) -> None:
    assert selectors.rows(viewers["reviewer"], "specimens") == []
    assert selectors.rows(viewers["reviewer"], "missing") == []


def test_unmasking_is_an_event_with_a_reason(case: str, viewers: dict[str, Viewer]) -> None:
    odontologist = viewers["odontologist"]
    with pytest.raises(Refused, match="reason"):
        selectors.unmask(odontologist, "missing", "M1", ["family_name"], "why")
    with pytest.raises(Refused):
        selectors.unmask(odontologist, "relatives", "F1.S", ["note"], "a reason that is long enough")
    row = selectors.unmask(odontologist, "missing", "M1", ["family_name"], "segregation of box 1 is fixed")
    assert row["family_name"] == "CANARY-NAME-1"
    entry = LedgerEntry.objects.order_by("-seq").first()
    assert (entry.actor, entry.reason, entry.table) == (
        "the odontologist",
        "segregation of box 1 is fixed",
        "events",
    )
    assert Event.objects.get().subject == "missing M1"


def test_a_change_keeps_what_it_does_not_touch(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    [man] = selectors.rows(manager, "missing", where={"missing_id": "M1"})
    records.change(manager, "missing", man["id"], {"family_name": "Another", "status": "accounted"}, "a letter")
    [now] = selectors.rows(manager, "missing", where={"missing_id": "M1"})
    assert now == {**man, "family_name": "Another", "status": "accounted"}
    past = selectors.history(manager, "missing", man["id"])
    assert [(e["actor"], e["reason"], e["action"]) for e in past][-1] == ("the case_manager", "a letter", "update")
    assert (past[-1]["before"]["family_name"], past[-1]["after"]["family_name"]) == ("CANARY-NAME-1", "Another")
    seen = {"family_name": "CANARY-NAME-1"}
    with pytest.raises(records.Overtaken):
        records.change(manager, "missing", man["id"], {"family_name": "Third"}, seen=seen)


def test_a_profile_follows_its_sample_to_another_subject(case: str, viewers: dict[str, Viewer]) -> None:
    geneticist = viewers["geneticist"]
    row = selectors.rows(geneticist, "str_profiles", where={"sample_id": "B1"})[0]
    records.change(geneticist, "str_profiles", row["id"], {"sample_id": "B2"})
    assert model_of("str_profiles").objects.get(pk=row["id"]).subject == "specimen:S2"
    assert selectors.rows(geneticist, "str_profiles", where={"id": row["id"]})[0]["allele_1"] == row["allele_1"]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"specimen_id": "S9", "side": "left"}, "side: not a word of this column"),
        ({"element": "femur"}, "specimen_id: this cannot be empty"),
        ({"specimen_id": "S9", "completeness": "1.5"}, "completeness: at most 1"),
        ({"specimen_id": "S1"}, "specimen_id: this is taken"),
    ],
)
def test_the_registry_judges_what_is_typed(case: str, viewers: dict[str, Viewer], values: dict, problem: str) -> None:
    before = head()
    with pytest.raises(records.Unsound, match=problem):
        records.add(viewers["anthropologist"], "specimens", values)
    assert head() == before


def test_numbers_sort_as_numbers(case: str, viewers: dict[str, Viewer]) -> None:
    anthropologist = viewers["anthropologist"]
    for value in ("90.1", "1000", "5"):
        records.add(anthropologist, "measurements", {"specimen_id": "S2", "code": "Fem_02", "value_mm": value})
    rows = selectors.rows(anthropologist, "measurements", order=["-value_mm"], fields=["value_mm"], limit=3)
    assert [row["value_mm"] for row in rows] == ["1000", "425.70", "90.1"]


def test_an_erased_person_is_gone(case: str, viewers: dict[str, Viewer], tmp_path: Path) -> None:
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.workplace.services.export import export_record

    erase("missing:M1", "the authority", "asked for by the family")
    manager = viewers["case_manager"]
    [man] = selectors.rows(manager, "missing", where={"missing_id": "M1"})
    assert (man["family_name"], man["note"], man["sex"]) == (None, None, "M")
    first = selectors.history(manager, "missing", man["id"])[0]
    assert first["after"]["family_name"] is None
    assert verify().faults == ()
    erase("specimen:S1", "the authority", "asked for by the family")
    export_record(tmp_path / "out", "command line", "test")
    examined = examine_dossier(tmp_path / "out")
    assert examined.dossier is not None
    assert set(examined.dossier.table("str_profiles").get_column("sample_id")) == {"B2", "R1"}
    with pytest.raises(Refused, match="no such subject"):
        erase("missing:M1", "the authority", "again")


def test_a_cell_moved_to_another_row_does_not_open(case: str, viewers: dict[str, Viewer]) -> None:
    from cenotaph.workplace.keys import WrongKey

    model = model_of("missing")
    one, two = model.objects.order_by("id")
    with acting("somebody", "a swap"):
        model.objects.filter(pk=two.pk).update(family_name=one.family_name)
    with pytest.raises(WrongKey):
        selectors.rows(viewers["case_manager"], "missing")


@pytest.mark.parametrize(
    ("text", "hits"),
    [("canary-name-1", ["M1"]), ("name 2", ["M2"]), ("anar", ["M1", "M2", "E1"]), ("jr", ["M2"]), ("zebra", [])],
)
def test_names_are_found_without_being_stored(
    case: str, viewers: dict[str, Viewer], text: str, hits: list[str]
) -> None:
    found = selectors.search(viewers["case_manager"], text)
    keys = [row.get("missing_id") if table == "missing" else row.get("effect_id") for table, row in found]
    assert [k for k in keys if k in {"M1", "M2", "E1"}] == hits


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("Kim", {"M8", "M9"}), ("김", {"M8", "M9"}), ("Gim Chul-soo", {"M8"}), ("cheolsu", {"M8"}),
        ("Park", {"M7"}), ("kimchi", set()), ("Lee", set()),
    ],
)  # fmt: skip
def test_names_are_found_in_another_script(case: str, viewers: dict[str, Viewer], text: str, hits: set[str]) -> None:
    manager = viewers["case_manager"]
    for key, family, given in (("M7", "박", "영희"), ("M8", "김", "철수"), ("M9", "Kim", "Paul")):
        records.add(manager, "missing", {"missing_id": key, "family_name": family, "given_names": given})
    found = selectors.search(manager, text)
    assert {row["missing_id"] for table, row in found if table == "missing"} & {"M7", "M8", "M9"} == hits


def test_the_blind_find_bones_and_no_names(case: str, viewers: dict[str, Viewer]) -> None:
    anthropologist = viewers["anthropologist"]
    assert [row["specimen_id"] for _, row in selectors.search(anthropologist, "S1")] == ["S1"]
    for word in ("CANARY", "canary-tag", "M1", "Jr"):
        assert selectors.search(anthropologist, word) == []


def test_what_is_found_follows_the_row(case: str, viewers: dict[str, Viewer]) -> None:
    manager = viewers["case_manager"]
    records.add(
        manager, "missing", {"missing_id": "M9", "population": "asian", "family_name": "김", "given_names": "철수"}
    )
    [(_, row)] = selectors.search(manager, "철수")
    records.change(manager, "missing", row["id"], {"given_names": "영희"})
    assert selectors.search(manager, "철수") == []
    assert len(selectors.search(manager, "영희")) == 1
    erase("missing:M9", "the authority", "asked for by the family")
    assert selectors.search(manager, "영희") == []
    records.remove(manager, "missing", row["id"], "entered by mistake")
    assert not Gram.objects.filter(row=row["id"], table="missing").exists()
