"""Where a bone is and who holds it: every move is an event of the ledger, and the box it came in stays as it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import query, rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, LedgerEntry
from cenotaph.workplace.services.records import Unsound

KIND = "custody"
_SUBJECT = "specimens "


@dataclass(frozen=True, slots=True)
class Move:
    """One change of place.

    Args:
        specimen_id: what was moved.
        from_box, to_box: container it left (None: in none) and container it went to.
        received_by: who took it.
        by, at, reason: who entered it, when, and why, as the ledger has it.
    """

    specimen_id: str
    from_box: str | None
    to_box: str
    received_by: str
    by: str = ""
    at: str = ""
    reason: str = ""


def move(viewer: Viewer, specimen_ids: Collection[str], to_box: str, received_by: str, reason: str) -> int:
    """Moves bones to a box, all of them or none; returns how many were not there already.

    Raises:
        Refused: the role may not move bones.
        Unsound: a bone or the box is not known, or nobody is said to receive them.
    """
    viewer.require("change", "specimens", ("container_id",))
    wanted = list(dict.fromkeys(specimen_ids))
    with acting(viewer.name, reason.strip()):
        found = query(viewer, "specimens", "change").select_for_update().filter(specimen_id__in=wanted)
        came_in = dict(found.values_list("specimen_id", "container_id"))
        problems = {}
        if unknown := [s for s in wanted if s not in came_in]:
            problems["codes"] = _("not in the inventory: %(ids)s") % {"ids": ", ".join(unknown)}
        if not wanted:
            problems["codes"] = _("scan or type at least one bone")
        if not query(viewer, "containers").filter(container_id=to_box).exists():
            problems["to_box"] = _("no such box")
        if not received_by.strip():
            problems["received_by"] = _("somebody must receive them")
        if problems:
            raise Unsound(problems)
        now = places(came_in)
        moved = [s for s in wanted if now[s] != to_box]
        for specimen in moved:
            detail = {"from": now[specimen], "to": to_box, "received_by": received_by.strip()}
            Event.objects.create(
                kind=KIND, subject=_SUBJECT + specimen, detail=json.dumps(detail, ensure_ascii=False, sort_keys=True)
            )
    return len(moved)


def places(came_in: Mapping[str, str | None]) -> dict[str, str | None]:
    """Where bones are now: the box of the last move, else the one they came in (*came_in*)."""
    return dict(came_in) | {m.specimen_id: m.to_box for m in _moves(came_in)}


def contents(viewer: Viewer, box: str) -> list[str]:
    """Bones that are in *box* now, in the order of their numbers.

    Raises:
        Refused: the viewer may not see where bones are.
    """
    viewer.require("see", "specimens", ("specimen_id", "container_id"))
    last = {m.specimen_id: m.to_box for m in _moves(None)}
    seen = query(viewer, "specimens").values_list("specimen_id", flat=True)
    stayed = [s for s in seen.filter(container_id=box) if last.get(s, box) == box]
    arrived = [s for s, to in last.items() if to == box]
    return sorted({*stayed, *seen.filter(specimen_id__in=arrived)})


def history(viewer: Viewer, specimen_id: str) -> list[Move]:
    """Moves of one bone, oldest first.

    Raises:
        Refused: the viewer may not see the bone.
    """
    if not rows(viewer, "specimens", where={"specimen_id": specimen_id}, fields=["container_id"]):
        raise Refused("no such row of specimens")
    return list(_moves([specimen_id], with_entries=True))


def _moves(specimen_ids: Iterable[str] | None, *, with_entries: bool = False) -> Iterable[Move]:
    """Moves in the order in which they were made; of all bones where none are named."""
    events = Event.objects.filter(kind=KIND).order_by("id")
    if specimen_ids is not None:
        events = events.filter(subject__in=[_SUBJECT + s for s in specimen_ids])
    found = list(events.values_list("pk", "subject", "detail"))
    entries = {}
    if with_entries:
        ledger = LedgerEntry.objects.filter(table="events", row__in=[str(pk) for pk, *_rest in found])
        entries = {row: told for row, *told in ledger.values_list("row", "actor", "at", "reason")}
    for pk, subject, detail in found:
        cells = json.loads(detail)
        told = entries.get(str(pk), ())
        yield Move(subject.removeprefix(_SUBJECT), cells["from"], cells["to"], cells["received_by"], *told)
