"""What happened on which track, and what did not happen: one order of days for talks, handovers, ground and money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cenotaph.dossier.dates import parse_date
from cenotaph.errors import InvalidInput

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

Row = Mapping[str, str]

LANES: Final = ("remains", "nuclear", "armistice", "humanitarian", "other", "handovers", "ground", "money")
"""Lanes of the timeline: the tracks of the talks, then what came of them."""

NOT_HAPPENED: Final = ("missed", "cancelled", "moved")
FIRST_DAY, LAST_DAY = date.min, date.max


@dataclass(frozen=True, slots=True)
class Asked:
    """On which day the question stands.

    Args:
        as_of: what was true on this day.
        known_on: as known on this day.
    """

    as_of: date
    known_on: date


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the timeline.

    Args:
        row_id: its row in the record.
        table: the table of that row.
        lane: one of `LANES`.
        first, last: days that the record's date allows or covers.
        when: the date as recorded.
        kind, title, place, outcome: in words.
        happened: False for what was missed, cancelled or moved.
        planned: it lay ahead on the day asked.
        sources: identifiers of the sources of its claims.
    """

    row_id: str
    table: str
    lane: str
    first: date
    last: date
    when: str
    kind: str
    title: str
    place: str
    outcome: str
    status: str
    happened: bool
    planned: bool
    sources: tuple[str, ...]


def rows(record: Record, table: str) -> Sequence[Row]:
    """Rows of a table of the record as text, empty where nothing is recorded."""
    return record.rows(table)


def day(text: str, *, last: bool = False) -> date | None:
    """First (or last) day that a recorded date allows; None for an empty cell.

    >>> day("1954-10"), day("1954-10", last=True), day("")
    (datetime.date(1954, 10, 1), datetime.date(1954, 10, 31), None)
    """
    if not text:
        return None
    span = parse_date(text)
    return span.latest if last else span.earliest


def asked(as_of: str | date, known_on: str | date | None = None) -> Asked:
    """The day of a question; what was known is what is known on *known_on*, or on the same day.

    Raises:
        InvalidInput: not a day.

    >>> asked("2018-09-07")
    Asked(as_of=datetime.date(2018, 9, 7), known_on=datetime.date(2018, 9, 7))
    """
    true_on = _exact(as_of, "--as-of")
    return Asked(true_on, true_on if known_on is None else _exact(known_on, "--known-on"))


def _exact(text: str | date, what: str) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{what} is not a day", found=text, valid="a day as 2018-09-07") from None


def first_known(record: Record) -> dict[tuple[str, str], date]:
    """(table, row) → the day on which the first claim about the row was made.

    A claim that does not say when it was made counts from its source's publication; one that has neither counts from
    the row's own date, which is a labelled assumption of the record.
    """
    published = {row["source_id"]: day(row["published_on"], last=True) for row in rows(record, "sources")}
    known: dict[tuple[str, str], date] = {}
    for claim in rows(record, "claims"):
        stated = day(claim["stated_on"], last=True) or published.get(claim["source_id"]) or day(claim["as_of"])
        if stated is None:
            continue
        row = (claim["subject_table"], claim["subject_id"])
        known[row] = min(stated, known.get(row, LAST_DAY))
    return known


