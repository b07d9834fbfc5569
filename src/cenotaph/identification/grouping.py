"""From items to posteriors: centres are solved jointly, then what cannot be a centre is placed around them.

A *centre* is an item with a profile that tells people apart (autosomal DNA). All others are placed one by one, given
the groups of centres: into one of these, or as an individual of its own. That leaves out what two such items tell of
each other; the result says how many were placed this way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from cenotaph.evidence.line import Floats, Ints
from cenotaph.identification.merging import total_link
from cenotaph.identification.scorer import CLASSES, Item, Prior, SpecimenScorer
from cenotaph.identification.settings import PriorSettings
from cenotaph.resolution.problem import Problem
from cenotaph.resolution.solve import Answer, solve

Progress = Callable[[str, int, int], None]
PRIOR_ROUNDS = 2
CHUNK = 256
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


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of every item (centres first, then the others).

    Args:
        names: per item.
        groups: every item is in exactly one.
        pairs: (item, item, P(one person)) over `LEAST_PAIR`.
        prior: shares as learned.
        answer: what resolution found for the centres; None where there are none.
        expected_individuals: expected number of individuals.
    """

    names: tuple[Names, ...]
    groups: tuple[Group, ...]
    pairs: tuple[tuple[int, int, float], ...]
    prior: Prior
    answer: Answer | None
    expected_individuals: float


def solve_centres(
    scorer: SpecimenScorer,
    separate: set[frozenset[int]],
    settings: PriorSettings,
    *,
    candidates_per_item: int,
    seed: int,
    progress: Progress,
) -> Answer:
    """Joint posterior of the scorer's items; `scorer.prior` is replaced by what was learned.

    Args:
        scorer: its items are the centres.
        separate: pairs of specimens that an examiner has kept apart.
        settings: of the prior.
        candidates_per_item: names kept for each centre.
        seed: for sampled components.
        progress: told of each step.
    """
    everyone = np.arange(len(scorer.evidence.case.missing_ids))
    singles = [(i,) for i in range(len(scorer.items))]
    alone = scorer.score(singles, everyone)
    total = np.logaddexp(
        np.logaddexp.reduce(alone.candidates, axis=1, initial=-np.inf), np.logaddexp.reduce(alone.classes, axis=1)
    )
    probability = np.exp(alone.candidates - total[:, None])
    kept = [_best(p, candidates_per_item) for p in probability]
    links = _links(scorer, separate)
    problem = Problem(len(singles), len(everyone), CLASSES, scorer, links, kept, _blocks(scorer))
    rivalry = _rivalry(probability)
    for last in range(PRIOR_ROUNDS):
        step = f"resolution, round {last + 1} of {PRIOR_ROUNDS}"
        answer = solve(problem, rivalry, seed=seed, progress=lambda done, all_, s=step: progress(s, done, all_))
        if last + 1 < PRIOR_ROUNDS:
            scorer.prior = _learned(scorer.prior, answer, settings)
    return answer


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


def _blocks(scorer: SpecimenScorer) -> list[tuple[int, int]]:
    """Pairs of missing persons of one family."""
    case = scorer.evidence.case
    by_family: dict[int, list[int]] = defaultdict(list)
    for man, family in enumerate(case.family_of):
        if family >= 0:
            by_family[int(family)].append(man)
    return [(men[0], men[1]) for men in by_family.values() if len(men) == 2]


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


