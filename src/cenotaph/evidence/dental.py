"""The line ``dental``: teeth as found against the dental charts of the missing.

The charts of one person's specimens are one chart, tooth by tooth. p(teeth | a random mouth) comes from the roster's
own charts, the man in question left out; another man's chart in the file is the error of the line. That two jaws are
alike says little of whether they are one person's, since well-kept mouths differ by origin: only teeth that two
specimens show in different states count between specimens, against one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.dental_tables import dental_charts, mouth_classes
from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Ints, LineScores, States
from cenotaph.odontology.chart import UNKNOWN, combine_states
from cenotaph.odontology.likelihood import bounded_log10_lr, compare_charts
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

CLASH_LOGLIK = float(np.log(0.05))
"""Log weight of a tooth that two specimens of one person show in different states; twice the charting error."""


class DentalLine(BoneLine):
    """Teeth; see the module. Satisfies `cenotaph.evidence.line.Line`.

    Args:
        dossier, case, states: the case.
        error: share of files that hold another man's chart.
    """

    name = "dental"
    group = "dental"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        ante, post = dental_charts(dossier, "missing"), dental_charts(dossier, "specimen")
        man = {m: i for i, m in enumerate(case.missing_ids)}
        kept = [k for k, chart in enumerate(ante.charts) if chart.subject_id in man]
        self.ante, self.years = ante.states[kept], ante.years[kept]
        self.mouths = mouth_classes(self.ante)
        # Column 0 is a man without a chart; then the charts in their order.
        column_of_man = np.zeros(len(case.missing_ids), dtype=np.int64)
        column_of_man[[man[ante.charts[k].subject_id] for k in kept]] = np.arange(1, len(kept) + 1)
        self.column_of_state = column_of_man[states.man]
        self.chart_of = np.full(len(case.specimen_ids), -1, dtype=np.int64)
        row = {chart.subject_id: k for k, chart in enumerate(post.charts)}
        for s, specimen in enumerate(case.specimen_ids):
            self.chart_of[s] = row.get(specimen, -1)
        self.post = post.states
        told = np.append((post.states != UNKNOWN).any(axis=1), False)
        self.see(told[self.chart_of])

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """log p(teeth | his chart) − log p(teeth | another mouth of the roster); contradictions count for everybody."""
        charts = [self.chart_of[self.bones(s)] for s in sets]
        group = np.repeat(np.arange(len(sets)), [len(c) for c in charts])
        joined = combine_states(self.post[np.concatenate([[], *charts]).astype(np.int64)], group, len(sets))
        informative = np.array([len(c) > 0 for c in charts], dtype=np.bool_)
        anybody = joined.clash.sum(axis=1) * CLASH_LOGLIK
        asked = np.arange(len(self.ante) + 1) if columns is None else columns
        scores = np.repeat(anybody[:, None], len(asked), axis=1)
        where = np.flatnonzero(asked > 0)
        rows = np.flatnonzero(informative)
        if where.size and rows.size:
            his = asked[where] - 1
            found = compare_charts(joined.states[rows], self.ante[his], self.mouths, years=self.years[his])
            scores[np.ix_(rows, where)] += bounded_log10_lr(found.log10_lr, self.mouths.bears) * LN10
        populations = np.repeat(anybody[:, None], len(self.populations), axis=1)
        return LineScores(scores, populations, informative)
