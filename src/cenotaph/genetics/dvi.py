"""Joint identification of victims in families with one or several missing members (disaster victim identification).

For an assignment a, loglik(a) = sum over unmatched victims of log P(victim alone) + sum over families of
log P(family with the matched victims in the place of their missing). LR(a) is against "nobody is matched".
Source: Vigeland, Egeland (2021), Joint DNA-based disaster victim identification, Sci Rep 11:13661.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput, ProblemTooLarge, Unsupported
from cenotaph.genetics.assignment import (
    LARGEST_FRONTIER,
    AssignmentPosterior,
    Block,
    enumerate_assignments,
    exact_posterior,
    largest_frontier,
    without_pairings,
)
from cenotaph.genetics.kinship import Hypothesis, reduce_family
from cenotaph.genetics.marker import Called, LumpedMarker, Marker, Observation, lump, penetrance
from cenotaph.genetics.pedigree import UNKNOWN_SEX, Pedigree
from cenotaph.genetics.peeling import GameteSpace, peel, single_marker_space
from cenotaph.genetics.reduction import UntypedFounders
from cenotaph.genetics.sampled_assignment import sampled_posterior

LARGEST_FAMILY = 200_000
NEGLIGIBLE = (1e-9, 1e-8, 1e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3)

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
    typings = [_Typing(m, problem.victims) for m in problem.markers]
    alone = np.sum([t.alone() for t in typings], axis=0)[:-1]
    null, pairwise, exclusions = _pairwise(problem, typings, alone)
    blocks = [_block(problem, typings, family, alone, null, pairwise) for family in problem.families]
    blocks = [b for b in blocks if b.missing]
    victims, missing = len(problem.victims), len(problem.missing)
    possible = [_possible(b) for b in blocks]
    posterior = _posterior(possible, victims, missing, rng)
    log_null = float(alone.sum() + sum(null.values()))
    table = None
    if 0 <= posterior.count <= table_limit:
        try:
            table = _table(blocks, victims, log_null, table_limit)
        except ProblemTooLarge:
            table = _table(possible, victims, log_null, table_limit)
    return JointSolution(pairwise, exclusions, log_null, posterior, _log_glr(posterior.log_best), table)


def _posterior(blocks: Sequence[Block], victims: int, missing: int, rng: np.random.Generator) -> AssignmentPosterior:
    """Exact if it can be; else exact without the pairings that a sample finds negligible; else sampled.

    The weight of assignments with a left-out pairing is at most the sum of the probabilities of these pairings.
    """
    if largest_frontier(blocks) <= LARGEST_FRONTIER:
        return exact_posterior(blocks, victims, missing)
    sample = sampled_posterior(blocks, victims, missing, rng)
    pairs = sample.marginals[:, :missing]
    for negligible in NEGLIGIBLE:
        pruned = without_pairings(blocks, pairs < negligible)
        if largest_frontier(pruned) <= LARGEST_FRONTIER:
            exact = exact_posterior(pruned, victims, missing)
            left_out = float(pairs[pairs < negligible].sum())
            return replace(exact, method="pruned", count=-1, error=np.full(exact.error.shape, left_out))
    return sample


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


class _Typing:
    """One marker of a problem: the distinct observations among the victims, and what they mean for a family."""

    def __init__(self, marker: Marker, victims: Sequence[Victim]) -> None:
        if marker.x_linked:
            raise Unsupported("joint identification with X-linked markers")
        self.marker = marker
        kinds: dict[Observation, int] = {}
        self.code = np.zeros(len(victims) + 1, dtype=np.int64)
        for v, victim in enumerate(victims):
            if marker.name in victim.profile:
                self.code[v] = kinds.setdefault(victim.profile[marker.name], len(kinds) + 1)
        self.kinds = tuple(kinds)
        self._views: dict[frozenset[str], _View] = {}

    def without_mutation(self, victims: Sequence[Victim]) -> _Typing:
        """The same marker if its alleles never mutate."""
        return _Typing(replace(self.marker, mutation=None), victims)

    def view(self, typed: Iterable[Observation]) -> _View:
        """Alleles lumped for these relatives and all victims, with P(observation | genotype) of each kind."""
        relatives = list(typed)
        known = frozenset().union(*(x.alleles for x in [*relatives, *self.kinds]))
        if not all(isinstance(x, Called) for x in relatives):
            return self._make_view(relatives)
        if known not in self._views:
            self._views[known] = self._make_view(relatives)
        return self._views[known]

    def _make_view(self, relatives: list[Observation]) -> _View:
        lumped = lump(self.marker, [*relatives, *self.kinds])
        space = single_marker_space(lumped.size, lumped.mutation)
        rows = [penetrance(x, lumped, space.first, space.second) for x in self.kinds]
        return _View(lumped, space, np.vstack([np.ones(len(space.first)), *rows]))

    def alone(self) -> Floats:
        """log P(observation) of each victim as an unrelated person; the last entry is nobody."""
        view = self.view([])
        p = view.lumped.frequencies
        first, second = view.space.first, view.space.second
        prior = p[first] * p[second] * np.where(first == second, 1.0, 2.0)
        with np.errstate(divide="ignore"):
            per_kind = np.log(view.observed @ prior)
        return np.where(self.code > 0, per_kind[self.code], 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    lumped: LumpedMarker
    space: GameteSpace
    observed: Floats


def _candidates(problem: JointProblem, person: str) -> list[int]:
    """Victims whose sex does not forbid that they are this missing person."""
    family = next(p for f in problem.families for p in f.families if person in p)
    sex = int(family.sex[family.index(person)])
    return [v for v, x in enumerate(problem.victims) if UNKNOWN_SEX in (sex, x.sex) or sex == x.sex]


def _pairwise(
    problem: JointProblem, typings: Sequence[_Typing], alone: Floats
) -> tuple[dict[str, float], Floats, Ints]:
    """log P(relatives) of each family; log ratios and exclusions of each pairing.

    An exclusion is a marker that has probability zero if alleles never mutate.
    """
    shape = (len(problem.victims), len(problem.missing))
    loglr, exclusions = np.full(shape, np.nan), np.full(shape, -1, dtype=np.int64)
    null: dict[str, float] = {}
    unmutated = [t if t.marker.mutation is None else t.without_mutation(problem.victims) for t in typings]
    for family in problem.families:
        asked: list[str | None] = [*_missing_of(problem, family)]
        for person in asked or [None]:
            candidates = [] if person is None else _candidates(problem, person)
            placed = np.array([-1, *candidates], dtype=np.int64)[:, None]
            total, excluded = np.zeros(len(placed)), np.zeros(len(placed), dtype=np.int64)
            people = [] if person is None else [person]
            for typing, plain in zip(typings, unmutated, strict=True):
                values = _marker_loglik(problem, family, people, placed, typing)
                total += values
                if plain is not typing:
                    values = _marker_loglik(problem, family, people, placed, plain)
                excluded += np.isneginf(values)
            null[family.name] = float(total[0])
            if person is not None:
                column = problem.missing.index(person)
                possible = np.isfinite(total[0])
                loglr[candidates, column] = total[1:] - total[0] - alone[candidates] if possible else -np.inf
                exclusions[candidates, column] = excluded[1:]
    return null, loglr, exclusions


def _missing_of(problem: JointProblem, family: MissingFamily) -> list[str]:
    return [m for m in problem.missing if any(m in p for p in family.families)]


def _block(
    problem: JointProblem,
    typings: Sequence[_Typing],
    family: MissingFamily,
    alone: Floats,
    null: Mapping[str, float],
    pairwise: Floats,
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
        values = np.sum([_marker_loglik(problem, family, people, placed_many, t) for t in typings], axis=0)
        used = np.where(placed_many >= 0, alone[placed_many], 0.0).sum(axis=1)
        loglr = values - null[family.name] - used
        loglr[0] = 0.0
    return Block(tuple(columns), tuple(options), tuple(loglr.tolist()))


def _possible(block: Block) -> Block:
    kept = [(o, x) for o, x in zip(block.options, block.loglr, strict=True) if np.isfinite(x)]
    return Block(block.missing, tuple(o for o, _ in kept), tuple(x for _, x in kept))


def _marker_loglik(
    problem: JointProblem, family: MissingFamily, people: list[str], placed: Ints, typing: _Typing
) -> Floats:
    """log P(family at one marker | victims placed), one value for each row of ``placed``.

    Args:
        placed: shape ``(rows, people)``, the victim in the place of each of ``people``, -1 for nobody.
    """
    name = typing.marker.name
    typed = {p: seen[name] for p, seen in family.profiles.items() if name in seen}
    view = typing.view(typed.values())
    coded = typing.code[placed]
    whole = Hypothesis(family.families)
    total = np.zeros(len(placed))
    for pedigree in family.families:
        here = [k for k, p in enumerate(people) if p in pedigree]
        relatives = {p: x for p, x in typed.items() if p in pedigree}
        place = _Place(whole, pedigree, relatives, [people[k] for k in here])
        total += _pedigree_loglik(place, coded[:, here], view, problem.untyped_founders)
    return total


@dataclass(frozen=True, slots=True)
class _Place:
    whole: Hypothesis
    pedigree: Pedigree
    typed: Mapping[str, Observation]
    people: list[str]


def _pedigree_loglik(place: _Place, coded: Ints, view: _View, untyped_founders: UntypedFounders) -> Floats:
    pedigree, people, space = place.pedigree, place.people, view.space
    kept = frozenset(pedigree.index(p) for p in [*place.typed, *people])
    if not kept:
        return np.zeros(len(coded))
    reduced = reduce_family(place.whole, pedigree, kept, x_linked=False, untyped_founders=untyped_founders)
    position = {pedigree.ids[member]: k for k, member in enumerate(reduced.members)}
    penetrances = {position[p]: penetrance(x, view.lumped, space.first, space.second) for p, x in place.typed.items()}
    population = view.lumped.frequencies[None, :]
    with np.errstate(divide="ignore"):
        if not people:
            return np.full(len(coded), float(peel(reduced, space, population, penetrances).loglik()[0]))
        cases, case = np.unique(coded[:, 1:], axis=0, return_inverse=True)
        for k, person in enumerate(people[1:]):
            seen = view.observed[cases[:, k]] if len(cases) > 1 else view.observed[cases[0, k]]
            own = penetrances.get(position[person])
            penetrances[position[person]] = seen if own is None else seen * own
        belief = peel(reduced, space, population, penetrances, target=position[people[0]])
        about_first = np.zeros((belief.probability.shape[0], len(space.first)))
        about_first[:, belief.states[0]] = belief.probability
        rows = about_first[case.ravel()] if len(about_first) > 1 else about_first
        found: Floats = np.log((rows * view.observed[coded[:, 0]]).sum(axis=1)) + belief.log_scale
    return found
