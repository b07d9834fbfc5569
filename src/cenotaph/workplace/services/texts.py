"""The record as the tables of text that a dossier is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cenotaph.dossier.tables import DESCRIPTOR_FILE, TABLES
from cenotaph.workplace.cells import EXTRA, Keyring, secret_columns
from cenotaph.workplace.models import FilePart, ForeignRow, Sheet, model_of
from cenotaph.workplace.privacy import CASE
from cenotaph.workplace.services import consents, custody

if TYPE_CHECKING:
    import polars as pl


def stored_texts(keys: Keyring) -> dict[str, pl.DataFrame]:
    """Every table that a dossier brought or a page filled, as text, columns as they stood in the files.

    A row that would be unreadable because its subject was erased is left out.
    """
    headers = {s.name: json.loads(s.columns) for s in Sheet.objects.order_by("id")}
    found = {}
    for name in [*TABLES, *(n for n in headers if n not in TABLES)]:
        frame = _table(name, headers.get(name), keys) if name in TABLES else _foreign(name, headers[name], keys)
        if frame is not None:
            found[name] = frame
    if moves := custody.record():
        import polars as pl

        found[custody.TABLE] = pl.DataFrame(moves, dict.fromkeys(custody.COLUMNS, pl.String))
    if given := consents.record(keys):
        import polars as pl

        found[consents.TABLE] = pl.DataFrame(given, dict.fromkeys(consents.COLUMNS, pl.String))
    return found


def stored_descriptor(keys: Keyring) -> dict[str, object]:
    """What the dossier's descriptor said beside its resources."""
    part = FilePart.objects.filter(file=DESCRIPTOR_FILE).first()
    return {} if part is None else json.loads(keys.open(CASE, DESCRIPTOR_FILE, part.content) or "{}")


def _table(name: str, header: list[str] | None, keys: Keyring) -> pl.DataFrame | None:
    import polars as pl

    table, secret = TABLES[name], secret_columns(name)
    known = [c.name for c in table.columns]
    columns: dict[str, list[str | None]] = {c: [] for c in known}
    extras: list[dict[str, str]] = []
    must = [c.name for c in table.columns if c.filled and c.name in secret]
    for subject, extra, *cells in rows_of(name, [EXTRA, *known]):
        if secret:
            extra = keys.open(subject, EXTRA, extra)
            cells = [keys.open(subject, c, v) if c in secret else v for c, v in zip(known, cells, strict=True)]
            if any(cells[known.index(c)] is None for c in must):
                continue
        for column, cell in zip(known, cells, strict=True):
            columns[column].append(cell)
        extras.append(json.loads(extra) if extra else {})
    if header is None and not extras:
        return None
    header = header or []
    shown = [
        c.name for c in table.columns if c.name in header or c.required or any(v is not None for v in columns[c.name])
    ]
    seen = dict.fromkeys([*(c for c in header if c not in table.by_name), *(c for e in extras for c in e)])
    return pl.DataFrame(
        [pl.Series(c, columns[c], dtype=pl.String) for c in shown]
        + [pl.Series(c, [e.get(c) for e in extras], dtype=pl.String) for c in seen]
    )


def rows_of(name: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of a table as stored, in their order, the subject (or None) first."""
    query = model_of(name).objects.order_by("id")
    if secret_columns(name):
        yield from query.values_list("subject", *columns).iterator(5_000)
    else:
        for row in query.values_list(*columns).iterator(5_000):
            yield (None, *row)


def _foreign(name: str, header: list[str], keys: Keyring) -> pl.DataFrame:
    import polars as pl

    rows = ForeignRow.objects.filter(table=name).order_by("id").values_list("cells", flat=True)
    cells = [json.loads(keys.open(CASE, name, row) or "[]") for row in rows.iterator(5_000)]
    return pl.DataFrame(
        [
            pl.Series(c, [row[i] if i < len(row) else None for row in cells], dtype=pl.String)
            for i, c in enumerate(header)
        ]
    )
