"""Pairwise search: every bone profile against every family, and bone profiles against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cenotaph.evidence.autosomal import AutosomalLine, AutosomalSettings
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import ErrorSettings, Evidence
from cenotaph.evidence.line import States
from cenotaph.units import LN10

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier


@dataclass(frozen=True, slots=True)
class Search:
    """Hits, ready to print.

    Args:
        families: rows specimen_id, rank, missing_id, log10_lr.
        matches: rows specimen_a, specimen_b and three log10 ratios, the likeliest first.
    """

    families: list[dict[str, Any]]
    matches: list[dict[str, Any]]


def search(dossier: Dossier, *, top: int = 10, least: float = 2.0) -> Search:
    """log10 LR by autosomal STR, wrong donors and wrong samples mixed in.

    Args:
        dossier: a case that has passed its check.
        top: families kept for each bone.
        least: least log10 LR that is kept.
    """
    case = Case.from_dossier(dossier)
    states = States.of(case)
    line = AutosomalLine(dossier, case, states, AutosomalSettings())
    weights = np.full(len(line.populations), 1.0 / len(line.populations))
    evidence = Evidence(case, states, [line], ErrorSettings(), weights)
    bones = [s for s, samples in enumerate(case.samples_of) if line.seen[list(samples)].any()]
    sets = [case.samples_of[s] for s in bones]
    if not bones:
        return Search([], [])
    men = np.arange(len(case.missing_ids))
    likelihood = evidence.likelihoods(sets, men)
    ratio = (likelihood.men - likelihood.populations[:, evidence.own_population]) / LN10
    families = []
    for row, bone in enumerate(bones):
        for rank, man in enumerate(np.argsort(-ratio[row], kind="stable")[:top], start=1):
            if ratio[row, man] >= least:
                families.append(
                    {
                        "specimen_id": case.specimen_ids[bone],
                        "rank": rank,
                        "missing_id": case.missing_ids[man],
                        "log10_lr": round(float(ratio[row, man]), 4),
                    }
                )
    same = line.link(sets, sets) / LN10
    brothers = line.link_against_brothers(sets, sets) / LN10
    matches = []
    for a, b in np.argwhere(np.triu(np.maximum(same, same - brothers), 1) >= least):
        matches.append(
            {
                "specimen_a": case.specimen_ids[bones[a]],
                "specimen_b": case.specimen_ids[bones[b]],
                "log10_same_unrelated": round(float(same[a, b]), 4),
                "log10_same_brothers": round(float(brothers[a, b]), 4),
                "log10_brothers_unrelated": round(float(same[a, b] - brothers[a, b]), 4),
            }
        )
    return Search(families, sorted(matches, key=lambda m: -m["log10_same_unrelated"]))
