"""What waits for somebody: each task at *Home* leads to the rows that it counts, and to no others."""

from __future__ import annotations

import re
from html import unescape

import pytest

from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import model_of
from tests.workplace.conftest import make_person
from tests.workplace.test_pages import client_of

TASK = re.compile(r'class="n">(\d+)</span> <span><a href="([^"]+)">([^<]+)<')
ROW = re.compile(r'<th scope="row"><a href="([^"]+)">')


@pytest.fixture
def unfinished(case: str) -> None:
    """A box without bones, bones without measurement, chart or profile, and a man without a family."""
    rows = {
        "containers": [{"container_id": "BOX9"}],
        "specimens": [
            {"specimen_id": "S8", "element": "tibia", "side": "L", "container_id": "BOX1"},
            {"specimen_id": "S9", "element": "mandible", "side": "M", "container_id": "BOX1"},
        ],
        "samples": [{"sample_id": "B8", "origin": "specimen", "origin_id": "S8"}],
        "dental_charts": [{"subject_type": "missing", "subject_id": "S9", "tooth": "36", "code": "X"}],
    }
    with acting("test"):
        for resource, found in rows.items():
            for row in found:
                model_of(resource).objects.create(**row)


def listed(role: str, address: str) -> set[str]:
    """Rows of a list, by the last part of their address."""
    page = client_of(role).get(unescape(address)).content.decode()
    return {found.rstrip("/").rpartition("/")[2] for found in ROW.findall(page)}


@pytest.mark.parametrize(
    ("role", "words", "keys"),
    [
        ("anthropologist", "Boxes to begin", {"BOX9"}),
        ("anthropologist", "Bones to measure", {"S8"}),
        ("odontologist", "Jaws to chart", {"S9"}),
        ("geneticist", "Samples to type", {"S8"}),
        ("case_manager", "Men without a family", {"M2"}),
    ],
)
def test_a_task_leads_to_what_it_counts(unfinished: None, role: str, words: str, keys: set[str]) -> None:
    make_person(role)
    home = client_of(role).get("/").content.decode()
    [(number, address)] = [(int(n), a) for n, a, told in TASK.findall(home) if told == words]
    assert listed(role, address) == keys
    assert number == len(keys)
    page = client_of(role).get(f"{unescape(address)}&sort=-element").content.decode()
    assert "Only" in page
    word = address.partition("=")[2]
    assert f'<input type="hidden" name="todo" value="{word}">' in page, "a filter keeps to the task"
    assert f"todo={word}" in re.search(r'<th scope="col"[^>]*><a href="([^"]+)"', page)[1]  # type: ignore[index]


@pytest.mark.parametrize(("role", "word"), [("geneticist", "measure"), ("anthropologist", "chart")])
def test_one_science_is_not_told_what_another_did(unfinished: None, role: str, word: str) -> None:
    make_person(role)
    everything = listed(role, "/bench/")
    assert listed(role, f"/bench/?todo={word}") == everything != set()
    assert "Only" not in client_of(role).get(f"/bench/?todo={word}").content.decode()
    assert listed(role, "/bench/?todo=nonsense") == everything
