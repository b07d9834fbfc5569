"""Elements of the skeleton, their sides, copies and zones, and what others call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cenotaph.errors import InvalidInput

SIDE_WORDS: Mapping[str, str] = {
    "left": "L", "l": "L", "lt": "L", "sin": "L", "right": "R", "r": "R", "rt": "R", "dex": "R",
    "middle": "M", "midline": "M", "axial": "M", "m": "M", "unsided": "U", "unknown": "U", "u": "U", "": "U",
}  # fmt: skip
"""Spellings of sides, lower case: OsteoSort writes left and right, CoRA Left, Right, Middle and Unsided."""

OPPOSITE = {"L": "R", "R": "L", "M": "M", "U": "U"}


@dataclass(frozen=True, slots=True)
class Element:
    """A bone of the skeleton.

    Args:
        name: as written everywhere.
        sides: those it can be on: L R M U.
        group: head, trunk, arm, hand, leg or foot.
        copies: in a person, on one side if it is paired; None where it cannot be said.
        spellings: what others call it.
    """

    name: str
    sides: frozenset[str]
    group: str
    copies: int | None = 1
    spellings: tuple[str, ...] = ()

    @property
    def is_paired(self) -> bool:
        """Whether there is a left one and a right one."""
        return "L" in self.sides and "M" not in self.sides


@dataclass(frozen=True, slots=True)
class Zone:
    """A numbered part of an element.

    Args:
        elements: those that have it.
        part: which of several alike it is of (cervical; first); empty if all.
        number: as recorded.
        meaning: in words.

    Source: Knüsel & Outram (2004), Environ Archaeol 9:85, as used by CoRA.
    """

    elements: tuple[str, ...]
    part: str
    number: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The vocabulary of elements.

    Args:
        elements: by name.
        zones: of all elements.
    """

    elements: Mapping[str, Element]
    zones: tuple[Zone, ...] = ()
    _names: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names: dict[str, str] = {}
        for element in self.elements.values():
            for word in (element.name, *element.spellings):
                if names.setdefault(bare(word), element.name) != element.name:
                    raise InvalidInput("one spelling of two elements", found=word)
        object.__setattr__(self, "_names", names)

    @classmethod
    def of(cls, elements: Iterable[Element], zones: Sequence[Zone] = ()) -> Skeleton:
        """Elements by their names."""
        return cls({e.name: e for e in elements}, tuple(zones))

    def find(self, spelling: str) -> Element | None:
        """The element that a spelling means, or None.

        >>> skeleton = Skeleton.of([Element("metatarsal_3", frozenset("LRU"), "foot", 1, ("3rd metatarsal",))])
        >>> [getattr(skeleton.find(x), "name", None) for x in ("METATARSAL-3", "Metatarsal 3", "3rd Metatarsal", "x")]
        ['metatarsal_3', 'metatarsal_3', 'metatarsal_3', None]
        """
        name = self._names.get(bare(spelling))
        return None if name is None else self.elements[name]

    def zones_of(self, element: str) -> tuple[Zone, ...]:
        """Zones of one element in the order of their numbers."""
        return tuple(sorted((z for z in self.zones if element in z.elements), key=lambda z: (z.part, z.number)))

    @property
    def midline(self) -> frozenset[str]:
        """Elements that are not paired."""
        return frozenset(e.name for e in self.elements.values() if not e.is_paired)

    @property
    def copies(self) -> Mapping[str, int | None]:
        """Copies of each element in a person."""
        return {e.name: e.copies for e in self.elements.values()}


def bare(spelling: str) -> str:
    """A spelling without case, blanks, hyphens and underscores; a side in front or behind is left out.

    >>> bare("Left Os-Coxa"), bare("1st_metacarpal"), bare("Cuneiform2")
    ('oscoxa', '1stmetacarpal', 'cuneiform2')
    """
    word = re.sub(r"[\s_-]+", " ", spelling.strip().lower())
    word = re.sub(r"^(left|right)\s|\s(left|right)$", "", word)
    return re.sub(r"[^a-z0-9]", "", word)


def find_side(spelling: str) -> str | None:
    """L, R, M or U for a spelling of a side, or None.

    >>> [find_side(x) for x in ("Left", "RIGHT", "Middle", "Unsided", "", "up")]
    ['L', 'R', 'M', 'U', 'U', None]
    """
    return SIDE_WORDS.get(spelling.strip().lower())
