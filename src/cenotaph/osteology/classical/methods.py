"""What each version of OsteoSort does, by name. Traps stand beside the rule that has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cenotaph.errors import InvalidInput, Unsupported

Transform = Literal["none", "power", "yeo-johnson"]


@dataclass(frozen=True, slots=True)
class DifferenceRule:
    """How a sum of differences between two bones is judged (pair-match and articulation).

    D = Σ (a − b), or Σ |a − b| if *absolute*, over the measurements present on both; t = (D − m)/s with the mean and
    sample standard deviation of the reference, df = n − 1. There is no factor √(1 + 1/n) for prediction: with a small
    reference true pairs are excluded more often than *alpha* says.

    Args:
        absolute: sum of absolute differences. Signed sums let opposite differences cancel, and lose most of what the
            measurements say.
        transform: of D: ``power`` (1.2.6), ``yeo-johnson``, or ``none``.
        zero_mean: test D against nought instead of the mean. Trap: with a transform the mean of the transformed D is
            far from nought, and everything is excluded.
        tails: 1 or 2.
        alpha: excluded at p ≤ alpha, after rounding.
        upper_if_absolute: p = tails × P(T > t) for absolute sums (2.0). Trap: with two tails p reaches 2. If false
            (1.x): p = tails × P(T > |t|). Trap: a pair of identical bones lies below the mean of |D| and is excluded,
            with Yeo–Johnson in all nine elements of the public reference.
        decimals: p is rounded to so many places *before* it is compared with alpha.
        least_reference: fewest reference pairs; with fewer no p is given.
        only_first_transformed: a defect of the articulation of 1.2.6, seen in its output: with the power transform,
            only the first comparison of a run has its D transformed; all others get p = 0 and are excluded.

    Raises:
        InvalidInput: tails or alpha out of range.
        Unsupported: the plain power of a signed sum, which has none where it is negative.
    """

    absolute: bool = False
    transform: Transform = "none"
    zero_mean: bool = False
    tails: int = 2
    alpha: float = 0.1
    upper_if_absolute: bool = False
    decimals: int = 4
    least_reference: int = 2
    only_first_transformed: bool = False

    def __post_init__(self) -> None:
        if self.tails not in (1, 2):
            raise InvalidInput("tails", found=self.tails, valid="1 or 2")
        if not 0 < self.alpha < 1:
            raise InvalidInput("alpha", found=self.alpha, valid="between 0 and 1")
        if self.transform == "power" and not self.absolute:
            raise Unsupported("the plain power of a signed difference: OsteoSort 1.2.6 has it for absolute ones only")


@dataclass(frozen=True, slots=True)
class SizeRule:
    """How the size of one bone is judged by that of another: ln Σ b on ln Σ a, always two-sided.

    Args:
        alpha: excluded at p ≤ alpha, after rounding.
        leverage: ``n`` or ``n-1``: k in √(1 + 1/n + (x − x̄)²/(k s²)). Trap: the versions to 1.4 divide by n times the
            *sample* variance, a slip; far from the mean the interval is a little too narrow. 2.0 has n − 1.
        decimals: of p, before it is compared with alpha.
        least_reference: fewest reference individuals.
    """

    alpha: float = 0.05
    leverage: Literal["n", "n-1"] = "n-1"
    decimals: int = 5
    least_reference: int = 3


@dataclass(frozen=True, slots=True)
class Method:
    """One version of a program.

    Args:
        name: in the registry.
        about: the program, its version and what of its settings is an assumption of ours.
        pair: its pair-match.
        articulation: its articulation.
        size: its regression.
    """

    name: str
    about: str
    pair: DifferenceRule
    articulation: DifferenceRule
    size: SizeRule


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        m.name: m
        for m in (
            Method(
                "osteosort-1.2.6",
                "OsteoSort 1.2.6 (2018). Signed sums without a transform, alpha 0.1, are assumed as its settings.",
                DifferenceRule(),
                DifferenceRule(only_first_transformed=True),
                SizeRule(leverage="n"),
            ),
            Method(
                "osteosort-1.4",
                "OsteoSort 1.4.0 (2025) with its default settings.",
                DifferenceRule(absolute=True, transform="yeo-johnson"),
                DifferenceRule(absolute=True, transform="yeo-johnson"),
                SizeRule(leverage="n"),
            ),
            Method(
                "osteosort-2.0",
                "OsteoSort 2.0.0 (2026) with its default settings; alpha of the regression as in 1.4.",
                DifferenceRule(upper_if_absolute=True, decimals=5, least_reference=10),
                DifferenceRule(upper_if_absolute=True, decimals=5, least_reference=10),
                SizeRule(least_reference=10),
            ),
        )
    }
)
"""Every classical method by name."""


def find_method(name: str) -> Method:
    """A method by name.

    Raises:
        InvalidInput: no such method.

    >>> find_method("osteosort-1.4").pair.transform
    'yeo-johnson'
    """
    if name not in METHODS:
        raise InvalidInput("no such method", found=name, valid=" ".join(METHODS))
    return METHODS[name]
