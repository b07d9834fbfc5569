"""The first page, and the style sheet of all pages."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cenotaph.reports.style import css_variables
from cenotaph.workplace.pages.endpoint import open_to_all, open_to_staff


@open_to_staff()
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer."""
    return render(request, "home.html")


@cache
def style_sheet() -> str:
    """The house's sheet: its tokens, what pages share with the reports, and what only the workplace has."""
    shared = (resources.files("cenotaph.reports") / "templates" / "report.css").read_text(encoding="utf-8")
    own = (resources.files("cenotaph.workplace.pages") / "templates" / "workplace.css").read_text(encoding="utf-8")
    return f"{css_variables()}\n{shared}\n{own}"


@cache
def style_mark() -> str:
    """A mark that changes with the sheet, so that browsers may keep it."""
    return hashlib.sha256(style_sheet().encode()).hexdigest()[:12]


@open_to_all()
def style(request: HttpRequest, mark: str) -> HttpResponse:
    """The style sheet."""
    response = HttpResponse(style_sheet(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if mark == style_mark() else "no-cache"
    return response
