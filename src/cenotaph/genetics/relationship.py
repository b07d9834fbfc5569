"""The relationship of two members in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cenotaph.genetics.pedigree import FEMALE, MALE, Pedigree

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One way in which two people are related through a nearest common ancestor or couple of ancestors.

    Args:
        up: generations from the first person up to the ancestor; 0 if the first is the ancestor.
        down: generations from there down to the second person.
        ancestors: one ancestor, or both of a couple.
        children: the child of the ancestors on either side, -1 where the person is the ancestor.
    """

    up: int
    down: int
    ancestors: frozenset[int]
    children: tuple[int, int]

    @property
    def is_half(self) -> bool:
        """Whether two lines descend from one ancestor with different partners."""
        return self.up > 0 and self.down > 0 and len(self.ancestors) == 1


def links(pedigree: Pedigree, first: str, second: str) -> tuple[Link, ...]:
    """All ways in which two members are related, the nearest first."""
    up, down = _ascents(pedigree, pedigree.index(first)), _ascents(pedigree, pedigree.index(second))
    found: dict[tuple[Path, Path], set[int]] = {}
    for a in up:
        for b in down:
            if a[-1] == b[-1] and not set(a[:-1]) & set(b[:-1]):
                found.setdefault((a[:-1], b[:-1]), set()).add(a[-1])
    made = [Link(len(a), len(b), frozenset(x), (a[-1] if a else -1, b[-1] if b else -1)) for (a, b), x in found.items()]
    return tuple(sorted(made, key=lambda link: (link.up + link.down, link.is_half, link.up)))


def relationship(pedigree: Pedigree, first: str, second: str) -> str:
    """What the first member is to the second, in words; several relationships are joined by "and".

    >>> couple = [("F", None, None, 1), ("M", None, None, 2)]
    >>> family = Pedigree.from_rows([*couple, ("A", "F", "M", 1), ("B", "F", "M", 2)])
    >>> relationship(family, "F", "A"), relationship(family, "A", "B"), relationship(family, "F", "M")
    ('father', 'full brother', 'spouse')
    """
    if first == second:
        pedigree.index(first)
        return "same person"
    ways = links(pedigree, first, second)
    if not ways:
        return "spouse" if second in pedigree.spouses(first) else "unrelated"
    sex = int(pedigree.sex[pedigree.index(first)])
    words = Counter(_words(pedigree, link, sex) for link in ways)
    return " and ".join(_times(word, count) for word, count in words.items())


def _ascents(pedigree: Pedigree, start: int) -> list[Path]:
    """Every path from a member upwards, the member himself first."""
    paths: list[Path] = []
    frontier: list[Path] = [(start,)]
    while frontier:
        path = frontier.pop()
        paths.append(path)
        father, mother = int(pedigree.father[path[-1]]), int(pedigree.mother[path[-1]])
        frontier.extend((*path, parent) for parent in (father, mother) if parent >= 0)
    return paths


def _times(word: str, count: int) -> str:
    return word if count == 1 else f"{('double', 'triple', 'quadruple')[min(count, 4) - 2]} {word}"


def _words(pedigree: Pedigree, link: Link, sex: int) -> str:
    if link.up == 0:
        return _ancestor(link.down, sex)
    if link.down == 0:
        return _descendant(link.up, sex)
    if link.up == link.down == 1:
        return _sibling(pedigree, link, sex)
    half = "half-" if link.is_half else ""
    if link.up == 1:
        return half + "great-" * (link.down - 2) + _by_sex(sex, "uncle", "aunt", "uncle or aunt")
    if link.down == 1:
        return half + "great-" * (link.up - 2) + _by_sex(sex, "nephew", "niece", "nephew or niece")
    degree, removed = min(link.up, link.down) - 1, abs(link.up - link.down)
    half = "half " if link.is_half else ""
    return f"{half}{_ordinal(degree)} cousin{_removed(removed)}"


def _ancestor(generations: int, sex: int) -> str:
    word = _by_sex(sex, "father", "mother", "parent")
    return word if generations == 1 else "great-" * (generations - 2) + "grand" + word


def _descendant(generations: int, sex: int) -> str:
    word = _by_sex(sex, "son", "daughter", "child")
    return word if generations == 1 else "great-" * (generations - 2) + "grand" + word


def _sibling(pedigree: Pedigree, link: Link, sex: int) -> str:
    word = _by_sex(sex, "brother", "sister", "sibling")
    if not link.is_half:
        return f"full {word}"
    shared = next(iter(link.ancestors))
    side = "paternal" if pedigree.father[link.children[0]] == shared else "maternal"
    return f"{side} half-{word}"


def _by_sex(sex: int, male: str, female: str, unknown: str) -> str:
    return {MALE: male, FEMALE: female}.get(sex, unknown)


def _ordinal(number: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    return words[number - 1] if number <= len(words) else f"{number}th"


def _removed(times: int) -> str:
    return {0: "", 1: " once removed", 2: " twice removed"}.get(times, f" {times} times removed")
