"""The tables of the record: for each its rows, one row, its history, and the changes that some role may make.

Columns, words and rights come from the registry and from the declaration of rights; nothing is said here a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pydantic
from django.http import Http404, HttpRequest
from ninja import Body, NinjaAPI, Path, Query, Schema, Status
from pydantic import ConfigDict, Field, StringConstraints

from cenotaph.dossier.declaration import Column, Table
from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.rights import ROLES, allowed
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.api.answers import answers_with
from cenotaph.workplace.api.doors import viewer_of
from cenotaph.workplace.cells import EXTRA, secret_columns
from cenotaph.workplace.services import records

MOST_ROWS = 1000
LARGEST = 2**63 - 1
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Path(ge=1, le=LARGEST, description="number of the row")]
Reason = Annotated[Text, Field(description="why; the ledger keeps it")]


class Strict(Schema):
    """What is sent: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Added(Schema):
    """A row that was added."""

    id: int = Field(description="number of the row")


class Done(Schema):
    """How many rows were changed."""

    rows: int


class Step(Schema):
    """One entry of the ledger about a row."""

    seq: int
    at: str
    actor: str
    reason: str
    action: Literal["insert", "update", "delete"]
    before: dict[str, Any] | None = Field(description="the open fields before, none before it was added")
    after: dict[str, Any] | None = Field(description="the open fields after, none once it was removed")


def add_tables(api: NinjaAPI) -> None:
    """Registers the operations of every table of the registry."""
    for table in TABLES.values():
        _add_reading(api, table)
        if _somebody_may("add", table.name):
            _add_adding(api, table)
        if _somebody_may("change", table.name):
            _add_changing(api, table)
        if _somebody_may("remove", table.name):
            _add_removing(api, table)


def _somebody_may(verb: str, resource: str) -> bool:
    return any(allowed(role, resource, verb) for role in ROLES)


def _add_reading(api: NinjaAPI, table: Table) -> None:
    name = table.name
    cells = {c.name: (Text | None, Field(None, description=_meaning(c))) for c in table.columns}
    extra: Any = (dict[str, str], Field({}, description="columns that the registry does not know"))
    row_of = _schema(_named(name), Schema, id=(int, ...), **cells, **{EXTRA: extra})
    row_of.__doc__ = f"{table.meaning} Fields that are not open to your role are not there."
    page_of = _schema(f"{_named(name)}Page", Schema, total=(int, ...), rows=(_of(list, row_of), ...))
    asked_of = _asked(table)

    def list_rows(request: HttpRequest, asked: Any) -> Any:
        viewer = viewer_of(request)
        _refuse_unknown(request, asked_of)
        given = asked.model_dump(exclude_unset=True)
        start, limit, order = asked.start, asked.limit, asked.order
        where = dict(_condition(f, v) for f, v in given.items() if f not in {"start", "limit", "order"})
        return {
            "total": selectors.count(viewer, name, where),
            "rows": selectors.rows(viewer, name, where=where, order=[order] if order else (), start=start, limit=limit),
        }

    def one_row(request: HttpRequest, id_: int) -> Any:
        return _row(viewer_of(request), name, id_)

    def history(request: HttpRequest, id_: int) -> Any:
        viewer = viewer_of(request)
        _row(viewer, name, id_)
        return selectors.history(viewer, name, id_)

    address, one = f"/tables/{name}", f"/tables/{name}/{{id_}}"
    _register(api.get, address, list_rows, page_of, f"list_{name}", "Rows", asked=_of(Query, asked_of))
    _register(api.get, one, one_row, row_of, f"get_{name}", "One row", id_=Id)
    _register(api.get, f"{one}/history", history, list[Step], f"history_{name}", "What happened to a row", id_=Id)


def _add_adding(api: NinjaAPI, table: Table) -> None:
    name = table.name
    sent_of = _schema(f"New{_named(name)}", Strict, values=(_values(table, "add"), ...), reason=(Reason, ""))

    def add(request: HttpRequest, sent: Any) -> Any:
        values = sent.values.model_dump(exclude_unset=True)
        return Status(201, {"id": records.add(viewer_of(request), name, values, sent.reason)})

    _register(api.post, f"/tables/{name}", add, Added, f"add_{name}", "Add a row", 201, sent=_of(Body, sent_of))


