"""Bones that were handed to somebody who works here: he says that he has them, or that he does not."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services import custody
from cenotaph.workplace.services.records import Unsound


@page("see", "specimens")
@require_http_methods(["GET", "HEAD", "POST"])
def receipts(request: Any) -> HttpResponse:
    """What waits for the viewer's word, and what the viewer handed to others."""
    viewer: Viewer = request.viewer
    problems: dict[str, str] = {}
    if request.method == "POST":
        chosen = [int(n) for n in request.POST.getlist("move") if n.isascii() and n.isdigit()]
        received = request.POST.get("answer") == "received"
        try:
            custody.answer(viewer, chosen, received=received, reason=request.POST.get("reason", ""))
            return redirect("receipts")
        except Unsound as error:
            problems = error.problems
    to_me, from_me = custody.handed_over(viewer)
    context = {"to_me": to_me, "from_me": from_me, "problems": problems}
    return render(request, "receipts.html", context, status=422 if problems else 200)
