"""Tables for a spreadsheet: what one may take elsewhere, as CSV in a zip or as a workbook; every export is an event."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ALL, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting, reading
from cenotaph.workplace.models import Event
from cenotaph.workplace.services.imports import safe_cell

Lines = list[list[str]]
"""Cells of a table, the first line its header."""

LEAST_REASON = 10
LONGEST_SHEET_CELL = 32_767
"""What a cell of a workbook holds."""

_MADE = (1980, 1, 1, 0, 0, 0)


def exportable(viewer: Viewer) -> dict[str, list[str]]:
    """Tables and columns that the viewer may both see and export."""
    found = {}
    for name, table in TABLES.items():
        if viewer.may("export", name) and viewer.may("see", name):
            seen, taken = set(viewer.fields("see", name)), set(viewer.fields("export", name))
            found[name] = [c.name for c in table.columns if c.name in seen & taken]
    return found


def export_tables(viewer: Viewer, names: Sequence[str], reason: str, form: str = "csv") -> bytes:
    """A file of the tables; cells that a spreadsheet would run are marked with an apostrophe.

    Args:
        viewer: who takes them.
        names: the tables.
        reason: why; the ledger keeps it.
        form: ``csv``, a zip with a file for each table, of which the same record gives the same bytes; or ``xlsx``, a
            workbook with a sheet for each, in which every cell is text.

    Raises:
        Refused: a table is not to be exported by the viewer, no reason is given, or there is no such form.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(f"an export needs a reason of {LEAST_REASON} letters or more")
    if form not in FORMS:
        raise Refused(f"an export is one of {', '.join(FORMS)}")
    may = exportable(viewer)
    if not names:
        raise Refused("choose a table")
    for name in names:
        if name not in may:
            raise Refused(f"your role may not export {name}")
    tables: dict[str, Lines] = {}
    with reading():
        for name in names:
            rows = selectors.rows(viewer, name, where=_limit(viewer, name), fields=may[name])
            tables[name] = [may[name], *([safe_cell(row.get(c) or "") for c in may[name]] for row in rows)]
    content = FORMS[form].write(tables)
    counts = ", ".join(f"{name} {len(lines) - 1}" for name, lines in tables.items())
    with acting(viewer.name, reason.strip()):
        Event.objects.create(kind="export", subject="tables", detail=counts)
    return content


def _limit(viewer: Viewer, name: str) -> dict[str, object]:
    """Rows that may be exported, where these are fewer than those that are seen."""
    if ALL in viewer.fields_by_rows("export", name):
        return {}
    return {"id__in": list(selectors.query(viewer, name, "export").values_list("pk", flat=True))}


def _zip_of_csv(tables: Mapping[str, Lines]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in tables.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(lines)
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _MADE), text.getvalue())
    return out.getvalue()


def _workbook(tables: Mapping[str, Lines]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book, out = Workbook(write_only=True), io.BytesIO()
    for name, lines in tables.items():
        if any(len(cell) > LONGEST_SHEET_CELL for line in lines for cell in line):
            raise Refused(f"a cell of {name} is too long for a workbook; take it as CSV")
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell) for cell in line])
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of export: what writes it, its media type, and the name of the file."""

    write: Callable[[Mapping[str, Lines]], bytes]
    mime: str
    file: str


FORMS: Mapping[str, Form] = {
    "csv": Form(_zip_of_csv, "application/zip", "cenotaph.zip"),
    "xlsx": Form(_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "cenotaph.xlsx"),
}
