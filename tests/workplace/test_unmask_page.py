"""The page on which a blind role asks for a name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cenotaph.workplace.access.rights import BENCH, ROLES
from cenotaph.workplace.models import Event, LedgerEntry
from tests.workplace.conftest import PASSWORD, make_person
from tests.workplace.test_pages import client_of

ASKED = {"missing_id": "M1", "reason": "the tag in box 1 must be read", "password": PASSWORD}


def unmaskings() -> list[Event]:
    return list(Event.objects.filter(kind="unmask"))


@pytest.mark.parametrize("role", sorted(BENCH))
def test_a_name_is_shown_once_for_a_reason(case: str, role: str) -> None:
    make_person(role)
    client = client_of(role)
    assert "CANARY" not in client.get(reverse("unmask")).content.decode()
    text = client.post(reverse("unmask"), ASKED).content.decode()
    assert "CANARY-NAME-1" in text
    assert "CANARY-NICK" not in text, "columns that nobody declared stay closed"
    [event] = unmaskings()
    entry = LedgerEntry.objects.get(table="events", row=str(event.pk))
    assert (entry.actor, entry.reason, event.subject) == (role, ASKED["reason"], "missing M1")
    assert "CANARY" not in client.get(reverse("unmask")).content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"reason": "why"}, {"password": "not the right one"}, {"missing_id": ""}, {"missing_id": "M404"}],
    ids=["no reason", "wrong password", "nobody", "unknown"],
)
def test_without_a_reason_or_the_password_there_is_no_name(case: str, changed: dict[str, str]) -> None:
    make_person("odontologist")
    answer = client_of("odontologist").post(reverse("unmask"), ASKED | changed)
    assert answer.status_code == 422
    assert "CANARY" not in answer.content.decode()
    assert len(unmaskings()) == ("M404" in changed.values()), "that somebody asked is kept, found or not"


@pytest.mark.parametrize("role", sorted(set(ROLES) - BENCH))
def test_nobody_else_needs_it(case: str, role: str) -> None:
    make_person(role)
    assert client_of(role).post(reverse("unmask"), ASKED).status_code == 403
    assert unmaskings() == []
