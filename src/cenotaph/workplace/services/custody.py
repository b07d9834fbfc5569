"""Where a bone is and who holds it: every move is an event of the ledger, and the box it came in stays as it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import query, rows
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, LedgerEntry, User
from cenotaph.workplace.services.records import Unsound

KIND = "custody"
TABLE = "custody"
"""Name of the table in which moves leave with a dossier."""

TOLD = ("by", "at", "reason")
COLUMNS = ("specimen_id", "from_box", "to_box", "received_by", *TOLD)

ANSWER = "receipt"
"""Kind of the event in which somebody says whether he has what was handed to him."""

COUNTS, WAITS, DECLINED = "counts", "waits", "declined"
"""What became of a move. One that was handed to somebody who works here waits for his word before it counts."""

_SUBJECT = "specimens "
_ANSWERED = "events "
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Move:
    """One change of place.

    Args:
        specimen_id: what was moved.
        from_box, to_box: container it left (None: in none) and container it went to.
        received_by: who took it.
        by, at, reason: who entered it, when, and why, as the ledger has it.
        number: of its event.
        state: `COUNTS`, `WAITS` or `DECLINED`.
    """

    specimen_id: str
    from_box: str | None
    to_box: str
    received_by: str
    by: str = ""
    at: str = ""
    reason: str = ""
    number: int = field(default=0, compare=False)
    state: str = COUNTS


def move(viewer: Viewer, specimen_ids: Collection[str], to_box: str, received_by: str, reason: str) -> int:
    """Moves bones to a box, all of them or none; returns how many were not there already.

    Where another who works here is to receive them, the move counts once he says that he has them.

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
        if under_way := sorted({m.specimen_id for m in _moves(came_in) if m.state == WAITS}):
            problems.setdefault("codes", _("handed over and not yet received: %(ids)s") % {"ids": ", ".join(under_way)})
        if problems:
            raise Unsound(problems)
        now = places(came_in)
        moved = [s for s in wanted if now[s] != to_box]
        waits: dict[str, object] = {"waits": True} if must_confirm(viewer, received_by) else {}
        for specimen in moved:
            detail = _detail(now[specimen], to_box, received_by.strip(), **waits)
            Event.objects.create(kind=KIND, subject=_SUBJECT + specimen, detail=detail)
    return len(moved)


def must_confirm(viewer: Viewer, received_by: str) -> bool:
    """Whether *received_by* is another who works here and sees bones, so that he can say for himself what he has."""
    name = received_by.strip()
    other = User.objects.filter(name=name).exclude(name=viewer.name).first()
    return other is not None and Viewer.of(other).may("see", "specimens", "container_id")


def handed_over(viewer: Viewer) -> tuple[list[Move], list[Move]]:
    """Moves that wait: those for the viewer's word, and those of the viewer for another's."""
    waits = Event.objects.filter(kind=KIND, detail__contains='"waits": true').order_by("id")
    found = [m for m in _told(waits, with_entries=True) if m.state == WAITS]
    return [m for m in found if m.received_by == viewer.name], [m for m in found if m.by == viewer.name]


def answer(viewer: Viewer, numbers: Collection[int], *, received: bool, reason: str = "") -> None:
    """Says of moves that wait that the bones were received, or that they were not; all of them or none.

    The one to whom they were handed says either; the one who handed them over may take them back.

    Raises:
        Refused: one of the moves does not wait for this viewer.
        Unsound: none is named, or bones were not received and nobody says why.
    """
    if not numbers:
        raise Unsound({"move": _("choose at least one bone")})
    if not received and not reason.strip():
        raise Unsound({"reason": _("say why")})
    with acting(viewer.name, reason.strip()):
        list(Event.objects.select_for_update().filter(pk__in=numbers))  # Nobody else answers meanwhile.
        to_me, from_me = handed_over(viewer)
        mine = {m.number for m in (to_me if received else [*to_me, *from_me])}
        if not set(numbers) <= mine:
            raise Refused("no such bones wait for you")
        for number in numbers:
            Event.objects.create(kind=ANSWER, subject=f"{_ANSWERED}{number}", detail=COUNTS if received else DECLINED)


