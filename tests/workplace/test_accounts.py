"""One's own account: the password, tokens, and signatures that ask for the password again."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import LedgerEntry, Opinion, Token, User
from tests.workplace.conftest import PASSWORD, make_person
from tests.workplace.test_pages import client_of

NEW = "another sentence that is long"
SIGN_IN = {"name": "planner", "password": PASSWORD}


@pytest.fixture
def planner(record: str) -> User:
    """Somebody with a password."""
    return make_person("planner")


def change(client, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> int:
    form = {"password": old, "new": new, "again": new if again is None else again}
    return client.post(reverse("own_password"), form).status_code


def test_a_password_is_changed(planner: User) -> None:
    here, elsewhere = client_of("planner"), client_of("planner")
    assert change(here, old="wrong") == 422
    assert change(here, new="short", again="short") == 422
    assert change(here, again="something else") == 422
    assert change(here) == 200
    assert here.get("/").status_code == 200, "the session that changed it goes on"
    assert elsewhere.get("/").status_code == 302, "every other ends"
    assert client_of(None).post("/sign-in/", SIGN_IN).status_code == 422
    assert client_of(None).post("/sign-in/", SIGN_IN | {"password": NEW}).status_code == 302
    entry = LedgerEntry.objects.filter(table="users", action="update").last()
    assert (entry.actor, entry.reason) == ("planner", "password changed")
    assert verify().faults == ()


def test_a_lost_password_is_replaced(planner: User) -> None:
    make_person("administrator")
    old = client_of("planner")
    address = reverse("reset_password", args=[planner.pk])
    administrator = client_of("administrator")
    assert administrator.post(address, {"password": NEW, "reason": ""}).status_code == 422
    assert administrator.post(address, {"password": "planner12345", "reason": "lost"}).status_code == 422
    assert administrator.post(address, {"password": NEW, "reason": "lost"}).status_code == 302
    assert old.get("/").status_code == 302
    assert client_of(None).post("/sign-in/", SIGN_IN | {"password": NEW}).status_code == 302


def test_a_token_is_made_and_shown_once(planner: User) -> None:
    client = client_of("planner")
    assert client.post(reverse("own"), {"label": "nightly", "password": "wrong"}).status_code == 422
    assert not Token.objects.exists()
    page = client.post(reverse("own"), {"label": "nightly", "password": PASSWORD}).content.decode()
    word = page.partition("<code>cenotaph_")[2].partition("</code>")[0]
    assert len(word) > 40
    again = client.get(reverse("own")).content.decode()
    assert word not in again
    assert "nightly" in again
    headers = {"authorization": f"Bearer cenotaph_{word}"}
    assert client_of(None).get("/api/me", headers=headers).json()["name"] == "planner"
    assert client.post(reverse("revoke_token", args=[Token.objects.get().pk])).status_code == 302
    assert client_of(None).get("/api/me", headers=headers).status_code == 401
    client.post(reverse("own"), {"label": "nightly", "password": PASSWORD})
    assert change(client) == 200
    assert "nightly" not in client.get(reverse("own")).content.decode(), "a new password ends every token"


def test_a_signature_is_no_place_to_guess(planner: User, case: str) -> None:
    make_person("case_manager")
    client = client_of("case_manager")
    opinion = {"outcome": "premature", "specimen_ids": "S1", "conclusion": "not decided", "limits": "Too little bone."}
    write = reverse("write_opinion")
    assert client.post(write, opinion).status_code == 422
    for _ in range(4):
        assert client.post(write, opinion | {"password": "a guess"}).status_code == 422
    assert client.post(write, opinion | {"password": "a guess"}).status_code == 429
    assert client.post(write, opinion | {"password": PASSWORD}).status_code == 429
    assert not Opinion.objects.exists()


def test_an_opinion_is_signed_with_the_password(case: str) -> None:
    make_person("case_manager")
    opinion = {"outcome": "premature", "specimen_ids": "S1", "conclusion": "not decided", "limits": "Too little bone."}
    page = client_of("case_manager").get(reverse("write_opinion")).content.decode()
    assert page.rindex('id="id_password"') > page.rindex("<textarea"), "the signature stands at the end"
    assert client_of("case_manager").post(reverse("write_opinion"), opinion | {"password": PASSWORD}).status_code == 302
    assert Opinion.objects.get().signed_by == "case_manager"
