"""Rows that the work has not reached yet: *Home* counts them, and the lists show them alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cenotaph.workplace.access.selectors import query
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import model_of
from cenotaph.workplace.services.specimens import TOOTH_BEARING

MEASURED = ("femur", "tibia", "fibula", "humerus", "radius", "ulna", "clavicle", "scapula", "os_coxa")
"""Elements that are measured first."""

PROFILES = ("str_profiles", "ystr_profiles", "mtdna_profiles")


@dataclass(frozen=True, slots=True)
class Undone:
    """Rows to which something is still to be done.

    Args:
        resource: their table.
        asks: the table in which it would stand; who does not see it is not told what is missing there.
        meaning: what they are, for a page.
        rows: those that a viewer may see.
    """

    resource: str
    asks: str
    meaning: Any
    rows: Callable[[Viewer], Any]


def _empty_boxes(viewer: Viewer) -> Any:
    return query(viewer, "containers").exclude(container_id__in=_named("specimens", "container_id"))


def _unmeasured(viewer: Viewer) -> Any:
    bones = query(viewer, "specimens").filter(element__in=MEASURED)
    return bones.exclude(specimen_id__in=_named("measurements", "specimen_id"))


def _uncharted(viewer: Viewer) -> Any:
    jaws = query(viewer, "specimens").filter(element__in=TOOTH_BEARING)
    return jaws.exclude(specimen_id__in=_named("dental_charts", "subject_id", subject_type="specimen"))


def untyped_samples(viewer: Viewer) -> Any:
    """Samples that the viewer may see and of which there is no profile of any kind."""
    typed = [Q(sample_id__in=_named(table, "sample_id")) for table in PROFILES]
    return query(viewer, "samples").exclude(Q(*typed, _connector=Q.OR))


def _untyped(viewer: Viewer) -> Any:
    bones = untyped_samples(viewer).filter(origin="specimen").values("origin_id")
    return query(viewer, "specimens").filter(specimen_id__in=bones)


def _kinless(viewer: Viewer) -> Any:
    men = query(viewer, "missing").exclude(status="accounted")
    return men.exclude(missing_id__in=_named("relatives", "missing_id"))


def _named(resource: str, field: str, **where: Any) -> Any:
    return model_of(resource).objects.filter(**where).exclude(**{field: None}).values(field)


UNDONE: Mapping[str, Undone] = {
    "begin": Undone("containers", "specimens", _("boxes of which no bone is entered yet"), _empty_boxes),
    "measure": Undone("specimens", "measurements", _("long and flat bones without any measurement"), _unmeasured),
    "chart": Undone("specimens", "dental_charts", _("crania, mandibles and teeth without a dental chart"), _uncharted),
    "type": Undone("specimens", "samples", _("bones with a sample of which there is no profile"), _untyped),
    "family": Undone("missing", "relatives", _("missing persons, not accounted for, without a pedigree"), _kinless),
}
"""By the word in the address of a list."""


def asked(viewer: Viewer, resource: str, word: str) -> Undone | None:
    """What a list of *resource* is asked for by *word*; None where that is nothing, or not for the viewer."""
    one = UNDONE.get(word)
    return one if one and one.resource == resource and viewer.may("see", one.asks) else None
