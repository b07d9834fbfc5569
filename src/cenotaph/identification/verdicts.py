"""Verdicts that a laboratory can defend: each rule is one function, each failure a reason in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import Exhibits, Floats, Ints
from cenotaph.identification.grouping import Names
from cenotaph.identification.scorer import SpecimenScorer
from cenotaph.identification.settings import VerdictSettings
from cenotaph.units import LN10


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible name of an individual, taken apart.

    Args:
        man: the missing person.
        probability: posterior.
        lines: log10 LR of each line against his own population.
        provenance: log10 of his prior share against an even roster.
        origin: log10 of his population against the mixture of nobody on the roster.
        errors: what the errors shared by several lines take away or give, log10.
    """

    man: int
    probability: float
    lines: Mapping[str, float]
    provenance: float
    origin: float
    errors: float

    @property
    def total(self) -> float:
        """log10 LR against nobody on the roster; the columns add up to it."""
        return sum(self.lines.values()) + self.provenance + self.origin + self.errors


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the program proposes for one individual.

    Args:
        word: identification, shortlist, unlisted or unresolved.
        supporting: groups of lines with log10 LR over the threshold.
        conflicts: what disagrees, in words.
        reason: why this word, in words.
    """

    word: str
    supporting: tuple[str, ...]
    conflicts: tuple[str, ...]
    reason: str


def candidates_of(
    scorer: SpecimenScorer, specimens: Sequence[int], exhibits: Exhibits, names: Names, most: int
) -> list[Candidate]:
    """The *most* probable names of an individual with every line's part in it."""
    evidence = scorer.evidence
    men = names.men[:most]
    positions, starts = evidence.states_of(men)
    log_state = evidence.log_state[positions]
    mixed = evidence.likelihoods([exhibits], men)
    own = evidence.own_population[men]
    alone: dict[str, Floats] = {}
    own_total = np.zeros(len(men))
    for line in evidence.lines:
        scores, raw = evidence.line_scores(line, [exhibits], positions)
        of_population = raw.populations[0]
        man_loglik = np.logaddexp.reduceat(scores[0] + log_state, starts) if len(men) else np.zeros(0)
        alone[line.name] = (man_loglik - of_population[own]) / LN10
        own_total += of_population[own]
    nobody = _nobody_loglik(scorer, mixed.populations)
    prior = scorer.provenance.log_prior(specimens)[men] + np.log(len(scorer.evidence.case.missing_ids))
    total = (mixed.men[0] + prior - nobody) / LN10
    result = []
    for k, man in enumerate(men):
        lines = {name: float(values[k]) for name, values in alone.items()}
        origin = float((mixed.populations[0, own[k]] - nobody) / LN10)
        provenance = float(prior[k] / LN10)
        errors = float(total[k]) - sum(lines.values()) - origin - provenance
        result.append(Candidate(int(man), float(names.probability[k]), lines, provenance, origin, errors))
    return result


def _nobody_loglik(scorer: SpecimenScorer, populations: Floats) -> float:
    """log p(e | nobody on the roster), origins mixed."""
    classes = scorer.class_weights(populations, np.array([1.0]))[0][1:] - np.log1p(-scorer.prior.roster)
    return float(np.logaddexp.reduce(classes))


def judge(
    scorer: SpecimenScorer,
    specimens: Sequence[int],
    exhibits: Exhibits,
    names: Names,
    candidates: Sequence[Candidate],
    rules: VerdictSettings,
) -> Verdict:
    """Apply the rules of the contract to one individual; bones that one person cannot have both are a conflict."""
    proposed = _proposed(scorer, specimens, exhibits, names, candidates, rules)
    ids, element = scorer.evidence.case.specimen_ids, scorer.bones.element
    twice = (f"one person cannot have both {ids[a]} and {ids[b]} ({element[a]})"
             for a, b in scorer.bones.duplicated(specimens))  # fmt: skip
    return replace(proposed, conflicts=(*proposed.conflicts, *twice))


