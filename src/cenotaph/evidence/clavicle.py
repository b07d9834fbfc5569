"""The line ``clavicle``: clavicles against the chest films of the missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.film_tables import load_clavicle_model, outlines
from cenotaph.evidence.bone import BoneLine
from cenotaph.evidence.case import Case
from cenotaph.evidence.line import Exhibits, Floats, Ints, LineScores, States
from cenotaph.radiography.clavicle import subject_log_lr

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


class ClavicleLine(BoneLine):
    """Outlines; see the module. Satisfies `cenotaph.evidence.line.Line`.

    Args:
        dossier, case, states: the case.
        error: share of files that hold another man's film.
    """

    name = "clavicle"
    group = "films"

    def __init__(self, dossier: Dossier, case: Case, states: States, *, error: float) -> None:
        super().__init__(case, states, error)
        self.model = load_clavicle_model()
        films, bones = outlines(dossier, "missing"), outlines(dossier, "specimen")
        man = {m: i for i, m in enumerate(case.missing_ids)}
        films = films.of([m for m in films.ids if m in man])
        row = {s: k for k, s in enumerate(bones.ids)}
        self.row_of = np.array([row.get(s, -1) for s in case.specimen_ids], dtype=np.int64)
        # Column 0 is a man without a film; then the films in their order.
        column_of_man = np.zeros(len(case.missing_ids), dtype=np.int64)
        column_of_man[[man[m] for m in films.ids]] = np.arange(1, len(films.ids) + 1)
        self.column_of_state = column_of_man[states.man]
        self.ratio = np.zeros((len(bones.ids), len(films.ids) + 1))
        if bones.ids and films.ids:
            self.ratio[:, 1:] = subject_log_lr(self.model, bones.read(self.model), films.read(self.model))
        self.see(np.append(self.ratio.any(axis=1), False)[self.row_of])

    def score(self, sets: Sequence[Exhibits], columns: Ints | None = None) -> LineScores:
        """log LR of each man's film; the ratios of several clavicles of one person are averaged: one film, one pose."""
        asked = np.arange(self.ratio.shape[1]) if columns is None else columns
        scores = np.zeros((len(sets), len(asked)))
        rows = [self.row_of[self.bones(s)] for s in sets]
        for k, own in enumerate(rows):
            if len(own):
                scores[k] = np.logaddexp.reduce(self.ratio[np.ix_(own, asked)], axis=0) - np.log(len(own))
        informative = np.array([len(own) > 0 for own in rows], dtype=np.bool_)
        return LineScores(scores, np.zeros((len(sets), len(self.populations))), informative)

    def link(self, first: Sequence[Exhibits], second: Sequence[Exhibits]) -> Floats:
        """Nothing: bones are compared with films only."""
        return np.zeros((len(first), len(second)))
