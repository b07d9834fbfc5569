"""From a dossier to names: lines → certain merges → joint posterior → individuals → verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cenotaph.dossier.bone_tables import load_skeleton
from cenotaph.dossier.bones import counted_specimens
from cenotaph.evidence.case import Case
from cenotaph.evidence.combine import Evidence
from cenotaph.evidence.line import FOREIGN, Exhibits, Line, States
from cenotaph.evidence.provenance import Provenance
from cenotaph.evidence.registry import build_lines
from cenotaph.identification.bones import Bones, Boxes, concentration
from cenotaph.identification.decisions import Decisions
from cenotaph.identification.grouping import Names
from cenotaph.identification.joint import Joint, Person, solve_jointly
from cenotaph.identification.merging import join, merge_certain
from cenotaph.identification.numbers import People, number_of_people
from cenotaph.identification.scorer import CLASSES, Item, Prior, SpecimenScorer
from cenotaph.identification.settings import Settings
from cenotaph.identification.verdicts import Candidate, Verdict, candidates_of, judge
from cenotaph.osteology.minimum_number import minimum_number
from cenotaph.provenance import Run
from cenotaph.resolution.budget import Budget

if TYPE_CHECKING:
    from cenotaph.dossier.read import Dossier

Progress = Callable[[str, int, int], None]
CANDIDATES_KEPT = 10


@dataclass(frozen=True, slots=True)
class Individual:
    """One person as found among the remains.

    Args:
        individual_id: from the anchor's specimen.
        specimens: the anchor's first.
        same: P(one person with the anchor) of each specimen.
        exhibits: what speaks for them.
        names: possible answers.
        candidates: the best ten, taken apart.
        verdict: what is proposed.
    """

    individual_id: str
    specimens: tuple[int, ...]
    same: tuple[float, ...]
    exhibits: tuple[int, ...]
    names: Names
    candidates: tuple[Candidate, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer for a dossier.

    Args:
        case: people, bones, samples.
        evidence: lines used.
        individuals: ordered by anchor.
        joint: probabilities of everything, before verdicts.
        people: how many the bones are of.
        run: provenance of all numbers.
    """

    case: Case
    evidence: Evidence
    individuals: tuple[Individual, ...]
    joint: Joint
    people: People
    run: Run


def identify(
    dossier: Dossier,
    settings: Settings,
    run: Run,
    progress: Progress = lambda *_: None,
    budget: Budget | None = None,
) -> Identification:
    """Identify the remains of a dossier that has passed its check.

    Args:
        dossier: the case.
        settings: every parameter.
        run: timings, warnings and table versions are added to it.
        progress: told (step, done, of how many).
        budget: once spent, what is still to be sampled is sampled briefly, with a warning.
    """
    budget = budget or Budget()
    dossier = dossier.in_order()
    case = Case.from_dossier(dossier)
    with run.timed("lines"):
        progress("lines of evidence", 0, 1)
        states = States.of(case)
        lines = build_lines(dossier, case, states, settings.lines, settings.without, run)
        evidence = Evidence(case, states, lines, settings.errors, _nobody_weights(case, settings))
    bones = Bones.from_dossier(dossier)
    decisions = Decisions.from_dossier(dossier, case)
    with run.timed("certain merges"):
        progress("certain merges", 0, 1)
        items = _items(evidence, dossier, decisions)
        items = merge_certain(evidence, items, decisions.separate, settings.merge_log10)
    skeleton = load_skeleton()
    counted = counted_specimens(dossier).specimens
    least = minimum_number(counted, in_one_person=skeleton.copies, midline=skeleton.midline).number
    centres = [item for item in items if _is_centre(item, lines)]
    scorer = _scorer(dossier, evidence, bones, centres, decisions, least, settings)
    with run.timed("resolution"):
        joint = solve_jointly(
            scorer,
            items,
            decisions.separate,
            decisions.settled,
            lambda others: _animal_prior(case, bones, others, settings.prior.animal),
            settings,
            budget,
            progress,
        )
    if budget.is_spent():
        run.warnings.append("stopped before its time: sampled probabilities rest on few draws (see effective_samples)")
    with run.timed("verdicts"):
        individuals = _individuals(scorer, joint.persons, settings, progress)
    return Identification(case, evidence, individuals, joint, number_of_people(joint, least), run)


def _nobody_weights(case: Case, settings: Settings) -> np.ndarray:
    """Populations of somebody of unknown origin, before any evidence."""
    shares = settings.prior.origins
    roster = settings.prior.roster_alpha / (settings.prior.roster_alpha + settings.prior.roster_beta)
    own = case.population_share * (roster + (1 - roster) * shares["unlisted"])
    weights = np.concatenate([own, [(1 - roster) * shares[name] for name in FOREIGN]])
    return weights / weights.sum()


