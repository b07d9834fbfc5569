"""Teeth, their numbers in three notations, WinID codes, and dental charts as values.

A *state* is what a code says of a tooth, as a small integer: −1 nothing (`UNKNOWN`), 0 sound, 1 to 31 restored (a
bit for each surface), 32 lost in life, 33 not erupted. Materials and other secondary codes are kept in the chart for
the reader; comparison uses states only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

States = NDArray[np.int8]

TEETH: Final = tuple(
    f"{quadrant}{place}"
    for quadrant, places in ((1, range(8, 0, -1)), (2, range(1, 9)), (3, range(8, 0, -1)), (4, range(1, 9)))
    for place in places
)
"""The 32 permanent teeth in FDI numbers, in the order of universal numbers 1 to 32, as in every array of teeth."""

INDEX: Final[Mapping[str, int]] = {tooth: k for k, tooth in enumerate(TEETH)}
COMPARED: Final = np.array([k for k, tooth in enumerate(TEETH) if tooth[1] != "8"])
"""The 28 teeth that are compared. Third molars are not: their loss and eruption tell of age more than of the man."""

ANTERIOR: Final = np.array([tooth[1] in "123" for tooth in TEETH])

UNKNOWN: Final = -1
SOUND: Final = 0
ALL_SURFACES: Final = 31
LOST: Final = 32
UNERUPTED: Final = 33
N_STATES: Final = 34

SURFACES: Final = "MODFL"
"""Mesial, occlusal (I, incisal, on a front tooth), distal, facial, lingual: bits 1, 2, 4, 8, 16 of a restored state."""

SECONDARY: Final[Mapping[str, str]] = {
    "A": "anomaly",
    "B": "deciduous tooth",
    "C": "crown",
    "E": "resin",
    "G": "gold",
    "H": "porcelain",
    "N": "non-precious metal",
    "P": "pontic",
    "R": "root canal filled",
    "S": "amalgam",
    "T": "denture tooth",
    "Z": "temporary filling",
}
"""Secondary codes of WinID 3."""

PRIMARY: Final[Mapping[str, str]] = {
    "V": "sound",
    "X": "lost in life",
    "J": "crown or tooth lost after death",
    "U": "not erupted",
    "/": "not recorded",
}
"""Primary codes of WinID 3 that name no surface."""

_CODE = re.compile(rf"([VXJU/]|[MODFLI]{{1,6}})(?:-([{''.join(SECONDARY)}]{{1,5}}))?")
_PALMER_SIGN = {"1": "┘", "2": "└", "3": "┌", "4": "┐"}
_PALMER_LETTERS = {"UR": "1", "UL": "2", "LL": "3", "LR": "4"}


def to_universal(fdi: str) -> int:
    """Universal number, 1 (upper right third molar) to 32 (lower right third molar).

    Raises:
        InvalidInput: not a permanent tooth.

    >>> [to_universal(tooth) for tooth in ("18", "11", "21", "36", "48")]
    [1, 8, 9, 19, 32]
    """
    return INDEX[_known(fdi)] + 1


def from_universal(number: int) -> str:
    """FDI number of a universal number.

    Raises:
        InvalidInput: not 1 to 32.

    >>> from_universal(19)
    '36'
    """
    if not 1 <= number <= 32:
        raise InvalidInput("not a universal tooth number", found=number, valid="1 to 32")
    return TEETH[number - 1]


def to_palmer(fdi: str) -> str:
    """Palmer's notation: the place from the midline, in the corner of its quadrant as the examiner sees it.

    >>> [to_palmer(tooth) for tooth in ("16", "26", "36", "46")]
    ['6┘', '└6', '┌6', '6┐']
    """
    quadrant, place = tuple(_known(fdi))
    sign = _PALMER_SIGN[quadrant]
    return place + sign if quadrant in "14" else sign + place


def from_palmer(text: str) -> str:
    """FDI number of Palmer's notation, with the corner sign or with letters (UR, UL, LL, LR).

    Raises:
        InvalidInput: no such tooth.

    >>> [from_palmer(text) for text in ("6┘", "└6", "LL6", "6┐")]
    ['16', '26', '36', '46']
    """
    for quadrant, sign in _PALMER_SIGN.items():
        if text in ({f"{p}{sign}" for p in range(1, 9)} if quadrant in "14" else {f"{sign}{p}" for p in range(1, 9)}):
            return quadrant + text.strip(sign)
    match = re.fullmatch(r"(UR|UL|LL|LR)([1-8])", text.upper())
    if match is None:
        raise InvalidInput("not a tooth in Palmer's notation", found=text, valid="6┘ └6 ┌6 6┐ or UR6 UL6 LL6 LR6")
    return _PALMER_LETTERS[match[1]] + match[2]


def _known(fdi: str) -> str:
    if fdi not in INDEX:
        raise InvalidInput(
            "not a permanent tooth in FDI notation", found=fdi, valid="11 to 18, 21 to 28, 31 to 38, 41 to 48"
        )
    return fdi


_QUADRANT = {"1": "upper right", "2": "upper left", "3": "lower left", "4": "lower right"}
_PLACE = (
    *("central incisor", "lateral incisor", "canine", "first premolar", "second premolar"),
    *("first molar", "second molar", "third molar"),
)


def tooth_words(fdi: str) -> str:
    """The tooth in words.

    >>> tooth_words("36")
    'lower left first molar'
    """
    quadrant, place = tuple(_known(fdi))
    return f"{_QUADRANT[quadrant]} {_PLACE[int(place) - 1]}"


def state_of(code: str) -> int:
    """State that a WinID code gives a tooth.

    A crown (secondary C) covers every surface. A pontic or denture tooth (P, T) stands where the tooth is lost. A
    deciduous tooth (B) stands where the permanent one has not erupted. J and / say nothing: a root or an empty
    socket that has not healed means loss about or after death, or a crown that is gone, and cannot tell what the
    tooth was in life.

    Raises:
        InvalidInput: not a WinID code.

    >>> [state_of(code) for code in ("V", "MO", "MI", "MOD-S", "MODFL-C", "X-P", "U", "V-B", "J", "/")]
    [0, 3, 3, 7, 31, 32, 33, 33, -1, -1]
    """
    match = _CODE.fullmatch(code)
    if match is None:
        raise InvalidInput("not a WinID code", found=code, valid="V, X, J, U, / or surfaces of MODFLI, then -secondary")
    primary, secondary = match[1], match[2] or ""
    if primary in "J/":
        return UNKNOWN
    if "B" in secondary or primary == "U":
        return UNERUPTED
    if primary == "X" or set("PT") & set(secondary):
        return LOST
    if "C" in secondary:
        return ALL_SURFACES
    return 0 if primary == "V" else surface_mask(primary)


def surface_mask(surfaces: str) -> int:
    """Bits of surfaces; I (incisal) is the O of a front tooth.

    >>> surface_mask("DO"), surface_mask("I")
    (6, 2)
    """
    return sum(1 << SURFACES.index(s) for s in set(surfaces.replace("I", "O")))


def code_of(state: int, fdi: str) -> str:
    """Plain WinID code of a state.

    >>> [code_of(state, "36") for state in (-1, 0, 7, 32, 33)], code_of(3, "11")
    (['/', 'V', 'MOD', 'X', 'U'], 'MI')
    """
    plain = {UNKNOWN: "/", SOUND: "V", LOST: "X", UNERUPTED: "U"}
    if state in plain:
        return plain[state]
    letters = "".join(s for k, s in enumerate(SURFACES) if state >> k & 1)
    return letters.replace("O", "I") if ANTERIOR[INDEX[_known(fdi)]] else letters


def code_words(code: str) -> str:
    """A code in words.

    >>> code_words("MO-S"), code_words("X-P"), code_words("")
    ('restored MO, amalgam', 'lost in life, pontic', 'not recorded')
    """
    primary, _, secondary = (code or "/").partition("-")
    return ", ".join([PRIMARY.get(primary, f"restored {primary}"), *(SECONDARY[s] for s in secondary)])


@dataclass(frozen=True)
class Chart:
    """A dental chart: what was recorded of each of the 32 permanent teeth.

    Args:
        subject_id: the missing person or the specimen.
        codes: 32 WinID codes in the order of `TEETH`; empty where nothing was recorded.

    Raises:
        InvalidInput: not 32 codes, or not WinID codes.

    >>> chart = Chart.from_codes("S1", {"36": "MO-S", "46": "X", "11": "J"})
    >>> chart["36"], chart["12"], int(chart.observed.sum())
    ('MO-S', '', 2)
    """

    subject_id: str
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.codes) != len(TEETH):
            raise InvalidInput("a chart has 32 teeth", found=len(self.codes), valid="32 codes", where=self.subject_id)
        for code in filter(None, self.codes):
            state_of(code)

    @classmethod
    def from_codes(cls, subject_id: str, codes: Mapping[str, str]) -> Chart:
        """From FDI number → WinID code.

        Raises:
            InvalidInput: not a permanent tooth, or not a WinID code.
        """
        by_tooth = {_known(tooth): code for tooth, code in codes.items()}
        return cls(subject_id, tuple(by_tooth.get(tooth, "") for tooth in TEETH))

    @classmethod
    def from_states(cls, subject_id: str, states: Iterable[int]) -> Chart:
        """From 32 states in the order of `TEETH`."""
        return cls(subject_id, tuple(code_of(int(s), t) if s >= 0 else "" for s, t in zip(states, TEETH, strict=True)))

    def __getitem__(self, fdi: str) -> str:
        return self.codes[INDEX[_known(fdi)]]

    @cached_property
    def states(self) -> States:
        """Shape (32,): the state of each tooth."""
        return np.array([state_of(code) if code else UNKNOWN for code in self.codes], dtype=np.int8)

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Shape (32,): teeth whose state in life is known."""
        return np.asarray(self.states != UNKNOWN)


