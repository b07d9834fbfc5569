"""Who says it: named speakers, unnamed officials, unnamed sources of an agency; voices are kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from cenotaph.accounting.reading.lexicon import alternatives, parties_in, party_pattern, party_rows, rows
from cenotaph.accounting.reading.people_offices import Person, mentioned
from cenotaph.accounting.reading.sentences import Sentence

_VERBS = (
    r"(?:said|says|told|announced|reported|reports|estimates|estimated|confirmed|acknowledged|added|claimed|disclosed"
    r"|stated)"
)
_CALLED = r"called\s+(?=(?:the|it|this|that|a|an)\s)"
_ROLE = (
    r"(?:officials?|sources?|diplomats?|officers?|aides?|spokes(?:man|woman|person)|person|newspaper|daily|broadcaster"
    r"|group|association)"
)
_UNNAMED = rf"(?:[Aa]n?|[Tt]he|[Oo]ne|[Tt]wo|[Aa]nother|unnamed)\s+(?:[\w.'’-]+\s+){{0,4}}?{_ROLE}\b"


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice: how it is attributed, to whom, and through whom it reached the report."""

    voice_id: str
    attribution: str
    attributed_to: str
    via: str
    sentence: int
    start: int
    end: int
    doubt: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.attributed_to, self.via


@cache
def _agency() -> str:
    return alternatives([row["form"] for row in rows("agencies.csv")])


@cache
def _institution() -> str:
    return alternatives([row["form"] for row in rows("parties.csv") if row["kind"] != "adjective"])


def find_voices(sentences: list[Sentence], people: list[Person]) -> tuple[list[Voice], dict[int, Voice]]:
    """Distinct voices, and the voice of each attributed sentence.

    A bare *an official* or *the official* joins the one described official of the report; two descriptions, or the same
    words reached through different agencies, are two voices.
    """
    heard = [voice for sentence in sentences if sentence.part != "headline" for voice in _heard(sentence, people)]
    described = [v for v in heard if v.attribution.startswith("unnamed") and not _is_bare(v.attributed_to)]
    distinct: dict[tuple[str, str], Voice] = {}
    speaks: dict[int, Voice] = {}
    for voice in heard:
        named = _named_later(voice, people) if voice.attribution.startswith("unnamed") else ""
        chosen = voice
        if named:
            chosen = replace(voice, attribution="on_record", attributed_to=named, doubt="named elsewhere in the report")
        elif _is_bare(voice.attributed_to):
            role = re.compile(rf"\b{voice.attributed_to}\b")
            alike = list(dict.fromkeys(v.key for v in described if role.search(v.attributed_to)))
            earlier = [
                v.key
                for v in described
                if v.sentence < voice.sentence and v.attributed_to.endswith(voice.attributed_to)
            ]
            if len(alike) == 1 or (earlier and alike):
                key = alike[0] if len(alike) == 1 else earlier[-1]
                same = next(v for v in described if v.key == key)
                chosen = replace(same, doubt="a bare mention elsewhere was joined to this description")
        if chosen.key not in distinct:
            distinct[chosen.key] = replace(chosen, voice_id=f"V{len(distinct) + 1}")
        elif chosen.doubt and not distinct[chosen.key].doubt:
            distinct[chosen.key] = replace(distinct[chosen.key], doubt=chosen.doubt)
        speaks.setdefault(voice.sentence, distinct[chosen.key])
    voices = {voice.voice_id: voice for voice in distinct.values()}
    return list(voices.values()), {index: voices[voice.voice_id] for index, voice in speaks.items()}