def _learned(prior: Prior, answer: Answer, settings: PriorSettings) -> Prior:
    """Posterior means of the shares, each group of the best grouping counting as one individual."""
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
                anchor = rest[int(within.sum(axis=1).argmax())]
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


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one item belongs, given the groups.

    Args:
        join: shape (groups,), P(it is of the group's person).
        new: P(it is of nobody among the groups).
        names: its possible answers.
    """

    join: Floats
    new: float
    names: Names


def place(
    scorer: SpecimenScorer,
    groups: Sequence[Group],
    names: Sequence[Names],
    others: Sequence[Item],
    animal: Floats,
    separate: set[frozenset[int]],
    progress: Progress,
) -> list[Placement]:
    """Place each of *others* around the groups of centres, one by one.

    It is of a group's person with the group's share of the bones times what the lines say of the pair, of boxes and
    duplicates; or of nobody among them, under every man not taken and every origin. What share of the bones is of
    nobody among the groups is learned from those that have a profile.

    Args:
        scorer: its items are the centres.
        groups, names: from the centres.
        others: items to place.
        animal: shape (others,), prior probability that the item is animal.
        separate: pairs of specimens that an examiner has kept apart.
        progress: told of each chunk.
    """
    men = len(scorer.evidence.case.missing_ids)
    group_specimens = [scorer.specimens(g.items) for g in groups]
    link = scorer.evidence.link([o.exhibits for o in others], [scorer.exhibits(g.items) for g in groups])
    structure = _Surroundings(scorer, group_specimens)
    label = np.zeros((len(groups), men))
    group_class = np.zeros((len(groups), len(ALL_CLASSES)))
    for g, group in enumerate(groups):
        anchor = names[group.items[0]]
        label[g, anchor.men] = anchor.probability
        group_class[g] = anchor.classes
    free = np.clip(1.0 - label.sum(axis=0), 0.0, 1.0)
    log_join = np.full((len(others), len(groups)), -np.inf)
    alone: list[_Alone] = []
    for start in range(0, len(others), CHUNK):
        progress("placing other bones", start, len(others))
        chunk = others[start : start + CHUNK]
        likelihoods = scorer.evidence.likelihoods([o.exhibits for o in chunk], np.arange(men))
        for k, item in enumerate(chunk):
            alone.append(_alone(scorer, item, likelihoods.men[k], likelihoods.populations[k], free))
            if groups:
                log_join[start + k] = link[start + k] + structure.log_share(item.specimens)
            for g, specimens in enumerate(group_specimens if separate else ()):
                if any(frozenset((s, t)) in separate for s in item.specimens for t in specimens):
                    log_join[start + k, g] = -np.inf
    log_new = np.array([a.log_weight for a in alone])
    case = scorer.evidence.case
    informative = np.array([any(map(case.is_sample, o.exhibits)) for o in others], dtype=np.bool_)
    new = share_of_strangers(np.logaddexp.reduce(log_join, axis=1, initial=-np.inf), log_new, informative)
    result = []
    for k, one in enumerate(alone):
        weights = np.append(log_join[k] + np.log1p(-new), log_new[k] + np.log(new))
        human = np.exp(weights - np.logaddexp.reduce(weights)) * (1.0 - animal[k])
        p = human[:-1] @ label
        p[one.men] += human[-1] * one.probability
        classes = human[:-1] @ group_class
        classes[:-1] += human[-1] * one.classes
        classes[-1] += animal[k]
        order = np.argsort(-p, kind="stable")[:20]
        result.append(Placement(human[:-1], float(human[-1] + animal[k]), Names(order, p[order], classes)))
    return result


STRANGERS, STRANGERS_COUNT = 0.3, 4.0
"""Prior share of the other bones that are of nobody among the groups, and its weight in bones; an assumption."""
LEAST_STRANGERS, MOST_STRANGERS = 1e-3, 1 - 1e-3


def share_of_strangers(log_join: Floats, log_new: Floats, informative: NDArray[np.bool_]) -> float:
    """Share of the bones that are of nobody among the groups, learned from those with a profile by EM.

    Args:
        log_join: shape (n,), log-likelihood of each bone if it is of somebody among the groups.
        log_new: shape (n,), the same if it is of nobody among them.
        informative: shape (n,), which bones have a profile.

    >>> strange, known = np.full(300, -9.0), np.full(700, 9.0)
    >>> round(share_of_strangers(np.append(strange, known), np.zeros(1000), np.ones(1000, dtype=bool)), 2)
    0.3
    """
    if not np.isfinite(log_join).any():
        return MOST_STRANGERS
    odds = np.clip(log_new[informative] - log_join[informative], -700, 700)
    share = STRANGERS
    for _ in range(200):
        probability = share / (share + (1 - share) * np.exp(-odds))
        before, share = share, (STRANGERS * STRANGERS_COUNT + probability.sum()) / (STRANGERS_COUNT + len(odds))
        if abs(share - before) < 1e-9:
            break
    return float(np.clip(share, LEAST_STRANGERS, MOST_STRANGERS))


@dataclass(frozen=True, slots=True)
class _Alone:
    """An item by itself: its log weight against somebody of any population, and who it may be."""

    log_weight: float
    men: Ints
    probability: Floats
    classes: Floats


def _alone(scorer: SpecimenScorer, item: Item, men_loglik: Floats, populations: Floats, free: Floats) -> _Alone:
    anybody = float(np.logaddexp.reduce(populations)) - np.log(len(populations))
    prior = scorer.provenance.log_prior(item.specimens)
    with np.errstate(divide="ignore"):
        men = men_loglik + prior + np.log(free) + np.log(scorer.prior.roster) - anybody
    classes = scorer.class_weights(populations[None, :], np.array([1.0]))[0] - anybody
    men, classes = scorer.decided(item.specimens, np.arange(len(free)), men, classes)
    total = float(np.logaddexp.reduce(np.append(men, classes)))
    likeliest = np.argsort(-men, kind="stable")[:60]
    return _Alone(total, likeliest, np.exp(men[likeliest] - total), np.exp(classes - total))


class _Surroundings:
    """Gains of boxes, duplicates and size for adding specimens to each group."""

    def __init__(self, scorer: SpecimenScorer, groups: Sequence[tuple[int, ...]]) -> None:
        self.scorer, self.groups = scorer, groups
        self.sizes = np.array([len(g) for g in groups], dtype=np.float64)
        self.base = np.array([scorer.boxes.log_together(g) for g in groups])
        self.by_slot: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for g, specimens in enumerate(groups):
            for s in specimens:
                if scorer.bones.slot[s] >= 0:
                    self.by_slot[int(scorer.bones.slot[s])].append((g, s))
        self._box: dict[tuple[int, ...], Floats] = {}

    def log_share(self, specimens: tuple[int, ...]) -> Floats:
        """Shape (groups,): log share of each group among the bones, with the gain of boxes and duplicates."""
        result = np.log(self.sizes / self.sizes.sum()) + self._box_gain(specimens)
        bones = self.scorer.bones
        for s in specimens:
            for g, t in self.by_slot.get(int(bones.slot[s]), ()):
                result[g] += bones.duplicates((s, t)) * self.scorer.log_duplicate
        return result

    def _box_gain(self, specimens: tuple[int, ...]) -> Floats:
        key = tuple(sorted(int(self.scorer.boxes.container_of[s]) for s in specimens))
        if key not in self._box:
            self._box[key] = (
                np.array([self.scorer.boxes.log_together((*g, *specimens)) for g in self.groups]) - self.base
            )
        return self._box[key]
