"""Measurement codes: what each is taken on, what it means, and which values are plausible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Literal

ARTICULATIONS = (
    ("Fem_04", "Osc_17"),
    ("Hum_06", "Uln_11"),
    ("Hum_06", "Rad_04"),
    ("Hum_07", "Sca_03"),
    ("Fem_03", "Tib_02"),
    ("Fib_05", "Tib_12"),
)
"""Measurements of bones that touch, tested against each other by every version of OsteoSort."""

STANDARD = MappingProxyType(
    {
        "scapula": ("Sca_01", "Sca_02"),
        "clavicle": ("Cla_01", "Cla_04", "Cla_05"),
        "humerus": ("Hum_01", "Hum_02", "Hum_03", "Hum_04", "Hum_05"),
        "radius": ("Rad_01", "Rad_05", "Rad_06"),
        "ulna": ("Uln_01", "Uln_04", "Uln_05", "Uln_06"),
        "os_coxa": ("Osc_01", "Osc_02"),
        "femur": ("Fem_01", "Fem_02", "Fem_03", "Fem_04", "Fem_05", "Fem_06", "Fem_07"),
        "tibia": ("Tib_01", "Tib_02", "Tib_03", "Tib_04", "Tib_05"),
        "fibula": ("Fib_01", "Fib_02"),
    }
)
"""The standard set of OsteoSort 1.2, by element."""

SUPPLEMENTAL = MappingProxyType(
    {
        "scapula": ("Sca_03", "Sca_04", "Sca_05"),
        "clavicle": ("Cla_06", "Cla_07", "Cla_08", "Cla_09"),
        "humerus": ("Hum_06", "Hum_07", "Hum_08", "Hum_09"),
        "radius": ("Rad_04", "Rad_07", "Rad_08", "Rad_09", "Rad_10"),
        "ulna": ("Uln_09", "Uln_10", "Uln_11"),
        "os_coxa": ("Osc_05", "Osc_14", "Osc_15", "Osc_16", "Osc_17"),
        "femur": ("Fem_14", "Fem_15", "Fem_16", "Fem_17"),
        "tibia": ("Tib_10", "Tib_11", "Tib_12"),
        "fibula": ("Fib_03", "Fib_04", "Fib_05"),
    }
)
"""The supplemental set of OsteoSort 1.2, which fragments still allow."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement.

    Args:
        code: as Fem_01.
        element: it is taken on.
        meaning: in words.
        unit: mm, or degree for an angle.
        least, most: plausible values of adults.
        basis: ``model``: mean ± 5 standard deviations of the skeleton model; ``assumption``: a wide range of ours.
    """

    code: str
    element: str
    meaning: str
    unit: str
    least: float
    most: float
    basis: Literal["model", "assumption"]

    def is_plausible(self, value: float) -> bool:
        """Whether an adult can have this value; what is not plausible may be a slip of the keyboard."""
        return isfinite(value) and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class MeasurementCodes:
    """The vocabulary of measurements, by code."""

    by_code: Mapping[str, Measurement]

    @classmethod
    def of(cls, measurements: Iterable[Measurement]) -> MeasurementCodes:
        """Measurements by their codes."""
        return cls({m.code: m for m in measurements})

    def find(self, spelling: str) -> Measurement | None:
        """The measurement that a spelling means, or None: case, separator and leading noughts do not matter.

        A side behind the number (``Hum_01R``, as in references of OsteoSort 1.2) is left out, unless the code has one.

        >>> codes = MeasurementCodes.of(
        ...     [Measurement("Hum_01", "humerus", "maximum length", "mm", 230, 430, "assumption")]
        ... )
        >>> [getattr(codes.find(x), "code", None) for x in ("hum_01", "HUM1", "Hum 01R", "Hum-02", "length")]
        ['Hum_01', 'Hum_01', 'Hum_01', None, None]
        """
        match = re.fullmatch(r"\s*([A-Za-z]{3}|[A-Za-z]{2}\d)[\s_.-]*0*(\d{1,2})\s*([LRlr]?)\s*", spelling)
        if match is None:
            return None
        prefix, number, side = match[1].lower(), int(match[2]), match[3].upper()
        by_lower = {code.lower(): m for code, m in self.by_code.items()}
        for end in dict.fromkeys((side.lower(), "", "l")):
            if found := by_lower.get(f"{prefix}_{number:02d}{end}"):
                return found
        return None

    def of_element(self, element: str) -> tuple[Measurement, ...]:
        """Measurements of one element."""
        return tuple(m for m in self.by_code.values() if m.element == element)
