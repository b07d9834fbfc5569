"""Events of a report: talks, visits, handovers, cancellations; mentions of one event are joined."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

from cenotaph.accounting.reading.dates import DateMention
from cenotaph.accounting.reading.lexicon import parties_in, party_pattern, rows
from cenotaph.accounting.reading.people_offices import Person, mentioned
from cenotaph.accounting.reading.places import PlaceMention
from cenotaph.accounting.reading.sentences import Sentence

_BORDER = re.compile(
    r";|\s[—–]\s|\b(?:although|though|while|but|after|before|since|because|when|whereas|following)\b|,\s+and\s+(?=\w+\s+will)"
)
_DOUBTFUL = re.compile(
    r"\b(?:could|may|might|would|if|not|never|unless|whether|possible|potential|hop(?:e|es|ed|ing) to|want(?:s|ed)? to"
    r"|seek(?:s|ing)? to|refus\w+ to|talks about|no|agreed to|promised to|pledged to|offered to)\b"
    r"(?:\s+[\w-]+){0,3}\s*$"
)
_AHEAD = re.compile(r"\b(?:will|plans? to|due to|scheduled to|set to|is to|are to|expected to)\b(?:\s+[\w-]+){0,2}\s*$")
_PRONOUN = re.compile(r"(?:He|She|They|The (?:two|pair)|Both)\b")
_MEDIATED = re.compile(
    r"\b(?:through|via|by way of|with the help of)\s+(?:the\s+)?([A-Z][\w ]+?)(?:\s+(?:mediat\w+|channels?)|[,.])"
)

# An agency's home country and the country an envoy is accredited to take no part in what is reported.
_NOT_PRESENT = re.compile(
    r"\b[A-Z][\w.]+(?: [A-Z][\w.]+)?['’]s (?=[A-Z]\w+ (?:News|Agency|said|reported))"
    r"|\b(?:envoy|ambassador|representative|policy) (?:for|to|on) (?:the )?[A-Z][\w.]+(?: [A-Z]\w+)?"
    r"|\b[A-Z][\w.]+(?: [A-Z]\w+)?['’]s (?:nuclear|missile|weapons)"
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event with what its mentions say: kind, status, date, place, parties, people, stops of a journey.

    ``told`` names the sentence that first gave each field; ``dates`` are all datings, ``date`` the narrowest of them.
    """

    kind: str
    status: str
    date: DateMention | None
    place: PlaceMention | None
    parties: tuple[str, ...]
    people: tuple[str, ...]
    stops: tuple[str, ...]
    mediator: str
    leaders: tuple[str, ...]
    told: tuple[tuple[str, int], ...]
    dates: tuple[str, ...]
    role: str
    points_back: bool
    mentions: tuple[tuple[int, int, int], ...] = field(default=())

    @property
    def sentence(self) -> int:
        return self.mentions[0][0]

    @property
    def last(self) -> int:
        """Sentence of the latest mention."""
        return max(mention[0] for mention in self.mentions)


@cache
def _triggers() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple((re.compile(rf"\b(?:{row['pattern']})"), row["kind"], row["role"]) for row in rows("events.csv"))


