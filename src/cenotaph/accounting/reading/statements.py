"""Promises, demands, offers and refusals, and what was on the agenda."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from cenotaph.accounting.reading.dates import DateMention
from cenotaph.accounting.reading.engagements import clause_of
from cenotaph.accounting.reading.lexicon import party_pattern, party_rows, rows
from cenotaph.accounting.reading.sentences import Sentence

_DOUBT = re.compile(r"\b(?:could|may|might|if|never|not|had not|has not|whether)\s+(?:\w+\s+)?$")
_AND = r"(?:\s+(?:[A-Z][\w.]+|leader|envoy|general))*\s+and\s+(?:the\s+)?"
_STANCE = re.compile(r"(?:reluctance|unwillingness|seeks?|wants?)\b")
_WHEN = r"(?:(?:next|last|this)\s|[A-Z][a-z]+day\b|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d)"
_AGENDA = (
    re.compile(r"\bdiscuss(?:ed|ing)?\s+(?P<topic>[^,.;]+)"),
    re.compile(r"(?P<topic>[^,.;“\"]+?)\s+(?:was|were)\s+(?:part of|on)\s+the\s+agenda"),
    re.compile(
        rf"\b(?:negotiations|talks|discussions|dialogue)\s+(?:over|on|about|regarding)\s+(?P<topic>(?!{_WHEN})(?:(?!\s+(?:on|in|at)\s+{_WHEN})[^,.;])+)"
    ),
)


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise, demand, offer or refusal: who made it, to whom, its words, when due."""

    kind: str
    made_by: str
    made_to: str
    text: str
    due: str
    sentence: int
    start: int
    end: int
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that say what was talked about."""

    text: str
    sentence: int
    start: int
    end: int


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"\b(?:{row['pattern']})"), row["kind"]) for row in rows("commitments.csv"))


def find_commitments(sentence: Sentence, dates: list[DateMention]) -> list[Commitment]:
    """Commitments of a sentence whose maker is a named party; without a maker none is proposed.

    >>> s = Sentence(0, 0, 60, "North Korea agreed to return 20 boxes by March 5.", "body", 0)
    >>> [(c.kind, c.made_by, c.text) for c in find_commitments(s, [])]
    [('promise', 'DPRK', 'return 20 boxes by March 5')]
    """
    found = []
    for pattern, kind in _patterns():
        for match in pattern.finditer(sentence.text):
            low, high = clause_of(sentence, *match.span())
            before = sentence.text[low : match.start()]
            makers = list(party_pattern().finditer(before))
            if _DOUBT.search(before) or not makers:
                continue
            rest = re.match(r"\s*(?:U\.[SN]\.|[^.;]|\.(?=\w))*", sentence.text[match.end() : high])
            words = rest.group().strip() if rest else ""
            promised = "" if kind in {"promise", "offer"} else match.group() + " "
            due = next(
                (d.edtf for d in dates if re.search(r"\b(?:by|before|within)\s+$", sentence.text[: d.start])), ""
            )
            maker = _subject(before, makers)
            others = [party_rows()[" ".join(m.group().split())]["party"] for m in party_pattern().finditer(words)]
            found.append(
                Commitment(
                    kind,
                    maker,
                    next((p for p in others if p != maker), "") if re.search(r"\bto the\b|\bfrom\b", words) else "",
                    promised + words if kind == "refusal" else words,
                    due,
                    sentence.index,
                    sentence.start + match.start(),
                    sentence.start + match.end() + (rest.end() if rest else 0),
                    "" if not _STANCE.match(match.group()) else "a standing attitude, told without a day",
                )
            )
    return found


def _subject(before: str, makers: list[re.Match[str]]) -> str:
    """The owner of a *reluctance*; else the party nearest before the verb that is not the object of a preposition."""
    if re.fullmatch(r"['’]s?\s+(?:[a-z]+\s+)?", before[makers[-1].end() :]):
        return party_rows()[" ".join(makers[-1].group().split())]["party"]
    subjects = [
        m
        for m in makers
        if not re.search(r"\b(?:with|to|by|for|from|of|in|against)\s+(?:the\s+)?$", before[: m.start()])
    ]
    chosen = (subjects or makers)[-1]
    joint = [m for m in makers if re.fullmatch(_AND, before[m.end() : chosen.start()])]
    if joint:
        names = [party_rows()[" ".join(m.group().split())]["party"] for m in (joint[-1], chosen)]
        return "; ".join(dict.fromkeys(names))
    return party_rows()[" ".join(chosen.group().split())]["party"]


def find_topics(sentence: Sentence) -> list[Topic]:
    """What a sentence says was discussed or on the agenda."""
    return [
        Topic(
            match["topic"].strip(),
            sentence.index,
            sentence.start + match.start("topic"),
            sentence.start + match.end("topic"),
        )
        for pattern in _AGENDA
        for match in pattern.finditer(sentence.text)
    ]
