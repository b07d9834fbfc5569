"""Exact peeling of a pedigree (Elston–Stewart), with the transmission factorised gamete by gamete.

A person has an unordered pair of gametes, for one marker an allele each, for two linked markers a haplotype each.
Messages travel between people and matings. The message of a child to its parents is a symmetric matrix C over its
two gametes, so that a couple's table is T_f C T_m' with T[genotype, gamete] the gametes that a parent makes: a trio
costs G²K rather than G³. Loops are cut by people whose genotype is fixed; the sum over it is an axis of the arrays.

Sources: Elston, Stewart (1971) Hum Hered 21:523; Cannings, Thompson, Skolnick (1978) Adv Appl Prob 10:26;
Fishelson, Geiger (2002) Bioinformatics 18:S189 (alleles as the variables of a network).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import ProblemTooLarge
from cenotaph.genetics.mutation import Mutation
from cenotaph.genetics.pedigree import cycle_core
from cenotaph.genetics.reduction import Parent, Reduced, Source

LARGEST_TABLE = 100_000_000
TINY = 1e-60

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AnyArray = TypeVar("AnyArray", Floats, Ints)


@dataclass(frozen=True, slots=True, eq=False)
class GameteSpace:
    """All genotypes over K gametes, and what each passes on.

    Args:
        first, second: shape ``(G,)``, the gametes of each genotype, ``first <= second``.
        by_father, by_mother: shape ``(G, K)``, P(gamete passed | genotype) including mutation.
        by_man: shape ``(K, K)``, the same for a man's single X; equal to the identity without mutation.
        mutation: matrices over gametes, for sources; None without mutation.
    """

    first: Ints
    second: Ints
    by_father: Floats
    by_mother: Floats
    by_man: Floats
    mutation: Mutation | None

    @property
    def gametes(self) -> int:
        """Number of gametes K."""
        return int(self.by_father.shape[1])


def single_marker_space(size: int, mutation: Mutation | None) -> GameteSpace:
    """Genotypes of one marker with ``size`` alleles: T[{a, b}, c] = (M[a, c] + M[b, c]) / 2.

    >>> single_marker_space(2, None).by_mother.tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    if mutation is None:
        return _plain_space(size)
    first, second = genotype_pairs(size)
    male, female = mutation.male, mutation.female
    return GameteSpace(
        first, second, (male[first] + male[second]) / 2, (female[first] + female[second]) / 2, male, mutation
    )


@lru_cache(maxsize=64)
def _plain_space(size: int) -> GameteSpace:
    first, second = genotype_pairs(size)
    unchanged = np.eye(size)
    passed = (unchanged[first] + unchanged[second]) / 2
    return GameteSpace(first, second, passed, passed, unchanged, None)


