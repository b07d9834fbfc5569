"""The rail at the left: a few words, each for those who may see something behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.home import script_mark, style_mark

RAIL = (
    (_("Home"), "home", ()),
    (_("Talks"), "talks", ("engagements", "commitments")),
    (_("Handovers"), "handovers", ("containers",)),
    (_("Sites"), "sites", ("sites",)),
    (_("Missing"), "missing", ("missing",)),
    (_("Families"), "families", ("relatives",)),
    (_("Bench"), "bench", ("specimens",)),
    (_("Individuals"), "individuals", ("individuals", "segregation")),
    (_("Evidence"), "runs", ("jobs",)),
    (_("Decisions"), "decisions", ("decisions",)),
    (_("Ledger"), "ledger", ("ledger",)),
    (_("Import"), "imports", ("imports",)),
    (_("People"), "users", ("users",)),
)
"""Word, name of the address, and the resources of which the viewer must see one."""

ALSO = {
    "sites": ("/talks/",),
    "bench": ("/receipts/", "/photos/", "/unmask/"),
    "individuals": ("/proposals/",),
    "imports": ("/export/",),
}
"""Further beginnings of addresses under a word."""

ROLE_TITLES = {
    "planner": _("Negotiator or planner"),
    "case_manager": _("Case manager or historian"),
    "anthropologist": _("Anthropologist"),
    "odontologist": _("Odontologist"),
    "geneticist": _("Geneticist"),
    "reviewer": _("Reviewer"),
    "authority": _("Authority"),
    "liaison": _("Family liaison"),
    "oversight": _("Oversight"),
    "administrator": _("Administrator"),
}
"""The titles of the declaration, for translation."""


def rail(viewer: Viewer, path: str) -> list[dict[str, Any]]:
    """The entries for *viewer*; pages that are not built are not there."""
    entries = []
    for word, name, resources in RAIL:
        if resources and not any(viewer.may("see", r) for r in resources):
            continue
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        is_here = path == address if name == "home" else path.startswith((address, *ALSO.get(name, ())))
        entries.append({"word": word, "address": address, "here": is_here})
    # The map is a page of the talks, for those who see these; others come to it by its own word.
    marked = [entry for entry in entries if entry["here"]]
    for entry in marked[1:]:
        entry["here"] = False
    return entries


def context(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    frame: dict[str, Any] = {"style_mark": style_mark(), "script_mark": script_mark(), "rail": []}
    if viewer is None or not viewer.name:
        return frame
    titles = ", ".join(str(ROLE_TITLES[r]) for r in viewer.roles)
    return frame | {"rail": rail(viewer, request.path), "viewer": viewer, "roles_in_words": titles}
