"""Who gets which page, and what the pages promise: no default account, limits, headers, and nothing for the blind."""

from __future__ import annotations

import io
import re
import time

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import get_resolver, reverse
from PIL import Image

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import BENCH, ROLES, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.jobs import queue
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import Event, Import, Job, Opinion, Report, Run, RunTable, User
from cenotaph.workplace.pages.endpoint import endpoint_of
from cenotaph.workplace.server import TOKEN
from cenotaph.workplace.services import photos, proposals, runs, searches
from cenotaph.workplace.services.proposals import Asked
from tests.workplace.casework_pages import CASEWORK
from tests.workplace.conftest import PASSWORD, make_person

EVERYBODY, NOBODY = frozenset(ROLES), frozenset[str]()
ADMINISTRATOR = frozenset({"administrator"})
HANDLERS = frozenset({"planner", "case_manager", "authority", "reviewer", *BENCH})
INVENTORY = HANDLERS - {"planner"}
ANSWERED = frozenset({"case_manager", "authority", "reviewer"})
KIN = ANSWERED | {"liaison"}
ROSTERED = KIN | {"planner"}

PAGES = {
    # name: (method, arguments, roles that get it, whether a stranger gets it)
    "home": ("get", (), EVERYBODY, False),
    "style": ("get", ("x",), EVERYBODY, True),
    "script": ("get", ("x",), EVERYBODY, True),
    "handovers": ("get", (), HANDLERS, False),
    "boxes": ("get", (), HANDLERS, False),
    "box": ("get", ("BOX1",), HANDLERS - {"reviewer"}, False),
    "labels": ("get", ("BOX1",), INVENTORY - {"reviewer"}, False),
    "bench": ("get", (), INVENTORY, False),
    "bone": ("get", ("S1",), INVENTORY - {"reviewer"}, False),
    "individuals": ("get", (), ANSWERED | BENCH, False),
    # A way only: where it leads decides what one may see there.
    "latest_individual": ("get", ("I1",), ANSWERED | BENCH, False),
    "missing": ("get", (), ROSTERED, False),
    "man": ("get", ("M1",), ROSTERED - {"reviewer"}, False),
    "families": ("get", (), KIN, False),
    "family": ("get", ("F1",), KIN - {"reviewer"}, False),
    "search": ("get", (), EVERYBODY, False),
    "keep_search": ("post", (), EVERYBODY, False),
    # What somebody keeps is nobody else's: it is the planner's.
    "forget_search": ("post", (1,), frozenset({"planner"}), False),
    "ledger": ("get", (), frozenset({"authority", "oversight"}), False),
    "setup": ("get", (), NOBODY, False),
    "sign_in": ("get", (), EVERYBODY, True),
    "code": ("get", (), EVERYBODY, True),
    "enrol": ("get", (), EVERYBODY, False),
    "own": ("get", (), EVERYBODY, False),
    "own_password": ("get", (), EVERYBODY, False),
    "revoke_token": ("post", (1,), EVERYBODY, False),
    "reset_password": ("get", (1,), ADMINISTRATOR, False),
    "reset_second_factor": ("post", (1,), ADMINISTRATOR, False),
    "sign_out": ("post", (), EVERYBODY, False),
    "users": ("get", (), ADMINISTRATOR, False),
    "add_user": ("get", (), ADMINISTRATOR, False),
    "close_user": ("post", (1,), ADMINISTRATOR, False),
    **CASEWORK,
}
"""Every page with those who may have it. A page that is not here fails the test below: say who it is for."""

RECORD = '{"results": {"best": "M1"}}'
ANSWER = {
    "individuals": "individual_id,specimens,missing_id,probability,runner_up_id,runner_up_probability,origin,verdict,"
    "lines,conflicts,reason\nI1,1,M1,0.9,,,,shortlist,,,\n",
    "assignments": "specimen_id,individual_id,missing_id,probability\nS1,I1,M1,0.9\n",
    "candidates": "individual_id,rank,missing_id,probability,log10_lr_total,log10_lr_str\nI1,1,M1,0.9,4.5,4.5\n",
}
"""Tables of a run as identify writes them."""

OPINION = {
    "outcome": "exclusion",
    "specimen_ids": "",
    "missing_id": "M2",
    "subject": "missing:M2",
    "signed_by": "somebody",
    "signed_at": "2019-01-01",
    "reviewed_by": "reviewer",
    "reviewed_at": "2019-01-02",
    "decided_by": "somebody else",
    "decided_at": "2019-01-03",
    "state": "decided",
}
"""One that everybody who reads opinions may see: it is decided, and the reviewer reviewed it."""


