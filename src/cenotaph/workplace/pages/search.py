"""One box that finds everything the viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.pages.endpoint import open_to_staff
from cenotaph.workplace.services import searches
from cenotaph.workplace.services.records import Unsound

MOST = 200
LONGEST_CELL = 80
TELLING = ("given_names", "family_name", "name", "title", "label", "element", "side", "kind", "inscription", "place")
"""Fields by which a hit is told apart, in this order."""

TABLE_WORDS = {
    "missing": _("Missing persons"),
    "incidents": _("Losses"),
    "relatives": _("Relatives"),
    "containers": _("Boxes"),
    "specimens": _("Bones"),
    "effects": _("Objects"),
    "decisions": _("Decisions"),
    "samples": _("Samples"),
    "sources": _("Sources"),
    "claims": _("Claims"),
    "people": _("Persons in talks"),
    "engagements": _("Talks"),
    "commitments": _("Promises"),
    "sites": _("Sites"),
    "operations": _("Work on the ground"),
    "transfers": _("Handovers"),
    "payments": _("Payments"),
}
"""What tables are called above their hits; others by their own name."""

PAGES: Mapping[str, tuple[str, str]] = {
    "missing": ("man", "missing_id"),
    "specimens": ("bone", "specimen_id"),
    "containers": ("box", "container_id"),
    "relatives": ("family", "family_id"),
    "decisions": ("settled", "decision_id"),
}
"""Table → name of the page of its rows, and the field that the page is asked for."""


@open_to_staff()
@require_safe
def search(request: Any) -> HttpResponse:
    """What was found, by table."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = selectors.search(request.viewer, text, limit=MOST) if text else []
    groups: dict[str, list[dict[str, str]]] = {}
    for resource, row in found:
        [key, *_rest] = TABLES[resource].key
        told = " ".join(str(row[f]) for f in TELLING if row.get(f))
        hit = {"key": row.get(key) or "", "told": told, "address": _address(resource, row)}
        hit["why"] = _why(row, text, f"{hit['key']} {told}")
        groups.setdefault(str(TABLE_WORDS.get(resource, resource.replace("_", " "))), []).append(hit)
    context = {
        "text": text,
        "groups": groups.items(),
        "total": len(found),
        "is_cut": len(found) >= MOST,
        "kept": searches.kept(request.user),
        "is_kept": any(one.text == text for one in searches.kept(request.user)),
    }
    return render(request, "search.html", context)


@open_to_staff()
@require_POST
def keep_search(request: Any) -> HttpResponse:
    """Keeps a search under a name."""
    text = request.POST.get("q", "")
    try:
        searches.keep(request.user, request.POST.get("name", ""), text)
    except Unsound as error:
        context = {"text": text, "name": request.POST.get("name", ""), "problems": error.problems}
        return render(request, "search.html", context | {"kept": searches.kept(request.user)}, status=422)
    return redirect(f"{reverse('search')}?{urlencode({'q': text.strip()})}")


@open_to_staff()
@require_POST
def forget_search(request: Any, id_: int) -> HttpResponse:
    """Removes a search of one's own."""
    searches.forget(request.user, id_)
    return redirect("search")


def _why(row: Mapping[str, Any], text: str, shown: str) -> str:
    """The cell in which *text* was found, where what is shown of the row does not have it."""
    if text.lower() in shown.lower():
        return ""
    cells = ((f, v) for f, v in row.items() if isinstance(v, str) and text.lower() in v.lower())
    field, value = next(cells, ("", ""))
    return f"{field.removesuffix('_id').replace('_', ' ')}: {value[:LONGEST_CELL]}" if field else ""


def _address(resource: str, row: Mapping[str, Any]) -> str:
    name, field = PAGES.get(resource, ("", ""))
    if not name or not row.get(field):
        return ""
    try:
        return reverse(name, args=(row[field],))
    except NoReverseMatch:
        return ""
