"""Pedigrees as values: members with their parents and sex, questions about them, edits that give new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidPedigree

UNKNOWN_SEX: Final = 0
MALE: Final = 1
FEMALE: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Pedigree:
    """Members of one or several families, each with both parents in the pedigree or with neither (a founder).

    Args:
        ids: names of the members, each once, in any order.
        father: shape ``(n,)``, index of the father, -1 for a founder.
        mother: shape ``(n,)``, index of the mother, -1 for a founder.
        sex: shape ``(n,)``, 0 unknown, 1 male, 2 female.
        founder_inbreeding: shape ``(n,)``, probability that a founder's two alleles are identical by descent;
            0 for everybody else. Zeros if it is not given.
        founder_inbreeding_x: the same for the X chromosome; only women's values are used.

    Raises:
        InvalidPedigree: duplicate or empty ids, one parent without the other, a male mother or a female
            father, a member who descends from himself, inbreeding outside [0, 1] or of a non-founder.

    >>> trio = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 0)])
    >>> trio.founders, trio.children("F"), trio.parents("C")
    (('F', 'M'), ('C',), ('F', 'M'))
    """

    ids: tuple[str, ...]
    father: NDArray[np.int64]
    mother: NDArray[np.int64]
    sex: NDArray[np.int64]
    founder_inbreeding: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    founder_inbreeding_x: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        n = len(self.ids)
        for name in ("father", "mother", "sex"):
            _freeze(self, name, np.array(getattr(self, name), dtype=np.int64))
        for name in ("founder_inbreeding", "founder_inbreeding_x"):
            given = np.array(getattr(self, name), dtype=np.float64)
            _freeze(self, name, given if given.size else np.zeros(n))
        _check_ids(self.ids)
        _check_parents(self)
        _check_inbreeding(self)
        _topological_order(self)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str | None, str | None, int]]) -> Pedigree:
        """A pedigree from rows (id, father's id, mother's id, sex); parents may come after their children."""
        listed = list(rows)
        ids = tuple(row[0] for row in listed)
        _check_ids(ids)
        position = {member: i for i, member in enumerate(ids)}

        def locate(child: str, parent: str | None) -> int:
            if parent is None:
                return -1
            if parent not in position:
                raise InvalidPedigree("a parent is not in the pedigree", found=parent, where=f"parents of {child}")
            return position[parent]

        return cls(
            ids,
            np.array([locate(row[0], row[1]) for row in listed], dtype=np.int64),
            np.array([locate(row[0], row[2]) for row in listed], dtype=np.int64),
            np.array([row[3] for row in listed], dtype=np.int64),
        )

    # Identity: two pedigrees are equal if they list the same members in the same order with equal numbers.

    def _key(self) -> tuple[object, ...]:
        inbreeding = (self.founder_inbreeding.tobytes(), self.founder_inbreeding_x.tobytes())
        return (self.ids, self.father.tobytes(), self.mother.tobytes(), self.sex.tobytes(), *inbreeding)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pedigree) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, member: object) -> bool:
        return member in self.ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    # Questions

    def index(self, member: str) -> int:
        """Position of a member in ``ids``.

        Raises:
            InvalidPedigree: nobody has this id.
        """
        try:
            return self.ids.index(member)
        except ValueError:
            raise InvalidPedigree("no such member", found=member, valid=", ".join(self.ids)) from None

    @property
    def order(self) -> NDArray[np.int64]:
        """Indices of all members, every parent before his or her children."""
        return _topological_order(self)

    @property
    def founders(self) -> tuple[str, ...]:
        """Members without parents."""
        return tuple(m for i, m in enumerate(self.ids) if self.father[i] < 0)

    @property
    def nonfounders(self) -> tuple[str, ...]:
        """Members with parents."""
        return tuple(m for i, m in enumerate(self.ids) if self.father[i] >= 0)

    @property
    def leaves(self) -> tuple[str, ...]:
        """Members without children."""
        parents = set(self.father.tolist()) | set(self.mother.tolist())
        return tuple(m for i, m in enumerate(self.ids) if i not in parents)

    def parents(self, member: str) -> tuple[str, str] | None:
        """Father and mother, or None for a founder."""
        i = self.index(member)
        return None if self.father[i] < 0 else (self.ids[self.father[i]], self.ids[self.mother[i]])

    def children(self, member: str) -> tuple[str, ...]:
        """Children in the order of ``ids``."""
        i = self.index(member)
        return tuple(m for k, m in enumerate(self.ids) if i in (self.father[k], self.mother[k]))

    def spouses(self, member: str) -> tuple[str, ...]:
        """Those with whom the member has children, in the order of the first child."""
        i = self.index(member)
        found: dict[int, None] = {}
        for f, m in zip(self.father.tolist(), self.mother.tolist(), strict=True):
            if i in (f, m):
                found[m if f == i else f] = None
        return tuple(self.ids[k] for k in found)

    def ancestors(self, member: str) -> frozenset[str]:
        """All ancestors, the member not included."""
        return frozenset(self.ids[i] for i in _reach(self.index(member), self._parent_lists()))

    def descendants(self, member: str) -> frozenset[str]:
        """All descendants, the member not included."""
        return frozenset(self.ids[i] for i in _reach(self.index(member), self._child_lists()))

    def _parent_lists(self) -> list[list[int]]:
        pairs = zip(self.father.tolist(), self.mother.tolist(), strict=True)
        return [[] if f < 0 else [f, m] for f, m in pairs]

    def _child_lists(self) -> list[list[int]]:
        lists: list[list[int]] = [[] for _ in self.ids]
        for child, parents in enumerate(self._parent_lists()):
            for parent in parents:
                lists[parent].append(child)
        return lists

    def components(self) -> tuple[Pedigree, ...]:
        """Families that are not connected with each other, each as a pedigree of its own."""
        links = [a + b for a, b in zip(self._parent_lists(), self._child_lists(), strict=True)]
        left, families = dict.fromkeys(range(len(self))), []
        while left:
            first = next(iter(left))
            family = sorted(_reach(first, links) | {first})
            families.append(self.subset(tuple(self.ids[i] for i in family)))
            for i in family:
                del left[i]
        return tuple(families)

    def matings(self) -> tuple[tuple[str, str], ...]:
        """Couples (father, mother) with children, in the order of the first child."""
        pairs = zip(self.father.tolist(), self.mother.tolist(), strict=True)
        return tuple((self.ids[f], self.ids[m]) for f, m in dict.fromkeys(pairs) if f >= 0)

    @property
    def loops(self) -> int:
        """Number of independent loops, i.e. cycles of the graph whose nodes are members and matings."""
        couples = self.matings()
        edges = 2 * len(couples) + len(self.nonfounders)
        return edges - (len(self) + len(couples)) + len(self.components())

    def loop_breakers(self) -> tuple[str, ...]:
        """Members whose genotypes, once fixed, cut every loop.

        A member breaks a loop if his or her node lies on a cycle of the graph of members and matings. Greedy:
        the member with most ways into the cycles first.
        """
        links = _marriage_graph(self)
        chosen: list[str] = []
        while True:
            core = cycle_core(links)
            if not core:
                return tuple(chosen)
            candidates = [i for i in core if i < len(self)]
            best = max(candidates, key=lambda i: (len(links[i] & core), self.father[i] >= 0, -i))
            chosen.append(self.ids[best])
            for neighbour in links[best]:
                links[neighbour].discard(best)
            links[best] = set()

    # Edits: each gives a new pedigree

    def _rows(self) -> list[tuple[str, str | None, str | None, int]]:
        def name(i: int) -> str | None:
            return None if i < 0 else self.ids[i]

        columns = zip(self.ids, self.father.tolist(), self.mother.tolist(), self.sex.tolist(), strict=True)
        return [(m, name(f), name(d), s) for m, f, d, s in columns]

    def _inbreeding(self) -> tuple[dict[str, float], dict[str, float]]:
        return (
            {m: float(x) for m, x in zip(self.ids, self.founder_inbreeding, strict=True) if x},
            {m: float(x) for m, x in zip(self.ids, self.founder_inbreeding_x, strict=True) if x},
        )

    def _rebuilt(self, rows: list[tuple[str, str | None, str | None, int]]) -> Pedigree:
        autosomal, x = self._inbreeding()
        made = Pedigree.from_rows(rows)
        founders = set(made.founders)
        return made.with_founder_inbreeding(
            {m: f for m, f in autosomal.items() if m in founders},
            {m: f for m, f in x.items() if m in founders},
        )

    def with_founder_inbreeding(self, autosomal: Mapping[str, float], x: Mapping[str, float] | None = None) -> Pedigree:
        """The same pedigree with inbred founders."""
        values, values_x = np.zeros(len(self)), np.zeros(len(self))
        for member, f in autosomal.items():
            values[self.index(member)] = f
        for member, f in (x or {}).items():
            values_x[self.index(member)] = f
        return Pedigree(self.ids, self.father, self.mother, self.sex, values, values_x)

    def subset(self, members: Iterable[str]) -> Pedigree:
        """The members given, in their order; parents who are both left out make a founder.

        Raises:
            InvalidPedigree: one parent of a member is kept and the other is not.
        """
        kept = dict.fromkeys(members)
        rows = {row[0]: row for row in self._rows()}
        chosen = []
        for member in kept:
            row = rows[self.ids[self.index(member)]]
            none = row[1] not in kept and row[2] not in kept
            chosen.append((member, None, None, row[3]) if none else row)
        return self._rebuilt(chosen)

    def add_founder(self, member: str, sex: int) -> Pedigree:
        """One more member without parents."""
        return self._rebuilt([*self._rows(), (member, None, None, sex)])

    def add_child(
        self, child: str, *, father: str | None = None, mother: str | None = None, sex: int = UNKNOWN_SEX
    ) -> Pedigree:
        """A child of a member; the parent who is not named is a new, unnamed founder.

        >>> Pedigree.from_rows([("F", None, None, 1)]).add_child("C", father="F").ids
        ('F', 'mother of C', 'C')
        """
        if father is None and mother is None:
            raise InvalidPedigree("a child needs at least one parent", found=child)
        rows = self._rows()
        for parent, role, parent_sex in ((father, "father", MALE), (mother, "mother", FEMALE)):
            name = f"{role} of {child}" if parent is None else parent
            if name not in self.ids:
                rows.append((name, None, None, parent_sex))
        return self._rebuilt([*rows, (child, father or f"father of {child}", mother or f"mother of {child}", sex)])

    def add_parents(self, member: str, father: str, mother: str) -> Pedigree:
        """Parents of a founder; a parent who is not yet a member becomes a founder."""
        if self.parents(member) is not None:
            raise InvalidPedigree("the member already has parents", found=member)
        rows = [(m, father, mother, s) if m == member else (m, f, d, s) for m, f, d, s in self._rows()]
        new = [(p, s) for p, s in ((father, MALE), (mother, FEMALE)) if p not in self.ids]
        return self._rebuilt([*[(p, None, None, s) for p, s in new], *rows])

    def add_sibling(self, member: str, sibling: str, sex: int = UNKNOWN_SEX) -> Pedigree:
        """A full sibling; a founder first gets unnamed parents."""
        known = self.parents(member)
        if known is None:
            father, mother = f"father of {member}", f"mother of {member}"
            return self.add_parents(member, father, mother).add_sibling(member, sibling, sex)
        return self.add_child(sibling, father=known[0], mother=known[1], sex=sex)

    def add_half_sibling(self, member: str, sibling: str, *, through: str, sex: int = UNKNOWN_SEX) -> Pedigree:
        """A half-sibling through the ``"father"`` or the ``"mother"``."""
        known = self.parents(member)
        if known is None:
            named = self.add_parents(member, f"father of {member}", f"mother of {member}")
            return named.add_half_sibling(member, sibling, through=through, sex=sex)
        if through == "father":
            return self.add_child(sibling, father=known[0], sex=sex)
        return self.add_child(sibling, mother=known[1], sex=sex)

    def remove(self, member: str) -> Pedigree:
        """Without one member who has no children.

        Raises:
            InvalidPedigree: the member has children; remove those first.
        """
        if self.children(member):
            raise InvalidPedigree("the member has children", found=member, valid="a member without children")
        return self.subset(m for m in self.ids if m != member)

    def relabel(self, names: Mapping[str, str]) -> Pedigree:
        """New names for some members."""
        for member in names:
            self.index(member)
        ids = tuple(names.get(m, m) for m in self.ids)
        return Pedigree(ids, self.father, self.mother, self.sex, self.founder_inbreeding, self.founder_inbreeding_x)

    def with_sex(self, sexes: Mapping[str, int]) -> Pedigree:
        """New sexes for some members."""
        sex = self.sex.copy()
        for member, value in sexes.items():
            sex[self.index(member)] = value
        return Pedigree(self.ids, self.father, self.mother, sex, self.founder_inbreeding, self.founder_inbreeding_x)

    def merge(self, other: Pedigree) -> Pedigree:
        """One pedigree of two in which members of one name are one person.

        Raises:
            InvalidPedigree: a shared member has other parents or another sex in the second pedigree.
        """
        rows = {row[0]: row for row in self._rows()}
        for member, father, mother, sex in other._rows():
            old = rows.get(member, (member, None, None, UNKNOWN_SEX))
            clash = old[1] is not None and father is not None and (old[1], old[2]) != (father, mother)
            if clash or (old[3] and sex and old[3] != sex):
                raise InvalidPedigree("the two pedigrees disagree about a member", found=member)
            rows[member] = (member, old[1] or father, old[2] or mother, old[3] or sex)
        made = Pedigree.from_rows(rows.values())
        founders = set(made.founders)
        autosomal, x = ({**b, **a} for a, b in zip(self._inbreeding(), other._inbreeding(), strict=True))
        return made.with_founder_inbreeding(
            {m: f for m, f in autosomal.items() if m in founders},
            {m: f for m, f in x.items() if m in founders},
        )


def _freeze(pedigree: Pedigree, name: str, values: NDArray[np.int64] | NDArray[np.float64]) -> None:
    values.setflags(write=False)
    object.__setattr__(pedigree, name, values)


def _check_ids(ids: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for member in ids:
        if not member:
            raise InvalidPedigree("a member has no id")
        if member in seen:
            raise InvalidPedigree("an id occurs twice", found=member)
        seen.add(member)


def _check_parents(pedigree: Pedigree) -> None:
    n = len(pedigree.ids)
    for name in ("father", "mother", "sex", "founder_inbreeding", "founder_inbreeding_x"):
        if getattr(pedigree, name).shape != (n,):
            raise InvalidPedigree(f"{name} must have one value for each member")
    for i, member in enumerate(pedigree.ids):
        father, mother = int(pedigree.father[i]), int(pedigree.mother[i])
        where = f"parents of {member}"
        if (father < 0) != (mother < 0):
            raise InvalidPedigree("one parent without the other", valid="both parents or neither", where=where)
        if not (-1 <= father < n and -1 <= mother < n):
            raise InvalidPedigree("a parent's index is out of range", where=where)
        if father >= 0 and pedigree.sex[father] == FEMALE:
            raise InvalidPedigree("the father is female", found=pedigree.ids[father], where=where)
        if mother >= 0 and pedigree.sex[mother] == MALE:
            raise InvalidPedigree("the mother is male", found=pedigree.ids[mother], where=where)
        if father >= 0 and father == mother:
            raise InvalidPedigree("father and mother are one person", found=pedigree.ids[father], where=where)
        if pedigree.sex[i] not in (UNKNOWN_SEX, MALE, FEMALE):
            raise InvalidPedigree("not a sex", found=int(pedigree.sex[i]), valid="0, 1 or 2", where=f"sex of {member}")


def _check_inbreeding(pedigree: Pedigree) -> None:
    for values in (pedigree.founder_inbreeding, pedigree.founder_inbreeding_x):
        for i in np.flatnonzero(values):
            where = f"inbreeding of {pedigree.ids[i]}"
            if not 0 <= values[i] <= 1:
                raise InvalidPedigree("inbreeding outside [0, 1]", found=float(values[i]), where=where)
            if pedigree.father[i] >= 0:
                raise InvalidPedigree("only a founder's inbreeding can be given", where=where)


def _topological_order(pedigree: Pedigree) -> NDArray[np.int64]:
    parents = pedigree._parent_lists()
    waiting = [len(p) for p in parents]
    children = pedigree._child_lists()
    order = [i for i, w in enumerate(waiting) if w == 0]
    for i in order:
        for child in children[i]:
            waiting[child] -= 1
            if waiting[child] == 0:
                order.append(child)
    if len(order) < len(parents):
        stuck = ", ".join(pedigree.ids[i] for i, w in enumerate(waiting) if w > 0)
        raise InvalidPedigree("members who descend from themselves", found=stuck)
    return np.array(order, dtype=np.int64)


def _reach(start: int, links: list[list[int]]) -> set[int]:
    found: set[int] = set()
    frontier = list(links[start])
    while frontier:
        i = frontier.pop()
        if i not in found:
            found.add(i)
            frontier.extend(links[i])
    return found - {start}


def _marriage_graph(pedigree: Pedigree) -> list[set[int]]:
    """Neighbours in the graph of members (0 … n-1) and matings (n …)."""
    couples = {pair: len(pedigree) + k for k, pair in enumerate(pedigree.matings())}
    links: list[set[int]] = [set() for _ in range(len(pedigree) + len(couples))]
    for pair, node in couples.items():
        members = [pedigree.index(p) for p in pair] + [
            i for i, m in enumerate(pedigree.ids) if pedigree.parents(m) == pair
        ]
        for i in members:
            links[i].add(node)
            links[node].add(i)
    return links


def cycle_core(links: list[set[int]]) -> set[int]:
    """Nodes left after nodes with fewer than two neighbours are removed again and again."""
    degree = [len(x) for x in links]
    alive = set(range(len(links)))
    queue = [i for i in alive if degree[i] < 2]
    while queue:
        i = queue.pop()
        if i not in alive:
            continue
        alive.discard(i)
        for neighbour in links[i] & alive:
            degree[neighbour] -= 1
            if degree[neighbour] < 2:
                queue.append(neighbour)
    return alive
