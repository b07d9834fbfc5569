"""Families of the missing as recorded, and as they truly were."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cenotaph.simulation.difficulty import Difficulty
from cenotaph.simulation.roster import Pair, Roster
from cenotaph.simulation.tables import Ints

NO_DONOR = 0.08
MORE_DONORS = 0.9
"""A family with a donor has 1 + Poisson of these."""
DONOR_TYPES = ("child", "sibling", "nephew", "grand_nephew", "cousin", "half_sibling")
DONOR_SHARE = (0.15, 0.15, 0.45, 0.12, 0.10, 0.03)
MATERNAL_ROUTE = 0.70
"""Share of more distant donors who are sought along the maternal line."""
ADOPTED_AMONG_WRONG = 0.25
"""Of wrong pedigrees; the rest are a father who is not the father."""
SPOUSE_OF_OTHER_AFFINITY = 0.03


@dataclass(slots=True)
class Genealogy:
    """People, parents before children: as recorded and as it was. Index −1: none.

    Args:
        names, families: recorded ids; empty for people whom no record knows.
        father, mother: recorded parents.
        true_father, true_mother: real ones.
        male: sex.
        affinity: index into the roster's affinities.
        missing: row of the roster, −1 for others.
        donor: gave a sample.
        wrong: a donor whose recorded relation to the missing is not true.
    """

    names: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    father: list[int] = field(default_factory=list)
    mother: list[int] = field(default_factory=list)
    true_father: list[int] = field(default_factory=list)
    true_mother: list[int] = field(default_factory=list)
    male: list[bool] = field(default_factory=list)
    affinity: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    donor: list[bool] = field(default_factory=list)
    wrong: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)

    def add(
        self,
        family: str,
        name: str,
        *,
        male: bool,
        affinity: int,
        parents: tuple[int, int] = (-1, -1),
        true_parents: tuple[int, int] | None = None,
        missing: int = -1,
        donor: bool = False,
    ) -> int:
        """Adds a person and returns the index; *parents* are father and mother."""
        real = parents if true_parents is None else true_parents
        self.families.append(family)
        self.names.append(f"{family}.{name}" if name else "")
        self.father.append(parents[0])
        self.mother.append(parents[1])
        self.true_father.append(real[0])
        self.true_mother.append(real[1])
        self.male.append(male)
        self.affinity.append(affinity)
        self.missing.append(missing)
        self.donor.append(donor)
        self.wrong.append(False)
        return len(self.names) - 1


@dataclass(frozen=True, slots=True)
class People:
    """Everyone who is dropped genes to, as arrays: the genealogy, then those without any recorded family.

    Args:
        father, mother: real parents, −1 for founders.
        male: sex.
        origin: index into the founder populations.
    """

    father: Ints
    mother: Ints
    male: NDArray[np.bool_]
    origin: Ints

    def generations(self) -> list[Ints]:
        """People with parents, so ordered that parents stand in earlier groups or are founders."""
        depth = np.zeros(len(self.father), dtype=np.int64)
        children = np.flatnonzero(self.father >= 0)
        while True:
            deeper = np.maximum(depth[self.father[children]], depth[self.mother[children]]) + 1
            if np.array_equal(deeper, depth[children]):
                break
            depth[children] = deeper
        return [np.flatnonzero(depth == d) for d in range(1, int(depth.max(initial=0)) + 1)]


def make_genealogy(
    roster: Roster, missing_ids: list[str], difficulty: Difficulty, rng: np.random.Generator
) -> Genealogy:
    """Draws the family of every missing man; related men share one."""
    pair_of = {pair.first: pair for pair in roster.pairs}
    seconds = {pair.second for pair in roster.pairs}
    heads = [i for i in range(len(roster)) if i not in seconds]
    people = Genealogy()
    for number, k in enumerate(rng.permutation(len(heads))):
        head = heads[int(k)]
        family = _Family(people, f"FAM{number + 1:05d}", int(roster.affinity[head]), difficulty, rng)
        family.grow(head, pair_of.get(head), missing_ids)
    return people


@dataclass(slots=True)
class _Family:
    """One family while it grows."""

    people: Genealogy
    id: str
    affinity: int
    difficulty: Difficulty
    rng: np.random.Generator
    node: dict[str, int] = field(default_factory=dict)
    men: list[int] = field(default_factory=list)

    def grow(self, head: int, pair: Pair | None, missing_ids: list[str]) -> None:
        """Parents, the missing, donors and whoever connects them."""
        rng = self.rng
        count = 0 if rng.random() < NO_DONOR else 1 + int(rng.poisson(MORE_DONORS))
        kinds = [DONOR_TYPES[k] for k in rng.choice(len(DONOR_TYPES), count, p=DONOR_SHARE)]
        maternal = rng.random(count) < MATERNAL_ROUTE
        cousins = [m for kind, m in zip(kinds, maternal, strict=True) if kind == "cousin"]
        of_cousins = pair is not None and not pair.brothers
        for side, needed in (("M", of_cousins or any(cousins)), ("F", not all(cousins))):
            if needed:
                self.founder(f"G{side}F", male=True)
                self.founder(f"G{side}M", male=False)
        self.parent("F", male=True)
        self.parent("M", male=False)
        self.man(head, missing_ids, ("F", "M"))
        if pair is not None and pair.brothers:
            self.man(pair.second, missing_ids, ("F", "M"))
        elif pair is not None:
            self.child("A", ("GMF", "GMM"), male=False)
            self.founder("U", male=True)
            self.man(pair.second, missing_ids, ("U", "A"))
        for k, (kind, line) in enumerate(zip(kinds, maternal, strict=True)):
            self.donor(f"R{k}", kind, maternal=bool(line))

    def founder(self, name: str, *, male: bool) -> str:
        other = self.rng.random() < SPOUSE_OF_OTHER_AFFINITY
        affinity = int(self.rng.integers(0, 4)) if other else self.affinity
        self.node[name] = self.people.add(self.id, name, male=male, affinity=affinity)
        return name

    def parent(self, name: str, *, male: bool) -> None:
        """Father or mother of the missing, with parents where these are in the pedigree."""
        if f"G{name}F" in self.node:
            self.child(name, (f"G{name}F", f"G{name}M"), male=male)
        else:
            self.node[name] = self.people.add(self.id, name, male=male, affinity=self.affinity)

    def man(self, row: int, missing_ids: list[str], parents: tuple[str, str]) -> None:
        name = missing_ids[row]
        both = (self.node[parents[0]], self.node[parents[1]])
        self.node[name] = self.people.add(self.id, name, male=True, affinity=self.affinity, parents=both, missing=row)
        self.men.append(self.node[name])

    def child(
        self, name: str, parents: tuple[str, str], *, male: bool, donor: bool = False, wrong: bool = False
    ) -> str:
        """A child; where *wrong*, of a father nobody knows of, or adopted."""
        recorded = (self.node[parents[0]], self.node[parents[1]])
        real = recorded
        if wrong:
            adopted = self.rng.random() < ADOPTED_AMONG_WRONG
            stranger = self.people.add("", "", male=True, affinity=self.affinity)
            real = (stranger, self.people.add("", "", male=False, affinity=self.affinity) if adopted else real[1])
        self.node[name] = self.people.add(
            self.id,
            name,
            male=male,
            affinity=self.affinity,
            parents=recorded,
            true_parents=real,
            donor=donor,
        )
        return name

    def donor(self, name: str, kind: str, *, maternal: bool) -> None:
        """A donor of one kind, with everyone between him and the missing man; one link may be wrong."""
        rng = self.rng
        links = {"nephew": 2, "cousin": 2, "grand_nephew": 3}.get(kind, 1)
        wrong = rng.random() < self.difficulty.wrong_pedigrees
        broken = int(rng.integers(0, links)) if wrong else -1
        male = bool(rng.random() < (0.55 if maternal or links == 1 else 0.9))
        parents = self._start(name, kind, maternal=maternal)
        for link in range(links - 1):
            step = f"{name}{'sn'[link]}"
            self.child(step, parents, male=not maternal, wrong=link == broken)
            spouse = self.founder(f"{name}{'pq'[link]}", male=maternal)
            parents = (spouse, step) if maternal else (step, spouse)
        self.child(name, parents, male=male, donor=True, wrong=broken == links - 1)
        self.people.wrong[self.node[name]] = bool(wrong)

    def _start(self, name: str, kind: str, *, maternal: bool) -> tuple[str, str]:
        """Parents of the first person on the way to the donor."""
        if kind == "child":
            man = self.people.names[int(self.rng.choice(self.men))].partition(".")[2]
            return man, self.founder(f"{name}w", male=False)
        if kind == "half_sibling":
            if maternal:
                return self.founder(f"{name}h", male=True), "M"
            return "F", self.founder(f"{name}h", male=False)
        if kind == "cousin":
            return ("GMF", "GMM") if maternal else ("GFF", "GFM")
        return "F", "M"
