"""A Familias project as a kinship case: its pedigrees are the hypotheses, the last one the denominator.

Untyped founders follow Familias (their one child draws from the frequencies). The stationary and the extended variants
of the stepwise model are read as the stepwise model, and a system with an allele that is not a number as the equal
model, as the open R reader of these files does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import Unsupported
from cenotaph.formats.familias import AlleleSystem, FamiliasProject, Person, pedigree_nodes
from cenotaph.formats.familias import Mutation as FamiliasMutation
from cenotaph.genetics import mutation as models
from cenotaph.genetics.case import Case
from cenotaph.genetics.kinship import Hypothesis
from cenotaph.genetics.marker import Called, Marker, Observation
from cenotaph.genetics.mutation import Mutation
from cenotaph.genetics.pedigree import FEMALE, MALE, UNKNOWN_SEX, Pedigree

SEXES = {"M": MALE, "F": FEMALE, "U": UNKNOWN_SEX}
SILENT = "silent"


def familias_case(project: FamiliasProject, name: str) -> Case:
    """The case of the ordinary part of a project.

    Raises:
        Unsupported: the project has no pedigrees (it may be one for disaster victim identification).
        CenotaphError: a pedigree or a system contradicts itself.
    """
    if not project.pedigrees or not project.systems:
        raise Unsupported(f"{name} has no pedigrees with markers to compare")
    markers = tuple(to_marker(system) for system in project.systems)
    hypotheses = {}
    for pedigree in project.pedigrees:
        nodes = pedigree_nodes(pedigree, project.persons)
        whole = Pedigree.from_rows((n.name, n.father, n.mother, SEXES[n.sex]) for n in nodes)
        known = {p.name for p in (*project.persons, *pedigree.extra_persons)}
        named = known | {person for relation in pedigree.relations for person in relation}
        implied = frozenset(m for m in whole if m not in named)
        hypotheses[pedigree.name] = Hypothesis(whole.components(), implied)
    observations = {m.name: _observations(project.persons, m.name) for m in markers}
    return Case(
        name,
        markers,
        hypotheses,
        observations,
        project.pedigrees[-1].name,
        theta=project.theta,
        untyped_founders="from_frequencies",
    )


def _observations(persons: tuple[Person, ...], marker: str) -> dict[str, Observation]:
    seen: dict[str, Observation] = {}
    for person in persons:
        alleles = person.genotypes.get(marker, ())
        if alleles:
            seen[person.name] = Called(alleles[0], alleles[1] if len(alleles) > 1 else None)
    return seen


def to_marker(system: AlleleSystem) -> Marker:
    """The marker of an allele system, with its silent allele last."""
    frequencies = np.array(system.frequencies)
    female = _matrix(system.female_mutation, system.alleles, frequencies)
    male = _matrix(system.male_mutation, system.alleles, frequencies)
    mutation = None if female is None and male is None else (female, male)
    alleles, silent = system.alleles, -1
    if system.silent_frequency:
        alleles, silent = (*alleles, SILENT), len(alleles)
        frequencies = np.append(frequencies, system.silent_frequency)
    if mutation is None:
        return Marker(system.name, alleles, frequencies, silent=silent)
    size = len(system.alleles)
    sides = [_with_silent(np.eye(size) if m is None else m, len(alleles)) for m in mutation]
    return Marker(system.name, alleles, frequencies, mutation=Mutation(sides[0], sides[1]), silent=silent)


def _with_silent(matrix: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The silent allele neither mutates nor is mutated to."""
    out = np.eye(size)
    out[: len(matrix), : len(matrix)] = matrix
    return out


def _matrix(
    mutation: FamiliasMutation, alleles: tuple[str, ...], frequencies: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    if mutation.rate == 0 and mutation.rate2 == 0:
        return None
    if mutation.model == "proportional":
        return models.proportional(frequencies / frequencies.sum(), mutation.rate / float(frequencies.sum()))
    if mutation.model == "equal" or not all(_is_number(a) for a in alleles):
        return models.equal(len(alleles), mutation.rate)
    return models.stepwise(alleles, mutation.rate, rate2=mutation.rate2, step_range=mutation.range)


def _is_number(allele: str) -> bool:
    try:
        float(allele)
    except ValueError:
        return False
    return True
