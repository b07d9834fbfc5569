"""The likelihood of what was observed in a family, marker by marker, under a hypothesis about who is whose child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, Unsupported
from cenotaph.genetics.marker import LumpedMarker, Marker, Observation, lump, penetrance, unlumped
from cenotaph.genetics.pedigree import Pedigree
from cenotaph.genetics.peeling import GameteSpace, peel, single_marker_space
from cenotaph.genetics.reduction import POPULATION, Reduced, UntypedFounders, reduce_pedigree
from cenotaph.genetics.theta import concentration, dirichlet_rule, urn_log_probability


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Families, not related to each other, that hold all observed people.

    Args:
        families: one pedigree or several; no id occurs in two of them.
        implied: founders who stand for a parent that the source did not name.
    """

    families: tuple[Pedigree, ...]
    implied: frozenset[str] = frozenset()


def loglik(
    hypothesis: Hypothesis | Pedigree,
    marker: Marker,
    observations: Mapping[str, Observation],
    *,
    theta: float = 0.0,
    untyped_founders: UntypedFounders = "transmit",
) -> float:
    """Natural log of P(observations at one marker | hypothesis); -inf if they are impossible.

    Args:
        observations: what was seen of each observed person; people who are absent are untyped.
        theta: coancestry of the founder alleles of the whole hypothesis.
        untyped_founders: "transmit" passes an untyped founder's allele through the mutation matrix like any other
            (pedprobr); "from_frequencies" draws the allele that an untyped founder with one child passes straight
            from the population (Familias; with theta > 0 only for implied parents).

    Raises:
        InvalidInput: an observed person is in no family, or theta is outside [0, 1).
        UnknownMarker: an observation names an allele that the marker does not have.
        ProblemTooLarge: the pedigree's loops or theta need more work than can be done exactly.

    >>> trio = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> marker = Marker("M1", ("1", "2"), np.array([0.1, 0.9]))
    >>> from cenotaph.genetics.marker import Called
    >>> seen = {"F": Called("1", "2"), "C": Called("1", "1")}
    >>> round(float(np.exp(loglik(trio, marker, seen))), 12)  # 2 · 0.1 · 0.9 · ½ · 0.1
    0.009
    """
    whole = Hypothesis((hypothesis,)) if isinstance(hypothesis, Pedigree) else hypothesis
    check_everybody_is_there(whole.families, observations)
    lumped = lump(marker, observations.values())
    space = single_marker_space(lumped.size, lumped.mutation)
    parts = []
    for family in whole.families:
        observed = {family.index(m): x for m, x in observations.items() if m in family}
        reduced = reduce_family(
            whole,
            family,
            frozenset(observed),
            x_linked=marker.x_linked,
            untyped_founders=untyped_founders,
            prune=theta == 0,
        )
        parts.append(_Part.build(reduced, observed, lumped, space))
    return _plain(parts, lumped, space) if theta == 0 else _with_theta(parts, lumped, space, theta)


def reduce_family(
    hypothesis: Hypothesis,
    family: Pedigree,
    kept: frozenset[int],
    *,
    x_linked: bool,
    untyped_founders: UntypedFounders,
    prune: bool = True,
    chains: bool = True,
) -> Reduced:
    """The reduced pedigree of one family of a hypothesis under a convention for untyped founders."""
    from_frequencies = untyped_founders == "from_frequencies"
    implied = {m for m in hypothesis.implied if m in family} if from_frequencies else set()
    return reduce_pedigree(
        family,
        kept,
        x_linked=x_linked,
        prune_without_mutation=from_frequencies and prune,
        unmutated=frozenset(family.index(m) for m in implied),
        chains=chains,
    )


