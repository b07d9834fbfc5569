"""The import of files: read with care, mapped to columns, tried, taken in whole, and undone."""

from __future__ import annotations

import csv
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cenotaph.dossier.tables import TABLES
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import Keyring
from cenotaph.workplace.ledger.context import acting, utc_now
from cenotaph.workplace.models import ColumnMapping, Import
from cenotaph.workplace.privacy import CASE
from cenotaph.workplace.services.intake import Columns, plan_tables, take_in, take_out
from cenotaph.workplace.services.load import Plan

LARGEST_UPLOAD = 32 << 20
LARGEST_UNPACKED = 128 << 20
MOST_FILES = 64
MOST_COLUMNS = 200
LONGEST_CELL = 100_000
SEPARATORS = ",;\t"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, EOFError, OSError),
    *(ValueError, IndexError, RuntimeError),
)
"""What unpacking a damaged zip ends with: some say so, others stumble over a place or a name that is none."""

OPEN, APPLIED, UNDONE, GIVEN_UP = "open", "applied", "undone", "given up"


@dataclass(slots=True)
class Brought:
    """A table that a file brought.

    Args:
        file: name of the file.
        table: the table of the registry that it is to become, empty where none.
        header: its columns.
        rows: its cells.
        columns: column of the registry for each column of the file; empty: left out.
    """

    file: str
    table: str
    header: list[str]
    rows: list[list[str]]
    columns: dict[str, str]


def read_upload(name: str, content: bytes) -> list[Brought]:
    """Tables of a CSV file, or of a zip of CSV files.

    Nothing is unpacked to disk, sizes are counted while reading, and only plain names are taken.

    Raises:
        InvalidInput: it is neither, or too large, or a zip that is not what it says.
    """
    if len(content) > LARGEST_UPLOAD:
        raise InvalidInput(
            "the file is too large", found=f"{len(content):,} bytes", valid=f"{LARGEST_UPLOAD:,} or less"
        )
    if content.startswith(b"PK"):
        try:
            files = list(_unzipped(content))
        except _DAMAGED as error:
            raise InvalidInput("a damaged zip", found=name[:100], valid="a whole zip of CSV files") from error
        return [_table(file, text) for file, text in files]
    return [_table(name, content)]


def _unzipped(content: bytes) -> Iterator[tuple[str, bytes]]:
    left = LARGEST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        if len(members) > MOST_FILES:
            raise InvalidInput("too many files in the zip", found=str(len(members)), valid=f"{MOST_FILES} or fewer")
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise InvalidInput("a name that leaves the zip", found=repr(member.filename)[:100], valid="plain names")
            if path.suffix.lower() != ".csv":
                continue
            if member.flag_bits & 1:
                raise InvalidInput("an encrypted zip", found=path.name, valid="a zip without a password")
            with archive.open(member) as file:
                text = file.read(left + 1)
            left -= len(text)
            if left < 0:
                raise InvalidInput("the zip unpacks to too much", found=path.name, valid=f"{LARGEST_UNPACKED:,} bytes")
            yield path.name, text


def _table(file: str, content: bytes) -> Brought:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("not UTF-8 text", found=file, valid="a CSV file in UTF-8, or a zip of such") from error
    if "\0" in text:
        raise InvalidInput("not a text file", found=file, valid="a CSV file in UTF-8, or a zip of such")
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        csv.field_size_limit(LONGEST_CELL)
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator, strict=True) if any(row)]
    except csv.Error as error:
        raise InvalidInput("not a CSV file", found=f"{file}: {error}", valid="cells in straight quotes") from error
    if not rows:
        raise InvalidInput("an empty file", found=file, valid="a header and rows")
    header = [name.strip() for name in rows[0]]
    if len(header) > MOST_COLUMNS or len(set(header)) != len(header) or not all(header):
        raise InvalidInput("not a header", found=file, valid=f"up to {MOST_COLUMNS} different names of columns")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            found = f"{file}, row {number}: {len(row)} cells"
            raise InvalidInput("a row of another length", found=found, valid=f"{len(header)} cells")
    table = _guess(PurePosixPath(file).stem)
    return Brought(file, table, header, [[_plain(c) for c in row] for row in rows[1:]], _columns(table, header))


