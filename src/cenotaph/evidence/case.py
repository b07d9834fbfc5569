"""A dossier with integer indices: what every line of evidence needs to know of people, bones and samples."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.lineage import kinship

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

Ints = NDArray[np.int64]
SEX = {"U": 0, "M": 1, "F": 2}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Family:
    """One pedigree with the missing persons in it.

    Args:
        family_id: identifier.
        ids: persons.
        father, mother: index into *ids* or −1.
        sex: 0 unknown, 1 male, 2 female.
        men: index of the missing person at each node, −1 for none.
        samples: per person, the indices of his or her samples.
    """

    family_id: str
    ids: tuple[str, ...]
    father: Ints
    mother: Ints
    sex: Ints
    men: Ints
    samples: tuple[tuple[int, ...], ...]

    @property
    def donors(self) -> tuple[int, ...]:
        """Persons with a sample."""
        return tuple(i for i, s in enumerate(self.samples) if s)


@dataclass(frozen=True, slots=True)
class Case:
    """People, bones and samples of a dossier.

    Args:
        missing_ids: the roster, m men and women.
        populations: names of populations that occur on the roster (never ``unknown``).
        population: shape (m,), index into *populations*, −1 where the record says unknown.
        population_share: shape (populations,), share of the roster.
        families: pedigrees that hold at least one missing person.
        family_of: shape (m,), index into *families* or −1.
        node_of: shape (m,), the person's node in that family.
        specimen_ids: n specimens.
        container_of: shape (n,), index into *container_ids* or −1.
        container_ids: boxes.
        sample_ids: samples of specimens, relatives and missing persons.
        specimen_of: per sample, the specimen it was taken from, −1 for others.
        samples_of: per specimen, its samples.
    """

    missing_ids: tuple[str, ...]
    populations: tuple[str, ...]
    population: Ints
    population_share: NDArray[np.float64]
    families: tuple[Family, ...]
    family_of: Ints
    node_of: Ints
    specimen_ids: tuple[str, ...]
    container_of: Ints
    container_ids: tuple[str, ...]
    sample_ids: tuple[str, ...]
    specimen_of: Ints
    samples_of: tuple[tuple[int, ...], ...]

    @property
    def exhibits(self) -> int:
        """Number of exhibits: whatever can speak for a person. The samples come first, then every specimen itself,
        as measured, aged, charted or found in its container."""
        return len(self.sample_ids) + len(self.specimen_ids)

    def bone(self, specimen: int) -> int:
        """The exhibit that is the specimen itself."""
        return len(self.sample_ids) + specimen

    def is_sample(self, exhibit: int) -> bool:
        """Whether an exhibit is a sample and not a specimen itself."""
        return exhibit < len(self.sample_ids)

    def specimen_behind(self, exhibit: int) -> int:
        """The specimen that an exhibit is or was taken from, −1 for none."""
        return int(self.specimen_of[exhibit]) if self.is_sample(exhibit) else exhibit - len(self.sample_ids)

    def kinship(self, first: int, second: int) -> float:
        """Coefficient of kinship of two missing persons, 0 where they are of different families."""
        if self.family_of[first] < 0 or self.family_of[first] != self.family_of[second]:
            return 0.0
        family = self.families[self.family_of[first]]
        return kinship(family.father, family.mother, int(self.node_of[first]), int(self.node_of[second]))

    def place_of_sample(self) -> dict[int, tuple[int, int]]:
        """Sample of a family's member → its family and the member's node."""
        return {
            s: (f, node)
            for f, family in enumerate(self.families)
            for node, own in enumerate(family.samples)
            for s in own
        }

    def part(self, men: Ints) -> Case:
        """The case with a part of its roster; what is known of the whole roster, as its populations, stays."""
        return replace(
            self,
            missing_ids=tuple(self.missing_ids[m] for m in men),
            population=self.population[men],
            family_of=self.family_of[men],
            node_of=self.node_of[men],
        )

    @classmethod
    def from_dossier(cls, dossier: Dossier) -> Case:
        """Index a dossier that has passed its check."""
        missing = dossier.table("missing")
        specimens = dossier.table("specimens")
        containers = dossier.table("containers")
        samples = dossier.table("samples")
        missing_ids = tuple(missing.get_column("missing_id").to_list())
        stated = [p or UNKNOWN for p in missing.get_column("population").to_list()]
        populations = tuple(sorted(set(stated) - {UNKNOWN})) or ("white",)
        population = np.array([populations.index(p) if p in populations else -1 for p in stated], dtype=np.int64)
        counts = np.bincount(population[population >= 0], minlength=len(populations)) + 0.5
        man_index = {m: i for i, m in enumerate(missing_ids)}
        specimen_ids = tuple(specimens.get_column("specimen_id").to_list())
        specimen_index = {s: i for i, s in enumerate(specimen_ids)}
        container_ids = tuple(containers.get_column("container_id").to_list())
        container_index = {c: i for i, c in enumerate(container_ids)}

        of_specimen: list[list[int]] = [[] for _ in specimen_ids]
        of_relative: dict[str, list[int]] = defaultdict(list)
        of_missing: dict[int, list[int]] = defaultdict(list)
        specimen_of = np.full(samples.height, -1, dtype=np.int64)
        for k, (origin, owner) in enumerate(samples.select("origin", "origin_id").iter_rows()):
            if origin == "specimen" and owner in specimen_index:
                specimen_of[k] = specimen_index[owner]
                of_specimen[specimen_index[owner]].append(k)
            elif origin == "relative":
                of_relative[owner].append(k)
            elif origin == "missing" and owner in man_index:
                of_missing[man_index[owner]].append(k)
        families = _families(dossier, man_index, of_relative, of_missing)
        family_of = np.full(len(missing_ids), -1, dtype=np.int64)
        node_of = np.full(len(missing_ids), -1, dtype=np.int64)
        for f, family in enumerate(families):
            for node in np.flatnonzero(family.men >= 0):
                family_of[family.men[node]], node_of[family.men[node]] = f, node
        return cls(
            missing_ids,
            populations,
            population,
            counts / counts.sum(),
            families,
            family_of,
            node_of,
            specimen_ids,
            np.array([container_index.get(c, -1) for c in specimens.get_column("container_id").to_list()], np.int64),
            container_ids,
            tuple(samples.get_column("sample_id").to_list()),
            specimen_of,
            tuple(tuple(s) for s in of_specimen),
        )


def _families(
    dossier: Dossier, man_index: dict[str, int], of_relative: dict[str, list[int]], of_missing: dict[int, list[int]]
) -> tuple[Family, ...]:
    rows: dict[str, list[tuple[str, str | None, str | None, str, str | None]]] = defaultdict(list)
    table = dossier.table("relatives").select("family_id", "person_id", "father_id", "mother_id", "sex", "missing_id")
    for family_id, *row in table.iter_rows():
        rows[family_id].append(tuple(row))
    placed: set[int] = set()
    families = []
    for family_id, people in rows.items():
        ids = tuple(p[0] for p in people)
        index = {p: i for i, p in enumerate(ids)}
        men = np.array([man_index.get(p[4] or "", -1) for p in people], dtype=np.int64)
        if not (men >= 0).any():
            continue
        placed.update(int(m) for m in men if m >= 0)
        families.append(
            Family(
                family_id,
                ids,
                np.array([index.get(p[1] or "", -1) for p in people], dtype=np.int64),
                np.array([index.get(p[2] or "", -1) for p in people], dtype=np.int64),
                np.array([SEX.get(p[3] or "U", 0) for p in people], dtype=np.int64),
                men,
                tuple(
                    tuple(of_relative.get(i, ()) if m < 0 else [*of_relative.get(i, ()), *of_missing.get(int(m), ())])
                    for i, m in zip(ids, men, strict=True)
                ),
            )
        )
    # A missing person with a sample of his own but no pedigree is a family of one.
    for man, own in of_missing.items():
        if man not in placed:
            none = np.array([-1], dtype=np.int64)
            families.append(Family("", ("",), none, none, np.array([0]), np.array([man]), (tuple(own),)))
    return tuple(families)


def evenly(count: int, wanted: int) -> list[int]:
    """Up to *wanted* of the first *count* numbers, evenly spaced.

    >>> evenly(3, 5), evenly(101, 3)
    ([0, 1, 2], [0, 50, 100])
    """
    return [int(x) for x in np.unique(np.linspace(0, max(count - 1, 0), wanted).astype(np.int64))] if count else []
