"""What a report proposes to the record, each proposal tied to its sentence, and what becomes of those a person accepts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cenotaph.accounting.reading.comparative import find_comparatives
from cenotaph.accounting.reading.dates import DateMention, find_dates
from cenotaph.accounting.reading.engagements import Event, find_events
from cenotaph.accounting.reading.numbers_hedges import Figure, find_figures
from cenotaph.accounting.reading.people_offices import find_people
from cenotaph.accounting.reading.places import PlaceMention, find_places
from cenotaph.accounting.reading.sentences import Sentence, split_sentences
from cenotaph.accounting.reading.statements import find_commitments, find_topics
from cenotaph.accounting.reading.voices import find_voices

KINDS = (
    "engagement", "itinerary", "person", "participant", "topic", "figure", "commitment", "comparative", "place", "date",
    "voice", "conflict",
)  # fmt: skip
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing the report may add to the record.

    ``value`` says what was read; ``rows`` are the rows of tables it would become; ``needs`` are proposals it hangs on.
    ``start`` and ``end`` are characters of the text, ``passage`` is the sentence. Nothing enters the record as *proposed*.
    """

    proposal_id: str
    kind: str
    value: Columns
    rows: tuple[tuple[str, Columns], ...]
    sentence: int
    start: int
    end: int
    passage: str
    voice: str = ""
    doubt: str = ""
    needs: tuple[str, ...] = ()
    mentions: tuple[tuple[int, int, int], ...] = ()
    status: str = field(default="proposed")


@dataclass(frozen=True, slots=True)
class Reading:
    """All proposals of one report, its sentences and its day of publication."""

    published: date
    sentences: tuple[Sentence, ...]
    proposals: tuple[Proposal, ...]

    def of(self, kind: str) -> list[Proposal]:
        """Proposals of one kind."""
        return [proposal for proposal in self.proposals if proposal.kind == kind]


def read_report(text: str, published: date) -> Reading:
    """Read a press report by rules and word lists; precision goes before recall.

    Args:
        text: the report; a line is a paragraph; offsets refer to this string.
        published: day of publication, against which *Friday* or *last month* resolve.

    Returns:
        The proposals, every one of status *proposed*.

    >>> reading = read_report("Gen. Ada Poe met Gen. Ra Un Il in Panmunjom on Friday.", date(2018, 9, 7))
    >>> [(p.value["kind"], p.value["from_date"], p.value["place"]) for p in reading.of("engagement")]
    [('talks', '2018-09-07', 'Panmunjom')]
    """
    reader = _Reader(text, published)
    return Reading(published, tuple(reader.sentences), tuple(reader.read()))


