"""Whether the donor behind a name is a relative of that man, or of another missing man.

A reference sample that was filed under the wrong family lends its true family's likeness to a false name: the bones of
the sister's brother look like a niece's uncle, only more so. That a man's donor is wrong is a state of his own
references (`cenotaph.evidence.combine`); what that state cannot say is whom the bones are then of. Here it is said:
of somebody else on the roster, as the donor's own DNA would have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cenotaph.evidence.autosomal import AutosomalLine
from cenotaph.evidence.case import Family
from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import Exhibits, Floats, Ints
from cenotaph.evidence.snp import SnpLine
from cenotaph.genetics.lineage import kinship
from cenotaph.identification.grouping import Names
from cenotaph.identification.scorer import Prior

SHARING = np.array([[0.0, 1.0, 0.0], [0.25, 0.5, 0.25], [0.5, 0.5, 0.0], [0.75, 0.25, 0.0]])
"""P(0, 1, 2 alleles identical by descent): parent and child, full siblings, second and third degree."""
LEADING = 0.5
"""Probability of a name from which its donors are doubted: a lesser one is no answer anyway."""


@dataclass(frozen=True)
class Donors:
    """What the record has of the relatives of the missing.

    Args:
        evidence, prior: of the case.
        share: shape (relations of `SHARING`,), shares of the donors who are this to their missing man; the rest are
            farther off.
    """

    evidence: Evidence
    prior: Prior
    share: Floats

    @classmethod
    def of(cls, evidence: Evidence, prior: Prior) -> Donors:
        """Count the relations of all donors."""
        case = evidence.case
        # One of each beforehand: what the record lacks may stand behind it all the same.
        count = np.ones(len(SHARING) + 1)
        for man, f in enumerate(case.family_of):
            if f >= 0:
                family = case.families[f]
                for donor in family.donors:
                    count[_relation(family, int(case.node_of[man]), donor)] += 1
        return cls(evidence, prior, count[:-1] / count.sum())

    def doubted(self, exhibits: Exhibits, names: Names) -> Names:
        """Names of a set with the weight added of *somebody else on the roster, whose relative the donor is*.

        For every donor d of the best name, with the swap rate ε and m men on the roster, that weight is
        (weight of a man of the roster unknown) · ε/m · Σ_r share_r · LR(d is his relative r), and what else of d's DNA
        speaks for the best name speaks for that man too.
        """
        evidence, prior = self.evidence, self.prior
        if not len(names.men) or names.probability[0] < LEADING:
            return names
        man = int(names.men[0])
        if names.classes[1] <= 0:
            return names
        log_unknown = np.log(names.classes[1]) + np.log(prior.roster / (1 - prior.roster)) - np.log(prior.origins[0])
        log_rate = np.log(evidence.errors.donor_swap / len(evidence.case.missing_ids))
        log_extra = log_unknown + log_rate + np.logaddexp.reduce([-np.inf, *self._log_ratios(exhibits, man)])
        his, other = np.exp(-np.logaddexp(0.0, [log_extra, -log_extra]))
        classes = his * names.classes
        classes[0] += other
        return Names(names.men, his * names.probability, classes)

    def _log_ratios(self, exhibits: Exhibits, man: int) -> list[float]:
        """Per donor, the log ratio of the set for a man of whom this donor is a relative, whatever relative."""
        evidence = self.evidence
        states, starts = evidence.states_of(np.array([man]))
        wrong, population = evidence.states.wrong[states], evidence.states.population[states]
        whole = int(starts[0])
        autosomal = next((line for line in evidence.lines if isinstance(line, AutosomalLine)), None)
        snp = next((line for line in evidence.lines if isinstance(line, SnpLine)), None)
        others = [line for line in evidence.lines if line not in (autosomal, snp)]
        rest = sum((evidence.line_scores(line, [exhibits], states)[0][0] for line in others), np.zeros(len(states)))
        log_share = np.log(self.share)
        result = []
        for k in (int(k) for k in np.flatnonzero((wrong >= 0) & (population == population[whole]))):
            samples = evidence.case.families[evidence.case.family_of[man]].samples[int(wrong[k])]
            kin = np.zeros(len(SHARING))
            if autosomal is not None:
                kin += autosomal.kin_log_ratios(exhibits, samples, man, SHARING)
            if snp is not None:
                kin += snp.kin_log_ratios(exhibits, samples, man)
            result.append(float(np.logaddexp.reduce(kin + log_share) + rest[whole] - rest[k]))
        return result


def _relation(family: Family, man: int, donor: int) -> int:
    """Row of `SHARING`, or the one after the last for whoever is farther off."""
    parents: Sequence[Ints] = (family.father, family.mother)
    if any(p[man] == donor or p[donor] == man for p in parents):
        return 0
    closeness = kinship(family.father, family.mother, man, donor)
    return 1 + int(np.searchsorted([-0.25, -0.125, -0.0625], -closeness))
