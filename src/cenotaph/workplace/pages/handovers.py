"""Handovers: what was received, and how far its boxes are inventoried."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.listing import list_rows, with_numbers

TOLD = ("on_date", "from_party", "to_party", "place", "mechanism", "claimed_individuals")


@page("see", "containers")
@require_safe
def handovers(request: Any) -> HttpResponse:
    """Every handover with its boxes, whoever handed it over."""
    viewer: Viewer = request.viewer
    bones = bones_by_box(viewer)
    boxes = selectors.rows(viewer, "containers", fields=["container_id", "transfer_id"])
    told = {}
    if viewer.may("see", "transfers"):
        told = {r["transfer_id"]: r for r in selectors.rows(viewer, "transfers", order=["on_date"])}
    found = []
    for transfer in dict.fromkeys([*told, *(b["transfer_id"] for b in boxes)]):
        mine = [b["container_id"] for b in boxes if b["transfer_id"] == transfer]
        if mine:
            found.append(
                {
                    "transfer_id": transfer,
                    "told": told.get(transfer, {}),
                    "boxes": len(mine),
                    "begun": sum(bool(bones[b]) for b in mine),
                    "bones": sum(bones[b] for b in mine),
                }
            )
    without = len(told) - sum(bool(one["told"]) for one in found)
    context = {"handovers": found, "without": without, "sees_bones": viewer.may("see", "specimens")}
    return render(request, "handovers.html", context)


@page("see", "containers")
@require_safe
def boxes(request: Any) -> HttpResponse:
    """The boxes of all handovers or of one."""
    viewer: Viewer = request.viewer
    heads = {
        "container_id": _("Box"),
        "label": _("Label"),
        "transfer_id": _("Handover"),
        "received_on": _("Received"),
        "claimed_place": _("Place as claimed"),
    }
    filters = ("container_id", "transfer_id", "claimed_place")
    listing = list_rows(request, viewer, "containers", heads, filters=filters, order="container_id")
    for row in listing.rows:
        row["address"] = reverse("box", args=(row["container_id"],))
    if viewer.may("see", "specimens"):
        listing = with_numbers(listing, "bones", _("Bones"), "container_id", bones_by_box(viewer))
    return render(request, "boxes.html", {"listing": listing})


def bones_by_box(viewer: Viewer) -> Counter[str]:
    """How many bones came in each box; empty for a viewer who does not see them."""
    if not viewer.may("see", "specimens", "container_id"):
        return Counter()
    return Counter(selectors.query(viewer, "specimens").values_list("container_id", flat=True))
