"""The API: its own description, the same rights as the pages, and tokens."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import BENCH, ROLES
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.api.urls import API
from cenotaph.workplace.cells import secret_columns
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Job, LedgerEntry, Token, User
from cenotaph.workplace.services import records, tokens
from tests.workplace.test_pages import client_of, staff_and_run
from tests.workplace.test_rights import GRANTED

EVERYBODY = frozenset(ROLES)
WATCHERS = frozenset({"case_manager", "authority"})
READERS = WATCHERS | {"reviewer", *BENCH}

PROPOSAL = {"run": 1, "individual_id": "I1", "specimen_id": "S2", "direction": "in", "reason": "it fits at the joint"}

TALKERS = frozenset({"case_manager", "liaison"})
CONSENT = {"person_id": "F1.S", "scope": ["identification"], "given_on": "2019-05-17", "paper": "folder 3"}
CONTACT = {"missing_id": "M1", "kind": "visit", "on_date": "2019-05-17", "note": "asked for the next of kin"}

CASEWORK: dict[tuple[str, str], tuple[dict[str, Any], frozenset[str]]] = {
    # Method and address: what is sent, and the roles that get it.
    ("get", "/api/me"): ({}, EVERYBODY),
    ("get", "/api/ledger"): ({}, frozenset({"authority", "oversight"})),
    ("post", "/api/moves"): (
        {"specimen_ids": ["S1"], "to_box": "BOX1", "received_by": "a"},
        frozenset({"case_manager", "anthropologist"}),
    ),
    ("get", "/api/moves"): ({"specimen_id": "S1"}, WATCHERS | BENCH),
    ("get", "/api/receipts"): ({}, READERS),
    # A move that does not wait for the one who asks is nobody's to answer.
    ("post", "/api/receipts"): ({"numbers": [1], "received": True}, frozenset()),
    ("get", "/api/runs"): ({}, READERS),
    ("post", "/api/runs"): ({"seed": 1}, WATCHERS),
    ("get", "/api/runs/{id_}"): ({}, READERS),
    ("get", "/api/runs/{id_}/tables/{name}"): ({}, WATCHERS),
    ("get", "/api/jobs/{id_}"): ({}, WATCHERS | {"administrator"}),
    ("get", "/api/proposals"): ({}, WATCHERS | BENCH),
    ("post", "/api/proposals"): (PROPOSAL, frozenset(BENCH)),
    # The one that was just made.
    ("post", "/api/proposals/{id_}/withdraw"): ({}, frozenset(BENCH)),
    ("get", "/api/consents"): ({"person_id": "F1.S"}, TALKERS | {"authority"}),
    ("post", "/api/consents"): (CONSENT, TALKERS),
    ("post", "/api/consents/{id_}/withdraw"): ({"withdrawn_on": "2020-01-02", "withdrawal": "by letter"}, TALKERS),
    ("get", "/api/contacts"): ({"missing_id": "M1"}, TALKERS | {"authority"}),
    ("post", "/api/contacts"): (CONTACT, TALKERS),
}
"""Every operation that is not one of a table, with those who may have it. One that is not here fails a test below."""

VERBS = {"get": "see", "post": "add", "patch": "change", "delete": "remove"}


@cache
def operations() -> list[tuple[str, str]]:
    return [(method, path) for path, methods in API.get_openapi_schema()["paths"].items() for method in methods]


@pytest.fixture
def house(case: str) -> str:
    """A record with one person of each role, a job and a run."""
    staff_and_run()
    return case


class Program:
    """A program with a token of one role."""

    def __init__(self, role: str | None, word: str = "") -> None:
        self._client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
        self.word = word or (tokens.make(User.objects.get(name=role), "a script") if role else "")

    def __call__(self, method: str, path: str, sent: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.word}"} if self.word else {}
        if method in {"get", "delete"}:
            return getattr(self._client, method)(path, query_params=sent or {}, headers=headers)
        body = json.dumps(sent or {})
        return getattr(self._client, method)(path, body, content_type="application/json", headers=headers)


def test_every_operation_is_known() -> None:
    tables = {o for o in operations() if o[1].startswith("/api/tables/")}
    assert set(operations()) - tables == set(CASEWORK)
    wanted = {(method, f"/api/tables/{t}{rest}") for t in TABLES for method, rest in _of_table(t)}
    assert tables == wanted


def _of_table(table: str) -> list[tuple[str, str]]:
    """What a table has: reading always, the rest where some role of the written matrix may do it."""
    found = [("get", ""), ("get", "/{id_}"), ("get", "/{id_}/history")]
    writes = (("add", "post", ""), ("change", "patch", "/{id_}"), ("remove", "delete", "/{id_}"))
    return found + [(m, rest) for verb, m, rest in writes if any((r, table, verb) in GRANTED for r in ROLES)]


def test_strangers_get_nothing(house: str) -> None:
    stranger, wrong = Program(None), Program(None, "cenotaph_guess")
    for method, path in operations():
        address = path.format(id_=1, name="individuals")
        for who in (stranger, wrong):
            response = who(method, address)
            # A change without token and session has no token of a form either, which is found out first.
            assert response.status_code in {401, 429} | ({403} if method != "get" else set()), (method, path)
            assert "CANARY" not in response.content.decode()
    assert Program(None)("get", "/api/openapi.json").status_code == 302
    assert Program("oversight")("get", "/api/openapi.json").json()["openapi"].startswith("3.")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what_with_tables(house: str, role: str) -> None:
    program = Program(role)
    for method, path in operations():
        if not path.startswith("/api/tables/"):
            continue
        table = path.split("/")[3]
        may = (role, table, VERBS[method]) in GRANTED
        sent = {"reason": "because"} if method == "delete" else {"values": {}} if method in {"post", "patch"} else {}
        status = program(method, path.format(id_=10**6), sent).status_code
        assert (status == 403) != may, (role, method, path, status)
        if method == "get" and may:
            assert status == (404 if "{id_}" in path else 200), (role, path, status)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_the_rest(house: str, role: str) -> None:
    program = Program(role)
    for (method, path), (sent, roles) in CASEWORK.items():
        status = program(method, path.format(id_=1, name="individuals"), sent).status_code
        assert (status in {200, 201}) == (role in roles), (role, method, path, status)
        assert status in {200, 201, 403}, (role, method, path, status)


@pytest.mark.parametrize("role", ROLES)
def test_rows_are_those_of_the_selectors(house: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REQUESTS_PER_MINUTE", 10_000)
    program, viewer = Program(role), Viewer(role, (role,))
    for table in TABLES:
        open_fields = GRANTED.get((role, table, "see"), set())
        if not open_fields:
            continue
        answer = program("get", f"/api/tables/{table}", {"limit": 1000}).json()
        rows = selectors.rows(viewer, table)
        assert answer == {"total": len(rows), "rows": rows}
        assert all(set(row) <= open_fields | {"id"} for row in answer["rows"])
        for field in TABLES[table].by_name:
            for ask in ({field: "x"}, {"order": field}):
                status = program("get", f"/api/tables/{table}", ask).status_code
                is_plain = field in open_fields and field not in secret_columns(table)
                assert status == 200 if is_plain else status in {403, 422}, (role, table, ask)


@pytest.mark.parametrize("role", sorted(BENCH))
def test_nothing_names_anybody_before_the_blind(house: str, role: str) -> None:
    program = Program(role)
    told = []
    for method, path in operations():
        if method == "get":
            sent = {"specimen_id": "S1"} if path == "/api/moves" else {}
            address = path.format(id_=1, name="candidates")
        else:
            sent, address = {"values": {"missing_id": "M9"}}, path.format(id_=1, name="")
        response = program(method, address, sent)
        told.append(response.content.decode() + repr(response.headers))
    told.append(program("get", "/api/tables/specimens", {"order": "note"}).content.decode())
    everything = "".join(told)
    assert "CANARY" not in everything
    assert re.search(r"\bM1\b", everything) is None


def test_the_canary_would_be_heard(house: str) -> None:
    assert "CANARY-NAME-1" in Program("case_manager")("get", "/api/tables/missing").content.decode()


def test_a_row_is_added_changed_and_removed(house: str) -> None:
    program = Program("anthropologist")
    rows = "/api/tables/measurements"
    added = program(
        "post", rows, {"values": {"specimen_id": "S2", "code": "Fem_02", "value_mm": "90.1"}, "reason": "measured"}
    )
    assert added.status_code == 201
    one = f"{rows}/{added.json()['id']}"
    assert program("patch", one, {"values": {"value_mm": "90.2"}, "seen": {"value_mm": "1"}}).status_code == 409
    assert program("patch", one, {"values": {"value_mm": "90.2"}, "seen": {"value_mm": "90.1"}}).status_code == 200
    assert program("get", one).json()["value_mm"] == "90.2"
    past = program("get", f"{one}/history").json()
    assert [(e["actor"], e["reason"], e["action"]) for e in past] == [
        ("anthropologist", "measured", "insert"),
        ("anthropologist", "", "update"),
    ]
    assert program("delete", one).status_code == 422
    assert program("delete", one, {"reason": "measured twice"}).status_code == 200
    assert program("get", one).status_code == 404
    assert LedgerEntry.objects.order_by("-seq").first().reason == "measured twice"
    assert verify().faults == ()


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("post", "/api/tables/specimens", {"values": {"specimen_id": "S9", "side": "left"}}, "side"),
        ("post", "/api/tables/specimens", {"values": {"specimen_id": "S1", "element": "rib"}}, "specimen_id"),
        ("post", "/api/tables/specimens", {"values": {"specimen_id": "S9", "subject": "x"}}, "sent.values.subject"),
        ("post", "/api/tables/specimens", {"values": {"specimen_id": "a\0b"}}, "sent.values.specimen_id"),
        ("post", "/api/tables/specimens", {"values": {"specimen_id": "\ud800"}}, "sent.values.specimen_id"),
        ("get", "/api/tables/specimens", {"elment": "femur"}, "elment"),
        ("get", "/api/tables/specimens", {"limit": "100000"}, "limit"),
        ("post", "/api/moves", {"specimen_ids": ["S9"], "to_box": "BOX9", "received_by": ""}, "codes"),
    ],
)
def test_what_is_wrong_is_named(house: str, method: str, path: str, sent: dict[str, Any], field: str) -> None:
    response = Program("anthropologist")(method, path, sent)
    assert response.status_code == 422
    assert field in response.json()["problems"], response.json()


def test_a_program_confirms_a_receipt(house: str) -> None:
    giver, taker = Program("anthropologist"), Program("geneticist")
    records.add(Viewer("a manager", ("case_manager",)), "containers", {"container_id": "BOX2"})
    move = {"specimen_ids": ["S1", "S2"], "to_box": "BOX2", "received_by": "geneticist", "reason": "to be cut"}
    assert giver("post", "/api/moves", move).json() == {"rows": 2}
    waits = taker("get", "/api/receipts").json()
    assert giver("get", "/api/receipts").json() == {"to_me": [], "from_me": waits["to_me"]}
    first, second = ({"numbers": [m["number"]], "received": True} for m in waits["to_me"])
    assert giver("post", "/api/receipts", first).status_code == 403
    assert taker("post", "/api/receipts", second | {"received": False}).json()["problems"].keys() == {"reason"}
    assert taker("post", "/api/receipts", first).json() == {"rows": 1}
    assert giver("post", "/api/receipts", second | {"received": False, "reason": "not today"}).json() == {"rows": 1}
    assert taker("get", "/api/receipts").json() == {"to_me": [], "from_me": []}
    states = [giver("get", "/api/moves", {"specimen_id": bone}).json()[0]["state"] for bone in ("S1", "S2")]
    assert states == ["counts", "declined"]
    assert verify().faults == ()


def test_a_program_proposes_a_bone(house: str) -> None:
    bench, other, authority = Program("anthropologist"), Program("geneticist"), Program("authority")
    number = bench("post", "/api/proposals", PROPOSAL).json()["id"]
    assert bench("post", "/api/proposals", PROPOSAL).json()["problems"].keys() == {"specimen_id"}
    assert bench("post", "/api/proposals", PROPOSAL | {"direction": "up"}).status_code == 422
    assert bench("post", "/api/proposals", PROPOSAL | {"run": 9}).status_code == 404
    seen = {who: p("get", "/api/proposals").json()[0] for who, p in (("bench", bench), ("authority", authority))}
    assert seen["authority"] == seen["bench"] | {"answer": None}
    assert seen["bench"]["said"] == {"probability": None, "partner": None, "owner": None, "same_part": []}
    assert (seen["bench"]["run"], seen["bench"]["reason"], seen["bench"]["state"]) == (1, PROPOSAL["reason"], "open")
    assert other("post", f"/api/proposals/{number}/withdraw").status_code == 403
    assert bench("post", f"/api/proposals/{number}/withdraw").json() == {"rows": 1}
    assert bench("get", "/api/proposals", {"state": "open"}).json() == []
    assert verify().faults == ()


def test_an_empty_value_asks_for_empty_cells(house: str) -> None:
    program = Program("case_manager")
    empty = program("get", "/api/tables/missing", {"stature_cm": ""}).json()
    assert [row["missing_id"] for row in empty["rows"]] == ["M2"]
    assert program("get", "/api/tables/missing", {"order": "-missing_id", "limit": 1}).json()["total"] == 2


def test_a_browser_needs_the_token_of_its_forms(house: str) -> None:
    client = client_of("case_manager")
    assert client.get("/api/me").json()["name"] == "case_manager"
    client.handler.enforce_csrf_checks = True
    refused = client.post("/api/runs", json.dumps({"seed": 1}), content_type="application/json")
    assert refused.status_code == 403
    client.get("/decisions/")
    headers = {"x-csrftoken": client.cookies["csrftoken"].value}
    taken = client.post("/api/runs", json.dumps({"seed": 1}), content_type="application/json", headers=headers)
    assert taken.status_code == 201
    assert Job.objects.filter(asked_by="case_manager").count() == 1


def test_a_token_ends(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planner = User.objects.get(name="planner")
    program = Program("planner")
    assert program("get", "/api/me").status_code == 200
    assert program.word not in repr(list(Token.objects.values())) + repr(list(LedgerEntry.objects.values()))
    tokens.revoke(User.objects.get(name="authority"), Token.objects.get().pk)
    assert program("get", "/api/me").status_code == 200, "somebody else's token is not his to revoke"
    tokens.revoke(planner, Token.objects.get().pk)
    assert program("get", "/api/me").status_code == 401
    closed = Program("planner")
    for _ in range(2):  # Closed and opened again: sessions and tokens of before are gone.
        client_of("administrator").post(f"/people/{planner.pk}/close/")
        assert closed("get", "/api/me").status_code == 401
    monkeypatch.setattr(tokens, "LIFE", timedelta(0))
    assert Program("planner")("get", "/api/me").status_code == 401
    assert verify().faults == ()


def test_a_token_is_for_the_api_alone(house: str) -> None:
    assert Program("case_manager")("get", "/missing/").status_code == 302


def test_guessing_tokens_is_slowed(house: str) -> None:
    guesser = Program(None, "cenotaph_guess")
    assert [guesser("get", "/api/me").status_code for _ in range(25)][-1] == 429
    assert "error" in guesser("get", "/api/me").json()
    assert Program("planner")("get", "/api/me").status_code == 200


def test_consents_and_contacts_of_a_family(house: str) -> None:
    liaison = Program("liaison")
    number = liaison("post", "/api/consents", CONSENT).json()["id"]
    wrong = liaison("post", "/api/consents", CONSENT | {"scope": ["everything"], "paper": " "})
    assert wrong.status_code == 422
    assert wrong.json()["problems"].keys() == {"scope", "paper"}
    taken_back = {"withdrawn_on": "2020-01-02", "withdrawal": "by letter"}
    assert liaison("post", f"/api/consents/{number}/withdraw", taken_back).json() == {"rows": 1}
    assert liaison("post", f"/api/consents/{number}/withdraw", taken_back).status_code == 403
    [one] = liaison("get", "/api/consents", {"person_id": "F1.S"}).json()
    assert (one["id"], one["scope"], one["withdrawn_on"]) == (number, ["identification"], "2020-01-02")
    assert liaison("post", "/api/contacts", CONTACT | {"due_on": "2019-06-01"}).json() == {"rows": 1}
    [contact] = liaison("get", "/api/contacts", {"missing_id": "M1"}).json()
    assert (contact["note"], contact["due_on"], contact["by"]) == (CONTACT["note"], "2019-06-01", "liaison")
