"""The problem that resolution solves, in no science's words.

Items are to be put into groups; each group is one *candidate* (used at most once) or belongs to an *open class* (any
number of groups). A scorer gives the log weight of any set of items under any candidate or class; nothing here knows
what the weights mean. It could assign hats to coats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cenotaph.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ItemSet = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetScores:
    """Natural-log weights of sets of items, priors included.

    Args:
        candidates: shape (sets, candidates asked for).
        classes: shape (sets, open classes).
    """

    candidates: Floats
    classes: Floats


class SetScorer(Protocol):
    """Scores sets of items. The weight of a grouping is the product of its groups' weights."""

    def score(self, sets: Sequence[ItemSet], candidates: Ints) -> SetScores:
        """Log weights of each set under each candidate and each open class."""
        ...

    def score_block(self, groups: Sequence[tuple[ItemSet, int]]) -> float:
        """Log weight of groups under their candidates, who are of one block, scored together; in the block's order."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Items, their possible links, their possible candidates, and who scores them.

    Args:
        items: number of items.
        candidates: number of candidates.
        classes: names of the open classes.
        scorer: gives the weight of any set.
        links: shape (n, n), symmetric; log odds that two items belong together as far as the pair alone can tell: a
            proposal for the search, never the score of a set. −inf: they cannot.
        item_candidates: per item, the candidates that matter to it.
        blocks: candidates that must be scored together; no candidate is in two blocks.

    Raises:
        InvalidInput: shapes do not fit.
    """

    items: int
    candidates: int
    classes: tuple[str, ...]
    scorer: SetScorer
    links: Floats
    item_candidates: Sequence[Ints]
    blocks: Sequence[tuple[int, ...]] = field(default=())

    def __post_init__(self) -> None:
        if self.links.shape != (self.items, self.items) or len(self.item_candidates) != self.items:
            raise InvalidInput(
                "links must be items x items, with one list of candidates an item", found=self.links.shape
            )


@dataclass(frozen=True, slots=True)
class Component:
    """Items that must be solved together, and the candidates that they compete for."""

    items: Ints
    candidates: Ints

    def blocks_within(self, blocks: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Blocks as positions among the component's candidates, as far as two of a block are among them."""
        position = {int(j): k for k, j in enumerate(self.candidates)}
        found = [tuple(position[j] for j in block if j in position) for block in blocks]
        return [block for block in found if len(block) > 1]


@dataclass(frozen=True, slots=True)
class Solution:
    """Posterior of one component.

    Args:
        item_candidate: shape (items, candidates), P(item's group is this candidate).
        item_class: shape (items, classes).
        same: shape (items, items), P(the two are in one group); 1 on the diagonal.
        groups: the most probable grouping, as sets of positions in the component, with the candidate of each (−1: an
            open class; the classes are summed).
        used: shape (candidates,), P(some group is this candidate).
        expected_groups, variance_groups: of the number of groups.
        log_total: log of the sum of the weights of all groupings (exact methods).
        method: which strategy ran.
        proved: whether the numbers are exact (for sampling: False).
        diagnostics: of a sampler, R-hat and effective sample size; of all, counts.
    """

    item_candidate: Floats
    item_class: Floats
    same: Floats
    groups: tuple[tuple[ItemSet, int], ...]
    used: Floats
    expected_groups: float
    variance_groups: float
    log_total: float
    method: str
    proved: bool
    diagnostics: dict[str, float]
