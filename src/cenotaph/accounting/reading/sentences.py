"""A report cut into sentences that remember where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STOPS_NOTHING = frozenset(
    {
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Gen",
        "Lt",
        "Maj",
        "Col",
        "Capt",
        "Brig",
        "Adm",
        "Sgt",
        "Cpl",
        "Pvt",
        "Sen",
        "Rep",
        "Gov",
    }
    | {"St", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "No", "vs"}
)
_END = re.compile(r"[.!?][\"”’')]*\s+(?=[\"“‘(]?[A-Z0-9])")
_DATELINE = re.compile(
    r"^([A-Z][A-Z .,'-]{2,40}?)(?:,\s[A-Z][a-z]+\.?\s\d{1,2})?\s*(?:\([A-Za-z ]+\)\s*)?[—–-]{1,2}\s+"
)
_CREDIT = re.compile(
    r"\((?:Video|Photo|Image|Reuters|AP|AFP|Yonhap)[^)]*\)\s*$|^(?:Photo|File photo|Caption|Video):", re.I
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its place in the text, and what part of a report it is (body, caption, headline)."""

    index: int
    start: int
    end: int
    text: str
    part: str
    paragraph: int

    @property
    def body_start(self) -> int:
        """Characters of a dateline before the sentence proper."""
        found = _DATELINE.match(self.text)
        return found.end() if found else 0


def split_sentences(text: str) -> list[Sentence]:
    """Sentences with offsets such that ``text[s.start:s.end] == s.text``.

    A line without a full stop is a headline or a link; it asserts nothing by itself and nothing is proposed from it.
    A line with a picture credit is a caption.

    >>> [s.text for s in split_sentences("Gen. Poe met Lt. Gen. Ra on Sept. 3. They spoke.")]
    ['Gen. Poe met Lt. Gen. Ra on Sept. 3.', 'They spoke.']
    """
    found: list[Sentence] = []
    for paragraph, line in enumerate(re.finditer(r"[^\n]+", text)):
        content = line.group().strip()
        if not content:
            continue
        start = line.start() + line.group().index(content[0])
        if _CREDIT.search(content):
            part = "caption"
        elif re.search(r"[.!?][\"”’')]*$", content):
            part = "body"
        else:
            part = "headline"
        pieces = [(0, len(content))] if part == "headline" else _cuts(content)
        for low, high in pieces:
            found.append(Sentence(len(found), start + low, start + high, content[low:high], part, paragraph))
    return found


def _cuts(line: str) -> list[tuple[int, int]]:
    """Where the sentences of one line begin and end."""
    pieces, low = [], 0
    for match in _END.finditer(line):
        word = re.search(r"([A-Za-z.]+)\.$", line[low : match.start() + 1])
        if (
            line[match.start()] == "."
            and word
            and (word[1] in _STOPS_NOTHING or re.fullmatch(r"(?:[A-Z]\.?)+", word[1]))
        ):
            continue
        pieces.append((low, match.start() + len(match.group().rstrip())))
        low = match.end()
    credit = re.search(r"\s\((?:Video|Photo|Image)[^)]*\)\s*$", line[low:])
    if low < len(line) and not (credit and credit.start() == 0):
        pieces.append((low, len(line)))
    return pieces
