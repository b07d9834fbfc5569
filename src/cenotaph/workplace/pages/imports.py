"""Imports, step by step: bring a file, say what its columns are, try it, take it in, undo it. And exports."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cenotaph.dossier.tables import TABLES
from cenotaph.errors import InvalidInput
from cenotaph.workplace.access.rights import Refused
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.models import Import
from cenotaph.workplace.pages.endpoint import page
from cenotaph.workplace.services import files_out, imports

MOST_FAULTS = 200
SAMPLE_ROWS = 5
STATE_LABELS = {
    imports.OPEN: _("open"),
    imports.APPLIED: _("taken in"),
    imports.UNDONE: _("undone"),
    imports.GIVEN_UP: _("given up"),
}


@page("add", "imports")
@require_http_methods(["GET", "HEAD", "POST"])
def imports_list(request: Any) -> HttpResponse:
    """The viewer's own imports, and the place to bring a file."""
    problem: Any = None
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Choose a file first.")
        elif file.size > imports.LARGEST_UPLOAD:
            problem = _("The file is too large: 32 MB at most.")
        else:
            try:
                return redirect("import", imports.start(request.viewer, file.name or "file", file.read()))
            except InvalidInput as error:
                problem = str(error)
    found = Import.objects.filter(by=request.viewer.name).order_by("-id")[:50]
    context = {
        "imports": [{"row": row, "state": STATE_LABELS[row.state]} for row in found],
        "tables": imports.tables_to_add(request.viewer),
        "problem": problem,
        "may_export": bool(files_out.exportable(request.viewer)),
    }
    return render(request, "imports.html", context, status=422 if problem else 200)


@page("add", "imports")
@require_http_methods(["GET", "HEAD", "POST"])
def one_import(request: Any, id_: int) -> HttpResponse:
    """An import: the mapping of its columns, and what taking it in would do."""
    viewer: Viewer = request.viewer
    row = imports.own_import(viewer, id_)
    problem = None
    if request.method == "POST":
        try:
            imports.set_mapping(viewer, row, _choices(request, row))
            return redirect("import", id_)
        except (InvalidInput, Refused) as error:
            problem = str(error)
    return _import_page(request, row, problem)


def _choices(request: Any, row: Any) -> dict[int, tuple[str, dict[str, str]]]:
    return {
        number: (
            request.POST.get(f"table-{number}", ""),
            {name: request.POST.get(f"column-{number}-{k}", "") for k, name in enumerate(table.header)},
        )
        for number, table in enumerate(imports.brought(row))
    }


def _import_page(request: Any, row: Any, problem: str | None = None, status: int = 200) -> HttpResponse:
    viewer: Viewer = request.viewer
    context: dict[str, Any] = {"row": row, "state": STATE_LABELS[row.state], "problem": problem}
    if row.state == imports.OPEN:
        names = imports.tables_to_add(viewer)
        context |= {"names": names, "files": [_file(viewer, n, t) for n, t in enumerate(imports.brought(row))]}
        context |= _trial(viewer, row)
    return render(request, "import.html", context, status=422 if problem and status == 200 else status)


def _file(viewer: Viewer, number: int, table: imports.Brought) -> dict[str, Any]:
    may = viewer.may("add", table.table) if table.table else False
    fields = [f for f in viewer.fields("add", table.table) if f in TABLES[table.table].by_name] if may else []
    columns = [
        {
            "name": name,
            "place": k,
            "to": table.columns.get(name, ""),
            "sample": next((r[k] for r in table.rows if r[k]), ""),
        }
        for k, name in enumerate(table.header)
    ]
    return {
        "number": number,
        "file": table.file,
        "table": table.table,
        "rows": len(table.rows),
        "columns": columns,
        "fields": fields,
    }


def _trial(viewer: Viewer, row: Any) -> dict[str, Any]:
    """What taking the import in would do, or why it cannot be tried."""
    try:
        plan = imports.try_out(viewer, row)
    except (InvalidInput, Refused) as error:
        return {"untried": str(error)}
    # Faults of other tables would tell of rows that the viewer may not see.
    own = [f for f in plan.faults if f.table in plan.new]
    return {
        "plan": plan,
        "new": [(name, frame.height, plan.there.get(name, 0)) for name, frame in plan.new.items()],
        "samples": [
            (name, frame.columns, [list(r) for r in frame.head(SAMPLE_ROWS).iter_rows()])
            for name, frame in plan.new.items()
            if frame.height
        ],
        "added": sum(frame.height for frame in plan.new.values()),
        "faults": sorted(own, key=lambda f: f.severity != "error")[:MOST_FAULTS],
        "errors": sum(f.severity == "error" for f in plan.faults),
        "other_errors": sum(f.severity == "error" and f.table not in plan.new for f in plan.faults),
    }


@page("add", "imports")
@require_POST
def apply_import(request: Any, id_: int) -> HttpResponse:
    """Takes an import in."""
    return _done(request, id_, imports.apply)


@page("add", "imports")
@require_POST
def undo_import(request: Any, id_: int) -> HttpResponse:
    """Undoes an import."""
    return _done(request, id_, imports.undo)


@page("add", "imports")
@require_POST
def give_up_import(request: Any, id_: int) -> HttpResponse:
    """Throws an open import away."""
    return _done(request, id_, imports.give_up)


def _done(request: Any, id_: int, act: Any) -> HttpResponse:
    row = imports.own_import(request.viewer, id_)
    try:
        act(request.viewer, row)
    except (InvalidInput, Refused) as error:
        return _import_page(request, imports.own_import(request.viewer, id_), str(error), 409)
    return redirect("import", id_)


@page("export", *TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: Any) -> HttpResponse:
    """Tables as CSV files in a zip, or as a workbook."""
    viewer: Viewer = request.viewer
    problem = None
    if request.method == "POST":
        try:
            form = request.POST.get("form", "csv")
            tables, reason = request.POST.getlist("table"), request.POST.get("reason", "")
            content = files_out.export_tables(viewer, tables, reason, form)
        except Refused as error:
            problem = str(error)
        else:
            response = HttpResponse(content, content_type=files_out.FORMS[form].mime)
            response["Content-Disposition"] = f'attachment; filename="{files_out.FORMS[form].file}"'
            return response
    open_tables = list(files_out.exportable(viewer).items())
    chosen = request.POST.getlist("table")
    context = {"tables": open_tables, "problem": problem, "chosen": chosen, "reason": request.POST.get("reason", "")}
    return render(request, "export.html", context, status=422 if problem else 200)
