"""Invented families and bones of any number: nobody in them ever lived.

In a module of its own, so that worker processes can import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cenotaph.genetics.family_table import MarkerModel, PeelingPlan, family_tables, plan_peeling
from cenotaph.genetics.frequencies import allele_pairs
from cenotaph.genetics.mixed_search import Hypotheses, Profiles
from cenotaph.genetics.mutation import stepwise

FATHER, MOTHER, MISSING, BROTHER, SISTER = range(5)
PARENTS = (np.array([-1, -1, FATHER, FATHER, FATHER]), np.array([-1, -1, MOTHER, MOTHER, MOTHER]))
DONORS = ((BROTHER, SISTER), (MOTHER, BROTHER), (BROTHER,), (FATHER, MOTHER))
"""Who is typed; families take turns."""

WRONG_DONOR, WRONG_SAMPLE, CALL_ERROR, NOISE, OPEN = 0.01, 0.002, 0.001, 1e-4, 0.1


@dataclass(frozen=True)
class InventedFamilies:
    """Families of father, mother and three children, one of whom is missing.

    Args:
        count: how many.
        markers, alleles: size of the marker system.
        seed: of everything.
    """

    count: int
    markers: int = 22
    alleles: int = 20
    seed: int = 1

    def __len__(self) -> int:
        """Number of missing persons, one a family."""
        return self.count

    @property
    def model(self) -> MarkerModel:
        """Markers of invented frequencies with stepwise mutation."""
        return _model(self.markers, self.alleles, self.seed)

    def genotypes(self, family: int) -> NDArray[np.int16]:
        """Shape (5, markers, 2): of all persons of a family."""
        rng = np.random.default_rng([self.seed, family])
        cumulated = self.model.frequencies[0].cumsum(axis=1)
        drawn = rng.random((2, self.markers, 2))
        parents = np.minimum((drawn[..., None] > cumulated[:, None]).sum(axis=-1), self.alleles - 1)
        side = rng.integers(0, 2, (3, 2, self.markers))
        one = np.arange(self.markers)
        children = [np.stack([parents[p, one, child[p]] for p in (0, 1)], axis=-1) for child in side]
        return np.concatenate([parents, children]).astype(np.int16)

    def hypotheses(self, first: int, last: int) -> Hypotheses:
        """For each missing person: all donors are right, or one of them is not."""
        genotypes, plans, log_weight, start = [], [], [], [0]
        for family in range(first, last):
            everybody = self.genotypes(family)
            donors = DONORS[family % len(DONORS)]
            for wrong in (None, *donors):
                left = tuple(d for d in donors if d != wrong)
                typed = np.full_like(everybody, -1)
                typed[list(left)] = everybody[list(left)]
                genotypes.append(typed)
                plans.append(_plan(left))
                log_weight.append(np.log(1 - WRONG_DONOR * len(donors) if wrong is None else WRONG_DONOR))
            start.append(len(plans))
        errors = [np.full(5, CALL_ERROR)] * len(plans)
        none = np.zeros(len(plans), dtype=np.int64)
        made = family_tables(self.model, plans, none, genotypes, call_errors=errors)
        own = np.zeros(last - first, dtype=np.int64)
        return Hypotheses(made.tables, self.model.offsets, none, np.array(log_weight), np.array(start), own)

    def bones(self, count: int) -> Profiles:
        """One bone each of the missing of families 0, 1, 2 …; beyond their number, of people of other families."""
        low, high = allele_pairs(self.alleles)
        exactly = np.eye(len(low)) * (1 - NOISE * len(low)) + NOISE
        half = np.array([np.where((low == a) | (high == a), 0.5, NOISE) for a in range(self.alleles)])
        types = np.vstack([exactly, half]).astype(np.float32)
        p = self.model.frequencies[0]
        of_genotype = p[:, low] * p[:, high] * np.where(low == high, 1.0, 2.0)
        type_loglik = tuple(np.log(types @ of_genotype[m])[:, None] for m in range(self.markers))
        codes = np.empty((count, self.markers), dtype=np.int32)
        for bone in range(count):
            a, b = np.sort(self.genotypes(bone)[MISSING].astype(np.int64), axis=1).T
            dropped = np.random.default_rng([self.seed, bone, 1]).random(self.markers) < OPEN
            codes[bone] = np.where(dropped, len(low) + a, b * (b + 1) // 2 + a)
        loglik = sum((type_loglik[m][codes[:, m]] for m in range(self.markers)), np.zeros((count, 1)))
        return Profiles(
            (types,) * self.markers,
            type_loglik,
            codes,
            loglik,
            np.arange(0, 2 * count + 1, 2),
            np.stack([np.arange(count), np.full(count, -1)], axis=1).ravel(),
            np.tile([1 - WRONG_SAMPLE, WRONG_SAMPLE], count)[:, None],
            np.arange(count + 1),
        )


@cache
def _model(markers: int, alleles: int, seed: int) -> MarkerModel:
    frequencies = np.random.default_rng(seed).dirichlet(np.full(alleles, 2.0), markers)
    names = tuple(str(10 + a) for a in range(alleles))
    male, female = (stepwise(names, rate, rate2=0.0, step_range=0.1) for rate in (0.002, 0.001))
    return MarkerModel(
        tuple(f"M{m:02}" for m in range(markers)),
        (names,) * markers,
        frequencies[None],
        np.broadcast_to(male, (1, markers, alleles, alleles)).copy(),
        np.broadcast_to(female, (1, markers, alleles, alleles)).copy(),
    )


@cache
def _plan(typed: tuple[int, ...]) -> PeelingPlan:
    seen = np.zeros(5, dtype=np.bool_)
    seen[list(typed)] = True
    return plan_peeling(*PARENTS, seen, MISSING)