def _proposed(
    scorer: SpecimenScorer,
    specimens: Sequence[int],
    exhibits: Exhibits,
    names: Names,
    candidates: Sequence[Candidate],
    rules: VerdictSettings,
) -> Verdict:
    evidence = scorer.evidence
    case = evidence.case
    groups = {line.name: line.group for line in evidence.lines}
    best = candidates[0] if candidates else None
    supporting: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    failures: list[str] = []
    if best is not None:
        by_group: dict[str, float] = {}
        for name, value in best.lines.items():
            by_group[groups[name]] = by_group.get(groups[name], 0.0) + value
        supporting = tuple(sorted(g for g, v in by_group.items() if v >= rules.support_log10))
        against = {**best.lines, **by_group}
        conflicts = tuple(f"{n} {v:+.1f}" for n, v in sorted(against.items()) if v <= rules.against_log10)
        failures = _failures(scorer, specimens, exhibits, names, best, supporting, conflicts, groups, rules)
        if not failures:
            return Verdict("identification", supporting, conflicts, _strength(best, supporting))
    nobody = names.nobody
    if nobody >= rules.unlisted:
        return Verdict("unlisted", (), (), f"nobody on the roster with probability {nobody:.4f}")
    held = float(names.probability[:10].sum())
    if best is not None and held >= rules.shortlist:
        return Verdict("shortlist", supporting, conflicts, "; ".join([*_brothers(scorer, candidates), *failures]))
    sampled = any(map(case.is_sample, exhibits))
    helpful = "a fuller profile or another relative" if sampled else "a sample of this bone"
    reason = f"no answer reaches its threshold: nobody on the roster {nobody:.2f}"
    if best is not None:
        reason += f", best name {case.missing_ids[best.man]} {best.probability:.2f}"
    return Verdict("unresolved", supporting, conflicts, f"{reason}; what would help: {helpful}")


def _strength(best: Candidate, supporting: tuple[str, ...]) -> str:
    return f"log10 LR {best.total:.1f} by {', '.join(supporting)}; stable without any one sample, line or donor"


def _failures(
    scorer: SpecimenScorer,
    specimens: Sequence[int],
    exhibits: Exhibits,
    names: Names,
    best: Candidate,
    supporting: tuple[str, ...],
    conflicts: tuple[str, ...],
    groups: Mapping[str, str],
    rules: VerdictSettings,
) -> list[str]:
    """Why the best name is not an identification, cheap rules first; empty where it is."""
    failures: list[str] = []
    if best.probability < rules.identification:
        failures.append(f"probability {best.probability:.4f} is below {rules.identification}")
    if len(supporting) < rules.groups:
        failures.append(f"support from {', '.join(supporting) or 'no group'} alone")
    if conflicts:
        failures.append(f"against it: {', '.join(conflicts)}")
    extracts = extracts_behind(scorer.evidence, exhibits, supporting)
    if extracts < rules.extracts and all(g in DNA_GROUPS for g in supporting):
        failures.append("all support rests on one extract" if extracts else "no extract supports it")
    if failures:
        return failures
    return stability_failures(scorer, specimens, exhibits, names, best.man, rules)


LEAST_KINSMAN = 0.01
"""Probability from which a man's kinsman on the roster is named beside him."""
DNA_GROUPS = frozenset({"autosomal", "mtdna", "ystr"})


def extracts_behind(evidence: Evidence, exhibits: Exhibits, supporting: Sequence[str]) -> int:
    """Number of extracts on which the supporting DNA groups rest together."""
    lines = [line for line in evidence.lines if line.group in supporting and line.group in DNA_GROUPS]
    return len({e for line in lines for e in exhibits if line.seen[e]})


