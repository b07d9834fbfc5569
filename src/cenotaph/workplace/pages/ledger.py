"""The ledger: what happened, newest first, the digest that ties paper to it, and whether it is whole."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cenotaph.workplace.access import selectors
from cenotaph.workplace.ledger.verify import head, verify
from cenotaph.workplace.pages.endpoint import page

PAGE = 100
MOST_FAULTS = 20


@page("see", "ledger")
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: Any) -> HttpResponse:
    """Entries of the ledger with the fields that are open to the viewer, never the cells; it is verified here."""
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
    if request.method == "POST":
        context |= _verified(request.POST)
    return render(request, "ledger.html", context, status=422 if context.get("problem") else 200)


def _verified(asked: Any) -> dict[str, Any]:
    """What a verification found, against the root and number of an earlier paper where they are given."""
    root, number = asked.get("root", "").strip().lower(), asked.get("count", "").strip()
    typed = {"root": root, "number": number}
    if root and not re.fullmatch("[0-9a-f]{64}", root):
        return {"typed": typed, "problem": _("a root has 64 signs, 0 to 9 and a to f")}
    if number and not (number.isascii() and number.isdigit() and len(number) < 16):
        return {"typed": typed, "problem": _("the number of an entry")}
    found = verify(root=root or None, count=int(number) if number else None)
    faults = found.faults[:MOST_FAULTS]
    return {"typed": typed, "found": found, "faults": faults, "more": len(found.faults) - len(faults)}
