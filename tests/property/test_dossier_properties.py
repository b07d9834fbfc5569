"""Properties of reading, checking and writing dossiers."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.dossiers import SOUND, write_tables

from cenotaph.dossier.check import check_dossier
from cenotaph.dossier.dates import parse_date
from cenotaph.dossier.read import Dossier, read_dossier
from cenotaph.dossier.sheets import read_sheet
from cenotaph.dossier.write import write_dossier
from cenotaph.errors import InvalidInput

CELLS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)


def written(rows: list[tuple[str, ...]], terminator: str) -> bytes:
    out = io.StringIO()
    has_breaks = any("\r" in cell for row in rows for cell in row)  # a bare one is a line end to some readers
    writer = csv.writer(out, lineterminator=terminator, quoting=csv.QUOTE_ALL if has_breaks else csv.QUOTE_MINIMAL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    return out.getvalue().encode()


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]))
def test_any_csv_is_read_as_the_csv_module_reads_it(rows: list[tuple[str, ...]], terminator: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.csv"
        path.write_bytes(written(rows, terminator))
        sheet, faults = read_sheet(path)
    assert faults == []
    assert sheet is not None
    assert [tuple(c or "" for c in row) for row in sheet.frame.iter_rows()] == rows


@settings(deadline=None)
@given(ROWS)
def test_any_table_is_written_and_read_back(rows: list[tuple[str, ...]]) -> None:
    frame = pl.DataFrame(
        {name: pl.Series([row[i] or None for row in rows], dtype=pl.String) for i, name in enumerate("abc")}
    )
    with tempfile.TemporaryDirectory() as folder:
        write_dossier(
            Dossier.from_texts({"own": frame, "incidents": pl.DataFrame({"incident_id": ["I"]})}), Path(folder) / "d"
        )
        assert read_dossier(Path(folder) / "d").texts["own"].equals(frame)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(SOUND)), st.binary(max_size=80), st.integers(0, 400))
def test_no_file_makes_the_check_fall_over(table: str, garbage: bytes, at: int) -> None:
    text = SOUND[table].encode()
    with tempfile.TemporaryDirectory() as folder:
        faults = check_dossier(write_tables(Path(folder), **{table: text[:at] + garbage + text[at:]}))
    assert all(str(f) and f.severity in {"error", "warning"} for f in faults)


@given(st.text("0123456789X-/.?~%", max_size=14))
def test_a_date_is_read_in_order_or_refused(text: str) -> None:
    try:
        days = parse_date(text)
    except InvalidInput:
        return
    assert days.earliest is None or days.latest is None or days.earliest <= days.latest


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_no_fault_but_its_line(order: list[int]) -> None:
    head, *rows = SOUND["relatives"].strip().split("\n")
    rows[3] = "F1,F1.S,F1.F,,F,"
    with tempfile.TemporaryDirectory() as folder:
        faults = check_dossier(
            write_tables(Path(folder), relatives="\n".join([head, *(rows[i] for i in order)]) + "\n")
        )
    assert [(f.what, f.line) for f in faults] == [("one parent without the other", order.index(3) + 2)]
