"""What is left of a pedigree for one calculation: untyped people at its edges become sources of alleles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import Unsupported
from cenotaph.genetics.mutation import Mutation
from cenotaph.genetics.pedigree import FEMALE, MALE, UNKNOWN_SEX, Pedigree

UntypedFounders = Literal["transmit", "from_frequencies"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an allele comes from that no member of the reduced pedigree passes on.

    A population draw (both sides None), or a removed parent of the sex ``through`` who got his or her own alleles
    from two such sources, passes either with probability one half, and mutates it.
    """

    through: int = UNKNOWN_SEX
    paternal: Source | None = None
    maternal: Source | None = None

    def distribution(self, population: NDArray[np.float64], mutation: Mutation | None) -> NDArray[np.float64]:
        """Distribution of the allele, shape of ``population`` (last axis: alleles)."""
        if mutation is None or self.through == UNKNOWN_SEX:
            return population
        sides = [s.distribution(population, mutation) for s in (self.paternal, self.maternal) if s is not None]
        drawn = sides[0] if len(sides) == 1 else (sides[0] + sides[1]) / 2
        return drawn @ (mutation.male if self.through == MALE else mutation.female)


POPULATION = Source()

Parent = int | Source | None


@dataclass(frozen=True, slots=True)
class Reduced:
    """Members that matter, renumbered; parents are members, sources, or None (a man's X has no paternal allele).

    Args:
        members: index of each member in the original pedigree.
        father, mother: one entry for each member.
        hemizygous: whether the member has one allele only.
        inbreeding: probability that both alleles of a founder are one by descent.
    """

    members: tuple[int, ...]
    father: tuple[Parent, ...]
    mother: tuple[Parent, ...]
    hemizygous: tuple[bool, ...]
    inbreeding: tuple[float, ...]


def reduce_pedigree(
    pedigree: Pedigree,
    kept: frozenset[int],
    *,
    x_linked: bool = False,
    prune_without_mutation: bool = False,
    unmutated: frozenset[int] = frozenset(),
    chains: bool = True,
) -> Reduced:
    """Remove untyped people who have no children, and untyped founders with one child, again and again.

    The child of a removed founder draws that allele from a :class:`Source`. This changes no likelihood, except
    where asked for: under ``prune_without_mutation`` removed founders pass a population draw without mutation (as
    Familias does), and so do those in ``unmutated`` always.

    Args:
        kept: indices of members who are observed or asked about.
        chains: whether a source may itself draw from sources that mutate.

    Raises:
        Unsupported: X-linked, and the sex of a remaining member cannot be told.
    """
    sex = _sexes(pedigree)
    father: dict[int, Parent] = {}
    mother: dict[int, Parent] = {}
    children: dict[int, set[int]] = {i: set() for i in range(len(pedigree))}
    for i in range(len(pedigree)):
        founder = pedigree.father[i] < 0
        no_father = x_linked and sex[i] == MALE
        father[i] = None if no_father else POPULATION if founder else int(pedigree.father[i])
        mother[i] = POPULATION if founder else int(pedigree.mother[i])
        for parent in (father[i], mother[i]):
            if isinstance(parent, int):
                children[parent].add(i)

    waiting = [i for i in father if i not in kept]
    while waiting:
        i = waiting.pop()
        if i not in father or len(children[i]) > 1:
            continue
        paternal, maternal = father[i], mother[i]
        if len(children[i]) == 1:
            if isinstance(paternal, int) or isinstance(maternal, int):
                continue
            if not chains and {paternal, maternal} - {None, POPULATION}:
                continue
            child = next(iter(children[i]))
            role = MALE if father[child] == i else FEMALE
            direct = prune_without_mutation or i in unmutated
            source = POPULATION if direct else Source(role, paternal, maternal)
            (father if role == MALE else mother)[child] = source
            waiting.append(child)
        for parent in (paternal, maternal):
            if isinstance(parent, int):
                children[parent].discard(i)
                waiting.append(parent)
        del father[i], mother[i]
        waiting = [k for k in waiting if k not in kept]

    members = tuple(father)
    if x_linked and any(sex[i] == UNKNOWN_SEX for i in members):
        unknown = ", ".join(pedigree.ids[i] for i in members if sex[i] == UNKNOWN_SEX)
        raise Unsupported(f"an X-linked marker needs the sex of {unknown}")
    position = {i: k for k, i in enumerate(members)}

    def renumber(parent: Parent) -> Parent:
        return position[parent] if isinstance(parent, int) else parent

    inbreeding = pedigree.founder_inbreeding_x if x_linked else pedigree.founder_inbreeding
    return Reduced(
        members,
        tuple(renumber(father[i]) for i in members),
        tuple(renumber(mother[i]) for i in members),
        tuple(x_linked and sex[i] == MALE for i in members),
        tuple(float(inbreeding[i]) for i in members),
    )


def _sexes(pedigree: Pedigree) -> list[int]:
    """Recorded sex, or the one that the role of a parent implies."""
    sex = pedigree.sex.tolist()
    for f, m in zip(pedigree.father.tolist(), pedigree.mother.tolist(), strict=True):
        if f >= 0:
            sex[f], sex[m] = MALE, FEMALE
    return [int(s) for s in sex]
