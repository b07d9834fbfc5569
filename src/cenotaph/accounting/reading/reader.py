"""From a text to its proposals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from cenotaph.accounting.reading.comparative import Comparative, find_comparatives
from cenotaph.accounting.reading.conflicts import conflicts_within, lines_confused
from cenotaph.accounting.reading.dates import find_dates
from cenotaph.accounting.reading.engagements import Event, find_events
from cenotaph.accounting.reading.numbers_hedges import Figure, find_figures
from cenotaph.accounting.reading.people_offices import Person, find_people
from cenotaph.accounting.reading.places import PlaceMention, find_places
from cenotaph.accounting.reading.proposals import Columns, Proposal, Reading, Spoken
from cenotaph.accounting.reading.sentences import Sentence, split_sentences
from cenotaph.accounting.reading.statements import find_commitments, find_topics
from cenotaph.accounting.reading.voices import find_voices

_MOVED = re.compile(
    r"\b(?:remains|boxes|coffins|caskets|cases|bodies|[Tt]hey) (?:were|was) (?:later |then )?"
    r"(?:flown|sent|taken|shipped|moved|trucked|driven) (?:\w+ ){0,3}?to\b"
)
_MEETINGS = {"talks", "summit", "agreement", "visit", "exchange_of_messages"}
_LEVELS = (
    (re.compile(r"(?<!Vice )\b(?:President|Premier|Prime Minister|leaders?)\b"), "head_of_state"),
    (
        re.compile(
            r"(?<!Deputy )(?<!Vice )(?<!Assistant )\b(?:Minister|Secretary of (?:State|Defense)|Defense Secretary)\b"
        ),
        "minister",
    ),
    (re.compile(r"\b[Ee]nvoy\b"), "envoy"),
    (re.compile(r"\bGen\.|\b[Gg]enerals?\b(?! public)"), "general"),
)
"""Words of rank, the highest first, with the level that they make."""

_POINTS_BACK = re.compile(r"(?:It|That|This)(?: [a-z]+)? (?:was|is|would be|marked|will be)\b")


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
        self.dates = {s.index: [d for d in find_dates(s.text, published) if d.start >= s.body_start] for s in self.told}
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
        self._movements()
        self._topics()
        self._figures()
        self._commitments()
        self._comparatives()
        self._dates_and_places()
        self.proposals.extend(conflicts_within(self.proposals))
        self.proposals.extend(lines_confused(self.proposals, 1 + sum(p.kind == "conflict" for p in self.proposals)))
        return self.proposals

    def _propose(
        self,
        number: str,
        kind: str,
        value: Columns,
        rows: Sequence[tuple[str, Columns]],
        span: tuple[int, int, int],
        doubt: str = "",
        needs: Sequence[str] = (),
        mentions: Sequence[tuple[int, int, int]] = (),
        voice: str | None = None,
        spoken: Sequence[Spoken] = (),
    ) -> None:
        sentence, start, end = span
        said_by = self._voice_of(sentence) if voice is None else voice
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
                tuple(spoken),
            )
        )

    def _voices(self) -> None:
        for voice in self.voices:
            value = {"attribution": voice.attribution, "attributed_to": voice.attributed_to, "via": voice.via}
            self._propose(voice.voice_id, "voice", value, [], _span(voice), voice.doubt, voice=voice.voice_id)

    def _people(self) -> None:
        for person in self.people:
            number = self.person_ids[person.name]
            value = {"name": person.name, "rank": person.rank, "office": person.office, "party": person.party}
            value["appointed"] = f"../{self.published}" if person.is_new else ""
            since = {"from_date": value["appointed"]} if person.is_new else {}
            rows = [
                ("people", {"person_id": number, "name": person.name, "party": person.party}),
                (
                    "offices",
                    {
                        "person_id": number,
                        "office": person.office or person.rank,
                        "rank": person.rank,
                        "organisation": person.party,
                        **since,
                    },
                ),
            ]
            silent = "the report does not say whose" if person.office and not person.party else ""
            # That someone holds an office is the reporter's own word, whoever is quoted beside it.
            self._propose(number, "person", value, rows, _span(person), person.doubt or silent, voice="")

    def _events(self) -> None:
        for count, event in enumerate(self.events, start=1):
            number = f"E{count}"
            value = self._event_columns(event)
            others = [day for day in event.dates if day != _edtf(event)]
            doubt = f"other mentions date it {', '.join(others)}" if others else ""
            spoken = [Spoken(name, at, self.sentences[at].text, self._voice_of(at)) for name, at in event.told]
            self._propose(
                number,
                "engagement",
                value,
                self._rows_of(number, event, value),
                event.mentions[0],
                doubt,
                mentions=event.mentions,
                spoken=spoken,
            )
            for name in event.people:
                person = next(p for p in self.people if p.name == name)
                row = {
                    "engagement_id": number,
                    "person_id": self.person_ids[name],
                    "party": person.party,
                    "role": "leads" if name in event.leaders else "attends",
                }
                self._propose(
                    f"{number}{self.person_ids[name]}",
                    "participant",
                    {"name": name, "engagement": number},
                    [("participants", row)],
                    self._mention_of(event, name),
                    "",
                    (number, self.person_ids[name]),
                )
            if len(event.stops) > 1:
                legs = [
                    ("itinerary", {"engagement_id": number, "leg": leg, "place": stop})
                    for leg, stop in enumerate(event.stops, start=1)
                ]
                at = next(m for m in event.mentions if event.stops[-1] in self.sentences[m[0]].text)
                self._propose(
                    f"I{count}",
                    "itinerary",
                    {"places": list(event.stops), "engagement": number},
                    legs,
                    at,
                    "order of the stops as the sentence lists them",
                    (number,),
                )

    def _rows_of(self, number: str, event: Event, value: Columns) -> list[tuple[str, Columns]]:
        """Rows of an event: an engagement, and for a handover the transfer."""
        rows = [("engagements", {"engagement_id": number, **value})]
        if event.kind == "handover":
            rows.append(("transfers", {"transfer_id": f"T{number}", **self._handed(number)}))
        return rows

    def _movements(self) -> None:
        """Where remains went after a handover told in the two sentences before."""
        for sentence in self.told:
            moved = _MOVED.search(sentence.text)
            behind = [p for p in self.places[sentence.index] if moved and p.start >= moved.end()]
            if not moved or not behind:
                continue
            near = range(sentence.index - 2, sentence.index + 1)
            for count, event in enumerate(self.events, start=1):
                if event.kind == "handover" and any(mention[0] in near for mention in event.mentions):
                    day = next((d.edtf for d in self.dates[sentence.index]), "")
                    row = {"transfer_id": f"TE{count}", "leg": 1, "from_place": "", "to_place": behind[0].name}
                    span = (sentence.index, sentence.start + moved.start(), sentence.start + behind[0].end)
                    value = {"to_place": behind[0].name, "on_date": day, "engagement": f"E{count}"}
                    rows = [("movements", {**row, "on_date": day})]
                    self._propose(self._next("M", "movement"), "movement", value, rows, span, needs=(f"E{count}",))
                    break

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
            "level": _level([p for p in self.people if p.name in event.people], words)
            if event.kind in _MEETINGS
            else "",
            "place": place["name"] if place else "; ".join(event.stops),
            "latitude": place["latitude"] if place else "",
            "longitude": place["longitude"] if place else "",
            "parties": "; ".join(event.parties),
            "status": event.status,
            "note": f"mediated by {event.mediator}" if event.mediator else "",
        }

    def _voice_of(self, sentence: int) -> str:
        return self.speaks[sentence].voice_id if sentence in self.speaks else ""

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
        value = {
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "hedge": figure.hedge,
            "unit": figure.unit,
            "series": series,
            "text": figure.text,
            "part": sentence.part,
        }
        span = (sentence.index, sentence.start + figure.start, sentence.start + figure.end)
        if handover and in_sentence:
            row = {"transfer_id": f"T{handover}", **self._handed(handover), series: round(figure.value)}
            self._propose(
                number, "figure", {**value, "engagement": handover}, [("transfers", row)], span, "", (handover,)
            )
            return
        row = {
            "figure_id": number,
            "series": series,
            "as_of": self.published.isoformat(),
            "known_from": self.published.isoformat(),
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "unit": figure.unit,
        }
        doubt = (
            "as_of is taken to be the day of publication" if not self.dates[sentence.index] else "as_of to be checked"
        )
        self._propose(number, "figure", value, [("figures", row)], span, doubt)

    def _handed(self, event_id: str) -> Columns:
        """Columns of a transfer that its engagement says: the giver is named before the receiver."""
        event = self.events[int(event_id[1:]) - 1]
        giver, receiver = (*event.parties, "", "")[:2]
        day = event.date.edtf if event.date else ""
        place = event.place.name if event.place else ""
        return {"engagement_id": event_id, "from_party": giver, "to_party": receiver, "on_date": day, "place": place}

    def _commitments(self) -> None:
        for sentence in self.told:
            for found in find_commitments(sentence, self.dates[sentence.index]):
                number = self._next("C", "commitment")
                value = {
                    "kind": found.kind,
                    "made_by": found.made_by,
                    "made_to": found.made_to,
                    "text": found.text,
                    "due": found.due,
                    "status": "open",
                }
                row = {
                    "commitment_id": number,
                    "engagement_id": self._event_of(sentence.index, ("talks", "summit")),
                    **value,
                }
                self._propose(number, "commitment", value, [("commitments", row)], _span(found), found.doubt)

    def _comparatives(self) -> None:
        for sentence in self.told:
            for found in find_comparatives(sentence):
                subject = self._compared(sentence)
                row = {"subject_table": "engagements", "subject_id": subject, "field": "note", "value": found.text}
                value = {
                    "extreme": found.extreme,
                    "scope": found.scope,
                    "limit": found.limit,
                    "text": found.text,
                    "since": self._since(found),
                }
                self._propose(
                    self._next("O", "comparative"),
                    "comparative",
                    value,
                    [("claims", row)] if subject else [],
                    _span(found),
                    "to be checked against the record",
                    (subject,) if subject else (),
                )

    def _compared(self, sentence: Sentence) -> str:
        """Id of the event a comparative is about: *it* and *that move* point to what was told before."""
        if not _POINTS_BACK.match(sentence.text):
            return self._event_of(sentence.index)
        for before in range(sentence.index - 1, sentence.index - 4, -1):
            for count, event in enumerate(self.events, start=1):
                if any(mention[0] == before for mention in event.mentions):
                    return f"E{count}"
        return ""

    def _since(self, found: Comparative) -> str:
        """The date within the words of a comparative, such as that of the event since which."""
        low = self.sentences[found.sentence].start
        inside = (d.edtf for d in self.dates[found.sentence] if found.start <= low + d.start < found.end)
        return next(inside, "")

    def _dates_and_places(self) -> None:
        for sentence in self.told:
            for day in self.dates[sentence.index]:
                self._propose(
                    self._next("D", "date"),
                    "date",
                    {"text": day.text, "edtf": day.edtf},
                    [],
                    (sentence.index, sentence.start + day.start, sentence.start + day.end),
                )
            for place in self.places[sentence.index]:
                self._propose(
                    self._next("L", "place"),
                    "place",
                    _place_value(place),
                    [],
                    (sentence.index, sentence.start + place.start, sentence.start + place.end),
                )

    def _next(self, letter: str, kind: str) -> str:
        return f"{letter}{sum(p.kind == kind for p in self.proposals) + 1}"


def _level(people: Sequence[Person], words: str) -> str:
    """Rank of a meeting: the lower side's, since a meeting is no higher than both; by its people, else by its words.

    >>> from cenotaph.accounting.reading.people_offices import Person
    >>> _level([Person("Ada Poe", "Maj. Gen.", "", "UNC", 0, 0, 0)], "")
    'general'
    """
    ranks = [
        next((k for k, (title, _) in enumerate(_LEVELS) if title.search(f"{p.rank} {p.office}")), -1) for p in people
    ]
    held = [rank for rank in ranks if rank >= 0]
    if held:
        return _LEVELS[max(held)][1]
    return next((level for title, level in _LEVELS if title.search(words)), "")


def _span(found: Any) -> tuple[int, int, int]:
    return found.sentence, found.start, found.end


def _edtf(event: Event) -> str:
    return event.date.edtf if event.date else ""


def _place_value(place: PlaceMention) -> Columns:
    row = place.row
    return {
        "name": row["name"],
        "country": row["country"],
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
        "radius_km": float(row["radius_km"]),
        "role": place.role,
    }


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
    whole = re.search(r"\d\s+of\s+(?:the|those|these|some)?\s*$", sentence[: figure.start])
    if not whole and re.match(r"[^,;]{0,40}\b(?:identified|named)\b", behind):
        return "identified"
    if figure.unit not in {"persons", "sets_of_remains"}:
        return "other"
    handed = r"\b(?:remains of|hand(?:ed)? over|turn(?:ed)? over|return(?:ed)?|boxes|coffins|caskets|cases)\b"
    return "claimed_individuals" if re.search(handed, about) else "other"
