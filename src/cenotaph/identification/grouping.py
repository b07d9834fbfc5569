"""Centres, the items that tell people apart, are solved jointly: groups, and names of groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from cenotaph.evidence.line import Floats, Ints
from cenotaph.identification.merging import total_link
from cenotaph.identification.scorer import CLASSES, Prior, SpecimenScorer
from cenotaph.identification.settings import PriorSettings
from cenotaph.resolution.budget import Budget
from cenotaph.resolution.problem import Problem, SetScores
from cenotaph.resolution.solve import Answer, solve

Progress = Callable[[str, int, int], None]
LEAST_PAIR = 0.01
LEAST_NAME = 1e-7
LEAST_RIVAL = 1e-3
LEAST_LINK = 1e-6
ALL_CLASSES = (*CLASSES, "animal")


@dataclass(frozen=True, slots=True)
class Names:
    """Possible answers for one item.

    Args:
        men: missing persons, best first.
        probability: of each.
        classes: shape (`ALL_CLASSES`,).
    """

    men: Ints
    probability: Floats
    classes: Floats

    @property
    def nobody(self) -> float:
        """P(nobody on the roster)."""
        return float(self.classes[1:].sum())


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the most probable grouping.

    Args:
        items: members, the anchor first.
        same: P(same person as the anchor) of each.
    """

    items: tuple[int, ...]
    same: tuple[float, ...]


def solve_centres(
    scorer: SpecimenScorer,
    separate: set[frozenset[int]],
    probability: Floats,
    *,
    candidates_per_item: int,
    seed: int,
    budget: Budget,
    progress: Progress,
) -> Answer:
    """Joint posterior of the scorer's items.

    Args:
        scorer: its items are the centres.
        separate: pairs of specimens that an examiner has kept apart.
        probability: shape (items, men), of each centre by itself.
        candidates_per_item: names kept for each centre.
        seed: for sampled components.
        budget: see `solve`.
        progress: told of each step.
    """
    kept = [_best(p, candidates_per_item) for p in probability]
    links = _links(scorer, separate)
    problem = Problem(len(kept), probability.shape[1], CLASSES, scorer, links, kept, _blocks(scorer))
    return solve(
        problem,
        _rivalry(probability),
        seed=seed,
        budget=budget,
        progress=lambda done, all_: progress("groups and names", done, all_),
    )


def names_alone(scorer: SpecimenScorer) -> Floats:
    """Shape (items, men): P(he is this man) of every centre by itself, among all missing persons."""
    everyone = np.arange(len(scorer.evidence.case.missing_ids))
    if not scorer.items:
        return np.zeros((0, len(everyone)))
    alone = scorer.score([(i,) for i in range(len(scorer.items))], everyone)
    return _normalised(alone)


def names_alone_again(scorer: SpecimenScorer, before: Floats, grown: Sequence[int], most: int) -> Floats:
    """As `names_alone` where some centres have grown: only these are asked, and only about those who matter.

    These are the likeliest of before, and the likeliest now if nothing is wrong with any exhibit.

    Args:
        before: shape (items, men), of the same centres before they grew.
        grown: which have.
        most: names of each kind kept for a centre.
    """
    if not grown:
        return before
    result = before.copy()
    result[list(grown)] = 0.0
    plain = scorer.evidence.plain([scorer.items[i].exhibits for i in grown], np.arange(before.shape[1])).men
    for row, i in enumerate(grown):
        now = plain[row] + scorer.provenance.log_prior(scorer.items[i].specimens)
        men = np.union1d(_best(before[i], most), np.argsort(-now, kind="stable")[:most])
        result[i, men] = _normalised(scorer.score([(i,)], men))[0]
    return result


def _normalised(scores: SetScores) -> Floats:
    total = np.logaddexp(
        np.logaddexp.reduce(scores.candidates, axis=1, initial=-np.inf), np.logaddexp.reduce(scores.classes, axis=1)
    )
    probability: Floats = np.exp(scores.candidates - total[:, None])
    return probability


def _best(p: Floats, most: int) -> Ints:
    order = np.argsort(-p, kind="stable")[:most]
    chosen: Ints = np.sort(order[p[order] > LEAST_NAME])
    return chosen