def genotype_pairs(size: int) -> tuple[Ints, Ints]:
    """The unordered pairs of ``size`` gametes, in the order 00, 01, 02, …, 11, 12, …"""
    first, second = np.triu_indices(size)
    return first.astype(np.int64), second.astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Joint probability of everything observed and one member's genotype.

    Args:
        states: shape ``(1, G)`` or ``(B, 1)``, indices of the genotypes that are possible.
        probability: shape ``(B, G)``, B cases of the batch.
        log_scale: natural log of the factor by which ``probability`` must be multiplied; far from 0 only in families
            whose likelihood would leave the range of floating-point numbers.
    """

    states: Ints
    probability: Floats
    log_scale: float = 0.0

    def loglik(self) -> Floats:
        """Natural log of the probability of everything observed, one value for each case; -inf if impossible."""
        with np.errstate(divide="ignore"):
            found: Floats = np.log(self.probability.sum(axis=1)) + self.log_scale
        return found


def peel(
    reduced: Reduced,
    space: GameteSpace,
    population: Floats,
    penetrances: Mapping[int, Floats],
    *,
    target: int | None = None,
    founder_free: frozenset[int] = frozenset(),
) -> Belief:
    """Peel a reduced pedigree, connected or not, onto one of its members.

    Args:
        reduced: the pedigree, members numbered from 0.
        population: shape ``(N, K)``, gamete frequencies; each row gives one result.
        penetrances: for observed members, P(observation | genotype), shape ``(G,)``, or ``(B, G)`` if it differs
            from case to case; G is K for hemizygous members.
        target: member onto whom to peel; otherwise the choice is free.
        founder_free: members whose founder probability is left out (1, or 2 for a heterozygote).

    Returns:
        The belief about the target; its batch axis is B * N with N the faster, or 1 if nothing varies.

    Raises:
        ProblemTooLarge: the loops would need too large a table.
    """
    if not reduced.members:
        return Belief(np.zeros((1, 1), dtype=np.int64), np.ones((1, 1)))
    if any(not np.any(x) for x in penetrances.values()):
        return Belief(np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1)))
    rows = {i: np.atleast_2d(x) for i, x in penetrances.items()}
    return _Calculation(reduced, space, population, rows, founder_free).run(target)


@dataclass(slots=True)
class _Person:
    """A member, or a copy of one whose genotype is fixed, with the genotypes still possible."""

    states: Ints
    first: Ints
    second: Ints
    weight: Floats
    hemizygous: bool


@dataclass(frozen=True, slots=True)
class _Mating:
    father: Parent
    mother: Parent
    children: tuple[int, ...]

    @property
    def people(self) -> list[int]:
        parents = [p for p in (self.father, self.mother) if isinstance(p, int)]
        return [*parents, *self.children]


class _Calculation:
    def __init__(
        self,
        reduced: Reduced,
        space: GameteSpace,
        population: Floats,
        penetrances: Mapping[int, Floats],
        founder_free: frozenset[int],
    ) -> None:
        self.space = space
        self.reduced = reduced
        members = range(len(reduced.members))
        possible = [
            np.flatnonzero(penetrances[i].any(axis=0)) if i in penetrances else self._all_states(i) for i in members
        ]
        self.matings = list(_matings(reduced))
        breakers = _choose_breakers(self.matings, [len(x) for x in possible])
        self.rows = len(population)
        self.cases = max((len(x) for x in penetrances.values()), default=1)
        self.breaker_cases = math.prod(len(possible[i]) for i in breakers)
        total = self.cases * self.breaker_cases * self.rows
        if total * max(len(x) for x in possible) > LARGEST_TABLE:
            raise ProblemTooLarge(f"{total} passes through this pedigree at one marker")
        combinations = np.indices([len(possible[i]) for i in breakers]).reshape(len(breakers), self.breaker_cases)
        fixed = {i: self._spread(possible[i][c], 1) for i, c in zip(breakers, combinations, strict=True)}
        if self.rows > 1:
            population = np.tile(population, (self.cases * self.breaker_cases, 1))
        self.population = population
        self.people = [
            self._person(i, fixed[i][:, None] if i in fixed else possible[i][None, :], penetrances, founder_free)
            for i in members
        ]
        self.log_scale: Floats = np.zeros(1)
        self._split(breakers)
        self.member_of: list[list[int]] = [[] for _ in self.people]
        for k, mating in enumerate(self.matings):
            for i in mating.people:
                self.member_of[i].append(k)

    def _spread(self, values: AnyArray, axis: int) -> AnyArray:
        """Values of each case (axis 0) or of each loop case (axis 1), repeated for the whole batch."""
        if len(values) == 1:
            return values
        if axis == 0:
            return np.repeat(values, self.breaker_cases * self.rows, axis=0)
        return np.tile(np.repeat(values, self.rows, axis=0), (self.cases, *([1] * (values.ndim - 1))))

    def _all_states(self, i: int) -> Ints:
        size = self.space.gametes if self.reduced.hemizygous[i] else len(self.space.first)
        return np.arange(size, dtype=np.int64)

    def _person(self, i: int, states: Ints, penetrances: Mapping[int, Floats], founder_free: frozenset[int]) -> _Person:
        hemizygous = self.reduced.hemizygous[i]
        first = states if hemizygous else self.space.first[states]
        second = states if hemizygous else self.space.second[states]
        weight = np.ones(states.shape)
        if i in penetrances:
            weight = _take(self._spread(penetrances[i], 0), states)
        father, mother = self.reduced.father[i], self.reduced.mother[i]
        if not isinstance(father, int) and not isinstance(mother, int):
            if i in founder_free:
                weight = weight * np.where(first == second, 1.0, 2.0)
            else:
                weight = weight * self._founder(i, first, second)
        return _Person(states, first, second, weight, hemizygous)

    def _founder(self, i: int, first: Ints, second: Ints) -> Floats:
        father, mother = self.reduced.father[i], self.reduced.mother[i]
        maternal = self._source(mother)
        if father is None:
            return _take(maternal, first)
        paternal = self._source(father)
        both = _take(paternal, first) * _take(maternal, second)
        mirrored = _take(paternal, second) * _take(maternal, first)
        ordered = np.where(first == second, both, both + mirrored)
        inbreeding = self.reduced.inbreeding[i]
        if inbreeding == 0:
            return ordered
        alike = np.where(first == second, _take(maternal, first), 0.0)
        return (1 - inbreeding) * ordered + inbreeding * alike

    def _source(self, source: Parent) -> Floats:
        assert isinstance(source, Source)
        return source.distribution(self.population, self.space.mutation)

    def _split(self, breakers: list[int]) -> None:
        """Give each mating in which a breaker is a parent a copy of its own, fixed to the same genotype."""
        for i in breakers:
            for k, mating in enumerate(self.matings):
                if i in (mating.father, mating.mother):
                    copy = len(self.people)
                    person = self.people[i]
                    ones = np.ones((1, 1))
                    self.people.append(_Person(person.states, person.first, person.second, ones, person.hemizygous))
                    self.matings[k] = _Mating(
                        copy if mating.father == i else mating.father,
                        copy if mating.mother == i else mating.mother,
                        mating.children,
                    )

    def run(self, target: int | None) -> Belief:
        """The belief about the target, or about any member, with everything that is not connected multiplied in."""
        root = 0 if target is None else target
        belief = self._belief(root, None)
        reached = self._part(root)
        for start in range(len(self.people)):
            if start not in reached:
                reached |= self._part(start)
                belief = self._rescaled(belief * self._belief(start, None).sum(axis=1, keepdims=True))
        log_scale = float(self.log_scale.max())
        if log_scale != 0.0:
            belief = belief * np.exp(self.log_scale - log_scale)[:, None]
        return replace(self._sum_over_loops(root, belief), log_scale=log_scale)

    def _rescaled(self, belief: Floats) -> Floats:
        """The belief, blown up in cases where it gets tiny; the factor is remembered."""
        peak = belief.max(axis=1, initial=0.0)
        tiny = (peak > 0) & (peak < TINY)
        if not tiny.any():
            return belief
        factor = np.where(tiny, peak, 1.0)
        self.log_scale = self.log_scale + np.log(factor)
        return belief / factor[:, None]

    def _part(self, start: int) -> set[int]:
        found, frontier = {start}, [start]
        while frontier:
            for k in self.member_of[frontier.pop()]:
                new = set(self.matings[k].people) - found
                found |= new
                frontier.extend(new)
        return found

    def _sum_over_loops(self, root: int, belief: Floats) -> Belief:
        states = self.people[root].states
        if self.breaker_cases == 1:
            return Belief(states, belief)
        total = self.cases * self.breaker_cases * self.rows
        if states.shape[0] > 1:
            spread = np.zeros((total, len(self._all_states(root))))
            np.put_along_axis(spread, states, np.broadcast_to(belief, states.shape), axis=1)
            states, belief = np.arange(spread.shape[1])[None, :], spread
        belief = np.broadcast_to(belief, (total, belief.shape[1]))
        summed = belief.reshape(self.cases, self.breaker_cases, self.rows, -1).sum(axis=1)
        return Belief(states, summed.reshape(self.cases * self.rows, -1))

    # Messages

    def _belief(self, i: int, toward: int | None) -> Floats:
        """What the part of the pedigree behind a member says about his or her genotype, shape (B, G)."""
        belief = self.people[i].weight
        for k in self.member_of[i]:
            if k != toward:
                belief = self._rescaled(belief * self._message(k, i))
        return belief

    def _message(self, k: int, to: int) -> Floats:
        mating = self.matings[k]
        others = [
            _ChildForm(self.people[c], self._belief(c, k), self.space.gametes) for c in mating.children if c != to
        ]
        if to in mating.children:
            return self._to_child(k, to, others)
        return self._to_parent(k, to, others)

    def _side(self, k: int, parent: Parent, role: str) -> tuple[Floats, Floats]:
        """Belief (B, G) about a parent and the gametes he or she makes (B, G, K); a source is one state."""
        if isinstance(parent, int):
            return self._belief(parent, k), self._gametes(parent, role)
        if parent is None:
            return np.ones((1, 1)), np.ones((1, 1, self.space.gametes))
        return np.ones((1, 1)), self._source(parent)[:, None, :]

    def _gametes(self, i: int, role: str) -> Floats:
        person = self.people[i]
        if person.hemizygous:
            return self.space.by_man[person.states]
        return (self.space.by_father if role == "father" else self.space.by_mother)[person.states]

    def _to_parent(self, k: int, to: int, children: list[_ChildForm]) -> Floats:
        mating = self.matings[k]
        is_father = to == mating.father
        spouse = mating.mother if is_father else mating.father
        gametes = self._gametes(to, "father" if is_father else "mother")
        belief, passed = self._side(k, spouse, "mother" if is_father else "father")
        if len(children) == 1:
            given = children[0].given(_product(belief[:, None, :], passed)[:, 0, :])
            return _product(gametes, given[:, :, None])[:, :, 0]
        _check_size(gametes, passed)
        table = children[0].table(gametes, passed)
        for child in children[1:]:
            table = table * child.table(gametes, passed)
        return _product(table, belief[:, :, None])[:, :, 0]

    def _to_child(self, k: int, to: int, siblings: list[_ChildForm]) -> Floats:
        mating, child = self.matings[k], self.people[to]
        paternal, by_father = self._side(k, mating.father, "father")
        maternal, by_mother = self._side(k, mating.mother, "mother")
        if not siblings:
            v = _product(maternal[:, None, :], by_mother)[:, 0, :]
            if child.hemizygous:
                return _take(v, child.first)
            u = _product(paternal[:, None, :], by_father)[:, 0, :]
            both = _take(u, child.first) * _take(v, child.second)
            mirrored = _take(u, child.second) * _take(v, child.first)
            return np.where(child.first == child.second, both, both + mirrored)
        _check_size(by_father, by_mother)
        couple = paternal[:, :, None] * maternal[:, None, :]
        for sibling in siblings:
            couple = couple * sibling.table(by_father, by_mother)
        joint = _product(_product(by_father.transpose(0, 2, 1), couple), by_mother)
        both = _take_pair(joint, child.first, child.second)
        mirrored = _take_pair(joint, child.second, child.first)
        return np.where(child.first == child.second, both, both + mirrored)


class _ChildForm:
    """A child's belief as its parents see it: a symmetric matrix over (paternal, maternal) gamete.

    A man's X comes from his mother alone: the matrix is then a vector, the same for any father.
    """

    def __init__(self, person: _Person, belief: Floats, gametes: int) -> None:
        self.person, self.belief, self.gametes = person, belief, gametes
        self.single = belief.shape[1] == 1

    def table(self, by_father: Floats, by_mother: Floats) -> Floats:
        """P(what lies behind the child | genotypes of the couple), shape (B, G_f, G_m)."""
        person = self.person
        if person.hemizygous:
            return _product(self._vector()[:, None, :], by_mother.transpose(0, 2, 1))
        if self.single:
            a, b = person.first, person.second
            both = _gamete(by_father, a)[:, :, None] * _gamete(by_mother, b)[:, None, :]
            mirrored = _gamete(by_father, b)[:, :, None] * _gamete(by_mother, a)[:, None, :]
            alike = (a == b)[:, :, None]
            return self.belief[:, :, None] * np.where(alike, both, both + mirrored)
        return _product(_product(by_father, self._matrix()), by_mother.transpose(0, 2, 1))

    def given(self, other: Floats) -> Floats:
        """The matrix applied to the gametes (B, K) of one parent: a function of the other parent's gamete."""
        if self.person.hemizygous:
            return np.broadcast_to(self._vector(), np.broadcast_shapes(self._vector().shape, other.shape))
        return _product(self._matrix(), other[:, :, None])[:, :, 0]

    def _vector(self) -> Floats:
        return _scattered(self.person.first, self.belief, self.gametes)

    def _matrix(self) -> Floats:
        size = self.gametes
        a, b = self.person.first, self.person.second
        flat = _scattered(a * size + b, self.belief, size * size).reshape(-1, size, size)
        mirrored = flat.transpose(0, 2, 1).copy()
        diagonal = np.arange(size)
        mirrored[:, diagonal, diagonal] = 0.0
        return flat + mirrored