def stack(charts: Sequence[Chart]) -> States:
    """States of several charts, shape (charts, 32).

    >>> stack([]).shape
    (0, 32)
    """
    return np.array([chart.states for chart in charts], dtype=np.int8).reshape(len(charts), len(TEETH))


@dataclass(frozen=True)
class Combined:
    """Charts of one person made one.

    Args:
        chart: tooth by tooth what the charts that saw it agree on.
        conflicts: FDI numbers of teeth that two charts saw in different states; the chart says nothing of them.
    """

    chart: Chart
    conflicts: tuple[str, ...]


def combine(subject_id: str, charts: Sequence[Chart]) -> Combined:
    """Joins charts of several specimens (mandible, maxilla, loose teeth) of one person.

    >>> upper, lower = Chart.from_codes("A", {"16": "X", "36": "J"}), Chart.from_codes("B", {"36": "MO-S"})
    >>> both = combine("I1", [upper, lower])
    >>> both.chart["16"], both.chart["36"], both.conflicts
    ('X', 'MO-S', ())
    >>> combine("I1", [lower, Chart.from_codes("C", {"36": "V"})]).conflicts
    ('36',)
    """
    joined = combine_states(stack(charts), np.zeros(len(charts), dtype=np.int64), 1)
    clash = joined.clash[0]
    codes = tuple(
        "/" if clash[k] else next(iter(sorted((c.codes[k] for c in charts), key=lambda code: _telling(code))), "")
        for k in range(len(TEETH))
    )
    return Combined(Chart(subject_id, codes), tuple(tooth for tooth, c in zip(TEETH, clash, strict=True) if c))


