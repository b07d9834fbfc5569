"""Tables for a spreadsheet: what one may take elsewhere, as a zip of CSV files; every export is an event."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ALL, Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.ledger.context import acting, reading
from cenotaph.workplace.models import Event
from cenotaph.workplace.services.imports import safe_cell

LEAST_REASON = 10
_MADE = (1980, 1, 1, 0, 0, 0)


def exportable(viewer: Viewer) -> dict[str, list[str]]:
    """Tables and columns that the viewer may both see and export."""
    found = {}
    for name, table in TABLES.items():
        if viewer.may("export", name) and viewer.may("see", name):
            seen, taken = set(viewer.fields("see", name)), set(viewer.fields("export", name))
            found[name] = [c.name for c in table.columns if c.name in seen & taken]
    return found


def export_tables(viewer: Viewer, names: Sequence[str], reason: str) -> bytes:
    """A zip of the tables, one CSV file each; cells that a spreadsheet would run are marked with an apostrophe.

    The same record gives the same bytes.

    Raises:
        Refused: a table is not to be exported by the viewer, or no reason is given.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(f"an export needs a reason of {LEAST_REASON} letters or more")
    may = exportable(viewer)
    if not names:
        raise Refused("choose a table")
    for name in names:
        if name not in may:
            raise Refused(f"your role may not export {name}")
    out, counts = io.BytesIO(), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, reading():
        for name in names:
            rows = selectors.rows(viewer, name, where=_limit(viewer, name), fields=may[name])
            counts.append(f"{name} {len(rows)}")
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _MADE), _csv(may[name], rows))
    with acting(viewer.name, reason.strip()):
        Event.objects.create(kind="export", subject="tables", detail=", ".join(counts))
    return out.getvalue()


def _limit(viewer: Viewer, name: str) -> dict[str, object]:
    """Rows that may be exported, where these are fewer than those that are seen."""
    if ALL in viewer.fields_by_rows("export", name):
        return {}
    return {"id__in": list(selectors.query(viewer, name, "export").values_list("pk", flat=True))}


def _csv(columns: Sequence[str], rows: Sequence[selectors.Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(row.get(c) or "") for c in columns] for row in rows)
    return out.getvalue()
