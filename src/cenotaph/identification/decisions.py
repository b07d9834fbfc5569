"""What examiners have settled (``decisions.csv``), as constraints."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from cenotaph.evidence.case import Case
from cenotaph.identification.scorer import NOBODY

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


@dataclass(frozen=True, slots=True)
class Decisions:
    """Constraints by specimen and missing person.

    Args:
        linked: pairs of specimens of one person.
        separate: pairs of specimens of two people.
        names: specimen → missing person, `NOBODY` for nobody on the roster.
        excluded: (specimen, missing person).
    """

    linked: tuple[tuple[int, int], ...]
    separate: set[frozenset[int]]
    names: dict[int, int]
    excluded: set[tuple[int, int]]

    @property
    def settled(self) -> frozenset[int]:
        """Specimens that were linked or named."""
        return frozenset(self.names) | {s for pair in self.linked for s in pair}

    @classmethod
    def from_dossier(cls, dossier: Dossier, case: Case) -> Decisions:
        """Read decisions and excluding associations; ``premature`` settles nothing."""
        specimens = {s: i for i, s in enumerate(case.specimen_ids)}
        men = {m: i for i, m in enumerate(case.missing_ids)}
        linked: list[tuple[int, int]] = []
        separate: set[frozenset[int]] = set()
        names: dict[int, int] = {}
        excluded: set[tuple[int, int]] = set()
        table = dossier.table("decisions").select("kind", "specimen_ids", "missing_id")
        for kind, ids, missing in table.iter_rows():
            bones = [specimens[s] for s in (ids or "").split() if s in specimens]
            man = men.get(missing or "")
            if kind in ("link", "identification"):
                linked += list(pairwise(bones))
            if kind == "separate":
                separate |= {frozenset(pair) for pair in combinations(bones, 2)}
            if kind == "identification" and man is not None:
                names.update(dict.fromkeys(bones, man))
            if kind == "exclusion" and man is not None:
                excluded |= {(bone, man) for bone in bones}
            if kind == "unlisted":
                names.update(dict.fromkeys(bones, NOBODY))
        pairs = dossier.table("associations").select("specimen_a", "specimen_b", "kind", "grade")
        for a, b, kind, grade in pairs.iter_rows():
            if (kind == "exclusion" or grade == "excluded") and a in specimens and b in specimens:
                separate.add(frozenset((specimens[a], specimens[b])))
        return cls(tuple(linked), separate, names, excluded)
