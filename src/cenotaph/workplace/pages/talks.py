"""Talks, promises, ground, money and figures: the pages of the accounting wing, as of a day and as known on a day."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from cenotaph.accounting.timeline import Asked
from cenotaph.errors import CenotaphError
from cenotaph.reports.site.pages import page_body, page_names
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services.accounts import record_for

WORDS = MappingProxyType(
    {
        "index": _("At a glance"),
        "talks": _("Talks"),
        "timeline": _("Timeline"),
        "commitments": _("Promises"),
        "handovers": _("Handovers"),
        "sites": _("Map and sites"),
        "missing": _("Missing"),
        "money": _("Money"),
        "appraisal": _("What next"),
        "figures": _("Figures"),
        "sources": _("Sources and claims"),
    }
)
NEEDS = MappingProxyType({"sites": "sites", "figures": "figures", "sources": "claims"})
"""The table that a page is about; all others need the engagements."""
NEEDED_BY_OTHERS = "engagements"


@page("see", "engagements")
def talks(request: Any) -> HttpResponse:
    """Where the talks stand."""
    return _shown(request, "index")


@page("see", "sites")
def sites(request: Any) -> HttpResponse:
    """Where they are thought to lie."""
    return redirect("account", "sites")


@page("see", "engagements", "sites", "figures", "claims")
def account(request: Any, name: str) -> HttpResponse:
    """A page of the wing."""
    return _shown(request, name)


def _open_to(viewer: Viewer, name: str) -> bool:
    return viewer.may("see", NEEDS.get(name, NEEDED_BY_OTHERS))


def _shown(request: Any, name: str) -> HttpResponse:
    viewer: Viewer = request.viewer
    record = record_for(viewer)
    when, problem = _when(request)
    if not _open_to(viewer, name) or name not in {*WORDS, *page_names(record, when)}:
        raise Http404
    body, lacking = "", ""
    is_empty = not record.rows(NEEDS.get(name, NEEDED_BY_OTHERS))
    if not is_empty:
        try:
            # The page comes from a template that escapes what the record says.
            body = mark_safe(page_body(record, when, name))
        except CenotaphError as error:
            lacking = str(error)
    context = {
        "tabs": [(n, w) for n, w in WORDS.items() if _open_to(viewer, n)],
        "here": name if name in WORDS else "handovers",
        "title": WORDS.get(name) or name.removeprefix("handover-").upper(),
        "on": when.as_of.isoformat(),
        "known": when.known_on.isoformat(),
        "problem": problem,
        "asked": request.GET.urlencode(),
        "empty": is_empty,
        "viewer_reads": viewer.may("see", "reports"),
        "lacking": lacking,
        "body": body,
    }
    return render(request, "account.html", context, status=422 if problem else 200)


def _when(request: Any) -> tuple[Asked, Any]:
    """The days that were asked for, today by default; and what is wrong with them."""
    today = date.today()
    on, known = request.GET.get("on", ""), request.GET.get("known", "")
    try:
        as_of = date.fromisoformat(on) if on else today
        known_on = date.fromisoformat(known) if known else today
    except ValueError:
        return Asked(today, today), _("A day is written as 2018-09-07.")
    if not date(1950, 1, 1) <= as_of <= date(2100, 1, 1):
        return Asked(today, today), _("The day is out of the record's time.")
    return Asked(as_of, known_on), None
