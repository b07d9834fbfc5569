"""Which bones stay under a name: items are kept or left whole, and doubtful ones of one box do not outnumber."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from cenotaph.identification.grouping import Names
from cenotaph.identification.joint import _Joining, _kept
from cenotaph.identification.scorer import Item, SpecimenScorer

NOBODY = Names(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(6))


def scorer(boxes: list[int]) -> SpecimenScorer:
    return cast(SpecimenScorer, cast(Any, SimpleNamespace(boxes=SimpleNamespace(container_of=np.array(boxes)))))


def joining(probability: float, *specimens: int) -> _Joining:
    return _Joining(Item(specimens, ()), probability, NOBODY)


def test_five_doubtful_bones_of_one_box_do_not_outvote_two() -> None:
    bones = [joining(0.991 + k / 10_000, k) for k in range(5)]
    kept = _kept(scorer([7] * 5), 2, bones, 0.95, 0.995)
    assert [one.item.specimens for one in kept] == [(4,)]


def test_bones_hardly_doubted_stay_but_count() -> None:
    bones = [joining(0.999, 0), joining(0.999, 1), joining(0.99, 2)]
    assert len(_kept(scorer([7] * 3), 2, bones, 0.95, 0.995)) == 2


def test_doubtful_bones_of_several_boxes_are_several_coincidences() -> None:
    bones = [joining(0.97, k) for k in range(3)]
    assert len(_kept(scorer([1, 2, 3]), 2, bones, 0.95, 0.995)) == 3


def test_what_fits_together_is_kept_or_left_whole() -> None:
    pair = joining(0.97, 0, 1)
    assert _kept(scorer([7, 7]), 2, [pair], 0.95, 0.995) == []
    assert _kept(scorer([7, 7]), 3, [pair], 0.95, 0.995) == [pair]
