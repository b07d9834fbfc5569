"""How far the answers depend on what was assumed: one thing changed at a time, the grouping held fixed.

With P the posterior of a run, w the log weight of an individual's answers (a man, or an open class) given its bones,
and w' the same under a variant,

    P'(answer) ∝ P(answer) · exp(w'(answer) − w(answer))

so that a variant that changes nothing gives the run's own probability, competition between individuals and the doubt
of the grouping included. What would change the grouping itself (which bones are of one person) is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.evidence.line import Floats
from cenotaph.evidence.provenance import Provenance
from cenotaph.identification.bones import Bones, Boxes
from cenotaph.identification.decisions import Decisions
from cenotaph.identification.grouping import Names
from cenotaph.identification.identify import CANDIDATES_KEPT, Identification, Individual
from cenotaph.identification.scorer import SpecimenScorer
from cenotaph.identification.settings import Settings
from cenotaph.identification.variants import Variant, variants
from cenotaph.identification.verdicts import candidates_of, judge

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

Progress = Callable[[str, int, int], None]
FINER = 1e-4
"""What sampling cannot tell from nothing: an answer that the run never met may hold up to this much."""


@dataclass(frozen=True, slots=True)
class Varied:
    """One individual under one variant.

    Args:
        individual_id, missing_id: the run's answer; None for nobody on the roster.
        parameter, value: what was changed.
        probability: of the run's answer.
        answer: the most probable answer.
        verdict: as it would be.
    """

    individual_id: str
    missing_id: str | None
    parameter: str
    value: str
    probability: float
    answer: str | None
    verdict: str


def sensitivity(
    found: Identification, dossier: Dossier, settings: Settings, progress: Progress = lambda *_: None
) -> tuple[Varied, ...]:
    """Judge every individual with a verdict again, under every variant; those unresolved are left out.

    Args:
        found: the answer of `identify`.
        dossier: the case.
        settings: of the run.
        progress: told of each variant.
    """
    scorer = scorer_of(found, dossier.in_order(), settings)
    judged = [one for one in found.individuals if one.verdict.word != "unresolved"]
    base = [_log_weights(scorer, one) for one in judged]
    rows: list[Varied] = []
    every = variants(dossier.in_order(), scorer, settings)
    for k, variant in enumerate(every):
        progress("sensitivity", k, len(every))
        rows += _under(variant, judged, base, found, settings)
    return tuple(sorted(rows, key=lambda row: row.individual_id))


def scorer_of(found: Identification, dossier: Dossier, settings: Settings) -> SpecimenScorer:
    """The scorer of a finished run: its evidence and its shares as learned; it has no items."""
    case = found.case
    trust = 0.0 if "provenance" in settings.without else settings.prior.label_trust
    decisions = Decisions.from_dossier(dossier, case)
    return SpecimenScorer(
        found.evidence,
        Provenance(dossier, case, trust=trust),
        Bones.from_dossier(dossier),
        Boxes.of(case, settings.prior.main_container),
        (),
        float(np.log(settings.prior.duplicate)),
        found.joint.prior,
        decisions.names,
        decisions.excluded,
    )


def _under(
    variant: Variant,
    judged: Sequence[Individual],
    base: Sequence[Floats],
    found: Identification,
    settings: Settings,
) -> list[Varied]:
    scorer = variant.scorer()
    rows = []
    for one, before in zip(judged, base, strict=True):
        names = reweighted(one.names, before, _log_weights(scorer, one))
        candidates = (
            tuple(candidates_of(scorer, one.specimens, one.exhibits, names, CANDIDATES_KEPT))
            if one.exhibits and len(names.men)
            else ()
        )
        verdict = judge(scorer, one.specimens, one.exhibits, names, candidates, settings.verdict)
        was, now = _answer(one.names), _answer(names)
        p = names.nobody if was is None else float(names.probability[names.men == was].sum())
        rows.append(
            Varied(
                one.individual_id,
                None if was is None else found.case.missing_ids[was],
                variant.parameter,
                variant.value,
                p,
                None if now is None else found.case.missing_ids[now],
                verdict.word,
            )
        )
    return rows


def _answer(names: Names) -> int | None:
    """The most probable answer: a missing person, or None for nobody on the roster."""
    return int(names.men[0]) if len(names.men) and names.probability[0] > names.nobody else None


def _log_weights(scorer: SpecimenScorer, one: Individual) -> Floats:
    """Shape (men, then open classes): log weight of an individual's answers, its bones held fixed."""
    men = one.names.men
    likelihood = scorer.evidence.likelihoods([one.exhibits], men)
    prior = scorer.provenance.log_prior(one.specimens)[men]
    named = likelihood.men[0] + prior + np.log(scorer.prior.roster)
    classes = scorer.class_weights(likelihood.populations, np.array([np.exp(prior).sum()]))[0]
    return np.concatenate(scorer.decided(one.specimens, men, named, classes))