def clause_of(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """Bounds, within the sentence, of the clause about a span.

    >>> s = Sentence(0, 0, 40, "They met Friday after a trip was canceled.", "body", 0)
    >>> s.text[slice(*clause_of(s, 5, 8))]
    'They met Friday '
    """
    low = max((m.end() for m in _BORDER.finditer(sentence.text) if m.end() <= start), default=0)
    high = min((m.start() for m in _BORDER.finditer(sentence.text) if m.start() >= end), default=len(sentence.text))
    return max(low, sentence.body_start), high


def find_events(
    sentences: list[Sentence],
    dates: dict[int, list[DateMention]],
    places: dict[int, list[PlaceMention]],
    people: list[Person],
) -> list[Event]:
    """Events of the report, each joined from its mentions, in order of first mention."""
    events: list[Event] = []
    for sentence in sentences:
        if sentence.part == "headline":
            continue
        for mention in _mentions(sentence, dates.get(sentence.index, []), places.get(sentence.index, []), people):
            same = [i for i, event in enumerate(events) if _same(event, mention)]
            if same:
                chosen = max(same, key=lambda i: (len(set(events[i].people) & set(mention.people)), i))
                events[chosen] = _merged(events[chosen], mention)
            elif _stands_alone(mention):
                events.append(mention)
    return events


def _mentions(
    sentence: Sentence, dates: list[DateMention], places: list[PlaceMention], people: list[Person]
) -> list[Event]:
    found: list[tuple[int, Event]] = []
    text = sentence.text
    for pattern, kind, role in _triggers():
        for match in pattern.finditer(text):
            low, high = clause_of(sentence, *match.span())
            before = text[low : match.start()]
            past_plan = re.search(r"\b(?:had been|was|were)\s*$", before) and re.match(
                r"(?:set|due|scheduled)", match.group()
            )
            if (_DOUBTFUL.search(before) and kind not in {"cancellation", "no_show"}) or past_plan:
                continue
            clause = text[low:high]
            ahead = re.match(
                r"(?:will|would|are to|is to|plans?|due|scheduled|set|agreed)\b", match.group()
            ) or _AHEAD.search(before)
            status = (
                "cancelled"
                if kind == "cancellation"
                else "missed"
                if kind == "no_show"
                else "planned"
                if ahead
                else "held"
            )
            day = _nearest(dates, low, high, match.start())
            here = [p for p in places if low <= p.start < high and p.role != "dateline"]
            stops = tuple(p.name for p in here if p.role == "destination" and p.start > match.end() - 1)
            persons = mentioned(clause, people)
            mediated = _MEDIATED.search(clause)
            mediator = next(iter(parties_in(mediated[1])), "") if mediated else ""
            named = [p for p in parties_in(_without_places(sentence, clause, low, here)) if p != mediator]
            hosts = [p.row["country"] for p in here if p.role == "destination"] if kind == "visit" else []
            parties = tuple(dict.fromkeys([*named, *(p.party for p in persons if p.party), *hosts]))
            if kind == "statement":
                parties, here, persons = _speaker(before), [], []
            span = (sentence.index, sentence.start + match.start(), sentence.start + match.end())
            place = _place_of(kind, here, match.end())
            journey = stops if kind == "visit" else ()
            names = tuple(p.name for p in persons)
            leaders = tuple(p.name for p in persons if _leads(p, match.group(), text[match.end() : high]))
            said = {"date": day, "place": place or journey, "parties": parties, "people": names, "status": status}
            event = Event(
                kind=kind,
                status=status,
                date=day,
                place=place,
                parties=parties,
                people=names,
                stops=journey,
                mediator=mediator,
                leaders=leaders,
                told=tuple((name, sentence.index) for name, value in said.items() if value),
                dates=(day.edtf,) if day else (),
                role=role,
                points_back=bool(_PRONOUN.match(text)),
                mentions=(span,),
            )
            if match.group().startswith("would") and not re.search(r"\b(?:said|told|announced)\b", text):
                continue
            found.append((match.start(), event))
    found.sort(key=lambda pair: pair[0])
    return [event for _, event in found]


def _speaker(before: str) -> tuple[str, ...]:
    """Party of the institution right before *announced*."""
    named = list(party_pattern().finditer(before))
    return tuple(parties_in(named[-1].group())) if named else ()


def _leads(person: Person, words: str, behind: str) -> bool:
    """Whether the event's words say that the person led: *delegation was led by* the first name behind."""
    return bool(re.search(r"(?:led|headed) by$", words)) and bool(
        mentioned(behind[: behind.find(person.surname) + 30], [person])
    )


def _without_places(sentence: Sentence, clause: str, low: int, places: list[PlaceMention]) -> str:
    """The clause with its places and absent countries blanked, so that none is taken for a party."""
    for place in places:
        if place.row["kind"] in {"country", "capital", "city"}:
            clause = clause[: place.start - low] + " " * (place.end - place.start) + clause[place.end - low :]
    return _NOT_PRESENT.sub(lambda match: " " * len(match.group()), clause)


def _nearest(dates: list[DateMention], low: int, high: int, at: int) -> DateMention | None:
    """The date of the clause nearest to the event's words; the date of saying so is not the event's."""
    inside = [d for d in dates if low <= d.start < high and (d.last - d.first).days < 400]
    return min(inside, key=lambda d: abs(d.start - at), default=None)


def _place_of(kind: str, places: list[PlaceMention], after: int) -> PlaceMention | None:
    fitting = [p for p in places if p.row["kind"] not in {"line"}]
    if kind == "exchange_of_messages":
        return None
    behind = [p for p in fitting if p.start >= after]
    return next(iter(behind or fitting), None)


def _same(event: Event, mention: Event) -> bool:
    """Whether a mention speaks of a known event: kind, and nothing in date, place or parties against it."""
    alike = event.kind == mention.kind or (
        {event.kind, mention.kind} == {"talks", "summit"} and bool(set(event.people) & set(mention.people))
    )
    if not alike or (event.status == "planned") != (mention.status == "planned"):
        return False
    if event.place and mention.place and event.place.name != mention.place.name:
        return False
    if event.date and mention.date:
        return event.date.first <= mention.date.last and mention.date.first <= event.date.last
    shared = set(event.people) & set(mention.people) or set(event.parties) & set(mention.parties)
    if (mention.role == "noun" and not mention.date) or (mention.points_back and mention.sentence == event.last + 1):
        return not mention.people or bool(shared) or mention.sentence - event.last <= 1
    return bool(shared)


def _stands_alone(mention: Event) -> bool:
    """Whether a first mention says enough to be an event: when, and who or where; a bare noun is none."""
    who = bool(mention.parties or mention.people)
    if mention.kind in {"visit", "statement"} and mention.date is None:
        return False
    if mention.role == "noun":
        return mention.date is not None and (who or mention.place is not None)
    return mention.date is not None or (who and mention.place is not None) or len(mention.people) > 1


def _merged(event: Event, mention: Event) -> Event:
    narrower = min(
        (d for d in (event.date, mention.date) if d), key=lambda d: ((d.last - d.first).days, d.start), default=None
    )
    return replace(
        event,
        date=narrower,
        place=event.place or mention.place,
        parties=tuple(dict.fromkeys(event.parties + mention.parties)),
        people=tuple(dict.fromkeys(event.people + mention.people)),
        stops=event.stops or mention.stops,
        mediator=event.mediator or mention.mediator,
        leaders=tuple(dict.fromkeys(event.leaders + mention.leaders)),
        told=_told(event, mention, narrower),
        dates=tuple(dict.fromkeys(event.dates + mention.dates)),
        mentions=event.mentions + mention.mentions,
    )


def _told(event: Event, mention: Event, chosen: DateMention | None) -> tuple[tuple[str, int], ...]:
    """Sentence of each field: the first that gave it; for the date, the one whose date was chosen."""
    fields = dict(mention.told) | dict(event.told)
    if chosen is not None and chosen is mention.date and "date" in dict(mention.told):
        fields["date"] = dict(mention.told)["date"]
    return tuple(fields.items())
