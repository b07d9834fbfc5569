"""What finished runs say, and how two of them differ."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cenotaph.workplace.access.rights import ALL, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, LedgerEntry, Run

Row = Mapping[str, str]
VERDICTS = ("identification", "shortlist", "unlisted", "unresolved")
MOVED = 0.01
"""A probability that moved by less is not a difference worth reading."""

FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Who froze a run, when and why."""

    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An individual of the later run beside the one of the earlier run with which it shares most bones.

    Args:
        earlier, later: rows of ``individuals``; either may be absent.
        gained, lost: bones that came and went.
        what: what is different, in words.
    """

    earlier: Row | None
    later: Row | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    what: tuple[str, ...]


def sees_answers(viewer: Viewer) -> bool:
    """Whether the viewer may see what a run says of everybody."""
    return ALL in viewer.fields_by_rows("see", "individuals")


def table(run: Run, name: str) -> list[dict[str, str]]:
    """Rows of a table of a run's answer; none where it has no such table."""
    found = run.tables.filter(name=name).first()
    return list(csv.DictReader(io.StringIO(found.csv))) if found else []


def individuals(run: Run) -> list[dict[str, str]]:
    """Individuals of a run; their ``specimens`` are the identifiers of their bones instead of the number of these."""
    bones: dict[str, list[str]] = {}
    for row in table(run, "assignments"):
        bones.setdefault(row["individual_id"], []).append(row["specimen_id"])
    found = table(run, "individuals")
    return [row | {"specimens": " ".join(sorted(bones.get(row["individual_id"], ())))} for row in found]


def individual(run: Run, individual_id: str) -> dict[str, str] | None:
    """One individual of a run."""
    return next((row for row in individuals(run) if row["individual_id"] == individual_id), None)


def candidates(run: Run, individual_id: str) -> list[dict[str, str]]:
    """Candidates of one individual, best first."""
    return [row for row in table(run, "candidates") if row["individual_id"] == individual_id]


def line_weights(candidate: Row) -> list[tuple[str, float]]:
    """Each line that says something of a candidate, with its log10 likelihood ratio.

    >>> line_weights({"log10_lr_total": "5", "log10_lr_origin": "0.5", "log10_lr_str": "4.5", "log10_lr_ystr": "0"})
    [('origin', 0.5), ('str', 4.5)]
    """
    prefix = "log10_lr_"
    named = (
        (n.removeprefix(prefix), v) for n, v in candidate.items() if n.startswith(prefix) and n != prefix + "total"
    )
    return [(name, float(value)) for name, value in named if value and abs(float(value)) >= 0.005]


def freeze(viewer: Viewer, run: Run, reason: str) -> None:
    """Declares a run to be one on which opinions may rest; an event of the ledger that cannot be taken back.

    Raises:
        Refused: the role may not, no reason is given, or it is frozen already.
    """
    viewer.require("add", "runs")
    if len(reason.strip()) < 10:
        raise Refused("freezing needs a reason of ten letters or more")
    if frozen(run):
        raise Refused("this run is frozen already")
    with acting(viewer.name, reason.strip()):
        Event.objects.create(kind=FREEZE, subject=f"run {run.pk}", detail=run.ledger_head)


def frozen(run: Run) -> Frozen | None:
    """Who froze a run; None where nobody did."""
    event = Event.objects.filter(kind=FREEZE, subject=f"run {run.pk}").first()
    if event is None:
        return None
    entry = LedgerEntry.objects.filter(table="events", row=str(event.pk)).order_by("seq").first()
    return Frozen(entry.actor, entry.at, entry.reason) if entry else None


def settings_of(run: Run) -> dict[str, Any]:
    """Parameters of a run."""
    return dict(json.loads(run.record).get("parameters", {}))


def compare(earlier: Sequence[Row], later: Sequence[Row]) -> list[Difference]:
    """Individuals that differ between two runs, matched by the bones that they share; the most bones first.

    The rows are those of `individuals`.

    >>> a = {"individual_id": "I1", "specimens": "S1 S2", "missing_id": "M1", "verdict": "identification",
    ...      "probability": "0.9999"}
    >>> [d.what for d in compare([a], [a | {"specimens": "S1", "verdict": "shortlist"}])]
    [('verdict: identification → shortlist', 'bones: 0 more, 1 fewer')]
    """
    before = {row["individual_id"]: frozenset(row["specimens"].split()) for row in earlier}
    after = {row["individual_id"]: frozenset(row["specimens"].split()) for row in later}
    shared = sorted(_overlaps(before, after), reverse=True)
    match: dict[str, str] = {}
    taken: set[str] = set()
    for _, one, two in shared:
        if two not in match and one not in taken:
            match[two] = one
            taken.add(one)
    rows_before = {row["individual_id"]: row for row in earlier}
    found = [_difference(rows_before.get(match.get(row["individual_id"], "")), row) for row in later]
    found += [_difference(row, None) for row in earlier if row["individual_id"] not in taken]
    return sorted((d for d in found if d.what), key=lambda d: -_size(d))


def _overlaps(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> set[tuple[int, str, str]]:
    home = {bone: one for one, bones in before.items() for bone in bones}
    pairs = {(home[bone], two) for two, bones in after.items() for bone in bones if bone in home}
    return {(len(before[one] & after[two]), one, two) for one, two in pairs}


def _size(difference: Difference) -> int:
    row = difference.later or difference.earlier or {"specimens": ""}
    return len(row["specimens"].split())


def _difference(earlier: Row | None, later: Row | None) -> Difference:
    old = frozenset(earlier["specimens"].split()) if earlier else frozenset()
    new = frozenset(later["specimens"].split()) if later else frozenset()
    what = []
    if earlier is None or later is None:
        what.append("only in the later run" if earlier is None else "only in the earlier run")
    else:
        for field, word in (("missing_id", "first candidate"), ("verdict", "verdict")):
            if earlier[field] != later[field]:
                what.append(f"{word}: {earlier[field] or 'nobody'} → {later[field] or 'nobody'}")
        p, q = float(earlier["probability"] or 0), float(later["probability"] or 0)
        if abs(p - q) >= MOVED:
            what.append(f"probability: {p:.3f} → {q:.3f}")
        if old != new:
            what.append(f"bones: {len(new - old)} more, {len(old - new)} fewer")
    return Difference(earlier, later, tuple(sorted(new - old)), tuple(sorted(old - new)), tuple(what))
