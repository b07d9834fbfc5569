"""Photographs of a bone or a box: shown large, added, and removed for a reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.row import row_or_404
from cenotaph.workplace.services import photos
from cenotaph.workplace.services.records import Unsound

TABLES = {"bone": "specimens", "box": "containers"}
"""Tables by the name of the page of a row, which is also the word in the address."""

KINDS = {table: kind for kind, table in TABLES.items()}


@page("see", "photos")
@require_http_methods(["GET", "HEAD", "POST"])
def photos_of(request: Any, kind: str, key: str) -> HttpResponse:
    """The photographs of a bone or a box; one more is added here."""
    if kind not in TABLES:
        raise Http404
    if request.method != "POST":
        return _page(request, kind, key)
    file = request.FILES.get("file")
    caption = request.POST.get("caption", "")
    try:
        if file is None:
            raise Unsound({"file": _("Choose a file first.")})
        # One byte more than is taken tells that a file is too large.
        content = file.read(photos.LARGEST_FILE + 1)
        added = photos.add(request.viewer, TABLES[kind], key, content, caption)
    except Unsound as error:
        return _page(request, kind, key, {"problems": error.problems, "caption": caption})
    return redirect(f"{reverse('photos', args=(kind, key))}#photo-{added}")


@page("see", "photos")
@require_safe
def photo(request: Any, id_: int, size: str) -> HttpResponse:
    """The file of a photograph."""
    response = HttpResponse(photos.picture(request.viewer, id_, size), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("remove", "photos")
@require_POST
def remove_photo(request: Any, id_: int) -> HttpResponse:
    """Removes a photograph."""
    row = photos.row_of(request.viewer, id_, "remove")
    try:
        photos.remove(request.viewer, id_, request.POST.get("reason", ""))
    except Unsound as error:
        return _page(request, KINDS[row.table], row.key, {"unremoved": id_, "why_not": error.problems["reason"]})
    return redirect("photos", KINDS[row.table], row.key)


def _page(request: Any, kind: str, key: str, told: dict[str, Any] | None = None) -> HttpResponse:
    viewer: Viewer = request.viewer
    row_or_404(viewer, TABLES[kind], key)
    if not photos.may(viewer, "see", TABLES[kind]):
        raise Http404
    context = photographed(viewer, TABLES[kind], key) | {"key": key, "back": reverse(kind, args=(key,))}
    return render(request, "photos.html", context | (told or {}), status=422 if told else 200)


def photographed(viewer: Viewer, table: str, key: str) -> dict[str, Any]:
    """What the page of a row shows of its photographs; nothing where the viewer may not see them."""
    if not photos.may(viewer, "see", table):
        return {}
    return {
        "sees_photos": True,
        "photos": photos.photos_of(viewer, table, key),
        "may_photograph": photos.may(viewer, "add", table),
        "photos_at": reverse("photos", args=(KINDS[table], key)),
    }
