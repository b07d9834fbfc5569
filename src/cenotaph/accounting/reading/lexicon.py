"""Word lists and the gazetteer, read once."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources

Row = dict[str, str]


@cache
def rows(name: str, folder: str = "reading") -> tuple[Row, ...]:
    """Rows of one list in ``cenotaph/data``.

    >>> next(r["hedge"] for r in rows("hedges.csv") if r["phrase"] == "nearly")
    'just_under'
    """
    text = resources.files("cenotaph.data").joinpath(folder, name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def alternatives(words: list[str]) -> str:
    """Regular expression of any of the words, longest first, blanks elastic.

    >>> alternatives(["Gen.", "Maj. Gen."])
    'Maj\\\\.\\\\s+Gen\\\\.|Gen\\\\.'
    """
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("\\ ", r"\s+") for word in longest_first)


@cache
def party_pattern() -> re.Pattern[str]:
    """Any name of a party, as a whole word."""
    return re.compile(rf"(?<![\w.-])(?:{alternatives(list(party_rows()))})(?![\w-])")


@cache
def party_rows() -> dict[str, Row]:
    """Form → its row; a form also as it opens a sentence."""
    listed = rows("parties.csv")
    return {row["form"][0].upper() + row["form"][1:]: row for row in listed} | {row["form"]: row for row in listed}


def parties_in(text: str) -> list[str]:
    """Parties named in a text, in order of first mention.

    >>> parties_in("North Korea and the U.S. delegation met")
    ['DPRK', 'US']
    """
    found = [party_rows()[" ".join(match.group().split())]["party"] for match in party_pattern().finditer(text)]
    return list(dict.fromkeys(found))
