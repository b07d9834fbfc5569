"""Searches that are kept: one's own, under a name, and not to be read in the database."""

from __future__ import annotations

import re

import pytest

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.models import LedgerEntry, SavedSearch, User
from cenotaph.workplace.services import searches
from cenotaph.workplace.services.records import Unsound
from tests.workplace.conftest import make_person
from tests.workplace.test_pages import client_of


@pytest.fixture
def manager(case: str) -> User:
    """Somebody who sees names."""
    return make_person("case_manager")


def test_a_search_is_kept_and_found_again(manager: User) -> None:
    client = client_of("case_manager")
    page = client.get("/search/", {"q": "CANARY-NAME-1"}).content.decode()
    assert "Keep this search" in page
    kept = client.post("/search/keep/", {"q": "CANARY-NAME-1", "name": "the first man"})
    assert kept["Location"] == "/search/?q=CANARY-NAME-1"
    assert "Keep this search" not in client.get(kept["Location"]).content.decode()
    for place in ("/", "/search/"):
        page = client.get(place).content.decode()
        assert '<a href="/search/?q=CANARY-NAME-1">the first man</a>' in page
    entries = LedgerEntry.objects.filter(table="saved_searches")
    assert "CANARY" not in repr(list(SavedSearch.objects.values())) + repr(list(entries.values()))
    [one] = searches.kept(manager)
    assert client.post(f"/search/{one.id}/forget/").status_code == 302
    assert searches.kept(manager) == []
    assert verify().faults == ()


def test_a_search_is_nobody_elses(manager: User) -> None:
    searches.keep(manager, "the first man", "CANARY-NAME-1")
    [one] = searches.kept(manager)
    other = make_person("liaison")
    assert searches.kept(other) == []
    assert "the first man" not in client_of("liaison").get("/").content.decode()
    with pytest.raises(Refused):
        searches.forget(other, one.id)
    assert client_of("liaison").post(f"/search/{one.id}/forget/").status_code == 403
    assert len(searches.kept(manager)) == 1


def test_a_name_is_kept_once(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    searches.keep(manager, "a place", "Unsan")
    searches.keep(manager, " a  place ", "Chosin")
    assert [(one.name, one.text) for one in searches.kept(manager)] == [("a place", "Chosin")]
    monkeypatch.setattr(searches, "MOST", 1)
    with pytest.raises(Unsound, match="1 searches already"):
        searches.keep(manager, "another", "Unsan")


@pytest.mark.parametrize(("name", "text"), [("", "x"), ("x", " "), ("x" * 81, "x"), ("x", "x" * 201), ("a\0b", "x")])
def test_what_is_no_search_is_not_kept(manager: User, name: str, text: str) -> None:
    response = client_of("case_manager").post("/search/keep/", {"name": name, "q": text})
    assert response.status_code == 422
    assert "Not saved yet" in response.content.decode()
    assert not SavedSearch.objects.exists()


def test_a_hit_says_where_the_words_stand(manager: User) -> None:
    client = client_of("case_manager")
    page = client.get("/search/", {"q": "BOX1"}).content.decode()
    assert re.search(r">S1</a> femur L <span[^>]*>· container: BOX1<", page)
    assert "<h2>Bones <" in page
    page = client.get("/search/", {"q": "CANARY-NAME-1"}).content.decode()
    assert "CANARY-GIVEN CANARY-NAME-1" in page
    assert "family name:" not in page, "it is shown anyway"