def picture() -> bytes:
    """A small photograph."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(out, "JPEG")
    return out.getvalue()


def staff_and_run() -> None:
    """One person of each role, a job and a frozen run."""
    for role in ROLES:
        make_person(role)
    queue.ask("identify", {}, "authority")
    with acting("authority"):
        run = Run.objects.create(name="a run", ledger_count=1, ledger_head="0" * 64, record=RECORD)
        for name, table in ANSWER.items():
            RunTable.objects.create(run=run, name=name, csv=table)
    runs.freeze(Viewer("authority", ("authority",)), run, "opinions rest on this run")


@pytest.fixture
def house(case: str) -> str:
    """A record with one person of each role, and one of each thing that has a page."""
    staff_and_run()
    with acting("authority"):
        Opinion.objects.create(**OPINION)
        Report.objects.create(source_id="N1", title="a report", published_on="2018-09-07", text="They met.")
        Import.objects.create(file="a.csv", by="planner", at="2019-01-01")
    anthropologist = Viewer("anthropologist", ("anthropologist",))
    searches.keep(User.objects.get(name="planner"), "a place", "Unsan")
    photos.add(anthropologist, "specimens", "S1", picture(), "anterior view")
    proposals.propose(anthropologist, Asked(Run.objects.get(), "I1", "S2", "in"), "it fits at the joint")
    return case


def client_of(role: str | None) -> Client:
    """A browser in which somebody of this role is signed in, or nobody."""
    client = Client(headers={"host": "localhost"})
    if role:
        client.force_login(User.objects.get(name=role))
        session = client.session
        session["began"] = session["seen"] = time.time()
        session.save()
    return client


def patterns() -> dict[str, object]:
    """Every page; the operations of the API are in ``test_api.py``."""
    return {p.name: p.callback for p in get_resolver().url_patterns if p.pattern.describe() != "'api/'"}


def test_every_page_is_known_and_says_what_it_asks() -> None:
    assert set(patterns()) == set(PAGES)
    assert [name for name, view in patterns().items() if endpoint_of(view) is None] == []
    [api] = [p for p in get_resolver().url_patterns if p.pattern.describe() == "'api/'"]
    assert [p.name for p in api.url_patterns if endpoint_of(p.callback) is None] == []


@pytest.mark.parametrize("role", [None, *ROLES])
def test_who_gets_which_page(house: str, role: str | None) -> None:
    for name, (method, arguments, roles, stranger) in PAGES.items():
        response = getattr(client_of(role), method)(reverse(name, args=arguments))
        may = stranger if role is None else role in roles
        if may:
            assert response.status_code in {200, 302, 409, 422}, (role, name, response.status_code)
            assert not response.get("Location", "").startswith("/sign-in/?"), (role, name)
        elif role is None and name != "setup":
            assert response["Location"].startswith("/sign-in/?next="), name
        else:
            assert response.status_code in {403, 404}, (role, name, response.status_code)


def test_a_page_that_says_nothing_is_not_served(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(patterns()["home"], "endpoint")
    assert client_of("authority").get("/").status_code == 404


@pytest.mark.parametrize("role", sorted(BENCH))
def test_nothing_names_anybody_before_the_blind(house: str, role: str) -> None:
    """Names of the sound case carry a word that must turn up nowhere: not in rows, pages, errors or headers."""
    viewer, client = Viewer(role, (role,)), client_of(role)
    told = []
    for resource in selectors.TABLES:
        try:
            told.append(repr(selectors.rows(viewer, resource)))
        except Refused as error:
            told.append(str(error))
    for name, (method, arguments, _, _) in PAGES.items():
        response = getattr(client, method)(reverse(name, args=arguments))
        told.append(response.content.decode(errors="replace") + repr(response.headers))
    for path in ("/missing/CANARY", "/evidence/runs/99/", "/style/none.css"):
        told.append(client.get(path).content.decode().replace(path, ""))
    # QR codes and drawings move their pens with the letter M.
    everything = re.sub(r'src="data:[^"]*"|\bd="[^"]*"', "", "".join(told))
    assert re.search(r"\bM1\b", everything) is None
    assert "CANARY" not in everything


def test_the_canary_would_be_heard(house: str, viewers: dict[str, Viewer]) -> None:
    assert "CANARY-NAME-1" in repr(selectors.rows(viewers["case_manager"], "missing"))


def test_nobody_is_there_from_the_beginning(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "the word on the terminal")
    client = client_of(None)
    assert not User.objects.exists()
    assert client.get("/setup/").status_code == 404
    assert client.get("/setup/?token=guess").status_code == 404
    form = {"token": "the word on the terminal", "name": "root", "full_name": "R. Oot", "password": PASSWORD}
    assert client.get("/setup/", {"token": form["token"]}).status_code == 200
    assert client.post("/setup/", form | {"password": "short"}).status_code == 422
    assert client.post("/setup/", form | {"password": "password1234"}).status_code == 422
    assert client.post("/setup/", form).status_code == 302
    assert User.objects.get().roles == "administrator"
    assert client.post("/setup/", form | {"name": "second"}).status_code == 404
    assert client.post("/sign-in/", {"name": "root", "password": PASSWORD}).status_code == 302
    assert Event.objects.get().kind == "sign in"
    assert verify().faults == ()


def test_five_wrong_passwords_lock(house: str) -> None:
    client = client_of(None)
    for _ in range(5):
        assert client.post("/sign-in/", {"name": "planner", "password": "wrong"}).status_code in {422, 429}
    locked = client.post("/sign-in/", {"name": "planner", "password": PASSWORD})
    assert locked.status_code == 429
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(("began", "seen"), [(13 * 3600, 0), (3600, 31 * 60)])
def test_a_sign_in_ends(house: str, began: int, seen: int) -> None:
    client = client_of("planner")
    session = client.session
    session["began"], session["seen"] = time.time() - began, time.time() - seen
    session.save()
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_closing_an_account_ends_its_sessions(house: str) -> None:
    client, administrator = client_of("planner"), client_of("administrator")
    assert client.get("/").status_code == 200
    administrator.post(reverse("close_user", args=(User.objects.get(name="planner").pk,)), {"reason": "left"})
    assert client.get("/").status_code == 302
    own = reverse("close_user", args=(User.objects.get(name="administrator").pk,))
    assert administrator.post(own).status_code == 409


def test_a_blind_role_is_not_given_with_a_seeing_one(house: str) -> None:
    form = {"name": "both", "full_name": "B", "roles": ["geneticist", "liaison"], "password": PASSWORD}
    response = client_of("administrator").post("/people/add/", form)
    assert response.status_code == 422
    assert "cannot be held" in response.content.decode()
    assert not User.objects.filter(name="both").exists()


def test_headers(house: str) -> None:
    response = client_of("planner").get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    page = response.content.decode()
    assert "style=" not in page
    assert "http://" not in page
    assert "https://" not in page
    cookie = client_of(None).get("/sign-in/").cookies["csrftoken"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_another_host_is_not_answered(house: str) -> None:
    assert Client(headers={"host": "elsewhere.example"}).get("/sign-in/").status_code == 400


def test_forms_need_their_token(house: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    response = client.post("/sign-in/", {"name": "planner", "password": PASSWORD})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()


def test_no_open_redirect(house: str) -> None:
    form = {"name": "planner", "password": PASSWORD}
    assert client_of(None).post("/sign-in/?next=//elsewhere.example/", form)["Location"] == "/"
    assert client_of(None).post("/sign-in/?next=/evidence/", form)["Location"] == "/evidence/"


def test_too_many_requests(house: str, settings_of_rate: None) -> None:
    client = client_of("planner")
    assert [client.get("/").status_code for _ in range(6)][-1] == 429


@pytest.fixture
def settings_of_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "REQUESTS_PER_MINUTE", 4)


def test_a_form_from_the_registry(case: str, viewers: dict[str, Viewer]) -> None:
    from cenotaph.workplace.pages.forms import form_for

    form = form_for(
        viewers["anthropologist"], "specimens", "add", {"specimen_id": "S9", "side": "L", "completeness": "2"}
    )
    assert "note" not in form.fields
    assert not form.is_valid()
    assert form.errors == {"completeness": ["at most 1"]}


def test_jobs_are_taken_up_again(case: str) -> None:
    from cenotaph.workplace.jobs.worker import run

    asked = queue.ask("identify", {}, "authority")
    assert queue.claim().pk == asked.pk
    assert queue.claim() is None
    assert queue.take_up_again() == 1
    for _ in range(queue.MOST_ATTEMPTS - 1):
        again = queue.claim()
        assert queue.take_up_again() == (again.attempts < queue.MOST_ATTEMPTS)
    assert Job.objects.get().state == "failed"
    unknown = queue.ask("dig", {}, "authority")
    run(queue.claim())
    unknown.refresh_from_db()
    assert (unknown.state, unknown.message) == ("failed", "an error of the program: KeyError")


def test_the_second_factor(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django_otp import oath
    from django_otp.oath import TOTP

    from cenotaph.workplace.pages import second_factor

    now = time.time()
    monkeypatch.setattr(oath, "time", lambda: now)
    client = client_of("planner")
    client.get("/second-factor/")
    secret = bytes.fromhex(client.session["offered"])
    assert client.post("/second-factor/", {"code": "000 000"}).status_code in {422, 302}
    assert client.post("/second-factor/", {"code": f"{TOTP(secret).token():06d}"}).status_code == 302
    stored = User.objects.get(name="planner")
    assert secret.hex() not in stored.second_factor
    stranger, form = client_of(None), {"name": "planner", "password": PASSWORD}
    assert stranger.post("/sign-in/", form)["Location"] == "/sign-in/code/"
    assert stranger.get("/").status_code == 302
    assert stranger.post("/sign-in/code/", {"code": f"{TOTP(secret).token():06d}"}).status_code == 422
    monkeypatch.setattr(oath, "time", lambda: now + 30)
    assert stranger.post("/sign-in/code/", {"code": f"{TOTP(secret).token():06d}"}).status_code == 302
    assert stranger.get("/").status_code == 200
    assert verify().faults == ()
    monkeypatch.setattr(second_factor, "step_of", lambda *_: None)
    guesser = client_of(None)
    guesser.post("/sign-in/", form)
    assert [guesser.post("/sign-in/code/", {"code": "123456"}).status_code for _ in range(6)][-1] == 429
    client_of("administrator").post(f"/people/{stored.pk}/second-factor/")
    assert stranger.get("/").status_code == 302
