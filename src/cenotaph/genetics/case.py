"""A kinship case: who was typed, what the hypotheses are, and the likelihood of each at every marker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cenotaph.errors import InvalidInput
from cenotaph.genetics.kinship import Hypothesis, loglik
from cenotaph.genetics.linked import loglik_linked
from cenotaph.genetics.marker import Marker, Observation
from cenotaph.genetics.reduction import UntypedFounders


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a likelihood ratio needs.

    Args:
        id: name of the case.
        markers: in the order of the report; unlinked unless ``rho`` is given.
        hypotheses: by name.
        observations: by marker, then by person.
        denominator: hypothesis in the denominator of every likelihood ratio.
        theta: coancestry of all founder alleles of a hypothesis.
        untyped_founders: convention for untyped founders, see :func:`cenotaph.genetics.kinship.loglik`.
        rho: recombination fractions at which the two markers of the case are to be taken together.

    Raises:
        InvalidInput: no marker, no hypothesis, a denominator that is none of them, or rho without two markers.
    """

    id: str
    markers: tuple[Marker, ...]
    hypotheses: Mapping[str, Hypothesis]
    observations: Mapping[str, Mapping[str, Observation]]
    denominator: str
    theta: float = 0.0
    untyped_founders: UntypedFounders = "transmit"
    rho: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        where = f"case {self.id}"
        if not self.hypotheses or not self.markers:
            raise InvalidInput("a case needs at least one hypothesis and one marker", where=where)
        if self.denominator not in self.hypotheses:
            valid = ", ".join(self.hypotheses)
            raise InvalidInput("no such hypothesis", found=self.denominator, valid=valid, where=where)
        if self.rho and len(self.markers) != 2:
            raise InvalidInput("linkage needs exactly two markers", found=len(self.markers), where=where)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Natural log-likelihoods and log10 likelihood ratios of a case; -inf is impossible, nan is 0 / 0.

    Args:
        loglik_per_marker: by hypothesis, then by marker.
        loglik: by hypothesis; the sum over markers.
        log10_lr: by hypothesis, against the denominator.
        loglik_by_rho: by hypothesis, one value for each recombination fraction of the case.
    """

    id: str
    loglik_per_marker: Mapping[str, Mapping[str, float]]
    loglik: Mapping[str, float]
    log10_lr: Mapping[str, float]
    loglik_by_rho: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def evaluate(case: Case) -> CaseResult:
    """The likelihood of every hypothesis of a case.

    Raises:
        CenotaphError: whatever :func:`cenotaph.genetics.kinship.loglik` raises.
    """
    per_marker = {name: _markers(case, hypothesis) for name, hypothesis in case.hypotheses.items()}
    total = {name: sum(values.values()) for name, values in per_marker.items()}
    against = total[case.denominator]
    return CaseResult(
        case.id,
        per_marker,
        total,
        {name: log10_ratio(value, against) for name, value in total.items()},
        {name: _linked(case, hypothesis) for name, hypothesis in case.hypotheses.items()} if case.rho else {},
    )


def log10_ratio(numerator: float, denominator: float) -> float:
    """log10 of a ratio of likelihoods given as natural logs; nan if both are impossible.

    >>> log10_ratio(float("-inf"), -1.0), log10_ratio(-1.0, float("-inf"))
    (-inf, inf)
    """
    if numerator == denominator == float("-inf"):
        return float("nan")
    return float((numerator - denominator) / np.log(10))


def _markers(case: Case, hypothesis: Hypothesis) -> dict[str, float]:
    return {
        marker.name: loglik(
            hypothesis,
            marker,
            case.observations.get(marker.name, {}),
            theta=case.theta,
            untyped_founders=case.untyped_founders,
        )
        for marker in case.markers
    }


def _linked(case: Case, hypothesis: Hypothesis) -> tuple[float, ...]:
    first, second = case.markers
    seen = (case.observations.get(first.name, {}), case.observations.get(second.name, {}))
    return tuple(
        loglik_linked(hypothesis, (first, second), seen, rho, untyped_founders=case.untyped_founders)
        for rho in case.rho
    )
