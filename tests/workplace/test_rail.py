"""The rail: what a role may not have is not there, and what is there answers."""

from __future__ import annotations

import re

import pytest

from cenotaph.workplace.access.rights import ROLES
from tests.workplace.conftest import make_person
from tests.workplace.test_pages import client_of


@pytest.mark.parametrize("role", ROLES)
def test_every_word_of_the_rail_leads_to_a_page(case: str, role: str) -> None:
    make_person(role)
    client = client_of(role)
    rail = re.search(r'<nav class="rail".*?</ol>', client.get("/").content.decode(), re.DOTALL)
    assert rail is not None
    ways = re.findall(r'<li><a href="([^"]+)"', rail[0])
    assert "/" in ways
    assert {way: client.get(way, follow=True).status_code for way in ways} == dict.fromkeys(ways, 200)


def test_one_word_of_the_rail_is_where_one_is(case: str) -> None:
    for role, word in (("case_manager", "Sites"), ("planner", "Talks")):
        make_person(role)
        page = client_of(role).get("/talks/sites.html").content.decode()
        assert re.findall(r'aria-current="page">([^<]+)</a></li>', page.partition("</ol>")[0]) == [word]
