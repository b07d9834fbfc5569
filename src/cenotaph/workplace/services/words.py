"""Bones in the language of the visitor."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from cenotaph.reports.words import bone

ELEMENTS: Mapping[str, Any] = MappingProxyType(
    {
        "cranium": _("cranium"),
        "mandible": _("mandible"),
        "tooth": _("tooth"),
        "hyoid": _("hyoid"),
        "vertebra": _("vertebra"),
        "sacrum": _("sacrum"),
        "sternum": _("sternum"),
        "rib": _("rib"),
        "clavicle": _("clavicle"),
        "scapula": _("scapula"),
        "humerus": _("humerus"),
        "radius": _("radius"),
        "ulna": _("ulna"),
        "scaphoid": _("scaphoid"),
        "lunate": _("lunate"),
        "triquetral": _("triquetral"),
        "pisiform": _("pisiform"),
        "trapezium": _("trapezium"),
        "trapezoid": _("trapezoid"),
        "capitate": _("capitate"),
        "hamate": _("hamate"),
        "metacarpal": _("metacarpal"),
        "os_coxa": _("os coxa"),
        "femur": _("femur"),
        "patella": _("patella"),
        "tibia": _("tibia"),
        "fibula": _("fibula"),
        "talus": _("talus"),
        "calcaneus": _("calcaneus"),
        "navicular": _("navicular"),
        "cuboid": _("cuboid"),
        "cuneiform": _("cuneiform"),
        "metatarsal": _("metatarsal"),
        "unknown": _("unknown"),
    }
)
"""Elements; of those that are numbered, what stands before the number."""


def bone_words(element: str, side: str | None) -> str:
    """An element with its side, in the language of the page; in English as `cenotaph.reports.words.bone` has it."""
    family, _line, number = element.rpartition("_")
    known = ELEMENTS.get(element) or (ELEMENTS.get(family) if number.isdigit() else None)
    if known is None:
        return bone(element, side)
    name = str(known) if element in ELEMENTS else f"{known} {number}"
    if side == "L":
        return now("left %(bone)s") % {"bone": name}
    if side == "R":
        return now("right %(bone)s") % {"bone": name}
    return now("%(bone)s, side unknown") % {"bone": name} if side == "U" else name
