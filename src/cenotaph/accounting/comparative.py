"""Comparative claims ("first direct talks since", "largest", "no return since") tested against the record."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cenotaph.accounting.commitments import commitments
from cenotaph.accounting.talks import is_direct
from cenotaph.accounting.timeline import Asked, Moment, Row, day, long_date, rows, timeline
from cenotaph.errors import Unsupported

if TYPE_CHECKING:
    from cenotaph.accounting.record import Record

MONTHS: Final = {name.lower(): number for number, name in enumerate(month_name) if name}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the record says to a comparative claim.

    Args:
        claim: as given; reading: how it was understood.
        verdict: ``holds on the record``, ``does not hold`` or ``cannot be told``.
        reason: in a sentence; evidence: rows that bear on it, in order of days.
    """

    claim: str
    reading: str
    verdict: str
    reason: str
    evidence: tuple[tuple[str, str, str], ...]


HOLDS, FAILS, UNKNOWN = "holds on the record", "does not hold", "cannot be told"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a claim is about: words that name it, and which moments are of it."""

    name: str
    words: tuple[str, ...]
    is_one: Callable[[Record, Moment, dict[str, Row]], bool]


def _remains_talks(record: Record, moment: Moment, engagements: dict[str, Row]) -> bool:
    return moment.table == "engagements" and moment.happened and is_direct(engagements[moment.row_id])


def _general_talks(record: Record, moment: Moment, engagements: dict[str, Row]) -> bool:
    if not _remains_talks(record, moment, engagements):
        return False
    row = engagements[moment.row_id]
    return "general" in row["level"] or "general-level" in row["title"].lower()


def _return(record: Record, moment: Moment, engagements: dict[str, Row]) -> bool:
    if moment.table != "transfers":
        return False
    row = next(row for row in rows(record, "transfers") if row["transfer_id"] == moment.row_id)
    return any(name in row["from_party"] for name in ("DPRK", "KPA", "joint team"))


def _joint_recovery(record: Record, moment: Moment, engagements: dict[str, Row]) -> bool:
    return moment.table == "operations" and moment.kind == "joint recovery" and not _in_south(record, moment)


def _in_south(record: Record, moment: Moment) -> bool:
    row = next(row for row in rows(record, "operations") if row["operation_id"] == moment.row_id)
    return "ROK" in row["partner"]


def _summit(record: Record, moment: Moment, engagements: dict[str, Row]) -> bool:
    return moment.table == "engagements" and (moment.kind == "summit" or "summit" in moment.title.lower())


SUBJECTS: Final = (
    Subject("general-level talks on remains", ("general-level", "generals", "general level"), _general_talks),
    Subject("a summit", ("summit",), _summit),
    Subject("direct talks on remains", ("talks", "meeting", "negotiat", "met"), _remains_talks),
    Subject("joint recovery in the north", ("joint recovery", "joint operation", "excavation"), _joint_recovery),
    Subject("a return of remains from the north", ("return", "handover", "repatriat", "transfer", "remains"), _return),
)
"""In order: the first subject whose words occur is taken."""


def check_claim(record: Record, claim: str, when: Asked) -> Verdict:
    """Tests a comparative claim against the record, as it stood on the day asked.

    Understood are: *first X since DATE*, *first X*, *no X since DATE*, *largest handover*, and *first tangible result
    of ENGAGEMENT*. A claim holds on the record only as far as the record goes; silence is not proof.

    Raises:
        Unsupported: the sentence compares nothing that the record can order.
    """
    lowered = claim.lower()
    if "result of" in lowered or "tangible" in lowered:
        return _first_result(record, claim, when)
    if re.search(r"\b(largest|biggest|most)\b", lowered):
        return _largest(record, claim, when)
    subject = next((s for s in SUBJECTS if any(word in lowered for word in s.words)), None)
    if subject is None or not re.search(r"\b(first|no|none|only)\b", lowered):
        raise Unsupported(f"no comparison that can be checked in: {claim!r}; as 'first direct talks since July 2018'")
    engagements = {row["engagement_id"]: row for row in rows(record, "engagements")}
    moments = [m for m in timeline(record, when) if not m.planned and subject.is_one(record, m, engagements)]
    since = _since(record, lowered)
    if re.search(r"\bfirst\b", lowered):
        return _first(claim, subject, moments, since, when)
    return _none(claim, subject, moments, since, when)


def _first(claim: str, subject: Subject, moments: list[Moment], since: Since | None, when: Asked) -> Verdict:
    """*first X since D*: one before or at D, none between D and the last one."""
    if since is None:
        reading = f"{subject.name}: nothing of the kind before the last one up to {long_date(when.as_of)}"
        if not moments:
            return Verdict(claim, reading, UNKNOWN, "Nothing of the kind is on record.", ())
        earlier = moments[:-1]
        reason = f"{len(earlier)} earlier on record, the first on {earlier[0].when}." if earlier else "None earlier."
        return Verdict(claim, reading, FAILS if earlier else HOLDS, reason, _evidence(moments[-4:]))
    first, last = since.first, since.last
    reading = f"{subject.name}: one by {long_date(last)}, none after it but the last up to {long_date(when.as_of)}"
    after = [m for m in moments if m.first > last]
    before = [m for m in moments if m.first <= last]
    if not after:
        return Verdict(
            claim, reading, UNKNOWN, "Nothing of the kind is on record after that day.", _evidence(before[-2:])
        )
    between = after[:-1]
    if between:
        told = "; ".join(f"{m.when} {m.title}" for m in between[:3])
        return Verdict(claim, reading, FAILS, f"Between lie {len(between)}: {told}.", _evidence(after))
    at = [m for m in before if m.last >= first]
    if since.event:
        latest = f"the one before was {before[-1].when}" if before else "none before is on record"
        reason = f"Nothing between {since.event} and {after[-1].when}; {latest}."
        return Verdict(claim, reading, HOLDS, reason, _evidence([*before[-1:], after[-1]]))
    if not at:
        latest = f"the one before was {before[-1].when}" if before else "none before is on record"
        reason = f"None lies between, but none is on record at that time either: {latest}."
        return Verdict(claim, reading, UNKNOWN, reason, _evidence([*before[-1:], *after]))
    reason = f"{at[-1].when} {at[-1].title}; then nothing until {after[-1].when}."
    return Verdict(claim, reading, HOLDS, reason, _evidence([at[-1], after[-1]]))


def _none(claim: str, subject: Subject, moments: list[Moment], since: Since | None, when: Asked) -> Verdict:
    last = since.last if since else date.min
    reading = f"{subject.name}: none after {long_date(last) if since else 'any day'} up to {long_date(when.as_of)}"
    after = [m for m in moments if m.first > last]
    reason = f"{len(after)} on record, the last {after[-1].when}." if after else "None on record."
    return Verdict(claim, reading, FAILS if after else HOLDS, reason, _evidence(after[-4:] or moments[-1:]))


def _largest(record: Record, claim: str, when: Asked) -> Verdict:
    engagements = {row["engagement_id"]: row for row in rows(record, "engagements")}
    transfers = {row["transfer_id"]: row for row in rows(record, "transfers")}
    since = _since(record, claim.lower())
    found = [
        m
        for m in timeline(record, when)
        if not m.planned
        and _return(record, m, engagements)
        and transfers[m.row_id]["containers"]
        and (since is None or m.first > since.last)
    ]
    reading = f"the last return of remains has more containers than any before it, up to {long_date(when.as_of)}"
    if not found:
        return Verdict(claim, reading, UNKNOWN, "No return with a number of containers is on record.", ())
    best = max(found, key=lambda m: int(transfers[m.row_id]["containers"]))
    holds = best is found[-1]
    reason = f"The largest is {best.when}: {best.title}."
    return Verdict(claim, reading, HOLDS if holds else FAILS, reason, _evidence([best, found[-1]]))


def _first_result(record: Record, claim: str, when: Asked) -> Verdict:
    """*first tangible result of E*: a handover or operation that fulfils a promise made at E, and none before it."""
    meeting = _engagement_named(record, claim.lower())
    if meeting is None:
        raise Unsupported(f"no engagement of the record is named in: {claim!r}")
    reading = f"the first handover, operation or payment after {meeting['title']} that fulfils a promise made there"
    standings = [s for s in commitments(record, when) if s.engagement_id == meeting["engagement_id"]]
    kept = sorted(
        (f.on, f.row_id, s.commitment_id)
        for s in standings
        for f in s.fulfilments
        if f.table in ("transfers", "operations")
    )
    if not kept:
        return Verdict(claim, reading, UNKNOWN, "Nothing on record fulfils a promise made there.", ())
    on, row_id, promise = kept[0]
    rest = len({s.commitment_id for s in standings}) - len({c for _, _, c in kept})
    reason = f"{row_id} on {long_date(on)} fulfils {promise}; nothing on record does so before; {rest} unfulfilled."
    return Verdict(claim, reading, HOLDS, reason, tuple((row, day_.isoformat(), c) for day_, row, c in kept))


def _engagement_named(record: Record, lowered: str) -> Row | None:
    """The engagement that shares most words with the text, by the first five letters; it must share two, or a place."""
    wanted = {word[:5] for word in re.findall(r"[a-z]{5,}", lowered)} - STOP
    best, most = None, 0
    for row in rows(record, "engagements"):
        own = {word[:5] for word in re.findall(r"[a-z]{5,}", row["title"].lower())} - STOP
        shared = len(wanted & own) + len(wanted & own & PLACES)
        if shared > max(most, 1):
            best, most = row, shared
    return best


STOP: Final = frozenset({"talks", "joint", "state", "remai", "first", "direc", "known", "retur", "resul", "tangi"})
PLACES: Final = frozenset({"singa", "hanoi", "bangk", "armis", "richa"})


@dataclass(frozen=True, slots=True)
class Since:
    """Days meant by *since …*; *event*: the engagement that was named instead of a date."""

    first: date
    last: date
    event: str = ""


def _since(record: Record, lowered: str) -> Since | None:
    """What is meant by *since …*: a day, a month, a year, or an engagement that is named."""
    if "since" not in lowered:
        return None
    text = lowered.rsplit("since", 1)[1].strip()
    iso = re.match(r"\d{4}(-\d{2}){0,2}", text)
    if iso:
        return _span(iso[0])
    months = "|".join(MONTHS)
    exact = re.search(rf"(?:(\d{{1,2}}) )?({months})(?: (\d{{1,2}}),)? (\d{{4}})", text)
    if exact:
        number = exact[1] or exact[3]
        return _span(f"{exact[4]}-{MONTHS[exact[2]]:02d}" + (f"-{int(number):02d}" if number else ""))
    year = re.search(r"\d{4}", text)
    if year:
        return _span(year[0])
    meeting = _engagement_named(record, text)
    if meeting is not None:
        until = _span(meeting["to_date"] or meeting["from_date"]).last
        return Since(_span(meeting["from_date"]).first, until, meeting["title"])
    raise Unsupported(f"no day, month, year or known engagement after 'since': {text!r}")


def _span(text: str) -> Since:
    first, last = day(text), day(text, last=True)
    assert first is not None
    assert last is not None
    return Since(first, last)


def _evidence(moments: list[Moment]) -> tuple[tuple[str, str, str], ...]:
    return tuple((m.row_id, m.when, m.title) for m in moments)
