"""Joint identification of victims in families with one or several missing members (disaster victim identification).

For an assignment a, loglik(a) = sum over unmatched victims of log P(victim alone) + sum over families of
log P(family with the matched victims in the place of their missing). LR(a) is against "nobody is matched".
Source: Vigeland, Egeland (2021), Joint DNA-based disaster victim identification, Sci Rep 11:13661.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, ProblemTooLarge, Unsupported
from cenotaph.genetics.assignment import (
    AssignmentPosterior,
    Block,
    count_assignments,
    enumerate_assignments,
    exact_posterior,
)
from cenotaph.genetics.kinship import Hypothesis, loglik, reduce_family
from cenotaph.genetics.marker import LumpedMarker, Marker, Observation, lump, penetrance
from cenotaph.genetics.pedigree import UNKNOWN_SEX, Pedigree
from cenotaph.genetics.peeling import GameteSpace, peel, single_marker_space
from cenotaph.genetics.reduction import UntypedFounders
from cenotaph.genetics.sampled_assignment import sampled_posterior

LARGEST_FAMILY = 200_000

Profile = Mapping[str, Observation]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MissingFamily:
    """A family with typed relatives and missing members.

    Args:
        families: pedigrees that are not related to each other.
        profiles: of typed members, by marker.
    """

    name: str
    families: tuple[Pedigree, ...]
    profiles: Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class Victim:
    """An unidentified person: sex as in a pedigree, and the profile by marker."""

    name: str
    sex: int
    profile: Profile


@dataclass(frozen=True, slots=True)
class JointProblem:
    """Victims, families, and the missing in the order of the report.

    Raises:
        InvalidInput: a missing person is a member of no family or of two.
    """

    markers: tuple[Marker, ...]
    victims: tuple[Victim, ...]
    families: tuple[MissingFamily, ...]
    missing: tuple[str, ...]
    untyped_founders: UntypedFounders = "transmit"

    def __post_init__(self) -> None:
        for person in self.missing:
            homes = sum(person in p for f in self.families for p in f.families)
            if homes != 1:
                raise InvalidInput("a missing person must be a member of one family", found=f"{person} in {homes}")


@dataclass(frozen=True, slots=True, eq=False)
class JointTable:
    """All assignments of pairings that are possible alone, most likely first.

    Args:
        assigned: shape ``(rows, victims)``, index of the missing person, -1 for nobody.
        loglik: natural log-likelihood.
        loglr: natural log of the ratio against nobody matched.
        posterior: under a flat prior over the rows.
    """

    assigned: Ints
    loglik: Floats
    loglr: Floats
    posterior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class JointSolution:
    """What is known of every pairing of victim and missing person.

    Args:
        pairwise_loglr: shape ``(victims, missing)``, natural log; nobody else matched. nan where the sexes differ.
        exclusions: shape ``(victims, missing)``, markers that exclude the pairing if alleles never mutate; -1 where
            the sexes differ.
        log_null: log-likelihood of nobody matched.
        posterior: marginals and their method.
        log_glr: shape ``(victims, missing)``, natural log of max L(v = m) / max L(v ≠ m); nan if no assignment of
            positive probability has the pairing.
        table: every assignment, or None if there are more than the limit.
    """

    pairwise_loglr: Floats
    exclusions: Ints
    log_null: float
    posterior: AssignmentPosterior
    log_glr: Floats
    table: JointTable | None


def solve(problem: JointProblem, *, rng: np.random.Generator, table_limit: int = 100_000) -> JointSolution:
    """Pairwise ratios, joint posterior, generalised likelihood ratios, and the joint table if it is not too long.

    The posterior is exact where the assignments can be summed, otherwise sampled, with its standard error.

    Args:
        rng: used only if the posterior must be sampled.
        table_limit: most assignments that are listed.
    """
    alone = _alone(problem)
    null = {f.name: _family_loglik(problem, f, [], np.zeros((1, 0), dtype=np.int64))[0] for f in problem.families}
    pairwise = _pairwise(problem, alone, null)
    blocks = [_block(problem, family, alone, null, pairwise) for family in problem.families]
    blocks = [b for b in blocks if b.missing]
    victims, missing = len(problem.victims), len(problem.missing)
    possible = [_possible(b) for b in blocks]
    try:
        posterior = exact_posterior(possible, victims, missing)
    except ProblemTooLarge:
        posterior = sampled_posterior(possible, victims, missing, rng)
    log_null = float(alone.sum() + sum(null.values()))
    table = None
    if 0 <= posterior.count <= table_limit:
        listed = blocks if count_assignments(blocks) <= table_limit else possible
        table = _table(listed, victims, log_null, table_limit)
    exclusions = _exclusions(problem)
    return JointSolution(pairwise, exclusions, log_null, posterior, _log_glr(posterior.log_best), table)


def _log_glr(best: Floats) -> Floats:
    victims, columns = best.shape
    out = np.full((victims, columns - 1), np.nan)
    for v, m in itertools.product(range(victims), range(columns - 1)):
        others = np.delete(best[v], m).max()
        if np.isfinite(best[v, m]):
            out[v, m] = best[v, m] - others
    return out


def _table(blocks: Sequence[Block], victims: int, log_null: float, limit: int) -> JointTable:
    assigned, weights = [], []
    for given, weight in enumerate_assignments(blocks, limit):
        assigned.append([given.get(v, -1) for v in range(victims)])
        weights.append(weight)
    rows, loglr = np.array(assigned, dtype=np.int64).reshape(len(weights), victims), np.array(weights)
    order = np.argsort(-loglr, kind="stable")
    rows, loglr = rows[order], loglr[order]
    share = np.exp(loglr - loglr.max())
    return JointTable(rows, loglr + log_null, loglr, share / share.sum())


def _alone(problem: JointProblem) -> Floats:
    """log P(profile) of each victim as an unrelated person."""
    totals = []
    for victim in problem.victims:
        single = Pedigree.from_rows([(victim.name, None, None, victim.sex)])
        totals.append(
            sum(
                loglik(single, m, {victim.name: victim.profile[m.name]})
                for m in problem.markers
                if m.name in victim.profile
            )
        )
    return np.array(totals)


def _candidates(problem: JointProblem, person: str) -> list[int]:
    """Victims whose sex does not forbid that they are this missing person."""
    family = next(p for f in problem.families for p in f.families if person in p)
    sex = int(family.sex[family.index(person)])
    return [v for v, x in enumerate(problem.victims) if UNKNOWN_SEX in (sex, x.sex) or sex == x.sex]


def _pairwise(problem: JointProblem, alone: Floats, null: Mapping[str, float]) -> Floats:
    loglr = np.full((len(problem.victims), len(problem.missing)), np.nan)
    for family in problem.families:
        for person in _missing_of(problem, family):
            candidates = _candidates(problem, person)
            loglr[candidates, problem.missing.index(person)] = -np.inf
            values = _family_loglik(problem, family, [person], np.array(candidates, dtype=np.int64)[:, None])
            if np.isfinite(null[family.name]):
                loglr[candidates, problem.missing.index(person)] = values - null[family.name] - alone[candidates]
    return loglr


def _missing_of(problem: JointProblem, family: MissingFamily) -> list[str]:
    return [m for m in problem.missing if any(m in p for p in family.families)]


def _block(
    problem: JointProblem, family: MissingFamily, alone: Floats, null: Mapping[str, float], pairwise: Floats
) -> Block:
    """All ways to place victims in one family; a victim excluded alone stays excluded whoever else is placed."""
    people = _missing_of(problem, family)
    columns = [problem.missing.index(m) for m in people]
    choices = [[-1, *np.flatnonzero(np.isfinite(pairwise[:, c])).tolist()] for c in columns]
    options: list[tuple[int, ...]] = []
    for option in itertools.product(*choices):
        placed = [v for v in option if v >= 0]
        if len(set(placed)) == len(placed):
            options.append(option)
        if len(options) > LARGEST_FAMILY:
            raise ProblemTooLarge(f"family {family.name} can be filled in more than {LARGEST_FAMILY} ways")
    placed_many = np.array(options, dtype=np.int64).reshape(len(options), len(people))
    loglr = np.zeros(len(options))
    if len(people) == 1:
        loglr[1:] = pairwise[placed_many[1:, 0], columns[0]]
    elif people:
        values = _family_loglik(problem, family, people, placed_many)
        used = np.where(placed_many >= 0, alone[placed_many], 0.0).sum(axis=1)
        loglr = values - null[family.name] - used
        loglr[0] = 0.0
    return Block(tuple(columns), tuple(options), tuple(loglr.tolist()))


def _possible(block: Block) -> Block:
    kept = [(o, x) for o, x in zip(block.options, block.loglr, strict=True) if np.isfinite(x)]
    return Block(block.missing, tuple(o for o, _ in kept), tuple(x for _, x in kept))


def _family_loglik(problem: JointProblem, family: MissingFamily, people: list[str], placed: Ints) -> Floats:
    """log P(family | victims placed), one value for each row of ``placed`` (victim of each of ``people``, -1 none)."""
    total = np.zeros(len(placed))
    for marker in problem.markers:
        total += _marker_loglik(problem, family, people, placed, marker)
    return total


def _marker_loglik(
    problem: JointProblem, family: MissingFamily, people: list[str], placed: Ints, marker: Marker
) -> Floats:
    if marker.x_linked:
        raise Unsupported("joint identification with X-linked markers")
    typed = {p: seen[marker.name] for p, seen in family.profiles.items() if marker.name in seen}
    used = np.unique(placed[placed >= 0])
    kinds: dict[Observation, int] = {}
    code = np.zeros(len(problem.victims) + 1, dtype=np.int64)
    for v in used:
        seen = problem.victims[v].profile.get(marker.name)
        if seen is not None:
            code[v] = kinds.setdefault(seen, len(kinds) + 1)
    lumped = lump(marker, [*typed.values(), *kinds])
    space = single_marker_space(lumped.size, lumped.mutation)
    observed = np.vstack([np.ones(len(space.first)), *(penetrance(x, lumped, space.first, space.second) for x in kinds)])
    coded = code[placed]
    whole = Hypothesis(family.families)
    total = np.zeros(len(placed))
    for pedigree in family.families:
        here = [k for k, p in enumerate(people) if p in pedigree]
        total += _pedigree_loglik(
            whole, pedigree, {p: x for p, x in typed.items() if p in pedigree}, [people[k] for k in here],
            coded[:, here], observed, lumped, space, problem.untyped_founders,
        )
    return total


def _pedigree_loglik(
    whole: Hypothesis,
    pedigree: Pedigree,
    typed: Mapping[str, Observation],
    people: list[str],
    coded: Ints,
    observed: Floats,
    lumped: LumpedMarker,
    space: GameteSpace,
    untyped_founders: UntypedFounders,
) -> Floats:
    kept = frozenset(pedigree.index(p) for p in [*typed, *people])
    if not kept:
        return np.zeros(len(coded))
    reduced = reduce_family(whole, pedigree, kept, x_linked=False, untyped_founders=untyped_founders)
    position = {pedigree.ids[member]: k for k, member in enumerate(reduced.members)}
    penetrances = {position[p]: penetrance(x, lumped, space.first, space.second) for p, x in typed.items()}
    population = lumped.frequencies[None, :]
    with np.errstate(divide="ignore"):
        if not people:
            value = float(peel(reduced, space, population, penetrances).probability.sum())
            return np.full(len(coded), np.log(value))
        cases, case = np.unique(coded[:, 1:], axis=0, return_inverse=True)
        for k, person in enumerate(people[1:]):
            seen = observed[cases[:, k]] if len(cases) > 1 else observed[cases[0, k]]
            own = penetrances.get(position[person])
            penetrances[position[person]] = seen if own is None else seen * own
        belief = peel(reduced, space, population, penetrances, target=position[people[0]])
        about_first = np.zeros((belief.probability.shape[0], len(space.first)))
        about_first[:, belief.states[0]] = belief.probability
        rows = about_first[case.ravel()] if len(about_first) > 1 else about_first
        return np.log((rows * observed[coded[:, 0]]).sum(axis=1))


def _exclusions(problem: JointProblem) -> Ints:
    """Markers with likelihood zero for each pairing when alleles never mutate."""
    counts = np.full((len(problem.victims), len(problem.missing)), -1, dtype=np.int64)
    fixed = [replace(m, mutation=None) for m in problem.markers]
    for family in problem.families:
        for person in _missing_of(problem, family):
            candidates = _candidates(problem, person)
            column = problem.missing.index(person)
            placed = np.array(candidates, dtype=np.int64)[:, None]
            counts[candidates, column] = 0
            for marker in fixed:
                values = _marker_loglik(problem, family, [person], placed, marker)
                counts[candidates, column] += np.isneginf(values)
    return counts

