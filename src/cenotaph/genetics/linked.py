"""Two linked markers: the same peeling with haplotypes for gametes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, ProblemTooLarge, Unsupported
from cenotaph.genetics.kinship import Hypothesis, check_everybody_is_there, reduce_family
from cenotaph.genetics.marker import LumpedMarker, Marker, Observation, lump, penetrance
from cenotaph.genetics.mutation import Mutation
from cenotaph.genetics.pedigree import Pedigree
from cenotaph.genetics.peeling import LARGEST_TABLE, GameteSpace, genotype_pairs, peel
from cenotaph.genetics.reduction import Reduced, UntypedFounders

MarkerPair = tuple[Marker, Marker]
ObservationPair = tuple[Mapping[str, Observation], Mapping[str, Observation]]


def loglik_linked(
    hypothesis: Hypothesis | Pedigree,
    markers: MarkerPair,
    observations: ObservationPair,
    rho: float,
    *,
    untyped_founders: UntypedFounders = "transmit",
) -> float:
    """Natural log of P(observations at two markers | hypothesis) with recombination fraction ``rho`` in both sexes.

    A parent with haplotypes (a, b) and (c, d) passes each with probability (1 - rho) / 2, and (a, d) and (c, b) with
    rho / 2 each; then both alleles may mutate. Haplotypes of founders are in linkage equilibrium.

    Args:
        markers: both autosomal or both X-linked.
        observations: of the first and of the second marker.
        rho: 0 (always together) to 0.5 (unlinked).

    Raises:
        Unsupported: an autosomal and an X-linked marker, or inbred founders.
        InvalidInput: rho is outside [0, 0.5], or an observed person is in no family.
        ProblemTooLarge: too many haplotypes.

    >>> from cenotaph.genetics.marker import Called
    >>> trio = Pedigree.from_rows([("F", None, None, 1), ("M", None, None, 2), ("C", "F", "M", 1)])
    >>> pair = tuple(Marker(name, ("1", "2"), np.array([0.5, 0.5])) for name in ("A", "B"))
    >>> seen = {"F": Called("1", "2"), "M": Called("2", "2"), "C": Called("1", "2")}
    >>> unlinked = loglik_linked(trio, pair, (seen, seen), 0.5)
    >>> bool(np.isclose(np.exp(unlinked), (0.5 * 0.25 * 0.5) ** 2))
    True
    """
    if not 0 <= rho <= 0.5:
        raise InvalidInput("the recombination fraction is outside its range", found=rho, valid="0 to 0.5")
    if markers[0].x_linked != markers[1].x_linked:
        raise Unsupported("an autosomal and an X-linked marker cannot be linked")
    whole = Hypothesis((hypothesis,)) if isinstance(hypothesis, Pedigree) else hypothesis
    x_linked = markers[0].x_linked
    _refuse_inbred_founders(whole, x_linked)
    lumped = (lump(markers[0], observations[0].values()), lump(markers[1], observations[1].values()))
    space = haplotype_space(lumped, rho)
    population = np.outer(lumped[0].frequencies, lumped[1].frequencies).ravel()[None, :]
    people = set(observations[0]) | set(observations[1])
    check_everybody_is_there(whole.families, {p: observations[0].get(p) or observations[1][p] for p in people})
    total = 0.0
    for family in whole.families:
        observed = frozenset(family.index(p) for p in people if p in family)
        reduced = reduce_family(
            whole,
            family,
            observed,
            x_linked=x_linked,
            untyped_founders=untyped_founders,
            chains=space.mutation is None,
        )
        penetrances = _penetrances(reduced, family, lumped, observations, space)
        total += float(peel(reduced, space, population, penetrances).loglik()[0])
    return total


def haplotype_space(lumped: tuple[LumpedMarker, LumpedMarker], rho: float) -> GameteSpace:
    """Genotypes over haplotypes; haplotype h has the alleles ``divmod(h, number of alleles of the second marker)``."""
    size = lumped[0].size * lumped[1].size
    if size * size * (size + 1) // 2 > LARGEST_TABLE:
        raise ProblemTooLarge(f"{size} haplotypes of two markers; about 580 can be handled")
    mutation = _joint_mutation(lumped)
    first, second = genotype_pairs(size)
    a, b = np.divmod(first, lumped[1].size)
    c, d = np.divmod(second, lumped[1].size)
    crossed, swapped = a * lumped[1].size + d, c * lumped[1].size + b

    def passed(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        together = matrix[first] + matrix[second]
        gametes: NDArray[np.float64] = (1 - rho) / 2 * together + rho / 2 * (matrix[crossed] + matrix[swapped])
        return gametes

    unchanged = np.eye(size)
    male = unchanged if mutation is None else mutation.male
    female = unchanged if mutation is None else mutation.female
    return GameteSpace(first, second, passed(male), passed(female), male, mutation)


def _joint_mutation(lumped: tuple[LumpedMarker, LumpedMarker]) -> Mutation | None:
    if lumped[0].mutation is None and lumped[1].mutation is None:
        return None
    both = [m.mutation or Mutation(np.eye(m.size), np.eye(m.size)) for m in lumped]
    female: NDArray[np.float64] = np.kron(both[0].female, both[1].female).astype(np.float64)
    male: NDArray[np.float64] = np.kron(both[0].male, both[1].male).astype(np.float64)
    return Mutation(female, male)


def _penetrances(
    reduced: Reduced,
    family: Pedigree,
    lumped: tuple[LumpedMarker, LumpedMarker],
    observations: ObservationPair,
    space: GameteSpace,
) -> dict[int, NDArray[np.float64]]:
    found: dict[int, NDArray[np.float64]] = {}
    for position, member in enumerate(reduced.members):
        hemizygous = reduced.hemizygous[position]
        haplotypes = np.arange(space.gametes)
        pair = (haplotypes, haplotypes) if hemizygous else (space.first, space.second)
        alleles = [np.divmod(h, lumped[1].size) for h in pair]
        for k in (0, 1):
            observation = observations[k].get(family.ids[member])
            if observation is not None:
                value = penetrance(observation, lumped[k], alleles[0][k], alleles[1][k], hemizygous=hemizygous)
                found[position] = found.get(position, np.ones(value.shape)) * value
    return found


def _refuse_inbred_founders(hypothesis: Hypothesis, x_linked: bool) -> None:
    for family in hypothesis.families:
        if np.any(family.founder_inbreeding_x if x_linked else family.founder_inbreeding):
            raise Unsupported("two linked markers with inbred founders: how haplotypes are shared is not defined")
