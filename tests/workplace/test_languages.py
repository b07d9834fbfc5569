"""The catalogues: whole, compiled, and shown to whom chose them."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.urls import reverse
from django.utils.translation import override

import cenotaph.workplace
from cenotaph.workplace.access.rights import ROLES
from cenotaph.workplace.pages.navigation import RAIL, ROLE_TITLES
from tests.workplace.conftest import make_person
from tests.workplace.test_pages import client_of

LOCALE = Path(cenotaph.workplace.__file__).parent / "locale"
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
PLACE = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parts[-3])
def test_a_catalogue_is_compiled_and_keeps_its_places(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert path.with_suffix(".mo").read_bytes() == catalogue.to_binary()
    assert catalogue.percent_translated() >= 95
    assert catalogue.fuzzy_entries() == []
    for entry in catalogue.translated_entries():
        wanted = sorted(PLACE.findall(entry.msgid_plural or entry.msgid))
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            assert sorted(PLACE.findall(text)) == wanted, entry.msgid


def test_every_room_and_role_has_a_korean_name() -> None:
    words = {e.msgid for e in polib.pofile(str(CATALOGUES[0])).translated_entries()}
    with override("en"):
        assert {name: str(title) for name, title in ROLE_TITLES.items()} == {r.name: r.title for r in ROLES.values()}
        assert {str(title) for title in ROLE_TITLES.values()} <= words
        assert {str(word) for word, _name, _resources in RAIL} <= words


@override("en")  # The language of the last page must not stay for the tests that follow.
def test_pages_change_their_language(case: str) -> None:
    make_person("case_manager")
    client = client_of("case_manager")
    assert 'lang="en"' in client.get("/decisions/").content.decode()
    came = "http://localhost/decisions/"
    assert client.post(reverse("language"), {"language": "ko"}, headers={"referer": came})["Location"] == came
    text = client.get("/decisions/").content.decode()
    assert '<html lang="ko">' in text
    assert "소견 쓰기" in text
    assert "유족" in text
    away = {"referer": "https://elsewhere.example/"}
    assert client.post(reverse("language"), {"language": "xx"}, headers=away)["Location"] == "/"
    assert '<html lang="ko">' in client.get("/decisions/").content.decode()
    assert "로그인" in client_of(None).get("/sign-in/", headers={"accept-language": "ko"}).content.decode()
