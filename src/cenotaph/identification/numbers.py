"""What a joint answer says in numbers: how many people, who is among the remains, how many names would be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cenotaph.evidence.line import Floats
from cenotaph.identification.joint import Joint

NORMAL_90 = 1.6448536269514722
"""Half the width of the central 90 % of the normal law, in standard deviations."""
THRESHOLDS = (0.5, 0.9, 0.99, 0.999, 0.9995)


@dataclass(frozen=True, slots=True)
class People:
    """How many people the bones are of.

    Args:
        expected: posterior mean.
        low, high: 90 % interval, by the normal law around the mean.
    """

    expected: float
    low: float
    high: float


def number_of_people(joint: Joint, minimum: int) -> People:
    """Groups of centres, and the people among the bones of nobody met; animals are not counted.

    Components are independent, so that means and variances add up. Of *k* bones of nobody met, as many people are
    expected as the partition prior has it: Σ_{i<k} α/(α+i), its variance Σ_{i<k} α·i/(α+i)².

    Args:
        joint: the answer.
        minimum: fewest people that can explain the elements present; the interval does not go below.
    """
    solutions = joint.answer.solutions if joint.answer else ()
    mean = sum(s.expected_groups for s in solutions)
    variance = sum(s.variance_groups for s in solutions)
    strangers = sum(p.new - float(p.names.classes[-1]) for p in joint.placements)
    alpha = float(np.exp(joint.prior.log_alpha))
    i = np.arange(int(np.ceil(max(strangers, 0.0))))
    share = np.clip(strangers - i, 0.0, 1.0)
    mean += float((share * alpha / (alpha + i)).sum())
    variance += float((share * alpha * i / (alpha + i) ** 2).sum())
    spread = NORMAL_90 * float(np.sqrt(variance))
    return People(mean, max(mean - spread, float(minimum)), max(mean + spread, float(minimum)))


def presence(joint: Joint, men: int) -> Floats:
    """P(a missing man is among the remains), shape (men,).

    That he is a group of some component, or the owner of some bone of nobody met: 1 − Π (1 − p).
    """
    absent = np.ones(men)
    if joint.answer:
        for component, solution in zip(joint.answer.cut.components, joint.answer.solutions, strict=True):
            absent[component.candidates] *= 1.0 - np.clip(solution.used, 0.0, 1.0)
    for placement in joint.placements:
        absent[placement.men_alone] *= 1.0 - np.clip(placement.probability_alone, 0.0, 1.0)
    return 1.0 - absent


def expected_wrong(probabilities: Sequence[float]) -> list[tuple[float, int, float]]:
    """At each threshold: how many names it would give, and how many of these are expected to be wrong, Σ (1 − p).

    Args:
        probabilities: of the best name of every individual.

    >>> expected_wrong([0.9999, 0.6])[:2]
    [(0.5, 2, 0.4001), (0.9, 1, 0.0001)]
    """
    p = np.array(probabilities, dtype=np.float64)
    return [(t, int((p >= t).sum()), round(float((1 - p[p >= t]).sum()), 6)) for t in THRESHOLDS]
