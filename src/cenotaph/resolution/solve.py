"""Solve a whole problem: cut it, solve each component by the strategy that fits its size, put the answers together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cenotaph.errors import ProblemTooLarge
from cenotaph.resolution.budget import Budget
from cenotaph.resolution.components import Cut, cut_into_components
from cenotaph.resolution.exact import MOST_ITEMS, solve_exact
from cenotaph.resolution.problem import Component, Problem, Solution
from cenotaph.resolution.sampler import solve_sampled


@dataclass(frozen=True, slots=True)
class Answer:
    """The components of a problem, each with its posterior, and what the cut between them ignores."""

    cut: Cut
    solutions: tuple[Solution, ...]

    @property
    def expected_groups(self) -> float:
        """Expected number of groups."""
        return sum(s.expected_groups for s in self.solutions)


def solve(
    problem: Problem,
    rivalry: Sequence[tuple[int, int, float]],
    *,
    seed: int = 0,
    budget: Budget | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Answer:
    """Posterior of every component.

    Args:
        problem: items, candidates and their scorer.
        rivalry: see `cut_into_components`.
        seed: for the components that are sampled.
        budget: once spent, what is left is sampled as briefly as may be.
        progress: told how many items are done, of how many.
    """
    cut = cut_into_components(problem, rivalry)
    solutions = []
    done = 0
    for component in cut.components:
        solutions.append(_solve_one(problem, component, seed, budget))
        done += len(component.items)
        progress(done, problem.items)
    return Answer(cut, tuple(solutions))


def _solve_one(problem: Problem, component: Component, seed: int, budget: Budget | None) -> Solution:
    if len(component.items) <= MOST_ITEMS:
        with suppress(ProblemTooLarge):
            return solve_exact(problem, component)
    return solve_sampled(problem, component, seed=seed + int(component.items[0]), budget=budget)
