"""How hard a simulated handover is. The minima are pinned, so that the set cannot be made easy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from cenotaph.errors import InvalidInput

LEAST: Mapping[str, float] = MappingProxyType(
    {
        "drift": 0.012,
        "wrong_pedigrees": 0.01,
        "swapped_samples": 0.0015,
        "unlisted": 0.05,
        "foreign": 0.20,
        "animals": 0.01,
        "brothers": 0.004,
        "contaminated": 0.01,
        "wrong_sides": 0.01,
        "swapped_charts": 0.01,
        "swapped_films": 0.02,
        "misread_stages": 0.03,
    }
)
"""The least value of each rate."""

MOST: Mapping[str, float] = MappingProxyType({"label_truth": 0.87})
"""The greatest value of each rate that makes a handover easier."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Rates of what makes a handover hard.

    Args:
        drift: theta of the population sampled against the shipped frequency table; foreign origins drift more.
        wrong_pedigrees: share of donors who are not related as recorded.
        swapped_samples: share of samples (bones and donors) that carry another's label.
        label_truth: share of individuals whose main box claims the incident in which they died.
        unlisted: share of individuals who are compatriots and not on the roster.
        foreign: share of individuals who are Korean, Chinese or of another UN contingent.
        animals: share of specimens that are animal.
        brothers: share of the missing who have a brother or cousin among the missing.
        contaminated: share of bone samples with another person's alleles in them.
        wrong_sides: share of specimens recorded on the other side, or as a neighbouring element.
        swapped_charts: share of dental charts filed under another man.
        swapped_films: share of chest films filed under another man.
        misread_stages: share of stages of age that are read or written down wrongly.

    Raises:
        InvalidInput: a rate is easier than its pinned bound, or no probability.

    >>> Difficulty().drift
    0.012
    >>> Difficulty(drift=0.001)
    Traceback (most recent call last):
        ...
    cenotaph.errors.InvalidInput: drift makes the handover too easy, found 0.001, valid: at least 0.012
    """

    drift: float = 0.012
    wrong_pedigrees: float = 0.015
    swapped_samples: float = 0.003
    label_truth: float = 0.84
    unlisted: float = 0.06
    foreign: float = 0.42
    animals: float = 0.02
    brothers: float = 0.006
    contaminated: float = 0.02
    wrong_sides: float = 0.015
    swapped_charts: float = 0.02
    swapped_films: float = 0.03
    misread_stages: float = 0.05

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            least, most = LEAST.get(name, 0.0), MOST.get(name, 1.0)
            if not 0 <= value < 1:
                raise InvalidInput(f"{name} is not a share", found=value, valid="0 to 1")
            if value < least:
                raise InvalidInput(f"{name} makes the handover too easy", found=value, valid=f"at least {least}")
            if value > most:
                raise InvalidInput(f"{name} makes the handover too easy", found=value, valid=f"at most {most}")
        if self.unlisted + self.foreign > 0.9:
            raise InvalidInput("too few are on the roster", found=self.unlisted + self.foreign, valid="at most 0.9")
