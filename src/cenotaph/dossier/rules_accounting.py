"""Rules about the record of talks, promises, handovers and money that need more than one cell."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cenotaph.dossier.accounting_tables import CLAIM_SUBJECTS, PARTS
from cenotaph.dossier.dates import DateRange, parse_date
from cenotaph.dossier.declaration import Table
from cenotaph.dossier.faults import Fault
from cenotaph.dossier.sheets import Sheet
from cenotaph.errors import InvalidInput

Sheets = Mapping[str, Sheet]

_DATES = {
    "transfers": ("on_date", "on_date"),
    "payments": ("on_date", "on_date"),
    "operations": ("from_date", "to_date"),
    "engagements": ("from_date", "to_date"),
    "itinerary": ("from_date", "to_date"),
    "offices": ("from_date", "to_date"),
    "access": ("from_date", "to_date"),
    "incidents": ("from_date", "to_date"),
}
"""Columns that say when a row began and ended."""

MONEY_MOVES = ("paid", "agreed")
"""Statuses of payments that are money, not wishes."""


def accounting_faults(sheets: Sheets, tables: Mapping[str, Table], descriptor: Mapping[str, object]) -> Iterator[Fault]:
    """Every fault of the record; see the functions below.

    Args:
        sheets: tables by name.
        tables: the registry.
        descriptor: what ``datapackage.json`` says; its ``war`` is an EDTF interval such as 1950-06-25/1953-07-27.
    """
    yield from span_faults(sheets)
    war = descriptor.get("war")
    yield from loss_date_faults(sheets, war if isinstance(war, str) else None)
    yield from fulfilment_faults(sheets)
    yield from money_faults(sheets)
    yield from office_faults(sheets)
    yield from claim_faults(sheets, tables)
    yield from figure_faults(sheets)
    yield from count_faults(sheets)
    yield from whole_faults(sheets)


@dataclass(frozen=True, slots=True)
class _Span:
    """First and last day that a row may stand for; an unknown end is the first or last of all days."""

    first: datetime.date
    last: datetime.date


def _range(text: str | None) -> DateRange | None:
    if text is None:
        return None
    try:
        return parse_date(text)
    except InvalidInput:
        return None


def _span(start: str | None, end: str | None) -> _Span | None:
    """The days of a row; None where it gives none that can be read."""
    first, last = _range(start), _range(end)
    if first is None and last is None:
        return None
    begin = (first.earliest if first else None) or datetime.date.min
    stop = last.latest if last else first.latest if first else None
    return _Span(begin, stop or datetime.date.max)


def _column(sheet: Sheet, name: str) -> list[str | None]:
    cells: list[str | None] = sheet.text(name).to_list()
    return cells


def _spans(sheets: Sheets, table: str, key: str) -> dict[str, _Span]:
    """The days of every row of a table, by its key."""
    if table not in sheets:
        return {}
    sheet, (start, end) = sheets[table], _DATES[table]
    rows = zip(_column(sheet, key), _column(sheet, start), _column(sheet, end), strict=True)
    return {row_id: span for row_id, first, last in rows if row_id and (span := _span(first, last)) is not None}


def span_faults(sheets: Sheets) -> Iterator[Fault]:
    """A row that ends before it begins."""
    for table, (start, end) in _DATES.items():
        if table not in sheets or start == end:
            continue
        sheet = sheets[table]
        for row, (first, last) in enumerate(zip(_column(sheet, start), _column(sheet, end), strict=True)):
            begins, ends = _range(first), _range(last)
            if begins and ends and begins.earliest and ends.latest and ends.latest < begins.earliest:
                yield sheet.fault(row, end, "ends before it begins", found=last, valid=f"{first} or later")


def loss_date_faults(sheets: Sheets, war: str | None = None) -> Iterator[Fault]:
    """A loss outside the war, or outside its incident.

    Args:
        sheets: tables by name.
        war: the war as an EDTF interval; without one it spans the incidents, and only a loss that names an incident
            must lie inside. A doubtful date counts by all the days that it may mean.
    """
    if "missing" not in sheets:
        return
    stated, incidents = _span(war, war), _spans(sheets, "incidents", "incident_id")
    known = [s for s in incidents.values() if s.first > datetime.date.min and s.last < datetime.date.max]
    if stated is None and not known:
        return
    span = stated or _Span(min(s.first for s in known), max(s.last for s in known))
    valid = f"{span.first} to {span.last}" + ("" if stated else ", from the first incident to the last")
    sheet = sheets["missing"]
    incident_ids, texts = sheet.text("incident_id"), sheet.text("loss_date")
    days = {text: _span(text, text) for text in texts.drop_nulls().unique()}
    for row in texts.is_not_null().arg_true():
        lost, own = days[texts[row]], incidents.get(incident_ids[row] or "")
        if lost is None:
            continue
        if not _meet(lost, span):
            report = sheet.fault if stated or own else sheet.warning
            yield report(row, "loss_date", "the loss is outside the war", found=texts[row], valid=valid)
        elif own is not None and not _meet(lost, own):
            yield sheet.warning(
                row, "loss_date", "the loss is outside its incident", found=texts[row],
                valid=f"{own.first} to {own.last}, as {incident_ids[row]}",
            )  # fmt: skip


def _meet(one: _Span, other: _Span) -> bool:
    return one.first <= other.last and other.first <= one.last


def fulfilment_faults(sheets: Sheets) -> Iterator[Fault]:
    """A fulfilment before its promise; a promise called fulfilled by nothing; one due before it was made."""
    if "commitments" not in sheets:
        return
    sheet = sheets["commitments"]
    keys = {"transfers": "transfer_id", "operations": "operation_id", "payments": "payment_id"}
    done = {row: span for table, key in keys.items() for row, span in _spans(sheets, table, key).items()}
    meetings = _spans(sheets, "engagements", "engagement_id")
    columns = ("engagement_id", "made_on", "due", "status", "fulfilled_by")
    for row, (engagement, made_on, due, status, ids) in enumerate(
        zip(*(_column(sheet, c) for c in columns), strict=True)
    ):
        made = _span(made_on, made_on) or meetings.get(engagement or "")
        if made is not None:
            for row_id in (ids or "").split():
                found = done.get(row_id) or meetings.get(row_id)
                if found is not None and found.last < made.first:
                    yield sheet.fault(
                        row, "fulfilled_by", "a fulfilment before its promise", found=f"{row_id} of {found.last}",
                        valid=f"{made.first} or later",
                    )  # fmt: skip
            expected = _span(due, due)
            if expected is not None and expected.last < made.first:
                yield sheet.fault(row, "due", "due before it was made", found=due, valid=f"{made.first} or later")
        if status == "fulfilled" and not ids:
            yield sheet.warning(
                row, "fulfilled_by", "fulfilled, but nothing is named that did it", valid="what fulfilled it"
            )


def money_faults(sheets: Sheets) -> Iterator[Fault]:
    """Money that would be added twice: two payments for one transfer or operation, not marked as overlapping.

    A payment for a whole is also for its parts, and the other way round. Only money that was paid or agreed counts.
    """
    if "payments" not in sheets:
        return
    sheet = sheets["payments"]
    wholes = {**_wholes(sheets, "transfers", "transfer_id"), **_wholes(sheets, "operations", "operation_id")}
    columns = ("payment_id", "status", "kind", "for_transfer", "for_operation", "overlaps")
    seen: list[tuple[str, set[str], set[str], int]] = []
    for row, (key, status, kind, transfers, operations, overlaps) in enumerate(
        zip(*(_column(sheet, c) for c in columns), strict=True)
    ):
        if key is None:
            continue
        marked = set((overlaps or "").split())
        if key in marked:
            yield sheet.fault(row, "overlaps", "a payment overlaps itself", found=key, valid="another payment")
        if status not in MONEY_MOVES or kind == "demand":
            continue
        named = {i for ids in (transfers, operations) for i in (ids or "").split()}
        for other, others, others_marked, line in seen:
            shared = _shared(named, others, wholes)
            if shared and other not in marked and key not in others_marked:
                column = "for_transfer" if shared in (transfers or "").split() else "for_operation"
                yield sheet.fault(
                    row, column, "money would be added twice", found=f"{key} and {other} for {shared}",
                    valid=f"overlaps = {other}, if it is the same money; first on line {line}",
                )  # fmt: skip
        seen.append((key, named, marked, int(sheet.lines[row])))


def _wholes(sheets: Sheets, table: str, key: str) -> dict[str, str]:
    if table not in sheets:
        return {}
    pairs = zip(_column(sheets[table], key), _column(sheets[table], "part_of"), strict=True)
    return {part: whole for part, whole in pairs if part and whole}


def _shared(one: set[str], other: set[str], wholes: Mapping[str, str]) -> str | None:
    """A row that both name, or of which one names a whole."""
    for names, rest in ((one, other), (other, one)):
        for name in sorted(names):
            if rest & set(_upward(name, wholes)):
                return name
    return None


def _upward(name: str, wholes: Mapping[str, str]) -> list[str]:
    """A row and every whole that it is in."""
    chain = [name]
    while chain[-1] in wholes and wholes[chain[-1]] not in chain:
        chain.append(wholes[chain[-1]])
    return chain


def office_faults(sheets: Sheets) -> Iterator[Fault]:
    """A person who takes part in an office that they did not hold on that day."""
    if not {"participants", "offices", "engagements"} <= set(sheets):
        return
    sheet, held = sheets["participants"], sheets["offices"]
    offices: dict[str, list[tuple[str | None, _Span]]] = {}
    for person, office, start, end in zip(
        *(_column(held, c) for c in ("person_id", "office", "from_date", "to_date")), strict=True
    ):
        first, last = _range(start), _range(end)
        span = _Span(
            (first.earliest if first else None) or datetime.date.min,
            (last.latest if last else None) or datetime.date.max,
        )
        offices.setdefault(person or "", []).append((office, span))
    meetings = _spans(sheets, "engagements", "engagement_id")
    columns = ("engagement_id", "person_id", "office")
    for row, (engagement, person, office) in enumerate(zip(*(_column(sheet, c) for c in columns), strict=True)):
        day, known = meetings.get(engagement or ""), offices.get(person or "")
        if not person or day is None or not known:
            continue
        right = [span for name, span in known if office is None or name == office]
        if office is not None and not right:
            yield sheet.fault(
                row, "office", "the person never held this office", found=f"{person}: {office}",
                valid="; ".join(name for name, _ in known if name),
            )  # fmt: skip
        elif right and not any(_meet(span, day) for span in right):
            left = max(span.last for span in right)
            gone = left < day.first
            what = "the office had been left" if gone else "the office was not yet held"
            until = f"left on {left}" if gone else f"held from {min(span.first for span in right)}"
            yield sheet.fault(
                row, "office" if office else "person_id", what, found=f"{person}: {office or 'any office'}, {until}",
                valid=f"an office held on {day.first}",
            )  # fmt: skip


def claim_faults(sheets: Sheets, tables: Mapping[str, Table]) -> Iterator[Fault]:
    """A claim about a field that its table does not have; a claim that says nothing of its field.

    That the row is there is told by the registry.
    """
    if "claims" not in sheets:
        return
    sheet = sheets["claims"]
    columns = ("subject_table", "field", "value", "value_low", "value_high")
    for row, (table, field, value, low, high) in enumerate(zip(*(_column(sheet, c) for c in columns), strict=True)):
        if table not in CLAIM_SUBJECTS or field is None:
            continue
        column = tables[table].by_name.get(field)
        if field != "*" and column is None and field not in PARTS.get(table, ()):
            names = [*tables[table].by_name, *PARTS.get(table, ())]
            yield sheet.fault(row, "field", f"{table} has no such field", found=field, valid=" ".join(names) + ", or *")
        elif field != "*" and value is None and low is None and high is None:
            yield sheet.fault(row, "value", "the claim says nothing of its field", found=field, valid="what is claimed")
        elif (
            column is not None and column.type in ("number", "integer") and value is not None and not _is_number(value)
        ):
            yield sheet.fault(row, "value", "not a number, as the field is", found=value, valid=column.meaning)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def figure_faults(sheets: Sheets) -> Iterator[Fault]:
    """A figure known before it was true; bounds that do not hold the value; an alternative to another series."""
    if "figures" not in sheets:
        return
    sheet = sheets["figures"]
    ids, series = _column(sheet, "figure_id"), _column(sheet, "series")
    of = dict(zip(ids, series, strict=True))
    as_of, known_from = sheet.text("as_of"), sheet.text("known_from")
    days = {text: _range(text) for text in {*as_of.drop_nulls(), *known_from.drop_nulls()}}
    for row in (as_of.is_not_null() & known_from.is_not_null()).arg_true():
        true, known = days[as_of[row]], days[known_from[row]]
        if true and known and true.earliest and known.latest and known.latest < true.earliest:
            yield sheet.fault(
                row, "known_from", "known before it was true", found=known_from[row], valid=f"{as_of[row]} or later"
            )
    for row in sheet.text("alternative_to").is_not_null().arg_true():
        other = sheet.text("alternative_to")[row]
        if other == ids[row] or (other in of and of[other] != series[row]):
            yield sheet.fault(
                row, "alternative_to", "not an alternative to it", found=f"{other} of {of[other]}",
                valid=f"another figure of {series[row]}",
            )  # fmt: skip
    yield from _bound_faults(sheet, ("low", "value", "high"))


def count_faults(sheets: Sheets) -> Iterator[Fault]:
    """Bounds the wrong way round: at transfers, sites and payments."""
    for table, columns in (
        ("transfers", ("assessed_low", "assessed_high")),
        ("sites", ("estimated_missing_low", "estimated_missing_high")),
        ("payments", ("low", "amount_usd", "high")),
    ):
        if table in sheets:
            yield from _bound_faults(sheets[table], columns)


def _bound_faults(sheet: Sheet, columns: tuple[str, ...]) -> Iterator[Fault]:
    import polars as pl

    numbers = [sheet.text(c).cast(pl.Float64, strict=False) for c in columns]
    for (low, a), (high, b) in (
        (one, other)
        for n, one in enumerate(zip(columns, numbers, strict=True))
        for other in list(zip(columns, numbers, strict=True))[n + 1 :]
    ):
        for row in (a > b).fill_null(False).arg_true():
            yield sheet.fault(row, high, f"less than {low}", found=f"{b[row]:g}", valid=f"at least {a[row]:g}")


def whole_faults(sheets: Sheets) -> Iterator[Fault]:
    """A row that is a part of itself, or of a part of itself."""
    for table, key in (("transfers", "transfer_id"), ("operations", "operation_id"), ("sites", "site_id")):
        if table not in sheets:
            continue
        wholes = _wholes(sheets, table, key)
        for row, name in enumerate(_column(sheets[table], key)):
            if name in wholes and wholes.get(_upward(name, wholes)[-1]) is not None:
                yield sheets[table].fault(row, "part_of", "a part of itself", found=name, valid="a larger whole")
