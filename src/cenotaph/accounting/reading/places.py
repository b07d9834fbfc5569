"""Places by gazetteer; a capital that speaks or owns is a government, not a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from cenotaph.accounting.reading.lexicon import Row, alternatives, rows


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place of the gazetteer where it stands in a sentence; ``role`` is dateline, destination or place."""

    start: int
    end: int
    text: str
    row: Row
    role: str

    @property
    def name(self) -> str:
        return self.row["name"]


@cache
def _forms() -> dict[str, Row]:
    forms: dict[str, Row] = {}
    for row in rows("places.csv", "gazetteer"):
        for form in (row["name"], *filter(None, row["synonyms"].split(";"))):
            forms[form] = row
    return forms


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{alternatives(list(_forms()))})(?![\w-])")


_SPEAKS = (
    r"\s+(?:has|had|have|said|says|agreed|wants|seeks|rejected|refused|demanded|insists|offered|pledged|would|is|was"
    r"|will|did|also)\b"
)
_LOCATES = re.compile(
    r"\b(?:in|at|near|to|from|visit|visits|visited|toured?|via|through|of|across|outside|(?:planned|set|scheduled)\s+for|leave|left|leaving|reached)\s+(?:the\s+)?"
    r"(?:\w+\s+(?:village|city|town|port|capital|border village)\s+of\s+)?$"
)


def find_places(sentence: str, body_start: int = 0) -> list[PlaceMention]:
    """Places of a sentence; a country or capital counts only where a preposition or a verb of motion makes it one.

    >>> [p.name for p in find_places("Pyongyang's envoy said they met in the village of Panmunjom.")]
    ['Panmunjom']
    """
    found: list[PlaceMention] = []
    for match in _pattern().finditer(sentence):
        row = _forms()[" ".join(match.group().split())]
        before, after = sentence[: match.start()], sentence[match.end() :]
        if match.start() < body_start:
            continue
        follows_stop = (
            bool(found) and found[-1].role == "destination" and _is_list(sentence[found[-1].end : match.start()])
        )
        located = _LOCATES.search(before)
        if row["kind"] in {"country", "capital", "city"} and not (located or follows_stop):
            continue
        if (
            row["kind"] == "country"
            and re.search(r"\b(?:of|from|to)\s+$", before)
            and not re.search(
                r"\b(?:trip|visit|travel(?:led|s|ed)?|flew|fly|flown|went|go|return(?:ed)?|tour)\s+to\s+$", before
            )
        ):
            continue
        owns_or_speaks = r"['’]s?\b" if located or follows_stop else r"['’]s?\b|" + _SPEAKS
        if re.match(owns_or_speaks + r"|\s+Post\b|\s+[A-Z][a-z]+\s+(?:Agency|Ministry)", after):
            continue
        if re.match(r"\s+(?:officials?|generals?|side|delegat\w+|government)\b", after) or re.search(
            r"\b(?:official|envoy|ambassador|policy|adviser|leader|relations)s?\s+(?:in|to|for|of|from)\s+$", before
        ):
            continue
        role = (
            "destination"
            if follows_stop or re.search(r"\b(?:visit|visits|visited|tour|to|in)\s+$", before)
            else "place"
        )
        found.append(PlaceMention(match.start(), match.end(), match.group(), row, role))
    dateline = re.match(r"[A-Z][A-Z ]+", sentence[:body_start]) if body_start else None
    if dateline:
        row_of_dateline = {form.upper(): row for form, row in _forms().items()}.get(dateline.group().strip())
        if row_of_dateline:
            words = dateline.group().strip()
            found.insert(0, PlaceMention(0, len(words), words, row_of_dateline, "dateline"))
    return found


def _is_list(between: str) -> bool:
    return bool(re.fullmatch(r"(?:,\s+(?:and\s+|then\s+)?|\s+(?:and|then)\s+)(?:the\s+)?", between))
