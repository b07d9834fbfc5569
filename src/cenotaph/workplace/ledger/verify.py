"""``verify``: whether the ledger is whole, and whether the record is what the ledger says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, models

from cenotaph.workplace.ledger.chain import COLUMNS, Entry, walk
from cenotaph.workplace.ledger.context import reading
from cenotaph.workplace.ledger.triggers import missing_triggers, row_expression
from cenotaph.workplace.models import recorded_models


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Args:
        count, head: number and digest of the last sound entry; printed on a report, they tie paper to ledger.
        faults: what is wrong, the first bad entry or row first; empty where all is well.
    """

    count: int
    head: str
    faults: tuple[str, ...]


def entries() -> Iterator[Entry]:
    """The ledger in its order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY seq")
        while rows := cursor.fetchmany(10_000):
            yield from rows


def head() -> tuple[int, str]:
    """Number and digest of the last entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, digest FROM ledger ORDER BY seq DESC LIMIT 1")
        return cursor.fetchone() or (0, "0" * 64)


def verify(*, root: str | None = None, count: int | None = None) -> Verification:
    """Walks the chain, then compares every row of the record with the last entry about it.

    Args:
        root, count: digest and number of an entry as printed on paper, which must be there still.
    """
    last: dict[tuple[str, str], bytes | None] = {}
    numbers: dict[tuple[str, str], int] = {}

    def see(entry: Entry) -> None:
        key, after = (entry[4], entry[5]), entry[8]
        last[key] = None if after is None else _digest(after)
        numbers[key] = entry[0]

    with reading():
        found = walk(entries(), root=root, count=count, see=see)
        faults = list(_faults_of_rows(last, numbers)) if found.fault is None else [found.fault]
    faults += [f"trigger {name}: not in place" for name in missing_triggers()]
    return Verification(found.count, found.head, tuple(faults))


def _faults_of_rows(last: dict[tuple[str, str], bytes | None], numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    for model in recorded_models():
        table = model._meta.db_table
        seen = set()
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT id, {row_expression(model, connection.vendor)} FROM "{table}" ORDER BY id')
            while rows := cursor.fetchmany(10_000):
                for id_, text in rows:
                    key = (table, str(id_))
                    seen.add(key)
                    if last.get(key) is None:
                        yield f"{table} row {id_}: it is not in the ledger"
                    elif last[key] != _digest(text) and not _is_same(model, str(id_), text):
                        yield f"{table} row {id_}: it is not as entry {numbers[key]} left it"
        for key, after in last.items():
            if key[0] == table and after is not None and key not in seen:
                yield f"{table} row {key[1]}: it is gone, though entry {numbers[key]} left it there"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _is_same(model: type[models.Model], row: str, text: str) -> bool:
    """Whether a row says what its last entry says; a column that came later must say what such a column begins with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT after FROM ledger WHERE table_name = %s AND row = %s ORDER BY seq DESC LIMIT 1",
            [model._meta.db_table, row],
        )
        then, now = json.loads(cursor.fetchone()[0]), json.loads(text)
    begins = {f.column: f.get_default() for f in model._meta.concrete_fields}
    return then.keys() <= now.keys() and all(
        then[name] == value if name in then else value in {None, str(begins[name])} for name, value in now.items()
    )


def write_ledger(path: Path) -> int:
    """Writes the ledger as JSON lines for the stand-alone program; returns the number of entries.

    Raises:
        FileExistsError: the file is there already.
    """
    written = 0
    with path.open("x", encoding="utf-8", newline="\n") as out:
        for entry in entries():
            out.write(json.dumps(list(entry), ensure_ascii=False) + "\n")
            written += 1
    return written