def _add_changing(api: NinjaAPI, table: Table) -> None:
    name = table.name
    values_of = _values(table, "change")
    seen: Any = Field(default_factory=values_of, description="what fields said when they were read; else it is 409")
    sent_of = _schema(
        f"Changed{_named(name)}", Strict, values=(values_of, ...), seen=(values_of, seen), reason=(Reason, "")
    )

    def change(request: HttpRequest, id_: int, sent: Any) -> Any:
        viewer = viewer_of(request)
        viewer.require("change", name)
        if not selectors.query(viewer, name, "change").filter(pk=id_).exists():
            raise Http404
        values, seen = (m.model_dump(exclude_unset=True) for m in (sent.values, sent.seen))
        viewer.require("see", name, seen)  # To be told that a field says something else is to see it.
        records.change(viewer, name, id_, values, sent.reason, seen=seen)
        return {"rows": 1}

    one, sent = f"/tables/{name}/{{id_}}", _of(Body, sent_of)
    _register(api.patch, one, change, Done, f"change_{name}", "Change fields of a row", id_=Id, sent=sent)


def _add_removing(api: NinjaAPI, table: Table) -> None:
    name = table.name

    def remove(request: HttpRequest, id_: int, reason: str) -> Any:
        viewer = viewer_of(request)
        viewer.require("remove", name)
        if not selectors.query(viewer, name, "remove").filter(pk=id_).exists():
            raise Http404
        records.remove(viewer, name, id_, reason)
        return {"rows": 1}

    because = Annotated[str, Query(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    one, summary = f"/tables/{name}/{{id_}}", "Remove a row; the ledger keeps what it said"
    _register(api.delete, one, remove, Done, f"remove_{name}", summary, id_=Id, reason=because)


def _register(
    method: Callable[..., Any],
    address: str,
    view: Callable[..., Any],
    answer: Any,
    operation: str,
    summary: str,
    status: int = 200,
    **parameters: Any,
) -> None:
    """Registers an operation whose parameters are known only now."""
    view.__annotations__ = {"request": HttpRequest, **parameters}
    method(
        address,
        response=answers_with(answer, status),
        operation_id=operation,
        summary=summary,
        tags=[operation.partition("_")[2]],
        exclude_unset=True,
    )(view)


def _schema(name: str, base: type[Schema], /, **fields: Any) -> Any:
    """A schema whose fields are known only now, each ``(type, default)``."""
    return pydantic.create_model(name, __base__=base, **fields)


def _of(outer: Any, schema: Any) -> Any:
    """``outer[schema]``, which a checker of types takes for a fault where the schema is known only now."""
    return outer[schema]


def _asked(table: Table) -> Any:
    """What a list may be asked: a page, an order, and a value for each column that is not secret."""
    plain = [c for c in table.columns if c.name not in secret_columns(table.name)]
    names = "|".join(c.name for c in plain)
    filters: dict[str, Any] = {
        c.name: (Text, Field("", description=f"only rows with this: {_meaning(c)}")) for c in plain
    }
    return _schema(
        f"{_named(table.name)}Asked",
        Strict,
        start=(Annotated[int, Field(ge=0, le=LARGEST)], Field(0, description="how many rows to pass over")),
        limit=(Annotated[int, Field(ge=1, le=MOST_ROWS)], Field(100, description="how many rows at most")),
        order=(
            Annotated[str, StringConstraints(pattern=f"^-?({names})$|^$")],
            Field("", description="the column to sort by, - before it to descend; numbers sort as numbers"),
        ),
        **filters,
    )


def _refuse_unknown(request: HttpRequest, asked: Any) -> None:
    if unknown := sorted(set(request.GET) - set(asked.model_fields)):
        raise records.Unsound(dict.fromkeys(unknown, "no such column, or not one that can be asked for"))


def _condition(field: str, value: str) -> tuple[str, object]:
    """An empty value asks for rows in which the cell is empty."""
    return (field, value) if value else (f"{field}__isnull", True)


def _values(table: Table, verb: str) -> Any:
    """The fields that some role may write with *verb*."""
    names = [c for c in table.columns if any(c.name in _open(role, table.name, verb) for role in ROLES)]
    cells: dict[str, Any] = {c.name: (Text | None, Field(None, description=_meaning(c))) for c in names}
    return _schema(f"{_named(table.name)}To{verb.title()}", Strict, **cells)


def _open(role: str, resource: str, verb: str) -> frozenset[str]:
    return frozenset[str]().union(*allowed(role, resource, verb).values())


def _row(viewer: Viewer, resource: str, id_: int) -> Any:
    found = selectors.rows(viewer, resource, where={"id": id_})
    if not found:
        raise Http404
    return found[0]


def _named(table: str) -> str:
    return "".join(part.title() for part in table.split("_"))


def _meaning(column: Column) -> str:
    unit = f", {column.unit}" if column.unit else ""
    words = f"; one of {' '.join(column.vocabulary)}" if column.vocabulary else ""
    return f"{column.meaning}{unit}{words}"