def _scattered(places: Ints, values: Floats, size: int) -> Floats:
    batch = max(places.shape[0], values.shape[0])
    out = np.zeros((batch, size))
    if places.shape[0] == 1:
        out[:, places[0]] = values
    else:
        np.put_along_axis(out, places, np.broadcast_to(values, places.shape), axis=1)
    return out


def _product(left: Floats, right: Floats) -> Floats:
    """Matrix product over the last two axes, batched over the first."""
    out: Floats = np.matmul(left, right)
    return out


def _take(vectors: Floats, places: Ints) -> Floats:
    """``vectors[b, places[b, g]]`` with either batch axis of length one."""
    if places.shape[0] == 1:
        return vectors[:, places[0]]
    return np.take_along_axis(np.broadcast_to(vectors, (places.shape[0], vectors.shape[1])), places, axis=1)


def _take_pair(matrices: Floats, rows: Ints, columns: Ints) -> Floats:
    if rows.shape[0] == 1:
        return matrices[:, rows[0], columns[0]]
    matrices = np.broadcast_to(matrices, (rows.shape[0], *matrices.shape[1:]))
    return matrices[np.arange(rows.shape[0])[:, None], rows, columns]


def _gamete(passed: Floats, gamete: Ints) -> Floats:
    """``passed[b, :, gamete[b, 0]]``, shape (B, G)."""
    if gamete.shape[0] == 1:
        return passed[:, :, int(gamete[0, 0])]
    passed = np.broadcast_to(passed, (gamete.shape[0], *passed.shape[1:]))
    return np.take_along_axis(passed, gamete[:, :, None], axis=2)[:, :, 0]