def _links(scorer: SpecimenScorer, separate: set[frozenset[int]]) -> Floats:
    """Log odds that two centres are one person, as far as the pair alone can tell."""
    items = scorer.items
    sets = [item.exhibits for item in items]
    links = total_link(scorer.evidence, sets, sets)
    links = np.minimum(links, links.T)
    sizes = np.array([len(item.specimens) for item in items])
    links += gammaln(sizes[:, None] + sizes[None, :]) - gammaln(sizes)[:, None] - gammaln(sizes)[None, :]
    links -= scorer.prior.log_alpha
    near = np.argwhere(np.triu(links > -20.0, 1))
    for a, b in near:
        both = (*items[a].specimens, *items[b].specimens)
        gain = scorer.boxes.log_together(both) - sum(scorer.boxes.log_together(items[k].specimens) for k in (a, b))
        links[a, b] = links[b, a] = links[a, b] + gain + scorer.bones.duplicates(both) * scorer.log_duplicate
    for a, item in enumerate(items):
        for b in range(a + 1, len(items)):
            if any(frozenset((s, t)) in separate for s in item.specimens for t in items[b].specimens):
                links[a, b] = links[b, a] = -np.inf
    # Pairs that nothing could bring together are not tried: each loses at most this much probability.
    links[links < np.log(LEAST_LINK)] = -np.inf
    return links


def _blocks(scorer: SpecimenScorer) -> list[tuple[int, ...]]:
    """Missing persons of one family, where it misses more than one."""
    case = scorer.evidence.case
    by_family: dict[int, list[int]] = defaultdict(list)
    for man, family in enumerate(case.family_of):
        if family >= 0:
            by_family[int(family)].append(man)
    return [tuple(men) for men in by_family.values() if len(men) > 1]


def _rivalry(probability: Floats) -> list[tuple[int, int, float]]:
    """Pairs of items that want the same man, each by itself."""
    strongest: dict[tuple[int, int], float] = {}
    for man in np.flatnonzero((probability > LEAST_RIVAL).sum(axis=0) > 1):
        wanting = np.flatnonzero(probability[:, man] > LEAST_RIVAL)
        for x, a in enumerate(wanting):
            for b in wanting[x + 1 :]:
                p = float(probability[a, man] * probability[b, man])
                strongest[int(a), int(b)] = max(p, strongest.get((int(a), int(b)), 0.0))
    return [(a, b, p) for (a, b), p in sorted(strongest.items())]


def learned(prior: Prior, answer: Answer, settings: PriorSettings) -> Prior:
    """Posterior means of the shares of origins, each group of the best grouping counting as one individual."""
    named = 0.0
    classes = np.zeros(len(CLASSES))
    for solution in answer.solutions:
        for members, _ in solution.groups:
            named += float(solution.item_candidate[members[0]].sum())
            classes += solution.item_class[members[0]]
    on, off = named + classes[0], classes[1:]
    roster = (settings.roster_alpha + on) / (settings.roster_alpha + settings.roster_beta + on + off.sum())
    origins = np.array([settings.origins[name] for name in CLASSES[1:]]) * settings.origin_count + off
    return replace(prior, roster=float(roster), origins=origins / origins.sum())


def groups_of(answer: Answer, join: float) -> tuple[Group, ...]:
    """Groups of the best grouping, cut back to what is of the anchor's person with probability *join*.

    The anchor is the member that the others belong to most surely.
    """
    groups: list[Group] = []
    for component, solution in zip(answer.cut.components, answer.solutions, strict=True):
        for members, _ in solution.groups:
            rest = list(members)
            while rest:
                within = solution.same[np.ix_(rest, rest)]
                # Rounded: of members that belong together as surely, the first, whatever the last digit of a sum is.
                anchor = rest[int(within.sum(axis=1).round(6).argmax())]
                together = [anchor, *(k for k in rest if k != anchor and solution.same[anchor, k] >= join)]
                groups.append(
                    Group(
                        tuple(int(component.items[k]) for k in together),
                        tuple(float(solution.same[anchor, k]) for k in together),
                    )
                )
                rest = [k for k in rest if k not in together]
    return tuple(groups)


def names_of(answer: Answer, items: int) -> list[Names]:
    """Possible answers of every centre."""
    found: list[Names | None] = [None] * items
    for component, solution in zip(answer.cut.components, answer.solutions, strict=True):
        for k, item in enumerate(component.items):
            p = solution.item_candidate[k]
            order = np.argsort(-p, kind="stable")
            found[int(item)] = Names(component.candidates[order], p[order], np.append(solution.item_class[k], 0.0))
    return [names for names in found if names is not None]


def pairs_of(answer: Answer) -> list[tuple[int, int, float]]:
    """Pairs of centres with their probability of being one person."""
    result = []
    for component, solution in zip(answer.cut.components, answer.solutions, strict=True):
        for a, b in np.argwhere(np.triu(solution.same, 1) >= LEAST_PAIR):
            result.append((int(component.items[a]), int(component.items[b]), float(solution.same[a, b])))
    return result