def places(came_in: Mapping[str, str | None]) -> dict[str, str | None]:
    """Where bones are now: the box of the last move, else the one they came in (*came_in*)."""
    return dict(came_in) | {m.specimen_id: m.to_box for m in _moves(came_in) if m.state == COUNTS}


def contents(viewer: Viewer, box: str) -> list[str]:
    """Bones that are in *box* now, in the order of their numbers.

    Raises:
        Refused: the viewer may not see where bones are.
    """
    viewer.require("see", "specimens", ("specimen_id", "container_id"))
    seen = query(viewer, "specimens")
    came = set(seen.filter(container_id=box).values_list("specimen_id", flat=True))
    # Who ever went to this box, whatever came after; the text is that of `_detail`.
    told = Event.objects.filter(kind=KIND, detail__contains=f'"to": {json.dumps(box, ensure_ascii=False)}')
    arrived = {subject.removeprefix(_SUBJECT) for subject in told.values_list("subject", flat=True)} - came
    came_in = dict.fromkeys(came, box) | dict(_where(seen, arrived))
    return sorted(specimen for specimen, at in places(came_in).items() if at == box)


def _where(seen: Any, specimen_ids: Collection[str]) -> Iterator[tuple[str, str | None]]:
    ids = sorted(specimen_ids)
    for start in range(0, len(ids), _AT_ONCE):
        some = seen.filter(specimen_id__in=ids[start : start + _AT_ONCE])
        yield from some.values_list("specimen_id", "container_id")


def record() -> list[dict[str, str | None]]:
    """Every move that counts, oldest first, with the cells of `COLUMNS`: how moves leave in a dossier."""
    return [{c: getattr(m, c) for c in COLUMNS} for m in _moves(None, with_entries=True) if m.state == COUNTS]


def take_in(rows: Iterable[Mapping[str, str | None]]) -> None:
    """Enters moves of another record, with who entered them there and when; within a block of `acting`."""
    events = [
        Event(
            kind=KIND,
            subject=_SUBJECT + (row["specimen_id"] or ""),
            detail=_detail(row["from_box"], row["to_box"] or "", row["received_by"] or "", told=[row[c] for c in TOLD]),
        )
        for row in rows
    ]
    Event.objects.bulk_create(events, batch_size=_AT_ONCE)


def _detail(from_box: str | None, to_box: str, received_by: str, **more: object) -> str:
    detail = {"from": from_box, "to": to_box, "received_by": received_by, **more}
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)


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
    if specimen_ids is None:
        yield from _told(events, with_entries)
        return
    ids = list(specimen_ids)
    for start in range(0, len(ids), _AT_ONCE):
        yield from _told(events.filter(subject__in=[_SUBJECT + s for s in ids[start : start + _AT_ONCE]]), with_entries)


def _told(events: Any, with_entries: bool) -> Iterator[Move]:
    found = list(events.values_list("pk", "subject", "detail"))
    entries: dict[str, list[str]] = {}
    if with_entries:
        for start in range(0, len(found), _AT_ONCE):
            keys = [str(pk) for pk, *_rest in found[start : start + _AT_ONCE]]
            ledger = LedgerEntry.objects.filter(table="events", row__in=keys)
            entries |= {row: told for row, *told in ledger.values_list("row", "actor", "at", "reason")}
    cells_of = {pk: json.loads(detail) for pk, _subject, detail in found}
    answers = _answers(pk for pk, cells in cells_of.items() if cells.get("waits"))
    for pk, subject, _detail_text in found:
        cells = cells_of[pk]
        state = answers.get(pk, WAITS) if cells.get("waits") else COUNTS
        told = cells.get("told") or entries.get(str(pk), ())
        by, at, reason = told or ("", "", "")
        move = (subject.removeprefix(_SUBJECT), cells["from"], cells["to"], cells["received_by"])
        yield Move(*move, by, at, reason, number=pk, state=state)


def _answers(numbers: Iterable[int]) -> dict[int, str]:
    """What was said of moves that waited."""
    asked = [f"{_ANSWERED}{n}" for n in numbers]
    found: dict[int, str] = {}
    for start in range(0, len(asked), _AT_ONCE):
        said = Event.objects.filter(kind=ANSWER, subject__in=asked[start : start + _AT_ONCE])
        found |= {int(s.removeprefix(_ANSWERED)): state for s, state in said.values_list("subject", "detail")}
    return found
