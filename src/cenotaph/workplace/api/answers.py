"""What the API answers when it does not do what it was asked: one form for all, in the words of the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.services.records import Overtaken, Unsound

NOT_HERE = "This is not there, or not for your role."
STATUSES = frozenset({400, 401, 403, 404, 409, 422, 429})


class Problem(Schema):
    """Why nothing was done."""

    error: str = Field(description="what is wrong")
    problems: dict[str, str] = Field(default={}, description="what is wrong with single fields")


def answers_with(schema: Any, status: int = 200) -> dict[Any, Any]:
    """The answers of an operation: *schema*, or a `Problem`."""
    return {status: schema, STATUSES: Problem}


def explain(api: NinjaAPI) -> None:
    """Makes the API answer errors with a `Problem`."""

    def told(kind: type[Exception], status: int, words: Any) -> None:
        def handler(request: HttpRequest, error: Any) -> HttpResponse:
            text, problems = words(error)
            return api.create_response(request, {"error": text, "problems": problems}, status=status)

        api.add_exception_handler(kind, handler)

    told(AuthenticationError, 401, lambda _: ("Sign in, or send a token.", {}))
    told(Refused, 403, lambda _: (NOT_HERE, {}))
    told(Http404, 404, lambda _: (NOT_HERE, {}))
    told(Overtaken, 409, lambda error: (str(error), {}))
    told(Unsound, 422, lambda error: ("Not allowed by the registry.", error.problems))
    told(InvalidInput, 422, lambda error: (str(error), {}))
    told(ValidationError, 422, lambda error: ("Not what this takes.", _places(error)))

    def failed(request: HttpRequest, error: Any) -> HttpResponse:
        return api.create_response(request, {"error": str(error), "problems": {}}, status=error.status_code)

    api.add_exception_handler(HttpError, failed)


def _places(error: ValidationError) -> dict[str, str]:
    return {".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]): str(e["msg"]) for e in error.errors}