class _Reader:
    """Finds the parts of one text once and words the proposals from them."""

    def __init__(self, text: str, published: date) -> None:
        self.published = published
        self.sentences = split_sentences(text)
        self.told = [s for s in self.sentences if s.part != "headline"]
        self.dates = {s.index: find_dates(s.text, published) for s in self.told}
        self.places = {s.index: find_places(s.text, s.body_start) for s in self.told}
        self.people = find_people(self.sentences)
        self.voices, self.speaks = find_voices(self.sentences, self.people)
        self.events = find_events(self.sentences, self.dates, self.places, self.people)
        self.person_ids = {person.name: f"P{number}" for number, person in enumerate(self.people, start=1)}
        self.proposals: list[Proposal] = []

    def read(self) -> list[Proposal]:
        self._voices()
        self._people()
        self._events()
        self._topics()
        self._figures()
        self._commitments()
        self._comparatives()
        self._dates_and_places()
        self.proposals.extend(conflicts_within(self.proposals))
        return self.proposals

    def _propose(
        self, number: str, kind: str, value: Columns, rows: Sequence[tuple[str, Columns]], span: tuple[int, int, int],
        doubt: str = "", needs: Sequence[str] = (), mentions: Sequence[tuple[int, int, int]] = (), voice: str | None = None,
    ) -> None:  # fmt: skip
        sentence, start, end = span
        speaker = self.speaks.get(sentence)
        said_by = voice if voice is not None else speaker.voice_id if speaker else ""
        self.proposals.append(
            Proposal(
                number,
                kind,
                value,
                tuple(rows),
                sentence,
                start,
                end,
                self.sentences[sentence].text,
                said_by,
                doubt,
                tuple(needs),
                tuple(mentions),
            )  # fmt: skip
        )

    def _voices(self) -> None:
        for voice in self.voices:
            value = {"attribution": voice.attribution, "attributed_to": voice.attributed_to, "via": voice.via}
            self._propose(voice.voice_id, "voice", value, [], _span(voice), voice.doubt, voice=voice.voice_id)

    def _people(self) -> None:
        for person in self.people:
            number = self.person_ids[person.name]
            value = {"name": person.name, "rank": person.rank, "office": person.office, "party": person.party}
            rows = [
                ("people", {"person_id": number, "name": person.name, "party": person.party}),
                ("offices", {"person_id": number, "office": person.office or person.rank, "rank": person.rank,
                             "party": person.party}),
            ]  # fmt: skip
            # That someone holds an office is the reporter's own word, whoever is quoted beside it.
            self._propose(number, "person", value, rows, _span(person), person.doubt, voice="")

    def _events(self) -> None:
        for count, event in enumerate(self.events, start=1):
            number = f"E{count}"
            value = self._event_columns(event)
            dates = {d.edtf for d in self._dates_at(event)}
            doubt = f"other mentions date it {', '.join(sorted(dates - {_edtf(event)}))}" if len(dates) > 1 else ""
            self._propose(number, "engagement", value, [("engagements", {"engagement_id": number, **value})],
                          event.mentions[0], doubt, mentions=event.mentions)  # fmt: skip
            for name in event.people:
                person = next(p for p in self.people if p.name == name)
                row = {"engagement_id": number, "person_id": self.person_ids[name], "party": person.party,
                       "role": "attends"}  # fmt: skip
                self._propose(f"{number}{self.person_ids[name]}", "participant", {"name": name, "engagement": number},
                              [("participants", row)], self._mention_of(event, name), "",
                              (number, self.person_ids[name]))  # fmt: skip
            if len(event.stops) > 1:
                legs = [("itinerary", {"engagement_id": number, "leg": leg, "place": stop})
                        for leg, stop in enumerate(event.stops, start=1)]  # fmt: skip
                at = next(m for m in event.mentions if event.stops[-1] in self.sentences[m[0]].text)
                self._propose(f"I{count}", "itinerary", {"places": list(event.stops), "engagement": number}, legs, at,
                              "order of the stops as the sentence lists them", (number,))  # fmt: skip

    def _event_columns(self, event: Event) -> Columns:
        place = event.place.row if event.place and len(event.stops) < 2 else None
        words = " ".join(self.sentences[index].text for index, _, _ in event.mentions)
        remains = re.search(r"\bremains\b|\bmissing\b|\bmortal\b|\bunaccounted\b", words)
        first, last = (event.date.edtf.split("/") * 2)[:2] if event.date else ("", "")
        return {
            "track": "remains" if remains else "nuclear" if re.search(r"nuclear", words) else "other",
            "kind": event.kind,
            "from_date": first,
            "to_date": last,
            "place": place["name"] if place else "; ".join(event.stops),
            "latitude": place["latitude"] if place else "",
            "longitude": place["longitude"] if place else "",
            "parties": "; ".join(event.parties),
            "status": event.status,
            "note": f"mediated by {event.mediator}" if event.mediator else "",
        }

    def _dates_at(self, event: Event) -> list[DateMention]:
        """Dates of the sentences of an event that lie within a month of its own."""
        if not event.date:
            return []
        day = event.date
        own = [d for index, _, _ in event.mentions for d in self.dates[index]]
        return [d for d in own if d.first <= day.last and day.first <= d.last and (d.last - d.first).days < 40]

    def _mention_of(self, event: Event, name: str) -> tuple[int, int, int]:
        surname = next(p.surname for p in self.people if p.name == name)
        return next((m for m in event.mentions if surname in self.sentences[m[0]].text), event.mentions[0])

    def _event_of(self, sentence: int, kinds: Sequence[str] = ()) -> str:
        """Id of the event that a sentence speaks of, or the sentence before it; empty when none."""
        for back in (0, 1):
            for count, event in enumerate(self.events, start=1):
                if any(m[0] == sentence - back for m in event.mentions) and (not kinds or event.kind in kinds):
                    return f"E{count}"
        return ""

    def _topics(self) -> None:
        for sentence in self.told:
            for topic in find_topics(sentence):
                number = self._event_of(sentence.index, ("talks", "summit", "visit"))
                if number:
                    value = {"topic": topic.text, "engagement": number}
                    row = {"engagement_id": number, "topic": topic.text, "raised_by": ""}
                    self._propose(
                        self._next("T", "topic"), "topic", value, [("topics", row)], _span(topic), "", (number,)
                    )

    def _figures(self) -> None:
        for sentence in self.told:
            for figure in find_figures(sentence.text):
                self._figure(sentence, figure)

    def _figure(self, sentence: Sentence, figure: Figure) -> None:
        number = self._next("F", "figure")
        series = _series(sentence.text, figure)
        handover = (
            self._event_of(sentence.index, ("handover",)) if series in {"claimed_individuals", "containers"} else ""
        )
        in_sentence = any(m[0] == sentence.index for e in self.events if e.kind == "handover" for m in e.mentions)
        value = {"value": figure.value, "low": figure.low, "high": figure.high, "hedge": figure.hedge, "unit": figure.unit,
                 "series": series, "text": figure.text, "part": sentence.part}  # fmt: skip
        span = (sentence.index, sentence.start + figure.start, sentence.start + figure.end)
        if handover and in_sentence:
            row = {"transfer_id": f"T{handover}", "engagement_id": handover, series: figure.value}
            self._propose(
                number, "figure", {**value, "engagement": handover}, [("transfers", row)], span, "", (handover,)
            )
            return
        row = {"figure_id": number, "series": series, "as_of": self.published.isoformat(),
               "known_from": self.published.isoformat(), "value": figure.value, "low": figure.low, "high": figure.high,
               "unit": figure.unit}  # fmt: skip
        doubt = (
            "as_of is taken to be the day of publication" if not self.dates[sentence.index] else "as_of to be checked"
        )
        self._propose(number, "figure", value, [("figures", row)], span, doubt)

    def _commitments(self) -> None:
        for sentence in self.told:
            for found in find_commitments(sentence, self.dates[sentence.index]):
                number = self._next("C", "commitment")
                value = {"kind": found.kind, "made_by": found.made_by, "made_to": found.made_to, "text": found.text,
                         "due": found.due, "status": "open"}  # fmt: skip
                row = {
                    "commitment_id": number,
                    "engagement_id": self._event_of(sentence.index, ("talks", "summit")),
                    **value,
                }
                self._propose(number, "commitment", value, [("commitments", row)], _span(found))

    def _comparatives(self) -> None:
        for sentence in self.told:
            for found in find_comparatives(sentence):
                subject = self._event_of(sentence.index)
                row = {"subject_table": "engagements", "subject_id": subject, "field": "order", "value": found.text}
                value = {"extreme": found.extreme, "scope": found.scope, "limit": found.limit, "text": found.text}
                self._propose(self._next("O", "comparative"), "comparative", value, [("claims", row)], _span(found),
                              "to be checked against the record", (subject,) if subject else ())  # fmt: skip

    def _dates_and_places(self) -> None:
        for sentence in self.told:
            for day in self.dates[sentence.index]:
                self._propose(self._next("D", "date"), "date", {"text": day.text, "edtf": day.edtf}, [],
                              (sentence.index, sentence.start + day.start, sentence.start + day.end))  # fmt: skip
            for place in self.places[sentence.index]:
                self._propose(self._next("L", "place"), "place", _place_value(place), [],
                              (sentence.index, sentence.start + place.start, sentence.start + place.end))  # fmt: skip

    def _next(self, letter: str, kind: str) -> str:
        return f"{letter}{sum(p.kind == kind for p in self.proposals) + 1}"


