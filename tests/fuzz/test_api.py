"""What schemathesis thinks of, sent to every operation of the API: nothing fails, and every answer is as described."""

from __future__ import annotations

import random
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import given
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cenotaph.workplace.access.rights import ROLES
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.api.urls import API
from cenotaph.workplace.ledger.verify import verify
from cenotaph.workplace.services import tokens
from tests.fuzz.effort import EFFORT, effort
from tests.workplace.conftest import make_person

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = 12
"""Operations tried in the suite, beside those that are not of a table; ``make verify`` tries all."""

EXAMPLES = 3


@pytest.mark.slow
def test_every_operation_answers_as_described(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REQUESTS_PER_MINUTE", 10**9)
    description = API.get_openapi_schema()
    words = {role: tokens.make(make_person(role), "a trial") for role in ROLES}
    operations = [found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations()]
    if EFFORT == 1:
        of_tables = [o for o in operations if "/tables/" in o.path]
        drawn = random.Random(len(str(description))).sample(of_tables, OPERATIONS)
        operations = [o for o in operations if "/tables/" not in o.path] + drawn
    app = WSGIHandler()
    for operation in operations:
        word = words[_role_for(operation.method, operation.path)]
        headers = {"Authorization": f"Bearer {word}"}
        # A number drawn at random is that of no row; so the sound requests are about the first.
        there = {"path_parameters": {"id_": 1}} if operation.path.startswith("/api/tables/") else {}
        _try(operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **there), app, headers)
        _try(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), app, headers)
    assert verify().faults == ()


def _try(cases: Any, app: WSGIHandler, headers: dict[str, str]) -> None:
    @given(case=cases)
    @effort(EXAMPLES)
    def trial(case: Any) -> None:
        case.call_and_validate(app=app, base_url="http://localhost", headers=headers, checks=CHECKS)

    trial()


def _role_for(method: str, path: str) -> str:
    """A role that gets past the rights, so that what lies behind them is tried."""
    parts = path.split("/")
    if parts[2] != "tables":
        return {"moves": "case_manager", "proposals": "anthropologist"}.get(parts[2], "authority")
    verb = {"get": "see", "post": "add", "patch": "change", "delete": "remove"}[method]
    found = [role for role in ROLES if Viewer("", (role,)).may(verb, parts[3])]
    return found[-1] if found else "authority"