def stability_failures(
    scorer: SpecimenScorer,
    specimens: Sequence[int],
    exhibits: Exhibits,
    names: Names,
    man: int,
    rules: VerdictSettings,
) -> list[str]:
    """What would change the answer if one bone sample, one line or one donor were not there."""
    evidence, case = scorer.evidence, scorer.evidence.case
    rivals = names.men
    where = int(np.flatnonzero(rivals == man)[0])
    failures = []
    samples = [e for e in exhibits if case.is_sample(e)]
    variants = [tuple(e for e in exhibits if e != one) for one in samples]
    for one, left in zip(samples, posteriors(scorer, specimens, variants, rivals), strict=True):
        others = np.delete(left.men, where)
        if left.men[where] < rules.without_sample or others.max(initial=0.0) > rules.rival:
            failures.append(f"without sample {case.sample_ids[one]} the name has probability {left.men[where]:.2f}")
    for line in evidence.lines:
        left = posteriors(scorer, specimens, [exhibits], rivals, without=frozenset({line.name}))[0]
        if left.contradicts(where, rules):
            failures.append(f"without {line.name} another answer is likelier")
    family = int(case.family_of[man])
    kinsmen = [int(m) for m in rivals if case.family_of[m] == family]
    for donor in case.families[family].donors if family >= 0 else ():
        # He is not there for any of the family: a brother must not keep the sister whom this man has lost.
        left = posteriors(scorer, specimens, [exhibits], rivals, wrong=dict.fromkeys(kinsmen, donor))[0]
        if left.contradicts(where, rules):
            failures.append(f"without donor {case.families[family].ids[donor]} another answer is likelier")
    return failures


@dataclass(frozen=True, slots=True)
class Remaining:
    """What the evidence that is left says.

    Args:
        men: shape (men,), posterior of the men asked for.
        nobody: posterior of nobody on the roster, and of men on it whom nothing points at.
        log10_support: shape (men,), log10 LR of all evidence left for each man against nobody.
    """

    men: Floats
    nobody: float
    log10_support: Floats

    def contradicts(self, where: int, rules: VerdictSettings) -> bool:
        """Whether another man is likelier than not, or nobody is and the evidence left speaks against this man.

        Nobody is likelier than not under most evidence, because the roster is long; evidence that is for the man, or
        too weak to say anything, cannot contradict him.
        """
        others = np.delete(self.men, where)
        against = -float(self.log10_support[where])
        nobody = self.nobody > rules.without_line and against >= rules.weak_log10
        return bool(others.max(initial=0.0) > rules.without_line) or nobody


def posteriors(
    scorer: SpecimenScorer,
    specimens: Sequence[int],
    variants: Sequence[Exhibits],
    men: Ints,
    *,
    without: frozenset[str] = frozenset(),
    wrong: Mapping[int, int] | None = None,
) -> list[Remaining]:
    """Posterior of an individual under variants of its evidence, its grouping held fixed.

    Args:
        scorer: prior and lines.
        specimens: the individual's bones, for provenance.
        variants: sets of exhibits.
        men: the names that compete.
        without: lines left out.
        wrong: missing person → donor whose samples are not used.
    """
    if not variants:
        return []
    likelihood = scorer.evidence.likelihoods(list(variants), men, without=without, wrong=wrong)
    prior = scorer.provenance.log_prior(specimens)[men]
    named = likelihood.men + prior + np.log(scorer.prior.roster)
    classes = scorer.class_weights(likelihood.populations, np.full(len(variants), float(np.exp(prior).sum())))
    result = []
    for k in range(len(variants)):
        total = logsumexp(np.concatenate([named[k], classes[k]]))
        nobody_loglik = _nobody_loglik(scorer, likelihood.populations[k : k + 1])
        result.append(
            Remaining(
                np.exp(named[k] - total),
                float(np.exp(logsumexp(classes[k]) - total)),
                (likelihood.men[k] - nobody_loglik) / LN10,
            )
        )
    return result


def _brothers(scorer: SpecimenScorer, candidates: Sequence[Candidate]) -> list[str]:
    """Say so where others of the best one's family may as well be meant."""
    case = scorer.evidence.case
    if not candidates or case.family_of[candidates[0].man] < 0:
        return []
    family = case.family_of[candidates[0].man]
    best, *others = (c for c in candidates if case.family_of[c.man] == family)
    kin = [best.man, *(c.man for c in others if c.probability > LEAST_KINSMAN)]
    if len(kin) == 1:
        return []
    return [f"one of {len(kin)} of one family: {', '.join(case.missing_ids[man] for man in kin)}"]
