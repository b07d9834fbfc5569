"""The scorer that resolution asks: the weight of a set of items under any missing person or origin class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln

from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import FOREIGN, Exhibits, Floats, Ints
from cenotaph.evidence.provenance import Provenance
from cenotaph.identification.bones import Bones, Boxes
from cenotaph.resolution.problem import ItemSet, SetScores

NOBODY = -1
CLASSES = ("roster", "unlisted", *FOREIGN)
"""Open classes of an individual; ``roster`` is a man on the list whom nothing points at."""


@dataclass(frozen=True, slots=True)
class Item:
    """Specimens that are of one person for certain.

    Args:
        specimens: sorted indices.
        exhibits: their samples and they themselves, as far as any line has data on them.
    """

    specimens: tuple[int, ...]
    exhibits: Exhibits


@dataclass(frozen=True, slots=True)
class Prior:
    """Shares of individuals, learned with everything else.

    Args:
        roster: share of individuals on the roster.
        origins: shares of the others: unlisted, then `FOREIGN`.
        log_alpha: log concentration of the partition.
    """

    roster: float
    origins: Floats
    log_alpha: float


@dataclass
class SpecimenScorer:
    """Weights of sets of items: evidence × prior × structure. Satisfies `cenotaph.resolution.problem.SetScorer`.

    Structure is the partition prior α Γ(n), the gain of common boxes, and a penalty for every duplicated element.

    Args:
        decided_names: specimen → missing person that an examiner has settled, `NOBODY` for nobody on the roster.
        excluded: (specimen, missing person) that an examiner has excluded.
    """

    evidence: Evidence
    provenance: Provenance
    bones: Bones
    boxes: Boxes
    items: Sequence[Item]
    log_duplicate: float
    prior: Prior
    decided_names: dict[int, int] = field(default_factory=dict)
    excluded: set[tuple[int, int]] = field(default_factory=set)
    _known: dict[tuple[bytes, Exhibits], tuple[Floats, Floats]] = field(default_factory=dict)

    def specimens(self, members: ItemSet) -> tuple[int, ...]:
        """Specimens of a set of items."""
        return tuple(sorted(s for i in members for s in self.items[i].specimens))

    def exhibits(self, members: ItemSet) -> Exhibits:
        """Exhibits of a set of items."""
        return tuple(sorted(e for i in members for e in self.items[i].exhibits))

    def log_structure(self, specimens: Sequence[int]) -> float:
        """Partition prior, boxes, duplicates."""
        return float(
            self.prior.log_alpha
            + gammaln(len(specimens))
            + self.boxes.log_together(specimens)
            + self.bones.duplicates(specimens) * self.log_duplicate
        )

    def score(self, sets: Sequence[ItemSet], candidates: Ints) -> SetScores:
        """Log weights of sets of items under missing persons and origin classes."""
        men, populations = self._likelihoods([self.exhibits(members) for members in sets], candidates)
        specimens = [self.specimens(members) for members in sets]
        structure = np.array([self.log_structure(s) for s in specimens])[:, None]
        log_prior = np.array([self.provenance.log_prior(s)[candidates] for s in specimens]).reshape(len(sets), -1)
        named = men + log_prior + np.log(self.prior.roster) + structure
        classes = self.class_weights(populations, np.exp(log_prior).sum(axis=1)) + structure
        if self.decided_names or self.excluded:
            for k, bones in enumerate(specimens):
                named[k], classes[k] = self.decided(bones, candidates, named[k], classes[k])
        return SetScores(named, classes)

    def decided(
        self, specimens: Sequence[int], candidates: Ints, men: Floats, classes: Floats
    ) -> tuple[Floats, Floats]:
        """Log weights with everything impossible that an examiner has ruled out."""
        men, classes = men.copy(), classes.copy()
        for s in specimens:
            for man in (m for bone, m in self.excluded if bone == s):
                men[candidates == man] = -np.inf
            if s in self.decided_names:
                men[candidates != self.decided_names[s]] = -np.inf
                if self.decided_names[s] == NOBODY:
                    classes[0] = -np.inf
                else:
                    classes[:] = -np.inf
        return men, classes

    def class_weights(self, populations: Floats, taken: Floats) -> Floats:
        """Log weights of the open classes.

        Args:
            populations: shape (sets, populations), log-likelihoods.
            taken: shape (sets,), prior share of the roster that is scored man by man.
        """
        own = len(self.evidence.case.populations)
        compatriot = np.logaddexp.reduce(populations[:, :own] + np.log(self.evidence.case.population_share), axis=1)
        rest = np.log(self.prior.roster) + np.log(np.maximum(1 - taken, 1e-12)) + compatriot
        others = np.log1p(-self.prior.roster) + np.log(self.prior.origins)
        return np.column_stack([rest, compatriot + others[0], populations[:, own:] + others[1:]])

    def _likelihoods(self, sets: Sequence[Exhibits], candidates: Ints) -> tuple[Floats, Floats]:
        """Likelihoods, each set and list of candidates asked of the evidence once."""
        key = candidates.tobytes()
        new = sorted({s for s in sets if (key, s) not in self._known})
        if new:
            found = self.evidence.likelihoods(new, candidates)
            self._known.update({(key, s): (found.men[k], found.populations[k]) for k, s in enumerate(new)})
        rows = [self._known[key, s] for s in sets]
        return np.array([r[0] for r in rows]).reshape(len(sets), -1), np.array([r[1] for r in rows])

    def score_block(self, groups: Sequence[tuple[ItemSet, int]]) -> float:
        """Log weight of sets under missing persons of one family, the one informing on the other."""
        alone = sum(float(self.score([members], np.array([man])).candidates[0, 0]) for members, man in groups)
        return alone + self.evidence.family_gain([(self.exhibits(members), man) for members, man in groups])