def _items(evidence: Evidence, dossier: Dossier, decisions: Decisions) -> list[Item]:
    """Specimens, joined by certain refits and by what examiners have linked."""
    case = evidence.case
    index = {s: i for i, s in enumerate(case.specimen_ids)}
    table = dossier.table("associations").select("specimen_a", "specimen_b", "kind", "grade")
    refits = [
        (index[a], index[b])
        for a, b, kind, grade in table.iter_rows()
        if kind == "refit" and grade == "certain" and a in index and b in index
    ]
    linked = [pair for pair in refits if frozenset(pair) not in decisions.separate] + list(decisions.linked)
    return [Item(group, evidence.exhibits_of(group)) for group in join(len(case.specimen_ids), linked)]


def _is_centre(item: Item, lines: Sequence[Line]) -> bool:
    """Whether a profile of the item can tell people apart."""
    return any(line.seen[list(item.exhibits)].any() for line in lines if line.group == "autosomal")


def _scorer(
    dossier: Dossier,
    evidence: Evidence,
    bones: Bones,
    centres: Sequence[Item],
    decisions: Decisions,
    least: int,
    settings: Settings,
) -> SpecimenScorer:
    case, prior = evidence.case, settings.prior
    expected = max(least * prior.individuals_per_minimum, 2.0)
    log_alpha = float(np.log(concentration(expected, len(case.specimen_ids))))
    return SpecimenScorer(
        evidence,
        Provenance(dossier, case, trust=0.0 if "provenance" in settings.without else prior.label_trust),
        bones,
        Boxes.of(case, _main_container(case, centres, prior.main_container)),
        centres,
        float(np.log(prior.duplicate)),
        Prior(
            prior.roster_alpha / (prior.roster_alpha + prior.roster_beta),
            np.array([prior.origins[name] for name in CLASSES[1:]]),
            log_alpha,
        ),
        decisions.names,
        decisions.excluded,
    )


def _main_container(case: Case, items: Sequence[Item], prior: float) -> float:
    """λ from certain merges: two bones of one man share a box with probability λ²; the prior counts as 20 pairs."""
    together = apart = 0
    for item in items:
        boxes = [int(case.container_of[s]) for s in item.specimens if case.container_of[s] >= 0]
        for k, a in enumerate(boxes):
            for b in boxes[k + 1 :]:
                together, apart = together + (a == b), apart + (a != b)
    return float(np.sqrt((together + 20 * prior**2) / (together + apart + 20)))


def _animal_prior(case: Case, bones: Bones, others: Sequence[Item], share: float) -> np.ndarray:
    """P(animal) of items without a human profile: only bones whose element was not recognised can be."""
    unknown = np.array(
        [
            all(bones.element[s] == "unknown" for s in item.specimens) and not any(map(case.is_sample, item.exhibits))
            for item in others
        ]
    )
    total = share * len(bones.element)
    p = min(total / unknown.sum(), 0.9) if unknown.any() else 0.0
    return np.where(unknown, p, 0.0)


def _individuals(
    scorer: SpecimenScorer, persons: Sequence[Person], settings: Settings, progress: Progress
) -> tuple[Individual, ...]:
    """Every person with candidates taken apart and a verdict."""
    exhibits = [scorer.evidence.exhibits_of(one.specimens) for one in persons]
    _judge_at_once(scorer, exhibits)
    individuals = []
    for k, (one, seen) in enumerate(zip(persons, exhibits, strict=True)):
        progress("verdicts", k, len(persons))
        individuals.append(_individual(scorer, one, seen, settings))
    return tuple(sorted(individuals, key=lambda i: i.individual_id))


def _judge_at_once(scorer: SpecimenScorer, sets: Sequence[tuple[int, ...]]) -> None:
    """Let the lines see all sets, and all sets without one exhibit, in one call: they remember what they judged."""
    variants = {s for exhibits in sets for s in (exhibits, *(tuple(x for x in exhibits if x != e) for e in exhibits))}
    for line in scorer.evidence.lines:
        scorer.evidence.scores_of(line, sorted(variants), np.array([], dtype=np.int64))


def _individual(scorer: SpecimenScorer, one: Person, exhibits: Exhibits, settings: Settings) -> Individual:
    names = one.names
    candidates: tuple[Candidate, ...] = ()
    if exhibits and len(names.men):
        candidates = tuple(candidates_of(scorer, one.specimens, exhibits, names, CANDIDATES_KEPT))
    verdict = judge(scorer, one.specimens, exhibits, names, candidates, settings.verdict)
    individual_id = f"I-{scorer.evidence.case.specimen_ids[one.specimens[0]]}"
    return Individual(individual_id, one.specimens, one.same, exhibits, names, candidates, verdict)
