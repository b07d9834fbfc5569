"""A bone's only extract says whose DNA was in the tube; the bone itself says whether it is his."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cenotaph.identification.swaps import FOUND_TWICE, bone_is_his


def scorer_of(twice: list[tuple[int, int]]) -> Any:
    """Three bones of one extract each, of which nothing but the extracts is known."""
    case = SimpleNamespace(samples_of=((0,), (1,), (2,)), bone=lambda s: 3 + s)
    seen = np.array([True, True, True, False, False, False])
    evidence = SimpleNamespace(
        case=case,
        seen=seen,
        nobody=np.ones(1),
        errors=SimpleNamespace(sample=0.002, bone=0.005),
        plain=lambda sets, men: SimpleNamespace(populations=np.zeros((len(sets), 1))),
    )
    boxes = SimpleNamespace(log_together=lambda specimens: 0.0)
    return SimpleNamespace(evidence=evidence, boxes=boxes, bones=SimpleNamespace(duplicated=lambda specimens: twice))


def test_one_extract_leaves_the_rate_of_swaps() -> None:
    (his,) = bone_is_his(scorer_of([]), [(0, 1, 2)], frozenset())
    np.testing.assert_allclose(his, 0.998)


def test_a_bone_that_is_there_twice_is_doubted_more() -> None:
    (his,) = bone_is_his(scorer_of([(0, 2)]), [(0, 1, 2)], frozenset())
    odds = 0.998 / 0.002 * 0.005 / FOUND_TWICE
    assert his[0] == his[2] == pytest.approx(odds / (1 + odds))
    assert his[1] == pytest.approx(0.998)
