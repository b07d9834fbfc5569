"""Antemortem against postmortem charts, tooth by tooth: what agrees, what treatment explains, what nothing explains.

Treatment goes one way: not erupted → sound → restored → more surfaces → lost. A difference in that direction is
*explainable*; one against it is *unexplainable* unless a chart is in error. A tooth that either chart says nothing
of, and every third molar, is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cenotaph.odontology.chart import (
    COMPARED,
    LOST,
    N_STATES,
    SOUND,
    TEETH,
    UNERUPTED,
    UNKNOWN,
    Chart,
    States,
    code_words,
)


class Finding(IntEnum):
    """What the comparison of one tooth finds."""

    NOT_COMPARED = 0
    AGREES = 1
    EXPLAINABLE = 2
    UNEXPLAINABLE = 3


def _reach() -> NDArray[np.bool_]:
    before, after = np.arange(N_STATES)[:, None], np.arange(N_STATES)[None, :]
    present = (before < LOST) & (after < LOST) & ((before & after) == before)
    missing_to_the_eye = (before == LOST) & (after == UNERUPTED)
    return np.asarray(present | (after == LOST) | (before == UNERUPTED) | missing_to_the_eye)


REACHABLE: Final = _reach()
"""``REACHABLE[a, b]``: treatment, eruption or loss can turn state *a* into state *b* (or leave it). A tooth that the
eye finds missing may be there below the gum: lost → not erupted is explainable."""


def findings(ante: States, post: States) -> NDArray[np.int8]:
    """`Finding` of every tooth.

    Args:
        ante, post: states, last axis 32 teeth; the other axes are broadcast.

    >>> a = Chart.from_codes("M1", {"16": "V", "26": "MO", "36": "X", "46": "O", "18": "V"})
    >>> p = Chart.from_codes("S1", {"16": "MOD", "26": "MO", "36": "V", "46": "J", "18": "X"})
    >>> {t: Finding(f).name for t, f in zip(TEETH, findings(a.states, p.states)) if f}
    {'16': 'EXPLAINABLE', '26': 'AGREES', '36': 'UNEXPLAINABLE'}
    """
    ante, post = np.broadcast_arrays(ante, post)
    found = np.where(
        ante == post,
        np.int8(Finding.AGREES),
        np.where(REACHABLE[ante, post], np.int8(Finding.EXPLAINABLE), np.int8(Finding.UNEXPLAINABLE)),
    )
    found[(ante == UNKNOWN) | (post == UNKNOWN)] = Finding.NOT_COMPARED
    found[..., np.setdiff1d(np.arange(len(TEETH)), COMPARED)] = Finding.NOT_COMPARED
    return np.asarray(found, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two charts side by side.

    Args:
        ante, post: the charts.
        findings: shape (32,), `Finding` of each tooth.
    """

    ante: Chart
    post: Chart
    findings: NDArray[np.int8]

    @property
    def compared(self) -> int:
        """Teeth of which both charts speak."""
        return int((self.findings != Finding.NOT_COMPARED).sum())

    @property
    def agreements(self) -> int:
        """Teeth in the same state."""
        return int((self.findings == Finding.AGREES).sum())

    @property
    def features(self) -> int:
        """Agreements at restored, lost or unerupted teeth: those that tell one mouth from another."""
        return int(((self.findings == Finding.AGREES) & (self.post.states != SOUND)).sum())

    @property
    def treated(self) -> int:
        """Compared teeth that either chart has as restored, lost or unerupted."""
        treated = (self.ante.states > SOUND) | (self.post.states > SOUND)
        return int(((self.findings != Finding.NOT_COMPARED) & treated).sum())

    @property
    def explainable(self) -> int:
        """Differences that later treatment explains."""
        return int((self.findings == Finding.EXPLAINABLE).sum())

    @property
    def unexplainable(self) -> int:
        """Differences that nothing but an error in a chart explains."""
        return int((self.findings == Finding.UNEXPLAINABLE).sum())

    def reason(self, tooth: int) -> str:
        """Why the tooth with index *tooth* was judged as it was, in words."""
        before, after = self.ante.states[tooth], self.post.states[tooth]
        finding = self.findings[tooth]
        if finding == Finding.NOT_COMPARED:
            return "third molar, not compared" if TEETH[tooth][1] == "8" else "not compared"
        if finding == Finding.AGREES:
            return "agrees"
        return f"{'explained by' if finding == Finding.EXPLAINABLE else 'not explained:'} {_change(before, after)}"

    def words(self) -> str:
        """One sentence on what was found."""
        return (
            f"{_number(self.compared, 'tooth', 'teeth')} compared, {self.agreements} in agreement, "
            f"{self.features} of them restored or lost; "
            f"{_number(self.explainable, 'difference', 'differences')} explained by later treatment, "
            f"{self.unexplainable} not explained"
        )

    def differences(self) -> list[str]:
        """Each difference in words."""
        return [
            f"{TEETH[k]}: {code_words(self.ante.codes[k])} → {code_words(self.post.codes[k])} ({self.reason(k)})"
            for k in map(int, np.flatnonzero(self.findings >= Finding.EXPLAINABLE))
        ]


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _change(before: int, after: int) -> str:
    if after == LOST:
        return "later loss"
    if UNERUPTED in (before, after):
        if before == UNERUPTED:
            return "later eruption"
        return "a tooth below the gum" if before == LOST else "an erupted tooth is not there"
    if before == LOST:
        return "a lost tooth is there"
    if after == SOUND:
        return "a restored tooth is sound"
    if before == SOUND:
        return "later restoration"
    return "more surfaces restored" if (before & after) == before else "restored surfaces are gone"


