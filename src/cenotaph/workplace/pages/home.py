"""The first page, and the style sheet and script of all pages."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from cenotaph.reports.drawings.mouth import RULES, WIDTH_RULES
from cenotaph.reports.drawings.skeleton import SKELETON_CSS
from cenotaph.reports.drawings.zones import RULES as ZONE_RULES
from cenotaph.reports.style import css_variables
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import open_to_all, open_to_staff
from cenotaph.workplace.services import searches, tasks
from cenotaph.workplace.services.answers import latest_run
from cenotaph.workplace.services.segregation import latest_seen


@open_to_staff()
def home(request: Any) -> HttpResponse:
    """What waits for the viewer, and the counts of the record."""
    viewer: Viewer = request.viewer
    context = {
        "tasks": [_shown(one) for one in tasks.waiting(viewer)],
        "counts": [_shown(one) for one in tasks.counts(viewer)],
        "searches": searches.kept(request.user),
        "run": (latest_run() if viewer.may("see", "individuals") else latest_seen(viewer)) is not None,
    }
    return render(request, "home.html", context)


def _shown(count: tasks.Count) -> dict[str, Any]:
    """A count with the address of its page; pages that are not built are not there."""
    try:
        address = reverse(count.page) + count.query if count.page else ""
    except NoReverseMatch:
        address = ""
    return {"number": count.number, "words": count.words, "meaning": count.meaning, "address": address}


@cache
def style_sheet() -> str:
    """The house's sheet: its tokens, what pages share with reports, the drawings, and what only the workplace has."""
    shared = (resources.files("cenotaph.reports") / "templates" / "report.css").read_text(encoding="utf-8")
    site = (resources.files("cenotaph.reports.site") / "templates" / "site.css").read_text(encoding="utf-8")
    own = [_template("workplace.css"), _template("bench.css")]
    # The rules of the accounting site hold inside its own pages alone.
    account = f".account {{\n{site}\n}}"
    return "\n".join([css_variables(), shared, SKELETON_CSS, RULES, WIDTH_RULES, ZONE_RULES, account, *own])


@cache
def script_text() -> str:
    """The little script of the pages: keys at the bench, a jaw to chart, zones, bones to drag.

    Every page works without it.
    """
    return "\n".join(_template(f"{name}.js") for name in ("bench", "teeth", "zones", "drag"))


def _template(name: str) -> str:
    return (resources.files("cenotaph.workplace.pages") / "templates" / name).read_text(encoding="utf-8")


@cache
def style_mark() -> str:
    """A mark that changes with the sheet, so that browsers may keep it."""
    return _mark_of(style_sheet())


@cache
def script_mark() -> str:
    """The same for the script."""
    return _mark_of(script_text())


def _mark_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@open_to_all()
def style(request: HttpRequest, mark: str) -> HttpResponse:
    """The style sheet."""
    return _kept(style_sheet(), "text/css", mark == style_mark())


@open_to_all()
def script(request: HttpRequest, mark: str) -> HttpResponse:
    """The script."""
    return _kept(script_text(), "text/javascript", mark == script_mark())


def _kept(text: str, kind: str, is_current: bool) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return response
