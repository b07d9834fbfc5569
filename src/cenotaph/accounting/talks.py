"""The state of talks on a day: who met, what was agreed, what is open, what was asked, what broke earlier rounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cenotaph.accounting.commitments import Standing, commitments
from cenotaph.accounting.timeline import (
    Asked,
    Moment,
    Row,
    date_words,
    day,
    first_known,
    happened_on,
    listed,
    long_date,
    rows,
    span_words,
    timeline,
)

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

FACE_TO_FACE = ("talks", "summit", "agreement")
BREAKS = ("suspension", "cancellation", "no_show")
OTHER_SIDE = ("DPRK", "KPA")
RECENT_DAYS = 120
LONG_AGO_DAYS = 10 * 365


@dataclass(frozen=True, slots=True)
class Demand:
    """Something the other side asked for.

    Args:
        what: in words; money: whether it was money.
    """

    on: date
    when: str
    what: str
    status: str
    money: bool
    row_id: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """A person who took part, with the office and rank held on that day."""

    person: str
    office: str
    party: str
    role: str


@dataclass(frozen=True, slots=True)
class State:
    """The state of talks on a day.

    Args:
        when: the day of the question.
        last: the last direct meeting of the two sides on remains, held or under way; None before the first.
        attendance: who was there.
        previous: the direct meeting on remains before it.
        recent: what happened in the four months before, on every track, in order of days.
        not_happened: the part of *recent* that was missed or cancelled.
        ahead: what was announced for later.
        open: commitments on which something is owed; settled: those settled in the four months before.
        asked: what the other side asked, newest first.
        breaks: suspensions, cancellations and failures to appear before the day, with the reason.
        met: how often the two sides met face to face, by level.
        handover: the last handover before the day.
    """

    when: Asked
    last: Moment | None
    attendance: tuple[Attendance, ...]
    previous: Moment | None
    recent: tuple[Moment, ...]
    not_happened: tuple[Moment, ...]
    ahead: tuple[Moment, ...]
    open: tuple[Standing, ...]
    settled: tuple[Standing, ...]
    asked: tuple[Demand, ...]
    breaks: tuple[tuple[Moment, str], ...]
    met: tuple[tuple[str, int], ...]
    handover: Moment | None


def state_of_talks(record: Record, when: Asked) -> State:
    """The state of talks as a desk officer would want it on that day.

    Args:
        when: what was true on a day, as known on a day.
    """
    engagements = {row["engagement_id"]: row for row in rows(record, "engagements")}
    moments = timeline(record, when)
    past = [moment for moment in moments if not moment.planned]
    talks = [m for m in past if m.table == "engagements"]
    direct = [m for m in talks if is_direct(engagements[m.row_id]) and m.happened]
    recent = [m for m in past if 0 <= (when.as_of - m.first).days <= RECENT_DAYS and m.table != "operations"]
    standings = commitments(record, when)
    last = direct[-1] if direct else None
    handovers = [m for m in past if m.table == "transfers" and _from_other_side(record, m.row_id)]
    return State(
        when,
        last,
        attendance(record, last.row_id) if last else (),
        direct[-2] if len(direct) > 1 else None,
        tuple(recent),
        tuple(m for m in recent if not m.happened),
        tuple(m for m in moments if m.planned),
        tuple(s for s in standings if s.is_open and s.kind in ("promise", "offer")),
        tuple(
            s
            for s in standings
            if s.status == "fulfilled" and s.fulfilments and (when.as_of - s.fulfilments[-1].on).days <= RECENT_DAYS
        ),
        demands(record, when),
        tuple((m, engagements[m.row_id]["agenda"]) for m in talks if m.kind.replace(" ", "_") in BREAKS),
        tuple(sorted(Counter(_level(engagements[m.row_id]) for m in direct).items(), key=lambda pair: -pair[1])),
        handovers[-1] if handovers else None,
    )


def is_direct(row: Row) -> bool:
    """Whether both sides sat at one table on remains: talks, a summit or an agreement with the two as parties."""
    parties = row["parties"]
    ours = any(name in parties for name in ("US", "UNC"))
    theirs = any(name in parties for name in OTHER_SIDE)
    return row["kind"] in FACE_TO_FACE and ours and theirs and row["track"] in ("remains", "armistice")


def attendance(record: Record, engagement_id: str) -> tuple[Attendance, ...]:
    """Who took part in an engagement, each with the office held on that day."""
    people = {row["person_id"]: row for row in rows(record, "people")}
    on = {row["engagement_id"]: happened_on(row, "engagements") for row in rows(record, "engagements")}[engagement_id]
    found = []
    for row in rows(record, "participants"):
        if row["engagement_id"] != engagement_id:
            continue
        person = people.get(row["person_id"])
        office = _office(record, row["person_id"], on, row["office"]) or row["office"]
        name = person["name"] if person else row.get("described_as", "")
        party = row["party"] or (person["party"] if person else "")
        found.append(Attendance(name, office, party, row["role"] or "attends"))
    return tuple(sorted(found, key=lambda one: one.role != "leads"))


def _office(record: Record, person_id: str, on: tuple[date, date] | None, named: str) -> str:
    """Rank and office held on those days, of several the one in which the person came."""
    if not person_id or on is None:
        return ""
    for row in rows(record, "offices"):
        if row["person_id"] == person_id and named in ("", row["office"]):
            first, last = day(row["from_date"]), day(row["to_date"], last=True)
            if (first is None or first <= on[1]) and (last is None or last >= on[0]):
                return ", ".join(part for part in (row["rank"], row["office"]) if part)
    return ""


def demands(record: Record, when: Asked) -> tuple[Demand, ...]:
    """What the other side asked, newest first: commitments of kind *demand* and money demanded or in dispute.

    What was asked and is not money stands in the agenda of the engagement or in the note of the payment.
    """
    found = [
        Demand(s.made_on, s.made_on.isoformat(), s.text, s.status, False, s.commitment_id)
        for s in commitments(record, when)
        if s.kind == "demand" and any(name in s.made_by for name in OTHER_SIDE)
    ]
    known = first_known(record)
    for row in rows(record, "payments"):
        on = day(row["on_date"])
        if row["kind"] != "demand" or on is None or on > when.as_of:
            continue
        if min(on, known.get(("payments", row["payment_id"]), on)) <= when.known_on:
            found.append(
                Demand(on, row["on_date"], _demanded(row), row["status"].replace("_", " "), True, row["payment_id"])
            )
    return tuple(sorted(found, key=lambda demand: (demand.on, demand.row_id), reverse=True))


def _demanded(row: Row) -> str:
    purpose = row["note"].split(";")[0].strip()
    if row["amount_usd"] and float(row["amount_usd"]) == 0.0:
        return f"no money ({purpose})"
    if row["amount_usd"]:
        return f"{float(row['amount_usd']):,.0f} USD ({purpose})" if purpose else f"{float(row['amount_usd']):,.0f} USD"
    if row["low"] and row["high"]:
        return f"{float(row['low']):,.0f} to {float(row['high']):,.0f} USD ({purpose})"
    return f"money, sum not stated ({purpose})" if purpose else "money, sum not stated"


def _level(row: Row) -> str:
    return (row["level"] or "level not recorded").replace("_", " ")


def _from_other_side(record: Record, transfer_id: str) -> bool:
    row = next(row for row in rows(record, "transfers") if row["transfer_id"] == transfer_id)
    return any(name in row["from_party"] for name in (*OTHER_SIDE, "joint team"))


def prose(state: State) -> tuple[tuple[str, str], ...]:
    """The state of talks in paragraphs: (heading, text)."""
    parts = [
        ("Where talks stand", _standing_words(state)),
        ("What happened before", _recent_words(state)),
        ("What did not happen", _missing_words(state)),
        ("What is owed", _owed_words(state)),
        ("What the other side has asked", _asked_words(state)),
        ("What broke earlier rounds", _broken_words(state)),
        ("What lies ahead", _ahead_words(state)),
    ]
    return tuple((heading, words) for heading, words in parts if words)


def _standing_words(state: State) -> str:
    if state.last is None:
        return f"On {long_date(state.when.as_of)} no direct meeting of the two sides on remains is on record."
    last, ago = state.last, (state.when.as_of - state.last.last).days
    opening = f"On {long_date(state.when.as_of)} " if ago <= 0 else f"The two sides last met {span_words(ago)} ago, on "
    first = (
        f"{opening}the two sides met at {last.place or 'a place not recorded'}: {last.title}."
        if ago <= 0
        else f"{opening}{long_date(last.first)} at {last.place or 'a place not recorded'}: {last.title}."
    )
    people = [
        f"{one.person} ({', '.join(part for part in (one.office, one.party) if part)})"
        for one in state.attendance
        if one.person
    ]
    who = f" Present: {listed(people)}." if people else " Who was present is not recorded."
    result = f" Result: {_sentence(last.outcome)}" if last.outcome else " No result is recorded."
    before = ""
    if state.previous is not None:
        gap = (last.first - state.previous.last).days
        before = f" The meeting before was on {long_date(state.previous.first)} ({span_words(gap)} earlier)."
    counts = listed([f"{level} {count}" for level, count in state.met])
    handover = ""
    if state.handover is not None:
        back = (state.when.as_of - state.handover.first).days
        handover = f" The last handover was on {long_date(state.handover.first)} ({span_words(back)} before): "
        handover += _sentence(state.handover.title)
    return f"{first}{who}{result}{before} Direct meetings on record so far, by level: {counts}.{handover}"


def _recent_words(state: State) -> str:
    told = [m for m in state.recent if m.happened and m is not state.last and m.table == "engagements"]
    return " ".join(
        f"{date_words(m.when)}: {_sentence(m.title)}{' ' + _sentence(m.outcome) if m.outcome else ''}" for m in told
    )


def _missing_words(state: State) -> str:
    return " ".join(
        f"{date_words(m.when)}: {_sentence(m.title)} {_sentence(m.outcome)}".strip() for m in state.not_happened
    )


def _owed_words(state: State) -> str:
    if not state.open:
        return "Nothing is open."
    told = []
    recent = [s for s in state.open if (state.when.as_of - s.made_on).days <= LONG_AGO_DAYS]
    older = [s for s in state.open if s not in recent]
    for one in sorted(recent, key=lambda s: s.made_on, reverse=True):
        due = f"due {long_date(one.due)}" if one.due else "no date was set"
        late = f", {span_words(one.days_late)} late" if one.days_late else f", open for {span_words(one.days_open)}"
        part = " In part: " + listed([f"{f.delivered} on {long_date(f.on)}" for f in one.fulfilments]) + "."
        told.append(
            f"{one.made_by} to {one.made_to}: {_sentence(one.text)[:-1]} ({one.commitment_id}; {due}{late})."
            + (part if one.fulfilments else "")
        )
    if older:
        names = listed([f"{s.text} ({s.made_on.year}, {s.status.replace('_', ' ')})" for s in older])
        told.append(f"Older, and never settled on the record: {names}.")
    return " ".join(told)


def _asked_words(state: State) -> str:
    return " ".join(f"{date_words(d.when)}: {d.what}; {d.status}." for d in state.asked)


def _broken_words(state: State) -> str:
    return " ".join(
        f"{date_words(m.when)}: {_sentence(m.title)}{_why(m, reason)}" for m, reason in reversed(state.breaks)
    )


def _why(moment: Moment, reason: str) -> str:
    return f" Over: {reason}." if reason and moment.kind != "no show" else ""


def _ahead_words(state: State) -> str:
    return " ".join(f"{date_words(m.when)}: {_sentence(m.title)}" for m in state.ahead)


def _sentence(words: str) -> str:
    return words if not words or words.endswith((".", "?", "!")) else f"{words}."
