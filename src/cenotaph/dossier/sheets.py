"""CSV files into tables of text, with the physical line of every row and every fault of the file's shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.dossier.faults import Fault
from cenotaph.dossier.files import decode_utf8, read_bytes
from cenotaph.dossier.tables import TABLES, Table
from cenotaph.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

MAX_COLUMNS = 2000

MAX_RAGGED = 100_000
"""Rows of the wrong length that are listed one by one; a file with more of them is no table."""

_QUOTE, _COMMA, _NEWLINE = 34, 44, 10


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in its file.

    Args:
        name: table.
        path: file.
        frame: all cells as text, an empty cell is null.
        lines: shape ``(rows,)``: physical line on which each row begins.
    """

    name: str
    path: Path
    frame: pl.DataFrame
    lines: NDArray[np.int64]

    @cached_property
    def table(self) -> Table | None:
        """Its declaration, None for a table that the registry does not know."""
        return TABLES.get(self.name)

    def text(self, column: str) -> pl.Series:
        """Cells of *column*; nulls where the file has no such column."""
        import polars as pl

        if column in self.frame.columns:
            return self.frame.get_column(column)
        return pl.Series(column, [None] * self.frame.height, dtype=pl.String)

    def fault(
        self, row: int, column: str | None, what: str, *, found: str | None = None, valid: str | None = None
    ) -> Fault:
        """An error on a row."""
        return Fault(self.name, int(self.lines[row]), column, what, found, valid)

    def warning(
        self, row: int, column: str | None, what: str, *, found: str | None = None, valid: str | None = None
    ) -> Fault:
        """A warning on a row."""
        return Fault(self.name, int(self.lines[row]), column, what, found, valid, "warning")


def read_sheet(path: Path) -> tuple[Sheet | None, list[Fault]]:
    """Reads one CSV file.

    Returns:
        The sheet and the faults of its shape. Rows with too many or too few cells are left out of the sheet, each
        with a fault. The sheet is None where the file cannot be read as a table at all.
    """
    name = path.name.removesuffix(".csv")
    try:
        data = read_bytes(path)
        if data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        decode_utf8(data, path.name)
    except FormatError as error:
        return None, [_unreadable(name, error)]
    if not data.strip():
        return None, [Fault(name, 1, None, "the file is empty", valid="a header row")]
    if b"\r" in data and data.count(b"\r") == data.count(b"\r\n"):
        data = data if b'"' in data else data.replace(b"\r\n", b"\n")
    return _read_quoted(path, data) if b'"' in data or b"\r" in data else _read_plain(path, data)


def _unreadable(name: str, error: FormatError) -> Fault:
    line = (error.where or "").rpartition(":")[2]
    return Fault(
        name,
        int(line) if line.isdigit() else None,
        None,
        error.what,
        None if error.found is None else str(error.found),
        error.valid,
    )


def _header_faults(name: str, header: Sequence[str]) -> list[Fault]:
    if len(header) > MAX_COLUMNS:
        return [Fault(name, 1, None, "too many columns", str(len(header)), f"at most {MAX_COLUMNS}")]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        mark = "semicolon" if ";" in header[0] else "tab"
        return [Fault(name, 1, None, "wrong separator", mark, "comma")]
    faults = []
    for position, column in enumerate(header):
        if not column.strip():
            faults.append(Fault(name, 1, None, f"column {position + 1} has no name", column, "a column name"))
        elif column in header[:position]:
            faults.append(Fault(name, 1, column, "the column is there twice", column, "each column once"))
    return faults


def _ragged(name: str, line: int, cells: int, columns: int) -> Fault:
    return Fault(name, line, None, "wrong number of cells", str(cells), f"{columns}, as in the header")


def _read_plain(path: Path, data: bytes) -> tuple[Sheet | None, list[Fault]]:
    """Reads a file without quotes: line breaks and commas mean what they are, and are counted as arrays."""
    import polars as pl

    name = path.name.removesuffix(".csv")
    if not data.endswith(b"\n"):
        data += b"\n"
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(codes == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    cells = np.add.reduceat(codes == _COMMA, starts, dtype=np.int32) + 1
    filled = ends > starts
    first = int(np.argmax(filled))
    header = data[starts[first] : ends[first]].decode().split(",")
    if faults := _header_faults(name, header):
        return None, faults
    body = filled.copy()
    body[: first + 1] = False
    good = body & (cells == len(header))
    ragged = np.flatnonzero(body & ~good)
    faults = [_ragged(name, int(i) + 1, int(cells[i]), len(header)) for i in ragged[:MAX_RAGGED]]
    if ragged.size > MAX_RAGGED:
        more = f"{ragged.size - MAX_RAGGED} more rows with the wrong number of cells"
        faults.append(Fault(name, int(ragged[MAX_RAGGED]) + 1, None, more, None, f"{len(header)}, as in the header"))
    rows = np.flatnonzero(good)
    if rows.size == 0:
        return Sheet(name, path, pl.DataFrame(schema=dict.fromkeys(header, pl.String)), np.zeros(0, np.int64)), faults
    if rows.size == rows[-1] - rows[0] + 1:
        text = data[starts[rows[0]] : ends[rows[-1]] + 1]
    else:
        text = b"".join(data[starts[i] : ends[i] + 1] for i in rows)
    frame = pl.read_csv(
        io.BytesIO(text),
        has_header=False,
        schema=dict.fromkeys(header, pl.String),
        quote_char=None,
        infer_schema=False,
    )
    return Sheet(name, path, frame, rows.astype(np.int64) + 1), faults


def _read_quoted(path: Path, data: bytes) -> tuple[Sheet | None, list[Fault]]:
    """Reads a file with quotes row by row; a quoted cell may span lines."""
    import polars as pl

    name = path.name.removesuffix(".csv")
    reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    before = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            faults.append(_broken_quote(name, before + 1, error))
            break
        if row is None:
            break
        line, before = before + 1, reader.line_num
        if not row:
            continue
        if header is None:
            header = row
            if faults := _header_faults(name, header):
                return None, faults
        elif len(row) != len(header):
            faults.append(_ragged(name, line, len(row), len(header)))
        else:
            rows.append(row)
            lines.append(line)
    if header is None:
        return None, faults or [Fault(name, 1, None, "the file is empty", valid="a header row")]
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    frame = pl.DataFrame(
        {
            column: pl.Series(column, [cell or None for cell in cells], dtype=pl.String)
            for column, cells in zip(header, columns, strict=True)
        }
    )
    return Sheet(name, path, frame, np.array(lines, dtype=np.int64)), faults


def _broken_quote(name: str, line: int, error: csv.Error) -> Fault:
    text = str(error)
    if "unexpected end of data" in text:
        return Fault(name, line, None, "a quoted cell is never closed", valid='a closing "; the rest is unread')
    if "field larger" in text:
        return Fault(name, line, None, "a cell is too long", valid="at most 131072 characters; the rest is unread")
    return Fault(
        name, line, None, "a quotation mark in the wrong place", valid='"" inside a quoted cell; the rest is unread'
    )