def _plain(cell: str) -> str:
    """A cell without the mark that an export puts before what a spreadsheet would take for a formula.

    >>> _plain("'=1+1"), _plain("'t Hooft")
    ('=1+1', "'t Hooft")
    """
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are.

    >>> safe_cell("=1+1"), safe_cell("-3.5"), safe_cell("@x"), safe_cell("Kim")
    ("'=1+1", '-3.5', "'@x", 'Kim')
    """
    if not cell.startswith(FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return f"'{cell}" if cell != cell.strip() else cell


def _guess(stem: str) -> str:
    word = _word(stem)
    return next((name for name in TABLES if _word(name) == word), "")


def _columns(table: str, header: list[str]) -> dict[str, str]:
    """Column of the registry for each of the file: as remembered from the last such file, else by its name."""
    if not table:
        return dict.fromkeys(header, "")
    remembered = ColumnMapping.objects.filter(table=table, header=_key(header)).first()
    if remembered is not None:
        known = json.loads(remembered.columns)
        return {name: known.get(name, "") for name in header}
    by_word = {_word(name): name for name in TABLES[table].by_name}
    return {name: by_word.get(_word(name), "") for name in header}


def _word(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _key(header: list[str]) -> str:
    return json.dumps(header, ensure_ascii=False)


def start(viewer: Viewer, name: str, content: bytes) -> int:
    """Keeps an upload, encrypted, to be mapped and tried; returns its ``id``.

    Raises:
        Refused: the viewer may not import.
        InvalidInput: see `read_upload`.
    """
    viewer.require("add", "imports")
    tables = read_upload(name, content)
    if not tables:
        raise InvalidInput("no CSV file in the zip", found=name[:100], valid="a zip of CSV files")
    with acting(viewer.name, "upload"):
        row = Import.objects.create(file=name[:200], by=viewer.name, at=utc_now(), content=_sealed(tables))
    return int(row.pk)


def brought(row: Any) -> list[Brought]:
    """The tables of an open import."""
    text = Keyring().open(CASE, "import", row.content)
    return [Brought(**table) for table in json.loads(text)] if text else []


def own_import(viewer: Viewer, id_: int) -> Any:
    """An import of the viewer's own: what others brought is theirs.

    Raises:
        Refused: there is no such import.
    """
    viewer.require("see", "imports")
    row = Import.objects.filter(pk=id_, by=viewer.name).first()
    if row is None:
        raise Refused("no such import")
    return row


def tables_to_add(viewer: Viewer) -> list[str]:
    """Tables to which the viewer may add rows."""
    return [name for name in TABLES if viewer.may("add", name)]


def set_mapping(viewer: Viewer, row: Any, choices: Mapping[int, tuple[str, Mapping[str, str]]]) -> None:
    """Says which table each file is and which column each of its columns; it is remembered for the next such file.

    Raises:
        Refused: a table or column is not one to which the viewer may add.
        InvalidInput: two columns of a file become one.
    """
    _require_open(row)
    tables = brought(row)
    for number, (name, chosen) in choices.items():
        table = tables[number]
        wanted = {h: chosen.get(h, "") for h in table.header} if name else dict.fromkeys(table.header, "")
        used = [c for c in wanted.values() if c]
        if name:
            viewer.require("add", name, used)
        if len(set(used)) != len(used):
            twice = next(c for c in used if used.count(c) > 1)
            raise InvalidInput("two columns become one", found=f"{table.file}: {twice}", valid="one column for each")
        # Columns that were guessed for another table are guessed again for this one.
        table.columns = wanted if name == table.table or any(used) else _columns(name, table.header)
        table.table = name
    with acting(viewer.name, "mapping of an import"):
        row.content = _sealed(tables)
        row.save()
        for table in tables:
            if table.table:
                key = {"table": table.table, "header": _key(table.header)}
                columns = json.dumps(table.columns, ensure_ascii=False, sort_keys=True)
                ColumnMapping.objects.update_or_create(defaults={"columns": columns}, **key)


def mapped(row: Any) -> dict[str, Columns]:
    """The tables of an import as they would enter.

    Raises:
        InvalidInput: two files are one table.
    """
    found: dict[str, Columns] = {}
    for table in brought(row):
        used = [(k, table.columns[name]) for k, name in enumerate(table.header) if table.columns.get(name)]
        if not table.table or not used:
            continue
        if table.table in found:
            raise InvalidInput("two files are one table", found=table.table, valid="one file for each table")
        rows = tuple(tuple(line[k].strip() for k, _ in used) for line in table.rows)
        found[table.table] = Columns(tuple(column for _, column in used), rows)
    return found


def try_out(viewer: Viewer, row: Any) -> Plan:
    """What taking the import in would do; nothing is changed."""
    _require_open(row)
    return plan_tables(viewer, mapped(row))


def apply(viewer: Viewer, row: Any) -> int:
    """Takes the import in, all of it or nothing; returns the number of rows.

    Raises:
        Refused: the viewer may not add such rows, or it was taken in before.
        InvalidInput: the record would have errors.
    """
    _require_open(row)
    with acting(viewer.name, _reason(row)):
        taken = take_in(viewer, mapped(row), _reason(row))
        row.state, row.content = APPLIED, None
        row.rows, row.first_entry, row.last_entry = taken.rows, taken.first_entry, taken.last_entry
        row.save()
    return taken.rows


def undo(viewer: Viewer, row: Any) -> int:
    """Removes what an import added; returns the number of rows.

    Raises:
        Refused: it was not taken in, or later work rests on it.
    """
    if row.state != APPLIED:
        raise Refused("only an import that was taken in can be undone")
    with acting(viewer.name, f"undoing {_reason(row)}"):
        removed = take_out(viewer, _reason(row), row.first_entry, row.last_entry, f"undoing {_reason(row)}")
        row.state = UNDONE
        row.save()
    return removed


def give_up(viewer: Viewer, row: Any) -> None:
    """Throws an open import away, with what it brought."""
    _require_open(row)
    with acting(viewer.name, "import given up"):
        row.state, row.content = GIVEN_UP, None
        row.save()


def _reason(row: Any) -> str:
    return f"import {row.pk}: {row.file}"


def _require_open(row: Any) -> None:
    if row.state != OPEN:
        raise Refused(f"this import is {row.state}")


def _sealed(tables: list[Brought]) -> str | None:
    keys = Keyring()
    parts = [
        {"file": t.file, "table": t.table, "header": t.header, "rows": t.rows, "columns": t.columns} for t in tables
    ]
    sealed = keys.close(CASE, "import", json.dumps(parts, ensure_ascii=False))
    keys.save()
    return sealed
