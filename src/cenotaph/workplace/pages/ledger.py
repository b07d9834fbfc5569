"""The ledger: what happened, newest first, and the digest that ties paper to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cenotaph.workplace.access import selectors
from cenotaph.workplace.ledger.verify import head
from cenotaph.workplace.pages.endpoint import page

PAGE = 100


@page("see", "ledger")
@require_safe
def ledger(request: Any) -> HttpResponse:
    """Entries of the ledger with the fields that are open to the viewer; never the cells themselves."""
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    entries = selectors.ledger(request.viewer, before=before, limit=PAGE)
    count, digest = head()
    context = {
        "entries": entries,
        "count": count,
        "digest": digest,
        "sees_reason": request.viewer.may("see", "ledger", "reason"),
        "older": entries[-1]["seq"] if len(entries) == PAGE else 0,
        "is_newest": before is None,
    }
    return render(request, "ledger.html", context)
