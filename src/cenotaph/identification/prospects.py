"""The chance that more evidence turns a candidate into an identification, if the individual is that missing person.

Of a complete profile, the log10 likelihood ratio of the autosomal line is a sum over markers. If the individual is the
missing person, his genotype at a marker follows q(g) ∝ P(g | relatives) · P(seen so far | g), so that the sum has mean
Σ_m Σ_g q(g) r(g) and variance Σ_m Var_q r(g), with r = log10 P(g | relatives) / P(g | population); it is taken to be
normal. A haplotype that agrees with a donor's brings its rarity, whatever else is known. The rules of a verdict then
are lower bounds of one normal variate, and the chance is in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import erfc, inf, log10, sqrt

import numpy as np

from cenotaph.evidence.line import Floats, Ints
from cenotaph.identification.settings import VerdictSettings

STR, MTDNA, YSTR = "str", "mtdna", "ystr"
HAPLOID = (MTDNA, YSTR)
DNA = (STR, *HAPLOID)
Extract = frozenset[str]
"""What one extract gave: `STR` stands for a profile as seen so far, `COMPLETE` for one without gaps."""
COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Potential:
    """What the references would say of a complete profile of the missing person, log10.

    Args:
        mean, variance: of the autosomal ratio.
        haploid: ratio of an agreeing haplotype, by line; 0 without a donor in the line.
    """

    mean: float
    variance: float
    haploid: Mapping[str, float]


def profile_moments(family: Floats, population: Floats, seen: Floats, offsets: Ints) -> tuple[float, float]:
    """Mean and variance of the log10 ratio of a complete profile of the missing person.

    Args:
        family: shape (genotypes of all markers,), P(g | relatives).
        population: P(g | population), alike.
        seen: P(observed so far | g), alike, up to a factor per marker.
        offsets: first genotype of each marker, then the length.

    >>> half = np.array([0.5, 0.5, 0.0])
    >>> profile_moments(half, np.array([0.05, 0.05, 0.9]), np.ones(3), np.array([0, 3]))
    (1.0, 0.0)
    """
    if len(offsets) < 2:
        return 0.0, 0.0
    weight = family * seen
    starts = offsets[:-1]
    total = np.maximum(np.add.reduceat(weight, starts), 1e-300)
    ratio = np.log10(np.maximum(family, 1e-12) / np.maximum(population, 1e-12))
    mean = np.add.reduceat(weight * ratio, starts) / total
    square = np.add.reduceat(weight * ratio**2, starts) / total
    return float(mean.sum()), float(np.maximum(square - mean**2, 0.0).sum())


@dataclass(frozen=True)
class Standing:
    """Where the name of an individual stands, supposing that it is the right one.

    Args:
        log10_odds: of the name now, against everything but the others of his family.
        rivals: probability of these over his, which further bones do not change.
        lines: log10 LR now, by DNA line.
        extracts: what each extract of the individual gave.
        support: number of other groups that support the name.
        against: whether anything speaks against it by the rules of the verdict.
        potential: of a complete profile.
    """

    log10_odds: float
    rivals: float
    lines: Mapping[str, float]
    extracts: tuple[Extract, ...]
    support: int
    against: bool
    potential: Potential
    _known: dict[tuple[Extract, ...], float] = field(init=False, default_factory=dict, compare=False)

    def chance(self, extracts: Sequence[Extract], rules: VerdictSettings) -> float:
        """P(the verdict is an identification | he is this man) with these extracts instead of those there are."""
        key = tuple(sorted(extracts, key=sorted))
        if key not in self._known:
            self._known[key] = self._chance(key, rules)
        return self._known[key]

    def _chance(self, extracts: Sequence[Extract], rules: VerdictSettings) -> float:
        if self.against:
            return 0.0
        elsewhere = self.log10_odds - sum(self._value(line, self.extracts)[0] for line in DNA)
        # Each rule: a sum that must reach a bound, with or without the normal variate in it.
        bounds = [self._bound(extracts, elsewhere, rules.identification)]
        bounds += [
            self._bound([*extracts[:k], *extracts[k + 1 :]], elsewhere, rules.without_sample)
            for k in range(len(extracts))
        ]
        bounds += self._support_bounds(extracts, rules)
        return upper_tail(max(bounds), self.potential.mean, self.potential.variance)

    def _bound(self, extracts: Sequence[Extract], elsewhere: float, probability: float) -> float:
        """Least autosomal ratio at which the name has the probability; ±inf where that does not depend on it."""
        room = 1.0 / probability - 1.0 - self.rivals
        if room <= 0:
            return inf
        fixed, varies = elsewhere, False
        for line in DNA:
            value, random = self._value(line, extracts)
            fixed, varies = fixed + value, varies or random
        lacking = -log10(room) - fixed
        return lacking if varies else (inf if lacking > 0 else -inf)

    def _support_bounds(self, extracts: Sequence[Extract], rules: VerdictSettings) -> list[float]:
        """Support from enough groups, and enough extracts behind them."""
        least, groups, supporting = -inf, self.support, set[str]()
        for line in DNA:
            value, random = self._value(line, extracts)
            if random or value >= rules.support_log10:
                groups += 1
                supporting |= {line, COMPLETE} if line == STR else {line}
                least = max(least, rules.support_log10) if random else least
        behind = sum(bool(one & supporting) for one in extracts)
        enough = groups >= rules.groups and (self.support > 0 or behind >= rules.extracts)
        return [least if enough else inf]

    def _value(self, line: str, extracts: Sequence[Extract]) -> tuple[float, bool]:
        """log10 LR of a line with these extracts, and whether the normal variate is to be added."""
        if line == STR:
            if any(COMPLETE in one for one in extracts):
                return 0.0, True
            return (self.lines.get(STR, 0.0) if any(STR in one for one in extracts) else 0.0), False
        if not any(line in one for one in extracts):
            return 0.0, False
        seen = any(line in one for one in self.extracts)
        return (self.lines.get(line, 0.0) if seen else self.potential.haploid.get(line, 0.0)), False


def odds_of(probability: float, rivals: float = 0.0) -> float:
    """log10 odds of a name against everything but its rivals.

    >>> round(odds_of(0.9, 0.09), 9)
    1.954242509
    """
    return log10(max(probability, 1e-12) / max(1.0 - probability - rivals, 1e-12))


def upper_tail(bound: float, mean: float, variance: float) -> float:
    """P(X ≥ bound) of a normal variate; a variate without variance is its mean.

    >>> upper_tail(1.0, 1.0, 4.0), upper_tail(2.0, 1.0, 0.0), upper_tail(-inf, 0.0, 1.0)
    (0.5, 0.0, 1.0)
    """
    if variance <= 0.0 or bound in (inf, -inf):
        return float(bound <= mean)
    return 0.5 * erfc((bound - mean) / sqrt(2.0 * variance))


@cache
def outcomes(success: tuple[tuple[float, float], ...]) -> Mapping[tuple[int, int], float]:
    """Probabilities of (extracts with a complete profile, extracts with mitochondrial DNA alone).

    Args:
        success: per extract, P(autosomal profile) and P(mitochondrial DNA); an autosomal profile comes with the rest.

    >>> {k: round(p, 2) for k, p in outcomes(((0.5, 0.9),)).items()}
    {(1, 0): 0.5, (0, 1): 0.4, (0, 0): 0.1}
    """
    found = {(0, 0): 1.0}
    for full, mitochondrial in success:
        alone = max(mitochondrial - full, 0.0)
        following: dict[tuple[int, int], float] = {}
        for (a, b), p in found.items():
            for step, q in (((1, 0), full), ((0, 1), alone), ((0, 0), 1.0 - full - alone)):
                key = (a + step[0], b + step[1])
                following[key] = following.get(key, 0.0) + p * q
        found = following
    return found


def names_by_samples(standing: Standing, success: Sequence[tuple[float, float]], rules: VerdictSettings) -> list[float]:
    """P(identification | he is this man) after none, one, two … of the samples."""
    full, alone = frozenset({COMPLETE, *HAPLOID}), frozenset({MTDNA})
    return [
        sum(
            p * standing.chance((*standing.extracts, *[full] * a, *[alone] * b), rules)
            for (a, b), p in outcomes(tuple(success[:k])).items()
        )
        for k in range(len(success) + 1)
    ]


def shares(gains: Sequence[float]) -> list[float]:
    """What each of a row of actions adds, those that only bring something together sharing it alike.

    The increments of the least concave curve above the gains: what a name needs two samples for is worth half of it
    each.

    >>> shares([0.0, 0.0, 0.5, 0.6])
    [0.25, 0.25, 0.1]
    """
    found: list[float] = []
    at = 0
    while at < len(gains) - 1:
        slopes = [(gains[k] - gains[at]) / (k - at) for k in range(at + 1, len(gains))]
        best = int(np.argmax(slopes))
        found += [round(max(slopes[best], 0.0), 15)] * (best + 1)
        at += best + 1
    return found