def reweighted(names: Names, before: Floats, after: Floats) -> Names:
    """Answers with their log weights moved from *before* to *after*; the chance of an animal stays.

    Args:
        names: as found.
        before, after: shape (men, then open classes).

    >>> names = Names(np.array([7, 9]), np.array([0.9, 0.0]), np.array([0.0, 0.1, 0, 0, 0, 0]))
    >>> flat = np.array([0.0, -99.0, -99.0, 0.0, -99.0, -99.0, -99.0])
    >>> moved = reweighted(names, flat, flat + np.log([1, 1, 1, 9, 1, 1, 1]))
    >>> moved.men.tolist(), moved.probability.round(3).tolist(), round(moved.nobody, 3)
    ([7, 9], [0.5, 0.0], 0.5)
    """
    human = 1.0 - float(names.classes[-1])
    if not (np.isfinite(before) & np.isfinite(after)).any():
        return names
    alone = np.exp(before - np.logaddexp.reduce(before))
    held = np.maximum(np.concatenate([names.probability, names.classes[:-1]]), np.minimum(alone, FINER))
    possible = np.isfinite(before) & np.isfinite(after) & (held > 0)
    moved = np.full(len(before), -np.inf)
    moved[possible] = np.log(held[possible]) + after[possible] - before[possible]
    probability = human * np.exp(moved - np.logaddexp.reduce(moved))
    split = len(names.men)
    order = np.argsort(-probability[:split], kind="stable")
    return Names(names.men[order], probability[:split][order], np.append(probability[split:], names.classes[-1]))


@dataclass(frozen=True, slots=True)
class Robustness:
    """What the variants say of the names.

    Args:
        names: number of identifications.
        keep: of these, how many stay at the threshold in every variant.
        keep_verdict: of these, how many would be an identification of the same man in every variant.
        other_names: answers that some variant would make another man's identification.
        variants: number of variants.
        weakest: of each name, the variant with the lowest probability; the weakest first.
    """

    names: int
    keep: int
    keep_verdict: int
    other_names: int
    variants: int
    weakest: tuple[Varied, ...]


def robustness(rows: Sequence[Varied], named: Sequence[str], threshold: float) -> Robustness:
    """Summary of *rows* for the individuals in *named*."""
    of: dict[str, list[Varied]] = {one: [] for one in named}
    for row in rows:
        if row.individual_id in of:
            of[row.individual_id].append(row)
    least = {one: min(mine, key=lambda row: row.probability) for one, mine in of.items() if mine}
    stays = [all(r.verdict == "identification" and r.answer == r.missing_id for r in mine) for mine in of.values()]
    return Robustness(
        len(of),
        sum(row.probability >= threshold for row in least.values()),
        sum(stays),
        len({r.individual_id for r in rows if r.verdict == "identification" and r.answer != r.missing_id}),
        len({(row.parameter, row.value) for row in rows}),
        tuple(sorted(least.values(), key=lambda row: (row.probability, row.individual_id))),
    )
