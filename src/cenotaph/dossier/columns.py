"""Faults that the registry alone can tell: headers, types, vocabularies, bounds, keys, references."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.cells import PARSERS
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.dossier.tables import Column, Table
from cenotaph.dossier.vocabulary import canonical_marker, nearest

if TYPE_CHECKING:
    import polars as pl


def header_faults(sheet: Sheet, table: Table) -> Iterator[Fault]:
    """Columns that must be there and are not; extra columns that look like a misspelt one."""
    present = sheet.frame.columns
    absent = [c for c in table.columns if c.name not in present]
    extra = [c for c in present if c not in table.by_name]
    for column in absent:
        if column.required:
            guess = nearest(column.name, extra)
            found = f"{guess}, perhaps misspelt" if guess else None
            yield Fault(sheet.name, 1, column.name, "a required column is missing", found, f"a column {column.name}")
    for name in extra:
        guess = nearest(name, [c.name for c in absent if not c.required])
        if guess and name.lower().replace(" ", "_") == guess:
            yield Fault(
                sheet.name, 1, name, "an extra column that looks like a known one", name, f"{guess}?", "warning"
            )


def cell_faults(sheet: Sheet, table: Table) -> Iterator[Fault]:
    """Empty cells, values of the wrong type, words outside the vocabulary, numbers outside the bounds."""
    for column in table.columns:
        if column.name not in sheet.frame.columns:
            continue
        cells = sheet.text(column.name)
        yield from _empty_faults(sheet, column, cells)
        if column.vocabulary:
            yield from _vocabulary_faults(sheet, column, cells)
        elif column.type in PARSERS:
            yield from _type_faults(sheet, column, cells)
        if column.type in {"number", "integer"}:
            yield from _bound_faults(sheet, column, cells)


def _empty_faults(sheet: Sheet, column: Column, cells: pl.Series) -> Iterator[Fault]:
    if not (column.filled or (column.required and column.default)) or not cells.null_count():
        return
    for row in cells.is_null().arg_true():
        if column.filled:
            yield sheet.fault(row, column.name, "the cell is empty", valid=_valid_values(column))
        else:
            yield sheet.warning(
                row, column.name, f"the cell is empty: {column.default} is taken", valid=_valid_values(column)
            )


def _valid_values(column: Column) -> str:
    return " ".join(column.vocabulary) or column.meaning


def _vocabulary_faults(sheet: Sheet, column: Column, cells: pl.Series) -> Iterator[Fault]:
    bad = [v for v in cells.unique().drop_nulls() if v not in column.vocabulary]
    if bad:
        for row in cells.is_in(bad).fill_null(False).arg_true():
            yield sheet.fault(
                row, column.name, "not a word of this column", found=cells[row], valid=" ".join(column.vocabulary)
            )


def _type_faults(sheet: Sheet, column: Column, cells: pl.Series) -> Iterator[Fault]:
    parse = PARSERS[column.type]
    problems = {v: problem for v in cells.unique().drop_nulls() if (problem := parse(v)) is not None}
    if problems:
        for row in cells.is_in(list(problems)).fill_null(False).arg_true():
            what, valid = problems[cells[row]]
            yield sheet.fault(row, column.name, what, found=cells[row], valid=valid)


def _bound_faults(sheet: Sheet, column: Column, cells: pl.Series) -> Iterator[Fault]:
    import polars as pl

    values = cells.cast(pl.Float64, strict=False).to_numpy()
    low = -np.inf if column.least is None else column.least
    high = np.inf if column.most is None else column.most
    unit = f" {column.unit}" if column.unit else ""
    for row in np.flatnonzero((values < low) | (values > high)):
        yield sheet.fault(
            int(row), column.name, "outside the bounds", found=cells[int(row)], valid=_bounds(low, high) + unit
        )
    if column.plausible is not None:
        least, most = column.plausible
        inside = (values >= low) & (values <= high)
        for row in np.flatnonzero(inside & ((values < least) | (values > most))):
            yield sheet.warning(
                int(row),
                column.name,
                "outside plausible limits",
                found=cells[int(row)],
                valid=_bounds(least, most) + unit,
            )


def _bounds(low: float, high: float) -> str:
    if high == np.inf:
        return f"at least {low:g}"
    if low == -np.inf:
        return f"at most {high:g}"
    return f"{low:g} to {high:g}"


def key_faults(sheet: Sheet, table: Table) -> Iterator[Fault]:
    """Rows that repeat a key, or a combination that may occur once."""
    for columns in (table.key, table.unique):
        present = [c for c in columns if c in sheet.frame.columns]
        if present and all(c in present for c in columns if table.by_name[c].required):
            yield from _repeated(sheet, table, present)


def _repeated(sheet: Sheet, table: Table, columns: list[str]) -> Iterator[Fault]:
    import polars as pl

    frame = sheet.frame.select(
        pl.col(c) if (d := table.by_name[c].default) is None else pl.col(c).fill_null(d) for c in columns
    )
    if "marker" in columns:
        frame = frame.with_columns(_canonical(frame.get_column("marker")))
    complete = frame.select(pl.all_horizontal(pl.col(c).is_not_null() for c in table.key or columns[:1])).to_series()
    again = ~frame.select(pl.struct(columns).is_first_distinct()).to_series() & complete
    if not again.any():
        return
    first: dict[tuple[object, ...], int] = {}
    repeated = set(frame.filter(again).unique().iter_rows())
    for row, values in enumerate(frame.iter_rows()):
        if values not in repeated:
            continue
        if values not in first:
            first[values] = row
        elif again[row]:
            text = " ".join("" if v is None else str(v) for v in values)
            at = int(sheet.lines[first[values]])
            what = "duplicate key" if table.key else f"duplicate key ({', '.join(columns)})"
            yield sheet.fault(row, columns[-1], what, found=text, valid=f"each once; first on line {at}")


def _canonical(names: pl.Series) -> pl.Series:
    known = {v: canonical_marker(v) or v for v in names.unique().drop_nulls()}
    return names.replace(known)


def reference_faults(
    sheet: Sheet, table: Table, sheets: Mapping[str, Sheet], broken: Collection[str]
) -> Iterator[Fault]:
    """Values that are not found where the registry says they must be.

    Args:
        sheet, table: the table that refers.
        sheets: every table that could be read, by name.
        broken: tables whose files are there but could not be read in full; references to them are not judged.
    """
    for column in table.columns:
        if column.name not in sheet.frame.columns:
            continue
        cells = sheet.text(column.name)
        if column.references is not None:
            yield from _to_target(sheet, column, cells, column.references, sheets, broken)
        elif column.references_by is not None:
            by, targets = column.references_by
            kinds = sheet.text(by)
            for kind, target in targets.items():
                rows = (kinds == kind).fill_null(False)
                if rows.any():
                    yield from _to_target(sheet, column, cells.set(~rows, None), target, sheets, broken)


def _to_target(
    sheet: Sheet, column: Column, cells: pl.Series, target: str, sheets: Mapping[str, Sheet], broken: Collection[str]
) -> Iterator[Fault]:
    named = cells.is_not_null()
    targets = [t.partition(".")[::2] for t in target.split()]
    if any(name in broken for name, _ in targets) or not named.any():
        return
    if not any(name in sheets for name, _ in targets):
        rows = named.arg_true()
        yield sheet.warning(
            rows[0],
            column.name,
            f"reference to a table that was not given ({len(rows)} rows)",
            found=cells[rows[0]],
            valid="a table " + " or ".join(f"{name}.csv" for name, _ in targets),
        )
        return
    there = [(name, key) for name, key in targets if name in sheets]
    if any(key not in sheets[name].frame.columns for name, key in there):
        return
    if column.type == "ids":
        values = {value for name, key in there for value in sheets[name].text(key).drop_nulls()}
        for row in named.arg_true():
            for value in cells[row].split():
                if value not in values:
                    yield _nowhere(sheet, row, column, value, target)
        return
    [(table, key)] = there
    known = sheets[table].text(key).drop_nulls().unique()
    for row in (~cells.is_in(known.implode()) & named).arg_true():
        yield _nowhere(sheet, row, column, cells[row], target)


def _nowhere(sheet: Sheet, row: int, column: Column, value: str, target: str) -> Fault:
    valid = " or ".join(f"a {key} of {table}.csv" for table, _, key in (t.partition(".") for t in target.split()))
    return sheet.fault(row, column.name, "reference to nowhere", found=value, valid=valid)
