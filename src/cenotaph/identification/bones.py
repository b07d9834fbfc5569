"""What a set of bones says by itself: duplicated elements and boxes; and the prior on how many people there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cenotaph.evidence.case import Case

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

Ints = NDArray[np.int64]
MANY_IN_ONE_PERSON = frozenset({"rib", "vertebra", "tooth", "unknown"})
WHOLE = frozenset({-1})


@dataclass(frozen=True, slots=True)
class Bones:
    """Elements of the specimens.

    Args:
        slot: per specimen, a number for its element and side; −1 where one person may have many or the side is unknown.
        zones: per specimen, the zones present; `WHOLE` for a complete bone or where zones were not recorded.
        element: per specimen, as recorded.
    """

    slot: Ints
    zones: tuple[frozenset[int], ...]
    element: tuple[str, ...]

    @classmethod
    def from_dossier(cls, dossier: Dossier) -> Bones:
        """Read elements, sides and zones."""
        table = dossier.table("specimens").select("element", "side", "zones")
        slots: dict[tuple[str, str], int] = {}
        slot, zones, elements = [], [], []
        for element, side, present in table.iter_rows():
            elements.append(element or "unknown")
            known = element and element not in MANY_IN_ONE_PERSON and side in ("L", "R", "M")
            slot.append(slots.setdefault((element, side), len(slots)) if known else -1)
            numbers = (present or "complete").split()
            zones.append(WHOLE if numbers == ["complete"] else frozenset(int(z) for z in numbers if z.isdigit()))
        return cls(np.array(slot, dtype=np.int64), tuple(zones), tuple(elements))

    def duplicates(self, specimens: Sequence[int]) -> int:
        """Number of pairs that one person cannot have both."""
        return len(self.duplicated(specimens))

    def duplicated(self, specimens: Sequence[int]) -> list[tuple[int, int]]:
        """Pairs that one person cannot have both: same element, side and zone."""
        by_slot: dict[int, list[int]] = defaultdict(list)
        for s in specimens:
            if self.slot[s] >= 0:
                by_slot[int(self.slot[s])].append(s)
        pairs = [(a, b) for same in by_slot.values() for i, a in enumerate(same) for b in same[i + 1 :]]
        return [(a, b) for a, b in pairs if self._overlap(a, b)]

    def _overlap(self, a: int, b: int) -> bool:
        one, other = self.zones[a], self.zones[b]
        return one == WHOLE or other == WHOLE or bool(one & other)


@dataclass(frozen=True, slots=True)
class Boxes:
    """How one person's bones spread over boxes: each lies in his main box with probability λ, else in any box.

    Args:
        container_of: per specimen, −1 where unknown.
        number: boxes in the dossier.
        main: λ.
    """

    container_of: Ints
    number: int
    main: float

    @classmethod
    def of(cls, case: Case, main: float) -> Boxes:
        """Boxes of a case."""
        return cls(case.container_of, max(len(case.container_ids), 1), main)

    def log_together(self, specimens: Sequence[int]) -> float:
        """log p(boxes | one person) − Σ log p(box): the gain of explaining the boxes by one person.

        p(boxes | one person) is the mean over main boxes of Π (λ 1[in it] + (1 − λ) / B).

        >>> boxes = Boxes(np.array([0, 0, 1]), 2, 0.5)
        >>> round(float(np.exp(boxes.log_together([0, 1]))), 4), round(float(np.exp(boxes.log_together([0, 2]))), 4)
        (1.25, 0.75)
        """
        counts = Counter(int(c) for c in self.container_of[list(specimens)] if c >= 0)
        n = sum(counts.values())
        if n < 2 or self.number < 2:
            return 0.0
        inside, outside = self.main + (1 - self.main) / self.number, (1 - self.main) / self.number
        terms = [k * np.log(inside) + (n - k) * np.log(outside) for k in counts.values()]
        if len(counts) < self.number:
            terms.append(np.log(self.number - len(counts)) + n * np.log(outside))
        return float(np.logaddexp.reduce(terms) - np.log(self.number) + n * np.log(self.number))


def concentration(expected_groups: float, items: int) -> float:
    """The concentration α of a Chinese restaurant process that makes *expected_groups* of *items*.

    Solves Σ_{i<n} α / (α + i) = expected.

    >>> round(concentration(1.5, 2), 6)
    1.0
    """
    from scipy.optimize import brentq

    if items <= 1 or expected_groups >= items - 1e-3:
        return 1e3
    i = np.arange(items)

    def excess(log_alpha: float) -> float:
        alpha = np.exp(log_alpha)
        return float((alpha / (alpha + i)).sum()) - expected_groups

    return float(np.exp(brentq(excess, -12.0, 14.0)))
