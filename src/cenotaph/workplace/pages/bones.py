"""Bones: the list of all, and one with its measurements, its places and its history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cenotaph.dossier.bone_tables import load_measurements, load_skeleton
from cenotaph.dossier.tables import TABLES
from cenotaph.osteology.measurements import STANDARD, SUPPLEMENTAL, Measurement
from cenotaph.reports.drawings.zones import draw_zones
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.pages.boxes import bones_in, skeleton_of
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.forms import RowForm, form_for
from cenotaph.workplace.pages.listing import list_rows
from cenotaph.workplace.pages.photos import photographed
from cenotaph.workplace.pages.row import row_or_404
from cenotaph.workplace.pages.teeth import charted
from cenotaph.workplace.pages.words import ACTION_WORDS
from cenotaph.workplace.services import custody, records, specimens
from cenotaph.workplace.services.words import bone_words

PREFIX = "code-"
Row = dict[str, Any]


@page("see", "specimens")
@require_safe
def bench(request: Any) -> HttpResponse:
    """Every bone of the inventory."""
    viewer: Viewer = request.viewer
    heads = {
        "specimen_id": _("Specimen"),
        "container_id": _("Came in box"),
        "element": _("Element"),
        "side": _("Side"),
        "zones": _("Zones"),
        "completeness": _("Complete"),
        "weight_g": _("Weight (g)"),
    }
    filters = ("specimen_id", "container_id", "element", "side")
    listing = list_rows(request, viewer, "specimens", heads, filters=filters, order="specimen_id")
    for row in listing.rows:
        row["address"] = reverse("bone", args=(row["specimen_id"],))
    return render(request, "bench.html", {"listing": listing, "may_unmask": viewer.may("unmask", "missing")})


@page("see", "specimens")
@require_http_methods(["GET", "HEAD", "POST"])
def bone(request: Any, key: str) -> HttpResponse:
    """One bone; its description, its measurements and its place are changed here."""
    viewer: Viewer = request.viewer
    found = row_or_404(viewer, "specimens", key)
    if request.method != "POST":
        return render(request, "bone.html", _shown(viewer, found))
    acts = {"measure": _measure, "move": _move, "describe": _describe, "zones": _zones, "teeth": _teeth}
    acts["sample"] = _sample
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        return redirect("bone", key)
    return act(request, found)


def _describe(request: Any, found: Row) -> HttpResponse:
    form = _description(request.viewer, found, request.POST)
    if form.is_valid():
        try:
            seen = {f: request.POST.get(f"seen-{f}") or None for f in form.fields}
            records.change(
                request.viewer, "specimens", found["id"], form.values(), request.POST.get("reason", ""), seen=seen
            )
            return redirect("bone", found["specimen_id"])
        except records.Unsound as error:
            form.take(error)
        except records.Overtaken:
            form.add_error(None, _("Somebody changed this bone since you opened the page. Load it again."))
    return render(request, "bone.html", _shown(request.viewer, found) | {"form": form}, status=422)


def _zones(request: Any, found: Row) -> HttpResponse:
    """Keeps the zones that were ticked; all of them are the whole bone."""
    every = [number for number, *_rest in _zones_shown(found)]
    ticked = [number for number in every if number in request.POST.getlist("zone")]
    zones = "complete" if ticked and ticked == every else " ".join(ticked)
    seen = {"zones": request.POST.get("seen-zones") or None}
    try:
        records.change(request.viewer, "specimens", found["id"], {"zones": zones}, "zones", seen=seen)
    except records.Overtaken:
        told = _("Somebody changed this bone since you opened the page. Load it again.")
        return render(request, "bone.html", _shown(request.viewer, found) | {"zones_problem": told}, status=422)
    return redirect("bone", found["specimen_id"])


def _move(request: Any, found: Row) -> HttpResponse:
    asked = {name: request.POST.get(name, "").strip() for name in ("to_box", "received_by", "reason")}
    try:
        custody.move(request.viewer, [found["specimen_id"]], **asked)
    except records.Unsound as error:
        shown = _shown(request.viewer, found) | {"move": asked, "move_problems": error.problems}
        return render(request, "bone.html", shown, status=422)
    if custody.must_confirm(request.viewer, asked["received_by"]):
        return redirect("receipts")
    return redirect("bone", found["specimen_id"])


def _measure(request: Any, found: Row) -> HttpResponse:
    """Keeps the values that were typed; one that no adult has must be confirmed."""
    viewer: Viewer = request.viewer
    typed = {
        name.removeprefix(PREFIX): text.strip().replace(",", ".")
        for name, text in request.POST.items()
        if name.startswith(PREFIX) and text.strip()
    }
    problems, alerts = judged(typed, found["element"])
    if problems or (alerts and not request.POST.get("confirmed")):
        shown = _shown(viewer, found, typed) | {"measure_problems": problems, "alerts": alerts}
        return render(request, "bone.html", shown, status=422)
    reason = _("confirmed outside the usual range: %(codes)s") % {"codes": " ".join(alerts)} if alerts else ""
    taken = Counter(row["code"] for row in _values(viewer, found["specimen_id"]))
    with acting(viewer.name, reason):
        for code, value in typed.items():
            row = {"specimen_id": found["specimen_id"], "code": code, "value_mm": value, "observer": viewer.name}
            again = {"replicate": str(taken[code] + 1)} if taken[code] else {}
            records.add(viewer, "measurements", row | again, reason)
    return redirect("bone", found["specimen_id"])


def _teeth(request: Any, found: Row) -> HttpResponse:
    typed = request.POST.get("teeth", "")
    try:
        specimens.chart_teeth(request.viewer, found["specimen_id"], specimens.read_teeth(typed))
    except records.Unsound as error:
        shown = _shown(request.viewer, found) | {"teeth_typed": typed, "teeth_problems": error.problems}
        return render(request, "bone.html", shown, status=422)
    return redirect("bone", found["specimen_id"])


def _sample(request: Any, found: Row) -> HttpResponse:
    cells = {name: request.POST.get(name, "") for name in ("sample_id", "material", "laboratory", "collected_on")}
    try:
        specimens.take_sample(request.viewer, found["specimen_id"], cells)
    except records.Unsound as error:
        shown = _shown(request.viewer, found) | {"sample": cells, "sample_problems": error.problems}
        return render(request, "bone.html", shown, status=422)
    return redirect("bone", found["specimen_id"])


def judged(typed: Mapping[str, str], element: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with values, and which deserve a second look, each by its code.

    >>> problems, alerts = judged({"Fem_01": "45.1", "Fem_02": "x", "Hum_01": "300"}, "femur")
    >>> sorted(problems), sorted(alerts)
    (['Fem_02', 'Hum_01'], ['Fem_01'])
    """
    codes = load_measurements().by_code
    problems, alerts = {}, {}
    for code, text in typed.items():
        column = TABLES["measurements"].by_name["value_mm"]
        if code not in codes or codes[code].element != element:
            problems[code] = _("not a measurement of this bone")
        elif problem := records.problem_of(column, text):
            problems[code] = problem
        elif not codes[code].is_plausible(float(text)):
            limits = {"least": f"{codes[code].least:g}", "most": f"{codes[code].most:g}", "value": text}
            alerts[code] = _("%(value)s mm: adults have %(least)s to %(most)s") % limits
    return problems, alerts


