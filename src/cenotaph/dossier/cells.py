"""What a cell of each type may hold: one function per type, called once per distinct value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cenotaph.dossier.dates import VALID_DATE, parse_date
from cenotaph.dossier.vocabulary import element_sides, nearest
from cenotaph.errors import InvalidInput
from cenotaph.genetics.mtdna import parse_ranges

NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
INTEGER = r"[+-]?\d{1,15}"
ALLELE = r"(?:[<>]?[1-9]\d{0,2}(?:\.\d)?|[XY])"
VALID_ALLELE = "a repeat number such as 9, 9.3, <6 or >15; X or Y at Amelogenin; an empty cell where there was no call"
VALID_CODE = "V, X, J, U, / or surfaces of M O D F L I, then - and secondary codes of A B C E G H N P R S T Z"

_TEETH = frozenset(f"{quadrant}{place}" for quadrant in range(1, 5) for place in range(1, 9)) | frozenset(
    f"{quadrant}{place}" for quadrant in range(5, 9) for place in range(1, 6)
)
_CODE = re.compile(r"(?:[VXJU/]|([MODFLI]{1,6}))(?:-[ABCEGHNPRSTZ]{1,5})?")

Problem = tuple[str, str]
"""What is wrong, and what would be valid."""


def _id(text: str) -> Problem | None:
    if text.strip() != text or not text.isprintable():
        return "not an identifier", "no space at either end and no line break"
    return None


def _ids(text: str) -> Problem | None:
    return None if text.split() else ("no identifier", "identifiers, space separated")


def _number(text: str) -> Problem | None:
    if re.fullmatch(NUMBER, text):
        return None
    return "not a number", "a number with a decimal point, such as 425.7"


def _integer(text: str) -> Problem | None:
    return None if re.fullmatch(INTEGER, text) else ("not a whole number", "a whole number, such as 3")


def _date(text: str) -> Problem | None:
    try:
        parse_date(text)
    except InvalidInput as error:
        return error.what, error.valid or VALID_DATE
    return None


def _element(text: str) -> Problem | None:
    known = element_sides()
    if text in known:
        return None
    guess = nearest(text, known)
    return "not an element", f"{guess}?" if guess else "an element such as femur, metacarpal_1, unknown"


def _zones(text: str) -> Problem | None:
    zones = text.split()
    if text == "complete" or (zones and all(re.fullmatch(r"[1-9]\d?", zone) for zone in zones)):
        return None
    return "not zones", "numbers, space separated, or complete"


def _tooth(text: str) -> Problem | None:
    return None if text in _TEETH else ("not a tooth in FDI notation", "11 to 18, 21 to 28, 31 to 38, 41 to 48")


def _dental_code(text: str) -> Problem | None:
    match = _CODE.fullmatch(text)
    if match is None:
        return "not a WinID code", VALID_CODE
    surfaces = match[1] or ""
    if len(set(surfaces)) != len(surfaces):
        return "a surface is named twice", VALID_CODE
    return None


def _ranges(text: str) -> Problem | None:
    try:
        parse_ranges(text)
    except InvalidInput as error:
        return error.what, error.valid or "ranges such as 16024-16365 73-340"
    return None


def _alleles(text: str) -> Problem | None:
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d)?(?:-[1-9]\d{0,2}(?:\.\d)?)*", text):
        return None
    return "not an allele", "14, or the copies of a multi-copy marker joined by hyphens: 11-14"


PARSERS: Mapping[str, Callable[[str], Problem | None]] = MappingProxyType(
    {
        "id": _id,
        "ids": _ids,
        "number": _number,
        "integer": _integer,
        "date": _date,
        "element": _element,
        "zones": _zones,
        "tooth": _tooth,
        "dental_code": _dental_code,
        "mtdna_ranges": _ranges,
        "alleles": _alleles,
    }
)
"""Type of a column to the function that says what is wrong with a value, None where nothing is.

Markers, STR alleles and mtDNA differences need their row as well; `cenotaph.dossier.rules_dna` checks them.
"""
