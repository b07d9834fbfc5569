"""A decision in force, and its end: what came with a load is re-opened here, what was made here where it was made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.pages.decisions import OUTCOME_LABELS, ReasonForm
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.row import row_or_404
from cenotaph.workplace.services import in_force

KIND_WORDS = OUTCOME_LABELS | {
    "link": _("Link: these remains are of one person"),
    "separate": _("Separation: these remains are of different persons"),
}
"""What kinds of decisions mean."""


@page("see", "decisions")
@require_http_methods(["GET", "HEAD", "POST"])
def settled(request: Any, key: str) -> HttpResponse:
    """A decision with where it came from; the authority re-opens it here if it came with a load."""
    found = row_or_404(request.viewer, "decisions", key)
    if request.method != "POST":
        return _shown(request, found)
    form = ReasonForm(request, request.POST)
    if not form.is_valid():
        return _shown(request, found, form, 422)
    try:
        in_force.reopen(request.viewer, key, form.cleaned_data["text"])
    except Refused as error:
        form.add_error(None, str(error))
        return _shown(request, found, form, 409)
    return redirect("decisions")


def _shown(request: Any, found: dict[str, Any], form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    key = found["decision_id"]
    kind, number = in_force.origins().get(key, ("", 0))
    context = {
        "decision": found,
        "kind": KIND_WORDS.get(found["kind"], found["kind"]),
        "specimens": (found["specimen_ids"] or "").split(),
        "sees_bones": request.viewer.may("see", "specimens"),
        "sees_men": request.viewer.may("see", "missing"),
        "opinion": number if kind == in_force.OPINION else 0,
        "proposal": number if kind == in_force.PROPOSAL else 0,
        "sees_proposals": request.viewer.may("see", "proposals"),
        "may_reopen": in_force.may_reopen(request.viewer, key),
        "form": form or ReasonForm(request),
    }
    return render(request, "in_force.html", context, status=status)