def compare(ante: Chart, post: Chart) -> Comparison:
    """Compares two charts.

    >>> a = Chart.from_codes("M1", {"16": "V", "26": "MO", "36": "X"})
    >>> found = compare(a, Chart.from_codes("S1", {"16": "O", "26": "MO", "36": "V"}))
    >>> found.agreements, found.explainable, found.unexplainable
    (1, 1, 1)
    >>> found.differences()[0]
    '16: sound → restored O (explained by later restoration)'
    """
    return Comparison(ante, post, findings(ante.states, post.states))


class Verdict(StrEnum):
    """Classes of a dental comparison."""

    POSITIVE = "positive"
    CONSISTENT = "consistent"
    POSSIBLE = "possible"
    INSUFFICIENT = "insufficient"
    EXCLUSION = "exclusion"


@dataclass(frozen=True, slots=True)
class VerdictRules:
    """Numbers behind the classes: they make the words definite. They are our assumption, and parameters.

    Args:
        charting_error: chance that one tooth differs between two charts of one mouth.
        error_tail: a pair is excluded where errors of charting would give so many unexplainable differences more
            rarely than this.
        least_compared: fewer teeth in common are insufficient.
        positive_features: agreeing restored or lost teeth that a positive comparison needs.
        positive_log10_lr: support that a positive comparison needs.
        consistent_log10_lr: support that a consistent comparison needs.
    """

    charting_error: float = 0.025
    error_tail: float = 0.01
    least_compared: int = 4
    positive_features: int = 5
    positive_log10_lr: float = 3.0
    consistent_log10_lr: float = 1.0

    def exclusion_at(self, compared: int) -> int:
        """Least number of unexplainable differences among *compared* teeth that excludes.

        The smallest k with P(Binomial(compared, charting_error) ≥ k) < error_tail.

        >>> [VerdictRules().exclusion_at(n) for n in (4, 14, 28)]
        [2, 3, 4]
        """
        e, tail = self.charting_error, 1.0
        for k in range(compared + 1):
            if tail < self.error_tail:
                return k
            tail -= comb(compared, k) * e**k * (1 - e) ** (compared - k)
        return compared + 1


DEFAULT_RULES: Final = VerdictRules()


def verdict(comparison: Comparison, log10_lr: float, rules: VerdictRules = DEFAULT_RULES) -> Verdict:
    """Class of a comparison.

    In this order: *exclusion*, more unexplainable differences than charting errors account for; *insufficient*, too
    few teeth in common, or none that is treated in either chart; *positive*, no unexplainable difference, enough
    agreeing treated teeth and support; *consistent*, at most one unexplainable difference and some support;
    *possible*, anything else.

    Source: classes of the American Board of Forensic Odontology (positive, possible, insufficient, exclusion),
        *consistent* as in the laboratory's practice; unexplainable differences as in the manuals of the United
        States Navy.
    """
    if comparison.unexplainable >= max(1, rules.exclusion_at(comparison.compared)):
        return Verdict.EXCLUSION
    if comparison.compared < rules.least_compared or comparison.treated == 0:
        return Verdict.INSUFFICIENT
    strong = comparison.features >= rules.positive_features and log10_lr >= rules.positive_log10_lr
    if comparison.unexplainable == 0 and strong:
        return Verdict.POSITIVE
    if comparison.unexplainable <= 1 and log10_lr >= rules.consistent_log10_lr:
        return Verdict.CONSISTENT
    return Verdict.POSSIBLE
