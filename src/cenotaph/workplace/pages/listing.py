"""Lists: a page of rows, filtered and sorted by what the viewer may see, with the count of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from cenotaph.dossier.tables import TABLES
from cenotaph.workplace.access import selectors
from cenotaph.workplace.access.viewer import Viewer
from cenotaph.workplace.cells import secret_columns
from cenotaph.workplace.services.undone import asked as asked_undone

PAGE = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Args:
        name: field.
        words: head of the column.
        sort: address that sorts by it, empty where it cannot be sorted by.
        sorted: ``ascending``, ``descending`` or empty.
        is_number: whether its cells stand to the right.
    """

    name: str
    words: str
    sort: str
    sorted: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list.

    Args:
        columns: those shown.
        rows: of this page.
        total: rows on all pages.
        first, last: numbers of the first and last row of this page.
        before, after: addresses of the pages beside it, empty where there is none.
        filters: field, words, value and choices of each filter.
        kept: what else the addresses of the list carry on.
        only: what its rows are, where they are only those to which something is to be done.
    """

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    total: int
    first: int
    last: int
    before: str
    after: str
    filters: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    kept: tuple[tuple[str, str], ...] = ()
    only: Any = ""


def list_rows(
    request: HttpRequest,
    viewer: Viewer,
    resource: str,
    fields: Mapping[str, Any],
    *,
    where: Mapping[str, object] | None = None,
    filters: Sequence[str] = (),
    order: str = "",
    ids: Sequence[int] | None = None,
    kept: Mapping[str, str] | None = None,
) -> Listing:
    """The page of a list that a request asks for.

    Args:
        request: with ``page``, ``sort``, the filters and ``todo``, a word of `services.undone`, in its address;
            whatever makes no sense there is passed over.
        viewer, resource: who looks at which table.
        fields: fields wanted with the words of their heads; those that are not open to the viewer are left out.
        where: what always holds.
        filters: fields by which the viewer may filter: words of a vocabulary exactly, other text as a part.
        order: field by which the list is sorted unless the request says otherwise.
        ids: only these rows.
        kept: what else the addresses of the list carry on.
    """
    open_fields = [f for f in fields if viewer.may("see", resource, f)]
    plain = [f for f in open_fields if f not in secret_columns(resource)]
    columns = TABLES[resource].by_name
    asked = {f: request.GET.get(f, "").replace("\0", "").strip() for f in filters if f in plain}
    chosen: dict[str, object] = dict(where or {})
    if ids is not None:
        chosen["id__in"] = list(ids)
    carried = dict(kept or {})
    undone = asked_undone(viewer, resource, request.GET.get("todo", ""))
    if undone:
        carried["todo"] = request.GET["todo"]
        chosen["pk__in"] = undone.rows(viewer).values("pk")
    for field, value in asked.items():
        if value:
            chosen[field if columns[field].vocabulary else f"{field}__icontains"] = value
    sort = request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in plain else order if order.removeprefix("-") in plain else ""
    total = selectors.count(viewer, resource, chosen)
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    number = max(1, min(number, -(-total // PAGE)))
    start = (number - 1) * PAGE
    found = selectors.rows(
        viewer, resource, where=chosen, order=[sort] if sort else (), start=start, limit=PAGE, fields=open_fields
    )

    def address(**changed: Any) -> str:
        return "?" + urlencode({k: v for k, v in ({**carried, "sort": sort, **asked} | changed).items() if v})

    heads = tuple(
        Column(
            f,
            fields[f],
            address(sort=f"-{f}" if sort == f else f) if f in plain else "",
            "" if sort.removeprefix("-") != f else "descending" if sort.startswith("-") else "ascending",
            columns[f].type in {"number", "integer"},
        )
        for f in open_fields
    )
    return Listing(
        heads,
        [row | {"cells": [(c, row.get(c.name)) for c in heads]} for row in found],
        total,
        min(start + 1, total),
        start + len(found),
        address(page=number - 1) if number > 1 else "",
        address(page=number + 1) if start + len(found) < total else "",
        tuple((f, fields[f], v, tuple(columns[f].vocabulary or ())) for f, v in asked.items()),
        tuple((name, value) for name, value in carried.items() if value),
        undone.meaning if undone else "",
    )


def with_numbers(listing: Listing, name: str, words: Any, key: str, numbers: Mapping[str, int]) -> Listing:
    """The list with one column more: a number for each row, by the row's field *key*."""
    column = Column(name, words, "", "", True)
    for row in listing.rows:
        row["cells"].append((column, numbers.get(row[key], 0)))
    return replace(listing, columns=(*listing.columns, column))
