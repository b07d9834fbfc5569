"""Adding, changing and removing single rows: judged by rights and by the registry, entered in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from cenotaph.dossier.cells import PARSERS
from cenotaph.dossier.tables import TABLES, Column
from cenotaph.errors import CenotaphError
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.selectors import query
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import EXTRA, Keyring, secret_columns
from cenotaph.workplace.grams import TRACED, forget_row, trace_rows
from cenotaph.workplace.ledger.context import acting
from cenotaph.workplace.models import model_of
from cenotaph.workplace.privacy import SECRETS, subject_of_sample
from cenotaph.workplace.services.references import dangling, referring, repeated

Values = Mapping[str, str | None]


class Unsound(CenotaphError):
    """Values that the registry does not allow.

    Args:
        problems: what is wrong, by field.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))


class Overtaken(CenotaphError):
    """Somebody else changed the row since it was shown."""


def problem_of(column: Column, value: str | None) -> str | None:
    """What is wrong with the value of a cell, None where nothing is.

    >>> problem_of(TABLES["specimens"].by_name["side"], "left")
    'not a word of this column: L R M U'
    >>> problem_of(TABLES["measurements"].by_name["value_mm"], "-3")
    'at least 0'
    """
    if value is None:
        return "this cannot be empty" if column.filled else None
    if not is_text(value):
        return "not text: a NUL or half of a character"
    if column.vocabulary:
        return None if value in column.vocabulary else f"not a word of this column: {' '.join(column.vocabulary)}"
    if column.type in PARSERS and (found := PARSERS[column.type](value)):
        return f"{found[0]}: {found[1]}"
    if column.type in {"number", "integer"}:
        if column.least is not None and float(value) < column.least:
            return f"at least {column.least:g}"
        if column.most is not None and float(value) > column.most:
            return f"at most {column.most:g}"
    return None


def is_text(value: str) -> bool:
    """Whether every database can keep it.

    >>> is_text("김철수"), is_text("a\\0b"), is_text("\\ud800")
    (True, False, False)
    """
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def warning_of(column: Column, value: str | None) -> str | None:
    """Why a value that is allowed deserves a second look, None where it does not."""
    if value is None or column.plausible is None or problem_of(column, value):
        return None
    least, most = column.plausible
    return None if least <= float(value) <= most else f"usually {least:g} to {most:g}"


def add(viewer: Viewer, resource: str, values: Values, reason: str = "") -> int:
    """Adds a row to a dossier's table; returns its ``id``.

    Raises:
        Refused: the role may not, or not this field, or not such a row.
        Unsound: a value is not allowed, or the key is taken.
    """
    values = _tidied(values)
    viewer.require("add", resource, values)
    _require_sound(resource, values, partial=False)
    with acting(viewer.name, reason):
        id_ = _entered(resource, values)
        _require_reached(viewer, resource, "add", id_)
    return id_


def settle(actor: str, values: Values, reason: str) -> int:
    """Adds a row to ``decisions``; returns its ``id``.

    No role adds one: a decision is what a case or a proposal becomes at its last step, which judges the right and that
    nobody takes two steps.

    Raises:
        Unsound: a value is not allowed.
    """
    _require_sound("decisions", values, partial=False)
    with acting(actor, reason):
        return _entered("decisions", values)


def change(
    viewer: Viewer, resource: str, id_: int, values: Values, reason: str = "", *, seen: Values | None = None
) -> None:
    """Changes fields of a row.

    Args:
        viewer, resource, id_: who changes which row.
        values: the fields to change.
        reason: why; the ledger keeps it.
        seen: what the page had shown of these fields; where the row says something else by now, nothing is changed.

    Raises:
        Refused: the role may not, or not this field, or not this row.
        Unsound: a value is not allowed, or the key is taken.
        Overtaken: see *seen*.
    """
    values = _tidied(values)
    viewer.require("change", resource, values)
    _require_sound(resource, values, partial=True)
    with acting(viewer.name, reason):
        row = query(viewer, resource, "change").select_for_update().filter(pk=id_).first()
        if row is None:
            raise Refused(f"no such row of {resource}")
        now = _stored_values(resource, row)
        if seen is not None and any(now.get(f) != v for f, v in _tidied(seen).items()):
            raise Overtaken("somebody changed this row since it was shown")
        changed = {f: v for f, v in values.items() if now.get(f) != v}
        if not changed:
            return
        _require_fitting(resource, now | changed, changed, id_)
        if set(TABLES[resource].key) & set(changed):
            _require_unreferred(resource, row)
        subject = _subject(resource, now | changed)
        moved = subject is not None and subject != row.subject
        for field, cell in _cells_to_store(resource, now | changed if moved else changed, subject).items():
            setattr(row, field, cell)
        _saved(resource, row)
        _trace(resource, row, now | changed)
        _require_reached(viewer, resource, "change", row.pk)