def _check_size(by_father: Floats, by_mother: Floats) -> None:
    batch = max(by_father.shape[0], by_mother.shape[0])
    size = batch * by_father.shape[1] * by_mother.shape[1]
    if size > LARGEST_TABLE:
        raise ProblemTooLarge(f"a couple's table of {size} entries, more than {LARGEST_TABLE}")


@lru_cache(maxsize=4096)
def _matings(reduced: Reduced) -> tuple[_Mating, ...]:
    """Couples with their children; a child with one parent in the pedigree is a mating of its own."""
    couples: dict[tuple[int, int], list[int]] = {}
    single: list[_Mating] = []
    for i, (father, mother) in enumerate(zip(reduced.father, reduced.mother, strict=True)):
        if isinstance(father, int) and isinstance(mother, int):
            couples.setdefault((father, mother), []).append(i)
        elif isinstance(father, int) or isinstance(mother, int):
            single.append(_Mating(father, mother, (i,)))
    return (*(_Mating(f, m, tuple(c)) for (f, m), c in couples.items()), *single)


def _choose_breakers(matings: list[_Mating], states: list[int]) -> list[int]:
    """Members who cut every loop, those with the fewest possible genotypes first."""
    people = len(states)
    links: list[set[int]] = [set() for _ in range(people + len(matings))]
    for k, mating in enumerate(matings):
        for i in mating.people:
            links[i].add(people + k)
            links[people + k].add(i)
    chosen: list[int] = []
    while core := cycle_core(links):
        parents = [i for i in core if i < people and any(i in (m.father, m.mother) for m in matings)]
        best = min(parents, key=lambda i: (states[i], -len(links[i] & core), i))
        chosen.append(best)
        for neighbour in links[best]:
            links[neighbour].discard(best)
        links[best] = set()
    return chosen
