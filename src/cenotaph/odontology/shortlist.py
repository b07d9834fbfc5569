"""The men whose antemortem charts a postmortem chart agrees with best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cenotaph.odontology.chart import Chart, stack
from cenotaph.odontology.comparison import DEFAULT_RULES, Comparison, Verdict, VerdictRules, compare, verdict
from cenotaph.odontology.likelihood import (
    DEFAULT_ERRORS,
    RECORD_ERROR,
    ChartErrors,
    compare_charts,
    with_record_error,
)
from cenotaph.odontology.population import Floats, MouthClasses


@dataclass(frozen=True, slots=True)
class Candidate:
    """A man on the shortlist.

    Args:
        rank: 1 is the best; men of equal support share a rank.
        comparison: of the two charts.
        log10_lr: this man : somebody else, with the record error, within what the reference bears.
        log10_lr_unbounded: the same before that bound; the ranking follows it.
        verdict: class of the comparison.
    """

    rank: int
    comparison: Comparison
    log10_lr: float
    log10_lr_unbounded: float
    verdict: Verdict

    @property
    def subject_id(self) -> str:
        """The missing person."""
        return self.comparison.ante.subject_id


def shortlist(
    post: Chart,
    ante: Sequence[Chart],
    mouths: MouthClasses,
    *,
    errors: ChartErrors = DEFAULT_ERRORS,
    years: Floats | None = None,
    record_error: float = RECORD_ERROR,
    rules: VerdictRules = DEFAULT_RULES,
) -> tuple[Candidate, ...]:
    """Every man by support, best first; of equal support in the order given.

    Args:
        post: postmortem chart of one person.
        ante: antemortem charts.
        mouths: the population, learned from *ante* or published.
        errors: change and error between charts.
        years: shape (len(ante),), from antemortem chart to death; NaN where not known.
        record_error: share of files that hold another man's chart.
        rules: behind the classes.

    >>> from cenotaph.odontology.population import fit_classes
    >>> men = [Chart.from_codes(f"M{k}", {"16": "V", "26": "MO" if k == 7 else "V"}) for k in range(20)]
    >>> best = shortlist(Chart.from_codes("S1", {"16": "V", "26": "MO"}), men, fit_classes(stack(men), counts=(1,)))[0]
    >>> best.subject_id, best.rank, best.verdict.value, round(best.log10_lr, 1)
    ('M7', 1, 'insufficient', 1.3)
    """
    found = compare_charts(stack([post]), stack(ante), mouths, errors, years=years)
    support = ((with_record_error(found.ante, found.others, record_error) - found.others) / np.log(10))[0]
    bounded = found.support(record_error)[0]
    return tuple(
        _candidate(compare(ante[j], post), int((support > support[j]).sum()) + 1, bounded[j], support[j], rules)
        for j in np.argsort(-support, kind="stable")
    )


def _candidate(comparison: Comparison, rank: int, log10_lr: float, unbounded: float, rules: VerdictRules) -> Candidate:
    return Candidate(rank, comparison, float(log10_lr), float(unbounded), verdict(comparison, float(log10_lr), rules))
