"""Whether a bone is of the person whose DNA was in its tube.

A swapped extract most often is that of another bone of the same laboratory: it then matches somebody here as well as an
extract can. What the extract says of the *person* is right, what it says of the *bone* is not, and no DNA can tell.
Only the bone itself can: its measurements, its isotopes, its box, and that a person has no bone twice, beside the other
bones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cenotaph.evidence.line import Exhibits, Floats
from cenotaph.identification.scorer import SpecimenScorer

FOUND_TWICE = 0.2
"""Probability that somebody else's bone is one that the person has already; an assumption. His own is so only where the
record of one of the two is wrong."""


def bone_is_his(scorer: SpecimenScorer, persons: Sequence[Sequence[int]], settled: frozenset[int]) -> list[Floats]:
    """P(each bone is of the person whose extracts were taken as its own), for every person.

    With one extract, wrong with probability ε, and the bone's own ratio L of being of one person with the other bones
    (boxes included), ``(1 − ε) L / ((1 − ε) L + ε)``; several extracts of one bone are wrong together with ε to their
    number; 1 for a bone without a profile.

    Args:
        scorer: of the case.
        persons: specimens of each.
        settled: specimens of which an examiner has said whose they are.
    """
    evidence = scorer.evidence
    gains = _gains_of_bones(scorer, persons)
    result = []
    for specimens, gain in zip(persons, gains, strict=True):
        extracts = np.array([sum(evidence.seen[e] for e in evidence.case.samples_of[s]) for s in specimens])
        log_wrong = extracts * np.log(evidence.errors.sample)
        log_right = np.log1p(-np.exp(log_wrong), where=extracts > 0, out=np.zeros(len(extracts)))
        his = 1.0 / (1.0 + np.exp(log_wrong - log_right - gain))
        doubted = np.array([s not in settled for s in specimens]) & (extracts > 0)
        result.append(np.where(doubted, his, 1.0))
    return result


def _gains_of_bones(scorer: SpecimenScorer, persons: Sequence[Sequence[int]]) -> list[Floats]:
    """Log ratio of every bone, without its extracts, with the other bones of its person; 0 for a lone bone."""
    case, boxes = scorer.evidence.case, scorer.boxes
    own = {s: tuple(e for e in (case.bone(s),) if scorer.evidence.seen[e]) for one in persons for s in one}
    whole: list[Exhibits] = [tuple(sorted(e for s in one for e in own[s])) for one in persons]
    rest = {(k, s): tuple(e for e in whole[k] if e not in own[s]) for k, one in enumerate(persons) for s in one}
    wanted = sorted({*whole, *rest.values(), *own.values()})
    found = scorer.evidence.plain(wanted, np.array([], dtype=np.int64)).populations
    density = dict(zip(wanted, np.logaddexp.reduce(found + np.log(scorer.evidence.nobody), axis=1), strict=True))
    log_error = np.log(scorer.evidence.errors.bone)
    result = []
    for k, one in enumerate(persons):
        together = boxes.log_together(one)
        twice = {s for pair in scorer.bones.duplicated(one) for s in pair}
        gain = np.zeros(len(one))
        for at, s in enumerate(one):
            if len(one) > 1:
                others = tuple(x for x in one if x != s)
                of_bone = density[whole[k]] - density[rest[k, s]] - density[own[s]] if own[s] and rest[k, s] else 0.0
                # The bone's own record may be another bone's, so that its word against the extract is bounded.
                bounded = float(np.logaddexp(of_bone, log_error)) if of_bone < 0 else of_bone
                own_twice = log_error - np.log(FOUND_TWICE) if s in twice else 0.0
                gain[at] = bounded + own_twice + together - boxes.log_together(others)
        result.append(gain)
    return result