def _heard(sentence: Sentence, people: list[Person]) -> list[Voice]:
    """Voices of one sentence; a quoted source outranks the agency that quotes it."""
    text = sentence.text
    chained = re.search(
        rf"\b(?:[Qq]uoting|[Cc]iting)\s+(?P<who>{_UNNAMED})[^,.]*,\s+(?P<agency>{_agency()})\s+{_VERBS}"
        rf"|(?P<agency2>{_agency()})\s+{_VERBS}[^.]*?,?\s+(?:quoting|citing)\s+(?P<who2>{_UNNAMED})",
        text,
    )
    if chained:
        who, agency = chained["who"] or chained["who2"], chained["agency"] or chained["agency2"]
        return [_voice(sentence, chained, _kind(who), _shorten(who), _agency_name(agency))]
    patterns = (
        (rf"\b[Aa]ccording to (?P<who>{_UNNAMED})(?P<rest>[^,.;]*)", "unnamed"),
        (
            rf"(?<!\w)(?P<who>{_UNNAMED})(?P<rest>[^,.;]{{0,60}}?)\s+(?:{_VERBS}\b|{_CALLED})",
            "unnamed",
        ),
        (rf"\b(?P<who>{_agency()})\s+(?:also\s+)?{_VERBS}\b", "agency"),
        (rf"\b[Aa]ccording to (?P<who>{_agency()})\b", "agency"),
        (rf"\bwhat (?P<who>{_institution()}|it) (?:said|says|claimed|described)\b", "giver"),
        (rf"\b(?:[Tt]he )?(?P<who>{_institution()})\s+(?:also\s+)?{_VERBS}\b", "institution"),
        (rf"\b[Aa]ccording to (?:the )?(?P<who>{_institution()})\b", "institution"),
    )
    for pattern, kind in patterns:
        match = re.search(pattern, text)
        if not match:
            continue
        if kind == "unnamed":
            words = match["who"]
            tail = text[match.end("who") :]
            named = mentioned(tail[:40], people) if re.match(r",?\s+[A-Z]", tail) else []
            if not named:
                heard_by = re.match(rf"\s+told\s+({_agency()})\b", text[match.end("rest") :])
                via = _agency_name(heard_by[1]) if heard_by else ""
                return [_voice(sentence, match, _kind(words), _shorten(words + _scope(tail)), via)]
        elif kind == "agency":
            return [_voice(sentence, match, "none", _agency_name(match["who"]), "")]
        elif kind == "giver":
            before = list(party_pattern().finditer(text[: match.start()]))
            form = match["who"] if match["who"] != "it" else before[-1].group() if before else ""
            if form:
                return [_voice(sentence, match, "on_record", party_rows()[" ".join(form.split())]["party"], "")]
        else:
            return [_voice(sentence, match, "on_record", _speaker(match["who"]), "")]
    return _named_speaker(sentence, people)


def _named_speaker(sentence: Sentence, people: list[Person]) -> list[Voice]:
    for person in people:
        names = alternatives([person.name, person.surname])
        match = re.search(
            rf"\b(?:{names})(?:,[^,]*,|,)?\s+(?:also\s+)?(?:{_VERBS}\b|{_CALLED})|\b{_VERBS}\s+(?:[\w.]+\s+){{0,5}}?(?:{names})\b(?=[,.])"
            rf"|\b[Aa]ccording to (?:[\w.]+\s+){{0,5}}?(?:{names})\b",
            sentence.text,
        )
        if match:
            return [_voice(sentence, match, "on_record", person.name, "")]
    return []


def _voice(sentence: Sentence, match: re.Match[str], attribution: str, who: str, via: str) -> Voice:
    start, end = sentence.start + match.start(), sentence.start + match.end()
    return Voice("", attribution, who, via, sentence.index, start, end)


def _speaker(form: str) -> str:
    """A country or its capital speaks as its party; an institution speaks for itself."""
    row = party_rows()[" ".join(form.split())]
    return row["form"] if row["kind"] == "institution" else row["party"]


def _named_later(voice: Voice, people: list[Person]) -> str:
    """Name of the one person whose office and party are the unnamed speaker's: *a UNC spokesman*, later named."""
    holders = [p for p in people if p.office and p.party and voice.attributed_to.endswith(p.office)]
    fitting = [p.name for p in holders if p.party in parties_in(voice.attributed_to)]
    return fitting[0] if len(fitting) == 1 else ""


def _kind(words: str) -> str:
    return "unnamed_official" if re.search(r"offic|spokes|diplomat|aide", words) else "unnamed_source"


def _scope(tail: str) -> str:
    """An institution right behind the role: *at the Pentagon*, *of the command*."""
    match = re.match(
        rf"\s+(?:at|of|in|with|from|for)\s+(?:the\s+)?(?:{_institution()})\b|\s+(?:to|of|for)\s+the\s+[a-z]+\b"
        rf"|\s+(?:close\s+to|familiar\s+with|briefed\s+on)\s+the\s+[a-z]+\b",
        tail,
    )
    return match.group() if match else ""


def _shorten(words: str) -> str:
    """Without article and *unnamed*.

    >>> _shorten("an unnamed government source")
    'government source'
    """
    return re.sub(
        r"^(?:(?:an?|the|one|two|another|unnamed|anonymous|senior)\s+)+", "", " ".join(words.split()), flags=re.I
    )


def _is_bare(who: str) -> bool:
    return bool(re.fullmatch(_ROLE, who))


def _agency_name(form: str) -> str:
    return {row["form"]: row["name"] for row in rows("agencies.csv")}[" ".join(form.split())]
