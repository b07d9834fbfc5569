"""Tables that pages bring into the record: judged whole, taken in whole or not at all."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cenotaph.dossier.tables import TABLES
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import query
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Consent, LedgerEntry, Photo, Proposal, model_of
from cenotaph.workplace.services.load import Plan, apply_load, plan_load


@dataclass(frozen=True, slots=True)
class Columns:
    """A table on its way in.

    Args:
        names: columns of the registry.
        rows: cells; an empty text is not recorded.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in: rows, and the ledger entries that say so."""

    rows: int
    first_entry: int
    last_entry: int


def plan_tables(viewer: Viewer, tables: Mapping[str, Columns]) -> Plan:
    """What taking the tables in would do.

    Raises:
        Refused: the viewer may not add such rows.
    """
    for name, table in tables.items():
        viewer.require("add", name, table.names)
    with tempfile.TemporaryDirectory(prefix="cenotaph-intake-") as work:
        for name, table in tables.items():
            with (Path(work) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(table.names)
                writer.writerows(table.rows)
        return plan_load(Path(work))


def take_in(viewer: Viewer, tables: Mapping[str, Columns], reason: str) -> Taken:
    """Adds the tables in one transaction.

    Raises:
        Refused: the viewer may not add such rows, or not all of these.
        InvalidInput: the record would have errors.
    """
    with acting(viewer.name, reason):
        before = _newest()
        highest = {name: _highest(name) for name in tables}
        plan = plan_tables(viewer, tables)
        if not plan.is_possible:
            fault = next(f for f in plan.faults if f.severity == "error")
            raise InvalidInput("the record would have errors", where=str(fault))
        rows = apply_load(plan, viewer.name, reason)
        for name, least in highest.items():
            added = model_of(name).objects.filter(pk__gt=least)
            if added.count() != query(viewer, name, "add").filter(pk__gt=least).count():
                raise Refused(f"your role may not add such rows of {name}")
        return Taken(rows, before + 1, _newest())


def take_out(viewer: Viewer, reason: str, first: int, last: int, why: str) -> int:
    """Removes what was taken in for *reason*, unless later work rests on it; returns the number of rows.

    Raises:
        Refused: a row was changed since, or others refer to it.
    """
    entries = LedgerEntry.objects.filter(seq__gte=first, seq__lte=last, reason=reason).order_by("seq")
    rows: dict[str, list[int]] = {}
    for entry in entries.filter(action="insert", table__in=TABLES):
        rows.setdefault(entry.table, []).append(int(entry.row))
    with acting(viewer.name, why):
        for table, ids in rows.items():
            _require_untouched(table, ids, last)
            _require_unspoken_of(table, ids)
            _delete(table, ids)
        _restore_headers(entries)
        _require_sound()
    return sum(len(ids) for ids in rows.values())


def _require_untouched(table: str, ids: Sequence[int], last: int) -> None:
    later = LedgerEntry.objects.filter(table=table, seq__gt=last).order_by("seq")
    touched = {str(i) for i in ids}
    for entry in later:
        if entry.row in touched:
            raise Refused(f"{table}: a row of it was worked on since, by {entry.actor} on {entry.at[:10]}")


def _require_unspoken_of(table: str, ids: Sequence[int]) -> None:
    for name in TABLES[table].key:
        shown = Photo.objects.filter(table=table).values("key")
        if model_of(table).objects.filter(pk__in=ids, **{f"{name}__in": shown}).exists():
            raise Refused(f"{table}: a photograph was taken of a row")
    people = model_of("relatives").objects.filter(pk__in=ids if table == "relatives" else ())
    if Consent.objects.filter(person_id__in=people.values("person_id")).exists():
        raise Refused(f"{table}: a consent of a relative was entered")
    bones = model_of("specimens").objects.filter(pk__in=ids if table == "specimens" else ())
    if Proposal.objects.filter(specimen_id__in=bones.values("specimen_id")).exists():
        raise Refused(f"{table}: a proposal was made on a bone")


def _delete(table: str, ids: Sequence[int]) -> None:
    from cenotaph.workplace.grams import TRACED, forget_row

    model = model_of(table)
    if table in TRACED:
        for id_ in ids:
            forget_row(table, id_)
    for start in range(0, len(ids), _AT_ONCE):
        model.objects.filter(pk__in=ids[start : start + _AT_ONCE]).delete()


_AT_ONCE = 500


def _restore_headers(entries: Any) -> None:
    """Puts the headers of tables back as they were."""
    import json

    from cenotaph.workplace.models import Sheet

    for entry in entries.filter(table="sheets").order_by("-seq"):
        if entry.action == "insert":
            Sheet.objects.filter(pk=entry.row).delete()
        else:
            Sheet.objects.filter(pk=entry.row).update(columns=json.loads(entry.before)["columns"])


def _require_sound() -> None:
    from cenotaph.dossier.faults import has_errors
    from cenotaph.dossier.read import examine_dossier
    from cenotaph.workplace.models import Sheet
    from cenotaph.workplace.services.export import write_record

    if not Sheet.objects.exists():
        return
    with tempfile.TemporaryDirectory(prefix="cenotaph-undo-") as work:
        write_record(Path(work) / "dossier")
        faults = examine_dossier(Path(work) / "dossier").faults
    if has_errors(faults):
        first = next(f for f in faults if f.severity == "error")
        raise Refused(f"other rows refer to it: {first.what} ({first.found})")


def _newest() -> int:
    return LedgerEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def _highest(table: str) -> int:
    return model_of(table).objects.order_by("-pk").values_list("pk", flat=True).first() or 0
