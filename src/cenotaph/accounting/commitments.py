"""Promises: whose, due when, how late on a given day, what fulfilled them and how much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cenotaph.accounting.timeline import Asked, Row, day, first_known, happened_on, is_known, rows

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

ENDED = ("fulfilled", "lapsed", "broken", "withdrawn")


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A handover, operation, payment or meeting that fulfils a promise.

    Args:
        delivered: what it brought, in words.
        days_late: after the due date; negative is early; None where no date was set.
    """

    row_id: str
    table: str
    on: date
    delivered: str
    days_late: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One commitment as it stands on a day.

    Args:
        made_on: day it was made; due: last day of what was set, None for none.
        status: on the day asked, not today's.
        days_late: days past due where it is open or was met late; None where it is not late.
        days_open: from its making to the day asked, while it is not settled.
        fulfilments: what had fulfilled it by that day.
        share: share fulfilled, where the record lets it be counted; the arithmetic stands in *shortfall*.
    """

    commitment_id: str
    kind: str
    made_by: str
    made_to: str
    text: str
    engagement_id: str
    made_on: date
    due: date | None
    status: str
    days_late: int | None
    days_open: int
    fulfilments: tuple[Fulfilment, ...]
    share: float | None
    shortfall: str

    @property
    def is_open(self) -> bool:
        """Whether something is still owed on the day asked."""
        return self.status in ("open", "fulfilled_in_part", "not_verified")


def commitments(record: Record, when: Asked) -> tuple[Standing, ...]:
    """Every commitment made by the day asked, in order of making, each with its status on that day.

    A status recorded for a later day does not reach back: a promise that was broken in May was open in April.
    """
    known, engagements = first_known(record), {row["engagement_id"]: row for row in rows(record, "engagements")}
    found = []
    for row in rows(record, "commitments"):
        made = _made_on(row, engagements)
        if made is None or made > when.as_of:
            continue
        if is_known(made, known.get(("commitments", row["commitment_id"])), when):
            found.append(_standing(record, row, made, when))
    return tuple(sorted(found, key=lambda standing: (standing.made_on, standing.commitment_id)))


def _made_on(row: Row, engagements: dict[str, Row]) -> date | None:
    if row.get("made_on"):
        return day(row["made_on"])
    meeting = engagements.get(row["engagement_id"])
    span = happened_on(meeting, "engagements") if meeting else None
    return span[1] if span else None


def _standing(record: Record, row: Row, made: date, when: Asked) -> Standing:
    due = day(row["due"], last=True)
    fulfilments = tuple(f for f in _fulfilments(record, row, due) if f.on <= min(when.as_of, when.known_on))
    status = _status(row, when, fulfilments)
    late = None
    if status in ("open", "fulfilled_in_part", "not_verified") and due is not None and due < when.as_of:
        late = (when.as_of - due).days
    elif status == "fulfilled" and fulfilments:
        late = max((f.days_late or 0 for f in fulfilments), default=0) or None
    settled = status in ENDED
    return Standing(
        row["commitment_id"],
        row["kind"],
        row["made_by"],
        row["made_to"],
        row["text"],
        row["engagement_id"],
        made,
        due,
        status,
        late if late is None or late > 0 else None,
        0 if settled else (when.as_of - made).days,
        fulfilments,
        _share(record, row, fulfilments, status),
        row["shortfall"] if status == row["status"] or (fulfilments and status == "fulfilled_in_part") else "",
    )


def _status(row: Row, when: Asked, fulfilments: tuple[Fulfilment, ...]) -> str:
    recorded, since = row["status"], day(row.get("status_as_of", ""))
    if recorded == "not_verified":
        return recorded
    if recorded in ("fulfilled", "fulfilled_in_part"):
        if len(fulfilments) == len(row["fulfilled_by"].split()) and (since is None or since <= when.as_of):
            return recorded
        return "fulfilled_in_part" if fulfilments else "open"
    if recorded != "open" and since is not None and since > when.as_of:
        return "fulfilled_in_part" if fulfilments else "open"
    return recorded


def _fulfilments(record: Record, row: Row, due: date | None) -> list[Fulfilment]:
    found = []
    for row_id in row["fulfilled_by"].split():
        table, of = _locate(record, row_id)
        span = happened_on(of, table)
        if span is not None:
            late = None if due is None else (span[1] - due).days
            found.append(Fulfilment(row_id, table, span[1], _delivered(table, of), late))
    return found


def _locate(record: Record, row_id: str) -> tuple[str, Row]:
    for table in ("transfers", "operations", "payments", "engagements"):
        for row in rows(record, table):
            if row[f"{table[:-1]}_id"] == row_id:
                return table, row
    raise AssertionError(f"{row_id} is not in the record; the check of references lets no such row through")


def _delivered(table: str, row: Row) -> str:
    if table == "transfers":
        if row["containers"]:
            return f"{int(row['containers']):,} containers"
        return f"{int(row['claimed_individuals']):,} individuals" if row["claimed_individuals"] else "remains"
    if table == "operations":
        count = row["operations_count"]
        return f"{count} operation{'' if count == '1' else 's'}, {row['remains_recovered'] or 'unstated'} sets"
    if table == "payments":
        return f"{float(row['amount_usd']):,.0f} USD" if row["amount_usd"] else "a payment"
    return row["title"]


NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
}


def _share(record: Record, row: Row, fulfilments: tuple[Fulfilment, ...], status: str) -> float | None:
    """Delivered by promised, where the promise opens with a count of the same thing."""
    if status == "fulfilled":
        return 1.0
    promised = re.search(r"\b(\w+) (operations|sets|searches|boxes)\b", row["text"], re.IGNORECASE)
    if not promised or not fulfilments:
        return None
    word = promised[1].lower()
    count = NUMBER_WORDS.get(word) or (int(word) if word.isdigit() else None)
    column = "operations_count" if promised[2] in ("operations", "searches") else "remains_recovered"
    delivered = [_locate(record, f.row_id)[1].get(column, "") for f in fulfilments]
    if not count or not all(delivered):
        return None
    return min(1.0, sum(int(number) for number in delivered) / count)
