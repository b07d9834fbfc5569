"""A family drawn in the genetic convention, with what was typed of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from cenotaph.reports.drawings.svg import element, picture, text
from cenotaph.reports.words import count

if TYPE_CHECKING:
    from cenotaph.genetics.pedigree import Pedigree
    from cenotaph.genetics.pedigree_layout import MatingLine, PedigreeLayout

COLUMN = 66.0
ROW = 86.0
MARGIN_X = 40.0
MARGIN_TOP = 22.0
MARGIN_BOTTOM = 46.0
HALF = 11.0
RING = 17.0
SYSTEMS = {"str": "A", "mtdna": "M", "ystr": "Y", "snp": "S"}
"""Letter under a symbol for each typed system."""

SYSTEM_WORDS = {"str": "autosomal STR", "mtdna": "mtDNA", "ystr": "Y-STR", "snp": "SNP"}


@dataclass(frozen=True, slots=True)
class FamilyDrawing:
    """What a pedigree drawing shows beside the pedigree.

    Args:
        pedigree: the family.
        labels: member → words under the symbol.
        missing: members who are missing; the symbol is ringed.
        asked: the members of the missing about whom the drawing is made; their ring is drawn heavy.
        typed: donor → systems typed (keys of `SYSTEMS`); the symbol is filled.
        notes: member → what a pointer resting on the symbol shows.
    """

    pedigree: Pedigree
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The drawing in words, for those who do not see it."""
        donors = [f"{self.labels.get(m, m)} ({self._systems(m)})" for m in self.pedigree.ids if m in self.typed]
        ringed = [self.labels.get(m, m) for m in self.pedigree.ids if m in self.missing]
        people = count(len(self.pedigree.ids), "person", "people")
        return f"Pedigree of {people}. Missing: {', '.join(ringed) or 'nobody'}. Donors: {', '.join(donors) or 'none'}."

    def _systems(self, member: str) -> str:
        return ", ".join(SYSTEM_WORDS[s] for s in SYSTEMS if s in self.typed[member]) or "nothing typed"


def draw_pedigree(family: FamilyDrawing) -> str:
    """The pedigree as SVG: squares men, circles women, diamonds unknown; generations in rows.

    A mating is a line between two symbols, a double one between relatives; children hang from it.
    """
    places = _places(family.pedigree)
    width = float(places.x.max(initial=0.0)) * COLUMN + 2 * MARGIN_X
    height = float(places.y.max(initial=0.0)) * ROW + MARGIN_TOP + MARGIN_BOTTOM
    lines = "".join(_mating(family.pedigree, places, mating) for mating in places.matings)
    people = "".join(_person(family, places, i) for i in range(len(family.pedigree.ids)))
    content = element("g", lines, class_="kin") + people
    return picture(content, title=family.title, width=width, height=height, class_="pedigree")


def _places(pedigree: Pedigree) -> PedigreeLayout:
    """The layout, which depends on who descends from whom and not on names: many families are of one shape."""
    return _layout_of(tuple(pedigree.father.tolist()), tuple(pedigree.mother.tolist()), tuple(pedigree.sex.tolist()))


@lru_cache(maxsize=512)
def _layout_of(father: tuple[int, ...], mother: tuple[int, ...], sex: tuple[int, ...]) -> PedigreeLayout:
    from cenotaph.genetics.pedigree import Pedigree
    from cenotaph.genetics.pedigree_layout import layout

    # Numbers written with as many digits as the last has, so that they sort as the members stand.
    names = [f"{i:06}" for i in range(len(father))]
    parent = [*names, None]
    rows = zip(names, (parent[f] for f in father), (parent[m] for m in mother), sex, strict=True)
    return layout(Pedigree.from_rows(rows))


def _at(x: float, y: float) -> tuple[float, float]:
    return MARGIN_X + x * COLUMN, MARGIN_TOP + y * ROW


def _mating(pedigree: Pedigree, places: PedigreeLayout, mating: MatingLine) -> str:
    father = _at(float(places.x[mating.father]), float(places.y[mating.father]))
    mother = _at(float(places.x[mating.mother]), float(places.y[mating.mother]))
    left, right = sorted((father, mother))
    middle, level = _at(mating.x, mating.y)
    related = pedigree.ancestors(pedigree.ids[mating.father]) & pedigree.ancestors(pedigree.ids[mating.mother])
    couple = []
    for shift in (-2.0, 2.0) if related else (0.0,):
        couple.append(f"M{left[0]:.1f} {left[1] + shift:.1f}L{right[0]:.1f} {right[1] + shift:.1f}")
    start, end, bar = mating.sibship
    (start_x, bar_y), (end_x, _) = _at(start, bar), _at(end, bar)
    drop = f"M{middle:.1f} {level:.1f}V{bar_y:.1f}M{start_x:.1f} {bar_y:.1f}H{end_x:.1f}"
    children = "".join(
        f"M{x:.1f} {bar_y:.1f}V{y:.1f}"
        for x, y in (_at(float(places.x[i]), float(places.y[i])) for i in mating.children)
    )
    return element("path", d="".join(couple) + drop + children)


def _person(family: FamilyDrawing, places: PedigreeLayout, i: int) -> str:
    member = family.pedigree.ids[i]
    x, y = _at(float(places.x[i]), float(places.y[i]))
    sex = int(family.pedigree.sex[i])
    look = "donor" if member in family.typed else "kin-member"
    parts = []
    if member in family.notes:
        parts.append(element("title", text(family.notes[member])))
    if member in family.missing:
        kind = "sought asked" if member in family.asked else "sought"
        parts.append(element("circle", cx=x, cy=y, r=RING, class_=kind))
    parts.append(_symbol(sex, x, y, look))
    line = y + (RING if member in family.missing else HALF) + 13
    label = family.labels.get(member, "")
    if label:
        bold = "who asked" if member in family.asked else "who"
        parts.append(element("text", text(label), x=x, y=line, class_=bold))
        line += 13
    letters = [SYSTEMS[s] for s in SYSTEMS if s in family.typed.get(member, ())]
    parts += [
        element("text", text(letter), x=x + (k - (len(letters) - 1) / 2) * 12, y=line, class_="system")
        for k, letter in enumerate(letters)
    ]
    return element("g", *parts)


def _symbol(sex: int, x: float, y: float, look: str) -> str:
    from cenotaph.genetics.pedigree import FEMALE, MALE

    if sex == MALE:
        return element("rect", x=x - HALF + 1, y=y - HALF + 1, width=2 * HALF - 2, height=2 * HALF - 2, class_=look)
    if sex == FEMALE:
        return element("circle", cx=x, cy=y, r=HALF, class_=look)
    return element(
        "polygon", points=f"{x},{y - HALF - 1} {x + HALF + 1},{y} {x},{y + HALF + 1} {x - HALF - 1},{y}", class_=look
    )
