"""What rows say of each other: a reference leads somewhere, and what others refer to stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from cenotaph.dossier.declaration import Column
from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.models import Consent, Photo, Proposal, model_of

Values = Mapping[str, str | None]
Target = tuple[str, str]


def dangling(resource: str, values: Values, changed: Collection[str]) -> dict[str, str]:
    """Fields of a row that name one which is not there, with what is wrong; only of those that *changed*."""
    found = {}
    for column in TABLES[resource].columns:
        text = values.get(column.name)
        by = column.references_by[0] if column.references_by else column.name
        if not {column.name, by} & set(changed):
            continue
        targets = list(_targets(column, values))
        if not text or not targets:
            continue
        names = text.split() if column.type == "ids" else [text]
        if lost := [n for n in names if not any(_is_there(*target, n) for target in targets)]:
            found[column.name] = _("there is no %(ids)s") % {"ids": ", ".join(lost)}
    return found


def repeated(resource: str, values: Values, besides: int | None = None) -> dict[str, str]:
    """What is wrong where another row than *besides* says the same of what may be said once."""
    table = TABLES[resource]
    if not table.unique:
        return {}
    alike = model_of(resource).objects.exclude(pk=besides)
    for name in table.unique:
        value = values.get(name) or table.by_name[name].default
        # An empty cell means the default.
        same = [value, *([None] if value == table.by_name[name].default else [])]
        alike = alike.filter(_is_one_of(name, same))
    return {table.unique[-1]: _("there is such a row already")} if alike.exists() else {}


def referring(resource: str, key: str) -> str | None:
    """A table with a row that refers to the row *key* of *resource*; None where there is none."""
    [name] = TABLES[resource].key
    for other in TABLES.values():
        for column in other.columns:
            if any(target == (resource, name) for target in _all_targets(column)) and _names(other.name, column, key):
                return other.name
    if resource == "specimens" and Proposal.objects.filter(specimen_id=key).exists():
        return "proposals"
    if resource == "relatives" and Consent.objects.filter(person_id=key).exists():
        return "consents"
    return "photos" if Photo.objects.filter(table=resource, key=key).exists() else None


def _targets(column: Column, values: Values) -> Iterator[Target]:
    if column.references_by is not None:
        by, targets = column.references_by
        if target := targets.get(values.get(by) or ""):
            yield _target(target)
        return
    yield from _all_targets(column)


def _all_targets(column: Column) -> Iterator[Target]:
    plain = column.references.split() if column.references else ()
    by = column.references_by[1].values() if column.references_by else ()
    yield from map(_target, (*plain, *by))


def _target(text: str) -> Target:
    table, _dot, column = text.partition(".")
    return table, column


def _is_there(table: str, column: str, value: str) -> bool:
    return model_of(table).objects.filter(**{column: value}).exists()


def _names(table: str, column: Column, key: str) -> bool:
    rows = model_of(table).objects
    if column.type != "ids":
        return rows.filter(**{column.name: key}).exists()
    near = rows.filter(**{f"{column.name}__contains": key}).values_list(column.name, flat=True)
    return any(key in text.split() for text in near)


def _is_one_of(name: str, values: list[str | None]) -> Q:
    is_one = Q(**{f"{name}__in": [v for v in values if v is not None]})
    return is_one | Q(**{f"{name}__isnull": True}) if None in values else is_one