def _telling(code: str) -> tuple[bool, bool, int, str]:
    """Order of codes of one tooth that do not contradict each other: the one that says most first."""
    return (not code, not code or state_of(code) == UNKNOWN, -len(code), code)


@dataclass(frozen=True, slots=True)
class CombinedStates:
    """Charts joined by groups.

    Args:
        states: shape (groups, 32).
        clash: shape (groups, 32), teeth that were seen in different states; their joined state is unknown.
    """

    states: States
    clash: NDArray[np.bool_]


def combine_states(states: States, group: NDArray[np.integer], n_groups: int) -> CombinedStates:
    """Joins charts tooth by tooth within groups; a tooth seen in two states is unknown and a clash.

    Args:
        states: shape (charts, 32).
        group: shape (charts,), 0 to n_groups − 1.
        n_groups: number of groups.

    >>> two = np.full((2, 32), -1, dtype=np.int8); two[0, :2] = 0, 5; two[1, 1] = 7
    >>> joined = combine_states(two, np.array([0, 0]), 1)
    >>> joined.states[0, :3].tolist(), joined.clash[0, :3].tolist()
    ([0, -1, -1], [False, True, False])
    """
    most = np.full((n_groups, len(TEETH)), UNKNOWN, dtype=np.int8)
    least = np.full((n_groups, len(TEETH)), N_STATES, dtype=np.int8)
    np.maximum.at(most, group, states)
    np.minimum.at(least, group, np.where(states == UNKNOWN, np.int8(N_STATES), states))
    clash = (most != UNKNOWN) & (least != most)
    return CombinedStates(np.where(clash, np.int8(UNKNOWN), most), clash)
