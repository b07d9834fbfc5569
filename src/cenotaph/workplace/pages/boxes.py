"""A box at the bench: its bones on the skeleton, entry by keyboard, moves into it, and labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cenotaph.dossier.bone_tables import load_skeleton
from cenotaph.osteology.elements import find_side
from cenotaph.reports.drawings.skeleton import BoneLook, Key, draw_skeleton, elements_drawn
from cenotaph.reports.words import bone
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.labels import label_sheet
from cenotaph.workplace.pages.photos import photographed
from cenotaph.workplace.pages.row import row_or_404
from cenotaph.workplace.services import custody, records
from cenotaph.workplace.services.words import bone_words

SHOWN = ("specimen_id", "container_id", "element", "side", "zones", "completeness", "weight_g")
ENTERED = ("specimen_id", "element", "side", "zones", "completeness", "weight_g")
MANY = ("element", "side", "zones", "completeness", "weight_g", "specimen_id")
"""Cells of a line of many, in their order."""

Row = dict[str, Any]


@page("see", "containers")
@require_http_methods(["GET", "HEAD", "POST"])
def box(request: Any, key: str) -> HttpResponse:
    """A box and what is in it; a bone is entered here, or bones are moved into it."""
    viewer: Viewer = request.viewer
    found = row_or_404(viewer, "containers", key)
    if request.method == "POST":
        act = _enter if "element" in request.POST else _enter_many if "lines" in request.POST else _receive
        return act(request, found)
    return render(request, "box.html", _shown(viewer, found))


def _enter(request: Any, found: Row) -> HttpResponse:
    """Adds the bone that was typed; the answer to htmx is the bench alone, ready for the next one."""
    viewer: Viewer = request.viewer
    typed = {f: request.POST.get(f, "").strip() for f in ENTERED}
    try:
        values = understood(typed) | {"container_id": found["container_id"]}
        records.add(viewer, "specimens", {f: v for f, v in values.items() if v is not None}, "inventory")
    except records.Unsound as error:
        shown = _shown(viewer, found) | {"typed": typed, "problems": error.problems}
        return render(request, "_bench.html" if request.htmx else "box.html", shown, status=422)
    if request.htmx:
        return render(request, "_bench.html", _shown(viewer, found) | {"entered": values})
    return redirect("box", found["container_id"])


def _enter_many(request: Any, found: Row) -> HttpResponse:
    """Adds bones from lines, all of them or none; numbers go on from the last where a line has none."""
    viewer: Viewer = request.viewer
    text = request.POST.get("lines", "")
    problems: dict[str, str] = {}
    with acting(viewer.name, "inventory"), transaction.atomic():
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split(","))]
            typed = dict(zip(MANY, cells, strict=False))
            typed["specimen_id"] = typed.get("specimen_id") or next_number()
            try:
                values = understood(typed) | {"container_id": found["container_id"]}
                records.add(viewer, "specimens", {f: v for f, v in values.items() if v is not None}, "inventory")
            except records.Unsound as error:
                problems[_("line %(n)d") % {"n": number}] = str(error)
        if problems:
            transaction.set_rollback(True)
    if problems or not text.strip():
        told = problems or {_("lines"): _("type at least one bone")}
        shown = _shown(viewer, found) | {"lines": text, "line_problems": told}
        return render(request, "box.html", shown, status=422)
    return redirect("box", found["container_id"])


def _receive(request: Any, found: Row) -> HttpResponse:
    """Moves the bones whose codes were scanned into this box."""
    viewer: Viewer = request.viewer
    codes = request.POST.get("codes", "").split()
    moved_by = {name: request.POST.get(name, "") for name in ("received_by", "reason")}
    try:
        custody.move(viewer, codes, found["container_id"], **moved_by)
    except records.Unsound as error:
        shown = _shown(viewer, found) | {
            "move": moved_by | {"codes": "\n".join(codes)},
            "move_problems": error.problems,
        }
        return render(request, "box.html", shown, status=422)
    if custody.must_confirm(viewer, moved_by["received_by"]):
        return redirect("receipts")
    return redirect("box", found["container_id"])


@page("see", "specimens")
@require_safe
def labels(request: Any, key: str) -> HttpResponse:
    """Labels for the box and its bones, a PDF to print."""
    viewer: Viewer = request.viewer
    found = row_or_404(viewer, "containers", key)
    bones = bones_in(viewer, key)
    texts = [(key, found.get("label") or "", "")]
    texts += [(b["specimen_id"], bone(b["element"], b["side"]), key) for b in bones]
    response = HttpResponse(label_sheet(texts), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="labels.pdf"'
    return response


def bones_in(viewer: Viewer, box: str) -> list[Row]:
    """Bones that are in a box now, with the fields that the viewer may see."""
    fields = [f for f in SHOWN if viewer.may("see", "specimens", f)]
    return selectors.rows(
        viewer,
        "specimens",
        where={"specimen_id__in": custody.contents(viewer, box)},
        fields=fields,
        order=["specimen_id"],
    )


def _shown(viewer: Viewer, found: Row) -> dict[str, Any]:
    """What a page of a box shows."""
    shown: dict[str, Any] = {"box": found, "sees_bones": viewer.may("see", "specimens"), "typed": {}, "move": {}}
    shown |= photographed(viewer, "containers", found["container_id"])
    if not shown["sees_bones"]:
        return shown
    bones = bones_in(viewer, found["container_id"])
    measured = _measured(viewer, [b["specimen_id"] for b in bones])
    for row in bones:
        row["words"] = bone_words(row["element"] or "unknown", row["side"])
        row["measured"] = measured.get(row["specimen_id"], 0)
    title = _("Bones of box %(box)s") % {"box": found["container_id"]}
    return shown | {
        "bones": bones,
        "drawing": skeleton_of(bones, title),
        "elements": elements(),
        "may_add": viewer.may("add", "specimens"),
        "may_move": viewer.may("change", "specimens", "container_id"),
        "sees_measurements": viewer.may("see", "measurements"),
        "typed": {"specimen_id": next_number()},
        "move": {"received_by": viewer.name},
    }


def _measured(viewer: Viewer, specimens: list[str]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    if viewer.may("see", "measurements"):
        rows = selectors.rows(viewer, "measurements", where={"specimen_id__in": specimens}, fields=["specimen_id"])
        for row in rows:
            found[row["specimen_id"]] += 1
    return found


def skeleton_of(bones: Iterable[Row], title: str, *, linked: bool = True) -> SafeString:
    """Bones on the skeleton: what is there, with its numbers, each a way to its bone."""
    drawn = set(elements_drawn())
    by_place: dict[Key, list[str]] = defaultdict(list)
    for row in bones:
        place = (row["element"] or "unknown", row["side"] or "U")
        by_place[place if place in drawn else (place[0], "U")].append(row["specimen_id"])
    looks = {
        place: BoneLook("present", words=", ".join(ids), link=f"#bone-{ids[0]}" if linked else "")
        for place, ids in by_place.items()
    }
    return mark_safe(draw_skeleton(looks, title=title))


def elements() -> list[str]:
    """Every element, as it is entered."""
    return sorted(load_skeleton().elements)


def understood(typed: Mapping[str, str]) -> dict[str, str | None]:
    """A bone as it was typed, in the words of the registry: an element by any beginning that no other has.

    Raises:
        Unsound: an element that could be several, or a side that is none.

    >>> understood({"element": "fem", "side": "l", "completeness": "80 %"})
    {'element': 'femur', 'side': 'L', 'completeness': '0.8'}
    >>> understood({"element": "mandible", "side": ""})["side"]
    'M'
    """
    values: dict[str, str | None] = {f: v.strip() or None for f, v in typed.items()}
    skeleton, asked = load_skeleton(), (values.get("element") or "").lower()
    near = [name for name in skeleton.elements if asked and name.startswith(asked.replace(" ", "_"))]
    element = skeleton.find(asked) or (skeleton.elements[near[0]] if len(near) == 1 else None)
    if element is None:
        words = ", ".join(near) if near else _("an element such as femur")
        raise records.Unsound({"element": _("which one? %(words)s") % {"words": words}})
    values["element"] = element.name
    side = find_side(values.get("side") or "")
    if not values.get("side") and not element.is_paired:
        side = "M" if "M" in element.sides else "U"
    if side not in element.sides:
        raise records.Unsound({"side": _("one of %(sides)s") % {"sides": " ".join(sorted(element.sides))}})
    values["side"] = side
    if percent := re.fullmatch(r"(\d+(?:\.\d+)?) *%", values.get("completeness") or ""):
        values["completeness"] = f"{float(percent[1]) / 100:g}"
    return values


def next_number() -> str:
    """The number after that of the bone entered last."""
    from cenotaph.workplace.models import model_of

    bones = model_of("specimens").objects
    last = bones.order_by("-id").values_list("specimen_id", flat=True).first()
    match = re.fullmatch(r"(.*?)(\d+)", last or "S00000")
    if match is None:
        return ""
    stem, digits = match[1], match[2]
    number = int(digits) + 1
    while bones.filter(specimen_id=f"{stem}{number:0{len(digits)}d}").exists():
        number += 1
    return f"{stem}{number:0{len(digits)}d}"
