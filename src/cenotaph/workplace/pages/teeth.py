"""Teeth on the page of a bone: those that are charted, drawn and in words, and a jaw to chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from cenotaph.odontology.chart import PRIMARY, SECONDARY, SURFACES, TEETH, Chart, code_words, tooth_words
from cenotaph.odontology.comparison import compare
from cenotaph.reports.drawings.mouth import QUARTERS, draw_mouths, draw_tooth
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.services import specimens

Row = dict[str, Any]
SURFACE_WORDS = ("mesial", "occlusal, incisal", "distal", "facial", "lingual")
"""Of `SURFACES`."""


def charted(viewer: Viewer, found: Row) -> dict[str, Any]:
    """The teeth of a bone that bears teeth, drawn and in words; no chart of any man beside them."""
    if found.get("element") not in specimens.TOOTH_BEARING or not viewer.may("see", "dental_charts"):
        return {}
    teeth = specimens.teeth_of(viewer, found["specimen_id"])
    shown: dict[str, Any] = {"bears_teeth": True, "may_chart": viewer.may("add", "dental_charts")}
    if shown["may_chart"]:
        shown |= _jaw(found["element"], {row["tooth"]: row["code"] for row in teeth})
    if teeth:
        chart = Chart.from_codes(found["specimen_id"], {row["tooth"]: row["code"] for row in teeth})
        compared = compare(Chart.from_codes(_("(no file shown)"), {}), chart)
        shown["mouth"] = mark_safe(draw_mouths(compared) + draw_mouths(compared, narrow=True))
        shown["teeth"] = [(r["tooth"], tooth_words(r["tooth"]), r["code"], code_words(r["code"])) for r in teeth]
    return shown


def _jaw(element: str, codes: Mapping[str, str]) -> dict[str, Any]:
    """The teeth that the bone can bear, or that are charted all the same, each as it is recorded and as it is drawn."""
    names = (_("upper right"), _("upper left"), _("lower right"), _("lower left"))
    is_borne = {"cranium": (True, True, False, False), "mandible": (False, False, True, True)}.get(element, (True,) * 4)
    quarters = []
    for name, row, borne in zip(names, QUARTERS, is_borne, strict=True):
        teeth = [TEETH[k] for k in row]
        if borne or any(tooth in codes for tooth in teeth):
            shown = [
                {"fdi": t, "words": tooth_words(t), "code": codes.get(t, ""), "drawn": mark_safe(draw_tooth(t))}
                for t in teeth
            ]
            quarters.append((name, shown))
    return {
        "jaw": quarters,
        "tooth_states": tuple(PRIMARY.items()),
        "tooth_surfaces": tuple(zip(SURFACES, SURFACE_WORDS, strict=True)),
        "tooth_materials": tuple(SECONDARY.items()),
    }