@dataclass(frozen=True, slots=True, eq=False)
class GenotypeDistribution:
    """P(genotype of one member | everything observed).

    Args:
        first, second: shape ``(G,)``, allele indices, ``first <= second``; equal if hemizygous.
        probability: shape ``(G,)``, sums to one unless the observations are impossible (then all zero).
        loglik: natural log of the probability of the observations.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    probability: NDArray[np.float64]
    loglik: float


def genotype_distribution(
    pedigree: Pedigree,
    marker: Marker,
    observations: Mapping[str, Observation],
    member: str,
    *,
    untyped_founders: UntypedFounders = "transmit",
) -> GenotypeDistribution:
    """Distribution of a member's genotype given what was observed of the family (the member's own type included).

    Raises:
        InvalidInput, InvalidPedigree, UnknownMarker, ProblemTooLarge: as for :func:`loglik`.

    >>> pair = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> from cenotaph.genetics.marker import Called
    >>> marker = Marker("M1", ("1", "2"), np.array([0.1, 0.9]))
    >>> genotype_distribution(pair, marker, {"F": Called("1", "1")}, "C").probability.round(12).tolist()
    [0.1, 0.9, 0.0]
    """
    check_everybody_is_there((pedigree,), observations)
    lumped = unlumped(marker)
    space = single_marker_space(lumped.size, lumped.mutation)
    observed = {pedigree.index(m): x for m, x in observations.items()}
    target = pedigree.index(member)
    reduced = reduce_pedigree(
        pedigree,
        frozenset(observed) | {target},
        x_linked=marker.x_linked,
        prune_without_mutation=untyped_founders == "from_frequencies",
    )
    part = _Part.build(reduced, observed, lumped, space)
    position = reduced.members.index(target)
    belief = peel(reduced, space, lumped.frequencies[None, :], part.penetrances, target=position)
    hemizygous = reduced.hemizygous[position]
    size = lumped.size if hemizygous else len(space.first)
    joint = np.zeros(size)
    joint[belief.states[0]] = belief.probability[0]
    total = float(joint.sum())
    alleles = np.arange(lumped.size)
    return GenotypeDistribution(
        alleles if hemizygous else space.first,
        alleles if hemizygous else space.second,
        joint / total if total > 0 else joint,
        float(belief.loglik()[0]),
    )


def joint_genotype_distribution(
    pedigree: Pedigree, marker: Marker, observations: Mapping[str, Observation], members: tuple[str, ...]
) -> NDArray[np.float64]:
    """P(genotypes of several members | everything observed), one axis for each member.

    Genotypes are in the order 00, 01, …, 11, 12, … of allele indices; all zero if the observations are impossible.

    Args:
        members: at least one, each once; untyped or typed.

    Raises:
        Unsupported: an X-linked marker.
        InvalidInput, InvalidPedigree, UnknownMarker, ProblemTooLarge: as for :func:`loglik`.
    """
    if marker.x_linked:
        raise Unsupported("joint genotype distributions of X-linked markers")
    check_everybody_is_there((pedigree,), observations)
    lumped = unlumped(marker)
    space = single_marker_space(lumped.size, lumped.mutation)
    observed = {pedigree.index(m): x for m, x in observations.items()}
    wanted = [pedigree.index(m) for m in members]
    reduced = reduce_pedigree(pedigree, frozenset(observed) | frozenset(wanted))
    part = _Part.build(reduced, observed, lumped, space)
    size = len(space.first)
    first, *others = (reduced.members.index(i) for i in wanted)
    cases = np.indices((size,) * len(others)).reshape(len(others), size ** len(others))
    for position, genotypes in zip(others, cases, strict=True):
        given = np.eye(size)[genotypes]
        own = part.penetrances.get(position)
        part.penetrances[position] = given if own is None else given * own
    belief = peel(reduced, space, lumped.frequencies[None, :], part.penetrances, target=first)
    joint = np.zeros((len(cases[0]) if others else 1, size))
    joint[:, belief.states[0]] = belief.probability
    total = float(joint.sum())
    table = np.moveaxis(joint.reshape((size,) * len(others) + (size,)), -1, 0)
    return table / total if total > 0 else table


@dataclass(frozen=True, slots=True)
class _Part:
    """One family at one marker, ready to be peeled."""

    reduced: Reduced
    penetrances: dict[int, NDArray[np.float64]]

    @classmethod
    def build(
        cls, reduced: Reduced, observed: Mapping[int, Observation], lumped: LumpedMarker, space: GameteSpace
    ) -> _Part:
        alleles = np.arange(lumped.size)
        found = {}
        for position, member in enumerate(reduced.members):
            if member in observed:
                hemizygous = reduced.hemizygous[position]
                first, second = (alleles, alleles) if hemizygous else (space.first, space.second)
                found[position] = penetrance(observed[member], lumped, first, second, hemizygous=hemizygous)
        return cls(reduced, found)


def _plain(parts: list[_Part], lumped: LumpedMarker, space: GameteSpace) -> float:
    population = lumped.frequencies[None, :]
    return sum(float(peel(p.reduced, space, population, p.penetrances).loglik()[0]) for p in parts)


def _with_theta(parts: list[_Part], lumped: LumpedMarker, space: GameteSpace, theta: float) -> float:
    parameters = concentration(theta) * lumped.frequencies
    counts = np.zeros(lumped.size, dtype=np.int64)
    known: list[frozenset[int]] = []
    degree = 0
    for part in parts:
        certain = set()
        for i, (father, mother) in enumerate(zip(part.reduced.father, part.reduced.mother, strict=True)):
            drawn = [x for x in (father, mother) if x is not None and not isinstance(x, int)]
            genotypes = np.flatnonzero(part.penetrances[i]) if i in part.penetrances else np.zeros(0, dtype=int)
            single = len(genotypes) == 1 and part.reduced.inbreeding[i] == 0
            if single and all(x == POPULATION for x in (father, mother) if x is not None):
                certain.add(i)
                alleles = [genotypes[0]] if part.reduced.hemizygous[i] else _pair(space, int(genotypes[0]))
                for allele in alleles:
                    counts[allele] += 1
            else:
                degree += len(drawn)
        known.append(frozenset(certain))
    log_mean = -np.inf
    for points, weights in dirichlet_rule(parameters + counts, degree):
        value = np.log(weights)
        for part, free in zip(parts, known, strict=True):
            belief = peel(part.reduced, space, points, part.penetrances, founder_free=free)
            value = value + belief.loglik()
        log_mean = float(np.logaddexp.reduce(value, initial=log_mean))
    return log_mean + urn_log_probability(parameters, counts)


def _pair(space: GameteSpace, genotype: int) -> list[int]:
    return [int(space.first[genotype]), int(space.second[genotype])]


def check_everybody_is_there(families: tuple[Pedigree, ...], observations: Mapping[str, Observation]) -> None:
    """Raise InvalidInput if an observed person is in no family or a person is in two."""
    members = [m for family in families for m in family]
    if len(set(members)) != len(members):
        raise InvalidInput("a person is in two families of one hypothesis")
    for person in observations:
        if person not in members:
            raise InvalidInput("an observed person is in no family", found=person)
