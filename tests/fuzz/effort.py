"""How long the fuzzing goes on: short in the suite, thirty times as long in ``make verify``."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("CENOTAPH_FUZZ", "1"))
"""By how much the numbers of examples are multiplied. Above one, every round draws others."""


def effort(examples: int, **more: Any) -> settings:
    """Settings for so many examples in the suite."""
    return settings(
        max_examples=examples * EFFORT,
        derandomize=EFFORT == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
