"""Words that ship with the program: markers with their spellings, skeletal elements with their sides."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from cenotaph.dossier.shipped import shipped_rows


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker: canonical name, kind (autosomal, X, Y, sex) and chromosome."""

    name: str
    kind: str
    chromosome: str


@cache
def markers() -> Mapping[str, Marker]:
    """Every marker of the marker table by canonical name.

    >>> markers()["vWA"]
    Marker(name='vWA', kind='autosomal', chromosome='12')
    """
    return {
        row["marker"]: Marker(row["marker"], row["kind"], row["chromosome"])
        for row in shipped_rows("vocabulary", "markers.csv")
    }


@cache
def _spellings() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in shipped_rows("vocabulary", "markers.csv"):
        for spelling in (row["marker"], *filter(None, row["synonyms"].split("; "))):
            found[_bare(spelling)] = row["marker"]
    return found


def _bare(spelling: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", spelling.upper())


def canonical_marker(spelling: str) -> str | None:
    """Cenotaph's name of a marker, or None where the marker table does not carry it.

    >>> [canonical_marker(x) for x in ("VWA", "Penta D", "PENTAD", "AMEL", "Y-GATA-H4", "DYS385a/b", "D99S1")]
    ['vWA', 'Penta_D', 'Penta_D', 'Amelogenin', 'Y_GATA_H4', 'DYS385', None]
    """
    return _spellings().get(_bare(spelling))


@cache
def element_sides() -> Mapping[str, frozenset[str]]:
    """Possible sides of each skeletal element.

    >>> sorted(element_sides()["femur"]), sorted(element_sides()["sacrum"])
    (['L', 'R', 'U'], ['M', 'U'])
    """
    return {row["element"]: frozenset(row["sides"].split()) for row in shipped_rows("vocabulary", "elements.csv")}


@cache
def control_profiles() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Genotypes of control DNA: control, marker, set of alleles.

    >>> sorted(control_profiles()["9947A"]["TH01"])
    ['8', '9.3']
    """
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in shipped_rows("controls", "controls.csv"):
        found.setdefault(row["control"], {})[row["marker"]] = frozenset(row["alleles"].split())
    return found


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word of *words* that is spelled most like *word*, if any is near.

    >>> nearest("humerous", ["femur", "humerus"])
    'humerus'
    """
    by_lower = {w.lower(): w for w in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None