def sources_of(record: Record) -> dict[tuple[str, str], tuple[str, ...]]:
    """(table, row) → its sources, each once, in order of the claims."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for claim in rows(record, "claims"):
        found.setdefault((claim["subject_table"], claim["subject_id"]), {})[claim["source_id"]] = None
    return {row: tuple(ids) for row, ids in found.items()}


def happened_on(row: Row, table: str) -> tuple[date, date] | None:
    """First and last day of a row of the record, whichever columns hold them; None for an undated row."""
    start, end = {
        "engagements": ("from_date", "to_date"),
        "operations": ("from_date", "to_date"),
        "transfers": ("on_date", "on_date"),
        "payments": ("on_date", "on_date"),
    }[table]
    first = day(row[start])
    if first is None:
        return None
    return first, day(row[end], last=True) or day(row[start], last=True) or first


def is_known(first: date, known: date | None, when: Asked) -> bool:
    """Whether a row was known on the day asked.

    A report from long after (an encyclopedia on 1954) does not make an event unknown in its time: what happened in
    public is taken as known from its own day, and earlier where a claim announced it.
    """
    return min(first, known or first) <= when.known_on


def timeline(record: Record, when: Asked) -> tuple[Moment, ...]:
    """Everything up to the day asked, and what was announced for later, in order of days.

    Args:
        when: what was true on a day, as known on a day.
    """
    known, sources = first_known(record), sources_of(record)
    announced = _announced(record, known, when)
    moments = []
    for table in ("engagements", "transfers", "operations", "payments"):
        wholes = {row["part_of"] for row in rows(record, table) if row.get("part_of")}
        for row in rows(record, table):
            span = happened_on(row, table)
            row_id = row[f"{table[:-1]}_id"]
            if span is None or row.get("alternative_to") or (row_id in wholes and not row["part_of"]):
                continue
            said = announced.get(row_id, known.get((table, row_id)))
            if not is_known(span[0], said, when):
                continue
            planned = span[0] > when.as_of
            if planned and (table != "engagements" or said is None or said > when.known_on):
                continue
            moments.append(_moment(table, row_id, row, span, planned, sources.get((table, row_id), ())))
    return tuple(sorted(moments, key=lambda moment: (moment.first, moment.last, moment.row_id)))


def _announced(record: Record, known: dict[tuple[str, str], date], when: Asked) -> dict[str, date]:
    """Engagement → day on which a statement that is followed by it was made, if by the day asked."""
    found = {}
    for row in rows(record, "engagements"):
        made = day(row["from_date"])
        if row["kind"] == "statement" and row["precedes"] and made is not None and made <= when.as_of:
            said = known.get(("engagements", row["engagement_id"]), made)
            if said <= when.known_on:
                found[row["precedes"]] = said
    return found


def _moment(
    table: str, row_id: str, row: Row, span: tuple[date, date], planned: bool, sources: tuple[str, ...]
) -> Moment:
    status = "planned" if planned else row.get("status", "")
    kind, title, place, outcome, lane = _words(table, row)
    when = row.get("from_date") or row.get("on_date", "")
    when, until = when.replace("/", " to "), row.get("to_date", "")
    return Moment(
        row_id,
        table,
        lane,
        span[0],
        span[1],
        when if not until or until == when else f"{when} to {until}",
        kind,
        title,
        place,
        "" if planned else outcome,
        status,
        status not in NOT_HAPPENED and row.get("kind") not in ("no_show", "cancellation"),
        planned,
        sources,
    )


def _words(table: str, row: Row) -> tuple[str, str, str, str, str]:
    """Kind, title, place, outcome and lane of a row."""
    if table == "engagements":
        return row["kind"].replace("_", " "), row["title"], row["place"], row["outcome"], row["track"]
    if table == "transfers":
        number = int(row["containers"] or 0)
        count = f"{number:,} container{'' if number == 1 else 's'}" if number else "remains"
        title = f"{count} from {row['from_party']} to {row['to_party']}"
        return row["mechanism"], title, row["place"], "", "handovers"
    if table == "operations":
        count = f"{row['remains_recovered']} sets" if row["remains_recovered"] else "number not stated"
        return row["kind"].replace("_", " "), f"{row['operator']}: {count}", row["area"], "", "ground"
    amount = f"{float(row['amount_usd']):,.0f} USD" if row["amount_usd"] else "sum not stated"
    return row["kind"], f"{row['payer']} to {row['payee']}: {amount}", "", row["status"], "money"


def long_date(one: date) -> str:
    """A day as a reader writes it.

    >>> long_date(date(2018, 9, 7))
    '7 September 2018'
    """
    return f"{one.day} {one:%B %Y}"


def date_words(recorded: str) -> str:
    """A recorded date as a reader writes it; a month stays a month.

    >>> date_words("2018-07-06 to 2018-07-07"), date_words("1996-05"), date_words("1992")
    ('6 July 2018 to 7 July 2018', 'May 1996', '1992')
    """
    return " to ".join(_point_words(part) for part in recorded.replace("/", " to ").split(" to "))


def _point_words(text: str) -> str:
    if len(text) == 10 and text[:4].isdigit():
        return long_date(date.fromisoformat(text))
    return f"{date.fromisoformat(text + '-01'):%B %Y}" if len(text) == 7 else text


def span_words(days: int) -> str:
    """A length of time in the unit that one would say.

    >>> span_words(3), span_words(54), span_words(4852)
    ('3 days', '8 weeks', '13.3 years')
    """
    if days < 21:
        return f"{days} day{'' if days == 1 else 's'}"
    if days < 120:
        return f"{round(days / 7)} weeks"
    return f"{round(days / 30.44)} months" if days < 730 else f"{days / 365.25:.1f} years"


def listed(words: Iterable[str]) -> str:
    """Words in a row, with *and* before the last.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    parts = [word for word in words if word]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""