def remove(viewer: Viewer, resource: str, id_: int, reason: str) -> None:
    """Removes a row; the ledger keeps what it said.

    Raises:
        Refused: the role may not, not this row, or no reason is given.
        Unsound: other rows refer to it.
    """
    viewer.require("remove", resource)
    if not reason.strip():
        raise Refused("removing needs a reason")
    with acting(viewer.name, reason.strip()):
        row = query(viewer, resource, "remove").filter(pk=id_).first()
        if row is None:
            raise Refused(f"no such row of {resource}")
        _require_unreferred(resource, row)
        forget_row(resource, row.pk)
        row.delete()


def _entered(resource: str, values: Values) -> int:
    _require_fitting(resource, values, values)
    cells = _cells_to_store(resource, values, _subject(resource, values))
    row = _saved(resource, model_of(resource)(**cells))
    _trace(resource, row, values)
    return int(row.pk)


def _tidied(values: Values) -> dict[str, str | None]:
    return {f: (v.strip() or None) if isinstance(v, str) else v for f, v in values.items()}


def _require_sound(resource: str, values: Values, *, partial: bool) -> None:
    table = TABLES[resource]
    fields = values if partial else [c.name for c in table.columns]
    problems = {
        f: problem for f in fields if f in table.by_name and (problem := problem_of(table.by_name[f], values.get(f)))
    }
    if problems:
        raise Unsound(problems)


def _require_fitting(resource: str, values: Values, changed: Values, id_: int | None = None) -> None:
    """The row leads somewhere, and says nothing that another says; only what *changed* is held against it."""
    problems = dangling(resource, values, changed)
    if set(TABLES[resource].unique) & set(changed):
        problems |= repeated(resource, values, id_)
    if problems:
        raise Unsound(problems)


def _require_unreferred(resource: str, row: Any) -> None:
    for name in TABLES[resource].key:
        if other := referring(resource, getattr(row, name)):
            raise Unsound({name: f"rows of {other} refer to it"})


def _require_reached(viewer: Viewer, resource: str, verb: str, id_: int) -> None:
    """Nobody writes a row out of his own reach: a blind role cannot make a sample a relative's."""
    if not query(viewer, resource, verb).filter(pk=id_).exists():
        raise Refused(f"your role may not {verb} such a row of {resource}")


def _subject(resource: str, values: Values) -> str | None:
    if resource not in SECRETS:
        return None
    origins = {}
    if values.get("sample_id"):
        rows = model_of("samples").objects.filter(sample_id=values["sample_id"])
        origins = {r["sample_id"]: subject_of_sample(r) for r in rows.values("sample_id", "origin", "origin_id")}
    return SECRETS[resource].subject(values, origins)


def _cells_to_store(resource: str, values: Values, subject: str | None) -> dict[str, str | None]:
    cells = dict(values)
    if subject is None:
        return cells
    keys = Keyring()
    secret = secret_columns(resource)
    stored = {f: keys.close(subject, f, v) if f in secret else v for f, v in cells.items()}
    keys.save()
    return stored | {"subject": subject}


def _trace(resource: str, row: Any, values: Values) -> None:
    if resource in TRACED:
        forget_row(resource, row.pk)
        trace_rows(resource, [(row.pk, row.subject, values)])


def _stored_values(resource: str, row: Any) -> dict[str, str | None]:
    fields = [*TABLES[resource].by_name, EXTRA]
    secret = secret_columns(resource)
    keys = Keyring()
    return {f: keys.open(row.subject, f, getattr(row, f)) if f in secret else getattr(row, f) for f in fields}


def _saved(resource: str, row: Any) -> Any:
    try:
        row.save()
    except IntegrityError as error:
        [key] = TABLES[resource].key or ("id",)
        raise Unsound({key: "this is taken"}) from error
    return row
