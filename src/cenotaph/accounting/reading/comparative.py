"""Claims about order: the first since, the largest, the only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cenotaph.accounting.reading.sentences import Sentence

_EXTREME = (
    r"(?:first|second|third|last|only|largest|biggest|smallest|highest-level|highest|most\s+senior|longest"
    r"|earliest|latest)"
)
_THING = (
    r"(?:talks|meetings?|trips?|visits?|summit|result|handover|return|transfer|agreement|contacts?|negotiations|session|round"
    r"|recovery|operation|mission|exchange|repatriation|group|delegation|identification|remains)"
)
_PATTERN = re.compile(
    rf"\b(?:the|its|their|his|her|as)\s+(?:the\s+)?(?P<extreme>{_EXTREME})\s+(?P<scope>(?:[\w-]+\s+){{0,4}}?{_THING})\b"
    rf"(?P<limit>(?:\s+(?!since\b|although\b|after\b)[^\s,.;]+){{0,12}}?\s+since\s+[^,.;]+|\s+(?:in|for)\s+(?:[\w-]+\s+){{0,3}}"
    rf"(?:years?|decades?|months?)|\s+of(?:\s+(?!between\b|at\b|in\b|on\b)[\w-]+){{1,4}}|\s+(?:abroad|ever)\b)?"
)
_BARE = re.compile(
    rf"\b(?:the|its|their)\s+(?P<extreme>{_EXTREME})(?P<scope>(?:\s+between\s+(?:(?!since\b)[\w-]+\s*){{1,5}}?)?)\s*"
    rf"(?P<limit>\bsince\s+[^,.;]+|\bin\s+(?:[\w-]+\s+){{0,3}}(?:years|decades|months))"
)
"""*The first between the two sides since 1998*: what it is the first of was said before."""


@dataclass(frozen=True, slots=True)
class Comparative:
    """An extreme (first, largest), what it is the extreme of, and since when or of what."""

    extreme: str
    scope: str
    limit: str
    sentence: int
    start: int
    end: int

    @property
    def text(self) -> str:
        return " ".join(f"{self.extreme} {self.scope}{' ' if self.limit else ''}{self.limit}".split())


def find_comparatives(sentence: Sentence) -> list[Comparative]:
    """Comparative claims of a sentence.

    >>> from cenotaph.accounting.reading.sentences import split_sentences
    >>> [c.text for c in find_comparatives(split_sentences("It was the first visit in five years.")[0])]
    ['first visit in five years']
    """
    return [
        Comparative(
            match["extreme"],
            " ".join(match["scope"].split()),
            (match["limit"] or "").strip(),
            sentence.index,
            sentence.start + match.start("extreme"),
            sentence.start + match.end(),
        )
        for pattern in (_PATTERN, _BARE)
        for match in pattern.finditer(sentence.text)
        if not re.search(r"\bat (?:the )?$", sentence.text[: match.start()])
    ]
