"""The missing: the roster, and one person with his loss, his family, his teeth and what the bones say of him."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cenotaph.odontology.chart import TEETH, Chart, code_words, combine, tooth_words
from cenotaph.odontology.comparison import compare
from cenotaph.reports import words
from cenotaph.reports.drawings.mouth import draw_mouths
from cenotaph.reports.drawings.pedigree import draw_pedigree
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ALL
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Opinion
from cenotaph.workplace.pages.bones import changes
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.pages.listing import list_rows
from cenotaph.workplace.pages.row import row_or_404
from cenotaph.workplace.services import answers
from cenotaph.workplace.services.runs import table

Row = dict[str, Any]


@page("see", "missing")
@require_safe
def missing(request: Any) -> HttpResponse:
    """The roster."""
    viewer: Viewer = request.viewer
    heads = {
        "missing_id": _("Number"),
        "family_name": _("Family name"),
        "given_names": _("Given names"),
        "service": _("Service"),
        "unit": _("Unit"),
        "incident_id": _("Loss"),
        "loss_date": _("Lost on"),
        "status": _("Status"),
    }
    name, ids = request.GET.get("name", "").replace("\0", "").strip(), None
    sees_names = viewer.may("see", "missing", "family_name")
    if name and sees_names:
        ids = [row["id"] for resource, row in selectors.search(viewer, name, limit=500) if resource == "missing"]
    filters = ("missing_id", "service", "incident_id", "status")
    kept = {"name": name}
    listing = list_rows(request, viewer, "missing", heads, filters=filters, order="missing_id", ids=ids, kept=kept)
    for row in listing.rows:
        row["address"] = reverse("man", args=(row["missing_id"],))
    return render(request, "missing.html", {"listing": listing, "name": name, "sees_names": sees_names})


@page("see", "missing")
@require_safe
def man(request: Any, key: str) -> HttpResponse:
    """One missing person."""
    viewer: Viewer = request.viewer
    found = row_or_404(viewer, "missing", key)
    book = answers.casebook_of(viewer, (), [key])
    family = book.family([key])
    name = " ".join(found[f] for f in ("given_names", "family_name") if found.get(f))
    context = {
        "man": found,
        "name": name,
        "facts": _facts(viewer, found),
        "family": family,
        "pedigree": mark_safe(draw_pedigree(family.drawing)) if family else "",
        "own": book.own_samples.get(key, ()),
        "sees_family": viewer.may("see", "relatives"),
        "sees_candidates": viewer.may("see", "candidates"),
        "likely": _likely(viewer, key),
        "opinions": _opinions(viewer, key),
        "history": changes(selectors.history(viewer, "missing", found["id"])),
        **_teeth(viewer, key),
    }
    return render(request, "man.html", context)


def _facts(viewer: Viewer, found: Row) -> list[tuple[Any, str]]:
    """What the record says of him, in the order in which one asks."""
    incident = found.get("incident_id")
    if incident and viewer.may("see", "incidents"):
        row = selectors.one(viewer, "incidents", incident)
        incident = row["name"] if row and row.get("name") else incident
    place = f"{found['latitude']}, {found['longitude']}" if found.get("latitude") and found.get("longitude") else ""
    if place and found.get("radius_km"):
        place += f" ± {found['radius_km']} km"
    told = (
        (_("Service number"), found.get("service_number")),
        (_("Service"), ", ".join(found[f] for f in ("grade", "service", "unit") if found.get(f))),
        (_("Born"), found.get("birth_date")),
        (_("Home of record"), found.get("home_of_record")),
        (_("Population"), found.get("population")),
        (_("Stature"), f"{found['stature_cm']} cm" if found.get("stature_cm") else ""),
        (_("Loss"), incident),
        (_("Lost on"), found.get("loss_date")),
        (_("Last known place"), place),
        (_("Status"), found.get("status")),
        (_("Note"), found.get("note")),
    )
    return [(head, text) for head, text in told if text]


def _teeth(viewer: Viewer, key: str) -> dict[str, Any]:
    """The chart of his file over that of the bones proposed as his, as far as both are there and open."""
    if not viewer.may("see", "dental_charts"):
        return {}
    ante = _chart(viewer, "missing", [key], key)
    if ante is None:
        return {"sees_teeth": True}
    specimens = _specimens_proposed(viewer, key)
    post = _chart(viewer, "specimen", specimens, _("the bones proposed")) or Chart.from_codes(
        _("nothing recovered yet"), {}
    )
    compared = compare(ante, post)
    drawn = draw_mouths(compared) + draw_mouths(compared, narrow=True)
    told = [(t, tooth_words(t), code, code_words(code)) for t, code in zip(TEETH, ante.codes, strict=True) if code]
    return {"sees_teeth": True, "mouth": mark_safe(drawn), "teeth": told}


def _chart(viewer: Viewer, kind: str, subjects: list[str], name: str) -> Chart | None:
    where = {"subject_type": kind, "subject_id__in": subjects}
    codes: dict[str, dict[str, str]] = {}
    for row in selectors.rows(viewer, "dental_charts", where=where, order=["charted_on"]):
        codes.setdefault(row["subject_id"], {})[row["tooth"]] = row["code"]
    charts = [Chart.from_codes(subject, found) for subject, found in codes.items()]
    return combine(name, charts).chart if charts else None


def _specimens_proposed(viewer: Viewer, key: str) -> list[str]:
    """Bones that the latest run gives to him."""
    run = answers.latest_run()
    if run is None or ALL not in viewer.fields_by_rows("see", "assignments"):
        return []
    named = {r["individual_id"] for r in table(run, "individuals") if r["missing_id"] == key}
    return [r["specimen_id"] for r in table(run, "assignments") if r["individual_id"] in named]


def _likely(viewer: Viewer, key: str) -> list[Row]:
    """Individuals of the latest run of whom he is a candidate, the likeliest first."""
    run = answers.latest_run()
    if run is None or not viewer.may("see", "candidates"):
        return []
    may = answers.open_individuals(viewer, run)
    found = [r for r in table(run, "candidates") if r["missing_id"] == key]
    ranked = sorted(found, key=lambda r: -float(r["probability"]))
    return [
        {
            "run_id": run.pk,
            "individual_id": r["individual_id"],
            "rank": r["rank"],
            "p": words.probability(float(r["probability"])),
            "lr": words.signed(float(r["log10_lr_total"])),
        }
        for r in ranked
        if may is None or r["individual_id"] in may
    ][:10]


def _opinions(viewer: Viewer, key: str) -> list[Row]:
    """How far the cases about him are; for those who may see all cases."""
    if ALL not in viewer.fields_by_rows("see", "opinions"):
        return []
    return list(Opinion.objects.filter(missing_id=key).order_by("-id").values("outcome", "state"))
