"""Counts of people, remains and boxes, with the hedges reporters set before them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from cenotaph.accounting.reading.lexicon import alternatives, rows

_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_WORDS |= {"eleven": 11, "twelve": 12, "a dozen": 12, "two dozen": 24, "three dozen": 36}
_SCALE = {"thousand": 1e3, "million": 1e6, "billion": 1e9}


@dataclass(frozen=True, slots=True)
class Figure:
    """A counted thing: value, hedge, the bounds that the hedge allows, unit, and the words of it."""

    start: int
    end: int
    text: str
    value: float
    hedge: str
    low: float | None
    high: float | None
    unit: str
    noun: str


@cache
def _pattern() -> re.Pattern[str]:
    hedges = alternatives([row["phrase"] for row in rows("hedges.csv")])
    nouns = alternatives([row["noun"] for row in rows("counted.csv")])
    words = alternatives(list(_WORDS))
    return re.compile(
        rf"(?:(?<!handed )(?<!turned )(?<!hand )(?<!turn )\b(?P<hedge>{hedges})\s+)?(?:(?P<money>\$)\s?)?(?<![\w,.-])"
        rf"(?:(?P<number>(?<![\d,.])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s+(?P<scale>thousand|million|billion))?|(?P<word>\b(?:{words})\b))"
        rf"(?![\d-])(?P<rest>\s+(?:of\s+the\s+)?(?:(?!\d|and\b|of\b|in\b|on\b|to\b|from\b|believed\b|were\b|years?\b)[\w.’'-]+\s+){{0,3}}?(?P<noun>{nouns})\b)?",
        re.IGNORECASE,
    )


_INHERITS = re.compile(r"(?:among them|including|of them|of whom|among those),?\s+(?:[\w]+\s+){0,2}$", re.IGNORECASE)
_OUTCOME = re.compile(r"\s+(?:have|has|had|were|are)(?:\s+been)?\s+(?:identified|named)\b")
_PART_OF = re.compile(r"\s+of\s+(?:(?:the|those|these|some|about|nearly|more\s+than)\s+)*(?=\d)", re.IGNORECASE)
_DATE_BEFORE = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+$")


def find_figures(sentence: str) -> list[Figure]:
    """Figures of a sentence: a number with its counted noun, or one that inherits the noun behind *among them*.

    >>> found = find_figures("nearly 7,700 troops are missing, among them 5,300 in the north")
    >>> [(f.value, f.hedge, f.unit) for f in found]
    [(7700.0, 'just_under', 'persons'), (5300.0, 'none', 'persons')]
    """
    units = {row["noun"].lower(): row["unit"] for row in rows("counted.csv")}
    factors = {row["phrase"]: row for row in rows("hedges.csv")}
    found: list[Figure] = []
    for match in _pattern().finditer(sentence):
        before = sentence[: match.start()]
        noun = " ".join((match["noun"] or "").lower().split())
        outcome = _OUTCOME.match(sentence, match.start() + len(match.group().rstrip()))
        inherits = bool(found) and bool(_INHERITS.search(before) or (outcome and not noun))
        whole = _PART_OF.match(sentence, match.start() + len(match.group().rstrip()))
        if whole and not noun and (behind := _pattern().match(sentence, whole.end())) and behind["noun"]:
            noun = " ".join(behind["noun"].lower().split())
        if _DATE_BEFORE.search(before) or not (noun or match["money"] or inherits):
            continue
        unit = "usd" if match["money"] else units[noun] if noun else found[-1].unit
        if match["rest"] and re.search(r"\bremains of\s+$", before + sentence[match.start() : match.start()]):
            unit = "persons"
        if inherits and not noun:
            noun = found[-1].noun
        number = match["number"]
        value = float(number.replace(",", "")) if number else float(_WORDS[match["word"].lower()])
        value *= _SCALE.get((match["scale"] or "").lower(), 1)
        if match["word"] and unit == "persons" and noun == "men":
            continue
        hedge = " ".join((match["hedge"] or "").lower().split())
        end = match.end() if match["noun"] else match.start() + len(match.group().rstrip())
        row = factors.get(hedge)
        low, high = (_bound(value, row["low"]), _bound(value, row["high"])) if row else (value, value)
        found.append(
            Figure(
                match.start(),
                end,
                sentence[match.start() : end],
                value,
                row["hedge"] if row else "none",
                low,
                high,
                unit,
                noun,
            )
        )
    return found


def _bound(value: float, factor: str) -> float | None:
    return value * float(factor) if factor else None