def _span(found: Any) -> tuple[int, int, int]:
    return found.sentence, found.start, found.end


def _edtf(event: Event) -> str:
    return event.date.edtf if event.date else ""


def _place_value(place: PlaceMention) -> Columns:
    row = place.row
    return {"name": row["name"], "country": row["country"], "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]), "radius_km": float(row["radius_km"]), "role": place.role}  # fmt: skip


def _series(sentence: str, figure: Figure) -> str:
    """Series of ``figures`` (or column of ``transfers``) that a figure belongs to, by the words about it."""
    about = sentence[max(0, figure.start - 90) : figure.end + 90]
    behind = sentence[figure.end : figure.end + 90]
    if figure.unit == "usd":
        return "amount_usd"
    if figure.unit == "containers":
        return "containers"
    if re.search(r"\bunaccounted\b|\bmissing\b|\bstill lie\b|\bbelieved to (?:be|have been)\b", about):
        north = re.search(r"north of the 38th|\bin the North\b|\bin North Korea\b", behind)
        return "unaccounted_north_of_38" if north else "unaccounted_total"
    if re.search(r"\bidentified\b", about):
        return "identified"
    handed = r"\bremains\b|\bhanded over\b|\bturned over\b|\breturned\b|\bboxes\b"
    return "claimed_individuals" if re.search(handed, about) else "other"


def conflicts_within(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Figures of one report that speak of one thing and do not say the same.

    Two counts of persons or remains for one handover, two values of one series, or a count of boxes that is given
    elsewhere as a count of persons.
    """
    figures = [p for p in proposals if p.kind == "figure" and p.value["series"] != "other"]
    found: list[Proposal] = []
    for i, first in enumerate(figures):
        for second in figures[i + 1 :]:
            why = _disagreement(first, second)
            if why:
                found.append(
                    Proposal(
                        f"K{len(found) + 1}",
                        "conflict",
                        {"between": [first.proposal_id, second.proposal_id], "why": why},
                        (),
                        second.sentence,
                        second.start,
                        second.end,
                        second.passage,
                        second.voice,
                        needs=(first.proposal_id, second.proposal_id),
                    )  # fmt: skip
                )
    return found


def _disagreement(first: Proposal, second: Proposal) -> str:
    a, b = first.value, second.value
    same_handover = "engagement" in a and a.get("engagement") == b.get("engagement")
    units = {a["unit"], b["unit"]}
    if same_handover and "containers" in units and len(units) == 2:
        if a["value"] == b["value"]:
            return f"“{a['text']}” and “{b['text']}”: a number of boxes is not a number of persons"
        return ""
    if (
        a["series"] != b["series"]
        or ("engagement" in a) != ("engagement" in b)
        or ("engagement" in a and not same_handover)
    ):
        return ""
    if ("containers" in units and len(units) == 2) or (a["value"], a["hedge"]) == (b["value"], b["hedge"]):
        return ""
    return f"“{a['text']}” ({a['part']}) against “{b['text']}” ({b['part']}) for one thing ({a['series']})"


def conflicts_with_record(reading: Reading, transfers: Sequence[Mapping[str, Any]]) -> list[Proposal]:
    """Counts of persons in the report that the record holds as boxes, or as another number, for the same handover.

    Args:
        reading: the report as read.
        transfers: rows of ``transfers.csv`` (``transfer_id``, ``on_date``, ``containers``, ``claimed_individuals``).
    """
    found: list[Proposal] = []
    held = {p.proposal_id: p.value for p in reading.of("engagement")}
    for figure in reading.of("figure"):
        event = held.get(figure.value.get("engagement", ""))
        if not event or figure.value["unit"] == "containers":
            continue
        for row in transfers:
            day = str(row.get("on_date") or "")
            if not (len(day) == 10 and event["from_date"] <= day <= event["to_date"]):
                continue
            boxes = row.get("containers")
            if boxes not in (None, "") and float(boxes) == figure.value["value"]:
                why = (f"“{figure.value['text']}” against {row['transfer_id']} of {day}: {int(float(boxes))} boxes; "
                       "a number of boxes is not a number of persons")  # fmt: skip
            elif boxes not in (None, ""):
                why = f"“{figure.value['text']}” against {row['transfer_id']} of {day}: {int(float(boxes))} boxes"
            else:
                continue
            found.append(
                Proposal(
                    f"R{len(found) + 1}",
                    "conflict",
                    {"between": [figure.proposal_id, str(row["transfer_id"])], "why": why},
                    (),
                    figure.sentence,
                    figure.start,
                    figure.end,
                    figure.passage,
                    figure.voice,
                    needs=(figure.proposal_id,),
                )  # fmt: skip
            )
    return found


def accept(
    proposals: Sequence[Proposal], choices: Mapping[str, str | Mapping[str, Any]], source: Mapping[str, Any]
) -> dict[str, list[Columns]]:
    """Rows per table of what a person accepted, with one claim of the source for each field that the report states.

    Args:
        proposals: what was read.
        choices: proposal id → ``"accept"``, ``"refuse"``, or changed columns (which accepts with the change). What is not
            chosen does not enter; what hangs on a refused proposal does not enter either.
        source: the row of ``sources.csv``; needs ``source_id`` and ``published_on``.

    Raises:
        InvalidInput: a choice for an unknown proposal, another word, a changed column that the proposal does not have, or
            a source without its id.
    """
    from cenotaph.errors import InvalidInput

    known = {p.proposal_id: p for p in proposals}
    for key in ("source_id", "published_on"):
        if not source.get(key):
            raise InvalidInput("a source that cannot be cited", found=f"no {key}", valid="source_id and published_on")
    for number, choice in choices.items():
        if number not in known:
            raise InvalidInput("a choice for no proposal", found=number, valid=f"one of {', '.join(known)}")
        if isinstance(choice, str) and choice not in {"accept", "refuse"}:
            raise InvalidInput("not a choice", found=choice, valid="accept, refuse, or changed columns", where=number)
        columns = {name for _, row in known[number].rows for name in row}
        if not isinstance(choice, str) and not set(choice) <= columns:
            raise InvalidInput("no such column", found=", ".join(sorted(set(choice) - columns)),
                               valid=", ".join(sorted(columns)), where=number)  # fmt: skip
    taken = {number for number, choice in choices.items() if choice != "refuse"}
    voices = {p.proposal_id: p.value for p in proposals if p.kind == "voice"}
    tables: dict[str, list[Columns]] = {"sources": [dict(source)]}
    for proposal in proposals:
        if proposal.proposal_id not in taken or not set(proposal.needs) <= taken | {""}:
            continue
        choice = choices[proposal.proposal_id]
        changes = {} if isinstance(choice, str) else dict(choice)
        for table, row in proposal.rows:
            changed = {**row, **{name: new for name, new in changes.items() if name in row}}
            voice = voices.get(proposal.voice, {"attribution": "none", "attributed_to": "", "via": ""})
            if table == "claims":
                _add_claim(tables, changed, proposal, voice, source)
                continue
            _add_row(tables, table, changed)
            for name, value in _claimed(table, changed, proposal):
                subject = {"subject_table": table, "subject_id": _subject_id(changed), "field": name, **value}
                _add_claim(tables, subject, proposal, voice, source)
    return tables


_CLAIMED = {
    "engagements": ("from_date", "to_date", "place", "parties", "status"),
    "transfers": ("claimed_individuals", "containers"),
    "figures": ("value",),
    "commitments": ("text", "due"),
    "itinerary": ("place",),
}


def _claimed(table: str, row: Columns, proposal: Proposal) -> list[tuple[str, Columns]]:
    """Fields of a row that get a claim each; ``*`` covers a row of other tables."""
    names = [name for name in _CLAIMED.get(table, ()) if row.get(name) not in (None, "")]
    bounds = {"value_low": proposal.value.get("low"), "value_high": proposal.value.get("high")}
    hedged = bounds if proposal.kind == "figure" else {}
    return [(name, {"value": row[name], **hedged}) for name in names] or [("*", {"value": ""})]


def _subject_id(row: Columns) -> Any:
    """The row's own id: its first column."""
    return next(iter(row.values()))


def _add_row(tables: dict[str, list[Columns]], table: str, row: Columns) -> None:
    """A row once; figures of one handover fill one row, the first value stays and the other is a claim only."""
    held = tables.setdefault(table, [])
    if table == "transfers":
        same = next((r for r in held if r["transfer_id"] == row["transfer_id"]), None)
        if same is not None:
            for name, value in row.items():
                same.setdefault(name, value)
            return
    held.append(row)


def _add_claim(
    tables: dict[str, list[Columns]], subject: Columns, proposal: Proposal, voice: Columns, source: Mapping[str, Any]
) -> None:
    claims = tables.setdefault("claims", [])
    claims.append(
        {
            "claim_id": f"{source['source_id']}-{len(claims) + 1}",
            "source_id": source["source_id"],
            **{key: voice[key] for key in ("attribution", "attributed_to", "via")},
            **subject,
            "stated_on": source["published_on"],
            "passage": proposal.passage,
            "note": "; ".join(
                filter(None, (f"sentence {proposal.sentence}", proposal.value.get("hedge"), proposal.doubt))
            ),
        }
    )