def _description(viewer: Viewer, found: Row, data: Any = None) -> RowForm:
    may = viewer.fields("change", "specimens")
    only = tuple(f for f in may if f not in {"specimen_id", "container_id", "extra"})
    labels = {"weight_g": _("Weight"), "age_from": _("Age from"), "age_to": _("Age to")}
    return form_for(viewer, "specimens", "change", data, row=found, only=only, labels=labels)


def _values(viewer: Viewer, specimen_id: str) -> list[Row]:
    if not viewer.may("see", "measurements"):
        return []
    return selectors.rows(viewer, "measurements", where={"specimen_id": specimen_id})


def asked_of(element: str | None) -> list[Measurement]:
    """Measurements of an element, those of the standard set first."""
    usual = [*STANDARD.get(element or "", ()), *SUPPLEMENTAL.get(element or "", ())]
    codes = load_measurements()
    rest = [m.code for m in codes.of_element(element or "") if m.code not in usual]
    return [codes.by_code[code] for code in (*usual, *rest) if code in codes.by_code]


def _shown(viewer: Viewer, found: Row, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the page of a bone shows."""
    key = found["specimen_id"]
    moves = custody.history(viewer, key) if viewer.may("see", "specimens", "container_id") else []
    here = next((m.to_box for m in reversed(moves) if m.state == custody.COUNTS), found.get("container_id"))
    values = _values(viewer, key)
    codes = load_measurements().by_code
    for row in values:
        known = codes.get(row["code"])
        row["meaning"] = known.meaning if known else ""
        row["alert"] = known is not None and not known.is_plausible(float(row["value_mm"] or "nan"))
    may_measure = viewer.may("add", "measurements")
    entry = [(m, (typed or {}).get(m.code, "")) for m in asked_of(found.get("element"))] if may_measure else []
    siblings = [b["specimen_id"] for b in bones_in(viewer, here)] if here else []
    at = siblings.index(key) if key in siblings else -1
    may_change = viewer.may("change", "specimens")
    return {
        "bone": found,
        "words": bone_words(found.get("element") or "unknown", found.get("side")),
        "drawing": skeleton_of([found], _("Where the bone belongs"), linked=False),
        "zones": _zones_shown(found),
        "zone_map": _zone_map(found),
        "may_tick": viewer.may("change", "specimens", "zones"),
        "here": here,
        "moves": moves,
        "values": values,
        "entry": entry,
        "few": len(STANDARD.get(found.get("element") or "", ())) or 6,
        "previous": siblings[at - 1] if at > 0 else "",
        "next": siblings[at + 1] if 0 <= at < len(siblings) - 1 else "",
        "form": _description(viewer, found) if may_change else None,
        "may_move": viewer.may("change", "specimens", "container_id"),
        "move": {"received_by": viewer.name},
        "history": changes(selectors.history(viewer, "specimens", found["id"])),
        **charted(viewer, found),
        **photographed(viewer, "specimens", key),
        "sees_samples": viewer.may("see", "samples"),
        "samples": specimens.samples_of(viewer, key) if viewer.may("see", "samples") else (),
        "may_sample": viewer.may("add", "samples"),
    }


def _zones_shown(found: Row) -> list[tuple[str, str, bool]]:
    """Zones of the element: number, meaning, whether it is there. Of ribs and vertebrae parts share their numbers."""
    recorded = (found.get("zones") or "").split()
    meanings: dict[int, list[str]] = defaultdict(list)
    for zone in load_skeleton().zones_of(found.get("element") or ""):
        meanings[zone.number].append(f"{zone.meaning} ({zone.part})" if zone.part else zone.meaning)
    return [
        (str(number), "; ".join(words), recorded == ["complete"] or str(number) in recorded)
        for number, words in sorted(meanings.items())
    ]


def _zone_map(found: Row) -> str:
    """The scheme of the zones, for elements that have one."""
    there = [int(number) for number, _meaning, is_there in _zones_shown(found) if is_there]
    title = _("Where the zones lie: a scheme, from the front")
    return mark_safe(draw_zones(found.get("element") or "", found.get("side") or "", there, title=title))


def changes(entries: list[Row]) -> list[Row]:
    """Entries of a row's history with the fields that changed: before and after."""
    for entry in entries:
        before, after = entry["before"] or {}, entry["after"] or {}
        fields = [f for f in {**before, **after} if before.get(f) != after.get(f)]
        entry["did"] = ACTION_WORDS.get(entry["action"], entry["action"])
        entry["changed"] = [(f, before.get(f), after.get(f)) for f in fields]
    return entries
