"""The only way from the database to a page, a file or the API: rows as one viewer may see them.

A field that the viewer may not see is not in the row at all; it can neither be filtered nor sorted by, so that not even
the order of a list tells anything. Secret cells are opened only for those who may see them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access.cases import reviewed_rows
from cenotaph.workplace.access.rights import ALL, REMAINS, SIGNED, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import EXTRA, Keyring, secret_columns
from cenotaph.workplace.grams import TRACED, asked_sounds, candidates, sound_is_in, sounds_of, words_of
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import Event, LedgerEntry, model_of

Row = dict[str, Any]
FAMILIES = "families"


def rows_limited_to(limit: str, resource: str, viewer: Viewer) -> Q:
    """The rows of a table that a limit of the declaration means.

    `SIGNED` opens nothing until a case has a signed opinion; what makes a case signed is said by `signed_cases`.
    """
    if limit == ALL:
        return Q()
    if limit == SIGNED:
        return signed_cases(resource, viewer)
    kinds = ("specimen",) if limit == REMAINS else ("relative", "missing")
    if resource == "samples":
        return Q(origin__in=kinds)
    if resource in {"dental_charts", "outlines"}:
        return Q(subject_type__in=kinds)
    if resource in {"str_profiles", "ystr_profiles", "mtdna_profiles"}:
        return Q(*(Q(subject__startswith=f"{kind}:") for kind in kinds), _connector=Q.OR)
    return Q(pk__in=())


def signed_cases(resource: str, viewer: Viewer) -> Q:
    """Rows of cases with a signed opinion in which the viewer had no hand."""
    return reviewed_rows(resource, viewer.name)


def query(viewer: Viewer, resource: str, verb: str = "see") -> models.QuerySet[Any]:
    """Rows of a dossier's table on which the viewer may do *verb*, to be filtered further by open fields only.

    Raises:
        Refused: none of them.
    """
    viewer.require(verb, resource)
    limits = viewer.fields_by_rows(verb, resource)
    rows = model_of(resource).objects.all()
    if ALL in limits:
        return rows
    return rows.filter(Q(*(rows_limited_to(limit, resource, viewer) for limit in limits), _connector=Q.OR))


def count(viewer: Viewer, resource: str, where: Mapping[str, object] | None = None) -> int:
    """How many rows the viewer may see."""
    return _filtered(viewer, resource, where or {}).count()


def rows(
    viewer: Viewer,
    resource: str,
    *,
    where: Mapping[str, object] | None = None,
    order: Sequence[str] = (),
    start: int = 0,
    limit: int | None = None,
    fields: Iterable[str] | None = None,
) -> list[Row]:
    """Rows of a dossier's table as the viewer may see them, with ``id`` and the open fields (or *fields* of them).

    Args:
        viewer: who asks.
        resource: table.
        where: ``field`` or ``field__lookup`` to value, as Django filters; open fields that are not secret only.
        order: fields, ``-`` before one that descends; numbers sort as numbers.
        start, limit: the page.
        fields: the fields wanted, by default all that are open.

    Raises:
        Refused: the table, or a field that was named, is not open to the viewer.
    """
    wanted = list(fields) if fields is not None else viewer.fields("see", resource)
    viewer.require("see", resource, wanted)
    chosen = _filtered(viewer, resource, where or {}).order_by(*_order(viewer, resource, order), "id")
    secret = secret_columns(resource)
    has_subject = any(f in secret for f in wanted)
    columns = ["id", *(["subject"] if has_subject else []), *wanted]
    found = list(chosen.values(*columns)[start : None if limit is None else start + limit])
    limits = viewer.fields_by_rows("see", resource)
    if len(limits) > 1:
        _blank_limited(found, viewer, resource, limits, wanted)
    if has_subject:
        _open(found, [f for f in wanted if f in secret])
    for row in found:
        if EXTRA in row:
            row[EXTRA] = json.loads(row[EXTRA]) if row[EXTRA] else {}
    return found


def one(viewer: Viewer, resource: str, key: str) -> Row | None:
    """The row with the key *key*; None where there is none that the viewer may see."""
    [column] = TABLES[resource].key
    found = rows(viewer, resource, where={column: key}, limit=1)
    return found[0] if found else None


def search(viewer: Viewer, text: str, *, limit: int = 50) -> list[tuple[str, Row]]:
    """Rows in which *text* is found, as ``(table, row)``: identifiers and plain words, and names where they are open.

    Only fields that the viewer may see on all rows are looked into, so that a hit tells nothing that its row does not.
    """
    text = text.strip()
    if not text:
        return []
    found: list[tuple[str, Row]] = []
    for resource, table in TABLES.items():
        if not table.key or len(found) >= limit or not viewer.may("see", resource):
            continue
        limits = viewer.fields_by_rows("see", resource).values()
        open_fields = frozenset.intersection(*limits)
        secret = secret_columns(resource)
        plain = [c.name for c in table.columns if c.name in open_fields - set(secret) and c.type in {"id", "text"}]
        if not plain:
            continue
        is_hit = Q(*(Q(**{f"{f}__icontains": text}) for f in plain), _connector=Q.OR)
        ids = list(query(viewer, resource).filter(is_hit).order_by("id").values_list("pk", flat=True)[:limit])
        ids += _named(viewer, resource, [f for f in TRACED.get(resource, ()) if f in open_fields], text)
        found += [(resource, row) for row in rows(viewer, resource, where={"id__in": ids}, limit=limit)]
    return found[:limit]


def _named(viewer: Viewer, resource: str, fields: Sequence[str], text: str) -> list[int]:
    """Rows whose open secret cells have every word of *text*, by its letters or by its sound."""
    if not fields:
        return []
    wanted, sounds = words_of(text), asked_sounds(text)

    def is_meant(row: Row) -> bool:
        there = " ".join(str(row.get(f) or "") for f in fields)
        if all(any(w in word for word in words_of(there)) for w in wanted):
            return True
        heard = sounds_of(there)
        return bool(sounds) and all(sound_is_in(sound, heard) for sound in sounds)

    near = rows(viewer, resource, where={"id__in": candidates(resource, text)}, fields=fields)
    return [row["id"] for row in near if is_meant(row)]


def unmask(viewer: Viewer, resource: str, key: str, fields: Sequence[str], reason: str) -> Row:
    """Fields of one row that the viewer does not see otherwise. It is entered in the ledger first, with the reason.

    Raises:
        Refused: the role may not, or no reason is given.
    """
    viewer.require("unmask", resource, fields)
    if len(reason.strip()) < 10:
        raise Refused("unmasking needs a reason of ten letters or more")
    [column] = TABLES[resource].key
    with acting(viewer.name, reason.strip()):
        Event.objects.create(kind="unmask", subject=f"{resource} {key}", detail=" ".join(fields))
    secret = secret_columns(resource)
    columns = ["id", *(["subject"] if secret else []), *fields]
    found = list(model_of(resource).objects.filter(**{column: key}).values(*columns))
    if not found:
        raise Refused(f"no such row of {resource}")
    if secret:
        _open(found, [f for f in fields if f in secret])
    return found[0]


def history(viewer: Viewer, resource: str, id_: int) -> list[Row]:
    """What happened to one row: who, when, why, and the open fields before and after, oldest first.

    Raises:
        Refused: the viewer may not see the row.
    """
    if not query(viewer, resource).filter(pk=id_).exists():
        raise Refused(f"no such row of {resource}")
    fields = viewer.fields("see", resource)
    entries = LedgerEntry.objects.filter(table=resource, row=str(id_)).order_by("seq")
    keys = Keyring()
    return [
        {
            "seq": e.seq,
            "at": e.at,
            "actor": e.actor,
            "reason": e.reason,
            "action": e.action,
            "before": _entry_cells(e.before, resource, fields, keys),
            "after": _entry_cells(e.after, resource, fields, keys),
        }
        for e in entries
    ]


def ledger(viewer: Viewer, *, before: int | None = None, limit: int = 100) -> list[Row]:
    """The newest entries of the ledger (those before entry *before*), with the fields that are open to the viewer."""
    fields = viewer.fields("see", "ledger")
    viewer.require("see", "ledger", fields)
    entries = LedgerEntry.objects.order_by("-seq")
    if before is not None:
        entries = entries.filter(seq__lt=before)
    return list(entries.values(*fields)[:limit])


def _filtered(viewer: Viewer, resource: str, where: Mapping[str, object]) -> models.QuerySet[Any]:
    _require_plain(viewer, resource, [name.partition("__")[0] for name in where])
    return query(viewer, resource).filter(**where)


def _require_plain(viewer: Viewer, resource: str, fields: Sequence[str]) -> None:
    fields = [f for f in fields if f not in {"id", "pk"}]
    viewer.require("see", resource, fields)
    limits = viewer.fields_by_rows("see", resource)
    for field in fields:
        if field in secret_columns(resource) or not all(field in open_ for open_ in limits.values()):
            raise Refused(f"{field} of {resource} can be neither filtered nor sorted by")


def _order(viewer: Viewer, resource: str, order: Sequence[str]) -> list[Any]:
    _require_plain(viewer, resource, [name.lstrip("-") for name in order])
    found: list[Any] = []
    for name in order:
        plain = name.lstrip("-")
        column = TABLES[resource].by_name.get(plain)
        number = column is not None and column.type in {"number", "integer"}
        key: Any = Cast(F(plain), FloatField()) if number else F(plain)
        found.append(key.desc(nulls_last=True) if name.startswith("-") else key.asc(nulls_last=True))
    return found


def _blank_limited(
    found: list[Row], viewer: Viewer, resource: str, limits: Mapping[str, frozenset[str]], wanted: Sequence[str]
) -> None:
    """Takes fields away from the rows to which their grant does not reach."""
    ids = [row["id"] for row in found]
    reach = {
        limit: set(
            model_of(resource)
            .objects.filter(rows_limited_to(limit, resource, viewer), pk__in=ids)
            .values_list("pk", flat=True)
        )
        for limit in limits
    }
    for row in found:
        open_fields = frozenset[str]().union(*(f for limit, f in limits.items() if row["id"] in reach[limit]))
        for field in wanted:
            if field not in open_fields:
                del row[field]


def _open(found: list[Row], secret: Sequence[str]) -> None:
    keys = Keyring()
    keys.load(row["subject"] for row in found)
    for row in found:
        subject = row.pop("subject")
        for field in secret:
            if field in row:
                row[field] = keys.open(subject, field, row[field])


def _entry_cells(text: str | None, resource: str, fields: Sequence[str], keys: Keyring) -> Row | None:
    if text is None:
        return None
    cells = json.loads(text)
    secret = secret_columns(resource)
    return {f: keys.open(cells["subject"], f, cells[f]) if f in secret else cells.get(f) for f in fields if f in cells}
